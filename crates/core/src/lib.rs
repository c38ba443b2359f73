//! The client state machine of Confab. Sans-I/O: no clock, no socket, no await, no randomness of its own.

pub mod command;
pub mod cx;
pub mod effect;
pub mod event;
pub mod key;
pub mod stored;
pub mod view;

pub use cx::Cx;
pub use effect::{Effect, Timer};
pub use event::{AccessToken, Event};
pub use key::Key;
