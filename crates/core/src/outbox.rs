//! The outbox: what the person did, on its way to the server. Persist, then show, then send.
//!
//! Entries stand in the order in which they were made. Each belongs to a lane; within a lane everything is done in order,
//! and only messages are sent before the one ahead of them has been answered, naming it so that they cannot overtake it.
//! Nothing is transmitted that is not on the disk exactly as it will be transmitted.

mod fold;
mod horizon;
mod own_state;
mod replay;
mod settle;

#[cfg(test)]
mod tests;
mod transmit;
mod upload;

use std::collections::BTreeMap;

use confab_protocol::model::{ParticipantFlags, Role};
use confab_protocol::{ClientId, ConversationSid, DeviceSid, Epoch, MediaSid, RoleSid, Timestamp};

pub(crate) use horizon::Wish;
pub(crate) use transmit::call;
use upload::Upload;

use crate::key::Key;
use crate::stored::{Action, EntryState, OutboxEntry, OutboxWrite, StoredDraft};
use crate::view::Problem;

/// How long an acknowledged entry is kept, should the server lose it, and how long one waits for a server that did: in rounds of
/// ten minutes, so that it is an hour at least whatever clocks say.
const KEEP_ROUNDS: u32 = 7;

/// What decides what a participant may do: the role, its identifier, flags.
pub(crate) type RightsOf = (Role, Option<RoleSid>, Option<ParticipantFlags>);

/// An entry and where it stands in this run of the program.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) stored: OutboxEntry,
    written: Written,
    transit: Transit,
    /// Where its files are.
    upload: Upload,
    /// Bytes of them that the server has, as far as it was told.
    sent: BTreeMap<MediaSid, u64>,
    /// It may have been applied before it goes again: its answer then tells of a later time.
    again: bool,
}

/// Whether the disk holds the entry as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Not asked for yet.
    No,
    /// Not asked for yet, and not now: it may still change often.
    Waiting,
    /// Asked for by this write.
    Asked(u64),
    /// It does.
    Yes,
}

/// Where an entry is between here and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transit {
    /// Here.
    Here,
    /// Transmitted on this connection, and not answered.
    Out,
    /// Refused for now; to be sent again later.
    Later,
    /// The same, and what does not concern the same subject need not wait for it.
    Aside,
}

impl Entry {
    /// Its id.
    pub(crate) fn id(&self) -> ClientId {
        self.stored.client_id
    }

    /// Still on its way, however far.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.stored.state, EntryState::Held | EntryState::Released)
    }

    /// Why it is stuck, if it is.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match &self.stored.state {
            EntryState::Refused { problem } => Some(problem),
            EntryState::Held | EntryState::Released | EntryState::Acknowledged { .. } => None,
        }
    }

    /// Not yet confirmed by the server: on its way, or stuck.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.stored.state, EntryState::Acknowledged { .. })
    }

    /// The key of the message row that it makes or changes.
    pub(crate) fn row(&self) -> Option<ClientId> {
        match &self.stored.action {
            Action::Send { .. } => Some(self.id()),
            Action::Edit { row, .. } | Action::Remove { row, .. } => Some(*row),
            _ => None,
        }
    }

    /// What a person may do once it is done, from what they may do before: role, its identifier, flags.
    pub(crate) fn give_rights(&self, person: &str, before: RightsOf) -> RightsOf {
        if !self.is_live() {
            return before;
        }
        match &self.stored.action {
            Action::SetRole { identity, role, .. } if identity == person => (*role, None, None),
            Action::GiveRole { identity, role, .. } if identity == person => {
                (Role::Participant, Some(*role), None)
            }
            Action::SetFlags { identity, flags, .. } if identity == person => {
                (before.0, before.1, Some(*flags))
            }
            _ => before,
        }
    }

    /// Whether it ends one's being in the conversation.
    pub(crate) fn ends(&self, me: &str) -> bool {
        match &self.stored.action {
            Action::RemoveParticipant { identity, .. } => identity.to_lowercase() == me.to_lowercase(),
            Action::Delete { .. } => true,
            _ => false,
        }
    }

    /// The conversation that it concerns or makes.
    pub(crate) fn place(&self) -> Option<Key> {
        match &self.stored.action {
            Action::Create { .. } => Some(Key::Made(self.id())),
            action => action.place(),
        }
    }

    /// As the disk holds it. There a conversation goes by its SID as soon as it has one, because that name stays good when
    /// the cache is lost.
    fn on_disk(&self, sid_of: impl Fn(Key) -> Option<ConversationSid>) -> OutboxEntry {
        let mut stored = self.stored.clone();
        if let Some(place) = stored.action.place_mut() {
            *place = sid_of(*place).map_or(*place, Key::Sid);
        }
        stored
    }

    /// Concerns what stands in the conversation, or the conversation's being there at all.
    pub(crate) fn is_shown_here(&self) -> bool {
        self.row().is_some() || matches!(self.stored.action, Action::Create { .. })
    }

    fn is_horizon(&self) -> bool {
        matches!(self.stored.action, Action::Horizon { .. })
    }
}

