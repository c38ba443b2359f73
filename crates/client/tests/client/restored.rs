//! A server that was put back to a backup while people were chatting: they find together again, and nothing is lost.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use confab_core::command::Command;
use confab_core::view::MessageState;
use confab_server::{backup, restore, verify};
use tokio::task::spawn_blocking;

use crate::desk::{Desk, Shown};
use crate::world::{Person, World};

/// Three computers of two people.
struct People {
    ada: Desk,
    adas_other: Desk,
    ben: Desk,
}

impl People {
    fn desks(&mut self) -> [&mut Desk; 3] {
        [&mut self.ada, &mut self.adas_other, &mut self.ben]
    }

    /// Everybody opens a conversation, once it is there.
    async fn open(&mut self, name: &str) {
        for desk in self.desks() {
            let key = key(desk, name).await;
            desk.open(&key).await;
        }
    }

    /// Waits until everybody shows these messages in it and no others, all of them with the server.
    async fn all_see(&mut self, bodies: &[&str]) {
        for desk in self.desks() {
            all_there(desk, bodies).await;
        }
    }

    /// Waits until everybody shows the open conversation as somebody does who has just come to it.
    async fn all_agree_with(&mut self, newcomer: &Desk) -> Messages {
        let standing = sent(&newcomer.shown);
        for desk in self.desks() {
            desk.until_shown("the same as the newcomer", |shown| sent(shown) == standing).await;
        }
        standing
    }

    async fn all_lose_the_connection(&mut self) {
        for desk in self.desks() {
            desk.until_shown("the loss of the connection", |shown| !shown.connected()).await;
        }
    }
}

/// Messages with index, key and text, in order.
type Messages = Vec<(u64, String, String)>;

async fn all_there(desk: &mut Desk, bodies: &[&str]) {
    let mut wanted: Vec<&str> = bodies.to_vec();
    wanted.sort_unstable();
    desk.until_shown(&format!("{bodies:?}"), |shown| {
        let rows = sent(shown);
        let mut there: Vec<&str> = rows.iter().map(|(_, _, body)| &body[..]).collect();
        there.sort_unstable();
        shown.connected() && there == wanted
    })
    .await;
}

/// Opens a conversation in a client that has just come to it, once it has these messages.
async fn opened<'a>(newcomer: &'a mut Desk, name: &str, bodies: &[&str]) -> &'a Desk {
    let key = key(newcomer, name).await;
    newcomer.open(&key).await;
    all_there(newcomer, bodies).await;
    newcomer
}

async fn key(desk: &mut Desk, name: &str) -> String {
    let found =
        |desk: &Desk| desk.shown.conversation(name).filter(|row| !row.left).map(|row| row.key.clone());
    desk.until(name, found).await
}

/// The messages of the open conversation; none while some of them are on their way.
fn sent(shown: &Shown) -> Messages {
    let rows = || shown.timeline.values();
    if rows().any(|row| row.state != MessageState::Sent) {
        return Vec::new();
    }
    let mut rows: Messages =
        rows().filter_map(|row| Some((row.index?, row.key.clone(), row.body.clone()))).collect();
    rows.sort();
    rows
}

/// Says something in the open conversation, one after the other, and waits until the server has all of it.
async fn say(desk: &mut Desk, conversation: &str, bodies: &[&str]) {
    let place = key(desk, conversation).await;
    for body in bodies {
        desk.say(&place, body).await;
    }
    for body in bodies {
        desk.until_shown(body, |shown| {
            shown.message(body).is_some_and(|row| row.state == MessageState::Sent && row.index.is_some())
        })
        .await;
    }
}

async fn edit(desk: &mut Desk, conversation: &str, body: &str, new: &str) {
    let (place, message) = (key(desk, conversation).await, desk.shown.message(body).unwrap().key.clone());
    desk.ask(Command::Edit { conversation: place, message, body: new.into() }).await;
}

async fn remove(desk: &mut Desk, conversation: &str, body: &str) {
    let (place, message) = (key(desk, conversation).await, desk.shown.message(body).unwrap().key.clone());
    desk.ask(Command::Remove { conversation: place, message }).await;
}

/// The texts of some messages among all, in the order in which they stand.
fn order<'a>(all: &'a Messages, of: &[&str]) -> Vec<&'a str> {
    all.iter().map(|(_, _, body)| &body[..]).filter(|body| of.contains(body)).collect()
}

/// Waits until every computer has renewed its tokens.
async fn all_renew(people: &[&Person]) {
    for person in people {
        let held = person.keyring.held();
        person.keyring.changed_from(&held).await;
    }
}

