//! The target `server_frame` of `confab-hostile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| confab_hostile::run("server_frame", bytes));
