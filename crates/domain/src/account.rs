//! Everything that happens before there is an actor: making a workspace, joining, signing in, refreshing tokens.
//!
//! Passwords are hashed and verified by the server outside any transaction, because that is slow on purpose; only hashes
//! come in here. Each function that writes is one item of a transaction, like a mutation: an error means that it is to be
//! rolled back.

mod admit;
mod deactivate;
pub(crate) mod device;
mod invite;
mod join;
mod password;
mod refresh;
mod refresh_token;
mod registration;
mod secret;
mod session;
mod sign_in;
mod system;
mod workspace;

use confab_protocol::model::Invite;
use confab_protocol::{ClientId, DeviceSid};

use crate::Event;

pub use admit::admit;
pub use deactivate::{deactivate, reactivate};
pub use invite::mint_invite;
pub use join::join;
pub use password::{check_password, set_password};
pub use refresh::refresh;
pub use registration::{register_push, unregister_push};
pub use session::{authenticate, find, may_type};
pub use sign_in::sign_in;
pub use system::{SYSTEM, system_user};
pub use workspace::{add_signing_key, create_owner, create_workspace, owner_device, renew_epoch};

use crate::row::UserRow;
pub(crate) use invite::{invite_terms, mint};
pub(crate) use secret::{hash, secret_text};

/// What a device that has just signed in gets. The access token is made by the server.
#[derive(Clone, PartialEq)]
pub struct Grant {
    /// Who signed in.
    pub user: UserRow,
    /// The device.
    pub device: DeviceSid,
    /// The refresh token; kept nowhere but with the device.
    pub refresh_token: String,
    /// What to tell others once this is committed.
    pub events: Vec<Event>,
}

/// What came of a refresh. Both are to be committed: a denial signs the device out.
#[derive(Debug, Clone, PartialEq)]
pub enum Refreshed {
    /// The token was good.
    Granted(Box<Grant>),
    /// The token was not: the answer is `denied`.
    Denied {
        /// What to tell once this is committed.
        events: Vec<Event>,
    },
}

/// What is known of the password that came with a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Password<'a> {
    /// Nobody had this name: the hash to keep for it.
    New(&'a str),
    /// Somebody has this name, and the password is theirs: their hash, against which it was verified.
    Verified(&'a str),
    /// Somebody has this name, and the password is not theirs.
    Wrong,
}

/// Redeems an invite.
#[derive(Clone, Copy)]
pub struct Join<'a> {
    /// Applied once.
    pub client_id: ClientId,
    /// The invite's secret.
    pub secret: &'a str,
    /// The name.
    pub identity: &'a str,
    /// What is known of the password.
    pub password: Password<'a>,
    /// What the computer calls itself.
    pub device_name: &'a str,
}

/// Signs in on another computer.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    /// Applied once.
    pub client_id: ClientId,
    /// The name.
    pub identity: &'a str,
    /// The hash against which the password was verified.
    pub verified: &'a str,
    /// What the computer calls itself.
    pub device_name: &'a str,
}

/// An invite together with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Minted {
    /// The invite.
    pub invite: Invite,
    /// The secret, as it stands in a link.
    pub secret: String,
}

macro_rules! redacted {
    ($($name:ty),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
redacted!(Grant, Minted, Join<'_>, SignIn<'_>, Password<'_>);
