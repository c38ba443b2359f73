//! Messages.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use confab_protocol::method::{
    MessageEditParams, MessageReceiptsParams, MessageRef, MessageRemoveParams, MessageReportParams,
};
use confab_protocol::model::{self, AggregatedReceipt, ChannelMetadata, DeliveryStatus, MediaCategory};
use confab_protocol::{ClientId, MediaSid, MessageSid, ParticipantSid, Timestamp, limits};
use serde_json::Value;

use super::cells::{ConversationCell, MessageCell, lock};
use super::events::{Event, MessageEvent};
use super::hub::{Hub, Scope, ask};
use super::{Conversation, DetailedDeliveryReceipt, Error, Media, Participant, Subscription, check};
use crate::clock;

/// A message. Live: what is read of it is how it stands, whoever edits it.
#[derive(Clone)]
pub struct Message {
    pub(super) hub: Arc<Hub>,
    pub(super) conversation: Arc<ConversationCell>,
    pub(super) cell: Arc<MessageCell>,
}

/// What is reported of a message that another system has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryReport {
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Its name in the other system.
    pub channel_message_sid: Option<String>,
    /// The other system's number of what went wrong.
    pub error_code: Option<u32>,
    /// What the other system says of it.
    pub channel_metadata: Option<ChannelMetadata>,
}

impl DeliveryReport {
    /// A status, and nothing else.
    #[must_use]
    pub fn new(status: DeliveryStatus) -> Self {
        Self { status, channel_message_sid: None, error_code: None, channel_metadata: None }
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Text alone.
    Text,
    /// Files, with a text or without.
    Media,
}

impl Message {
    fn read<R>(&self, look: impl FnOnce(&model::Message) -> R) -> R {
        self.cell.data.read(look)
    }

    /// The conversation.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        self.hub.conversation(Arc::clone(&self.conversation))
    }

    /// Its identifier.
    #[must_use]
    pub fn sid(&self) -> MessageSid {
        self.read(|row| row.sid)
    }

