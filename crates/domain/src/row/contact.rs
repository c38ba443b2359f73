//! Participants who are no users of the workspace.

use confab_protocol::{ConversationSid, ParticipantSid, Timestamp};

use super::Json;

/// A record of somebody who takes part by other means. Keyed by conversation and `sid`. When it was removed only its
/// identifiers, its means and its version stay, so that whoever heard of it hears that it is gone.
#[derive(Clone, PartialEq, Eq)]
pub struct NonChatRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Its identifier.
    pub sid: ParticipantSid,
    /// By what means.
    pub kind: String,
    /// Their address there.
    pub address: String,
    /// The address of ours that they write to.
    pub proxy_address: Option<String>,
    /// What they are called there.
    pub name: Option<String>,
    /// How they take part there.
    pub level: Option<String>,
    /// Free JSON.
    pub attributes: Json,
    /// When it was added.
    pub date_created: Timestamp,
    /// When it last changed.
    pub date_updated: Timestamp,
    /// Version of the roster with its last change.
    pub version: u64,
    /// It is gone.
    pub removed: bool,
}

impl NonChatRow {
    /// Takes everything away that was said of them.
    pub(crate) fn empty(&mut self) {
        self.address = String::new();
        (self.proxy_address, self.name, self.level) = (None, None, None);
        self.attributes = "{}".to_owned();
        self.removed = true;
    }
}

impl std::fmt::Debug for NonChatRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NonChatRow")
            .field("conversation", &self.conversation)
            .field("sid", &self.sid)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
