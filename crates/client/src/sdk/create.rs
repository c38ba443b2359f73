//! Making a conversation.

use std::sync::Arc;

use confab_protocol::method::{ConversationCreateParams, InitialParticipant};
use confab_protocol::model::{ConversationState, Role, Timers};
use confab_protocol::{ClientId, limits};
use serde_json::Value;

use super::cells::ConversationData;
use super::hub::{Hub, ask};
use super::{Conversation, Error, check};
use crate::clock;

/// A conversation that is to be made. Its maker is its first participant and its owner.
#[derive(Debug)]
#[must_use = "nothing is made before `create`"]
pub struct ConversationBuilder {
    hub: Arc<Hub>,
    params: ConversationCreateParams,
}

impl ConversationBuilder {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, params: ConversationCreateParams::new(ClientId(clock::id())) }
    }

    /// The name that people see.
    pub fn friendly_name(mut self, name: &str) -> Self {
        self.params.friendly_name = Some(name.to_owned());
        self
    }

    /// A name that is unique in the workspace.
    pub fn unique_name(mut self, name: &str) -> Self {
        self.params.unique_name = Some(name.to_owned());
        self
    }

    /// Free JSON.
    pub fn attributes(mut self, attributes: Value) -> Self {
        self.params.attributes = Some(attributes);
        self
    }

    /// Somebody who is in it from the beginning (at most 100).
    pub fn participant(self, identity: &str) -> Self {
        self.participant_with(identity, Role::Participant, None)
    }

    /// The same with a role and attributes.
    pub fn participant_with(mut self, identity: &str, role: Role, attributes: Option<Value>) -> Self {
        let identity = identity.to_owned();
        self.params.participants.push(InitialParticipant { identity, role, attributes });
        self
    }

    /// Of exactly two people, oneself and one participant, for ever. When the two have one already, that is what comes of it.
    pub fn direct(mut self) -> Self {
        self.params.direct = true;
        self
    }

    /// Whoever knows its SID may join.
    pub fn public_join(mut self) -> Self {
        self.params.public_join = true;
        self
    }

    /// Participants see only what was posted while they were in it.
    pub fn uber(mut self) -> Self {
        self.params.uber = true;
        self
    }

    /// Asleep from the beginning, until the first message.
    pub fn inactive(mut self) -> Self {
        self.params.state = Some(ConversationState::Inactive);
        self
    }

    /// When it changes its state by itself.
    pub fn timers(mut self, timers: Timers) -> Self {
        self.params.timers = Some(timers);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for what is too long, for too many participants, and for kinds that exclude each other;
    /// [`Error::Refused`]: `unique_name_taken`, `not_found` when a participant does not exist, `forbidden`, ….
    pub async fn create(self) -> Result<Conversation, Error> {
        let Self { hub, params } = self;
        check_params(&params)?;
        let summary = ask!(hub, ConversationCreate(params))?.summary;
        let row = summary.conversation.ok_or(Error::BadAnswer)?;
        Ok(hub.seen(ConversationData { row, me: Some(summary.me) }))
    }
}

fn check_params(params: &ConversationCreateParams) -> Result<(), Error> {
    let text = |name: &Option<String>| name.clone().unwrap_or_default();
    check::characters("friendly_name", &text(&params.friendly_name), limits::FRIENDLY_NAME_CHARS)?;
    check::characters("unique_name", &text(&params.unique_name), limits::UNIQUE_NAME_CHARS)?;
    if let Some(attributes) = &params.attributes {
        check::attributes(attributes, limits::CONVERSATION_ATTRIBUTES_BYTES)?;
    }
    let (many, most) = (params.participants.len(), limits::INITIAL_PARTICIPANTS);
    if many > most {
        return Err(Error::invalid(
            "participants",
            format!("are {many}; {most} at most, add the others later"),
        ));
    }
    for participant in &params.participants {
        check::identity(&participant.identity)?;
        if let Some(attributes) = &participant.attributes {
            check::attributes(attributes, limits::ATTRIBUTES_BYTES)?;
        }
    }
    if params.direct && (params.public_join || params.uber) {
        return Err(Error::invalid("direct", "is never public or uber"));
    }
    if params.direct && many != 1 {
        return Err(Error::invalid("participants", "are not one other person; direct wants exactly one"));
    }
    Ok(())
}
