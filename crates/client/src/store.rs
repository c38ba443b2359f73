//! The two databases.

mod file;
