//! The rules of Confab's server: who may do what, and what it changes. Synchronous and without I/O: time and ids come in
//! as arguments, rows come from a [`Tx`], so that any run can be replayed and crashed between any two commits.
//!
//! [`apply`] takes the mutations of the wire inside a writing transaction, [`answer`] the reads inside a reading one.
//! What has no actor yet (making a workspace, joining, signing in, refreshing) is in [`account`].

pub mod account;
pub mod contact;
pub mod erasure;
pub mod gateway;
pub mod group;
pub mod media;
pub mod name;
pub mod permission;
pub mod retention;
pub mod row;
pub mod scan;
pub mod store;
pub mod tail;
pub mod timers;
pub mod unread;
pub mod verify;
pub mod visible;

mod actor;
mod apply;
mod broken;
mod check;
mod command;
mod cx;
mod derived;
mod log;
mod outcome;
mod query;
mod receipts;
mod view;
mod warrant;

pub use actor::{Actor, Ids};
pub use apply::{answer, apply, client_id, is_mutation};
pub use confab_protocol::permission::BUILT_IN_ROLES;
pub use outcome::{DomainError, DomainResult, Event, NonChatChange, Outcome};
pub use scan::Scan;
pub use store::{Read, StoreError, StoreResult, Tx};
pub use verify::verify;
pub use warrant::{Warrant, apply_with};
