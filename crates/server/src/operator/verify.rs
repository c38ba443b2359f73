//! `confab-server verify`: proves that a database agrees with itself, whether a server runs there or not.

use std::path::Path;

use confab_domain::account::renew_epoch;
pub use confab_domain::verify::{Finding, Report, Totals};

use super::media::missing;
use super::{Place, place};
use crate::clock::SystemIds;
use crate::control::ask_for_new_epoch;
use crate::error::ServerError;

/// What a verification came to, and what was done about it.
#[derive(Debug)]
pub struct Verified {
    /// What was found.
    pub report: Report,
    /// The workspace has another epoch now: every client begins anew from what is here.
    pub epoch_renewed: bool,
}

/// Verifies the database of a data directory, and that the bytes of its files are there. When something does not agree, no version that was given out can be trusted, so
/// that the workspace gets another epoch; with `dry_run` it does not.
///
/// # Errors
/// There is no workspace there, its database cannot be opened, or the epoch cannot be renewed.
pub fn verify(data_dir: &Path, dry_run: bool) -> Result<Verified, ServerError> {
    let place = place(data_dir)?;
    let mut report = place.store.examine()?;
    report.findings.extend(missing(&place.store, data_dir)?);
    let epoch_renewed = !report.findings.is_empty() && !dry_run;
    if epoch_renewed {
        renew(&place, data_dir)?;
    }
    Ok(Verified { report, epoch_renewed })
}

fn renew(place: &Place, data_dir: &Path) -> Result<(), ServerError> {
    if place.is_served() {
        return ask_for_new_epoch(data_dir)?.map(drop).ok_or(ServerError::Stopped);
    }
    let no_workspace = || ServerError::NoWorkspace { path: data_dir.to_owned() };
    let scope = place.store.workspace()?.ok_or_else(no_workspace)?;
    place.store.once(scope, |tx| renew_epoch(&mut SystemIds, tx)).map_err(|error| error.to_wire())?;
    Ok(())
}
