//! The wire held still: a snapshot of every frame, what the next level may send, and the documentation's examples.
#![expect(clippy::unwrap_used, reason = "a test says by a panic that something is not as it should be")]

mod documentation;
mod hostile;
mod next_level;
mod samples;
mod snapshots;
