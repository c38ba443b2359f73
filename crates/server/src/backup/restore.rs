//! `confab-server restore`: the workspace of a backup, in place of what a data directory holds.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use confab_domain::account::renew_epoch;
use confab_domain::verify::Totals;
use confab_protocol::{Timestamp, WorkspaceSid};

use super::media::{self, End};
use super::{archive, full_or, switch};
use crate::clock::{SystemIds, now};
use crate::data_dir::{DATABASE, DataDir, KEY};
use crate::error::ServerError;
use crate::store::SqliteStore;
use crate::tls;

/// A backup that was put in place.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The workspace.
    pub workspace: WorkspaceSid,
    /// When the backup was made.
    pub made_at: Timestamp,
    /// What it holds.
    pub totals: Totals,
    /// Where that is what was in the data directory; none when nothing was.
    pub aside: Option<PathBuf>,
}

/// Puts the workspace of a backup into a data directory that no server uses. It is read, hashed and verified before anything
/// there is touched; what was there is kept aside. The workspace has another epoch afterwards: clients begin anew from what
/// the backup holds, and send again what it does not.
///
/// # Errors
/// A server runs there, the backup cannot be read or is not whole, is of a newer form or of another workspace, fails its
/// verification, or the disk is full. Then everything is as it was.
pub fn restore(data_dir: &Path, from: &Path, force: bool) -> Result<Restored, ServerError> {
    // Before the directory is made: a name that was mistyped leaves nothing behind.
    File::open(from).map_err(|source| ServerError::BackupUnreadable { path: from.to_owned(), source })?;
    let dir = DataDir::open(data_dir)?;
    let restored = Restore { dir: &dir, from, force }.run();
    if restored.is_err()
        && let Err(error) = switch::give_up(dir.path())
    {
        tracing::warn!(%error, "what was made for the restore is left; the next start removes it");
    }
    restored
}

struct Restore<'a> {
    dir: &'a DataDir,
    from: &'a Path,
    force: bool,
}

impl Restore<'_> {
    fn run(&self) -> Result<Restored, ServerError> {
        let staged = switch::stage(self.dir.path()).map_err(|source| self.unwritable(source))?;
        let (manifest, end) = archive::read(self.from, &staged, &[DATABASE, KEY])?;
        self.is_of_this_workspace(&staged)?;
        let totals = self.make_good(&staged, manifest.workspace, &end)?;
        let aside = self.free_name();
        switch::put_in_place(self.dir.path(), &aside).map_err(|source| self.unwritable(source))?;
        let aside = Some(self.dir.join(&aside)).filter(|aside| aside.exists());
        Ok(Restored { workspace: manifest.workspace, made_at: manifest.made_at, totals, aside })
    }

    /// The key pair is what a workspace is known by.
    fn is_of_this_workspace(&self, staged: &Path) -> Result<(), ServerError> {
        let theirs = tls::fingerprint(&staged.join(KEY))?;
        let (database, key) = (self.dir.join(DATABASE), self.dir.join(KEY));
        let is_free = !database.exists() && !key.exists();
        if self.force || is_free || tls::fingerprint(&key).is_ok_and(|ours| ours == theirs) {
            return Ok(());
        }
        Err(ServerError::OtherWorkspace { path: self.dir.path().to_owned() })
    }

    /// Brings the database to the newest level, verifies it and gives it another epoch. All of it is in one file on the disk
    /// then.
    fn make_good(&self, staged: &Path, workspace: WorkspaceSid, end: &End) -> Result<Totals, ServerError> {
        let damaged = |reason| ServerError::BackupDamaged { path: self.from.to_owned(), reason };
        let database = &staged.join(DATABASE);
        let store = SqliteStore::open(database)?;
        if store.workspace()? != Some(workspace) {
            return Err(damaged("its database is of another workspace".to_owned()));
        }
        media::check(&store, workspace, staged, end, &damaged)?;
        let report = store.examine()?;
        if let Some(first) = report.findings.first() {
            let count = report.findings.len() as u64 + report.more;
            return Err(ServerError::BackupDisagrees { first: first.to_string(), count });
        }
        store.once(workspace, |tx| renew_epoch(&mut SystemIds, tx)).map_err(|error| error.to_wire())?;
        store.settle()?;
        // Windows takes to the disk only what may be written.
        let written = OpenOptions::new().write(true).open(database).and_then(|file| file.sync_all());
        written.map_err(|source| self.unwritable(source))?;
        Ok(report.totals)
    }

    /// A name for what is there now that nothing has yet.
    fn free_name(&self) -> String {
        let name = format!("before-restore-{}", now().0 / 1_000);
        let mut names =
            std::iter::once(name.clone()).chain((2_u32..).map(|number| format!("{name}-{number}")));
        names.find(|name| fs::symlink_metadata(self.dir.join(name)).is_err()).unwrap_or(name)
    }

    fn unwritable(&self, source: io::Error) -> ServerError {
        let path = self.dir.path().to_owned();
        full_or(source, |source| ServerError::DataDirUnwritable { path, source })
    }
}
