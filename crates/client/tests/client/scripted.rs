//! A server that does exactly what a test says, over plain TCP or TLS, on a free port of this computer.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use confab_protocol::http::TokenGrant;
use confab_protocol::model::{Role, User, Workspace};
use confab_protocol::{DeviceSid, Link, Timestamp, UserSid, WorkspaceSid};
use rustls::pki_types::PrivateKeyDer;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

/// A stream of bytes in both directions.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

/// A listening server; ends when dropped.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
    task: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Scripted {
    /// Serves every connection with `serve`, over TLS with a key of its own.
    pub(crate) async fn tls<F, T>(serve: F) -> Self
    where
        F: Fn(Box<dyn Io>) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let fingerprint =
            confab_client::fingerprint::Fingerprint::of_certificate(&certificate).unwrap().to_string();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self::listen(Some(TlsAcceptor::from(Arc::new(config))), fingerprint, serve).await
    }

    /// Serves every connection with `serve`, plain.
    pub(crate) async fn plain<F, T>(serve: F) -> Self
    where
        F: Fn(Box<dyn Io>) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        Self::listen(None, "00".repeat(32), serve).await
    }

    async fn listen<F, T>(tls: Option<TlsAcceptor>, fingerprint: String, serve: F) -> Self
    where
        F: Fn(Box<dyn Io>) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = Arc::new(serve);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, serve) = (tls.clone(), Arc::clone(&serve));
                tokio::spawn(async move {
                    match tls {
                        None => serve(Box::new(socket)).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(socket).await {
                                serve(Box::new(stream)).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, fingerprint, task }
    }

    /// An invite to it.
    pub(crate) fn invite(&self) -> Link {
        Link {
            workspace: WorkspaceSid(Uuid::from_u128(1)),
            name: "Fjordline".into(),
            addresses: vec![self.address.to_string()],
            fingerprint: self.fingerprint.clone(),
            secret: Some("c2VjcmV0".into()),
        }
    }
}

/// A grant for Ada.
pub(crate) fn grant(fingerprint: &str, address: &str) -> TokenGrant {
    TokenGrant {
        workspace: Workspace {
            sid: WorkspaceSid(Uuid::from_u128(1)),
            name: "Fjordline".into(),
            addresses: vec![address.to_owned()],
            fingerprint: fingerprint.to_owned(),
        },
        user: User {
            sid: UserSid(Uuid::from_u128(2)),
            identity: "Ada".into(),
            friendly_name: "Ada".into(),
            attributes: serde_json::json!({}),
            role: Role::Participant,
            role_sid: None,
            status: None,
            notifiable: false,
            deactivated: false,
            version: 1,
        },
        device: DeviceSid(Uuid::from_u128(3)),
        access_token: "access-1".into(),
        access_expires_at: Timestamp(u64::MAX >> 12),
        refresh_token: "refresh-1".into(),
    }
}

/// A request as far as a test looks at it.
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) body: serde_json::Value,
}

/// Reads one HTTP request with a JSON body.
pub(crate) async fn hear(io: &mut Box<dyn Io>) -> Heard {
    let mut read = Vec::new();
    let head = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        assert!(io.read_buf(&mut read).await.unwrap() > 0, "the request ended early");
    };
    let text = String::from_utf8(read[..head].to_vec()).unwrap().to_lowercase();
    let length: usize =
        text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    while read.len() < head + 4 + length {
        assert!(io.read_buf(&mut read).await.unwrap() > 0, "the body ended early");
    }
    let path = text.split(' ').nth(1).unwrap().to_owned();
    Heard { path, body: serde_json::from_slice(&read[head + 4..]).unwrap() }
}

/// Answers with JSON.
pub(crate) async fn say(io: &mut Box<dyn Io>, status: u16, body: &impl Serialize) {
    let body = serde_json::to_string(body).unwrap();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    io.write_all((head + &body).as_bytes()).await.unwrap();
    io.flush().await.unwrap();
}
