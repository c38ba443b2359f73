//! A person with an outbox, a disk and a connection, none of which hurries.

use std::collections::{BTreeMap, VecDeque};

use confab_protocol::method::{HorizonMode, MessageRef};
use confab_protocol::model::{NotificationLevel, Role};
use confab_protocol::{ClientId, ConversationSid, DeviceSid, Epoch, InviteSid};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{Entry, Outbox, Wish, call};
use super::server::{Answer, Horizon, Logs, Mood, Posted, Server, Standing, by_place, made_of, sid_of};
use super::{NOW, PLACE, SID, created};
use crate::drafts::Mine;
use crate::key::Key;
use crate::kind::ConversationChange;
use crate::stored::{Action, Envelope, OutboxEntry, OutboxWrite};
use crate::view::Problem;

/// What a person does besides writing messages.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Rename,
    RenameInside,
    Open,
    Shut,
    NameUniquely,
    Mute,
    Unmute,
    Add,
    Dismiss,
    MakeOwner,
    UnmakeOwner,
    SetFriendlyName,
    Draft,
    SetSetting,
    SetOtherSetting,
    SignOut,
    EndInvite,
    Read,
    MarkUnread,
}

impl Deed {
    pub(super) const ALL: &'static [Self] = &[
        Self::Rename,
        Self::RenameInside,
        Self::Open,
        Self::Shut,
        Self::NameUniquely,
        Self::Mute,
        Self::Unmute,
        Self::Add,
        Self::Dismiss,
        Self::MakeOwner,
        Self::UnmakeOwner,
        Self::SetFriendlyName,
        Self::Draft,
        Self::SetSetting,
        Self::SetOtherSetting,
        Self::SignOut,
        Self::EndInvite,
        Self::Read,
        Self::MarkUnread,
    ];
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A message into the conversation that is always there.
    Send,
    /// A message into the conversation that was made last.
    SendInside,
    Edit {
        nth: usize,
    },
    Remove {
        nth: usize,
    },
    /// The person gives up one of the messages that were refused.
    Discard {
        nth: usize,
    },
    /// The person gives up something else that was refused, with what was to be in it.
    GiveUp {
        nth: usize,
    },
    /// A conversation is made.
    Make,
    Do(Deed),
    /// The disk confirms its oldest write.
    Write,
    /// The server takes the oldest frame.
    Serve {
        mood: Mood,
    },
    /// The oldest answer arrives.
    Hear,
    Lose,
    Connect,
    /// Time for what was refused for now, and for horizons.
    Wait,
    /// The program ends without a word and starts again.
    Crash,
    /// A copy is made of all that the server has.
    Backup,
    /// The server goes back to its copy, and the client finds out when it connects next.
    Restore,
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) outbox: Outbox,
    disk: BTreeMap<ClientId, OutboxEntry>,
    writes: VecDeque<(u64, Vec<OutboxWrite>)>,
    online: bool,
    pub(super) wire: VecDeque<OutboxEntry>,
    answers: VecDeque<(ClientId, Answer)>,
    pub(super) server: Server,
    copy: Server,
    /// How often the server went back.
    epoch: u128,
    /// The epoch that the cache is of.
    cached: Option<Epoch>,
    /// Conversations made here whose SIDs the server has told.
    known: BTreeMap<ClientId, ConversationSid>,
    last_id: u128,
    /// The conversation that was made last.
    made: Option<ClientId>,
    /// The messages that the person wants to be there, in order.
    posts: Vec<Posted>,
    /// What else the person wants, in order.
    deeds: Vec<(ClientId, Action)>,
    pub(super) wanted_horizon: Horizon,
    /// Version of the own row that is held.
    row: u64,
    /// A connection was lost.
    pub(super) was_lost: bool,
}

impl World {
    fn id(&mut self) -> ClientId {
        self.last_id += 1;
        ClientId(Uuid::from_u128(self.last_id))
    }

