//! The messages of a conversation, in pages both ways; sending; and its log, event by event.

use bytes::Bytes;
use confab_protocol::limits;
use confab_protocol::method::{Direction, EventReplayParams, EventReplayResult, MessagePageParams};

use super::Conversation;
use crate::sdk::hub::ask;
use crate::sdk::paginator::Turning;
use crate::sdk::{Error, MediaToSend, Message, MessageBuilder, Paginator, Sending, check};

/// Where a page of messages begins. Whichever way it was read, it stands in the order of the indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The newest messages.
    Newest,
    /// The oldest ones.
    Oldest,
    /// Those up to this index, itself included.
    UpTo(u64),
    /// Those from this index on, itself included.
    On(u64),
}

/// Which events of a log are wanted: at most a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Those between two sequences, both included.
    Between(u64, u64),
    /// So many, from a sequence on.
    From(u64, u64),
    /// So many, up to a sequence.
    To(u64, u64),
}

impl Conversation {
    /// A page of messages (1 to 100 of them). Removed ones are left out, so that it may hold fewer.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a size out of bounds; [`Error::Refused`] when one never was in it.
    pub async fn messages(&self, from: From, page_size: u32) -> Result<Paginator<Message>, Error> {
        check::page_size(page_size, limits::MESSAGE_PAGE)?;
        self.page(from, page_size).await
    }

    /// Boxed, because pages hold the way to their neighbours.
    fn page(&self, from: From, page_size: u32) -> Turning<Message> {
        let conversation = self.clone();
        Box::pin(async move { conversation.read_page(from, page_size).await })
    }

    async fn read_page(&self, from: From, page_size: u32) -> Result<Paginator<Message>, Error> {
        let (anchor, direction) = match from {
            From::Newest => (None, Direction::Backwards),
            From::Oldest => (None, Direction::Forward),
            From::UpTo(index) => (Some(index), Direction::Backwards),
            From::On(index) => (Some(index), Direction::Forward),
        };
        let conversation = self.sid();
        let params = MessagePageParams { conversation, anchor, direction, limit: Some(page_size) };
        let page = ask!(self.hub, MessagePage(params))?;
        let ends =
            (page.messages.first().map(|first| first.index), page.messages.last().map(|last| last.index));
        let live = page.messages.iter().filter(|message| !message.removed);
        let items = live.map(|message| self.hub.message(&self.cell, message)).collect();
        let (on, back) = (self.clone(), self.clone());
        let (older, newer) = (ends.0.and_then(|first| first.checked_sub(1)), ends.1.map(|last| last + 1));
        Ok(Paginator::new(items)
            .with_prev(page.has_older && older.is_some(), move || {
                back.page(older.map_or(From::Oldest, From::UpTo), page_size)
            })
            .with_next(page.has_newer && newer.is_some(), move || {
                on.page(newer.map_or(From::Newest, From::On), page_size)
            }))
    }

    /// The message with this index.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or none any more; [`Error::Refused`].
    pub async fn message(&self, index: u64) -> Result<Message, Error> {
        let page = self.read_page(From::On(index), 1).await?;
        let found = page.into_items().into_iter().find(|message| message.index() == index);
        found.ok_or(Error::NotFound { what: "message" })
    }

    /// Sends a text. It is on the disk before anything else, and leaves as soon as there is a connection.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a blank or long text; [`Error::NotParticipating`].
    pub async fn send_message(&self, text: &str) -> Result<Sending, Error> {
        self.prepare_message().set_body(text).build_and_send().await
    }

    /// Sends a file.
    ///
    /// # Errors
    /// As of [`MessageBuilder::build_and_send`].
    pub async fn send_media(&self, content_type: &str, bytes: impl Into<Bytes>) -> Result<Sending, Error> {
        self.prepare_message().add_media(MediaToSend::bytes(content_type, bytes)).build_and_send().await
    }

    /// Begins a message of several parts.
    pub fn prepare_message(&self) -> MessageBuilder {
        MessageBuilder::new(self.clone())
    }

    /// Events of the log, as it stands: what was edited shows its present text, what was removed is gone.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for more than a hundred, none, or an end before the beginning; [`Error::Refused`].
    pub async fn replay(&self, wanted: Replay) -> Result<EventReplayResult, Error> {
        let (from, to, count) = match wanted {
            Replay::Between(from, to) if to < from => {
                return Err(Error::invalid("wanted", format!("ends at {to} before it begins at {from}")));
            }
            Replay::Between(from, to) => (Some(from), Some(to), None),
            Replay::From(from, count) => (Some(from), None, Some(count)),
            Replay::To(to, count) => (None, Some(to), Some(count)),
        };
        let most = limits::EVENT_RANGE as u64;
        let many =
            count.unwrap_or_else(|| to.zip(from).map_or(0, |(to, from)| (to - from).saturating_add(1)));
        if many == 0 || many > most {
            return Err(Error::invalid("wanted", format!("is {many} events; from 1 to {most}")));
        }
        ask!(self.hub, EventReplay(EventReplayParams { conversation: self.sid(), from, to, count }))
    }
}
