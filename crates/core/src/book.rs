//! All conversations of the person, and what is known of each.

use std::collections::BTreeMap;

use confab_protocol::model::{self, MembershipStatus, Message, Participant, Role, UserConversation};
use confab_protocol::{ClientId, ConversationSid, MediaSid, UserSid, WorkspaceSid, derived};

use crate::key::Key;
use crate::stored::{CachedConversation, DirtyRows, History};
use crate::unread::Tracker;

/// What is known of a conversation.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    /// None while it is being made.
    pub(crate) sid: Option<ConversationSid>,
    pub(crate) made_as: Option<ClientId>,
    pub(crate) row: Option<model::Conversation>,
    pub(crate) me: Option<UserConversation>,
    /// The newest live message.
    pub(crate) last: Option<Message>,
    pub(crate) tracker: Tracker,
    /// What the cache holds; for the open conversation also what is on its way into it.
    pub(crate) history: Option<History>,
    /// The cache holds the roster as of this version.
    pub(crate) roster_version: Option<u64>,
    /// Programs were told of its log up to this sequence.
    pub(crate) told: Option<u64>,
    /// The highest sequence of its log that was heard of.
    pub(crate) heard: u64,
    /// `conversation.get` is on its way.
    pub(crate) getting: bool,
    /// `event.range` is on its way.
    pub(crate) ranging: bool,
    /// The newest version of the own row that was heard of, before anything else was known or after.
    pub(crate) me_heard: u64,
    /// Messages that changed in an unknown way and are being read again.
    pub(crate) rereading: Option<DirtyRows>,
    /// Something of it changed in a way that only asking again can tell.
    pub(crate) stale: bool,
    /// The last question brought nothing new: the next one waits its time.
    pub(crate) patient: bool,
    /// It was deleted for everyone.
    pub(crate) deleted: bool,
    /// One was in it, under this name.
    pub(crate) left: Option<String>,
    /// Its name before everything known of it became void.
    pub(crate) known_as: Option<String>,
    /// The server has named it since the last epoch or listing began.
    pub(crate) listed: bool,
}

impl Conversation {
    /// What the cache held.
    pub(crate) fn restored(cached: CachedConversation) -> Self {
        let head = cached.me.unread.at_seq;
        // A history that has no beginning was never finished.
        let history = cached.history.filter(|held| held.oldest.is_some() || !held.has_older);
        let heard = cached.conversation.as_ref().map_or(0, |row| row.version);
        let gone = cached.me.status != MembershipStatus::Joined;
        let left = gone.then(|| cached.me.left_name.clone().unwrap_or_default());
        Self {
            sid: Some(cached.sid),
            made_as: cached.made_as,
            row: cached.conversation,
            tracker: Tracker::new(cached.me.unread, cached.me.version, head),
            me: Some(cached.me),
            last: cached.last_message,
            history,
            roster_version: cached.roster_version,
            heard,
            stale: cached.stale,
            left,
            ..Self::default()
        }
    }

    /// As the cache holds it; none before the server has told of it.
    pub(crate) fn cached(&self) -> Option<CachedConversation> {
        let mut me = self.me.clone()?;
        (me.unread, me.version) = (self.tracker.collapsed(), self.tracker.version());
        Some(CachedConversation {
            sid: self.sid?,
            made_as: self.made_as,
            conversation: self.row.clone(),
            me,
            last_message: self.last.clone(),
            history: self.history.filter(|held| held.oldest.is_some() || !held.has_older),
            roster_version: self.roster_version,
            stale: self.stale,
        })
    }

    /// One is in it, or will be once it is made.
    pub(crate) fn is_joined(&self) -> bool {
        self.left.is_none() && (self.is_being_made() || self.row.is_some())
    }

    /// It is being made here: its SID may have been met, and nothing else is known of it.
    fn is_being_made(&self) -> bool {
        self.sid.is_none() || (self.made_as.is_some() && self.me.is_none())
    }

    /// One was in it.
    pub(crate) fn is_left(&self) -> bool {
        self.left.is_some()
    }

    /// Own role in it.
    pub(crate) fn role(&self) -> Role {
        match &self.me {
            Some(me) => me.role,
            None if self.is_being_made() => Role::Owner,
            None => Role::Participant,
        }
    }

    /// Forgets what numbers have lost their meaning, and what belongs to whoever is in it.
    pub(crate) fn void(&mut self) {
        let known_as = self.row.take().and_then(|row| row.friendly_name).or(self.known_as.take());
        *self = Self { sid: self.sid, made_as: self.made_as, known_as, ..Self::default() };
    }

    /// A row of the roster came with an event of the log.
    pub(crate) fn count_participant(&mut self, seq: u64, participant: &Participant, joined: bool) {
        let Some(row) = &mut self.row else { return };
        row.roster_version = row.roster_version.max(participant.version);
        if seq > row.version {
            let count = row.participants_count;
            row.participants_count = if joined { count + 1 } else { count.saturating_sub(1) };
        }
    }

