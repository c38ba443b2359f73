//! Telling hooks what they are owed. A row goes when its hook has taken it, so that whatever breaks off is told again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use confab_domain::gateway::GatewayKind;
use confab_domain::{DomainResult, Read};
use confab_protocol::{Timestamp, WireError};
use futures_util::future::join_all;
use tokio::sync::watch;

use super::dead;
use super::owe::Owed;
use super::send::send;
use super::table::Target;
use crate::clock;
use crate::node::Node;

/// Rows read at once.
const PAGE: usize = 200;
/// Rows told in one turn.
const TURN: usize = 100;
/// Longest pause between two turns.
const PAUSE: Duration = Duration::from_secs(30);
/// Pause after the database could not be read.
const BREATH: Duration = Duration::from_secs(1);

/// Tells until the server stops.
pub(crate) async fn deliver(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    loop {
        let pause = turn(&node).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "hooks could not be told");
            BREATH
        });
        tokio::select! {
            () = node.hooks.woken.notified() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// One turn. Gives how long there is nothing to do.
async fn turn(node: &Node) -> Result<Duration, WireError> {
    let now = clock::now();
    let Waiting { due, next, count } = node.readers.read(move |read| waiting(now, read)).await?;
    node.hooks.waiting.store(count, Ordering::Relaxed);
    if due.is_empty() {
        let pause = next.map_or(PAUSE, |next| Duration::from_millis(next.since(now).max(1)));
        return Ok(pause.min(PAUSE));
    }
    let mut hooks: BTreeMap<String, Vec<(String, Owed)>> = BTreeMap::new();
    for (key, owed) in due {
        hooks.entry(owed.url.clone()).or_default().push((key, owed));
    }
    // Each hook gets its own in order; one that is slow keeps nobody else waiting within the turn but itself.
    let told = hooks.into_values().map(|owed| tell_all(node, owed));
    join_all(told).await.into_iter().collect::<Result<(), WireError>>()?;
    Ok(Duration::ZERO)
}

struct Waiting {
    due: Vec<(String, Owed)>,
    next: Option<Timestamp>,
    count: usize,
}

fn waiting(now: Timestamp, read: &dyn Read) -> DomainResult<Waiting> {
    let mut found = Waiting { due: Vec::new(), next: None, count: 0 };
    let mut after: Option<String> = None;
    loop {
        let rows = read.gateway_rows(GatewayKind::Delivery, after.as_deref(), PAGE)?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = Some(last.key.clone());
        found.count += rows.len();
        for row in &rows {
            let owed = Owed::read(row)?;
            if owed.due > now {
                found.next = Some(found.next.map_or(owed.due, |next| next.min(owed.due)));
            } else if found.due.len() < TURN {
                found.due.push((row.key.clone(), owed));
            }
        }
    }
}

async fn tell_all(node: &Node, owed: Vec<(String, Owed)>) -> Result<(), WireError> {
    for (key, owed) in owed {
        tell(node, key, owed).await?;
    }
    Ok(())
}

async fn tell(node: &Node, key: String, mut owed: Owed) -> Result<(), WireError> {
    for (name, value) in &mut owed.params {
        if name == "RetryCount" {
            *value = owed.attempts.to_string();
        }
    }
    let target = Target { url: owed.url.clone(), method: owed.method, key_sid: owed.key_sid.clone() };
    let reason = match send(node, &target, &owed.params, &key).await {
        Ok(said) if (200..300).contains(&said.status) => return taken(node, key).await,
        Ok(said) => format!("it answered with status {}", said.status),
        Err(error) => error.to_string(),
    };
    let retry = node.hooks.retries.get(owed.attempts).copied();
    owed.attempts += 1;
    owed.reason = reason;
    match retry {
        Some(after) => {
            let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
            owed.due = clock::now().plus(millis);
            let row = owed.row(GatewayKind::Delivery, &key);
            node.writer.call(move |tx, _, _| Ok((tx.put_gateway_row(&row)?, Vec::new()))).await
        }
        None => dead::give_up(node, key, &owed).await,
    }
}

async fn taken(node: &Node, key: String) -> Result<(), WireError> {
    let forget = node
        .writer
        .call(move |tx, _, _| Ok((tx.delete_gateway_row(GatewayKind::Delivery, &key)?, Vec::new())));
    forget.await.map(drop)
}
