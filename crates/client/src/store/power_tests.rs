//! The outbox on a disk that loses its power: what was persisted is there, what was deleted is gone, and nothing is damaged.

use std::collections::BTreeMap;

use confab_core::Key;
use confab_core::stored::{Action, EntryState, Envelope, OutboxEntry, OutboxWrite};
use confab_powercut::{Disk, Loss};
use confab_protocol::{ClientId, Timestamp};
use uuid::Uuid;

use super::outbox::Outbox;

/// Lives of the database.
const LIVES: u64 = 60;

/// What the outbox holds, by position.
type Held = BTreeMap<u64, OutboxEntry>;

fn entry(order: u64) -> OutboxEntry {
    OutboxEntry {
        client_id: ClientId(Uuid::from_u128(u128::from(order))),
        order,
        at: Timestamp(5),
        state: EntryState::Held,
        replayed_for: None,
        epoch: None,
        action: Action::Send {
            place: Key::Made(ClientId(Uuid::from_u128(9))),
            body: format!("message {order} ").repeat(40),
            files: Vec::new(),
            envelope: Envelope::default(),
            after: None,
        },
    }
}

/// The next change: a few entries come, and an older one goes.
fn change(held: &Held, next: u64) -> (Held, Vec<OutboxWrite>) {
    let mut after = held.clone();
    let mut writes = Vec::new();
    for order in next..next + 1 + next % 3 {
        after.insert(order, entry(order));
        writes.push(OutboxWrite::Put(Box::new(entry(order))));
    }
    if held.len() > 40
        && let Some((_, gone)) = after.pop_first()
    {
        writes.push(OutboxWrite::Delete(gone.client_id));
    }
    (after, writes)
}

/// Writes until the power goes; gives what was being written then.
fn until_dark(outbox: &mut Outbox, held: &mut Held) -> Held {
    loop {
        let next = held.last_key_value().map_or(1, |(order, _)| order + 1);
        let (after, writes) = change(held, next);
        if outbox.write(writes.iter()).is_err() {
            return after;
        }
        *held = after;
    }
}

/// As a client opens it, unless something weaker is asked for.
fn open(disk: &Disk, weaker: Option<&str>) -> Result<Outbox, String> {
    let (outbox, aside) = Outbox::open(&disk.path("outbox.db")).map_err(|error| error.to_string())?;
    if aside.is_some() {
        return Err("it was damaged".to_owned());
    }
    // Checkpoints too are to be cut short, not only commits.
    outbox.set("wal_autocheckpoint", "20");
    if let Some(synchronous) = weaker {
        outbox.set("synchronous", synchronous);
    }
    Ok(outbox)
}

/// Lives one after the other until something is broken; how many entries were persisted.
fn lives(weaker: Option<&str>, torn: bool) -> (u64, Result<(), String>) {
    let disk = Disk::new().expect("SQLite takes it");
    let mut held = Held::new();
    for life in 0..LIVES {
        disk.cut_after(5 + life * 17 % 310);
        let begun = open(&disk, weaker).ok().map(|mut outbox| until_dark(&mut outbox, &mut held));
        assert!(disk.is_off(), "the power went");
        disk.restore(if torn { Loss::Torn { seed: life } } else { Loss::All });
        let found =
            open(&disk, weaker).and_then(|outbox| outbox.entries().map_err(|error| error.to_string()));
        let found: Held = match found {
            Ok(entries) => entries.into_iter().map(|entry| (entry.order, entry)).collect(),
            Err(error) => return (persisted(&held), Err(error)),
        };
        // The write during which the power went is there whole or not at all.
        if found != held && Some(&found) != begun.as_ref() {
            return (persisted(&held), Err(format!("{} entries instead of {}", found.len(), held.len())));
        }
        held = found;
    }
    (persisted(&held), Ok(()))
}

fn persisted(held: &Held) -> u64 {
    held.last_key_value().map_or(0, |(order, _)| *order)
}

#[test]
fn everything_persisted_survives_a_power_cut() {
    for torn in [false, true] {
        let (persisted, whole) = lives(None, torn);
        assert_eq!(whole, Ok(()), "torn {torn}");
        assert!(persisted > 500, "only {persisted} entries were persisted");
    }
}

#[test]
fn the_loss_is_found_when_writes_are_not_synced() {
    for synchronous in ["OFF", "NORMAL"] {
        for torn in [false, true] {
            let (_, whole) = lives(Some(synchronous), torn);
            assert!(whole.is_err(), "{synchronous} torn {torn}: nothing was lost");
        }
    }
}
