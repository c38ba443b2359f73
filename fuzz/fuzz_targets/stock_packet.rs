//! The target `stock_packet` of `confab-hostile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| confab_hostile::run("stock_packet", bytes));
