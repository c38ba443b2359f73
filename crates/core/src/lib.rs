//! The client state machine of Confab. Sans-I/O: no clock, no socket, no await, no randomness of its own.

pub mod command;
pub mod view;
