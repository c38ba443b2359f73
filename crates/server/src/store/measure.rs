//! How long the calls take on a database that has grown. For `cargo xtask bench`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use confab_domain::{answer, apply, is_mutation};
use confab_protocol::WorkspaceSid;

use super::SqliteTx;
use super::sample::{FEW, MANY, NOW, Size, calls, grown, id, owner};
use crate::clock::SystemIds;

/// One kind of call, on few rows and on many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTimes {
    /// The method.
    pub method: &'static str,
    /// Each run with 66,000 messages and 300 participants.
    pub few: Vec<Duration>,
    /// Each run with 1,000,000 messages and 10,000 participants.
    pub many: Vec<Duration>,
}

/// Runs every call `rounds` times on both, inside a transaction that is taken back: all its statements, and no commit.
///
/// # Panics
/// When a call is refused: the sample does not fit the rules any more.
#[must_use]
pub fn call_times(rounds: usize) -> Vec<CallTimes> {
    let mut many = on(&MANY, rounds);
    let few = on(&FEW, rounds);
    let both = |(method, few)| CallTimes { method, few, many: many.remove(method).unwrap_or_default() };
    few.into_iter().map(both).collect()
}

fn on(size: &Size, rounds: usize) -> BTreeMap<&'static str, Vec<Duration>> {
    let connection = grown(size);
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let mut ids = SystemIds;
    for round in 0..=rounds {
        connection.execute_batch("BEGIN").expect("a transaction begins");
        let mut tx = SqliteTx::new(&connection, WorkspaceSid(id(1))).expect("the workspace is there");
        for call in calls(size) {
            let started = Instant::now();
            let done = if is_mutation(&call) {
                apply(&owner(), &call, NOW, &mut ids, &mut tx).map(|outcome| outcome.answer)
            } else {
                answer(&owner(), &call, NOW, &tx)
            };
            let took = started.elapsed();
            done.unwrap_or_else(|error| panic!("{}: {error}", call.method()));
            // The first round prepares the statements.
            if round > 0 {
                times.entry(call.method()).or_default().push(took);
            }
        }
        connection.execute_batch("ROLLBACK").expect("a transaction is taken back");
    }
    times
}
