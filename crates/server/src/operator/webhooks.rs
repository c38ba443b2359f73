//! `confab-server webhook dead-letters`: what hooks could not be told, and telling it again.

use std::path::Path;

use confab_domain::{DomainResult, Read, Tx};

use super::place;
use crate::clock::now;
use crate::control::{ask_for_dead_letters, ask_to_replay};
use crate::error::ServerError;
use crate::twilio::webhook::{self, DeadLetter};

/// What hooks of programs could not be told, oldest first, 1,000 at most.
///
/// # Errors
/// A directory without a workspace.
pub fn dead_letters(data_dir: &Path) -> Result<Vec<DeadLetter>, ServerError> {
    let text = match ask_for_dead_letters(data_dir)? {
        Some(text) => text,
        None => alone(data_dir, |tx| listed(tx))?,
    };
    serde_json::from_str(&text).map_err(|error| ServerError::Database(error.to_string()))
}

/// Has one of it told again, or all. Gives how many; where no server runs they are told once one does.
///
/// # Errors
/// `not_found`; a directory without a workspace.
pub fn replay_dead_letters(data_dir: &Path, id: Option<&str>) -> Result<u64, ServerError> {
    let text = match ask_to_replay(data_dir, id.map(str::to_owned))? {
        Some(text) => text,
        None => alone(data_dir, |tx| Ok(replay_alone(id, tx)?.to_string()))?,
    };
    text.parse().map_err(|_| ServerError::Stopped)
}

/// Where no server runs, nobody waits while all are replayed in one transaction.
fn replay_alone(id: Option<&str>, tx: &mut dyn Tx) -> DomainResult<usize> {
    if let Some(id) = id {
        return webhook::replay_one(id, now(), tx).map(|()| 1);
    }
    let (mut count, mut after) = (0, None);
    loop {
        let some = webhook::replay_some(after.as_deref(), now(), tx)?;
        count += some.count;
        after = some.last;
        if after.is_none() {
            return Ok(count);
        }
    }
}

/// Does something in the database of a directory in which no server runs.
fn alone(
    data_dir: &Path,
    run: impl FnOnce(&mut dyn Tx) -> DomainResult<String>,
) -> Result<String, ServerError> {
    let place = place(data_dir)?;
    if place.is_served() {
        return Err(ServerError::Stopped);
    }
    let no_workspace = || ServerError::NoWorkspace { path: data_dir.to_owned() };
    let scope = place.store.workspace()?.ok_or_else(no_workspace)?;
    Ok(place.store.once(scope, run).map_err(|error| error.to_wire())?)
}

/// The list as JSON.
pub(crate) fn listed(read: &dyn Read) -> DomainResult<String> {
    let letters = webhook::dead_letters(read)?;
    Ok(serde_json::to_string(&letters).expect("invariant: a dead letter has only string keys"))
}
