//! The wire of Confab: identifiers, frames, methods, events, errors and limits. No I/O.
//!
//! `docs/protocol.md` is the same contract in prose; a test holds the two together.

pub mod derived;
pub mod error;
pub mod event;
pub mod frame;
pub mod http;
pub mod id;
pub mod limits;
pub mod link;
pub mod method;
pub mod model;
pub mod period;
pub mod permission;
pub mod version;

pub use error::{ErrorCode, WireError};
pub use event::{Change, LogEvent, Push};
pub use frame::{DecodeError, Request, Response, ServerFrame};
pub use id::{
    ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
pub use link::{Link, LinkError, LinkKind};
pub use method::{Answer, Call};
pub use version::{Capability, VersionRange};
