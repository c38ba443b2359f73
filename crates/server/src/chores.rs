//! What the server does by itself, in the writer's transaction: states of conversations that are due, and the emptying of what
//! was deleted. What there is to do stands in the database, so that nothing is lost with a process.

use std::sync::Arc;

use confab_domain::{erasure, timers};
use confab_protocol::WireError;
use tokio::sync::watch;

use crate::clock::SteadyClock;
use crate::node::Node;
use crate::twilio::webhook::{Source, owe};

/// Conversations whose state is changed by one piece of work.
const STATES: usize = 64;

/// Does what is due until the server stops. A clock that somebody puts forward closes nothing.
pub(crate) async fn run(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let clock = SteadyClock::new();
    let mut due = tokio::time::interval(node.bounds.chores);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = all(&node, clock).await {
            // What is due stays so until the next turn.
            tracing::warn!(%error, "what is due could not be done");
        }
    }
}

/// Step by step: whoever waits for the writer comes in between.
async fn all(node: &Arc<Node>, clock: SteadyClock) -> Result<(), WireError> {
    while node.readers.read(|read| Ok(read.next_to_erase()?.is_some())).await? {
        node.writer.call(|tx, _, _| Ok((erasure::step(tx)?, Vec::new()))).await?;
    }
    while node.readers.read(move |read| Ok(!read.state_due(clock.now(), 1)?.is_empty())).await? {
        let hooked = Arc::clone(node);
        let run = node.writer.call(move |tx, now, ids| {
            let (events, _) = timers::run_due(clock.now(), STATES, tx)?;
            owe(&hooked, Source::Timer, &events, now, ids, tx)?;
            Ok(((), events))
        });
        run.await?;
        node.hooks.wake();
    }
    Ok(())
}
