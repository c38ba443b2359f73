//! The workspace's key pair. Its fingerprint is the workspace's identity; the certificate around it says nothing.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};

use crate::data_dir::{DataDir, KEY, write_private};
use crate::error::ServerError;

/// The key pair, ready to serve.
pub(crate) struct ServerIdentity {
    /// Settings of the TLS side.
    pub(crate) tls: Arc<rustls::ServerConfig>,
    /// SHA-256 of the public key (SPKI), 64 hex digits.
    pub(crate) fingerprint: String,
}

impl ServerIdentity {
    /// Reads the key pair of a data directory, or makes it at the first start.
    pub(crate) fn open(dir: &DataDir) -> Result<Self, ServerError> {
        let key = load_or_make(dir)?;
        let fingerprint = fingerprint_of(&key);
        let tls = server_config(&key).map_err(|error| ServerError::KeyPair(error.to_string()))?;
        Ok(Self { tls: Arc::new(tls), fingerprint })
    }
}

/// The identity that the key pair in a file gives a workspace.
pub(crate) fn fingerprint(path: &Path) -> Result<String, ServerError> {
    let pem = fs::read_to_string(path).map_err(|error| ServerError::KeyPair(error.to_string()))?;
    let key = KeyPair::from_pem(&pem).map_err(|error| ServerError::KeyPair(error.to_string()))?;
    Ok(fingerprint_of(&key))
}

fn fingerprint_of(key: &KeyPair) -> String {
    hex(&Sha256::digest(key.subject_public_key_info()))
}

fn load_or_make(dir: &DataDir) -> Result<KeyPair, ServerError> {
    let path = dir.join(KEY);
    let broken = |error: rcgen::Error| ServerError::KeyPair(error.to_string());
    match fs::read_to_string(&path) {
        Ok(pem) => KeyPair::from_pem(&pem).map_err(broken),
        // Any other failure must not make a new key: the identity of the workspace would change.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = KeyPair::generate().map_err(broken)?;
            write_private(&path, key.serialize_pem().as_bytes())
                .map_err(|source| ServerError::DataDirUnwritable { path: dir.path().to_owned(), source })?;
            Ok(key)
        }
        Err(source) => Err(ServerError::KeyPair(source.to_string())),
    }
}

fn server_config(key: &KeyPair) -> Result<rustls::ServerConfig, Box<dyn std::error::Error>> {
    let mut params = CertificateParams::new(vec!["confab".to_owned()])?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "confab");
    params.distinguished_name = name;
    // Clients compare the key and nothing else; dates that never pass spare machines with a wrong clock.
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(4096, 1, 1);
    let certificate = params.self_signed(key)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    Ok(config)
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_stays_over_restarts_and_a_broken_key_is_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let dir = DataDir::open(place.path()).unwrap();
        let first = ServerIdentity::open(&dir).unwrap().fingerprint;
        assert_eq!(first.len(), 64);
        assert_eq!(ServerIdentity::open(&dir).unwrap().fingerprint, first);
        fs::write(dir.join("key.pem"), "not a key").unwrap();
        assert!(matches!(ServerIdentity::open(&dir), Err(ServerError::KeyPair(_))));
    }
}
