//! One client: the machine, its disk, its screen, and what it has been told to do.

use std::collections::{BTreeMap, BTreeSet};

use confab_core::command::CommandAnswer;
use confab_core::stored::{Action, Restored};
use confab_core::view::{MessageState, Problem, ViewDiff};
use confab_core::{Cx, Effect, Event, Held, Machine, Timer};
use confab_domain::Ids;
use confab_protocol::{Call, ClientId, Request, Timestamp};
use confab_testkit::SeededIds;

use crate::disk::Disk;
use crate::network::Conn;
use crate::people::SignedIn;
use crate::plan::Program;
use crate::promise::{Kept, ensure};
use crate::screen::Screen;

/// What the program tells the person.
pub(crate) enum Told {
    View(Vec<ViewDiff>),
    Answer(Result<CommandAnswer, Problem>),
}

/// One program on one computer.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    pub(crate) account: SignedIn,
    /// What its clock shows, and which level of the protocol it speaks.
    pub(crate) program: Program,
    /// Signing in was refused.
    pub(crate) left_out: bool,
    pub(crate) disk: Disk,
    pub(crate) screen: Screen,
    /// What waits for the disk before it is told.
    pub(crate) held: Held<Told>,
    pub(crate) conn: Option<Conn>,
    /// Counts starts: what was asked for in an earlier life is not answered in this one.
    pub(crate) life: u64,
    /// The number of the connection that is being opened, or was last: what an earlier one comes to is not heard.
    pub(crate) dial: u64,
    /// The generation of each timer that is set.
    pub(crate) timers: BTreeMap<Timer, u64>,
    /// There is no network until then.
    pub(crate) offline_until: Timestamp,
    /// The disk is full until then.
    pub(crate) full_until: Timestamp,
    /// Invites that the person made here.
    pub(crate) invites: Vec<String>,
    /// Conversations that the person has found in the directory.
    pub(crate) directory: Vec<String>,
    /// Entries whose files are on their way.
    pub(crate) uploads: BTreeSet<ClientId>,
    /// What programs asked the server themselves: it is in no outbox.
    pub(crate) asked: BTreeSet<ClientId>,
    /// Refused messages that the person sent again: others have gone past them.
    pub(crate) retried: BTreeSet<ClientId>,
    machine: Option<Machine>,
    ids: SeededIds,
    random: SeededIds,
}

