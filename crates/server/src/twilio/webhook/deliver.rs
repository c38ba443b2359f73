//! Telling hooks what they are owed. A row goes when its hook has taken it, so that whatever breaks off is told again. Each hook
//! is told in a task of its own, so that one which is slow keeps nobody waiting but itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use confab_domain::gateway::GatewayKind;
use confab_domain::{DomainResult, Read, StoreResult, Tx};
use confab_protocol::{Timestamp, WireError};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::owe::Owed;
use super::send::send;
use super::table::Target;
use super::{Pages, dead};
use crate::clock;
use crate::node::Node;

/// Rows told to one hook in one turn.
const SHARE: usize = 100;
/// Hooks that are told at once.
const AT_ONCE: usize = 32;
/// Longest pause before it is looked again what is owed.
const PAUSE: Duration = Duration::from_secs(30);
/// Pause after the database could not be read or written.
const BREATH: Duration = Duration::from_secs(1);

/// Tells until the server stops.
pub(crate) async fn deliver(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let mut turns = Turns::default();
    loop {
        let pause = begin(&node, &mut turns).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "it cannot be read what hooks are owed");
            BREATH
        });
        tokio::select! {
            () = node.hooks.woken.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = turns.end() => {}
            _ = stopping.wait_for(|stop| *stop) => break,
        }
    }
    // What is being told is told to its end, when that comes before the server's.
    while !turns.busy.is_empty() {
        turns.end().await;
    }
}

/// Begins a turn for every hook that is owed something, has none and gets a place. Gives when to look again.
async fn begin(node: &Arc<Node>, turns: &mut Turns) -> Result<Duration, WireError> {
    let now = clock::now();
    let Waiting { due, next, count } = node.readers.read(move |read| waiting(now, read)).await?;
    node.hooks.waiting.store(count, Ordering::Relaxed);
    turns.forget_all_but(&due);
    for (url, share) in turns.choose(due) {
        turns.begin(url, tell_all(Arc::clone(node), share));
    }
    let pause = next.map_or(PAUSE, |next| Duration::from_millis(next.since(now).max(1)));
    Ok(pause.min(PAUSE))
}

/// What each hook is owed by now, oldest first.
type Due = BTreeMap<String, Vec<(String, Owed)>>;

/// Hooks that are being told.
#[derive(Default)]
struct Turns {
    running: JoinSet<()>,
    busy: HashMap<Id, String>,
    /// When each hook had its last turn, counted in turns.
    last: HashMap<String, u64>,
    count: u64,
}

impl Turns {
    /// Whoever has waited for longest comes first: hooks that are slow do not take all places for ever.
    fn choose(&self, mut due: Due) -> Vec<(String, Vec<(String, Owed)>)> {
        for url in self.busy.values() {
            due.remove(url);
        }
        let mut due: Vec<_> = due.into_iter().collect();
        due.sort_by_key(|(url, _)| self.last.get(url).copied());
        due.truncate(AT_ONCE - self.busy.len());
        due
    }

    fn begin(&mut self, url: String, telling: impl Future<Output = ()> + Send + 'static) {
        self.count += 1;
        self.last.insert(url.clone(), self.count);
        self.busy.insert(self.running.spawn(telling).id(), url);
    }

    /// Waits for the end of a turn; for ever when there is none.
    async fn end(&mut self) {
        let ended = match self.running.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(broken)) => broken.id(),
            None => return std::future::pending().await,
        };
        self.busy.remove(&ended);
    }

    /// Who is owed nothing needs no place in the order.
    fn forget_all_but(&mut self, due: &Due) {
        let busy: Vec<&String> = self.busy.values().collect();
        self.last.retain(|url, _| due.contains_key(url) || busy.contains(&url));
    }
}

struct Waiting {
    due: Due,
    next: Option<Timestamp>,
    count: usize,
}

