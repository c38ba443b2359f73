//! The SDK against a real server. The documentation of each test names the members of the two systems that it covers.

#![expect(clippy::unwrap_used, reason = "what a test sets up either works or the test fails")]

mod coming;
mod conversations;
mod examples;
mod joining;
mod media;
mod messages;
mod paging;
mod participants;
mod reading;
mod reasons;
mod replaying;
mod sending;
mod typing;
mod users;
mod world;
