//! Where the refresh token is kept: the system's keyring, else a file that only its owner can read.
//!
//! Each stored token has a stamp that only grows. Whichever of the two places has the higher stamp holds the token that
//! is good, so nothing is lost when a keyring appears, disappears or answers late. Where there has always been a keyring
//! the file holds no token. A computer that was once without one may be so again: there the file is kept in step with the
//! keyring until the next sign-in, so that the person stays signed in either way.

pub(crate) mod keyring;

use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use confab_client::{TokenStore, TokenStoreError};
use serde::{Deserialize, Serialize};

use self::keyring::{Keyring, KeyringError};
use crate::files;

/// A token and when it was stored, in relation to others.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamped {
    stamp: u64,
    /// None in the file when the keyring alone holds the token.
    token: Option<String>,
    /// The keyring took it.
    in_keyring: bool,
}

/// What the person should know of where the sign-in is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenTrouble {
    /// For want of a keyring it has just moved to a file.
    InFile,
    /// It is in a keyring that gives no answer now.
    OutOfReach,
}

/// Who is told of it. Called from the thread that asked for the token.
pub(crate) type Tell = Box<dyn Fn(TokenTrouble) + Send + Sync>;

/// Keeps one account's refresh token.
pub(crate) struct KeptToken {
    keyring: Arc<dyn Keyring>,
    /// Name of the entry in the keyring.
    entry: String,
    file: PathBuf,
    tell: Tell,
}

impl KeptToken {
    pub(crate) fn new(keyring: Arc<dyn Keyring>, entry: String, file: PathBuf, tell: Tell) -> Self {
        Self { keyring, entry, file, tell }
    }