fn waiting(now: Timestamp, read: &dyn Read) -> DomainResult<Waiting> {
    let mut found = Waiting { due: Due::new(), next: None, count: 0 };
    let mut pages = Pages::of(GatewayKind::Delivery);
    while let Some(rows) = pages.next(read)? {
        found.count += rows.len();
        for row in rows {
            let owed = Owed::read(&row)?;
            if owed.due > now {
                found.next = Some(found.next.map_or(owed.due, |next| next.min(owed.due)));
                continue;
            }
            let share = found.due.entry(owed.url.clone()).or_default();
            if share.len() < SHARE {
                share.push((row.key, owed));
            }
        }
    }
    Ok(found)
}

/// One turn of a hook. It ends with the first that is not taken, or when it has lasted for as long as one answer may: then others
/// get the place.
async fn tell_all(node: Arc<Node>, share: Vec<(String, Owed)>) {
    let began = Instant::now();
    for (key, owed) in share {
        match tell(&node, key, owed).await {
            Ok(true) if began.elapsed() < node.hooks.patience && !node.is_stopping() => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "it cannot be written what hooks were told");
                return tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// Tells one thing, and gives whether it was taken.
async fn tell(node: &Node, key: String, mut owed: Owed) -> Result<bool, WireError> {
    for (name, value) in &mut owed.params {
        if name == "RetryCount" {
            *value = owed.attempts.to_string();
        }
    }
    let target = Target { url: owed.url.clone(), method: owed.method, key_sid: owed.key_sid.clone() };
    let reason = match send(node, &target, &owed.params, &key).await {
        Ok(said) if (200..300).contains(&said.status) => return taken(node, key).await.map(|()| true),
        Ok(said) => format!("it answered with status {}", said.status),
        Err(error) => error.to_string(),
    };
    let attempts = owed.attempts + 1;
    match node.hooks.retries.get(owed.attempts) {
        Some(after) => {
            let due = clock::now().plus(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
            let later = move |owed: Owed| Owed { attempts, reason: reason.clone(), due, ..owed };
            let run = node.writer.call(move |tx, _, _| Ok((put_off(&key, &later, tx)?, Vec::new())));
            run.await?;
        }
        None => dead::give_up(node, key, attempts, reason).await?,
    }
    Ok(false)
}

/// What is owed may say something else by now, or nothing, than when it was read.
fn put_off(key: &str, later: impl Fn(Owed) -> Owed, tx: &mut dyn Tx) -> StoreResult<()> {
    let Some(row) = tx.gateway_row(GatewayKind::Delivery, key)? else { return Ok(()) };
    tx.put_gateway_row(&later(Owed::read(&row)?).row(GatewayKind::Delivery, key))
}

async fn taken(node: &Node, key: String) -> Result<(), WireError> {
    let forget = node
        .writer
        .call(move |tx, _, _| Ok((tx.delete_gateway_row(GatewayKind::Delivery, &key)?, Vec::new())));
    forget.await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(urls: &[String]) -> Due {
        urls.iter().map(|url| (url.clone(), Vec::new())).collect()
    }

    fn chosen(turns: &Turns, urls: &[String]) -> Vec<String> {
        turns.choose(due(urls)).into_iter().map(|(url, _)| url).collect()
    }

    #[tokio::test]
    async fn there_are_only_so_many_turns_at_once_and_whoever_waited_for_longest_has_the_next() {
        let mut turns = Turns::default();
        let urls: Vec<String> = (0..=AT_ONCE).map(|number| format!("http://{number:03}/")).collect();
        for url in chosen(&turns, &urls) {
            turns.begin(url, std::future::ready(()));
        }
        assert_eq!(turns.busy.len(), AT_ONCE);
        assert_eq!(chosen(&turns, &urls), [""; 0]);
        turns.end().await;
        // It has its first, and of the others whoever had theirs first comes next.
        assert_eq!(chosen(&turns, &urls), urls[AT_ONCE..]);
        while !turns.busy.is_empty() {
            turns.end().await;
        }
        assert_eq!(chosen(&turns, &urls)[..2], [urls[AT_ONCE].clone(), urls[0].clone()]);
        turns.forget_all_but(&due(&urls[1..]));
        assert_eq!(chosen(&turns, &urls)[..3], [urls[0].clone(), urls[AT_ONCE].clone(), urls[1].clone()]);
    }
}
