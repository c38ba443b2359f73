//! Where a test plays: everything around the apps, and what is kept when it fails.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::FutureExt as _;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::app::{App, SIZE, Surroundings};
use crate::bus::Bus;
use crate::display::Display;
use crate::keyring::Keyring;
use crate::notifications::Notifications;
use crate::server::Server;
use crate::wait;

/// The longest that one play may take.
const BOUND: Duration = Duration::from_secs(240);

/// Windows are heavy: one play at a time in each test program.
pub(crate) static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A display, a bus, a notification service and directories, all of this test alone.
#[derive(Debug)]
pub struct Stage {
    evidence: PathBuf,
    directory: TempDir,
    surroundings: Surroundings,
    notifications: Notifications,
    apps: AtomicU32,
    _bus: Bus,
}

/// Plays a test on a fresh stage. When it fails, a picture of the display and all logs stay under `target/e2e/NAME`.
///
/// # Errors
/// What the test says, or that it took too long.
pub async fn play(name: &str, test: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
    play_without_keyring(name, async |stage| {
        let _keyring = stage.keyring().await?;
        test(stage).await
    })
    .await
}

/// The same on a system that has no keyring, unless the test brings one.
///
/// # Errors
/// What the test says, or that it took too long.
pub async fn play_without_keyring(name: &str, test: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
    let _turn = ONE_AT_A_TIME.lock().await;
    let stage = Stage::set(name).await?;
    let played = AssertUnwindSafe(tokio::time::timeout(BOUND, test(&stage))).catch_unwind().await;
    if matches!(played, Ok(Ok(Ok(())))) {
        return stage.clear();
    }
    match played {
        Ok(outcome) => {
            let outcome =
                outcome.unwrap_or_else(|_| Err(anyhow::anyhow!("took longer than {} s", BOUND.as_secs())));
            outcome.with_context(|| format!("{name}: logs and pictures are in {}", stage.evidence.display()))
        }
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

impl Stage {
    async fn set(name: &str) -> Result<Self> {
        let evidence = evidence(name);
        if evidence.exists() {
            fs::remove_dir_all(&evidence)?;
        }
        fs::create_dir_all(&evidence)?;
        // Short: sockets lie in it, and their paths have a limit.
        let directory = tempfile::Builder::new().prefix("confab-").tempdir()?;
        let [home, runtime] = ["home", "run"].map(|name| directory.path().join(name));
        fs::create_dir(&home)?;
        private(&runtime)?;
        let display = Arc::new(Display::start((2 * SIZE.0, SIZE.1 + 100), &evidence.join("xvfb.log"))?);
        let bus = Bus::start(directory.path(), &evidence.join("bus.log"))?;
        let notifications = Notifications::start(bus.address()).await?;
        let surroundings = Surroundings {
            display,
            bus: bus.address().to_owned(),
            home,
            runtime,
            evidence: evidence.clone(),
        };
        Ok(Self { evidence, directory, surroundings, notifications, apps: AtomicU32::new(0), _bus: bus })
    }

    fn clear(self) -> Result<()> {
        Ok(fs::remove_dir_all(&self.evidence)?)
    }

    /// A person's app with an empty data directory.
    #[must_use]
    pub fn app(&self, name: &str) -> App {
        self.app_in(name, &self.directory.path().join(name))
    }

    /// A person's app with this data directory.
    #[must_use]
    pub fn app_in(&self, name: &str, data: &Path) -> App {
        App::new(name, data, self.surroundings.clone(), self.apps.fetch_add(1, Ordering::Relaxed))
    }

    /// A server of its own, with an empty data directory.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn server(&self) -> Result<Server> {
        Server::start(&self.directory.path().join("server"), &self.evidence.join("server.log"))
    }

    /// The same, started with further arguments.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn server_with(&self, arguments: &[&str]) -> Result<Server> {
        let (directory, log) = (self.directory.path().join("server"), self.evidence.join("server.log"));
        Server::start_with(&directory, &log, arguments)
    }

    /// Brings a keyring, and waits until it can be reached.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn keyring(&self) -> Result<Keyring> {
        let Surroundings { bus, home, runtime, .. } = &self.surroundings;
        let keyring = Keyring::start(bus, home, runtime, &self.evidence.join("keyring.log"))?;
        wait::until("the keyring", async || {
            Ok(self.notifications.bus_has("org.freedesktop.secrets").await?.then_some(()))
        })
        .await?;
        Ok(keyring)
    }

    /// The notification service.
    #[must_use]
    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    /// What the apps find around them.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// A directory that goes away with the stage.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

/// Below the build directory, which is where this test program lies.
fn evidence(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap_or_default();
    let target = this.ancestors().find(|path| path.join("CACHEDIR.TAG").is_file());
    target.map_or_else(std::env::temp_dir, Path::to_path_buf).join("e2e").join(name)
}

/// A directory that nobody else may look into, as sockets of a session want it.
fn private(directory: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir(directory)?;
    Ok(fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?)
}
