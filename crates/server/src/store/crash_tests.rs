//! The process is killed at the worst moments: a group, and a level of the schema, is there whole or not at all.
//!
//! Each test starts its own program once more to be killed: a child that finds in its environment when to die and where.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, abort};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use confab_domain::account::{authenticate, create_owner, create_workspace};
use confab_domain::row::{SettingRow, UserRow};
use confab_domain::{Actor, Read as _, StoreResult, Tx, apply, tail};
use confab_protocol::method::{ConversationCreateParams, MessageSendParams};
use confab_protocol::{Call, ClientId, ConversationSid, UserSid, WireError, WorkspaceSid};
use rusqlite::Connection;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Hooks, SqliteStore, SqliteTx, Writer, schema};

const SCOPE: WorkspaceSid = WorkspaceSid(Uuid::from_u128(9));
const CHILD: &str = "CONFAB_TEST_DIES";
/// What is left as the code of a process that aborted: on Windows `STATUS_STACK_BUFFER_OVERRUN`, elsewhere a signal in its place.
const ABORTED: Option<i32> = if cfg!(windows) { Some(0xC000_0409_u32.cast_signed()) } else { None };
/// Under which the message is sent that the child dies of.
const LAST: ClientId = ClientId(Uuid::from_u128(77));

/// When to die and in which directory, in a child.
fn as_child() -> Option<(String, PathBuf)> {
    let order = std::env::var(CHILD).ok()?;
    let (moment, place) = order.split_once('|').expect("a moment and a place");
    Some((moment.to_owned(), PathBuf::from(place)))
}

