//! Twilio Conversations as its own stock packages speak it. Everything here only translates: the rules, the logs and the
//! fan-out are those that everybody else goes through, and nothing is kept beside what is kept in the database.

mod admission;
mod binding;
mod client;
mod dates;
mod defaults;
pub(crate) mod keys;
mod mcs;
mod openapi;
mod problem;
pub(crate) mod rest;
mod sids;
mod sync;
mod token;
pub(crate) mod webhook;
mod wire;

use std::sync::Arc;

use axum::Router;

#[cfg(feature = "fuzz")]
pub(crate) use wire::is_packet;

use crate::node::Node;

/// The routes that answer pages from anywhere: who asks is known by a token that no browser sends by itself.
pub(crate) fn routes() -> Router<Arc<Node>> {
    wire::routes().merge(mcs::routes())
}