    pub(super) fn step(&mut self, step: &Step) {
        match *step {
            Step::Send => self.send(PLACE),
            Step::SendInside => {
                if let Some(made) = self.made {
                    self.send(Key::Made(made));
                }
            }
            Step::Edit { nth } => self.edit(nth),
            Step::Remove { nth } => self.remove(nth),
            Step::Discard { nth } => self.discard(nth),
            Step::GiveUp { nth } => self.give_up(nth),
            Step::Make => self.make(),
            Step::Do(deed) => self.does(deed),
            Step::Write => self.write(),
            Step::Serve { mood } => {
                if let Some(entry) = self.wire.pop_front() {
                    let answer = self.server.apply(&entry, mood);
                    self.answers.push_back((entry.client_id, answer));
                }
            }
            Step::Hear => self.hear(),
            Step::Lose => self.lose(),
            Step::Connect => self.connect(),
            Step::Wait => {
                self.outbox.try_again();
                self.outbox.release_horizons(self.online);
            }
            Step::Crash => self.crash(),
            Step::Backup => self.copy = self.server.clone(),
            Step::Restore => {
                self.server = self.copy.clone();
                self.epoch += 1;
                self.lose();
            }
        }
        self.settle();
    }

    fn send(&mut self, place: Key) {
        let (id, body) = (self.id(), format!("text {}", self.last_id));
        self.posts.push(Posted { id, place: sid_of(place), body: body.clone(), removed: false });
        self.outbox.add(
            id,
            Action::Send { place, body, files: Vec::new(), envelope: Envelope::default(), after: None },
            NOW,
        );
    }

    /// One of the messages that may still be changed, and where it is.
    fn pick(&self, nth: usize) -> Option<(ClientId, Key)> {
        let mut here = self.posts.iter().filter(|posted| !posted.removed && !self.stuck(posted.id));
        let posted = here.nth(nth)?;
        let place = if posted.place == SID { PLACE } else { Key::Made(ClientId(posted.place.0)) };
        Some((posted.id, place))
    }

    fn post(&mut self, id: ClientId) -> &mut Posted {
        self.posts.iter_mut().find(|posted| posted.id == id).unwrap()
    }

    fn edit(&mut self, nth: usize) {
        let Some((row, place)) = self.pick(nth) else { return };
        let id = self.id();
        let body = format!("edit {}", self.last_id);
        self.post(row).body.clone_from(&body);
        if !self.outbox.fold_edit(row, &body) {
            self.outbox.add(id, Action::Edit { place, message: MessageRef::ClientId(row), row, body }, NOW);
        }
    }

    fn remove(&mut self, nth: usize) {
        let Some((row, place)) = self.pick(nth) else { return };
        let id = self.id();
        if self.outbox.fold_remove(row) {
            self.posts.retain(|posted| posted.id != row);
            return;
        }
        // Of a removed message no text is left.
        let gone = self.post(row);
        gone.removed = true;
        gone.body.clear();
        self.outbox.add(id, Action::Remove { place, message: MessageRef::ClientId(row), row }, NOW);
    }

    fn discard(&mut self, nth: usize) {
        let id = self.posts.iter().filter(|posted| self.stuck(posted.id)).nth(nth).map(|posted| posted.id);
        if let Some(row) = id
            && self.outbox.discard(row)
        {
            self.posts.retain(|posted| posted.id != row);
        }
    }

    fn give_up(&mut self, nth: usize) {
        let id = self.deeds.iter().filter(|(id, _)| self.stuck(*id)).nth(nth).map(|(id, _)| *id);
        if let Some(id) = id
            && self.outbox.discard_entry(id)
        {
            let inside = |place: Key| place == Key::Made(id);
            self.deeds.retain(|(deed, action)| *deed != id && !action.place().is_some_and(inside));
            self.posts.retain(|posted| posted.place != made_of(id));
            self.made = self.made.filter(|made| *made != id);
        }
    }

    fn make(&mut self) {
        let id = self.id();
        self.made = Some(id);
        self.add(id, created(format!("made {}", self.last_id)));
    }

    fn add(&mut self, id: ClientId, action: Action) {
        self.deeds.push((id, action.clone()));
        self.outbox.add(id, action, NOW);
    }