impl Client {
    pub(crate) fn new(name: &'static str, account: SignedIn, program: Program, seed: u64) -> Self {
        Self {
            name,
            account,
            program,
            disk: Disk::default(),
            screen: Screen::default(),
            held: Held::default(),
            left_out: false,
            conn: None,
            life: 0,
            dial: 0,
            timers: BTreeMap::new(),
            offline_until: Timestamp(0),
            full_until: Timestamp(0),
            invites: Vec::new(),
            directory: Vec::new(),
            uploads: BTreeSet::new(),
            asked: BTreeSet::new(),
            retried: BTreeSet::new(),
            machine: None,
            ids: SeededIds::new(seed),
            random: SeededIds::new(seed ^ 0x5eed),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.machine.is_some()
    }

    /// Starts the program from what is on the disk.
    pub(crate) fn start(&mut self, workspace: confab_protocol::WorkspaceSid) {
        self.disk.owner = Some((workspace, self.account.user.sid));
        self.life += 1;
        let cache = self.disk.cache();
        let mut outbox: Vec<_> = self.disk.outbox.entries.values().cloned().collect();
        outbox.sort_by_key(|entry| entry.order);
        let in_cache = |id: &ClientId| cache.messages.values().any(|message| message.client_id == *id);
        let restored = Restored {
            workspace,
            workspace_name: "Fjordline".to_owned(),
            user: self.account.user.sid,
            identity: self.account.user.identity.clone(),
            device: self.account.device,
            token: None,
            meta: cache.meta.clone(),
            conversations: cache.conversations.values().cloned().collect(),
            users: cache.users.values().cloned().collect(),
            delivered: outbox.iter().map(|entry| entry.client_id).filter(in_cache).collect(),
            outbox,
            drafts: self.disk.outbox.drafts.values().cloned().collect(),
            cached_drafts: cache.drafts.values().cloned().collect(),
            settings: cache.settings.values().cloned().collect(),
        };
        self.machine = Some(Machine::new(restored));
    }

    /// The program is gone, with everything that was not on the disk.
    pub(crate) fn crash(&mut self, cache: u64, outbox: u64) {
        self.machine = None;
        self.conn = None;
        self.life += 1;
        self.timers.clear();
        self.uploads.clear();
        self.screen = Screen::default();
        self.held = Held::default();
        self.disk.crash(cache, outbox);
    }

    /// The program ends in order: what is on its way gets to the disk, unless that is full.
    pub(crate) fn end(&mut self, is_full: bool) {
        self.machine = None;
        self.life += 1;
        self.timers.clear();
        self.uploads.clear();
        self.screen = Screen::default();
        self.held = Held::default();
        self.disk.close(is_full);
    }

    /// Nothing is shown as on its way that is not on the disk as it is shown.
    pub(crate) fn shows_what_is_on_disk(&self) -> Kept {
        let sending = self.screen.messages.values().filter(|row| row.state == MessageState::Sending);
        for row in sending {
            let kept = self.disk.outbox.entries.values().any(|entry| match &entry.action {
                Action::Send { body, .. } => entry.client_id.to_string() == row.key && *body == row.body,
                Action::Edit { row: of, body, .. } => of.to_string() == row.key && *body == row.body,
                _ => false,
            });
            ensure!(Durable, kept, "{} shows {}, which is not on its disk like that", self.name, row.key);
        }
        Ok(())
    }

    /// Nothing is sent that is not on the disk as it is sent.
    pub(crate) fn is_on_disk(&self, request: &Request) -> Kept {
        if confab_domain::client_id(&request.call).is_some_and(|id| self.asked.contains(&id)) {
            return Ok(());
        }
        let entry = |id: &ClientId| self.disk.outbox.entries.get(id);
        let (id, same) = match &request.call {
            Call::MessageSend(params) => {
                let same = entry(&params.client_id).is_some_and(|entry| match &entry.action {
                    Action::Send { body, after, files, .. } => {
                        let named = files.iter().map(|file| file.sid);
                        *body == params.body
                            && *after == params.after
                            && named.eq(params.media.iter().copied())
                    }
                    _ => false,
                });
                (params.client_id, same)
            }
            Call::MessageEdit(params) => {
                let same = entry(&params.client_id).is_some_and(|entry| match &entry.action {
                    Action::Edit { body, .. } => Some(body) == params.body.as_ref(),
                    _ => false,
                });
                (params.client_id, same)
            }
            Call::MessageRemove(params) => (params.client_id, entry(&params.client_id).is_some()),
            Call::ConversationCreate(params) => (params.client_id, entry(&params.client_id).is_some()),
            Call::ConversationDelete(params) => (params.client_id, entry(&params.client_id).is_some()),
            Call::ConversationUpdate(params) => (params.client_id, entry(&params.client_id).is_some()),
            Call::ParticipantAdd(params) => (params.client_id, entry(&params.client_id).is_some()),
            Call::ParticipantRemove(params) => (params.client_id, entry(&params.client_id).is_some()),
            Call::HorizonSet(params) => (params.client_id, entry(&params.client_id).is_some()),
            _ => return Ok(()),
        };
        ensure!(Durable, same, "{} sends {id}, which is not on its disk like that", self.name);
        Ok(())
    }

    pub(crate) fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let Some(machine) = &mut self.machine else { return vec![] };
        let (ids, random) = (&mut self.ids, &mut self.random);
        let now = skewed(now, self.program.skew_ms);
        let mut cx = Cx { now, ids: &mut || ids.uuid(), random: &mut || random.number() };
        machine.handle(event, &mut cx)
    }
}

/// What a clock shows that is this far from the true time.
pub(crate) fn skewed(now: Timestamp, skew_ms: i64) -> Timestamp {
    Timestamp(now.0.saturating_add_signed(skew_ms))
}
