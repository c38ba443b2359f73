//! A small file system of the test's own, which can be really full.
//!
//! It is mounted, so the test runs in a mount namespace of its own: whatever becomes of it, nothing stays mounted.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::stage::{self, Stage};
use crate::wait;

/// Set in the run of a test that may mount.
const MAY_MOUNT: &str = "CONFAB_TEST_MAY_MOUNT";

/// Room of a disk, in bytes: databases, logs and what the web view keeps, and quickly full.
const ROOM: &str = "size=24m";

/// How often whoever fills a disk looks for more room.
const INTERVAL: Duration = Duration::from_millis(5);

/// A mounted disk; unmounted when dropped.
#[derive(Debug)]
pub struct SmallDisk {
    place: PathBuf,
    /// Ends with it: whoever takes all room.
    filling: Option<mpsc::Sender<()>>,
}

/// Plays like [`stage::play`], where disks may be mounted: the test is started once more, in a namespace of its own.
///
/// # Errors
/// What the test says, or that this system lets nobody mount.
pub async fn play(name: &str, test: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
    if std::env::var_os(MAY_MOUNT).is_some() {
        return stage::play(name, test).await;
    }
    let _turn = stage::ONE_AT_A_TIME.lock().await;
    again()
}

/// Starts the test that this thread runs once more, by its name.
fn again() -> Result<()> {
    let thread = std::thread::current();
    let test = thread.name().context("invariant: a test's thread has its name")?;
    let probe =
        in_own_namespace().arg("true").output().context("`unshare` of util-linux is not installed")?;
    ensure!(
        probe.status.success(),
        "this test has to mount a small disk, which is refused here: {}. Run it as root, or where user namespaces are allowed.",
        String::from_utf8_lossy(&probe.stderr).trim()
    );
    let this = std::env::current_exe()?;
    let status =
        in_own_namespace().arg(this).args(["--exact", test, "--nocapture"]).env(MAY_MOUNT, "1").status()?;
    ensure!(status.success(), "{test} failed, see above ({status})");
    Ok(())
}

/// Root needs only other mounts; anybody else becomes root of a namespace first.
fn in_own_namespace() -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--");
    command
}

impl SmallDisk {
    /// Mounts one at `place`, which is made.
    ///
    /// # Errors
    /// When mounting is refused.
    pub fn mount(place: &Path) -> Result<Self> {
        std::fs::create_dir_all(place)?;
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", ROOM, "tmpfs"]).arg(place).output()?;
        if !mounted.status.success() {
            bail!("no disk can be mounted here: {}", String::from_utf8_lossy(&mounted.stderr).trim());
        }
        Ok(Self { place: place.to_owned(), filling: None })
    }

    /// Takes all the room that is left, to the last byte, and whatever is given back, until [`Self::free`].
    ///
    /// # Errors
    /// When something else goes wrong than that the disk is full.
    pub async fn fill(&mut self) -> Result<()> {
        let place = self.place.clone();
        wait::until("logs that cannot shrink any more", async || {
            Ok(logs(&place)?.iter().all(|length| *length == 0).then_some(()))
        })
        .await?;
        let mut filler = File::options().create(true).append(true).open(self.filler())?;
        take_all(&mut filler)?;
        let (stop, stopped) = mpsc::channel();
        self.filling = Some(stop);
        std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                take_all(&mut filler)?;
            }
            anyhow::Ok(())
        });
        Ok(())
    }

    /// Gives the room back.
    ///
    /// # Errors
    /// When the disk was not filled.
    pub fn free(&mut self) -> Result<()> {
        self.filling = None;
        std::fs::remove_file(self.filler()).context("the disk was not filled")
    }

    fn filler(&self) -> PathBuf {
        self.place.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program that is about to end may still have a file open. The namespace ends with the test anyway.
        drop(Command::new("umount").arg("--lazy").arg(&self.place).status());
    }
}

/// Lengths of all write-ahead logs below a directory: what is in them makes room when it goes into its database.
fn logs(place: &Path) -> Result<Vec<u64>> {
    let mut lengths = Vec::new();
    for entry in std::fs::read_dir(place)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if path.is_dir() {
            lengths.extend(logs(&path)?);
        } else if name.to_string_lossy().ends_with("-wal") {
            lengths.push(path.metadata()?.len());
        }
    }
    Ok(lengths)
}

fn take_all(file: &mut File) -> Result<()> {
    for size in [1 << 20, 4096, 1] {
        let some = vec![0; size];
        loop {
            match file.write(&some) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => return Err(error).context("the disk cannot be filled"),
            }
        }
    }
    Ok(())
}
