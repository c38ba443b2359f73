//! Reaching a server: sockets, TLS with a pinned key, HTTP calls and the WebSocket. Everything has a bound in time.

mod dial;
mod error;
mod http;
mod race;
mod tls;
mod websocket;

pub(crate) use dial::{Route, dial_any};
pub(crate) use error::NetError;
pub(crate) use http::{HttpLine, post};
pub(crate) use websocket::{WebSocket, open};
