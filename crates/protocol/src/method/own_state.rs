//! What one is writing, and how one wants it: state of the person, the same on all their devices.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ClientId, ConversationSid};
use crate::model::{Draft, Setting};

/// Parameters of `draft.set`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftSetParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The text; empty removes the draft.
    pub body: String,
    /// Version of the draft that the wish is based on: emptying one that changed since changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_on: Option<u64>,
}

impl std::fmt::Debug for DraftSetParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftSetParams")
            .field("client_id", &self.client_id)
            .field("conversation", &self.conversation)
            .field("based_on", &self.based_on)
            .finish_non_exhaustive()
    }
}

/// Result of `draft.set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftResult {
    /// The draft as it stands. Version 0: there never was one.
    pub draft: Draft,
}

/// Parameters of `setting.set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingSetParams {
    /// Applied once.
    pub client_id: ClientId,
    /// Its name: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`.
    pub key: String,
    /// Free JSON (≤ 4 KiB); null forgets it.
    #[serde(default)]
    pub value: Value,
}

/// Result of `setting.set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingResult {
    /// The setting as it stands. Version 0: there never was one.
    pub setting: Setting,
}
