//! The fold, the fan-out and what is dropped.
