//! A connection to one of several addresses, with the key checked before anything is said.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::error::NetError;
use super::race::first_success;
use super::tls::{self, KeyRefused};
use crate::address::Address;
use crate::fingerprint::Fingerprint;

/// How long one address may take to be connected to and to show its key.
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one address is waited for before the next one is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);

/// A stream of bytes in both directions, plain or not.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// One way to a workspace.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) address: Address,
    /// The key that must be there; none: an authority must vouch for it, or the address is this computer.
    pub(crate) pin: Option<Fingerprint>,
}

/// A connection that stands, and where it leads.
pub(crate) struct Dialled {
    pub(crate) address: Address,
    pub(crate) stream: Box<dyn Io>,
}

/// Connects to whichever route answers first, in order of preference.
///
/// # Errors
/// The failure that tells most; of equals the first route's.
pub(crate) async fn dial_any(routes: &[Route]) -> Result<Dialled, NetError> {
    first_success(routes.iter().map(dial), STAGGER).await.map_err(|failures| {
        let nowhere = NetError::Unreachable { address: String::new(), reason: "no address".to_owned() };
        // `max_by_key` takes the last of equals.
        failures.into_iter().rev().max_by_key(NetError::weight).unwrap_or(nowhere)
    })
}

async fn dial(route: &Route) -> Result<Dialled, NetError> {
    let address = route.address.to_string();
    match timeout(DIAL_TIMEOUT, connect(route)).await {
        Ok(Ok(stream)) => Ok(Dialled { address: route.address.clone(), stream }),
        Ok(Err(error)) => Err(explain(address, &error)),
        Err(_) => Err(NetError::TimedOut { address }),
    }
}

async fn connect(route: &Route) -> io::Result<Box<dyn Io>> {
    let socket = connect_host(&route.address).await?;
    // Frames are small and each one matters at once.
    socket.set_nodelay(true)?;
    if route.pin.is_none() && route.address.is_loopback() {
        return Ok(Box::new(socket));
    }
    let name = ServerName::try_from(route.address.host().to_owned()).map_err(io::Error::other)?;
    let connector = TlsConnector::from(Arc::new(tls::config(route.pin)));
    Ok(Box::new(connector.connect(name, socket).await?))
}

/// A name may stand for several numbers, and one of them may lead into the void.
async fn connect_host(address: &Address) -> io::Result<TcpStream> {
    let found = lookup_host((address.host(), address.port())).await?;
    let first = |failures: Vec<io::Error>| {
        failures.into_iter().next().unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    };
    first_success(found.map(TcpStream::connect), STAGGER).await.map_err(first)
}

fn explain(address: String, error: &io::Error) -> NetError {
    match KeyRefused::of_handshake(error) {
        Some(KeyRefused::Mismatch) => NetError::FingerprintMismatch { address },
        Some(KeyRefused::Unknown(fingerprint)) => NetError::FingerprintUnknown { address, fingerprint },
        None => NetError::Unreachable { address, reason: error.to_string() },
    }
}
