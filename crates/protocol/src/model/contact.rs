//! People of a conversation who are no users of the workspace.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ParticipantSid, Timestamp};

/// Somebody who takes part by other means than this workspace: a record for whoever connects the two.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NonChatParticipant {
    /// Its identifier.
    pub sid: ParticipantSid,
    /// By what means: `sms`, `whatsapp`, `email`, or what a connector calls its own.
    #[serde(rename = "type")]
    pub kind: String,
    /// Their address there.
    pub address: String,
    /// The address of ours that they write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_address: Option<String>,
    /// What they are called there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How they take part there, as `to` or `cc` of e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Free JSON of the application.
    #[serde(default = "super::empty_object")]
    pub attributes: Value,
    /// When it was added.
    pub date_created: Timestamp,
    /// When it last changed.
    pub date_updated: Timestamp,
}

impl std::fmt::Debug for NonChatParticipant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NonChatParticipant")
            .field("sid", &self.sid)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
