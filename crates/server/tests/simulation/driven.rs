//! What a simulation drives by hand: the same inputs give the same frames, and a power cut leaves what was committed.

use std::time::Duration;

use confab_domain::group;
use confab_domain::tail::{self, Standing};
use confab_domain::{Actor, DomainResult, Event, Ids as _, Tx, account, apply};
use confab_protocol::method::ConversationCreateParams;
use confab_protocol::{Answer, Call, ClientId, Timestamp, WorkspaceSid};
use confab_server::Bounds;
use confab_server::simulation::{Database, Ended, Hub, Session};
use confab_testkit::SeededIds;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const SCOPE: WorkspaceSid = WorkspaceSid(Uuid::from_u128(1));

fn write<T>(database: &mut Database, mut run: impl FnMut(&mut dyn Tx) -> DomainResult<T>) -> T {
    let mut done = None;
    let group = group::commit(database.journal(), &mut [()], &mut |(), tx| {
        done = Some(run(tx)?);
        Ok(())
    });
    group.unwrap().results.remove(0).unwrap();
    done.unwrap()
}

fn standing(database: &Database, actor: &Actor) -> Standing {
    tail::standing(database.read(), actor.user).unwrap()
}

fn workspace(database: &mut Database, ids: &mut SeededIds) -> Actor {
    let grant = write(database, |tx| {
        account::create_workspace("Fjordline", NOW, ids, tx)?;
        account::create_owner("Olga", None, "Laptop", NOW, ids, tx)
    });
    account::authenticate(grant.user.sid, grant.device, database.read()).unwrap().0
}

fn call(database: &mut Database, ids: &mut SeededIds, actor: &Actor, call: &Call) -> (Answer, Vec<Event>) {
    let outcome = write(database, |tx| apply(actor, call, NOW, ids, tx));
    (outcome.answer, outcome.events)
}

fn conversation(ids: &mut SeededIds) -> Call {
    let client_id = ClientId(ids.uuid());
    Call::ConversationCreate(ConversationCreateParams {
        friendly_name: Some("Harbour".to_owned()),
        ..ConversationCreateParams::new(client_id)
    })
}

/// Everything that four sessions of one user get, on a database of its own.
fn told(seed: u64) -> Vec<Vec<String>> {
    let mut ids = SeededIds::new(seed);
    let mut database = Database::in_memory(SCOPE).unwrap();
    let actor = workspace(&mut database, &mut ids);
    let mut hub = Hub::new(Bounds::default());
    let sessions: Vec<_> = (1..5).map(|id| Session::new(id, actor.clone(), &hub, Duration::ZERO)).collect();
    sessions.iter().for_each(|session| hub.attach(session, standing(&database, &actor), Duration::ZERO));
    for _ in 0..20 {
        let make = conversation(&mut ids);
        let (_, events) = call(&mut database, &mut ids, &actor, &make);
        hub.told(events, Duration::from_millis(5));
    }
    hub.tick(Duration::from_secs(6));
    sessions.iter().map(Session::take).collect()
}

#[test]
fn the_same_inputs_give_the_same_frames() {
    let first = told(7);
    assert!(first[0].len() > 20, "{}", first[0].len());
    assert_eq!(first, told(7));
    assert_ne!(first, told(8));
}

fn power_is_cut(mut database: Database) {
    let mut ids = SeededIds::new(1);
    let actor = workspace(&mut database, &mut ids);
    let make = conversation(&mut ids);
    let (answer, _) = call(&mut database, &mut ids, &actor, &make);
    let Answer::ConversationCreate(made) = answer else { unreachable!("a conversation is made") };
    let backup = database.backup().unwrap();
    let made = made.summary.me.conversation;
    write(&mut database, |tx| Ok(tx.next_commit()?));
    database.journal().begin().unwrap();
    database.tx().next_commit().unwrap();
    database.power_cut().unwrap();
    let commit = |database: &Database| database.read().workspace().unwrap().unwrap().commit;
    assert_eq!(commit(&database), commit(&backup) + 1);
    assert!(database.read().conversation(made).unwrap().is_some());
    assert!(backup.read().conversation(made).unwrap().is_some());
    // And it goes on.
    write(&mut database, |tx| Ok(tx.next_commit()?));
    assert_eq!(commit(&database), commit(&backup) + 2);
}

#[test]
fn a_power_cut_in_memory_leaves_what_was_committed() {
    power_is_cut(Database::in_memory(SCOPE).unwrap());
}

#[test]
fn a_power_cut_leaves_what_was_committed_to_the_file() {
    let place = tempfile::tempdir().unwrap();
    power_is_cut(Database::open(&place.path().join("confab.db"), SCOPE).unwrap());
}

#[test]
fn a_session_whose_connection_broke_ends_silently() {
    let mut ids = SeededIds::new(1);
    let mut database = Database::in_memory(SCOPE).unwrap();
    let actor = workspace(&mut database, &mut ids);
    let mut hub = Hub::new(Bounds::default());
    let (gone, stays) =
        (Session::new(1, actor.clone(), &hub, Duration::ZERO), Session::new(2, actor, &hub, Duration::ZERO));
    hub.attach(&gone, standing(&database, gone.actor()), Duration::ZERO);
    hub.attach(&stays, standing(&database, stays.actor()), Duration::ZERO);
    gone.end();
    hub.detach(gone.id(), Duration::ZERO);
    hub.stop(Duration::ZERO);
    assert_eq!((gone.take(), gone.ended()), (Vec::new(), Some(Ended::Silently)));
    assert!(stays.take()[0].contains("closing") && stays.take().is_empty());
}