    /// The id under which its author sent it.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.read(|row| row.client_id)
    }

    /// Its place in the conversation: from 0, growing, with gaps. Never compute a count from it.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.read(|row| row.index)
    }

    /// Sequence of the event of the log that added it.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.read(|row| row.seq)
    }

    /// Identity of the author.
    #[must_use]
    pub fn author(&self) -> String {
        self.read(|row| row.author.clone())
    }

    /// The author's participation at that time.
    #[must_use]
    pub fn participant_sid(&self) -> Option<ParticipantSid> {
        self.read(|row| row.participant)
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        self.read(|row| row.subject.clone())
    }

    /// The text; none when it was removed.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        self.read(|row| row.body.clone())
    }

    /// Free JSON of the application.
    #[must_use]
    pub fn attributes(&self) -> Value {
        self.read(|row| row.attributes.clone())
    }

    /// Text alone, or files.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        if self.read(|row| row.media.is_empty()) { MessageKind::Text } else { MessageKind::Media }
    }

    /// When it was posted.
    #[must_use]
    pub fn date_created(&self) -> Timestamp {
        self.read(|row| row.date_created)
    }

    /// When it last changed; when it was posted, if never.
    #[must_use]
    pub fn date_updated(&self) -> Timestamp {
        self.read(|row| row.date_updated)
    }

    /// Who changed it last; none when nobody has.
    #[must_use]
    pub fn last_updated_by(&self) -> Option<String> {
        self.read(|row| row.last_updated_by.clone())
    }

    /// It was removed: only its place is left.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.read(|row| row.removed)
    }

    /// The message that it answers.
    #[must_use]
    pub fn relates_to(&self) -> Option<MessageSid> {
        self.read(|row| row.relates_to)
    }

    /// Identities that it calls.
    #[must_use]
    pub fn mentions(&self) -> Vec<String> {
        self.read(|row| row.mentions.clone())
    }

    /// Its first attachment.
    #[must_use]
    pub fn media(&self) -> Option<Media> {
        self.attached_media().into_iter().next()
    }

    /// Its attachments, in the order in which they were attached.
    #[must_use]
    pub fn attached_media(&self) -> Vec<Media> {
        self.media_by_categories(&[MediaCategory::Media])
    }

    /// Its first file of a category.
    #[must_use]
    pub fn media_by_category(&self, category: MediaCategory) -> Option<Media> {
        self.media_by_categories(&[category]).into_iter().next()
    }

    /// Its files of these categories, in the order in which they were attached.
    #[must_use]
    pub fn media_by_categories(&self, categories: &[MediaCategory]) -> Vec<Media> {
        let all = self.read(|row| row.media.clone());
        let wanted = all.into_iter().filter(|file| categories.contains(&file.category));
        wanted.map(|row| Media { hub: Arc::clone(&self.hub), row }).collect()
    }

    /// Addresses of its attachments that need no token, good for a few minutes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when it has none; [`Error::Refused`].
    pub async fn temporary_urls_for_attached_media(&self) -> Result<BTreeMap<MediaSid, String>, Error> {
        let sids: Vec<MediaSid> = self.attached_media().iter().map(Media::sid).collect();
        self.hub.temporary_urls(&sids).await
    }

    /// The same for these of its files.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none or too many, or for a file of another message; [`Error::Refused`].
    pub async fn temporary_urls(&self, media: &[MediaSid]) -> Result<BTreeMap<MediaSid, String>, Error> {
        let own = self.read(|row| row.media.iter().map(|file| file.sid).collect::<Vec<_>>());
        if let Some(foreign) = media.iter().find(|sid| !own.contains(sid)) {
            return Err(Error::invalid("media", format!("{foreign} is not a file of this message")));
        }
        self.hub.temporary_urls(media).await
    }

    /// How far it has come, over all whom it is for.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn aggregated_delivery_receipt(&self) -> Result<AggregatedReceipt, Error> {
        Ok(ask!(self.hub, MessageReceipts(MessageReceiptsParams { limit: Some(1), ..self.receipts(None) }))?
            .aggregated)
    }

    /// How far it has come, one by one: all pages.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn detailed_delivery_receipts(&self) -> Result<Vec<DetailedDeliveryReceipt>, Error> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = ask!(self.hub, MessageReceipts(self.receipts(after)))?;
            let receipt = |row| DetailedDeliveryReceipt::new(self, row);
            all.extend(page.receipts.into_iter().map(receipt));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// What another system says of it, when it came from there or went there. All receipts are looked through.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn channel_metadata(&self) -> Result<Option<ChannelMetadata>, Error> {
        let receipts = self.detailed_delivery_receipts().await?;
        Ok(receipts.into_iter().find_map(|receipt| receipt.channel_metadata))
    }

    /// Reports how far it has come with somebody who takes part by other means. For whoever connects the two systems.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to, or for a participant of the workspace.
    pub async fn report(
        &self,
        participant: ParticipantSid,
        report: DeliveryReport,
    ) -> Result<DetailedDeliveryReceipt, Error> {
        let DeliveryReport { status, channel_message_sid, error_code, channel_metadata } = report;
        let params = MessageReportParams {
            client_id: ClientId(clock::id()),
            conversation: self.conversation.sid,
            message: self.sid(),
            participant,
            status,
            channel_message_sid,
            error_code,
            channel_metadata,
        };
        let row = ask!(self.hub, MessageReport(params))?.receipt;
        Ok(DetailedDeliveryReceipt::new(self, row))
    }

    fn receipts(&self, after: Option<ParticipantSid>) -> MessageReceiptsParams {
        MessageReceiptsParams { conversation: self.conversation.sid, message: self.sid(), after, limit: None }
    }

    /// Its author as a participant.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they have left.
    pub async fn participant(&self) -> Result<Participant, Error> {
        self.hub.roster(&self.conversation).await?;
        let (sid, author) = self.read(|row| (row.participant, row.author.clone()));
        let held = {
            let roster = lock(&self.conversation.roster);
            sid.and_then(|sid| roster.by_sid(sid)).or_else(|| roster.by_identity(&author))
        };
        let held = held.ok_or(Error::NotFound { what: "participant" })?;
        Ok(self.hub.participant_of(&self.conversation, held))
    }

    /// Replaces the text.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a blank or long one; [`Error::Refused`].
    pub async fn update_body(&self, body: &str) -> Result<(), Error> {
        self.update(Some(body), None).await
    }

    /// Replaces the attributes as a whole.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] over 4 KiB; [`Error::Refused`].
    pub async fn update_attributes(&self, attributes: Value) -> Result<(), Error> {
        self.update(None, Some(attributes)).await
    }

    /// Replaces text and attributes; what is none stays as it is.
    ///
    /// # Errors
    /// As of [`update_body`](Self::update_body) and [`update_attributes`](Self::update_attributes).
    pub async fn update(&self, body: Option<&str>, attributes: Option<Value>) -> Result<(), Error> {
        if let Some(body) = body {
            check::body(body)?;
            if body.trim().is_empty() && self.kind() == MessageKind::Text {
                return Err(Error::invalid("body", "is blank; remove the message instead"));
            }
        }
        if let Some(attributes) = &attributes {
            check::attributes(attributes, limits::ATTRIBUTES_BYTES)?;
        }
        self.edit(MessageEditParams { body: body.map(str::to_owned), attributes, ..self.nothing() }).await
    }

    /// Says what it is about; an empty subject takes that away.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a long one; [`Error::Refused`].
    pub async fn update_subject(&self, subject: &str) -> Result<(), Error> {
        check::characters("subject", subject, limits::SUBJECT_CHARS)?;
        self.edit(MessageEditParams { subject: Some(subject.to_owned()), ..self.nothing() }).await
    }

    fn nothing(&self) -> MessageEditParams {
        MessageEditParams {
            client_id: ClientId(clock::id()),
            conversation: self.conversation.sid,
            message: MessageRef::Sid(self.sid()),
            body: None,
            subject: None,
            attributes: None,
        }
    }

    async fn edit(&self, params: MessageEditParams) -> Result<(), Error> {
        let message = ask!(self.hub, MessageEdit(params))?.message;
        self.conversation.message(&message);
        Ok(())
    }

    /// Removes it; its index stays unused.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to, or when it was removed before.
    pub async fn remove(&self) -> Result<(), Error> {
        let params = MessageRemoveParams {
            client_id: ClientId(clock::id()),
            conversation: self.conversation.sid,
            message: MessageRef::Sid(self.sid()),
        };
        let message = ask!(self.hub, MessageRemove(params))?.message;
        self.conversation.message(&message);
        Ok(())
    }

    /// What happens to it from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription<MessageEvent> {
        self.events(false)
    }

    /// First the last event of each kind that has happened, then what happens from now on.
    #[must_use]
    pub fn subscribe_with_replay(&self) -> Subscription<MessageEvent> {
        self.events(true)
    }

    fn events(&self, replay: bool) -> Subscription<MessageEvent> {
        let sid = self.sid();
        self.hub.subscribe(replay.then_some(Scope::Message(sid)), move |event| match event {
            Event::MessageUpdated { message, reasons } if message.sid() == sid => {
                Some(MessageEvent::Updated { reasons })
            }
            Event::MessageRemoved(message) if message.sid() == sid => Some(MessageEvent::Removed),
            Event::Missed { count } => Some(MessageEvent::Missed { count }),
            _ => None,
        })
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.sid() == other.sid()
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid())
            .field("index", &self.index())
            .field("author", &self.author())
            .finish_non_exhaustive()
    }
}
