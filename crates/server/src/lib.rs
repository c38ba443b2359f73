//! The server of Confab, as a library that runs inside the app and as the program `confab-server`.
//!
//! The rules are in `confab-domain`; here are the sockets, the SQLite store behind the rules' traits, and the hub that tells
//! each session what concerns it. [`RunningServer`] is the door for a program that embeds it, [`invite`] the one for whoever
//! holds the data directory.

mod address;
mod backup;
mod chores;
mod clock;
mod config;
mod control;
#[cfg(feature = "measure")]
mod crowd;
mod data_dir;
mod error;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod guests;
mod http;
mod hub;
mod import;
mod limiter;
mod listener;
mod media;
mod node;
mod operator;
mod password;
mod running;
mod session;
#[cfg(feature = "simulation")]
pub mod simulation;
mod start;
mod stats;
mod store;
mod tail;
mod tls;
mod token;
mod twilio;

pub use backup::{BackupMade, Restored, backup, restore};
pub use config::{Bounds, MediaClock, MediaConfig, MediaPlace, MediaRules, ServerConfig};
#[cfg(feature = "measure")]
pub use crowd::{Crowd, crowd};
pub use error::ServerError;
pub use import::{ImportEnd, ImportError, ImportProgress, Imported, LeftBehind, import_twilio};
pub use operator::{
    ApiKeyListed, ApiKeyMade, Finding, Report, Totals, Verified, api_key_create, api_key_revoke, api_keys,
    dead_letters, invite, replay_dead_letters, verify,
};
pub use running::RunningServer;
pub use stats::Stats;
#[cfg(feature = "measure")]
pub use store::large::{LargeTimes, large_times};
#[cfg(feature = "measure")]
pub use store::measure::{CallTimes, call_times};
pub use twilio::webhook::DeadLetter;
