//! The client of Confab as a library.

pub mod account;
pub mod address;
mod clock;
mod connection;
pub mod events;
pub mod fingerprint;
mod net;
pub mod problem;
mod sign_in;
mod store;
pub mod tokens;

pub use account::Account;
pub use sign_in::{SignedIn, join, sign_in};
pub use tokens::{TokenStore, TokenStoreError};
