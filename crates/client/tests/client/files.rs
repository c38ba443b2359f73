//! Files: brought to the server and fetched from there, over connections that break, and through the outbox.

use std::io::Cursor;

use confab_client::NewFile;
use confab_core::command::{Command, FileToSend};
use confab_core::view::{MessageRow, MessageState};
use confab_protocol::MediaSid;
use confab_protocol::model::MediaCategory;
use confab_server::{backup, restore};
use confab_testkit::{Once, Proxy, noise};
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

use crate::desk::{Desk, Shown};
use crate::world::{Person, World, until};

const PART: usize = 1024 * 1024;

fn new_file(bytes: &[u8]) -> NewFile {
    NewFile {
        name: Some("quay plan.bin".into()),
        content_type: "application/x-plan".into(),
        size: bytes.len() as u64,
        category: MediaCategory::Media,
    }
}

async fn fetched(desk: &Desk, media: MediaSid, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let mut download = desk.client.download(media, range).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await.unwrap() {
        bytes.extend_from_slice(&piece);
    }
    bytes
}

async fn staged(desk: &Desk, name: &str, bytes: &[u8]) -> FileToSend {
    let (name, source) = (Some(name.to_owned()), Cursor::new(bytes.to_vec()));
    desk.client.stage(name, "application/octet-stream".into(), source).await.unwrap()
}

async fn send(desk: &Desk, conversation: &str, body: &str, files: Vec<FileToSend>) {
    let conversation = conversation.to_owned();
    desk.ask(Command::SendFiles { conversation, body: body.into(), files }).await;
}

fn sent<'a>(shown: &'a Shown, body: &str) -> Option<&'a MessageRow> {
    shown.message(body).filter(|row| row.state == MessageState::Sent && row.sid.is_some())
}

