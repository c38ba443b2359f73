//! Argon2id, off the async threads and only a few at a time: each hash fills tens of megabytes.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use confab_protocol::{ErrorCode, WireError};
use tokio::sync::Semaphore;

use crate::config::Bounds;

/// Hashes and verifies, a bounded number at once.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    params: Params,
    turns: Arc<Semaphore>,
    /// What a guess for an unknown name is checked against, so that it takes as long as any other. Made for the first.
    decoy: Arc<OnceLock<String>>,
}

impl Passwords {
    /// Sized by the configuration and the processors at hand.
    pub(crate) fn new(bounds: &Bounds) -> Result<Self, WireError> {
        let params = Params::new(bounds.password_memory_kib, bounds.password_passes, 1, None)
            .map_err(|_| WireError::new(ErrorCode::Internal))?;
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { params, turns: Arc::new(Semaphore::new(at_once)), decoy: Arc::default() })
    }

    /// The hash to store, as a PHC string.
    pub(crate) async fn hash(&self, password: String) -> Result<String, WireError> {
        let params = self.params.clone();
        self.in_turn(move || hash(&params, &password)).await?
    }

    /// The same on a thread that may block.
    pub(crate) fn hash_blocking(&self, password: &str) -> Result<String, WireError> {
        hash(&self.params, password)
    }

    /// Whether the password is the one hashed; without a hash, no, after the same time.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, WireError> {
        let known = stored.is_some();
        let (params, decoy) = (self.params.clone(), Arc::clone(&self.decoy));
        let check = move || {
            let decoy = || decoy.get_or_init(|| hash(&params, "nobody has this").unwrap_or_default()).clone();
            matches(&password, &stored.unwrap_or_else(decoy))
        };
        let right = self.in_turn(check).await?;
        Ok(known && right)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WireError> {
        let unavailable = || WireError::new(ErrorCode::Unavailable);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| unavailable())?;
        let run = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| unavailable())
    }
}

fn hash(params: &Params, password: &str) -> Result<String, WireError> {
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hashed = hasher.hash_password(password.as_bytes());
    hashed.map(|phc| phc.to_string()).map_err(|_| ErrorCode::Internal.into())
}

fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|phc| Argon2::default().verify_password(password.as_bytes(), &phc).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> Passwords {
        Passwords::new(&Bounds { password_memory_kib: 8, password_passes: 1, ..Bounds::default() }).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_matches_and_the_hash_names_argon2id() {
        let passwords = quick();
        let stored = passwords.hash("seven grey herons".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(passwords.verify("seven grey herons".into(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("seven gray herons".into(), Some(stored)).await.unwrap());
    }

    #[tokio::test]
    async fn a_name_without_a_password_is_matched_by_none() {
        let passwords = quick();
        assert!(!passwords.verify("nobody has this".into(), None).await.unwrap());
    }
}
