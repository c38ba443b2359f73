//! The client state machine of Confab. Sans-I/O: no clock, no socket, no await, no randomness of its own.

mod attached;
mod book;
mod clock;
pub mod command;
pub mod cx;
mod drafts;
pub mod effect;
pub mod event;
mod held;
pub mod key;
pub mod kind;
mod link;
mod machine;
pub mod news;
mod notes;
mod outbox;
mod people;
mod requests;
mod roles;
mod roster;
mod settings;
mod shown;
pub mod stored;
#[cfg(test)]
mod testing;
mod timeline;
mod typing;
mod unread;
pub mod view;
mod waiting;

pub use cx::Cx;
pub use effect::{Effect, Timer};
pub use event::{AccessToken, Event};
pub use held::Held;
pub use key::Key;
pub use machine::Machine;
pub use news::{News, Post};
