//! Pictures of messages: fetched once and kept, for as long as their message is there and not a moment longer.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use confab_client::{Existing, MediaOf, PictureSize};
use confab_core::command::{Command, FileToSend};
use confab_core::view::{FileKind, MessageRow, MessageState};
use confab_testkit::{Once, Proxy, noise};
use image::{ImageFormat, RgbImage};
use tokio::sync::watch;

use crate::desk::Desk;
use crate::world::{Person, World, until};

/// A picture whose file is nowhere the same.
fn picture() -> Vec<u8> {
    let picture = RgbImage::from_raw(40, 30, noise(40 * 30 * 3)).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn staged(desk: &Desk, bytes: &[u8]) -> FileToSend {
    let (name, source) = (Some("quay.png".to_owned()), Cursor::new(bytes.to_vec()));
    desk.client.stage(name, "image/png".into(), source).await.unwrap()
}

/// All files below a directory.
fn files(below: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(below) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Those that hold the middle of these bytes.
fn holders(home: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let middle = &bytes[bytes.len() / 2..bytes.len() / 2 + 64];
    let holds = |path: &PathBuf| {
        std::fs::read(path).unwrap_or_default().windows(middle.len()).any(|window| window == middle)
    };
    files(home).into_iter().filter(holds).collect()
}

async fn until_held_by(home: &Path, bytes: &[u8], count: usize) {
    let seen = until(|| holders(home, bytes).len() == count).await;
    assert!(seen, "not {count} but {:?}", holders(home, bytes));
}

fn there(row: &MessageRow) -> bool {
    row.state == MessageState::Sent && row.media.first().is_some_and(|file| file.ready)
}

/// Where the first file of a message stands.
fn place(desk: &Desk, body: &str) -> MediaOf {
    let row = desk.shown.message(body).unwrap();
    let open = desk.shown.open.as_ref().unwrap();
    let sid = desk.shown.conversations[open].sid.as_ref().unwrap();
    MediaOf {
        conversation: sid.parse().unwrap(),
        message: row.sid.as_ref().unwrap().parse().unwrap(),
        media: row.media[0].sid.parse().unwrap(),
    }
}

/// Ada has sent two pictures to Ben, who has both on screen.
async fn two_pictures(ada: &mut Desk, ben: &mut Desk, pictures: [&[u8]; 2]) -> String {
    let here = ada.create("Harbour").await;
    ada.ask(Command::AddParticipant { conversation: here.clone(), identity: "Ben".into() }).await;
    for (body, bytes) in ["one", "two"].into_iter().zip(pictures) {
        let files = vec![staged(ada, bytes).await];
        ada.ask(Command::SendFiles { conversation: here.clone(), body: body.into(), files }).await;
        ada.until_shown(body, |shown| shown.message(body).is_some_and(there)).await;
    }
    ben.until_shown("the conversation", |shown| shown.conversation("Harbour").is_some()).await;
    let key = ben.shown.conversation("Harbour").unwrap().key.clone();
    ben.open(&key).await;
    ben.until_shown("both", |shown| ["one", "two"].iter().all(|body| shown.message(body).is_some_and(there)))
        .await;
    here
}

async fn look(desk: &Desk, body: &str) {
    for size in [PictureSize::Small, PictureSize::Whole] {
        desk.client.picture(place(desk, body), size).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_fetched_once_and_shown_without_a_connection_from_then_on() {
    let mut world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let bytes = picture();
    let file = staged(&ada, &bytes).await;
    assert_eq!((file.kind, file.width, file.height), (FileKind::Photo, Some(40), Some(30)));
    let shown = ada.client.staged_picture(file.id.parse().unwrap()).await.unwrap();
    assert_eq!((shown.content_type, &shown.bytes[..]), ("image/png", &bytes[..]));
    two_pictures(&mut ada, &mut ben, [&bytes, b"GIF89a is all that it says"]).await;
    look(&ben, "one").await;
    let no_picture = ben.client.picture(place(&ben, "two"), PictureSize::Whole).await;
    assert!(no_picture.is_ok_and(|shown| shown.content_type == "image/gif"), "by its first bytes it is one");
    world.stop().await;
    ben.until_shown("no connection", |shown| !shown.connected()).await;
    let kept = ben.client.picture(place(&ben, "one"), PictureSize::Whole).await.unwrap();
    assert_eq!(kept.bytes, bytes);
    let to = guest.disk.path().join("quay.png");
    ben.client.save(place(&ben, "one"), to.clone(), Existing::Kept, |_| {}).await.unwrap();
    assert_eq!(std::fs::read(to).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_here_is_fetched_to_be_saved_and_leaves_nothing_when_it_cannot_be() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let (one, two) = (picture(), vec![b'x'; 700_000]);
    two_pictures(&mut ada, &mut ben, [&one, &two]).await;
    let to = guest.disk.path().join("two.bin");
    let come = std::sync::Mutex::new(Vec::new());
    ben.client
        .save(place(&ben, "two"), to.clone(), Existing::Kept, |bytes| come.lock().unwrap().push(bytes))
        .await
        .unwrap();
    assert!(std::fs::read(to).unwrap() == two);
    let come = come.into_inner().unwrap();
    assert!(come.is_sorted() && come.len() > 1 && come.last() == Some(&700_000), "{come:?}");
    let nowhere = guest.disk.path().join("no/such/folder");
    let refused = ben.client.save(place(&ben, "two"), nowhere, Existing::Kept, |_| {}).await.unwrap_err();
    assert_eq!(refused.code, "cannot_save");
    assert!(holders(&guest.home(), &two).is_empty(), "what was only saved is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_file_that_is_stopped_while_it_is_saved() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let mut proxy = Proxy::before(world.config.listen, Once::Held, 1_000_000).await;
    guest.account.addresses = vec![proxy.address.to_string()];
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let bytes = noise(1_600_000);
    two_pictures(&mut ada, &mut ben, [b"one", &bytes]).await;
    let downloads = guest.disk.path().join("downloads");
    std::fs::create_dir(&downloads).unwrap();
    let (client, of, to) = (ben.client.clone(), place(&ben, "two"), downloads.join("quay.png"));
    let (tell, mut told) = watch::channel(0);
    let tell = move |come| {
        tell.send_replace(come);
    };
    let saving = tokio::spawn(async move { client.save(of, to, Existing::Kept, tell).await });
    proxy.breaks_in().await;
    told.wait_for(|come| *come > 0).await.unwrap();
    assert_eq!(files(&downloads), [downloads.join("quay.png.partial")]);
    saving.abort();
    assert!(saving.await.unwrap_err().is_cancelled());
    // Whoever writes at that moment ends it.
    assert!(until(|| files(&downloads).is_empty()).await, "{:?}", files(&downloads));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_is_fetched_in_the_stretches_that_are_asked_for_and_not_kept() {
    const LENGTH: usize = 1_600_000;
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let mut sound = b"RIFF....WAVEfmt ".to_vec();
    sound.resize(LENGTH, 7);
    two_pictures(&mut ada, &mut ben, [&sound, b"no sound at all"]).await;
    let of = place(&ben, "one");
    let first = ben.client.play(of, 0..u64::MAX).await.unwrap();
    assert_eq!((first.content_type.as_str(), first.from, first.size), ("audio/x-wav", 0, LENGTH as u64));
    assert!(first.bytes == sound[..1024 * 1024], "{} bytes came", first.bytes.len());
    let rest = ben.client.play(of, 1_500_000..u64::MAX).await.unwrap();
    assert!(rest.from == 1_500_000 && rest.bytes == sound[1_500_000..], "{} bytes came", rest.bytes.len());
    assert_eq!(ben.client.play(place(&ben, "two"), 0..5).await.unwrap_err().code, "not_found");
    assert!(holders(&guest.home(), &sound).is_empty(), "what was only played is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_a_removed_message_are_in_no_file_any_more() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let bytes = picture();
    let here = two_pictures(&mut ada, &mut ben, [&bytes, &bytes]).await;
    look(&ben, "one").await;
    look(&ben, "two").await;
    until_held_by(&guest.home(), &bytes, 2).await;
    let message = ada.shown.message("one").unwrap().key.clone();
    ada.ask(Command::Remove { conversation: here, message }).await;
    ben.until_shown("one of them gone", |shown| shown.bodies() == ["two"]).await;
    until_held_by(&guest.home(), &bytes, 1).await;
    assert_eq!(files(&guest.home().join("media")).len(), 2, "of the other one: in small and whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_a_conversation_that_is_lost_are_in_no_file_any_more() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let bytes = picture();
    let here = two_pictures(&mut ada, &mut ben, [&bytes, &bytes]).await;
    look(&ben, "one").await;
    until_held_by(&guest.home(), &bytes, 1).await;
    ada.ask(Command::RemoveParticipant { conversation: here, identity: "Ben".into() }).await;
    ben.until_shown("nothing", |shown| shown.conversation("Harbour").is_none()).await;
    until_held_by(&guest.home(), &bytes, 0).await;
    signed_out(&mut ada, &mut owner, &bytes).await;
}

/// Whoever signs out leaves none behind either, but for what was sent in the last hour and may have to go again.
async fn signed_out(ada: &mut Desk, owner: &mut Person, bytes: &[u8]) {
    look(ada, "two").await;
    ada.client.clone().sign_out().await;
    assert!(files(&owner.home().join("media")).is_empty());
    assert!(holders(&owner.home(), bytes).iter().all(|path| path.starts_with(owner.home().join("staged"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_told_of_as_it_goes_on() {
    let world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let mut ada = owner.connect().await;
    let here = ada.create("Harbour").await;
    ada.until_shown("the conversation", |shown| {
        shown.conversations.get(&here).is_some_and(|row| row.sid.is_some())
    })
    .await;
    let size = 6 * 1024 * 1024;
    let files = vec![staged(&ada, &vec![b'x'; size]).await];
    ada.ask(Command::SendFiles { conversation: here, body: "large".into(), files }).await;
    let part = |row: &MessageRow| row.media[0].uploaded.is_some_and(|there| there > 0 && there < size as u64);
    ada.until_shown("a part of it", |shown| shown.message("large").is_some_and(part)).await;
    ada.until_shown("all of it", |shown| shown.message("large").is_some_and(there)).await;
}
