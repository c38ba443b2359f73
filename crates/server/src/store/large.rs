//! What a lot costs beside a little of it, or beside doing it the plain way, on the same database. For `cargo xtask bench`.

use std::time::{Duration, Instant};

use confab_domain::answer;
use confab_protocol::method::{Direction, MessagePageParams, UnreadGetParams};
use confab_protocol::{Answer, Call, ConversationSid, WorkspaceSid, limits};
use rusqlite::{Connection, params};

use super::SqliteTx;
use super::sample::{FEW, MANY, NOW, Size, grown, id, owner};

/// One thing that was measured, run by run, beside its peer in the same run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeTimes {
    /// What.
    pub case: &'static str,
    /// Each run.
    pub ours: Vec<Duration>,
    /// What it is compared with.
    pub peer: &'static str,
    /// Each run of that.
    pub peers: Vec<Duration>,
}

/// Measures all of them, `rounds` times each.
///
/// # Panics
/// When a call is refused or counts otherwise than its peer: the sample does not fit the rules any more.
#[must_use]
pub fn large_times(rounds: usize) -> Vec<LargeTimes> {
    vec![history(rounds), unread(rounds, 1_000)]
}

/// The last page of a million messages, beside the first one.
fn history(rounds: usize) -> LargeTimes {
    let connection = grown(&MANY);
    let tx = SqliteTx::new(&connection, WorkspaceSid(id(1))).expect("the workspace is there");
    let page = |anchor: u64| {
        let (conversation, direction) = (ConversationSid(id(1)), Direction::Backwards);
        let params = MessagePageParams { conversation, anchor: Some(anchor), direction, limit: Some(100) };
        let took = Instant::now();
        let found = answer(&owner(), &Call::MessagePage(params), NOW, &tx).expect("a page");
        let took = took.elapsed();
        assert!(matches!(found, Answer::MessagePage(page) if page.messages.len() == 100));
        took
    };
    let (ours, peers) = by_turns(rounds, || page(MANY.messages - 1), || page(99));
    let case = "a page of 100 at message 1,000,000";
    LargeTimes { case, ours, peer: "at message 100", peers }
}

/// Unread counts of so many conversations of a thousand messages, beside counting their rows.
fn unread(rounds: usize, busy: u64) -> LargeTimes {
    let connection = grown(&Size { messages: 20_000, people: FEW.people });
    let script = include_str!("sample/busy.sql").replace(":last", &(3000 + busy).to_string());
    connection.execute_batch(&format!("BEGIN; {script} COMMIT;")).expect("the sample fits the schema");
    let tx = SqliteTx::new(&connection, WorkspaceSid(id(1))).expect("the workspace is there");
    let all: Vec<_> = (3001..=3000 + busy).map(|number| ConversationSid(id(number))).collect();
    let counted = || {
        let (started, mut sum) = (Instant::now(), 0);
        for conversations in all.chunks(limits::CONVERSATION_PAGE) {
            let call = Call::UnreadGet(UnreadGetParams { conversations: conversations.to_vec() });
            match answer(&owner(), &call, NOW, &tx) {
                Ok(Answer::UnreadGet(found)) => {
                    sum += found.rows.iter().map(|row| row.unread.unread).sum::<u64>();
                }
                other => panic!("no counts: {other:?}"),
            }
        }
        (started.elapsed(), sum)
    };
    let due = by_rows(&connection, &all).1;
    let ours = || {
        let (took, sum) = counted();
        assert_eq!(sum, due, "both count the same");
        took
    };
    let (ours, peers) = by_turns(rounds, ours, || by_rows(&connection, &all).0);
    LargeTimes { case: "unread counts of 1,000 conversations", ours, peer: "counting rows", peers }
}

/// The plain way: one prepared statement, and all rows behind the horizon.
fn by_rows(connection: &Connection, all: &[ConversationSid]) -> (Duration, u64) {
    let sql = "SELECT count(*) FROM messages WHERE workspace = 1 AND conversation = ?1 AND idx > ?2 AND user <> ?3 \
        AND removed = 0";
    let started = Instant::now();
    let mut statement = connection.prepare_cached(sql).expect("the statement fits the schema");
    let mut count = |conversation: &ConversationSid| -> u64 {
        let (me, horizon) = (id(1), 499);
        let key = params![conversation.0.as_bytes(), horizon, me.as_bytes()];
        statement.query_row(key, |row| row.get::<_, i64>(0)).expect("a count").unsigned_abs()
    };
    let sum = all.iter().map(&mut count).sum();
    (started.elapsed(), sum)
}

/// Both by turns, after one run of each that warms the caches.
fn by_turns(
    rounds: usize,
    mut one: impl FnMut() -> Duration,
    mut other: impl FnMut() -> Duration,
) -> (Vec<Duration>, Vec<Duration>) {
    one();
    other();
    (0..rounds).map(|_| (one(), other())).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_rows() {
        let found = unread(1, 20);
        assert_eq!((found.ours.len(), found.peers.len()), (1, 1));
    }
}