    fn does(&mut self, deed: Deed) {
        let (id, place) = (self.id(), PLACE);
        // Two people in turn, so that what is done about one does not wait for the other by chance alone.
        let identity = if self.last_id.is_multiple_of(2) { "Aiko" } else { "Ben" }.to_owned();
        let text = format!("text {}", self.last_id);
        let action = match deed {
            Deed::Rename => Action::Rename { place, name: text },
            Deed::RenameInside => match self.made {
                Some(made) => Action::Rename { place: Key::Made(made), name: text },
                None => return,
            },
            Deed::Open => Action::Configure { place, change: ConversationChange::PublicJoin(true) },
            Deed::Shut => Action::Configure { place, change: ConversationChange::PublicJoin(false) },
            Deed::NameUniquely => {
                Action::Configure { place, change: ConversationChange::UniqueName(Some(text)) }
            }
            Deed::Mute => Action::SetLevel { place, level: NotificationLevel::Muted },
            Deed::Unmute => Action::SetLevel { place, level: NotificationLevel::Default },
            Deed::Add => Action::AddParticipant { place, identity },
            Deed::Dismiss => Action::RemoveParticipant { place, identity },
            Deed::MakeOwner => Action::SetRole { place, identity, role: Role::Owner },
            Deed::UnmakeOwner => Action::SetRole { place, identity, role: Role::Participant },
            Deed::SetFriendlyName => Action::SetFriendlyName { name: text },
            Deed::Draft => return self.draft(id, text),
            Deed::SetSetting => return self.set_setting(id, "theme", text),
            Deed::SetOtherSetting => return self.set_setting(id, "density", text),
            Deed::SignOut => Action::RevokeDevice { device: DeviceSid(id.0) },
            Deed::EndInvite => Action::RevokeInvite { invite: InviteSid(id.0) },
            Deed::Read => return self.wish(id, HorizonMode::Advance),
            Deed::MarkUnread => return self.wish(id, HorizonMode::Set),
        };
        self.add(id, action);
    }

    fn draft(&mut self, id: ClientId, text: String) {
        self.outbox.set_draft(PLACE, Mine { text: text.clone(), based_on: 0 }, id, NOW);
        self.replaced(&Action::SetDraft { place: PLACE, body: text, based_on: Some(0) });
    }

    fn set_setting(&mut self, id: ClientId, key: &str, text: String) {
        let (key, value) = (key.to_owned(), Value::from(text));
        self.outbox.set_setting(key.clone(), value.clone(), id, NOW);
        self.replaced(&Action::SetSetting { key, value });
    }

    /// What was wanted may have taken the place of what waited.
    fn replaced(&mut self, action: &Action) {
        let id = self.outbox.entries().rfind(|entry| entry.stored.action == *action).map(Entry::id);
        let id = id.expect("it was just added");
        self.deeds.retain(|(deed, _)| *deed != id);
        self.deeds.push((id, action.clone()));
    }

    fn wish(&mut self, id: ClientId, mode: HorizonMode) {
        if self.cached.is_none() {
            // There is nothing to read before there was a server.
            return;
        }
        let index = Some(u64::try_from(self.last_id * 7 % 20).unwrap());
        self.wanted_horizon.apply(Wish { index, mode, based_on: self.wanted_horizon.version });
        self.outbox.wish(PLACE, Wish { index, mode, based_on: self.row }, id, NOW);
    }

    fn settle(&mut self) {
        if self.online {
            self.outbox.release();
        }
        let known = &self.known;
        let on_disk = |place| match place {
            Key::Sid(sid) => Some(sid),
            Key::Made(id) => known.get(&id).copied(),
        };
        self.writes.extend(self.outbox.take_writes(on_disk));
        if !self.online {
            return;
        }
        let making = self.outbox.makings();
        let there = |place| match place {
            Key::Made(id) if making.contains(&id) => on_disk(place),
            _ => Some(sid_of(place)),
        };
        let out = self.outbox.transmit(there);
        let said = |entry: &OutboxEntry| call(entry, entry.action.place().map(sid_of));
        for entry in &out {
            let kept = self.disk.get(&entry.client_id).map(said);
            assert_eq!(kept, Some(said(entry)), "not on the disk as it goes out");
        }
        self.wire.extend(out);
    }

    fn write(&mut self) {
        let Some((write, writes)) = self.writes.pop_front() else { return };
        for change in writes {
            match change {
                OutboxWrite::Put(entry) => drop(self.disk.insert(entry.client_id, *entry)),
                OutboxWrite::Delete(id) => drop(self.disk.remove(&id)),
                OutboxWrite::PutDraft(_) | OutboxWrite::DeleteDraft { .. } => {}
            }
        }
        self.outbox.persisted(write);
    }

    fn hear(&mut self) {
        match self.answers.pop_front() {
            Some((id, Answer::Applied { version })) => self.applied(id, version),
            Some((id, Answer::Later)) => self.outbox.postpone(id),
            Some((id, Answer::Never)) => self.refused(id),
            None => {}
        }
    }

