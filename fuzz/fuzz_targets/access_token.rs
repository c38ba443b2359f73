//! The target `access_token` of `confab-hostile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| confab_hostile::run("access_token", bytes));
