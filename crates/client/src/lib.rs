//! The client of Confab as a library: signing in, a connection that recovers by itself, a cache that paints before the
//! network is there, an outbox that survives whatever happens.
//!
//! **To write a program, begin with [`sdk`]**: conversations, messages and people as values with methods, and events with types. What stands
//! beside it here is what a window is made of.
//!
//! [`join`] or [`sign_in`] give an [`Account`] to keep and a grant to begin with; [`Client::start`] runs it. What there is
//! to see comes as [`ClientEvent`]s, what a person wants goes in as
//! [`Command`](confab_core::command::Command)s. All rules are in `confab-core`; this crate brings the sockets, the
//! databases, the clock and the keyring's door.

mod account;
mod actor;
pub mod address;
mod client;
mod clock;
mod connection;
mod events;
pub mod fingerprint;
mod leave;
mod media;
mod net;
mod network;
pub mod problem;
pub mod sdk;
mod sign_in;
mod store;
mod timers;
mod tokens;

pub use account::Account;
pub use client::{Client, ClientConfig, ClientError};
pub use events::{ClientEvent, ClientEvents};
pub use media::{Download, Existing, MediaOf, NewFile, Picture, PictureSize, Stretch, Thumbnail, Upload};
pub use sign_in::{SignedIn, join, refresh, sign_in};
pub use tokens::{TokenStore, TokenStoreError};
