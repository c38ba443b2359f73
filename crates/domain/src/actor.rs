//! Who acts, and where new identifiers come from.

use confab_protocol::model::Role;
use confab_protocol::{DeviceSid, UserSid, WorkspaceSid};
use uuid::Uuid;

/// Someone who is signed in. Made by `account::authenticate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The workspace.
    pub workspace: WorkspaceSid,
    /// The user.
    pub user: UserSid,
    /// The user's identity as typed.
    pub identity: String,
    /// Role in the workspace when the actor was made; rules read it anew from the user's row.
    pub role: Role,
    /// The device; none when the server itself acts for the user.
    pub device: Option<DeviceSid>,
}

/// Where secrets come from, and identifiers of what no mutation makes: devices, keys. What a mutation makes is named after
/// the mutation.
pub trait Ids {
    /// A new UUIDv7. Later ones are greater.
    fn uuid(&mut self) -> Uuid;
    /// 128 bits that nobody can guess.
    fn secret(&mut self) -> [u8; 16];
}
