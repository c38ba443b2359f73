//! Signing out at the server: a short connection of its own that revokes the device.

use std::time::Duration;

use confab_protocol::method::{DeviceRevokeParams, HelloParams};
use confab_protocol::{Call, Capability, ClientId, DeviceSid, Request, ServerFrame, VersionRange};
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::clock;
use crate::net::{NetError, Route, WebSocket, dial_any, open};
use crate::tokens::{RefreshError, Tokens};

/// How long a person who signs out waits for the server at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// Revokes the device, if the server can be reached now. `access` is tried first when there is one.
pub(crate) async fn revoke(routes: &[Route], access: Option<String>, tokens: &mut Tokens, device: DeviceSid) {
    let revoking = async {
        let token = match access {
            Some(token) => token,
            None => tokens.access(routes).await?.access_token,
        };
        Ok::<(), RefreshError>(revoke_with(routes, token, device).await?)
    };
    match timeout(PATIENCE, revoking).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the device stays signed in at the server"),
        Err(_) => tracing::warn!("the device stays signed in at the server, which does not answer"),
    }
}

async fn revoke_with(routes: &[Route], token: String, device: DeviceSid) -> Result<(), NetError> {
    let dialled = dial_any(routes).await?;
    let address = dialled.address.to_string();
    let mut socket = open(dialled).await?;
    let hello = HelloParams {
        versions: VersionRange::OURS,
        capabilities: Capability::OURS.to_vec(),
        token,
        client: concat!("confab-client/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    ask(&mut socket, &address, Request { id: 1, call: Call::Hello(hello) }).await?;
    let revoke = DeviceRevokeParams { client_id: ClientId(clock::id()), device };
    ask(&mut socket, &address, Request { id: 2, call: Call::DeviceRevoke(revoke) }).await
}

/// Sends a request and waits for its answer, passing over everything else.
async fn ask(socket: &mut WebSocket, address: &str, request: Request) -> Result<(), NetError> {
    let broken = |error| NetError::broken(address, &error);
    socket.send(Message::text(request.encode())).await.map_err(broken)?;
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message.map_err(broken)? else { continue };
        match ServerFrame::decode(&text) {
            Ok(ServerFrame::Response { id, outcome }) if id == request.id => {
                return outcome.map(drop).map_err(NetError::Refused);
            }
            _ => {}
        }
    }
    Err(NetError::broken(address, &"closed before the answer"))
}
