//! The system's keyring: Secret Service, Keychain or Credential Manager. Every call is bounded in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

/// Under which the entries stand in the keyring.
const SERVICE: &str = "Confab";
/// How long a call may take: a keyring that asks the person to unlock it must not hold the app up.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the keyring did not do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyringError {
    /// The system has none that runs.
    #[error("there is no keyring")]
    Missing,
    /// It is locked, or has no collection to put things into.
    #[error("the keyring gives no access: {0}")]
    NoAccess(String),
    /// It has not answered; it may be asking the person.
    #[error("the keyring does not answer")]
    Silent,
    /// Anything else.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// A place for secrets. Calls block, but not for long.
pub(crate) trait Keyring: Send + Sync {
    /// The secret of an entry.
    fn get(&self, entry: &str) -> Result<Option<String>, KeyringError>;
    /// Stores the secret of an entry.
    fn set(&self, entry: &str, text: &str) -> Result<(), KeyringError>;
    /// Removes an entry; one that is not there is removed already.
    fn remove(&self, entry: &str) -> Result<(), KeyringError>;
}

type Job = Box<dyn FnOnce() + Send>;

/// The keyring of this desktop session, asked on one thread of its own: a call that waits for the person is finished
/// there in its own time, and those that wait behind it give up and are not made late.
#[derive(Debug)]
pub(crate) struct SystemKeyring {
    jobs: SyncSender<Job>,
}

impl SystemKeyring {
    /// Starts the thread.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::sync_channel::<Job>(1);
        let work = move || waiting.into_iter().for_each(|job| job());
        thread::Builder::new().name("keyring".into()).spawn(work)?;
        Ok(Self { jobs })
    }

    fn call<T: Send + 'static>(
        &self,
        entry: &str,
        work: impl FnOnce(&::keyring::v1::Entry) -> ::keyring::v1::Result<T> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let entry = entry.to_owned();
        let given_up = Arc::new(AtomicBool::new(false));
        let asked_in_vain = Arc::clone(&given_up);
        let job: Job = Box::new(move || {
            if asked_in_vain.load(Ordering::Acquire) {
                return;
            }
            let result = ::keyring::v1::Entry::new(SERVICE, &entry).and_then(|entry| work(&entry));
            // Whoever asked may have gone on without the answer.
            drop(answer.send(result));
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => KeyringError::Silent,
            TrySendError::Disconnected(_) => KeyringError::Missing,
        })?;
        match answered.recv_timeout(PATIENCE) {
            Ok(result) => result.map_err(|error| of(&error)),
            Err(RecvTimeoutError::Timeout) => {
                given_up.store(true, Ordering::Release);
                Err(KeyringError::Silent)
            }
            Err(RecvTimeoutError::Disconnected) => Err(KeyringError::Failed("a call ended early".into())),
        }
    }
}

impl Keyring for SystemKeyring {
    fn get(&self, entry: &str) -> Result<Option<String>, KeyringError> {
        self.call(entry, |entry| match entry.get_password() {
            Err(::keyring::v1::Error::NoEntry) => Ok(None),
            other => other.map(Some),
        })
    }

    fn set(&self, entry: &str, text: &str) -> Result<(), KeyringError> {
        let text = text.to_owned();
        self.call(entry, move |entry| entry.set_password(&text))
    }

    fn remove(&self, entry: &str) -> Result<(), KeyringError> {
        self.call(entry, |entry| match entry.delete_credential() {
            Err(::keyring::v1::Error::NoEntry) => Ok(()),
            other => other,
        })
    }
}

/// Stands in where none is to be used.
#[derive(Debug)]
pub(crate) struct NoKeyring;

impl Keyring for NoKeyring {
    fn get(&self, _entry: &str) -> Result<Option<String>, KeyringError> {
        Err(KeyringError::Missing)
    }

    fn set(&self, _entry: &str, _text: &str) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }

    fn remove(&self, _entry: &str) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }
}

/// The words of an error that may quote what is stored are left out.
fn of(error: &::keyring::v1::Error) -> KeyringError {
    use ::keyring::v1::Error;
    match error {
        Error::NoDefaultStore => KeyringError::Missing,
        Error::NoStorageAccess(cause) => KeyringError::NoAccess(cause.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeyringError::Failed("what is stored cannot be read".into())
        }
        other => KeyringError::Failed(other.to_string()),
    }
}
