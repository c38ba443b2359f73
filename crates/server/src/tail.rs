//! Looks at the database for what the hub was not told, and answers what the hub asks.

use std::sync::Arc;

use confab_domain::tail;
use confab_protocol::WireError;
use tokio::sync::{mpsc, watch};

use crate::hub::{Ask, Input, Reloaded};
use crate::node::Node;

/// Questions of the hub that wait before it keeps them for itself.
pub(crate) const ASKS: usize = 64;

/// Follows the database until the server stops, from `cursor` on.
pub(crate) async fn follow(
    node: Arc<Node>,
    mut cursor: u64,
    mut asks: mpsc::Receiver<Ask>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut due = tokio::time::interval(node.bounds.tail);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let ask = tokio::select! {
            _ = due.tick() => None,
            Some(ask) = asks.recv() => Some(ask),
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let done = match ask {
            None => look(&node, &mut cursor).await,
            Some(ask) => reload(&node, ask).await,
        };
        if let Err(error) = done {
            // The next turn looks from the same place, and the hub asks again.
            tracing::warn!(%error, "the database could not be looked at");
        }
    }
}

/// Hands on what moved, page by page.
async fn look(node: &Node, cursor: &mut u64) -> Result<(), WireError> {
    loop {
        let from = *cursor;
        let tail = node.readers.read(move |read| tail::since(read, from)).await?;
        let more = tail.more;
        *cursor = tail.cursor;
        node.tell_hub(Input::Tailed(tail)).await;
        if !more {
            return Ok(());
        }
    }
}

async fn reload(node: &Node, ask: Ask) -> Result<(), WireError> {
    let read = node.readers.read(move |read| match ask {
        Ask::Members(conversation) => tail::members(read, conversation).map(Reloaded::Members),
        Ask::Standing(user) => tail::standing(read, user).map(Reloaded::Standing),
        Ask::Profile(user) => tail::profile(read, user).map(|user| Reloaded::Profile(Box::new(user))),
    });
    node.tell_hub(Input::Reloaded(read.await?)).await;
    Ok(())
}
