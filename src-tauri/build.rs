//! Prepares the build of the desktop app.

fn main() {}
