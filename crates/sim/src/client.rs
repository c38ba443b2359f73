//! One client: the machine, its disk, its screen, and what it has been told to do.

use std::collections::{BTreeMap, BTreeSet};

use confab_core::stored::Restored;
use confab_core::{Cx, Effect, Event, Machine, Timer};
use confab_domain::Ids;
use confab_protocol::{ClientId, Timestamp};
use confab_testkit::SeededIds;

use crate::disk::Disk;
use crate::screen::Screen;
use crate::server::{Conn, SignedIn};

/// One program on one computer.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    pub(crate) account: SignedIn,
    pub(crate) disk: Disk,
    pub(crate) screen: Screen,
    pub(crate) conn: Option<Conn>,
    /// Counts starts: what was asked for in an earlier life is not answered in this one.
    pub(crate) life: u64,
    /// The generation of each timer that is set.
    pub(crate) timers: BTreeMap<Timer, u64>,
    /// Messages that the person took back or threw away.
    pub(crate) withdrawn: BTreeSet<ClientId>,
    /// Refused messages that the person sent again: others have gone past them.
    pub(crate) retried: BTreeSet<ClientId>,
    machine: Option<Machine>,
    ids: SeededIds,
    random: SeededIds,
}

impl Client {
    pub(crate) fn new(name: &'static str, account: SignedIn, seed: u64) -> Self {
        Self {
            name,
            account,
            disk: Disk::default(),
            screen: Screen::default(),
            conn: None,
            life: 0,
            timers: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
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
        self.screen = Screen::default();
        self.disk.crash(cache, outbox);
    }

    pub(crate) fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let Some(machine) = &mut self.machine else { return vec![] };
        let (ids, random) = (&mut self.ids, &mut self.random);
        let mut cx = Cx { now, ids: &mut || ids.uuid(), random: &mut || random.number() };
        machine.handle(event, &mut cx)
    }
}
