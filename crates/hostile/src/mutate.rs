//! Small damages to what was whole.

/// What is done at a place, which is taken modulo the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// The byte there becomes another one.
    Set(usize, u8),
    /// So many bytes from there are gone.
    Cut(usize, usize),
    /// So many bytes from there come once more.
    Repeat(usize, usize),
    /// A word of [`WORDS`] comes in between.
    Insert(usize, usize),
    /// The number there, if one is, becomes a word of [`WORDS`].
    Replace(usize, usize),
    /// Everything from there comes from another example.
    Splice(usize, usize),
}

/// What numbers, strings and brackets can be at their worst.
pub(crate) const WORDS: &[&str] = &[
    "0",
    "-1",
    "1e400",
    "18446744073709551615",
    "9007199254740993",
    "4294967296",
    "0.5",
    "null",
    "true",
    "\"\"",
    "{}",
    "[]",
    "[[[[[[[[",
    "{\"a\":",
    "\\ud800",
    "\\u0000",
    "\u{feff}",
    "\u{202e}",
    "%00",
    "..",
    "\n",
    ",",
    "\"",
    "9223372036854775807",
    "9223372036854775808",
];

/// `seeds[at]` with everything done to it, in order, and no longer than `longest`.
#[must_use]
pub fn mutated(seeds: &[Vec<u8>], at: usize, mutations: &[Mutation], longest: usize) -> Vec<u8> {
    let Some(seed) = seeds.get(at % seeds.len().max(1)) else { return Vec::new() };
    let mut bytes = seed.clone();
    for mutation in mutations {
        apply(&mut bytes, *mutation, seeds);
        bytes.truncate(longest);
    }
    bytes
}

fn apply(bytes: &mut Vec<u8>, mutation: Mutation, seeds: &[Vec<u8>]) {
    let place = |at: usize| at % (bytes.len() + 1);
    let word = |which: usize| WORDS[which % WORDS.len()].bytes();
    match mutation {
        Mutation::Set(at, byte) => {
            let at = place(at);
            if let Some(there) = bytes.get_mut(at) {
                *there = byte;
            }
        }
        Mutation::Cut(at, length) => {
            let from = place(at);
            let to = bytes.len().min(from + length % 64);
            bytes.drain(from..to);
        }
        Mutation::Repeat(at, length) => {
            let from = place(at);
            let piece = bytes[from..bytes.len().min(from + length % 256)].to_vec();
            bytes.splice(from..from, piece);
        }
        Mutation::Insert(at, which) => {
            let at = place(at);
            bytes.splice(at..at, word(which));
        }
        Mutation::Replace(at, which) => {
            let from = place(at);
            let from =
                bytes[from..].iter().position(u8::is_ascii_digit).map_or(bytes.len(), |ahead| from + ahead);
            let length = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            bytes.splice(from..from + length, word(which));
        }
        Mutation::Splice(at, other) => {
            let from = place(at);
            let other = &seeds[other % seeds.len()];
            bytes.truncate(from);
            bytes.extend_from_slice(&other[from.min(other.len())..]);
        }
    }
}
