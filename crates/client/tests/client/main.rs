//! The client against scripted servers that misbehave, and against the real one.

#![expect(clippy::unwrap_used, reason = "what a test sets up either works or the test fails")]

mod chatting;
mod desk;
mod devices;
mod entering;
mod files;
#[cfg(target_os = "linux")]
mod network;
mod pictures;
mod removing;
mod restored;
mod scripted;
mod starting;
mod tokens;
mod world;
