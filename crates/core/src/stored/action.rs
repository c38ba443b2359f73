//! What the outbox does: mutations, each without its `client_id`.

use std::fmt;

use confab_protocol::method::{HorizonMode, MessageRef};
use confab_protocol::model::{NotificationLevel, ParticipantFlags, Role, UserStatus};
use confab_protocol::{ClientId, DeviceSid, InviteSid, RoleSid};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::StagedFile;
use crate::key::Key;
use crate::kind::{ConversationChange, ConversationOptions};

/// What stands on a message besides its text and its files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

impl Envelope {
    /// Nothing stands on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A mutation without its `client_id`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Make a conversation; its key is the entry's id.
    Create {
        /// Friendly name.
        name: String,
        /// Unique name.
        unique_name: Option<String>,
        /// Of what kind it is.
        #[serde(default)]
        options: ConversationOptions,
        /// The identity of the one other whose conversation with oneself it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direct_with: Option<String>,
    },
    /// Change something of a conversation.
    Configure {
        /// Where.
        place: Key,
        /// What.
        change: ConversationChange,
    },
    /// Delete a conversation for everyone.
    Delete {
        /// Which.
        place: Key,
    },
    /// Change a friendly name.
    Rename {
        /// Where.
        place: Key,
        /// The name.
        name: String,
    },
    /// Set one's own notification level.
    SetLevel {
        /// Where.
        place: Key,
        /// The level.
        level: NotificationLevel,
    },
    /// Add a participant.
    AddParticipant {
        /// Where.
        place: Key,
        /// Whom.
        identity: String,
    },
    /// Remove a participant.
    RemoveParticipant {
        /// Where.
        place: Key,
        /// Whom.
        identity: String,
    },
    /// Post a message.
    Send {
        /// Where.
        place: Key,
        /// The text.
        body: String,
        /// Its files, which are uploaded before it is sent.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<StagedFile>,
        /// What stands on it besides text and files.
        #[serde(default, skip_serializing_if = "Envelope::is_empty")]
        envelope: Envelope,
        /// The entry before it, when that one had no answer at the first transmission. Part of what may not change.
        #[serde(default)]
        after: Option<ClientId>,
    },
    /// Change a message.
    Edit {
        /// Where.
        place: Key,
        /// Which.
        message: MessageRef,
        /// The id under which it was posted: the key of its row.
        row: ClientId,
        /// The new text.
        body: String,
    },
    /// Remove a message.
    Remove {
        /// Where.
        place: Key,
        /// Which.
        message: MessageRef,
        /// The id under which it was posted: the key of its row.
        row: ClientId,
    },
    /// Move one's own horizon.
    Horizon {
        /// Where.
        place: Key,
        /// To this index.
        index: Option<u64>,
        /// Forward only, or anywhere.
        mode: HorizonMode,
        /// Version of the own row that the wish is based on.
        based_on: u64,
    },
    /// Change one's own friendly name.
    SetFriendlyName {
        /// The name.
        name: String,
    },
    /// Set what one is writing.
    SetDraft {
        /// Where.
        place: Key,
        /// The text; empty: none.
        body: String,
        /// Version of the draft that it grew from.
        #[serde(default)]
        based_on: Option<u64>,
    },
    /// Set or forget a setting.
    SetSetting {
        /// Its name.
        key: String,
        /// Free JSON; null forgets it.
        #[serde(default)]
        value: Value,
    },
    /// Change a participant's role.
    SetRole {
        /// Where.
        place: Key,
        /// Whose.
        identity: String,
        /// The role.
        role: Role,
    },
    /// Give a participant a role that somebody made.
    GiveRole {
        /// Where.
        place: Key,
        /// Whose.
        identity: String,
        /// The role.
        role: RoleSid,
    },
    /// Say by flags what a participant may do.
    SetFlags {
        /// Where.
        place: Key,
        /// Whose.
        identity: String,
        /// The flags.
        flags: ParticipantFlags,
    },
    /// Say whether one is there.
    SetStatus {
        /// None says nothing any more.
        status: Option<UserStatus>,
    },
    /// Sign one of one's own devices out.
    RevokeDevice {
        /// Which.
        device: DeviceSid,
    },
    /// End an invite.
    RevokeInvite {
        /// Which.
        invite: InviteSid,
    },
}

/// The place of an action, borrowed as the action is.
macro_rules! place {
    ($action:expr) => {
        match $action {
            Self::Create { .. }
            | Self::SetFriendlyName { .. }
            | Self::SetStatus { .. }
            | Self::SetSetting { .. }
            | Self::RevokeInvite { .. }
            | Self::RevokeDevice { .. } => None,
            Self::Rename { place, .. }
            | Self::Configure { place, .. }
            | Self::Delete { place }
            | Self::SetLevel { place, .. }
            | Self::AddParticipant { place, .. }
            | Self::RemoveParticipant { place, .. }
            | Self::Send { place, .. }
            | Self::Edit { place, .. }
            | Self::Remove { place, .. }
            | Self::Horizon { place, .. }
            | Self::SetDraft { place, .. }
            | Self::SetRole { place, .. }
            | Self::GiveRole { place, .. }
            | Self::SetFlags { place, .. } => Some(place),
        }
    };
}

impl Action {
    /// The files that are uploaded before it is sent.
    #[must_use]
    pub fn files(&self) -> &[StagedFile] {
        match self {
            Self::Send { files, .. } => files,
            _ => &[],
        }
    }

    /// The conversation that it concerns, unless it makes one or concerns none.
    #[must_use]
    pub fn place(&self) -> Option<Key> {
        place!(self).copied()
    }

    /// The same for changing it.
    pub(crate) fn place_mut(&mut self) -> Option<&mut Key> {
        place!(self)
    }

    /// What it is about, in words of the person: the new name, the person, the text, the field; empty when there is none.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Create { direct_with: Some(identity), .. } => identity,
            Self::Create { name, .. } | Self::Rename { name, .. } | Self::SetFriendlyName { name } => name,
            Self::Configure { change, .. } => change.field(),
            Self::AddParticipant { identity, .. }
            | Self::RemoveParticipant { identity, .. }
            | Self::SetRole { identity, .. }
            | Self::GiveRole { identity, .. }
            | Self::SetFlags { identity, .. } => identity,
            Self::Send { body, .. } | Self::Edit { body, .. } => body,
            _ => "",
        }
    }

    /// Its name, for logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { direct_with: Some(_), .. } => "create_direct",
            Self::Create { .. } => "create",
            Self::Configure { .. } => "configure",
            Self::Delete { .. } => "delete_conversation",
            Self::Rename { .. } => "rename",
            Self::SetLevel { .. } => "set_level",
            Self::AddParticipant { .. } => "add_participant",
            Self::RemoveParticipant { .. } => "remove_participant",
            Self::Send { .. } => "send",
            Self::Edit { .. } => "edit",
            Self::Remove { .. } => "remove",
            Self::Horizon { .. } => "horizon",
            Self::SetFriendlyName { .. } => "set_friendly_name",
            Self::SetDraft { .. } => "set_draft",
            Self::SetSetting { .. } => "set_setting",
            Self::SetRole { .. } => "set_role",
            Self::GiveRole { .. } => "give_role",
            Self::SetFlags { .. } => "set_flags",
            Self::SetStatus { .. } => "set_status",
            Self::RevokeDevice { .. } => "revoke_device",
            Self::RevokeInvite { .. } => "revoke_invite",
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name()).field("place", &self.place()).finish_non_exhaustive()
    }
}
