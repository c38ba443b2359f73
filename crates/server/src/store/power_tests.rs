//! The store and its writer on a disk that loses its power: what was acknowledged is there, and the database is whole.

use std::sync::Arc;

use confab_domain::account::{create_owner, create_workspace};
use confab_domain::{Actor, DomainResult, Ids, StoreError, Tx, apply};
use confab_powercut::{Disk, Loss};
use confab_protocol::method::{ConversationCreateParams, MessageSendParams};
use confab_protocol::{
    Answer, Call, ClientId, ConversationSid, ErrorCode, Timestamp, WireError, WorkspaceSid,
};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Committed, SqliteStore, StoreOpenError, Writer};

const WORKSPACE: WorkspaceSid = WorkspaceSid(Uuid::from_u128(9));
/// Lives of the database.
const LIVES: u64 = 30;
/// People who send at once, so that commits take groups.
const SENDERS: u64 = 8;

/// What a server is to a person: everything that was acknowledged, over all lives.
#[derive(Default)]
struct Acknowledged {
    actor: Option<Actor>,
    conversation: Option<ConversationSid>,
    messages: Vec<Uuid>,
}

/// What is wrong after a cut.
#[derive(Debug, PartialEq)]
enum Broken {
    Unopenable(String),
    Damaged(String),
    Lost(usize),
    Holes,
}

/// As a server opens it, unless something weaker is asked for.
fn open(disk: &Disk, weaker: Option<&str>) -> Result<Connection, StoreOpenError> {
    let connection = SqliteStore::open(&disk.path("confab.db"))?.writing()?;
    if let Some(synchronous) = weaker {
        connection.pragma_update(None, "synchronous", synchronous)?;
    }
    // Checkpoints too are to be cut short, not only commits.
    connection.pragma_update(None, "wal_autocheckpoint", 40)?;
    Ok(connection)
}

async fn call(writer: &Writer, actor: Actor, call: Call) -> Result<Answer, WireError> {
    let run = move |tx: &mut dyn Tx, now, ids: &mut dyn Ids| -> DomainResult<Committed<Answer>> {
        let outcome = apply(&actor, &call, now, ids, tx)?;
        Ok((outcome.answer, outcome.events))
    };
    writer.call(run).await
}

/// The workspace with its owner, made in one commit.
async fn found(writer: &Writer) -> Result<Actor, WireError> {
    let run = |tx: &mut dyn Tx, now: Timestamp, ids: &mut dyn Ids| {
        create_workspace("Fjordline", now, ids, tx)?;
        let grant = create_owner("Olga", None, "laptop", now, ids, tx)?;
        let (user, device) = (grant.user, Some(grant.device));
        let workspace = tx.workspace()?.map(|row| row.sid);
        let workspace = workspace.ok_or_else(|| StoreError::Corrupt("no workspace".to_owned()))?;
        let actor = Actor { workspace, user: user.sid, identity: user.identity, role: user.role, device };
        Ok((actor, Vec::new()))
    };
    writer.call(run).await
}

async fn make_conversation(writer: &Writer, actor: Actor) -> Result<ConversationSid, WireError> {
    let create = ConversationCreateParams {
        friendly_name: Some("Power".to_owned()),
        ..ConversationCreateParams::new(ClientId(Uuid::now_v7()))
    };
    match call(writer, actor, Call::ConversationCreate(create)).await? {
        Answer::ConversationCreate(made) => Ok(made.summary.me.conversation),
        _ => Err(ErrorCode::Internal.into()),
    }
}

/// Sends until the power goes; gives what was acknowledged.
async fn send(writer: Writer, actor: Actor, conversation: ConversationSid) -> Vec<Uuid> {
    let mut acknowledged = Vec::new();
    loop {
        let client_id = Uuid::now_v7();
        let send = MessageSendParams::new(
            ClientId(client_id),
            conversation,
            "as long as the power lasts ".repeat(20),
        );
        if call(&writer, actor.clone(), Call::MessageSend(send)).await.is_err() {
            return acknowledged;
        }
        acknowledged.push(client_id);
    }
}

/// One life: whatever has not been made yet is made, then everybody sends until the power goes.
async fn live(writer: &Writer, known: &mut Acknowledged) -> Result<(), WireError> {
    let actor = match &known.actor {
        Some(actor) => actor.clone(),
        None => known.actor.insert(found(writer).await?).clone(),
    };
    let conversation = match known.conversation {
        Some(conversation) => conversation,
        None => *known.conversation.insert(make_conversation(writer, actor.clone()).await?),
    };
    let senders = (0..SENDERS).map(|_| tokio::spawn(send(writer.clone(), actor.clone(), conversation)));
    for sender in senders.collect::<Vec<_>>() {
        known.messages.extend(sender.await.expect("a sender does not panic"));
    }
    Ok(())
}

