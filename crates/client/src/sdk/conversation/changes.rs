//! Changing a conversation: names, attributes, state; joining, leaving, deleting it.

use confab_protocol::method::{
    ConversationDeleteParams, ConversationJoinParams, ConversationUpdateParams, SetNotificationLevelParams,
};
use confab_protocol::model::{ConversationState, NotificationLevel, Timers};
use confab_protocol::{ClientId, limits};
use serde_json::Value;

use super::Conversation;
use crate::clock;
use crate::sdk::hub::ask;
use crate::sdk::{Error, check};

impl Conversation {
    /// Becomes a participant. What follows is told by events.
    ///
    /// # Errors
    /// [`Error::Refused`]: `not_joinable`, `already_participant`, `conversation_closed`, `direct_conversation`.
    pub async fn join(&self) -> Result<(), Error> {
        let params = ConversationJoinParams { client_id: ClientId(clock::id()), conversation: self.sid() };
        ask!(self.hub, ConversationJoin(params))?;
        Ok(())
    }

    /// Stops being a participant. When one is none, nothing happens.
    ///
    /// # Errors
    /// [`Error::Refused`]: nobody leaves a conversation of two people.
    pub async fn leave(&self) -> Result<(), Error> {
        if !self.read(crate::sdk::cells::ConversationData::is_joined) {
            return Ok(());
        }
        self.remove_participant(self.hub.identity.as_str()).await
    }

    /// Deletes it for everyone.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to, and for one of two people.
    pub async fn delete(&self) -> Result<(), Error> {
        let params = ConversationDeleteParams { client_id: ClientId(clock::id()), conversation: self.sid() };
        ask!(self.hub, ConversationDelete(params))?;
        Ok(())
    }

    /// Changes the name that people see; none takes it away. Nothing is sent when it is that already.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a long one; [`Error::Refused`].
    pub async fn update_friendly_name(&self, friendly_name: Option<&str>) -> Result<(), Error> {
        if wished(friendly_name) == self.friendly_name() {
            return Ok(());
        }
        self.update().friendly_name(friendly_name).send().await
    }

    /// Changes the unique name; none takes it away. Nothing is sent when it is that already.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a long one; [`Error::Refused`] with `unique_name_taken`.
    pub async fn update_unique_name(&self, unique_name: Option<&str>) -> Result<(), Error> {
        if wished(unique_name) == self.unique_name() {
            return Ok(());
        }
        self.update().unique_name(unique_name).send().await
    }

    /// Replaces the attributes as a whole.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] over 16 KiB; [`Error::Refused`].
    pub async fn update_attributes(&self, attributes: Value) -> Result<(), Error> {
        self.update().attributes(attributes).send().await
    }

    /// Begins to change several things at once: name them, then [`send`](ConversationUpdate::send).
    pub fn update(&self) -> ConversationUpdate {
        let params = ConversationUpdateParams::new(ClientId(clock::id()), self.sid());
        ConversationUpdate { conversation: self.clone(), params }
    }

    /// Sets whether it may notify. For oneself only.
    ///
    /// # Errors
    /// [`Error::NotParticipating`]; [`Error::Refused`].
    pub async fn set_user_notification_level(&self, level: NotificationLevel) -> Result<(), Error> {
        self.participating()?;
        let params =
            SetNotificationLevelParams { client_id: ClientId(clock::id()), conversation: self.sid(), level };
        ask!(self.hub, SetNotificationLevel(params))?;
        Ok(())
    }

    pub(in crate::sdk) fn participating_now(&self) -> Result<(), Error> {
        self.participating()
    }

    pub(super) fn participating(&self) -> Result<(), Error> {
        let joined = self.read(crate::sdk::cells::ConversationData::is_joined);
        if joined { Ok(()) } else { Err(Error::NotParticipating) }
    }
}

/// A name as it will stand: trimmed, and none when nothing is left.
fn wished(name: Option<&str>) -> Option<String> {
    name.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Several changes of a conversation, made as one.
#[derive(Debug, Clone)]
#[must_use = "nothing changes before it is sent"]
pub struct ConversationUpdate {
    conversation: Conversation,
    params: ConversationUpdateParams,
}

impl ConversationUpdate {
    /// Changes the name that people see; none takes it away.
    pub fn friendly_name(mut self, name: Option<&str>) -> Self {
        self.params.friendly_name = Some(wished(name));
        self
    }

    /// Changes the unique name; none takes it away.
    pub fn unique_name(mut self, name: Option<&str>) -> Self {
        self.params.unique_name = Some(wished(name));
        self
    }

    /// Replaces the attributes as a whole.
    pub fn attributes(mut self, attributes: Value) -> Self {
        self.params.attributes = Some(attributes);
        self
    }

    /// Sets whether whoever knows its SID may join.
    pub fn public_join(mut self, public_join: bool) -> Self {
        self.params.public_join = Some(public_join);
        self
    }

    /// Puts it to sleep, wakes it, or closes it for ever.
    pub fn state(mut self, state: ConversationState) -> Self {
        self.params.state = Some(state);
        self
    }

    /// Sets when it changes its state by itself, as a whole.
    pub fn timers(mut self, timers: Timers) -> Self {
        self.params.timers = Some(timers);
        self
    }

    /// Makes the changes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for what is too long; [`Error::Refused`].
    pub async fn send(self) -> Result<(), Error> {
        let Self { conversation, params } = self;
        let names = [
            ("friendly_name", &params.friendly_name, limits::FRIENDLY_NAME_CHARS),
            ("unique_name", &params.unique_name, limits::UNIQUE_NAME_CHARS),
        ];
        for (argument, name, most) in names {
            check::characters(argument, name.iter().flatten().next().map_or("", String::as_str), most)?;
        }
        if let Some(attributes) = &params.attributes {
            check::attributes(attributes, limits::CONVERSATION_ATTRIBUTES_BYTES)?;
        }
        ask!(conversation.hub, ConversationUpdate(params))?;
        Ok(())
    }
}
