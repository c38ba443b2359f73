//! What is known of things, shared by all handles of the same one: handles are live, as long as the client is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Instant;

use confab_protocol::model::{self, MembershipStatus};
use confab_protocol::{ConversationSid, MessageSid, ParticipantSid};

/// Messages that are remembered to be held by somebody; then those that nobody holds are swept.
const SWEEP: usize = 256;

/// Something that is read by many and replaced as a whole. A panic elsewhere leaves it whole.
#[derive(Debug)]
pub(crate) struct Live<T>(RwLock<T>);

impl<T> Live<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(RwLock::new(value))
    }

    /// Reads something of it.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces it, and answers what was there.
    pub(crate) fn replace(&self, value: T) -> T {
        std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), value)
    }

    /// Changes it in place.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes a lock that is never held over a wait.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A conversation as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct ConversationData {
    pub(crate) row: model::Conversation,
    /// One's own row; none of a conversation that one was never in.
    pub(crate) me: Option<model::UserConversation>,
}

impl ConversationData {
    pub(crate) fn is_joined(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.status == MembershipStatus::Joined)
    }
}

/// What all handles of one conversation share.
#[derive(Debug)]
pub(crate) struct ConversationCell {
    pub(crate) sid: ConversationSid,
    pub(crate) data: Live<ConversationData>,
    pub(crate) roster: Mutex<Roster>,
    /// Held while the roster is fetched: by one at a time.
    pub(crate) fetching: tokio::sync::Mutex<()>,
    /// When it was last said that one types.
    pub(crate) said_typing: Mutex<Option<Instant>>,
    messages: Mutex<HashMap<MessageSid, Weak<MessageCell>>>,
}

impl ConversationCell {
    pub(crate) fn new(data: ConversationData) -> Self {
        Self {
            sid: data.row.sid,
            data: Live::new(data),
            roster: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
            said_typing: Mutex::default(),
            messages: Mutex::default(),
        }
    }

    /// The cell of a message, which then holds the newer of what it held and this. Also what it held before, if it was held.
    pub(crate) fn message(&self, message: &model::Message) -> (Arc<MessageCell>, Option<model::Message>) {
        let mut held = lock(&self.messages);
        if let Some(cell) = held.get(&message.sid).and_then(Weak::upgrade) {
            let before = cell.take(message);
            return (cell, Some(before));
        }
        if held.len() >= SWEEP && held.len().is_multiple_of(SWEEP) {
            held.retain(|_, cell| cell.strong_count() > 0);
        }
        let cell = Arc::new(MessageCell { data: Live::new(message.clone()) });
        held.insert(message.sid, Arc::downgrade(&cell));
        (cell, None)
    }
}

/// What all handles of one message share.
#[derive(Debug)]
pub(crate) struct MessageCell {
    pub(crate) data: Live<model::Message>,
}

impl MessageCell {
    /// Takes a message unless a newer one is held. Answers what was held.
    fn take(&self, message: &model::Message) -> model::Message {
        self.data.change(|held| {
            let before = held.clone();
            if held.version < message.version {
                *held = message.clone();
            }
            before
        })
    }
}

/// What all handles of one participant share.
#[derive(Debug)]
pub(crate) struct ParticipantCell {
    pub(crate) data: Live<model::Participant>,
}

/// The participants of a conversation, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    rows: BTreeMap<ParticipantSid, Arc<ParticipantCell>>,
    /// Everything up to this version is known; none before it was fetched.
    pub(crate) version: Option<u64>,
    /// The highest version that was heard of.
    pub(crate) heard: u64,
    /// Identities of those who type.
    pub(crate) typists: BTreeSet<String>,
}

/// What a row of a roster was to what is held.
#[derive(Debug)]
pub(crate) enum Taken {
    /// Somebody who was not known.
    New(Arc<ParticipantCell>),
    /// Somebody of whom something has changed: what was held before.
    Changed(Arc<ParticipantCell>, Box<model::Participant>),
    /// Nothing new.
    Known(Arc<ParticipantCell>),
}

impl Roster {
    /// Takes a row unless a newer one is held.
    pub(crate) fn take(&mut self, row: &model::Participant) -> Taken {
        self.heard = self.heard.max(row.version);
        if let Some(cell) = self.rows.get(&row.sid) {
            let cell = Arc::clone(cell);
            if cell.data.read(|held| held.version >= row.version) {
                return Taken::Known(cell);
            }
            let before = cell.data.replace(row.clone());
            return Taken::Changed(cell, Box::new(before));
        }
        let cell = Arc::new(ParticipantCell { data: Live::new(row.clone()) });
        self.rows.insert(row.sid, Arc::clone(&cell));
        Taken::New(cell)
    }

    /// Those who are in it now, by SID.
    pub(crate) fn present(&self) -> impl Iterator<Item = &Arc<ParticipantCell>> {
        self.rows.values().filter(|cell| cell.data.read(|row| row.status == MembershipStatus::Joined))
    }

    pub(crate) fn by_sid(&self, sid: ParticipantSid) -> Option<Arc<ParticipantCell>> {
        self.present().find(|cell| cell.data.read(|row| row.sid == sid)).cloned()
    }

    /// By identity, without regard to case.
    pub(crate) fn by_identity(&self, identity: &str) -> Option<Arc<ParticipantCell>> {
        let wanted = identity.to_lowercase();
        self.present().find(|cell| cell.data.read(|row| row.identity.to_lowercase() == wanted)).cloned()
    }

    /// Forgets those who left, unless somebody holds them.
    pub(crate) fn sweep(&mut self) {
        self.rows.retain(|_, cell| {
            Arc::strong_count(cell) > 1 || cell.data.read(|row| row.status == MembershipStatus::Joined)
        });
    }

    /// What is missing: everything, or what changed after a version.
    pub(crate) fn lacks(&self) -> Option<Option<u64>> {
        match self.version {
            None => Some(None),
            Some(version) if version < self.heard => Some(Some(version)),
            Some(_) => None,
        }
    }

    /// Versions mean nothing any more: it is fetched anew.
    pub(crate) fn void(&mut self) {
        *self = Self::default();
    }
}

/// A user as far as they are known.
#[derive(Debug, Clone)]
pub(crate) struct UserData {
    pub(crate) row: model::User,
    /// They have a live connection; none when that is not known.
    pub(crate) online: Option<bool>,
    /// Changes are told.
    pub(crate) subscribed: bool,
}

/// What all handles of one user share.
#[derive(Debug)]
pub(crate) struct UserCell {
    pub(crate) data: Live<UserData>,
}