async fn until_dark(connection: Connection, known: &mut Acknowledged) {
    let (hub, mut news) = mpsc::channel(16);
    let (writer, thread) =
        Writer::start(connection, WORKSPACE, hub, Arc::default(), ()).expect("a thread can be started");
    let reading = tokio::spawn(async move { while news.recv().await.is_some() {} });
    // An error is the end of the power, which was to come.
    drop(live(&writer, known).await);
    writer.stop().await;
    drop(writer);
    tokio::task::spawn_blocking(|| thread.join()).await.expect("it ends").expect("the writer does not panic");
    reading.await.expect("it ends with the writer");
}

/// Opens the database as a server does that starts, and looks through it.
fn inspect(disk: &Disk, weaker: Option<&str>, known: &Acknowledged) -> Result<(), Broken> {
    let connection = open(disk, weaker).map_err(|error| Broken::Unopenable(error.to_string()))?;
    judge(&connection, known).unwrap_or_else(|error| Err(Broken::Damaged(error.to_string())))
}

fn judge(connection: &Connection, known: &Acknowledged) -> rusqlite::Result<Result<(), Broken>> {
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(Err(Broken::Damaged(verdict)));
    }
    let mut find = connection.prepare("SELECT 1 FROM messages WHERE client_id = ?1")?;
    let mut lost = 0;
    for id in &known.messages {
        lost += usize::from(!find.exists([id.as_bytes()])?);
    }
    let user = known.actor.as_ref().map(|actor| *actor.user.0.as_bytes());
    let is_there = |sql, id: Option<[u8; 16]>| -> rusqlite::Result<bool> {
        let Some(id) = id else { return Ok(true) };
        Ok(connection.query_row(sql, [id], |_| Ok(())).optional()?.is_some())
    };
    lost += usize::from(!is_there("SELECT 1 FROM users WHERE sid = ?1", user)?);
    let conversation = known.conversation.map(|sid| *sid.0.as_bytes());
    lost += usize::from(!is_there("SELECT 1 FROM heads WHERE conversation = ?1", conversation)?);
    if lost > 0 {
        return Ok(Err(Broken::Lost(lost)));
    }
    // A group is there whole or not at all: no index and no sequence is missing, and the heads agree.
    let holes = "SELECT count(*) FROM heads h WHERE
        h.next_index <> (SELECT count(*) FROM messages m WHERE m.conversation = h.conversation)
        OR h.last_seq <> (SELECT count(*) FROM events e WHERE e.conversation = h.conversation)";
    let holes: u64 = connection.query_row(holes, [], |row| row.get::<_, i64>(0))?.cast_unsigned();
    Ok(if holes == 0 { Ok(()) } else { Err(Broken::Holes) })
}

/// Lives one after the other until something is broken; how many messages were acknowledged.
async fn lives(weaker: Option<&str>, torn: bool) -> (usize, Result<(), Broken>) {
    let disk = Disk::new().expect("SQLite takes it");
    let mut known = Acknowledged::default();
    for life in 0..LIVES {
        // The schema alone takes some hundred operations: in the first lives the cut comes within it.
        disk.cut_after(20 + life * 37 % 900);
        if let Ok(connection) = open(&disk, weaker) {
            until_dark(connection, &mut known).await;
        }
        assert!(disk.is_off(), "the power went");
        disk.restore(if torn { Loss::Torn { seed: life } } else { Loss::All });
        if let Err(broken) = inspect(&disk, weaker, &known) {
            return (known.messages.len(), Err(broken));
        }
    }
    (known.messages.len(), Ok(()))
}

#[tokio::test]
async fn everything_acknowledged_survives_a_power_cut() {
    for torn in [false, true] {
        let (acknowledged, whole) = lives(None, torn).await;
        assert_eq!(whole, Ok(()), "torn {torn}");
        assert!(acknowledged > 500, "only {acknowledged} messages were acknowledged");
    }
}

#[tokio::test]
async fn the_loss_is_found_when_commits_are_not_synced() {
    for synchronous in ["OFF", "NORMAL"] {
        for torn in [false, true] {
            let (_, whole) = lives(Some(synchronous), torn).await;
            assert!(whole.is_err(), "{synchronous} torn {torn}: nothing was lost");
        }
    }
}