/// Stops the server, puts it back to a backup and starts it at the same address.
async fn put_back(world: &mut World, people: &mut People, file: &Path) {
    world.stop().await;
    people.all_lose_the_connection().await;
    let (data, file) = (world.config.data_dir.clone(), file.to_owned());
    spawn_blocking(move || restore(&data, &file, false)).await.unwrap().unwrap();
    world.start().await;
}

async fn disagreements(world: &World) -> Vec<String> {
    let data = world.config.data_dir.clone();
    let found = spawn_blocking(move || verify(&data, true)).await.unwrap().unwrap();
    found.report.findings.iter().map(ToString::to_string).collect()
}

/// What stands in the two conversations in the end.
const HARBOUR: &[&str] = &["a1", "a2 is new", "a3", "b2", "a4", "a5", "o1", "o2 is new", "o3", "b3", "b5"];
const PIER: &[&str] = &["pb1", "pb2", "pa1", "po1", "po2"];

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_loses_nothing_that_anybody_holds() {
    // Tokens rotate all the time, so that everybody shows one that the backup has never seen.
    let mut world = World::with(|config| {
        config.bounds.access_token = Duration::from_secs(32);
        config.bounds.token_warning = Duration::from_millis(31_500);
    })
    .await;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("fjordline.backup");
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let mut other = world.sign_in("Ada").await;
    let (ada, adas_other, ben) = (owner.connect().await, other.connect().await, guest.connect().await);
    let mut people = People { ada, adas_other, ben };

    let here = people.ada.create("Harbour").await;
    people.ada.ask(Command::AddParticipant { conversation: here, identity: "Ben".into() }).await;
    people.open("Harbour").await;
    say(&mut people.ada, "Harbour", &["a1", "a2", "a3"]).await;
    say(&mut people.ben, "Harbour", &["b1", "b2"]).await;
    people.all_see(&["a1", "a2", "a3", "b1", "b2"]).await;

    let (data, to) = (world.config.data_dir.clone(), file.clone());
    spawn_blocking(move || backup(&data, &to, false)).await.unwrap().unwrap();
    all_renew(&[&owner, &other, &guest]).await;
    all_renew(&[&owner, &other, &guest]).await;

    // Everything from here on is not in the backup.
    say(&mut people.ada, "Harbour", &["a4", "a5"]).await;
    say(&mut people.adas_other, "Harbour", &["o1", "o2", "o3"]).await;
    say(&mut people.ben, "Harbour", &["b3", "b4", "b5"]).await;
    people.all_see(&["a1", "a2", "a3", "b1", "b2", "a4", "a5", "o1", "o2", "o3", "b3", "b4", "b5"]).await;
    edit(&mut people.ada, "Harbour", "a2", "a2 is new").await;
    edit(&mut people.adas_other, "Harbour", "o2", "o2 is new").await;
    remove(&mut people.ben, "Harbour", "b1").await;
    remove(&mut people.ben, "Harbour", "b4").await;
    people.all_see(HARBOUR).await;
    let harbour = sent(&people.ben.shown);
    let pier = people.ada.create("Pier").await;
    people.ada.ask(Command::AddParticipant { conversation: pier, identity: "Ben".into() }).await;
    people.open("Pier").await;
    say(&mut people.ben, "Pier", &["pb1", "pb2"]).await;
    say(&mut people.ada, "Pier", &["pa1"]).await;
    say(&mut people.adas_other, "Pier", &["po1", "po2"]).await;
    people.all_see(PIER).await;
    let pier = sent(&people.ben.shown);

    put_back(&mut world, &mut people, &file).await;

    let mut newcomer = world.sign_in("Ben").await.connect().await;
    people.open("Pier").await;
    let pier_after = people.all_agree_with(opened(&mut newcomer, "Pier", PIER).await).await;
    people.open("Harbour").await;
    let harbour_after = people.all_agree_with(opened(&mut newcomer, "Harbour", HARBOUR).await).await;
    for (before, after) in [(&pier, &pier_after), (&harbour, &harbour_after)] {
        let by_key = |rows: &Messages| -> BTreeMap<String, String> {
            rows.iter().map(|(_, key, body)| (key.clone(), body.clone())).collect()
        };
        assert_eq!(by_key(before), by_key(after), "each of them once, with its text");
    }
    for device in
        [&["a1", "a2 is new", "a3", "a4", "a5"][..], &["o1", "o2 is new", "o3"], &["b2", "b3", "b5"]]
    {
        assert_eq!(order(&harbour_after, device), device);
    }
    for device in [&["pb1", "pb2"][..], &["pa1"], &["po1", "po2"]] {
        assert_eq!(order(&pier_after, device), device);
    }
    all_renew(&[&owner, &other, &guest]).await;
    say(&mut people.ben, "Harbour", &["b6"]).await;
    people.all_see(&[HARBOUR, &["b6"]].concat()).await;
    assert_eq!(disagreements(&world).await, Vec::<String>::new());
}
