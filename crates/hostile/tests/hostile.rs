//! Every target on arbitrary bytes and on mutated examples.

use confab_hostile::{Mutation, TARGETS, mutated, seeds};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

/// Inputs of each kind for each target.
const CASES: u32 = 400;
/// The longest arbitrary input; longer ones are made by repeating, and by the fuzzer.
const ARBITRARY: usize = 2_048;

fn runner() -> TestRunner {
    // The same inputs each time: new ones are looked for by the fuzzer.
    let rng_seed = RngSeed::Fixed(1);
    TestRunner::new(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        rng_seed,
        ..Default::default()
    })
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, length)| Mutation::Cut(at, length)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, word)| Mutation::Insert(at, word)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, word)| Mutation::Replace(at, word)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, other)| Mutation::Splice(at, other)),
    ]
}

#[test]
fn arbitrary_bytes_break_nothing() {
    for target in TARGETS {
        let ran = runner().run(&vec(any::<u8>(), 0..ARBITRARY), |bytes| {
            (target.run)(&bytes);
            (target.run)(String::from_utf8_lossy(&bytes).as_bytes());
            Ok(())
        });
        ran.unwrap_or_else(|error| panic!("{}: {error}", target.name));
    }
}

#[test]
fn mutated_examples_break_nothing() {
    for target in TARGETS {
        let seeds = seeds(target.name);
        let ran = runner().run(&(any::<usize>(), vec(mutation(), 1..6)), |(at, mutations)| {
            (target.run)(&mutated(&seeds, at, &mutations, target.longest));
            Ok(())
        });
        ran.unwrap_or_else(|error| panic!("{}: {error}", target.name));
    }
}

#[test]
fn every_target_takes_its_examples_and_has_some() {
    for target in TARGETS {
        let seeds = seeds(target.name);
        assert!(!seeds.is_empty(), "{}", target.name);
        seeds.iter().for_each(|seed| (target.run)(seed));
    }
}
