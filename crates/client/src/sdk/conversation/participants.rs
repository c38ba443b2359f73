//! Who is in a conversation.

use confab_protocol::method::{
    ConversationParams, NonChatAddParams, NonChatRemoveParams, NonChatUpdateParams, ParticipantAddParams,
    ParticipantRemoveParams, UserGetParams,
};
use confab_protocol::model::{NonChatParticipant, ParticipantFlags};
use confab_protocol::{ClientId, ErrorCode, ParticipantSid, limits};
use serde_json::Value;

use super::Conversation;
use crate::clock;
use crate::sdk::cells::lock;
use crate::sdk::hub::ask;
use crate::sdk::{Error, Participant, check};

/// How a participant is named: by identity, by SID, or by the participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantRef {
    /// By identity, without regard to case.
    Identity(String),
    /// By SID.
    Sid(ParticipantSid),
}

impl From<&str> for ParticipantRef {
    /// A text of the form of a SID is one; any other is an identity.
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Identity(text.to_owned()), Self::Sid)
    }
}

impl From<ParticipantSid> for ParticipantRef {
    fn from(sid: ParticipantSid) -> Self {
        Self::Sid(sid)
    }
}

impl From<&Participant> for ParticipantRef {
    fn from(participant: &Participant) -> Self {
        Self::Sid(participant.sid())
    }
}

impl Conversation {
    /// Everybody who is in it, by SID.
    ///
    /// # Errors
    /// [`Error::Refused`] when one is not in it.
    pub async fn participants(&self) -> Result<Vec<Participant>, Error> {
        self.hub.roster(&self.cell).await?;
        let held: Vec<_> = lock(&self.cell.roster).present().cloned().collect();
        Ok(held.into_iter().map(|held| self.hub.participant_of(&self.cell, held)).collect())
    }