    /// The log has come this far.
    pub(crate) fn reach(&mut self, seq: u64) {
        self.patient = false;
        self.heard = self.heard.max(seq);
        if let Some(row) = &mut self.row {
            row.version = row.version.max(seq);
        }
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Book {
    rows: BTreeMap<Key, Conversation>,
    by_sid: BTreeMap<ConversationSid, Key>,
    /// Versions of the own rows that said that one is out, while answers that were read before may still come.
    out_since: BTreeMap<ConversationSid, u64>,
    /// Who makes conversations here.
    maker: Maker,
}

/// Where and for whom conversations are made: their SIDs follow from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maker {
    pub(crate) workspace: WorkspaceSid,
    pub(crate) user: UserSid,
}

impl Maker {
    /// What a conversation that is made under this id is called.
    fn name_of(self, id: ClientId) -> ConversationSid {
        derived::conversation(self.workspace, self.user, id)
    }

    /// What a file that is uploaded under this id is called.
    fn media(self, id: ClientId) -> MediaSid {
        derived::media(self.workspace, self.user, id)
    }
}

impl Book {
    pub(crate) fn new(maker: Maker, cached: Vec<CachedConversation>) -> Self {
        let (rows, by_sid, out_since) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut book = Self { rows, by_sid, out_since, maker };
        for cached in cached {
            let (sid, made_as) = (cached.sid, cached.made_as);
            let key = made_as.map_or(Key::Sid(sid), Key::Made);
            book.by_sid.insert(sid, key);
            book.rows.insert(key, Conversation::restored(cached));
        }
        book
    }

    /// By which name the server will know a file that is uploaded under this id.
    pub(crate) fn media(&self, id: ClientId) -> MediaSid {
        self.maker.media(id)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Conversation> {
        self.rows.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Conversation> {
        self.rows.get_mut(&key)
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        self.rows.keys().copied().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &Conversation)> {
        self.rows.iter().map(|(key, row)| (*key, row))
    }

    /// The key of what a place names: a conversation made here may be named by its SID too. One that is no longer being made
    /// and not held either was made before, and lost since: it is a conversation like any other.
    pub(crate) fn key_of(&self, place: Key) -> Key {
        if self.rows.contains_key(&place) {
            return place;
        }
        let sid = self.name_of(place);
        self.by_sid.get(&sid).copied().unwrap_or(Key::Sid(sid))
    }

    pub(crate) fn sid_of(&self, place: Key) -> Option<ConversationSid> {
        match place {
            Key::Sid(sid) => Some(sid),
            Key::Made(_) => self.rows.get(&place).and_then(|row| row.sid),
        }
    }

    /// What a conversation is called on the server, whether it is there or not.
    pub(crate) fn name_of(&self, place: Key) -> ConversationSid {
        match place {
            Key::Sid(sid) => sid,
            Key::Made(id) => self.sid_of(place).unwrap_or_else(|| self.maker.name_of(id)),
        }
    }

    /// The row for a SID, made when it is new.
    pub(crate) fn met(&mut self, sid: ConversationSid) -> Key {
        let key = *self.by_sid.entry(sid).or_insert(Key::Sid(sid));
        self.rows.entry(key).or_default().sid = Some(sid);
        key
    }

    /// A conversation is being made here. Its SID follows from that, so that whatever is met under it is this one, also
    /// before the answer has come.
    pub(crate) fn making(&mut self, id: ClientId) -> Key {
        let key = Key::Made(id);
        self.rows.entry(key).or_default().made_as = Some(id);
        self.is_met_as(key, id, self.maker.name_of(id));
        key
    }

    /// Whatever was met under a SID before is the one that was made here.
    fn is_met_as(&mut self, key: Key, id: ClientId, sid: ConversationSid) {
        let before = self.by_sid.insert(sid, key).filter(|before| *before != key);
        if let Some(mut met) = before.and_then(|before| self.rows.remove(&before)) {
            met.made_as = Some(id);
            self.rows.insert(key, met);
        }
    }

    /// All conversations are about to be named by the server.
    pub(crate) fn begin_listing(&mut self) {
        self.rows.values_mut().for_each(|row| row.listed = false);
    }

    /// It was made, under this SID.
    pub(crate) fn made(&mut self, id: ClientId, sid: ConversationSid) -> Key {
        let key = self.making(id);
        self.is_met_as(key, id, sid);
        if let Some(row) = self.rows.get_mut(&key) {
            row.sid = Some(sid);
        }
        key
    }

    /// One that was made here may not be there any more; its SID, should it be met again, still means this one.
    pub(crate) fn unmake(&mut self, key: Key) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.sid = None;
        }
    }

    /// One's own row of this version says that one is out of a conversation. What is older says nothing of it.
    pub(crate) fn is_out_since(&mut self, sid: ConversationSid, version: u64) {
        self.out_since.insert(sid, version);
    }

    /// Whether an own row of this version was read before one went out of its conversation.
    pub(crate) fn went_out_after(&self, sid: ConversationSid, version: u64) -> bool {
        self.out_since.get(&sid).is_some_and(|out| version < *out)
    }

    /// Nothing that was read before is on its way any more.
    pub(crate) fn forget_leavings(&mut self) {
        self.out_since.clear();
    }

    pub(crate) fn remove(&mut self, key: Key) {
        self.rows.remove(&key);
        self.by_sid.retain(|_, held| *held != key);
    }
}