/// The outbox with its drafts, and the writes that the disk has not confirmed.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    entries: Vec<Entry>,
    /// The epoch of the server, as far as it is known.
    epoch: Option<Epoch>,
    next_order: u64,
    /// Writes that were not asked for yet.
    batch: Vec<OutboxWrite>,
    /// Writes that were, in order.
    asked: BTreeMap<u64, Vec<OutboxWrite>>,
    next_write: u64,
    /// Entries that went while their files were on their way.
    stopped: Vec<ClientId>,
    /// Why the disk did not take the last write.
    failing: Option<Problem>,
    /// What the server said when it had no room for an entry, until it takes one or the connection is gone.
    no_room: Option<Problem>,
}

impl Outbox {
    /// What was restored, and the epoch that the cache is of. Entries that tell none are of the same.
    pub(crate) fn new(stored: Vec<OutboxEntry>, epoch: Option<Epoch>) -> Self {
        let next_order = stored.iter().map(|entry| entry.order + 1).max().unwrap_or(0);
        let entries = stored
            .into_iter()
            .map(|stored| OutboxEntry { epoch: stored.epoch.or(epoch), ..stored })
            .map(|stored| {
                let upload = Upload::of(stored.action.files(), &stored.state);
                let sent = BTreeMap::new();
                Entry { stored, written: Written::Yes, transit: Transit::Here, upload, sent, again: true }
            })
            .collect();
        let mut outbox = Self { entries, epoch, next_order, ..Self::default() };
        outbox.refuse_what_cannot_be_made();
        outbox
    }

    /// Conversations that were made by entries that are still remembered.
    pub(crate) fn made(&self) -> Vec<(ClientId, ConversationSid)> {
        let made = |entry: &Entry| match entry.stored.state {
            EntryState::Acknowledged { made: Some(sid), .. } => Some((entry.id(), sid)),
            _ => None,
        };
        self.entries.iter().filter_map(made).collect()
    }

    /// Conversations whose making the server has not confirmed.
    pub(crate) fn makings(&self) -> Vec<ClientId> {
        let makes = |entry: &&Entry| entry.is_open() && matches!(entry.stored.action, Action::Create { .. });
        self.entries.iter().filter(makes).map(Entry::id).collect()
    }

    /// Names the conversations of restored entries by the keys that they have in this run.
    pub(crate) fn rekey(&mut self, key_of: impl Fn(Key) -> Key) {
        for entry in &mut self.entries {
            if let Some(place) = entry.stored.action.place_mut() {
                *place = key_of(*place);
            }
        }
    }

