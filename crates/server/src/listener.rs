//! One port: TLS for everyone, plain HTTP for this machine. The first byte of a connection says which it is.

mod counted;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::http::{Remote, Secure};
use crate::stats::Stats;
use counted::Counted;

/// First byte of a TLS connection: a handshake record.
const TLS: u8 = 0x16;
/// How long a new connection may take for its first byte and its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the head of a request may take, also that of the next one on a connection.
const HEAD: Duration = Duration::from_secs(15);
/// Least buffer of the HTTP library.
const BUFFER: usize = 8 * 1024;
/// Pause when the system has no more file descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// Takes connections until it is told to stop.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: TlsAcceptor,
    pub(crate) router: Router,
    pub(crate) stats: Arc<Stats>,
    /// Connections that may be open at once, signed in or not.
    pub(crate) most: usize,
}

impl Listener {
    /// Serves until `stop` is set or its sender gone.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.most));
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let Ok((stream, remote)) = accepted else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
            let connection = Connection { remote, router: self.router.clone(), tls: self.tls.clone() };
            let stream = Counted::new(stream, place, Arc::clone(&self.stats));
            tokio::spawn(async move { connection.serve(stream).await });
        }
    }
}

struct Connection {
    remote: SocketAddr,
    router: Router,
    tls: TlsAcceptor,
}

impl Connection {
    async fn serve(&self, stream: Counted) {
        // Small frames are sent at once; where the system cannot do that they are only later.
        let _ = stream.get_ref().set_nodelay(true);
        let mut first = [0];
        let peeked = tokio::time::timeout(HANDSHAKE, stream.get_ref().peek(&mut first)).await;
        if !matches!(peeked, Ok(Ok(1))) {
            return;
        }
        if first[0] == TLS {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, self.tls.accept(stream)).await {
                self.http(stream, Secure(true)).await;
            }
        } else if self.remote.ip().to_canonical().is_loopback() {
            self.http(stream, Secure(false)).await;
        }
    }

    async fn http(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, secure: Secure) {
        let remote = Remote(self.remote);
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let router = self.router.clone();
            async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(remote);
                request.extensions_mut().insert(secure);
                Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {}))
            }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "a connection broke");
        }
    }
}
