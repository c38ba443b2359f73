//! A client whose outbox lies on a disk that loses its power: whatever it has shown as on its way is on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use confab_core::command::{Command, CommandAnswer};
use confab_core::stored::{Action, OutboxEntry};
use confab_core::view::{MessageRow, MessageState, Problem, ViewDiff};
use confab_powercut::{Disk, Loss};
use tokio::sync::{mpsc, oneshot};

use super::{Parts, Wish, start};
use crate::account::Account;
use crate::events::{self, ClientEvent, ClientEvents};
use crate::store::{Files, Store, entries_at};
use crate::tokens::{TokenStore, TokenStoreError};

/// Lives of the disk.
const LIVES: u64 = 40;

/// Nobody is signed in: there is no server either.
struct Empty;

impl TokenStore for Empty {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        Ok(None)
    }
    fn save(&self, _: &str) -> Result<(), TokenStoreError> {
        Ok(())
    }
    fn clear(&self) -> Result<(), TokenStoreError> {
        Ok(())
    }
}

/// What a window has shown of own messages: those on their way by their keys, and how many were said to be not kept.
#[derive(Default)]
struct Seen {
    rows: BTreeMap<String, MessageRow>,
    sending: BTreeMap<String, String>,
    unsaved: BTreeSet<String>,
    told: bool,
}

impl Seen {
    /// A batch is painted as one.
    fn take(&mut self, diffs: Vec<ViewDiff>) {
        for diff in diffs {
            match diff {
                ViewDiff::Timeline { upsert, .. } => {
                    self.rows.extend(upsert.into_iter().map(|row| (row.key.clone(), row)));
                }
                ViewDiff::Storage { problem } => self.told |= problem.is_some(),
                _ => {}
            }
        }
        for row in self.rows.values() {
            match row.state {
                MessageState::Sending => drop(self.sending.insert(row.key.clone(), row.body.clone())),
                MessageState::Unsaved => drop(self.unsaved.insert(row.key.clone())),
                MessageState::Sent | MessageState::Failed => panic!("{row:?}: by whom?"),
            }
        }
    }
}

async fn watch(mut events: ClientEvents) -> Seen {
    let mut seen = Seen::default();
    while let Some(event) = events.recv().await {
        if let ClientEvent::View(diffs) = event {
            seen.take(diffs);
        }
    }
    seen
}

type Answer = oneshot::Receiver<Result<CommandAnswer, Problem>>;

async fn ask(inbox: &mpsc::Sender<Wish>, command: Command) -> Answer {
    let (answer, answered) = oneshot::channel();
    inbox.send(Wish::Command { command, answer }).await.unwrap();
    answered
}

/// Writes messages, some at a time, until the power goes.
async fn until_dark(inbox: mpsc::Sender<Wish>, disk: &Disk) {
    let create = Command::create("Harbour", None);
    let made = ask(&inbox, create).await.await.unwrap();
    let Ok(CommandAnswer::Conversation { key }) = made else { panic!("{made:?}") };
    let mut number = 0;
    while !disk.is_off() {
        let mut answers = Vec::new();
        for _ in 0..=number % 3 {
            number += 1;
            let body = format!("message {number} ").repeat(20);
            answers.push(ask(&inbox, Command::Send { conversation: key.clone(), body }).await);
        }
        for answer in answers {
            answer.await.unwrap().unwrap();
        }
    }
}

/// One life of a client, to the end of the power; none when it went before the client was there.
async fn live(home: &Path, disk: &Disk) -> Option<Seen> {
    let files = Files { outbox: disk.path("outbox.db"), ..Files::of(home) };
    let account = Account::sample();
    let (store, found) = Store::open(files, &account).await.ok()?;
    let (inbox, wishes) = mpsc::channel(8);
    let (sink, events) = events::channel();
    let directory = home.to_owned();
    start(Parts {
        directory,
        account,
        tokens: Arc::new(Empty),
        grant: None,
        store,
        found,
        wishes,
        sink,
        program: None,
    })
    .await;
    let watching = tokio::spawn(watch(events));
    until_dark(inbox, disk).await;
    Some(watching.await.unwrap())
}

fn text(entry: &OutboxEntry) -> Option<(String, String)> {
    match &entry.action {
        Action::Send { body, .. } => Some((entry.client_id.to_string(), body.clone())),
        _ => None,
    }
}

#[tokio::test]
async fn what_was_shown_is_there_after_a_power_cut() {
    let (home, disk) = (tempfile::tempdir().unwrap(), Disk::new().unwrap());
    let (mut shown, mut unsaved, mut told) = (0, 0, 0);
    for life in 0..LIVES {
        disk.cut_after(20 + life * 17 % 150);
        let seen = live(home.path(), &disk).await;
        disk.restore(if life % 2 == 0 { Loss::All } else { Loss::Torn { seed: life } });
        let Some(seen) = seen else { continue };
        let kept: BTreeMap<_, _> = entries_at(&disk.path("outbox.db")).iter().filter_map(text).collect();
        for (key, body) in &seen.sending {
            assert_eq!(kept.get(key), Some(body), "in life {life} {key} was shown");
        }
        shown += seen.sending.len();
        unsaved += seen.unsaved.len();
        told += usize::from(seen.told);
    }
    assert!(shown > 200, "only {shown} messages were shown");
    assert!(
        unsaved > 0 && told > 0,
        "{unsaved} messages, {told} times: nobody was told that the disk takes nothing"
    );
}
