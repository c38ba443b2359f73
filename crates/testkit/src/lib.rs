//! What tests share: a store in memory, the contract that every store must keep, a workspace to play with, ids and a clock
//! that are the same in every run. For tests alone, so that it may panic.

pub mod contract;
pub mod ids;
pub mod memory;

pub use contract::StoreUnderTest;
pub use ids::{SeededIds, TestClock};
pub use memory::MemoryStore;
