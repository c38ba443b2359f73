//! Messages of several parts: looked at, sent, taken back.

use confab_client::sdk::{Error, MediaCategory, MediaSource, MediaToSend, MessageKind, Sending};
use confab_testkit::{Once, Proxy, noise};
use serde_json::json;

use crate::world::{World, say, talk, until, within};

/// Bytes of a part.
const PART: u64 = 1024 * 1024;

/// T089 T171 T172 T173 T177 T178 T180 T181 T182: what is put together is looked at without a connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_put_together_and_looked_at() {
    let mut world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    world.stop().await;
    let text = || MediaToSend::bytes("text/plain", "low water 12:04").named("tides.txt");
    let unsent = here
        .prepare_message()
        .set_body("see below")
        .set_subject("Tides")
        .set_attributes(json!({"low": "12:04"}))
        .add_media(text())
        .build()
        .unwrap();
    assert_eq!((unsent.text.as_deref(), unsent.subject.as_deref()), (Some("see below"), Some("Tides")));
    assert_eq!((unsent.attributes, unsent.media_content), (Some(json!({"low": "12:04"})), vec![text()]));
    let many = (0..11).fold(here.prepare_message(), |builder, _| builder.add_media(text()));
    let Err(Error::InvalidArgument { argument: "media", reason }) = many.build() else { panic!("taken") };
    assert!(reason.contains("11") && reason.contains("10"), "{reason}");
    for (wrong, argument) in [
        (here.prepare_message(), "body"),
        (here.prepare_message().set_body("  "), "body"),
        (here.prepare_message().set_body("x".repeat(32 * 1024 + 1)), "body"),
        (here.prepare_message().set_body("x").set_subject("y".repeat(257)), "subject"),
        (here.prepare_message().set_body("x").set_attributes(json!({"x": "y".repeat(4_096)})), "attributes"),
        (here.prepare_message().add_media(MediaToSend::bytes("", "x")), "content_type"),
        (here.prepare_message().add_media(MediaToSend::bytes("text", "x")), "content_type"),
        (here.prepare_message().add_media(MediaToSend::bytes("text/plain", "")), "media"),
        (here.prepare_message().add_media(text().named(" ")), "file_name"),
    ] {
        let Err(Error::InvalidArgument { argument: named, .. }) = wrong.build() else { panic!("taken") };
        assert_eq!(named, argument);
    }
}

/// T111 T113 T117 T165 T166 T167 T168 T169 T186: files are uploaded one after another with progress, then the message is posted.
#[tokio::test(flavor = "multi_thread")]
async fn files_go_with_progress() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let plan = noise(2 * 1024 * 1024 + 9);
    let path = world.directory();
    std::fs::write(&path, &plan).unwrap();
    let sending = here
        .prepare_message()
        .add_media(MediaToSend::file("application/x-plan", &path).named("quay plan.bin"))
        .add_media(MediaToSend::bytes("text/plain", "low water 12:04"))
        .build()
        .unwrap();
    let mut sending: Sending = sending.send().await.unwrap();
    let total = plan.len() as u64 + 15;
    assert_eq!(sending.progress().total, total);
    let mut seen = vec![sending.progress().sent];
    while seen.last() != Some(&total) {
        seen.push(within(sending.progressed()).await.unwrap().sent);
    }
    assert!(seen.is_sorted());
    let id = sending.client_id();
    let message = within(sending).await.unwrap();
    assert_eq!((message.client_id(), message.kind()), (id, MessageKind::Media));
    let got = there.message(message.index()).await.unwrap();
    let [first, second] = &got.attached_media()[..] else { panic!("not two files") };
    assert_eq!((first.file_name(), first.content_type()), (Some("quay plan.bin"), "application/x-plan"));
    assert_eq!((first.size(), first.category()), (plan.len() as u64, MediaCategory::Media));
    assert_eq!((second.file_name(), second.size()), (None, 15));
    assert_eq!(got.media_by_categories(&[MediaCategory::Body, MediaCategory::Media]).len(), 2);
    assert_eq!(got.media().unwrap(), *first);
}

/// T088 T186 V038: what waits for a connection, or for its files, can be taken back, and what was sent cannot.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_back_in_time() {
    let mut world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    let sent = here.send_message("sent").await.unwrap();
    let mut inside = here.subscribe_with_replay();
    crate::world::find(&mut inside, |_| (here.last_message()?.index == 0).then_some(())).await;
    assert_eq!(sent.cancel().await, Err(Error::TooLate));
    assert_eq!(within(sent).await.unwrap().index(), 0);
    world.stop().await;
    let mut events = ada.subscribe_with_replay();
    crate::world::find(&mut events, |event| {
        matches!(event, confab_client::sdk::Event::ConnectionError(_)).then_some(())
    })
    .await;
    let file = MediaToSend {
        content_type: "text/plain".into(),
        file_name: None,
        source: MediaSource::Bytes("x".into()),
    };
    let waiting = here.prepare_message().add_media(file).build_and_send().await.unwrap();
    assert_eq!(waiting.cancel().await, Ok(()));
    assert_eq!(within(waiting).await, Err(Error::Cancelled));
    let kept = here.send_message("kept").await.unwrap();
    world.start().await;
    assert_eq!(within(kept).await.unwrap().index(), 1);
    assert_eq!(here.messages_count().await, Ok(2));
}

/// T186: what is half way there is taken back, and the server keeps nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_back_while_its_file_is_on_its_way() {
    let world = World::new().await;
    let mut signed_in = world.guest("Ben").await;
    let mut proxy = Proxy::before(world.config.listen, Once::Held, PART + 300_000).await;
    signed_in.account.addresses = vec![proxy.address.to_string()];
    let ben = world.client(signed_in).await;
    let here = ben.create_conversation().create().await.unwrap();
    let plan = MediaToSend::bytes("application/x-plan", noise(2 * 1024 * 1024 + 9));
    let mut sending = here.prepare_message().add_media(plan).build_and_send().await.unwrap();
    proxy.breaks_in().await;
    while sending.progress().sent < PART {
        within(sending.progressed()).await.unwrap();
    }
    assert_eq!(sending.progress().sent, PART);
    assert_eq!(parts(&world), 1);
    assert_eq!(within(sending.cancel()).await, Ok(()));
    assert_eq!(within(sending).await, Err(Error::Cancelled));
    until(|| parts(&world) == 0).await;
    say(&here, "without it").await;
    assert_eq!(here.messages_count().await, Ok(1));
}

/// How many parts of files the server has.
fn parts(world: &World) -> usize {
    let files = std::fs::read_dir(world.config.data_dir.join("media")).unwrap();
    files.map(|file| std::fs::read_dir(file.unwrap().path()).map_or(0, Iterator::count)).sum()
}

/// T186: a file that cannot be read is said at once, and so is one that the server does not take.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_sent_are_told() {
    let world = World::with(|config| config.media.rules.file_bytes = 1_000).await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    let nowhere = MediaToSend::file("text/plain", world.directory());
    let refused = here.prepare_message().add_media(nowhere).build_and_send().await.unwrap_err();
    assert!(matches!(refused, Error::Local(problem) if problem.code == "file_unreadable"));
    let large = here.send_media("text/plain", vec![0_u8; 1_001]).await.unwrap();
    let refused = within(large).await.unwrap_err();
    assert_eq!(refused.status(), Some(413));
}
