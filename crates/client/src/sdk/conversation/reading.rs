//! How far one has read, in both forms; what is unread; and typing.

use std::time::{Duration, Instant};

use confab_protocol::method::{ConversationParams, HorizonMode, HorizonSetParams, UnreadGetParams};
use confab_protocol::model::Unread;
use confab_protocol::{ClientId, limits};

use super::Conversation;
use crate::clock;
use crate::sdk::Error;
use crate::sdk::cells::lock;
use crate::sdk::hub::ask;

/// How often it is said that one types, at most.
const TYPING_RENEWAL: Duration = Duration::from_millis(limits::TYPING_RENEWAL_MS);

/// Where a horizon is put: an index, or a sequence.
enum Place {
    Index(Option<u64>),
    Sequence(u64),
}

impl Conversation {
    /// How many messages of others stand behind one's horizon, exact when it was counted; none when no horizon is set: then either all
    /// are unread, or nobody keeps track. See [`unread`](Self::unread) for the number that there is all the same.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::TimedOut`].
    pub async fn unread_messages_count(&self) -> Result<Option<u64>, Error> {
        let unread = self.unread().await?;
        Ok(unread.horizon.map(|_| unread.unread))
    }

    /// One's horizon and what is unread behind it, exact at a sequence of the log. Without a horizon everything since one joined counts.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::TimedOut`].
    pub async fn unread(&self) -> Result<Unread, Error> {
        self.participating()?;
        let rows = ask!(self.hub, UnreadGet(UnreadGetParams { conversations: vec![self.sid()] }))?.rows;
        rows.first().map(|row| row.unread).ok_or(Error::NotParticipating)
    }

    /// Puts one's horizon at an index, forwards or backwards; none means that nothing was read. Answers what is unread then.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::Refused`].
    pub async fn update_last_read_message_index(&self, index: Option<u64>) -> Result<u64, Error> {
        self.put_horizon(Place::Index(index), HorizonMode::Set).await
    }

    /// Moves one's horizon forwards to an index; when it is there or further already, nothing changes. Answers what is unread then.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::Refused`].
    pub async fn advance_last_read_message_index(&self, index: u64) -> Result<u64, Error> {
        self.put_horizon(Place::Index(Some(index)), HorizonMode::Advance).await
    }

    /// Everything is read. Answers what is unread then: what came meanwhile.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::Refused`].
    pub async fn set_all_messages_read(&self) -> Result<u64, Error> {
        self.participating()?;
        match self.last_message() {
            Some(last) => self.advance_last_read_message_index(last.index).await,
            None => Ok(0),
        }
    }

    /// Nothing is read. Answers what is unread then.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::Refused`].
    pub async fn set_all_messages_unread(&self) -> Result<u64, Error> {
        self.update_last_read_message_index(None).await
    }

    /// Puts one's horizon at an event of the log, forwards or backwards; 0 means that nothing was read. Answers what is unread then.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::Refused`] for a sequence behind the newest event.
    pub async fn mark_as_read(&self, sequence: u64) -> Result<u64, Error> {
        self.put_horizon(Place::Sequence(sequence), HorizonMode::Set).await
    }

    async fn put_horizon(&self, place: Place, mode: HorizonMode) -> Result<u64, Error> {
        self.participating()?;
        let based_on = self.read(|data| data.me.as_ref().map_or(0, |me| me.version));
        let (index, seq) = match place {
            Place::Index(index) => (index, None),
            Place::Sequence(sequence) => (None, Some(sequence)),
        };
        let (client_id, conversation) = (ClientId(clock::id()), self.sid());
        let params = HorizonSetParams { client_id, conversation, index, seq, mode, based_on };
        Ok(ask!(self.hub, HorizonSet(params))?.me.unread.unread)
    }

    /// Says that one types. To be called with every key: what is said already is not said again for a few seconds.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::TimedOut`].
    pub async fn typing(&self) -> Result<(), Error> {
        self.participating()?;
        let now = Instant::now();
        {
            let mut said = lock(&self.cell.said_typing);
            if said.is_some_and(|said| now.duration_since(said) < TYPING_RENEWAL) {
                return Ok(());
            }
            *said = Some(now);
        }
        ask!(self.hub, TypingStart(ConversationParams { conversation: self.sid() }))?;
        Ok(())
    }
}
