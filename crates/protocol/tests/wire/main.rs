//! The wire held still: a snapshot of every frame, what the next level may send, and the documentation's examples.

mod documentation;
mod hostile;
mod next_level;
mod samples;
mod snapshots;