/// Runs a test of this program in a child, which has to be killed.
fn dies(test: &str, moment: &str, place: &Path) {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program);
    child
        .args(["--exact", &format!("store::crash_tests::{test}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let ended =
        child.env(CHILD, format!("{moment}|{}", place.display())).status().expect("it can be started");
    assert_eq!(ended.code(), ABORTED, "{moment}: it ended by itself");
}

/// Dies at a commit, once it is armed.
struct DieAt {
    moment: String,
    is_armed: Arc<AtomicBool>,
}

impl DieAt {
    fn come_to(&self, moment: &str) {
        if self.moment == moment && self.is_armed.load(Ordering::SeqCst) {
            abort();
        }
    }
}

impl Hooks for DieAt {
    fn before_commit(&mut self) -> StoreResult<()> {
        self.come_to("before the commit");
        Ok(())
    }

    fn after_commit(&mut self) {
        self.come_to("after the commit");
    }
}

fn start(place: &Path, moment: &str) -> (Writer, Arc<AtomicBool>) {
    let store = SqliteStore::open(&place.join("confab.db")).expect("it opens");
    let is_armed = Arc::new(AtomicBool::new(false));
    let hooks = DieAt { moment: moment.to_owned(), is_armed: Arc::clone(&is_armed) };
    let (hub, mut news) = mpsc::channel(16);
    tokio::spawn(async move { while news.recv().await.is_some() {} });
    let connection = store.writing().expect("it can be written");
    let (writer, _) = Writer::start(connection, SCOPE, hub, Arc::default(), hooks).expect("a thread starts");
    (writer, is_armed)
}

async fn make(writer: &Writer) -> (Actor, ConversationSid) {
    let made = writer.call(|tx, now, ids| {
        create_workspace("Fjordline", now, ids, tx)?;
        let UserRow { sid, .. } = create_owner("Olga", None, "Laptop", now, ids, tx)?.user;
        let device = tx.live_devices(sid, 1)?.remove(0).sid;
        let (actor, _) = authenticate(sid, device, &*tx)?;
        let create = ConversationCreateParams {
            friendly_name: Some("Harbour".to_owned()),
            ..ConversationCreateParams::new(ClientId(ids.uuid()))
        };
        apply(&actor, &Call::ConversationCreate(create), now, ids, tx)?;
        let conversation = tail::standing(&*tx, sid)?.heads[0].conversation;
        Ok(((actor, conversation), Vec::new()))
    });
    made.await.expect("it is made")
}

async fn send(writer: &Writer, actor: Actor, conversation: ConversationSid) -> Result<(), WireError> {
    let send = Call::MessageSend(MessageSendParams::new(LAST, conversation, "the last words"));
    let run = move |tx: &mut dyn Tx, now, ids: &mut dyn confab_domain::Ids| {
        Ok(((), apply(&actor, &send, now, ids, tx)?.events))
    };
    writer.call(run).await
}

fn look(place: &Path) -> SqliteTx<Connection> {
    let connection =
        SqliteStore::open(&place.join("confab.db")).expect("it opens").reading().expect("it reads");
    let verdict: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("it checks");
    assert_eq!(verdict, "ok");
    SqliteTx::new(connection, SCOPE).expect("it is there")
}

/// How often the message stands, its log and its index agreeing.
fn standing(place: &Path, conversation: ConversationSid) -> usize {
    let read = look(place);
    let head = read.conversation(conversation).expect("it reads").expect("a conversation").head;
    let events = read.events(conversation, 0, 100).expect("it reads").len();
    let all = confab_domain::store::Order::Ascending;
    let messages = read.messages(conversation, 0..100, all, 100).expect("it reads");
    assert_eq!((head.last_seq, head.next_index), (events as u64, messages.len() as u64));
    messages.iter().filter(|message| message.client_id == LAST).count()
}

#[tokio::test]
async fn a_group_is_there_whole_or_not_at_all_and_comes_once_when_it_is_sent_again() {
    if let Some((moment, place)) = as_child() {
        let (writer, is_armed) = start(&place, &moment);
        let (actor, conversation) = make(&writer).await;
        std::fs::write(place.join("conversation"), conversation.to_string()).expect("it is noted");
        is_armed.store(true, Ordering::SeqCst);
        drop(send(&writer, actor, conversation).await);
        return;
    }
    for (moment, stands) in [("before the commit", 0), ("after the commit", 1)] {
        let place = tempfile::tempdir().expect("a directory");
        dies(
            "a_group_is_there_whole_or_not_at_all_and_comes_once_when_it_is_sent_again",
            moment,
            place.path(),
        );
        let noted = std::fs::read_to_string(place.path().join("conversation")).expect("it was noted");
        let conversation = noted.parse().expect("a conversation");
        assert_eq!(standing(place.path(), conversation), stands, "{moment}");
        let read = look(place.path());
        let owner = read.user_by_key("olga").expect("it reads").expect("the owner").sid;
        let device = read.live_devices(owner, 1).expect("it reads").remove(0).sid;
        let (actor, _) = authenticate(owner, device, &read).expect("she may");
        let (writer, _) = start(place.path(), "never");
        send(&writer, actor, conversation).await.expect("it is sent again");
        assert_eq!(standing(place.path(), conversation), 1, "{moment}");
    }
}

#[test]
fn a_level_of_the_schema_is_there_whole_or_not_at_all() {
    let newest = schema::newest();
    if let Some((moment, place)) = as_child() {
        let mut connection = Connection::open(place.join("confab.db")).expect("it opens");
        connection.pragma_update(None, "journal_mode", "WAL").expect("it writes a log");
        let die_at: u32 = moment.parse().expect("a level");
        let die = |level| {
            if level == die_at {
                abort();
            }
        };
        drop(schema::migrate_with(&mut connection, die));
        return;
    }
    for level in 1..=newest {
        let place = tempfile::tempdir().expect("a directory");
        dies("a_level_of_the_schema_is_there_whole_or_not_at_all", &level.to_string(), place.path());
        let connection = Connection::open(place.path().join("confab.db")).expect("it opens");
        let at = |connection: &Connection| -> u32 {
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("it has a level")
        };
        assert_eq!(at(&connection), level - 1);
        drop(connection);
        drop(look(place.path()));
        let connection = Connection::open(place.path().join("confab.db")).expect("it opens");
        assert_eq!(at(&connection), newest);
    }
}

fn setting(number: u64) -> SettingRow {
    let user = UserSid(Uuid::from_u128(1));
    let value = Some(format!("\"{number} {}\"", "x".repeat(3_000)));
    SettingRow { user, key: "number".to_owned(), value, version: number, moved: number }
}

/// Values that are written before it may die.
const SAFE: u64 = 6;

fn die_soon(micros: u64) {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_micros(micros));
        abort();
    });
}

#[tokio::test]
async fn whenever_it_dies_while_the_log_is_emptied_nothing_acknowledged_is_lost() {
    if let Some((moment, place)) = as_child() {
        let (writer, _) = start(&place, "never");
        make(&writer).await;
        for number in 1.. {
            writer
                .call(move |tx, _, _| Ok((tx.put_setting(&setting(number))?, Vec::new())))
                .await
                .expect("put");
            std::fs::write(place.join(format!("acknowledged-{}", number % 2)), number.to_string())
                .expect("noted");
            writer.scrub().await;
            if number == SAFE {
                die_soon(moment.parse().expect("microseconds"));
            }
        }
    }
    for micros in [0, 900, 2_100, 3_700, 6_100, 9_300] {
        let place = tempfile::tempdir().expect("a directory");
        let test = "whenever_it_dies_while_the_log_is_emptied_nothing_acknowledged_is_lost";
        dies(test, &micros.to_string(), place.path());
        let noted = |at: u64| std::fs::read_to_string(place.path().join(format!("acknowledged-{at}"))).ok();
        let noted = [0, 1].into_iter().filter_map(noted).filter_map(|text| text.parse::<u64>().ok()).max();
        let acknowledged = noted.unwrap_or(0);
        assert!(acknowledged >= SAFE);
        let stands = look(place.path()).setting(setting(1).user, "number").expect("it reads");
        assert!(stands.map_or(0, |row| row.version) >= acknowledged, "{micros} µs: {acknowledged} is lost");
    }
}
