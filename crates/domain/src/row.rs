//! What a store keeps: one plain struct per table. Every table is keyed by the workspace of its transaction besides.

mod account;
mod audit;
mod contact;
mod conversation;
mod media;
mod message;
mod own_state;
mod receipt;
mod role;
mod roster;

pub use account::{
    DeviceRow, InviteRow, PushRow, RedemptionRow, SigningAlgorithm, SigningKeyRow, UserRow, WorkspaceRow,
};
pub use audit::{AuditAction, AuditRow};
pub use contact::NonChatRow;
pub use conversation::{ConversationRow, EventKind, EventRow, HeadRow, TimersRow};
pub use media::{MediaRow, MediaState, MediaUsage};
pub use message::{CounterRow, MentionRow, MessageRow, OutcomeRow, Seen};
pub use own_state::{DraftRow, SettingCount, SettingRow};
pub use receipt::ReceiptRow;
pub use role::RoleRow;
pub use roster::{IntervalRow, MembershipRow, ParticipantRow, owns};

/// SHA-256.
pub type Hash = [u8; 32];

/// Free JSON of the application, as text that was checked when it came in.
pub type Json = String;