    /// All entries, in order.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Entries that the server has not confirmed, for one conversation, in order.
    pub(crate) fn open_in(&self, place: Key) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.is_open() && entry.place() == Some(place))
    }

    pub(crate) fn get(&self, id: ClientId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id() == id)
    }

    /// Whether a device is on its way to be signed out.
    pub(crate) fn revokes(&self, sid: DeviceSid) -> bool {
        let revokes =
            |entry: &Entry| matches!(entry.stored.action, Action::RevokeDevice { device } if device == sid);
        self.entries.iter().any(|entry| entry.is_live() && revokes(entry))
    }

    /// Adds an entry at the end.
    pub(crate) fn add(&mut self, client_id: ClientId, action: Action, at: Timestamp) {
        let order = self.next_order;
        self.next_order += 1;
        // What comes into a conversation that could not be made is stuck with it, and goes with it when that is tried again.
        let making = match action.place() {
            Some(Key::Made(id)) => self.get(id).and_then(Entry::problem).cloned(),
            _ => None,
        };
        let state = making.map_or(EntryState::Held, |problem| EntryState::Refused { problem });
        let stored =
            OutboxEntry { client_id, order, at, state, replayed_for: None, epoch: self.epoch, action };
        let upload = Upload::of(stored.action.files(), &EntryState::Held);
        self.entries.push(Entry {
            stored,
            written: Written::No,
            transit: Transit::Here,
            upload,
            sent: BTreeMap::new(),
            again: false,
        });
    }

    /// Keeps what was typed in a conversation, or nothing.
    pub(crate) fn keep_draft(&mut self, conversation: Key, body: Option<&str>) {
        self.batch.push(draft(conversation, body));
    }

    /// Gives everything that is to be written now a number.
    pub(crate) fn take_writes(
        &mut self,
        sid_of: impl Fn(Key) -> Option<ConversationSid>,
    ) -> Option<(u64, Vec<OutboxWrite>)> {
        for entry in self.entries.iter_mut().filter(|entry| entry.written == Written::No) {
            self.batch.push(OutboxWrite::Put(Box::new(entry.on_disk(&sid_of))));
            entry.written = Written::Asked(self.next_write);
        }
        if self.batch.is_empty() {
            return None;
        }
        let write = self.next_write;
        self.next_write += 1;
        let writes = std::mem::take(&mut self.batch);
        self.asked.insert(write, writes.clone());
        Some((write, writes))
    }

    /// The disk holds what was asked for.
    pub(crate) fn persisted(&mut self, write: u64) {
        self.asked.remove(&write);
        self.failing = None;
        for entry in &mut self.entries {
            if entry.written == Written::Asked(write) {
                entry.written = Written::Yes;
            }
        }
    }

    /// The disk took nothing.
    pub(crate) fn failed(&mut self, problem: Problem) {
        self.failing = Some(problem);
    }

    /// Why what is written cannot be kept, while it cannot.
    pub(crate) fn failing(&self) -> Option<&Problem> {
        self.failing.as_ref()
    }

    /// The server has no room for an entry.
    pub(crate) fn found_no_room(&mut self, problem: Problem) {
        self.no_room = Some(problem);
    }

    /// Why nothing gets on for want of room: it is not kept here, or the server cannot take what waits for it.
    pub(crate) fn want_of_room(&self) -> Option<&Problem> {
        let waits = self.entries.iter().any(Entry::is_live);
        self.failing().or_else(|| self.no_room.as_ref().filter(|_| waits))
    }

    /// Whether an entry is in memory only, because the disk takes nothing.
    pub(crate) fn is_unsaved(&self, entry: &Entry) -> bool {
        self.failing.is_some() && entry.written != Written::Yes
    }

    /// Writes that are not confirmed, in order, with what is true now: what was true when they were first asked for may
    /// have been overtaken.
    pub(crate) fn ask_again(
        &self,
        sid_of: impl Fn(Key) -> Option<ConversationSid>,
        draft_of: impl Fn(Key) -> Option<String>,
    ) -> Vec<(u64, Vec<OutboxWrite>)> {
        let now = |write: &OutboxWrite| match write {
            OutboxWrite::Put(entry) => match self.get(entry.client_id) {
                Some(held) => OutboxWrite::Put(Box::new(held.on_disk(&sid_of))),
                None => OutboxWrite::Delete(entry.client_id),
            },
            OutboxWrite::Delete(id) => OutboxWrite::Delete(*id),
            OutboxWrite::PutDraft(StoredDraft { conversation, .. })
            | OutboxWrite::DeleteDraft { conversation } => {
                draft(*conversation, draft_of(*conversation).as_deref())
            }
        };
        self.asked.iter().map(|(write, writes)| (*write, writes.iter().map(now).collect())).collect()
    }

    fn delete_where(&mut self, gone: impl FnMut(&Entry) -> bool) {
        let entries = std::mem::take(&mut self.entries);
        let (gone, kept): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(gone);
        self.entries = kept;
        let uploading = |entry: &&Entry| entry.upload == Upload::Asked;
        self.stopped.extend(gone.iter().filter(uploading).map(Entry::id));
        self.batch.extend(gone.iter().map(|entry| OutboxWrite::Delete(entry.id())));
    }
}

fn draft(conversation: Key, body: Option<&str>) -> OutboxWrite {
    match body {
        Some(body) => OutboxWrite::PutDraft(StoredDraft { conversation, body: body.to_owned() }),
        None => OutboxWrite::DeleteDraft { conversation },
    }
}
