//! Files that are to go: first it is written down that they are gone, then their bytes go, then the rows. Whatever breaks off
//! is gone on with.

use std::sync::Arc;

use confab_domain::media::{expire, forget};
use confab_domain::row::MediaRow;
use confab_protocol::{MediaSid, Timestamp, WireError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::SteadyClock;
use crate::node::Node;

/// Files that go in one transaction.
const ROWS: usize = 50;

/// Lets files go, now and then, until the server stops.
pub(crate) async fn collect(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let clock = SteadyClock::new();
    let mut due = interval(node.media.config.collect_every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let now = node.media.config.clock.ahead_of(clock.now());
        if let Err(error) = round(&node, now).await {
            tracing::warn!(%error, "files that are to go are still there");
        }
    }
}

async fn round(node: &Node, now: Timestamp) -> Result<(), WireError> {
    let life = u64::try_from(node.media.config.unsent_for.as_millis()).unwrap_or(u64::MAX);
    let before = Timestamp(now.0.saturating_sub(life));
    // Looked at before anything is written: mostly there is nothing.
    while node.readers.read(move |read| Ok(!read.unsent_media(before, 1)?.is_empty())).await? {
        node.writer.call(move |tx, _, _| Ok((expire(before, ROWS, tx)?, Vec::new()))).await?;
    }
    let mut kept = 0;
    loop {
        let rows = node.readers.read(move |read| Ok(read.gone_media(kept + ROWS)?)).await?;
        let found = rows.len();
        let gone = clear(node, rows).await;
        kept = found - gone.len();
        if gone.is_empty() {
            return Ok(());
        }
        node.writer.call(move |tx, _, _| Ok((forget(&gone, tx)?, Vec::new()))).await?;
    }
}

/// Deletes bytes, and says of which files. One that is still being received is left for the next time.
async fn clear(node: &Node, rows: Vec<MediaRow>) -> Vec<MediaSid> {
    let mut gone = Vec::new();
    for MediaRow { sid, .. } in rows {
        if node.media.turns.is_taken(sid) {
            continue;
        }
        match node.media.bytes.delete(sid).await {
            Ok(()) => gone.push(sid),
            Err(error) => tracing::warn!(%error, %sid, "the bytes of a file stay"),
        }
    }
    gone
}
