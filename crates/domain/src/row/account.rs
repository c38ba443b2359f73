//! Workspace, keys, users, devices and invites.

use confab_protocol::model::{PushEvent, Role, UserStatus};
use confab_protocol::{ClientId, DeviceSid, Epoch, InviteSid, RoleSid, Timestamp, UserSid, WorkspaceSid};
use uuid::Uuid;

use super::{Hash, Json};

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceRow {
    /// Its identifier; equal to the scope of the transaction.
    pub sid: WorkspaceSid,
    /// Random; another one voids every version and cursor.
    pub epoch: Epoch,
    /// The name that people see.
    pub name: String,
    /// Number of mutations applied so far: the cursor of `resume`. Written by `Tx::next_commit` alone.
    pub commit: u64,
    /// The user who owns it; none until the first one has joined.
    pub owner: Option<UserSid>,
    /// Participants that one conversation may have.
    pub participants_limit: u64,
    /// Version of the roles that people made: it grows with each that is made, changed or deleted.
    pub roles_version: u64,
    /// When it was made.
    pub date_created: Timestamp,
}

/// How access tokens are signed with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
}

/// A key that signs access tokens. The newest one signs, all of them verify.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// Its identifier: `kid` in the header of a token.
    pub kid: Uuid,
    /// The only algorithm accepted with this key.
    pub algorithm: SigningAlgorithm,
    /// The secret.
    pub secret: Vec<u8>,
    /// When it was made.
    pub date_created: Timestamp,
}

impl std::fmt::Debug for SigningKeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeyRow").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A user. Deactivated, never deleted. Unique by `identity_key`.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its identifier.
    pub sid: UserSid,
    /// The identity as typed.
    pub identity: String,
    /// The identity in the form that is unique: see [`crate::name::identity_key`].
    pub identity_key: String,
    /// The name that people see.
    pub friendly_name: String,
    /// Free JSON.
    pub attributes: Json,
    /// Role in the workspace.
    pub role: Role,
    /// A role that somebody made, in place of it.
    pub custom_role: Option<RoleSid>,
    /// Password hash in PHC form; none until one is set.
    pub password_hash: Option<String>,
    /// Version of the profile.
    pub version: u64,
    /// Version of the newest of the user's own rows.
    pub state_version: u64,
    /// How many conversations the user is in.
    pub joined_count: u64,
    /// What the user says of being there.
    pub status: Option<UserStatus>,
    /// Push notifications reach a device of theirs.
    pub notifiable: bool,
    /// May not sign in any more.
    pub deactivated: bool,
    /// Commit of the last move of `state_version` or of the profile, or of the deactivation.
    pub moved: u64,
    /// When it was made.
    pub date_created: Timestamp,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRow")
            .field("sid", &self.sid)
            .field("identity", &self.identity)
            .field("role", &self.role)
            .field("version", &self.version)
            .field("state_version", &self.state_version)
            .finish_non_exhaustive()
    }
}

/// One sign-in on one computer. Unique by `family_hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its identifier.
    pub sid: DeviceSid,
    /// Whose it is.
    pub user: UserSid,
    /// What the computer calls itself.
    pub name: String,
    /// Hash of the part that all refresh tokens of this device have in common.
    pub family_hash: Hash,
    /// Hash of the newest refresh token.
    pub refresh_hash: Hash,
    /// Hash of the one before: good until the newest is first used.
    pub previous_hash: Option<Hash>,
    /// Number of the newest refresh token; 0 for those from before they had numbers.
    pub generation: u64,
    /// When it signed in.
    pub date_created: Timestamp,
    /// When it last renewed its tokens.
    pub last_seen: Timestamp,
    /// When it was signed out; none while it is good.
    pub revoked_at: Option<Timestamp>,
    /// Commit at which it was signed out; 0 while it is good.
    pub moved: u64,
    /// Where push notifications for it go; none once it is signed out.
    pub push: Option<PushRow>,
}

/// Where push notifications for a device go. Unique by kind and token.
#[derive(Clone, PartialEq, Eq)]
pub struct PushRow {
    /// What carries them.
    pub kind: String,
    /// By what the carrier knows the device.
    pub token: String,
    /// Of what, in the order of the protocol, each once.
    pub events: Vec<PushEvent>,
}

impl std::fmt::Debug for PushRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushRow").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DeviceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceRow")
            .field("sid", &self.sid)
            .field("user", &self.user)
            .field("last_seen", &self.last_seen)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

/// An invite. Unique by `secret_hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// Its identifier.
    pub sid: InviteSid,
    /// Hash of the secret; the secret itself is kept nowhere.
    pub secret_hash: Hash,
    /// Who made it; none when the operator of the server did.
    pub created_by: Option<UserSid>,
    /// When it was made.
    pub date_created: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How often it may be used.
    pub max_uses: u32,
    /// How often it was used.
    pub uses: u32,
    /// When it was ended; none while it is good.
    pub revoked_at: Option<Timestamp>,
}

impl std::fmt::Debug for InviteRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InviteRow")
            .field("sid", &self.sid)
            .field("expires_at", &self.expires_at)
            .field("max_uses", &self.max_uses)
            .field("uses", &self.uses)
            .finish_non_exhaustive()
    }
}

/// One use of an invite. Unique by invite and `client_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionRow {
    /// The invite.
    pub invite: InviteSid,
    /// The id under which it was used.
    pub client_id: ClientId,
    /// The user it made.
    pub user: UserSid,
    /// When.
    pub at: Timestamp,
}
