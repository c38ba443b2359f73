//! Conversations: one's own, by name, those that anybody may join, those that one has left, and new ones.

use std::sync::Arc;

use confab_protocol::method::{
    ConversationGetManyParams, ConversationGetParams, ConversationPageParams, ConversationParams,
};
use confab_protocol::model::{ConversationSummary, UserConversation};
use confab_protocol::{ConversationSid, ErrorCode, limits};

use super::Client;
use crate::sdk::cells::ConversationData;
use crate::sdk::hub::{Hub, ask};
use crate::sdk::paginator::{Listing, Page, of_list, of_listing};
use crate::sdk::{Conversation, ConversationBuilder, Error, Paginator, check};

impl Client {
    /// The conversations that one is in, fifty per page. They are held, so that this needs no connection.
    #[must_use]
    pub fn conversations(&self) -> Paginator<Conversation> {
        of_list(&Arc::from(self.hub.joined()), 0, limits::CONVERSATION_PAGE)
    }

    /// A conversation that one is in; otherwise one that anybody may join, as by [`peek`](Self::peek). A `Uuid` does as well as a SID.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`NotFound`](ErrorCode::NotFound).
    pub async fn conversation(&self, sid: impl Into<ConversationSid>) -> Result<Conversation, Error> {
        let sid = sid.into();
        match self.hub.joined_by_sid(sid) {
            Some(conversation) => Ok(conversation),
            None => self.peek(sid).await,
        }
    }

    /// A conversation that one has not joined and might, without its messages.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`NotFound`](ErrorCode::NotFound), also for one that may not be seen.
    pub async fn peek(&self, sid: impl Into<ConversationSid>) -> Result<Conversation, Error> {
        let sid = sid.into();
        self.ready().await?;
        if let Some(conversation) = self.hub.joined_by_sid(sid) {
            return Ok(conversation);
        }
        let peeked = ask!(self.hub, ConversationPeek(ConversationParams { conversation: sid }))?;
        Ok(self.hub.seen(ConversationData { row: peeked.conversation, me: None }))
    }

    /// One of one's conversations by its unique name.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty name; [`Error::Refused`] with [`NotFound`](ErrorCode::NotFound).
    pub async fn conversation_by_unique_name(&self, unique_name: &str) -> Result<Conversation, Error> {
        let name = check::name("unique_name", unique_name, limits::UNIQUE_NAME_CHARS)?;
        let params = ConversationGetParams { conversation: None, unique_name: Some(name.to_owned()) };
        let summary = ask!(self.hub, ConversationGet(params))?.summary;
        self.of_summary(summary).ok_or_else(|| Error::Refused(ErrorCode::NotFound.into()))
    }

    /// Several conversations at once (1 to 30). Those that one never was in are left out.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none or too many.
    pub async fn conversations_by_sid(&self, sids: &[ConversationSid]) -> Result<Vec<Conversation>, Error> {
        check::list("sids", sids, limits::CONVERSATION_BATCH)?;
        let params = ConversationGetManyParams { conversations: sids.to_vec() };
        let summaries = ask!(self.hub, ConversationGetMany(params))?.summaries;
        Ok(summaries.into_iter().filter_map(|summary| self.of_summary(summary)).collect())
    }

    /// Begins to make a conversation: name it, say of what kind it is, then [`create`](ConversationBuilder::create) it.
    pub fn create_conversation(&self) -> ConversationBuilder {
        ConversationBuilder::new(Arc::clone(&self.hub))
    }

    /// The directory: conversations that anybody may join, by SID.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to join any.
    pub async fn public_conversations(&self) -> Result<Paginator<Conversation>, Error> {
        self.ready().await?;
        of_listing(Public(Arc::clone(&self.hub)), vec![None]).await
    }

    /// Conversations that one has left, by SID, with their names as of leaving.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn left_conversations(&self) -> Result<Paginator<LeftConversation>, Error> {
        of_listing(Left(Arc::clone(&self.hub)), vec![None]).await
    }

    /// Joins a conversation that anybody may join.
    ///
    /// # Errors
    /// As of [`Conversation::join`].
    pub async fn join(&self, sid: impl Into<ConversationSid>) -> Result<Conversation, Error> {
        let conversation = self.conversation(sid).await?;
        conversation.join().await?;
        Ok(conversation)
    }

    /// Leaves a conversation. When one is not in it, nothing happens.
    ///
    /// # Errors
    /// As of [`Conversation::leave`].
    pub async fn leave(&self, sid: impl Into<ConversationSid>) -> Result<(), Error> {
        match self.hub.joined_by_sid(sid.into()) {
            Some(conversation) => conversation.leave().await,
            None => Ok(()),
        }
    }

    fn of_summary(&self, summary: ConversationSummary) -> Option<Conversation> {
        let ConversationSummary { conversation, me, .. } = summary;
        Some(self.hub.seen(ConversationData { row: conversation?, me: Some(me) }))
    }
}

/// A conversation that one has left.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftConversation {
    /// Its SID.
    pub sid: ConversationSid,
    /// Its friendly name as of leaving; empty when it had none.
    pub name: String,
    /// When one left.
    pub left_at: Option<confab_protocol::Timestamp>,
}

#[derive(Clone)]
struct Public(Arc<Hub>);

impl Listing for Public {
    type Item = Conversation;
    type Cursor = ConversationSid;

    async fn page(
        &self,
        after: Option<ConversationSid>,
    ) -> Result<Page<Conversation, ConversationSid>, Error> {
        let page = ask!(self.0, ConversationListPublic(ConversationPageParams { after, limit: None }))?;
        let next = page.conversations.last().map(|row| row.sid).filter(|_| page.more);
        let seen = |row| self.0.seen(ConversationData { row, me: None });
        Ok((page.conversations.into_iter().map(seen).collect(), next))
    }
}

#[derive(Clone)]
struct Left(Arc<Hub>);

impl Listing for Left {
    type Item = LeftConversation;
    type Cursor = ConversationSid;

    async fn page(
        &self,
        after: Option<ConversationSid>,
    ) -> Result<Page<LeftConversation, ConversationSid>, Error> {
        let page = ask!(self.0, ConversationListLeft(ConversationPageParams { after, limit: None }))?;
        let next = page.left.last().map(|row| row.conversation).filter(|_| page.more);
        let left = |row: UserConversation| LeftConversation {
            sid: row.conversation,
            name: row.left_name.unwrap_or_default(),
            left_at: row.left_at,
        };
        Ok((page.left.into_iter().map(left).collect(), next))
    }
}
