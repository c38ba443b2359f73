//! The desktop shell of Confab: the window, the desktop around it, and what runs behind it. Thin: rules are elsewhere.

mod ahead;
pub mod bridge;
mod cli;
mod commands;
mod data_dir;
mod desktop;
mod files;
mod host;
mod incoming;
mod instance;
mod locale;
mod logging;
mod notifications;
mod outlet;
mod problem;
mod run;
mod saves;
mod scheme;
mod session;
mod settings;
mod shell;
mod started;
mod tokens;
#[cfg(target_os = "linux")]
mod waking;
mod window;

pub use ahead::{Place, sign_in_ahead};
pub use cli::Cli;
pub use run::run;
