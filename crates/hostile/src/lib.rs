//! Everything that reads what others wrote, as targets that take bytes: whatever the bytes, nothing panics, nothing is believed
//! that should not be, and what was read is written again as it was.
//!
//! The targets stand here once. They are run on arbitrary bytes and on mutated examples of the protocol's document by the tests,
//! for as long as wanted by `confab-hostile`, and with a view of what they reach by the fuzzer in `fuzz/`. For tests only.

mod files;
mod machine;
mod mutate;
mod rows;
mod rules;
mod seeds;
mod texts;
mod wire;

pub use mutate::{Mutation, mutated};
pub use seeds::seeds;

/// Something that reads bytes, and what its inputs look like.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is also that of its fuzz target.
    pub name: &'static str,
    /// Reads the bytes. Panics when a promise is broken.
    pub run: fn(&[u8]),
    /// The longest input that can reach it, in bytes.
    pub longest: usize,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "request", run: wire::request, longest: confab_protocol::limits::FRAME_BYTES },
    Target { name: "server_frame", run: wire::server_frame, longest: confab_protocol::limits::ANSWER_BYTES },
    Target { name: "body", run: wire::body, longest: confab_protocol::limits::HTTP_BODY_BYTES },
    Target { name: "text", run: texts::text, longest: confab_protocol::link::LINK_BYTES },
    Target { name: "access_token", run: texts::access_token, longest: 16 * 1024 },
    Target { name: "refresh_token", run: texts::refresh_token, longest: 16 * 1024 },
    Target { name: "letter", run: texts::letter, longest: 4 * 1024 },
    Target {
        name: "stock_packet",
        run: wire::stock_packet,
        longest: 2 * confab_protocol::limits::FRAME_BYTES,
    },
    Target { name: "media_address", run: files::address, longest: 8 * 1024 },
    Target { name: "media_file", run: files::file, longest: 1024 * 1024 },
    Target { name: "row", run: rows::row, longest: 256 * 1024 },
    Target { name: "rules", run: rules::rules, longest: confab_protocol::limits::FRAME_BYTES },
    Target { name: "machine", run: machine::machine, longest: confab_protocol::limits::ANSWER_BYTES },
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Runs the target of a name.
///
/// # Panics
/// When there is none, and when it breaks a promise.
pub fn run(name: &str, bytes: &[u8]) {
    let target = target(name).expect("a target of this name");
    (target.run)(bytes);
}
