//! A simulation of Confab: the real client state machine and the real rules of the server, joined by a network, disks
//! and a clock that exist only in memory and follow a seed. Clients crash between any two effects, the server around any
//! commit, connections break anywhere. The same seed gives the same run, to the byte.
//!
//! For tests alone, so that it may panic.

mod check;
mod client;
mod disk;
mod screen;
mod script;
mod server;
mod world;

pub use world::{Plan, Report, Violation, run};
