//! What is forgotten after a while.

use confab_protocol::{Timestamp, limits};

use crate::{DomainResult, Tx};

/// Forgets what was applied longer ago than anybody may still send it again, at most `limit` rows. Gives how many went; as
/// many as `limit` means that there may be more. Messages are known for ever by their own rows.
///
/// # Errors
/// Failures of the store.
pub fn forget_outcomes(now: Timestamp, limit: usize, tx: &mut dyn Tx) -> DomainResult<usize> {
    Ok(tx.delete_outcomes(Timestamp(now.0.saturating_sub(limits::OUTCOME_MS)), limit)?)
}
