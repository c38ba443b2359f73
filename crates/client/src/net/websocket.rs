//! The WebSocket: the upgrade, and its limits.

use std::time::Duration;

use confab_protocol::http::CONNECT;
use confab_protocol::limits;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::dial::{Dialled, Io};
use super::error::NetError;

/// How long the upgrade may take once the connection stands.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
/// The library's own read buffer of 128 KiB is for bulk; frames of a chat are small.
const READ_BUFFER: usize = 8 * 1024;
/// A page of long messages may be longer than any frame that a client may send.
const INCOMING_BYTES: usize = limits::ANSWER_BYTES;

/// An open WebSocket, over TLS or not.
pub(crate) type WebSocket = WebSocketStream<Box<dyn Io>>;

/// Upgrades a connection.
///
/// # Errors
/// When the other side does not agree or does not answer in time.
pub(crate) async fn open(to: Dialled) -> Result<WebSocket, NetError> {
    let address = to.address.to_string();
    let request = format!("ws://{address}{CONNECT}")
        .into_client_request()
        .map_err(|error| NetError::broken(&address, &error))?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(INCOMING_BYTES))
        .max_frame_size(Some(INCOMING_BYTES));
    match timeout(UPGRADE_TIMEOUT, client_async_with_config(request, to.stream, Some(config))).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(NetError::broken(&address, &error)),
        Err(_) => Err(NetError::TimedOut { address }),
    }
}