    /// What only the last of is worth anything is given up, anything else is stuck.
    fn refused(&mut self, id: ClientId) {
        let Some(action) = self.outbox.get(id).map(|entry| entry.stored.action.clone()) else { return };
        if matches!(action, Action::SetDraft { .. } | Action::SetSetting { .. }) {
            self.outbox.forget(id);
            self.deeds.retain(|(deed, _)| *deed != id);
        } else {
            let problem = Problem { code: "forbidden".into(), params: Map::new() };
            self.outbox.refuse(id, &problem);
        }
    }

    fn applied(&mut self, id: ClientId, version: u64) {
        let first = self.outbox.is_first_answer(id);
        let makes = self.outbox.makings().contains(&id);
        let made = makes.then(|| made_of(id));
        let Some(action) = self.outbox.acknowledge(id, made, NOW) else { return };
        self.known.extend(made.map(|sid| (id, sid)));
        match action {
            Action::Horizon { mode, .. } => {
                if first && mode == HorizonMode::Set {
                    self.outbox.rebase_horizons(PLACE, version);
                }
                self.row = self.row.max(version);
            }
            Action::SetDraft { .. } => {
                self.outbox.forget_before(id);
                self.outbox.rebase_drafts(PLACE, version);
            }
            Action::SetSetting { .. } => self.outbox.forget_before(id),
            _ => {}
        }
    }

    fn connect(&mut self) {
        if self.online {
            return;
        }
        self.online = true;
        let epoch = Some(Epoch(Uuid::from_u128(self.epoch)));
        if self.cached != epoch {
            (self.cached, self.row) = (epoch, 0);
            self.known.clear();
        }
        self.outbox.replay(epoch, NOW);
    }

    fn lose(&mut self) {
        self.was_lost |= self.online;
        self.online = false;
        self.wire.clear();
        self.answers.clear();
        self.outbox.connection_lost();
    }

    fn crash(&mut self) {
        self.lose();
        self.writes.clear();
        // The cache has another file, which may be ahead of this one.
        self.outbox = Outbox::new(self.on_disk(), self.cached);
        let made: Vec<ClientId> = self.outbox.made().into_iter().map(|(id, _)| id).collect();
        self.known.retain(|id, _| made.contains(id));
        let here = self.outbox.makings().into_iter().chain(made);
        let keys: BTreeMap<Key, Key> = here.map(|id| (Key::Sid(made_of(id)), Key::Made(id))).collect();
        self.outbox.rekey(|place| keys.get(&place).copied().unwrap_or(place));
        // What was not written is not seen again either.
        let disk = &self.disk;
        self.posts.retain(|posted| disk.contains_key(&posted.id));
        self.made = self.made.filter(|id| disk.contains_key(id));
    }

    /// What the disk holds, in order.
    pub(super) fn on_disk(&self) -> Vec<OutboxEntry> {
        let mut kept: Vec<OutboxEntry> = self.disk.values().cloned().collect();
        kept.sort_by_key(|entry| entry.order);
        kept
    }

    /// Everything works from now on: until nothing is left to do.
    pub(super) fn calm(&mut self) {
        self.connect();
        for _ in 0..1_000 {
            self.step(&Step::Wait);
            self.step(&Step::Write);
            self.step(&Step::Serve { mood: Mood::Willing });
            self.step(&Step::Hear);
            if self.outbox.entries().all(|entry| !entry.is_live()) {
                return;
            }
        }
        panic!("still on its way: {:?}", self.outbox);
    }

    pub(super) fn stuck(&self, id: ClientId) -> bool {
        self.outbox.get(id).is_some_and(|entry| entry.problem().is_some())
    }

    /// The messages that are to be there, by conversation.
    pub(super) fn wanted(&self) -> Logs {
        by_place(self.posts.iter().filter(|posted| !self.stuck(posted.id)))
    }

    /// What else is to stand.
    pub(super) fn wanted_standing(&self) -> Standing {
        let mut standing = Standing::default();
        let done = self.deeds.iter().filter(|(id, _)| !self.stuck(*id));
        done.for_each(|(id, action)| standing.apply(*id, action));
        standing
    }

    /// What the person sent is there in the order in which it was sent, each once.
    pub(super) fn assert_order(&self) {
        let order = |id: ClientId| self.disk.get(&id).map(|entry| entry.order);
        for log in self.server.by_place().values() {
            let orders: Vec<_> = log.iter().map(|posted| order(posted.id)).collect();
            assert!(orders.is_sorted() && orders.iter().all(Option::is_some), "{orders:?}");
        }
    }
}
