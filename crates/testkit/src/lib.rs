//! What tests share: a store in memory, the contract that every store must keep, a workspace to play with, ids, bytes and a clock
//! that are the same in every run, and a proxy that breaks in. For tests alone, so that it may panic.

pub mod contract;
pub mod faulty;
pub mod ids;
pub mod memory;
pub mod noise;
pub mod proxy;
pub mod talk;
pub mod world;

/// The domain as this crate was built with it: beside its own code the unit tests of the domain know it by this name.
pub use confab_domain as domain;
pub use contract::StoreUnderTest;
pub use faulty::Faulty;
pub use ids::{SeededIds, TestClock};
pub use memory::MemoryStore;
pub use noise::noise;
pub use proxy::{Once, Proxy};
pub use talk::Talk;
pub use world::World;
