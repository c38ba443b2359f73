//! What whoever holds the data directory may do from the command line, whether a server runs there or not.

pub(crate) mod api_key;
mod media;
mod verify;
pub(crate) mod webhooks;

use std::fs;
use std::path::Path;
use std::time::Duration;

use confab_domain::Tx;
use confab_protocol::Link;

use crate::backup::switch;
use crate::clock::{SystemIds, now};
use crate::control::ask_for_invite;
use crate::data_dir::{DATABASE, DataDir, write_private};
use crate::error::ServerError;
use crate::running::mint;
use crate::store::SqliteStore;
use crate::tls::ServerIdentity;

pub use api_key::{ApiKeyListed, ApiKeyMade, api_key_create, api_key_revoke, api_keys};
pub use verify::{Finding, Report, Totals, Verified, verify};
pub use webhooks::{dead_letters, replay_dead_letters};

/// Where the addresses of the last run are kept, for links made while no server runs.
const ADDRESSES: &str = "addresses.json";

/// An invite as a link: through the server that runs in the directory, or else from its database. `advertised` says where
/// the server will be when it does not run; empty: where it was last.
///
/// # Errors
/// What the rules refuse; a directory without a workspace, or one that was never served and so has no known address.
pub fn invite(
    data_dir: &Path,
    expires_in: Option<Duration>,
    max_uses: Option<u32>,
    advertised: &[String],
) -> Result<String, ServerError> {
    if let Some(link) = ask_for_invite(data_dir, expires_in, max_uses)? {
        return Ok(link);
    }
    let no_workspace = || ServerError::NoWorkspace { path: data_dir.to_owned() };
    let dir = open(data_dir)?;
    let addresses = if advertised.is_empty() { last_addresses(&dir) } else { advertised.to_vec() };
    if addresses.is_empty() {
        return Err(ServerError::NoAddress);
    }
    let store = SqliteStore::open(&dir.join(DATABASE))?;
    let scope = store.workspace()?.ok_or_else(no_workspace)?;
    let mint = |tx: &mut dyn Tx| mint(expires_in, max_uses, now(), &mut SystemIds, tx);
    let ((minted, row), _) = store.once(scope, mint).map_err(|error| error.to_wire())?;
    let fingerprint = ServerIdentity::open(&dir)?.fingerprint;
    let link =
        Link { workspace: row.sid, name: row.name, addresses, fingerprint, secret: Some(minted.secret) };
    Ok(link.to_string())
}

/// The database of a data directory, as the operator comes upon it.
pub(crate) struct Place {
    /// No server runs there, and none can start before this is dropped; none while one runs.
    held: Option<DataDir>,
    /// The database.
    pub(crate) store: SqliteStore,
}

impl Place {
    /// A server works with it.
    pub(crate) fn is_served(&self) -> bool {
        self.held.is_none()
    }
}

/// Goes to the database of a data directory.
///
/// # Errors
/// There is none, a backup is being put in its place, or it cannot be opened.
pub(crate) fn place(data_dir: &Path) -> Result<Place, ServerError> {
    let path = data_dir.join(DATABASE);
    match open(data_dir) {
        Ok(dir) => Ok(Place { held: Some(dir), store: SqliteStore::open(&path)? }),
        Err(ServerError::DataDirLocked { .. }) if switch::is_under_way(data_dir) => {
            Err(ServerError::RestoreUnderWay { path: data_dir.to_owned() })
        }
        Err(ServerError::DataDirLocked { .. }) => {
            Ok(Place { held: None, store: SqliteStore::existing(&path) })
        }
        Err(error) => Err(error),
    }
}

/// Opens the data directory of a workspace. One that is none stays as it is.
fn open(data_dir: &Path) -> Result<DataDir, ServerError> {
    let no_workspace = || ServerError::NoWorkspace { path: data_dir.to_owned() };
    if !data_dir.join(DATABASE).is_file() && !switch::is_under_way(data_dir) {
        return Err(no_workspace());
    }
    let dir = DataDir::open_now(data_dir)?;
    if dir.join(DATABASE).is_file() { Ok(dir) } else { Err(no_workspace()) }
}

/// Keeps where the server can be reached. Without it, invites need a running server.
pub(crate) fn keep_addresses(dir: &DataDir, addresses: &[String]) {
    let kept = serde_json::to_vec(addresses)
        .map_err(std::io::Error::other)
        .and_then(|json| write_private(&dir.join(ADDRESSES), &json));
    if let Err(error) = kept {
        tracing::warn!(%error, "the addresses could not be kept");
    }
}

fn last_addresses(dir: &DataDir) -> Vec<String> {
    let text = fs::read_to_string(dir.join(ADDRESSES)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
