//! Measures Confab beside its peers.

fn main() {}
