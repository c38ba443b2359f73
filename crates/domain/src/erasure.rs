//! What was deleted leaves the store: step by step, because a conversation may hold a million messages and everybody else waits
//! for the writer. How far it is stands in the row, so that it goes on after a restart.

use crate::{DomainResult, Tx};

/// Messages, or counters, of one step.
const STEP: u64 = 1_000;

/// Does one step. Gives whether there may be more to do.
///
/// # Errors
/// Failures of the store.
pub fn step(tx: &mut dyn Tx) -> DomainResult<bool> {
    let Some(mut row) = tx.next_to_erase()? else { return Ok(false) };
    let (from, end) = (row.erase_from.unwrap_or_default(), row.head.next_index);
    if from < end {
        let to = end.min(from + STEP);
        tx.erase_messages(row.sid, from..to)?;
        row.erase_from = Some(to);
    } else if tx.erase_counters(row.sid, STEP as usize)? < STEP as usize {
        row.erase_from = None;
    }
    tx.update_conversation(&row)?;
    Ok(true)
}
