//! A proxy before a server, which breaks in once.

use std::future::pending;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of the first connection over which enough has gone one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// It breaks.
    Cut,
    /// Nothing more goes that way over it, and nobody is told.
    Held,
}

/// Passes everything on to a server, until it breaks in; all connections but that one are passed on afterwards too.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    done: watch::Receiver<bool>,
}

impl Proxy {
    /// Breaks in as soon as so many bytes have gone one way over one connection. Runs as long as the runtime.
    pub async fn before(server: SocketAddr, once: Once, after: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let (tell, done) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((inside, _)) = listener.accept().await {
                let Ok(outside) = TcpStream::connect(server).await else { continue };
                let tell = tell.clone();
                tokio::spawn(async move {
                    let (from_client, to_client) = inside.into_split();
                    let (from_server, to_server) = outside.into_split();
                    let up = pass(from_client, to_server, &tell, once, after);
                    let down = pass(from_server, to_client, &tell, once, after);
                    tokio::select! { () = up => {}, () = down => {} }
                });
            }
        });
        Self { address, done }
    }

    /// Whether it has broken in.
    #[must_use]
    pub fn broke_in(&self) -> bool {
        *self.done.borrow()
    }

    /// Waits until it has broken in.
    pub async fn breaks_in(&mut self) {
        self.done.wait_for(|done| *done).await.expect("it runs as long as the runtime");
    }
}

/// One way of one connection, until a side ends it or it is cut.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    tell: &watch::Sender<bool>,
    once: Once,
    after: u64,
) {
    let (mut piece, mut passed) = (vec![0; 16 * 1024], 0);
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        passed += read as u64;
        if passed >= after && !tell.send_replace(true) {
            return match once {
                Once::Cut => {}
                Once::Held => pending().await,
            };
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
