//! TLS towards a workspace: its key is pinned, or an authority that this computer trusts vouches for it.

use std::sync::{Arc, LazyLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::fingerprint::Fingerprint;

/// Why a certificate was not accepted; found again inside the error of the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyRefused {
    /// Another key than the one pinned.
    #[error("another key than the one pinned")]
    Mismatch,
    /// Nobody trusted vouches for this key.
    #[error("a key that nobody vouches for")]
    Unknown(Fingerprint),
}

impl KeyRefused {
    /// The verdict inside a failed handshake, if that is why it failed.
    pub(crate) fn of_handshake(error: &std::io::Error) -> Option<Self> {
        match error.get_ref()?.downcast_ref::<Error>()? {
            Error::InvalidCertificate(CertificateError::Other(OtherError(cause))) => {
                cause.downcast_ref::<Self>().copied()
            }
            _ => None,
        }
    }

    fn into_error(self) -> Error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(self))))
    }
}

/// The configuration for one place: `pin` when its key is known, else the authorities of this computer.
pub(crate) fn config(pin: Option<Fingerprint>) -> ClientConfig {
    let verifier = Verifier { pin, provider: PROVIDER.clone() };
    let mut config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider speaks the default versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // A resumed session would skip the look at the key.
    config.resumption = Resumption::disabled();
    config
}

static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// The authorities that this computer trusts; none when it has no list of them.
static AUTHORITIES: LazyLock<Option<Arc<WebPkiServerVerifier>>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let (_, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), PROVIDER.clone()).build().ok()
});

#[derive(Debug)]
struct Verifier {
    pin: Option<Fingerprint>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = Fingerprint::of_certificate(certificate)?;
        if let Some(pin) = self.pin {
            // The key is the identity: names and dates of a self-signed certificate say nothing.
            return if found == pin {
                Ok(ServerCertVerified::assertion())
            } else {
                Err(KeyRefused::Mismatch.into_error())
            };
        }
        let vouched = AUTHORITIES.as_ref().is_some_and(|trusted| {
            trusted.verify_server_cert(certificate, intermediates, name, ocsp, now).is_ok()
        });
        if vouched {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(KeyRefused::Unknown(found).into_error())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::pki_types::PrivateKeyDer;
    use rustls::version::{TLS12, TLS13};
    use tokio::io::duplex;
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// What comes of a handshake with a server that has a key of its own, and that key's fingerprint.
    async fn handshake(
        pin: impl Fn(Fingerprint) -> Option<Fingerprint>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> (Fingerprint, io::Result<()>) {
        let made = rcgen::generate_simple_self_signed(vec!["elsewhere.example".to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let fingerprint = Fingerprint::of_certificate(&certificate).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let server = rustls::ServerConfig::builder_with_provider(PROVIDER.clone())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let (near, far) = duplex(16 * 1024);
        let serving =
            tokio::spawn(async move { TlsAcceptor::from(Arc::new(server)).accept(far).await.map(drop) });
        let name = ServerName::try_from("chat.example").unwrap();
        let outcome = TlsConnector::from(Arc::new(config(pin(fingerprint)))).connect(name, near).await;
        let finished = outcome.map(drop);
        let _ = serving.await.unwrap();
        (fingerprint, finished)
    }

    #[tokio::test]
    async fn the_pinned_key_is_enough_whatever_the_certificate_says() {
        for version in [&TLS12, &TLS13] {
            let (_, outcome) = handshake(Some, version).await;
            outcome.unwrap();
        }
    }

    #[tokio::test]
    async fn another_key_is_a_mismatch() {
        let other = "ab".repeat(32).parse().unwrap();
        let (_, outcome) = handshake(|_| Some(other), &TLS13).await;
        assert_eq!(KeyRefused::of_handshake(&outcome.unwrap_err()), Some(KeyRefused::Mismatch));
    }

    #[tokio::test]
    async fn without_a_pin_a_key_that_nobody_vouches_for_is_told_for_comparing() {
        let (fingerprint, outcome) = handshake(|_| None, &TLS13).await;
        assert_eq!(KeyRefused::of_handshake(&outcome.unwrap_err()), Some(KeyRefused::Unknown(fingerprint)));
    }
}
