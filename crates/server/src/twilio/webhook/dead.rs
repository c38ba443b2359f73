//! What could not be told, for an administrator to look at and to have told again.

use std::sync::atomic::Ordering;

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::{DomainResult, Read, StoreResult, Tx};
use confab_protocol::{Timestamp, WireError};
use serde::{Deserialize, Serialize};

use super::owe::Owed;
use super::{PAGE, Pages};
use crate::node::Node;

/// What is kept, give or take [`TRIM`]: the oldest goes.
const MOST: usize = 10_000;
/// After how many it is looked whether there are too many.
const TRIM: usize = 100;
/// Rows of a list.
const LISTED: usize = 1_000;

/// Something that could not be told, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Its name here.
    pub id: String,
    /// The event: `onMessageAdded` and the like.
    pub event: String,
    /// The conversation, if it was in one.
    pub conversation_sid: Option<String>,
    /// The hook.
    pub url: String,
    /// How often it was tried.
    pub attempts: usize,
    /// Since when it is owed.
    pub since: Timestamp,
    /// Why it was not taken when it was last tried.
    pub reason: String,
}

/// The oldest of what could not be told.
pub(crate) fn list(read: &dyn Read) -> DomainResult<Vec<DeadLetter>> {
    let rows = read.gateway_rows(GatewayKind::DeadLetter, None, LISTED)?;
    let one = |row: &GatewayRow| -> DomainResult<DeadLetter> {
        let owed = Owed::read(row)?;
        Ok(DeadLetter {
            id: row.key.clone(),
            event: owed.param("EventType").unwrap_or_default().to_owned(),
            conversation_sid: owed.param("ConversationSid").map(str::to_owned),
            url: owed.url,
            attempts: owed.attempts,
            since: owed.since,
            reason: owed.reason,
        })
    };
    rows.iter().map(one).collect()
}

/// Has one told again.
///
/// # Errors
/// `not_found`.
pub(crate) fn replay_one(id: &str, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<()> {
    let row = tx.gateway_row(GatewayKind::DeadLetter, id)?;
    replay(&row.ok_or_else(|| WireError::not_found("dead_letter"))?, now, tx)
}

/// Has some told again, behind one by its name. Gives how many, and behind which to go on; none when these were the last. What is
/// given up anew in the meantime is not among those behind.
///
/// # Errors
/// Failures of the store.
pub(crate) fn replay_some(after: Option<&str>, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<Replayed> {
    let rows = tx.gateway_rows(GatewayKind::DeadLetter, after, PAGE)?;
    for row in &rows {
        replay(row, now, tx)?;
    }
    Ok(Replayed { count: rows.len(), last: rows.into_iter().next_back().map(|row| row.key) })
}

/// Some that are told again.
pub(crate) struct Replayed {
    /// How many.
    pub(crate) count: usize,
    /// The last of them.
    pub(crate) last: Option<String>,
}

fn replay(row: &GatewayRow, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<()> {
    let owed = Owed { attempts: 0, due: now, ..Owed::read(row)? };
    tx.put_gateway_row(&owed.row(GatewayKind::Delivery, &row.key))?;
    tx.delete_gateway_row(GatewayKind::DeadLetter, &row.key)?;
    Ok(())
}

/// Puts something with what could not be told.
pub(super) async fn give_up(
    node: &Node,
    key: String,
    attempts: usize,
    reason: String,
) -> Result<(), WireError> {
    tracing::warn!(reason, attempts, "a hook is not told any more");
    // Counting takes as long as there is to count: not for each.
    let trims = node.hooks.given_up.fetch_add(1, Ordering::Relaxed).is_multiple_of(TRIM);
    let run = node.writer.call(move |tx, _, _| {
        // It may say something else by now than when it was read.
        if let Some(row) = tx.gateway_row(GatewayKind::Delivery, &key)? {
            let owed = Owed { attempts, reason: reason.clone(), ..Owed::read(&row)? };
            tx.put_gateway_row(&owed.row(GatewayKind::DeadLetter, &key))?;
            tx.delete_gateway_row(GatewayKind::Delivery, &key)?;
        }
        if trims {
            trim(tx)?;
        }
        Ok(((), Vec::new()))
    });
    run.await
}

/// Forgets the oldest beyond what is kept.
fn trim(tx: &mut dyn Tx) -> StoreResult<()> {
    let (mut count, mut oldest): (usize, Vec<String>) = (0, Vec::new());
    let mut pages = Pages::of(GatewayKind::DeadLetter);
    while let Some(rows) = pages.next(tx)? {
        count += rows.len();
        if oldest.len() < PAGE {
            oldest.extend(rows.into_iter().map(|row| row.key));
        }
    }
    for key in oldest.iter().take(count.saturating_sub(MOST)) {
        tx.delete_gateway_row(GatewayKind::DeadLetter, key)?;
    }
    Ok(())
}
