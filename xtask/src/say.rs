//! The one place where the tasks speak to the person in front of the terminal.

/// Says one line.
#[expect(clippy::print_stdout, reason = "speaking to the terminal is what the tasks are for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Says what begins now.
pub(crate) fn step(what: &str) {
    say(&format!("\n== {what}"));
}

/// Says why nothing came of it.
#[expect(clippy::print_stderr, reason = "speaking to the terminal is what the tasks are for")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}