    fn in_keyring(&self) -> Result<Option<Stamped>, KeyringError> {
        let text = self.keyring.get(&self.entry)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn in_file(&self) -> Result<Option<Stamped>, TokenStoreError> {
        match fs::read(&self.file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn write_file(&self, stamped: &Stamped) -> Result<(), TokenStoreError> {
        let write = || {
            self.file.parent().map_or(Ok(()), files::make_private_dir)?;
            files::replace_private(&self.file, &serde_json::to_vec(stamped)?)
        };
        write().map_err(|error| failed(&error))
    }

    fn next_stamp(&self) -> Result<u64, TokenStoreError> {
        let file = self.in_file()?.map_or(0, |held| held.stamp);
        let keyring = self.in_keyring().ok().flatten().map_or(0, |held| held.stamp);
        Ok(file.max(keyring) + 1)
    }
}

impl TokenStore for KeptToken {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        let file = self.in_file()?;
        let stamp = |held: &Option<Stamped>| held.as_ref().map_or(0, |held| held.stamp);
        let from_file = file.as_ref().and_then(|held| held.token.clone());
        match self.in_keyring() {
            Ok(held) if from_file.is_none() || stamp(&held) >= stamp(&file) => {
                Ok(held.and_then(|held| held.token).or(from_file))
            }
            Ok(_) => Ok(from_file),
            // The file says that the keyring has it: that is not the same as having none.
            Err(error) if from_file.is_none() && file.is_some() => {
                (self.tell)(TokenTrouble::OutOfReach);
                Err(failed(&error))
            }
            Err(_) => Ok(from_file),
        }
    }

    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError> {
        let before = self.in_file()?;
        let kept_in_file = before.as_ref().is_some_and(|held| held.token.is_some());
        let taken =
            Stamped { stamp: self.next_stamp()?, token: Some(refresh_token.to_owned()), in_keyring: true };
        let text = serde_json::to_string(&taken).map_err(|error| failed(&error))?;
        let Err(error) = self.keyring.set(&self.entry, &text) else {
            return self.write_file(&Stamped { token: taken.token.filter(|_| kept_in_file), ..taken });
        };
        self.write_file(&Stamped { in_keyring: false, ..taken })?;
        // Said when it begins, not at every start.
        if before.is_none_or(|held| held.in_keyring) {
            tracing::warn!(%error, "no keyring takes the sign-in: it is kept in a private file");
            (self.tell)(TokenTrouble::InFile);
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), TokenStoreError> {
        let file = files::remove(&self.file).map_err(|error| failed(&error));
        match self.keyring.remove(&self.entry) {
            // A keyring that is not there holds nothing that could be used: the server has ended the device.
            Ok(()) | Err(KeyringError::Missing) => file,
            Err(error) => file.and(Err(failed(&error))),
        }
    }
}

fn failed(error: &dyn std::error::Error) -> TokenStoreError {
    TokenStoreError { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A keyring that comes and goes.
    #[derive(Default)]
    struct Fickle {
        away: AtomicBool,
        held: Mutex<BTreeMap<String, String>>,
    }

    impl Fickle {
        fn go(&self, away: bool) {
            self.away.store(away, Ordering::Release);
        }

        fn reach(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, String>>, KeyringError> {
            if self.away.load(Ordering::Acquire) {
                Err(KeyringError::Missing)
            } else {
                Ok(self.held.lock().unwrap())
            }
        }
    }

    impl Keyring for Fickle {
        fn get(&self, entry: &str) -> Result<Option<String>, KeyringError> {
            Ok(self.reach()?.get(entry).cloned())
        }

        fn set(&self, entry: &str, text: &str) -> Result<(), KeyringError> {
            self.reach()?.insert(entry.to_owned(), text.to_owned());
            Ok(())
        }

        fn remove(&self, entry: &str) -> Result<(), KeyringError> {
            self.reach()?.remove(entry);
            Ok(())
        }
    }

    struct Bench {
        place: tempfile::TempDir,
        keyring: Arc<Fickle>,
        told: Arc<Mutex<Vec<TokenTrouble>>>,
    }

    impl Bench {
        fn new() -> Self {
            Self { place: tempfile::tempdir().unwrap(), keyring: Arc::default(), told: Arc::default() }
        }

        fn told(&self) -> Vec<TokenTrouble> {
            self.told.lock().unwrap().clone()
        }

        fn file(&self) -> PathBuf {
            self.place.path().join("tokens/t.json")
        }

        /// As after a restart of the app.
        fn kept(&self) -> KeptToken {
            let told = Arc::clone(&self.told);
            let tell = Box::new(move |trouble| told.lock().unwrap().push(trouble));
            KeptToken::new(Arc::clone(&self.keyring) as Arc<dyn Keyring>, "entry".into(), self.file(), tell)
        }
    }

    #[test]
    fn with_a_keyring_the_token_is_in_no_file() {
        let bench = Bench::new();
        assert_eq!(bench.kept().load(), Ok(None));
        bench.kept().save("first-token").unwrap();
        assert_eq!(bench.kept().load(), Ok(Some("first-token".into())));
        assert!(!fs::read_to_string(bench.file()).unwrap().contains("first-token"));
        assert_eq!(bench.told(), []);
    }

    #[test]
    fn without_a_keyring_it_is_in_a_private_file_which_is_said_once() {
        let bench = Bench::new();
        bench.keyring.go(true);
        bench.kept().save("first-token").unwrap();
        bench.kept().save("second-token").unwrap();
        assert_eq!(bench.kept().load(), Ok(Some("second-token".into())));
        assert_eq!(bench.told(), [TokenTrouble::InFile]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(bench.file()).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_keyring_that_comes_gets_the_token_and_may_go_again() {
        let bench = Bench::new();
        bench.keyring.go(true);
        bench.kept().save("first").unwrap();
        bench.keyring.go(false);
        assert_eq!(bench.kept().load(), Ok(Some("first".into())));
        bench.kept().save("second").unwrap();
        assert!(bench.keyring.held.lock().unwrap()["entry"].contains("second"));
        bench.keyring.go(true);
        assert_eq!(bench.kept().load(), Ok(Some("second".into())));
        bench.kept().save("third").unwrap();
        assert_eq!(bench.told(), [TokenTrouble::InFile, TokenTrouble::InFile]);
    }

    #[test]
    fn a_keyring_that_comes_back_does_not_bring_an_old_token_back() {
        let bench = Bench::new();
        bench.kept().save("first").unwrap();
        bench.keyring.go(true);
        bench.kept().save("second").unwrap();
        bench.keyring.go(false);
        assert_eq!(bench.kept().load(), Ok(Some("second".into())));
        bench.kept().save("third").unwrap();
        assert_eq!(bench.kept().load(), Ok(Some("third".into())));
    }

    #[test]
    fn a_token_in_a_keyring_that_is_away_is_not_the_same_as_none() {
        let bench = Bench::new();
        bench.kept().save("first").unwrap();
        bench.keyring.go(true);
        assert!(bench.kept().load().is_err());
        assert_eq!(bench.told(), [TokenTrouble::OutOfReach]);
        bench.keyring.go(false);
        assert_eq!(bench.kept().load(), Ok(Some("first".into())));
    }

    #[test]
    fn clearing_forgets_both() {
        let bench = Bench::new();
        bench.kept().save("first").unwrap();
        bench.kept().clear().unwrap();
        assert_eq!(bench.kept().load(), Ok(None));
        bench.keyring.go(true);
        bench.kept().save("second").unwrap();
        bench.kept().clear().unwrap();
        assert_eq!(bench.kept().load(), Ok(None));
    }
}
