//! What the memory that reading takes is bounded by: the length of what is read.

use confab_hostile::{TARGETS, Target, seeds};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that one byte of input may cost at most: an object with one field takes seven bytes of text, and a node of a tree.
const PER_BYTE: usize = 120;
/// Bytes that any input may cost: a workspace to play in, a machine that is signed in.
const FIXED: usize = 1024 * 1024;

/// Inputs of nearly the longest length, each of a kind that grows when it is read.
fn greedy(target: &Target) -> Vec<Vec<u8>> {
    let whole = |piece: &str| piece.repeat(target.longest / piece.len()).into_bytes();
    let framed = |head: &str, piece: &str, tail: &str| {
        let times = (target.longest - head.len() - tail.len()) / piece.len();
        format!("{head}{}0{tail}", piece.repeat(times.saturating_sub(1))).into_bytes()
    };
    let mut inputs = vec![
        whole("["),
        whole("{\"a\":"),
        whole("\n"),
        whole("confab://join/1/"),
        framed(r#"{"id":1,"result":["#, "[],", "]}"),
        framed(r#"{"id":1,"result":["#, r#"{"":0},"#, "]}"),
        framed(r#"{"id":1,"result":["#, "0,", "]}"),
        framed(r#"{"event":"x.y","a":["#, "[],", "]}"),
        framed(r#"{"id":1,"method":"user.get","params":{"identities":["#, "0,", "]}}"),
        framed(r#"{"id":1,"method":"message.send","params":{"attributes":["#, "[],", "]}}"),
    ];
    for seed in seeds(target.name) {
        inputs.push(seed.repeat((target.longest / seed.len().max(1)).clamp(1, 40)));
    }
    inputs
}

#[test]
fn memory_is_bounded_by_the_length_of_what_is_read() {
    for target in TARGETS {
        // What is made once for all inputs is not an input's doing.
        seeds(target.name).iter().for_each(|seed| (target.run)(seed));
        for input in greedy(target) {
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            (target.run)(&input);
            let taken = MEMORY.peak_usage().saturating_sub(before);
            let bound = FIXED + PER_BYTE * input.len();
            let head = String::from_utf8_lossy(&input[..input.len().min(60)]).into_owned();
            assert!(
                taken <= bound,
                "{}: {taken} bytes for {} that begin with {head}",
                target.name,
                input.len()
            );
        }
    }
}
