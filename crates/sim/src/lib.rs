//! A simulation of Confab: the client state machine, the server's rules, its group commit and its fan-out, all of them the
//! real ones, joined by a network, disks and clocks that exist only in memory and follow a plan. Clients crash between any
//! two effects, the server around any commit; connections break, stall, lose, double and reorder; backups come back, clocks
//! are put, tokens end. The same plan gives the same run, to the byte.
//!
//! [`Plan::draw`] makes a plan of a seed, [`run`] runs it and says which [`Promise`] was not kept, [`shrink()`] finds the
//! smallest part of it that still shows that. For tests alone, so that it may panic.

mod act;
mod client;
mod disk;
mod levels;
mod network;
mod people;
mod person;
mod plan;
mod probes;
mod promise;
mod report;
mod rest;
mod screen;
mod server;
mod shrink;
mod watch;
mod world;

pub use act::{Act, Weather};
pub use confab_probe::{Branch, Fault};
pub use plan::{Chances, Plan, Program, Size, Step, StoreKind, What};
pub use promise::{Broken, Promise};
pub use report::{Report, Tally};
pub use shrink::shrink;

use world::World;

/// Runs a plan to its end and compares everything with everything.
///
/// # Errors
/// The first promise that was not kept.
pub fn run(plan: &Plan) -> Result<Report, Broken> {
    go(&mut World::new(plan.clone(), false))
}

/// Runs a plan and keeps all that happens, a line each.
pub fn trace(plan: &Plan) -> (Result<Report, Broken>, String) {
    let mut world = World::new(plan.clone(), true);
    let outcome = go(&mut world);
    let trace = world.take_trace();
    (outcome, trace)
}

/// Runs a plan with one rule broken, on this thread.
///
/// # Errors
/// The first promise that was not kept: there ought to be one, for some plan.
pub fn run_broken(plan: &Plan, fault: Fault) -> Result<Report, Broken> {
    confab_probe::break_rule(Some(fault));
    let outcome = run(plan);
    confab_probe::break_rule(None);
    outcome
}

/// The promise that breaks when a rule is broken.
#[must_use]
pub fn promise_of(fault: Fault) -> Promise {
    match fault {
        Fault::Dedup => Promise::Once,
        Fault::FsyncOrder | Fault::CommitOrder => Promise::Durable,
        Fault::GapCheck => Promise::Equal,
        Fault::RightsInTransaction | Fault::Permission => Promise::Entitled,
        Fault::RowVersion => Promise::Fresh,
        Fault::FanOutFold | Fault::OvertakenAnswer | Fault::RemovedText => Promise::Private,
        Fault::Epoch => Promise::OfThisEpoch,
        Fault::HorizonMerge => Promise::HorizonKept,
        Fault::Savepoint => Promise::Whole,
        Fault::LostPushTail => Promise::Timely,
        Fault::ShownRefusal => Promise::Settled,
    }
}

fn go(world: &mut World) -> Result<Report, Broken> {
    drop(confab_probe::take_reached());
    world.live()?;
    world.report.messages = rest::at_rest(world)?;
    probes::in_time(world)?;
    let mut report = std::mem::take(&mut world.report);
    for (branch, times) in confab_probe::take_reached() {
        *report.counts.entry(branch.name()).or_default() += times;
    }
    Ok(report)
}
