//! What the whole-system tests play on: a display, a bus, a keyring, servers and windows, all real and all their own.
//!
//! A test is a play on a [`stage`](stage::play): everything it starts is started by it alone and ends with it, and
//! what it waits for is a condition with a deadline, never a length of time.

pub mod process;
pub mod programs;
pub mod sample;
pub mod server;
pub mod stock;
pub mod wait;
pub mod wire;

#[cfg(target_os = "linux")]
pub mod app;
#[cfg(target_os = "linux")]
pub mod bus;
#[cfg(target_os = "linux")]
pub mod display;
#[cfg(target_os = "linux")]
pub mod driver;
#[cfg(target_os = "linux")]
pub mod keyring;
#[cfg(target_os = "linux")]
pub mod notifications;
#[cfg(target_os = "linux")]
pub mod scenes;
#[cfg(target_os = "linux")]
pub mod seen;
#[cfg(target_os = "linux")]
pub mod small_disk;
#[cfg(target_os = "linux")]
pub mod stage;
#[cfg(target_os = "linux")]
pub mod window;
