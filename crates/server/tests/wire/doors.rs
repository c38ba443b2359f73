//! HTTP: health, what may be asked from where, TLS and plain on one port, and the command line's door.

use std::sync::Arc;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::harness::{Server, soon};

#[tokio::test]
async fn health_the_workspace_and_the_counters_can_be_asked() {
    let server = Server::start();
    let (status, health) = server.request("GET", "/health", "", "").await;
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
    let (_, info) = server.request("GET", "/v1/workspace", "", "").await;
    assert_eq!(info["workspace"]["fingerprint"], server.running.fingerprint());
    let (status, metrics) = server.request("GET", "/metrics", "", "").await;
    assert_eq!(status, 200);
    assert!(metrics.as_str().unwrap().contains("confab_commits_total"));
    assert_eq!(server.request("GET", "/elsewhere", "", "").await.0, 404);
}

#[tokio::test]
async fn pages_from_elsewhere_get_nothing() {
    let server = Server::start();
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for headers in [
        "Origin: https://evil.example\r\n".to_owned(),
        "Host: evil.example\r\n".to_owned(),
        format!("Origin: https://evil.example\r\n{upgrade}"),
        format!("Host: evil.example\r\nOrigin: http://evil.example\r\n{upgrade}"),
    ] {
        let path = if headers.contains("Upgrade") { ("GET", "/v1/connect") } else { ("POST", "/v1/sign-in") };
        let (status, refused) = server.request(path.0, path.1, &headers, "").await;
        assert_eq!((status, &refused["error"]["code"]), (403, &json!("forbidden")), "{headers}");
    }
}

#[tokio::test]
async fn bodies_are_bounded_and_have_to_be_of_their_form() {
    let server = Server::start();
    let huge = format!("{{\"identity\":\"{}\"}}", "x".repeat(20_000));
    assert_eq!(server.request("POST", "/v1/sign-in", "", &huge).await.0, 413);
    let (status, refused) = server.post("/v1/sign-in", &json!({"identity": "Ingrid"})).await;
    assert_eq!((status, &refused["error"]["params"]["field"]), (400, &json!("client_id")));
}

/// Takes any certificate; the test compares the key itself.
#[derive(Debug)]
struct Anyone(rustls::crypto::WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[tokio::test]
async fn the_same_port_speaks_tls_with_the_key_of_the_fingerprint() {
    let server = Server::start();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let anyone = Arc::new(Anyone(provider.signature_verification_algorithms));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(anyone)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let name = ServerName::try_from("confab").unwrap();
    let mut tls = soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await.unwrap();
    let certificate = tls.get_ref().1.peer_certificates().unwrap()[0].clone();
    assert!(holds_key(&certificate, server.running.fingerprint()), "the certificate holds another key");
    tls.write_all(
        format!("GET /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address()).as_bytes(),
    )
    .await
    .unwrap();
    let mut answer = Vec::new();
    // The server closes without a TLS goodbye after `Connection: close`; what came before counts.
    let _ = soon(tls.read_to_end(&mut answer)).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

/// Whether some SEQUENCE of a DER certificate has this SHA-256: the public key with its algorithm is one.
fn holds_key(certificate: &[u8], fingerprint: &str) -> bool {
    let digest =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    (0..certificate.len().saturating_sub(2)).any(|at| {
        let (tag, length) = (certificate[at], usize::from(certificate[at + 1]));
        let end = at + 2 + length;
        tag == 0x30
            && length < 0x80
            && end <= certificate.len()
            && digest(&certificate[at..end]) == fingerprint
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_reaches_the_running_server_and_the_stopped_one() {
    let server = Server::start();
    let data = server.place.path().join("data");
    let through = confab_server::invite(&data, None, Some(1), &[]).unwrap();
    let address = server.address().to_string();
    let link: confab_protocol::Link = through.parse().unwrap();
    assert_eq!(link.addresses, [address.as_str()]);
    let Server { running, place: _place } = server;
    running.shutdown();
    let alone: confab_protocol::Link =
        confab_server::invite(&data, None, None, &[]).unwrap().parse().unwrap();
    assert_eq!((&alone.addresses, &alone.fingerprint), (&link.addresses, &link.fingerprint));
    assert_ne!(alone.secret, link.secret);
    let nowhere = confab_server::invite(&data.join("nowhere"), None, None, &[]).unwrap_err();
    assert_eq!(nowhere.code(), "not_found");
}
