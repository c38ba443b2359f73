//! A client's disk: what is written is readable at once, and after a crash as far as it had got.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use confab_core::Key;
use confab_core::stored::{
    Action, CachePage, CachePlace, CacheRead, CacheWrite, CachedConversation, CachedMeta, EntryState,
    OutboxEntry, OutboxWrite, StoredDraft,
};
use confab_protocol::model::{Draft, MembershipStatus, Message, Participant, Setting, User};
use confab_protocol::{ClientId, ConversationSid, ParticipantSid, UserSid, WorkspaceSid, derived};

/// `cache.db`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    pub(crate) meta: Option<CachedMeta>,
    pub(crate) conversations: BTreeMap<ConversationSid, CachedConversation>,
    pub(crate) messages: BTreeMap<(ConversationSid, u64), Message>,
    pub(crate) participants: BTreeMap<(ConversationSid, ParticipantSid), Participant>,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) drafts: BTreeMap<ConversationSid, Draft>,
    pub(crate) settings: BTreeMap<String, Setting>,
}

impl Cache {
    fn write(&mut self, write: CacheWrite) {
        match write {
            CacheWrite::Meta(meta) => self.meta = Some(*meta),
            CacheWrite::Conversation(row) => drop(self.conversations.insert(row.sid, *row)),
            CacheWrite::Message(row) => {
                let key = (row.conversation, row.index);
                if self.messages.get(&key).is_none_or(|held| held.version <= row.version) {
                    self.messages.insert(key, *row);
                }
            }
            CacheWrite::Participant { conversation, participant } => {
                self.participant(conversation, *participant);
            }
            CacheWrite::User(user) => drop(self.users.insert(user.identity.clone(), *user)),
            CacheWrite::Draft(row) => drop(self.drafts.insert(row.conversation, *row)),
            CacheWrite::Setting(row) => drop(self.settings.insert(row.key.clone(), *row)),
            // What was written before is not kept here.
            CacheWrite::ForgetMessage { .. } => {}
            CacheWrite::DropMessages { conversation } => self.messages.retain(|key, _| key.0 != conversation),
            CacheWrite::DropRoster { conversation } => {
                self.participants.retain(|key, _| key.0 != conversation);
            }
            CacheWrite::DropConversation { conversation } => {
                self.conversations.remove(&conversation);
                self.messages.retain(|key, _| key.0 != conversation);
                self.participants.retain(|key, _| key.0 != conversation);
            }
            CacheWrite::DropAll => *self = Self::default(),
        }
    }

    fn participant(&mut self, conversation: ConversationSid, row: Participant) {
        let key = (conversation, row.sid);
        if row.status != MembershipStatus::Joined {
            self.participants.remove(&key);
        } else if self.participants.get(&key).is_none_or(|held| held.version <= row.version) {
            self.participants.insert(key, row);
        }
    }

    fn read(&self, read: CacheRead) -> CachePage {
        let limit = read.limit as usize;
        let all = self.messages.range((read.conversation, 0)..=(read.conversation, u64::MAX));
        let mut messages: Vec<Message> = match read.place {
            CachePlace::Newest => all.rev().map(|(_, row)| row.clone()).take(limit + 1).collect(),
            CachePlace::Before(index) => all
                .rev()
                .filter(|(key, _)| key.1 < index)
                .map(|(_, row)| row.clone())
                .take(limit + 1)
                .collect(),
            CachePlace::After(index) => {
                all.filter(|(key, _)| key.1 > index).map(|(_, row)| row.clone()).take(limit + 1).collect()
            }
        };
        let more = messages.len() > limit;
        messages.truncate(limit);
        messages.sort_by_key(|row| row.index);
        let roster = self.participants.iter().filter(|(key, _)| read.roster && key.0 == read.conversation);
        CachePage { id: read.id, messages, more, participants: roster.map(|(_, row)| row.clone()).collect() }
    }
}

/// `outbox.db`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    pub(crate) entries: BTreeMap<ClientId, OutboxEntry>,
    pub(crate) drafts: BTreeMap<Key, StoredDraft>,
}

impl Outbox {
    fn write(&mut self, write: OutboxWrite) {
        match write {
            OutboxWrite::Put(entry) => drop(self.entries.insert(entry.client_id, *entry)),
            OutboxWrite::Delete(client_id) => drop(self.entries.remove(&client_id)),
            OutboxWrite::PutDraft(draft) => drop(self.drafts.insert(draft.conversation, draft)),
            OutboxWrite::DeleteDraft { conversation } => drop(self.drafts.remove(&conversation)),
        }
    }

    /// Entries that are still on their way.
    pub(crate) fn waiting(&self) -> Vec<&OutboxEntry> {
        let waits = |entry: &&OutboxEntry| matches!(entry.state, EntryState::Held | EntryState::Released);
        self.entries.values().filter(waits).collect()
    }
}

/// Both files.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    safe: Cache,
    cache: Cache,
    cache_pending: VecDeque<Vec<CacheWrite>>,
    pub(crate) outbox: Outbox,
    outbox_pending: VecDeque<(u64, Vec<OutboxWrite>)>,
    /// The write that failed and has not been made since: nothing later may get to the disk before it.
    outbox_failed: Option<u64>,
    /// Messages that were once safe in the outbox: what has been promised.
    pub(crate) promised: BTreeMap<ClientId, OutboxEntry>,
    /// In which order they came to be safe.
    pub(crate) promised_order: BTreeMap<ClientId, usize>,
    /// Of them, those that the server had when the person lost access to their conversation: nothing of it may stay here, so
    /// that they cannot be sent again to a server that has gone back in time.
    pub(crate) let_go: BTreeSet<ClientId>,
    /// Conversations that went from the cache with its last write. What the outbox has to say of it may come behind that.
    dropped: Vec<ConversationSid>,
    /// In which workspace it is, and whose.
    pub(crate) owner: Option<(WorkspaceSid, UserSid)>,
}

