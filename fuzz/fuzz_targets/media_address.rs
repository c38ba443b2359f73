//! The target `media_address` of `confab-hostile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| confab_hostile::run("media_address", bytes));
