//! The hub and the store as a simulation drives them.

#![cfg(feature = "simulation")]

#[cfg(test)]
#[path = "simulation/driven.rs"]
mod driven;