    /// Somebody who is in it, by SID.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn participant_by_sid(&self, sid: ParticipantSid) -> Result<Participant, Error> {
        self.hub.roster(&self.cell).await?;
        let held = lock(&self.cell.roster).by_sid(sid);
        let held = held.ok_or(Error::NotFound { what: "participant" })?;
        Ok(self.hub.participant_of(&self.cell, held))
    }

    /// Somebody who is in it, by identity without regard to case.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty identity; [`Error::NotFound`].
    pub async fn participant_by_identity(&self, identity: &str) -> Result<Participant, Error> {
        let identity = check::identity(identity)?;
        self.hub.roster(&self.cell).await?;
        let held = lock(&self.cell.roster).by_identity(identity);
        let held = held.ok_or(Error::NotFound { what: "participant" })?;
        Ok(self.hub.participant_of(&self.cell, held))
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty identity or large attributes; [`Error::Refused`]: `already_participant`, `not_found` when there is
    /// no such user, `forbidden`, `direct_conversation`, `limit_reached`.
    pub async fn add(&self, identity: &str, attributes: Option<Value>) -> Result<Participant, Error> {
        let identity = check::identity(identity)?.to_owned();
        if let Some(attributes) = &attributes {
            check::attributes(attributes, limits::ATTRIBUTES_BYTES)?;
        }
        let conversation = self.sid();
        let params =
            ParticipantAddParams { client_id: ClientId(clock::id()), conversation, identity, attributes };
        let row = ask!(self.hub, ParticipantAdd(params))?.participant;
        Ok(self.hub.participant(&self.cell, &row))
    }

    /// Adds several users (1 to 50). Somebody named twice is added once. When one of them does not exist, or is in it already, nobody
    /// is added.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]; [`Error::NotFound`] for somebody who does not exist; [`Error::Refused`]: `already_participant`, `forbidden`, ….
    pub async fn add_participants(&self, identities: &[&str]) -> Result<Vec<Participant>, Error> {
        check::list("identities", identities, limits::USER_BATCH)?;
        let mut wanted: Vec<String> = Vec::new();
        for identity in identities {
            let identity = check::identity(identity)?;
            if !wanted.iter().any(|known| known.to_lowercase() == identity.to_lowercase()) {
                wanted.push(identity.to_owned());
            }
        }
        let params = UserGetParams { identities: wanted.clone(), users: Vec::new() };
        if ask!(self.hub, UserGet(params))?.users.len() < wanted.len() {
            return Err(Error::NotFound { what: "user" });
        }
        self.hub.roster(&self.cell).await?;
        if wanted.iter().any(|identity| lock(&self.cell.roster).by_identity(identity).is_some()) {
            return Err(Error::Refused(ErrorCode::AlreadyParticipant.into()));
        }
        let mut added = Vec::new();
        for identity in wanted {
            added.push(self.add(&identity, None).await?);
        }
        Ok(added)
    }

    /// Sets what several participants may do, whatever their roles say (1 to 50).
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]; [`Error::NotFound`] when one of them is not in it: then nothing changes; [`Error::Refused`].
    pub async fn edit_participants(&self, wishes: &[(&str, ParticipantFlags)]) -> Result<(), Error> {
        check::list("wishes", wishes, limits::USER_BATCH)?;
        let mut all = Vec::new();
        for (identity, flags) in wishes {
            all.push((self.participant_by_identity(identity).await?, *flags));
        }
        for (participant, flags) in all {
            participant.set_flags(flags).await?;
        }
        Ok(())
    }

    /// Those who take part by other means, as records for whoever connects the two systems (at most 50).
    ///
    /// # Errors
    /// [`Error::Refused`] when one is not in it.
    pub async fn non_chat_participants(&self) -> Result<Vec<NonChatParticipant>, Error> {
        let params = ConversationParams { conversation: self.sid() };
        Ok(ask!(self.hub, NonChatList(params))?.participants)
    }

    /// Adds somebody who takes part by other means: `sms`, `whatsapp`, `email`, or what a connector calls its own.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty kind or address; [`Error::Refused`]: `forbidden`, `already_participant`, `limit_reached`.
    pub async fn add_non_chat_participant(
        &self,
        kind: &str,
        proxy_address: Option<&str>,
        address: &str,
        attributes: Option<Value>,
    ) -> Result<NonChatParticipant, Error> {
        if let Some(attributes) = &attributes {
            check::attributes(attributes, limits::ATTRIBUTES_BYTES)?;
        }
        let proxy = proxy_address.map(|proxy| check::name("proxy_address", proxy, limits::IDENTITY_CHARS));
        let params = NonChatAddParams {
            client_id: ClientId(clock::id()),
            conversation: self.sid(),
            kind: check::name("kind", kind, limits::IDENTITY_CHARS)?.to_owned(),
            address: check::name("address", address, limits::IDENTITY_CHARS)?.to_owned(),
            proxy_address: proxy.transpose()?.map(str::to_owned),
            name: None,
            level: None,
            attributes,
        };
        Ok(ask!(self.hub, NonChatAdd(params))?.participant)
    }

    /// Replaces the attributes of somebody who takes part by other means.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] over 4 KiB; [`Error::Refused`].
    pub async fn update_non_chat_participant(
        &self,
        participant: ParticipantSid,
        attributes: Value,
    ) -> Result<NonChatParticipant, Error> {
        check::attributes(&attributes, limits::ATTRIBUTES_BYTES)?;
        let (client_id, conversation) = (ClientId(clock::id()), self.sid());
        let params = NonChatUpdateParams { client_id, conversation, participant, attributes };
        Ok(ask!(self.hub, NonChatUpdate(params))?.participant)
    }

    /// Removes somebody who takes part by other means.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub async fn remove_non_chat_participant(&self, participant: ParticipantSid) -> Result<(), Error> {
        let (client_id, conversation) = (ClientId(clock::id()), self.sid());
        ask!(self.hub, NonChatRemove(NonChatRemoveParams { client_id, conversation, participant }))?;
        Ok(())
    }

    /// Removes somebody, named by identity, by SID or by the participant.
    ///
    /// # Errors
    /// [`Error::Refused`]: `not_found`, `forbidden`, `direct_conversation`.
    pub async fn remove_participant(&self, who: impl Into<ParticipantRef>) -> Result<(), Error> {
        let (participant, identity) = match who.into() {
            ParticipantRef::Sid(sid) => (Some(sid), None),
            ParticipantRef::Identity(identity) => (None, Some(check::identity(&identity)?.to_owned())),
        };
        let (client_id, conversation) = (ClientId(clock::id()), self.sid());
        let params = ParticipantRemoveParams { client_id, conversation, participant, identity };
        ask!(self.hub, ParticipantRemove(params))?;
        Ok(())
    }

    /// Removes several participants (1 to 50). Somebody named twice is removed once. When one of them is not in it, nobody is removed.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]; [`Error::NotFound`]; [`Error::Refused`].
    pub async fn remove_participants(&self, identities: &[&str]) -> Result<(), Error> {
        check::list("identities", identities, limits::USER_BATCH)?;
        let mut all: Vec<Participant> = Vec::new();
        for identity in identities {
            let participant = self.participant_by_identity(identity).await?;
            if !all.contains(&participant) {
                all.push(participant);
            }
        }
        for participant in &all {
            self.remove_participant(participant).await?;
        }
        Ok(())
    }
}
