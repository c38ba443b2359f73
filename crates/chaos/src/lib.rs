//! Breaks real processes: the real server and real clients, several devices per person, on one computer.
//!
//! For a given time people do whatever can be done, from a seed, while processes are killed and paused and connections are cut,
//! stalled, slowed and halved. Then the faults end, and by waiting for conditions it is compared what the server's database and its
//! directory of files hold, what each client shows and keeps, and what each outbox had promised. For development only.

#![cfg(target_os = "linux")]

mod acts;
mod check;
mod device;
mod faults;
mod files;
mod kinds;
pub mod leash;
mod ledger;
mod notes;
mod outbox;
mod picture;
mod program;
mod proxy;
mod remains;
mod run;
pub mod seat;
mod secrets;
mod server;
mod tally;
mod truth;
mod words;

pub use run::{Plan, fresh_seed, run};
pub use tally::Tally;