impl Disk {
    pub(crate) fn write_cache(&mut self, writes: Vec<CacheWrite>) {
        let dropped = writes.iter().filter_map(|write| match write {
            CacheWrite::DropConversation { conversation } => Some(*conversation),
            _ => None,
        });
        self.dropped = dropped.collect();
        self.let_go_of_dropped();
        writes.iter().cloned().for_each(|write| self.cache.write(write));
        self.cache_pending.push_back(writes);
    }

    fn let_go_of_dropped(&mut self) {
        if self.dropped.is_empty() {
            return;
        }
        let waiting: BTreeSet<ClientId> =
            self.outbox_soon().waiting().iter().map(|entry| entry.client_id).collect();
        // What was written to a conversation that was still being made may only be on its way to the disk as one of this SID.
        let on_their_way =
            self.outbox_pending.iter().flat_map(|(_, writes)| writes).filter_map(|write| match write {
                OutboxWrite::Put(entry) => Some(&**entry),
                _ => None,
            });
        let all = self.promised.values().chain(on_their_way);
        let is_dropped = |place| self.sid_of(place).is_some_and(|sid| self.dropped.contains(&sid));
        let here = all.filter(|entry| entry.action.place().is_some_and(is_dropped));
        let gone: Vec<ClientId> =
            here.map(|entry| entry.client_id).filter(|id| !waiting.contains(id)).collect();
        self.let_go.extend(gone);
    }

    /// What a place is called on the server. A conversation that was made here has its name by what it was made with.
    fn sid_of(&self, place: Key) -> Option<ConversationSid> {
        match (place, self.owner) {
            (Key::Sid(sid), _) => Some(sid),
            (Key::Made(id), Some((workspace, user))) => Some(derived::conversation(workspace, user, id)),
            (Key::Made(_), None) => None,
        }
    }

    /// The outbox as it will be once everything that is on its way has got there.
    pub(crate) fn outbox_soon(&self) -> Outbox {
        let mut soon = self.outbox.clone();
        self.outbox_pending.iter().flat_map(|(_, writes)| writes).for_each(|write| soon.write(write.clone()));
        soon
    }

    pub(crate) fn read_cache(&self, read: CacheRead) -> CachePage {
        self.cache.read(read)
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    pub(crate) fn queue_outbox(&mut self, write: u64, writes: Vec<OutboxWrite>) {
        self.outbox_pending.push_back((write, writes));
        self.let_go_of_dropped();
    }

    /// The oldest write reaches the disk, unless it `fails`. Gives its number and whether it did.
    pub(crate) fn sync_outbox(&mut self, fails: bool) -> Option<(u64, bool)> {
        let (number, writes) = self.outbox_pending.pop_front()?;
        if fails || self.outbox_failed.is_some_and(|failed| failed < number) {
            self.outbox_failed.get_or_insert(number);
            return Some((number, false));
        }
        if self.outbox_failed == Some(number) {
            self.outbox_failed = None;
        }
        writes.into_iter().for_each(|write| self.keep(write));
        Some((number, true))
    }

    fn keep(&mut self, write: OutboxWrite) {
        if let OutboxWrite::Put(entry) = &write
            && matches!(entry.action, Action::Send { .. })
        {
            let next = self.promised_order.len();
            self.promised_order.entry(entry.client_id).or_insert(next);
            self.promised.insert(entry.client_id, (**entry).clone());
        }
        self.outbox.write(write);
    }

    /// The cache is lost: damaged, or of another version.
    pub(crate) fn lose_cache(&mut self) {
        self.cache_pending.clear();
        (self.safe, self.cache) = (Cache::default(), Cache::default());
    }

    /// Everything that is on its way gets to the disk, unless the outbox has no room.
    pub(crate) fn close(&mut self, is_full: bool) {
        for writes in std::mem::take(&mut self.cache_pending) {
            writes.into_iter().for_each(|write| self.safe.write(write));
        }
        self.cache = self.safe.clone();
        while let Some((number, _)) = self.outbox_pending.front() {
            if is_full || self.outbox_failed.is_some_and(|failed| failed < *number) {
                break;
            }
            self.sync_outbox(false);
        }
        self.outbox_pending.clear();
        self.outbox_failed = None;
    }

    /// The power goes: of what was on its way, the first `cache` and `outbox` writes got there.
    pub(crate) fn crash(&mut self, cache: u64, outbox: u64) {
        let arrived = cache as usize % (self.cache_pending.len() + 1);
        for writes in self.cache_pending.drain(..).take(arrived).collect::<Vec<_>>() {
            writes.into_iter().for_each(|write| self.safe.write(write));
        }
        self.cache = self.safe.clone();
        for _ in 0..outbox as usize % (self.outbox_pending.len() + 1) {
            self.sync_outbox(false);
        }
        self.outbox_pending.clear();
        self.outbox_failed = None;
    }
}