fn kept(person: &Person) -> usize {
    std::fs::read_dir(person.home().join("staged")).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_and_comes_down_with_progress() {
    let world = World::new().await;
    let (mut ingrid, mut aiko) = (world.owner("Ingrid").await, world.guest("Aiko").await);
    let (ingrid, aiko) = (ingrid.connect().await, aiko.connect().await);
    let bytes = noise(2 * PART + 9);
    let upload = ingrid.client.upload(new_file(&bytes), Cursor::new(bytes.clone())).await.unwrap();
    let (sid, progress) = (upload.media(), upload.progress());
    let media = upload.finished().await.unwrap();
    assert_eq!((media.sid, media.size, *progress.borrow()), (sid, bytes.len() as u64, bytes.len() as u64));
    assert!(fetched(&ingrid, sid, None).await == bytes);
    assert_eq!(
        fetched(&ingrid, sid, Some(PART as u64 - 2..PART as u64 + 2)).await,
        bytes[PART - 2..PART + 2]
    );
    assert_eq!(aiko.client.download(sid, None).await.unwrap_err().code, "not_found");
    assert_eq!(ingrid.client.thumbnail(sid).await.unwrap_err().code, "not_found");
    assert_eq!(ingrid.client.media_urls(&[sid]).await.unwrap().len(), 1);
    assert_eq!(aiko.client.media_urls(&[sid]).await.unwrap_err().code, "not_found");
    let large = NewFile { size: u64::MAX / 4_096, ..new_file(&bytes) };
    let refused = ingrid.client.upload(large, Cursor::new(Vec::new())).await.unwrap().finished().await;
    assert_eq!(refused.unwrap_err().code, "too_large");
    let short = NewFile { size: 10, ..new_file(&bytes) };
    let unreadable = ingrid.client.upload(short, Cursor::new(vec![0; 9])).await.unwrap().finished().await;
    assert_eq!(unreadable.unwrap_err().code, "file_unreadable");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_given_up_is_forgotten_there_too() {
    let world = World::new().await;
    let mut ingrid = world.owner("Ingrid").await;
    let ingrid = ingrid.connect().await;
    let bytes = noise(PART);
    let upload = ingrid.client.upload(new_file(&bytes), Cursor::new(bytes.clone())).await.unwrap();
    let (sid, mut progress) = (upload.media(), upload.progress());
    progress.wait_for(|there| *there == bytes.len() as u64).await.unwrap();
    assert!(fetched(&ingrid, sid, None).await == bytes);
    upload.cancel().await;
    assert_eq!(ingrid.client.download(sid, None).await.unwrap_err().code, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_given_up_half_way_leaves_nothing_there() {
    let world = World::new().await;
    let mut ingrid = world.owner("Ingrid").await;
    let mut proxy = Proxy::before(world.config.listen, Once::Held, PART as u64 + 300_000).await;
    ingrid.account.addresses = vec![proxy.address.to_string()];
    let desk = ingrid.connect().await;
    let bytes = noise(2 * PART + 9);
    let upload = desk.client.upload(new_file(&bytes), Cursor::new(bytes.clone())).await.unwrap();
    proxy.breaks_in().await;
    assert_eq!(*upload.progress().borrow(), PART as u64, "the second part is on its way");
    let parts = world.config.data_dir.join("media").join(upload.media().to_string());
    let there = || std::fs::read_dir(&parts).map_or(0, Iterator::count);
    assert_eq!(there(), 1);
    upload.cancel().await;
    assert!(until(|| there() == 0).await, "the server keeps what came");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_on_the_way_goes_on_where_it_was() {
    let world = World::new().await;
    let mut ingrid = world.owner("Ingrid").await;
    let bytes = noise(3 * PART + 9);
    // Through the middle of the second part, on the way up.
    let proxy = Proxy::before(world.config.listen, Once::Cut, PART as u64 + 600_000).await;
    ingrid.account.addresses = vec![proxy.address.to_string()];
    let desk = ingrid.connect().await;
    let upload = desk.client.upload(new_file(&bytes), Cursor::new(bytes.clone())).await.unwrap();
    let sid = upload.finished().await.unwrap().sid;
    assert!(proxy.broke_in());
    desk.client.shutdown().await;
    // And on the way down.
    let proxy = Proxy::before(world.config.listen, Once::Cut, PART as u64 + 600_000).await;
    ingrid.account.addresses = vec![proxy.address.to_string()];
    let desk = ingrid.connect().await;
    assert!(fetched(&desk, sid, None).await == bytes);
    assert!(proxy.broke_in());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_through_the_outbox_and_arrive_with_their_message() {
    let world = World::new().await;
    let (mut ingrid, mut aiko) = (world.owner("Ingrid").await, world.guest("Aiko").await);
    let (mut desk, mut other) = (ingrid.connect().await, aiko.connect().await);
    let room = desk.create("Harbour").await;
    desk.ask(Command::AddParticipant { conversation: room.clone(), identity: "Aiko".into() }).await;
    let (one, two) = (noise(PART + 5), b"hello".to_vec());
    let files = vec![staged(&desk, "plan.bin", &one).await, staged(&desk, "note.txt", &two).await];
    send(&desk, &room, "at noon", files).await;
    desk.say(&room, "and this").await;
    desk.until_shown("both messages", |shown| {
        sent(shown, "at noon").is_some() && sent(shown, "and this").is_some()
    })
    .await;
    assert_eq!(desk.shown.bodies(), ["at noon", "and this"]);
    other.until_shown("the conversation", |shown| shown.conversation("Harbour").is_some()).await;
    let key = other.shown.conversation("Harbour").unwrap().key.clone();
    other.open(&key).await;
    other.until_shown("the message", |shown| shown.message("at noon").is_some()).await;
    let row = other.shown.message("at noon").unwrap();
    let names: Vec<_> = row.media.iter().map(|file| (file.name.as_deref(), file.ready)).collect();
    assert_eq!(names, [(Some("plan.bin"), true), (Some("note.txt"), true)]);
    let sids: Vec<MediaSid> = row.media.iter().map(|file| file.sid.parse().unwrap()).collect();
    assert!(fetched(&other, sids[0], None).await == one);
    assert_eq!(fetched(&other, sids[1], None).await, two);
    assert_eq!(kept(&ingrid), 2, "kept for as long as the server may lose them");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_attached_without_a_connection_survives_a_sudden_end_and_leaves_in_its_order() {
    let mut world = World::new().await;
    let mut ingrid = world.owner("Ingrid").await;
    let mut desk = ingrid.connect().await;
    let room = desk.create("Harbour").await;
    desk.until_shown("the conversation", |shown| {
        shown.conversations.get(&room).is_some_and(|row| row.sid.is_some())
    })
    .await;
    desk.client.shutdown().await;
    world.stop().await;
    let bytes = noise(PART + 7);
    let computer = Runtime::new().unwrap();
    let desk = ingrid.sit_down_at(&computer).await;
    let file = staged(&desk, "plan.bin", &bytes).await;
    let never_sent = staged(&desk, "other.bin", b"other").await;
    send(&desk, &room, "with a plan", vec![file]).await;
    desk.say(&room, "behind it").await;
    let mut desk = desk;
    desk.open(&room).await;
    let on_its_way = |row: &MessageRow| row.state == MessageState::Sending;
    desk.until_shown("both echoes", |shown| shown.message("behind it").is_some_and(on_its_way)).await;
    assert_eq!(kept(&ingrid), 2);
    // As sudden as kill -9: nothing is closed, nothing is said.
    spawn_blocking(move || drop(computer)).await.unwrap();
    drop(desk);
    world.start().await;
    let mut desk = ingrid.sit_down().await;
    desk.open(&room).await;
    desk.until_shown("both messages", |shown| {
        sent(shown, "with a plan").is_some() && sent(shown, "behind it").is_some()
    })
    .await;
    assert_eq!(desk.shown.bodies(), ["with a plan", "behind it"]);
    let sid = desk.shown.message("with a plan").unwrap().media[0].sid.parse().unwrap();
    assert!(fetched(&desk, sid, None).await == bytes);
    assert_eq!(kept(&ingrid), 1, "what was never sent is swept: {never_sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_put_back_to_a_backup_gets_the_files_again() {
    let mut world = World::new().await;
    let mut ingrid = world.owner("Ingrid").await;
    let mut desk = ingrid.connect().await;
    let room = desk.create("Harbour").await;
    desk.until_shown("the conversation", |shown| {
        shown.conversations.get(&room).is_some_and(|row| row.sid.is_some())
    })
    .await;
    let (data, to) = (world.config.data_dir.clone(), ingrid.disk.path().join("one.backup"));
    let (from, file) = (data.clone(), to.clone());
    spawn_blocking(move || backup(&from, &file, false)).await.unwrap().unwrap();
    let bytes = noise(PART + 3);
    let plan = staged(&desk, "plan.bin", &bytes).await;
    send(&desk, &room, "with a plan", vec![plan]).await;
    desk.until_shown("the message", |shown| sent(shown, "with a plan").is_some()).await;
    world.stop().await;
    spawn_blocking(move || restore(&data, &to, false)).await.unwrap().unwrap();
    world.start().await;
    let mut other = world.sign_in("Ingrid").await;
    let mut newcomer = other.connect().await;
    newcomer.until_shown("the conversation", |shown| shown.conversation("Harbour").is_some()).await;
    let key = newcomer.shown.conversation("Harbour").unwrap().key.clone();
    newcomer.open(&key).await;
    newcomer.until_shown("the message", |shown| sent(shown, "with a plan").is_some()).await;
    let sid = newcomer.shown.message("with a plan").unwrap().media[0].sid.parse().unwrap();
    assert!(fetched(&newcomer, sid, None).await == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_taken_back_before_it_left_takes_its_files_along() {
    let mut world = World::new().await;
    let mut ingrid = world.owner("Ingrid").await;
    let mut desk = ingrid.connect().await;
    let room = desk.create("Harbour").await;
    desk.until_shown("the conversation", |shown| {
        shown.conversations.get(&room).is_some_and(|row| row.sid.is_some())
    })
    .await;
    world.stop().await;
    desk.until_shown("no connection", |shown| !shown.connected()).await;
    let file = staged(&desk, "plan.bin", b"a plan").await;
    send(&desk, &room, "with a plan", vec![file]).await;
    desk.until_shown("the echo", |shown| shown.message("with a plan").is_some()).await;
    let message = desk.shown.message("with a plan").unwrap().key.clone();
    desk.ask(Command::Remove { conversation: room.clone(), message }).await;
    desk.client.shutdown().await;
    assert_eq!(kept(&ingrid), 0);
}
