//! Roles, and flags of participants.

use serde::{Deserialize, Serialize};

use crate::id::RoleSid;

/// The kind of place that a role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RoleType {
    /// Of a participant, in one conversation.
    Conversation,
    /// Of a user, in the workspace (Twilio's "service").
    Workspace,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A role: a name for a set of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NamedRole {
    /// Its identifier. Those of the built-in ones are the same in every workspace.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub sid: RoleSid,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: RoleType,
    /// The name that people see.
    pub friendly_name: String,
    /// Names of the permissions, in the order of their list.
    pub permissions: Vec<String>,
    /// It cannot be changed or deleted.
    #[serde(default)]
    pub built_in: bool,
}

/// Voximplant's seven flags of a participant. Where they are set, they decide what they stand for instead of the role.
#[expect(clippy::struct_excessive_bools, reason = "they are seven flags")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ParticipantFlags {
    /// Post messages.
    #[serde(default)]
    pub can_write: bool,
    /// Change one's own messages.
    #[serde(default)]
    pub can_edit: bool,
    /// Change messages of others.
    #[serde(default)]
    pub can_edit_all: bool,
    /// Remove one's own messages.
    #[serde(default)]
    pub can_remove: bool,
    /// Remove messages of others.
    #[serde(default)]
    pub can_remove_all: bool,
    /// Add and remove participants, and say what they may do.
    #[serde(default)]
    pub can_manage_participants: bool,
    /// Change and delete the conversation.
    #[serde(default)]
    pub owner: bool,
}

impl ParticipantFlags {
    /// As one number, the first flag the lowest bit.
    #[must_use]
    pub fn to_bits(self) -> u8 {
        let flags = self.all();
        flags.iter().rev().fold(0, |bits, flag| bits << 1 | u8::from(*flag))
    }

    /// The flags of a number.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        let [can_write, can_edit, can_edit_all, can_remove, can_remove_all, can_manage_participants, owner] =
            std::array::from_fn(|place| bits >> place & 1 == 1);
        Self { can_write, can_edit, can_edit_all, can_remove, can_remove_all, can_manage_participants, owner }
    }

    fn all(self) -> [bool; 7] {
        let Self {
            can_write,
            can_edit,
            can_edit_all,
            can_remove,
            can_remove_all,
            can_manage_participants,
            owner,
        } = self;
        [can_write, can_edit, can_edit_all, can_remove, can_remove_all, can_manage_participants, owner]
    }
}
