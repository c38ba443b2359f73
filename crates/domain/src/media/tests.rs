//! Files between their upload and their end.

use confab_protocol::http::UploadRequest;
use confab_protocol::method::{ConversationDeleteParams, MessageSendParams};
use confab_protocol::model::{MediaCategory, Message};
use confab_protocol::{Call, ErrorCode, MediaSid, WireError, limits};
use confab_testkit::World;
use confab_testkit::domain::media::{self, Found, Rules};
use confab_testkit::domain::row::{MediaRow, MediaState};
use confab_testkit::domain::store::{Read as _, Tx as _};
use confab_testkit::domain::{Actor, Warrant, apply_with, erasure, verify};
use confab_testkit::world::sent;

fn asking(world: &mut World, size: u64) -> UploadRequest {
    UploadRequest {
        client_id: world.client_id(),
        file_name: Some("quay.png".into()),
        content_type: "image/png".into(),
        size,
        category: MediaCategory::Media,
    }
}

fn begun(world: &mut World, by: &Actor, ask: &UploadRequest, rules: &Rules) -> Result<MediaRow, WireError> {
    let run = world.write(|now, _, store| media::begin(by, ask, rules, now, store));
    run.map_err(|error| error.to_wire())
}

fn uploaded_as(world: &mut World, by: &Actor, ask: &UploadRequest) -> MediaSid {
    let row = begun(world, by, ask, &Rules::default()).expect("it is begun");
    let found = Found { sha256: [7; 32], width: Some(4), ..Found::default() };
    let run = world.write(|_, _, store| media::finish(by, row.sid, &found, &Rules::default(), store));
    run.expect("it is whole").sid
}

fn uploaded(world: &mut World, by: &Actor) -> MediaSid {
    let ask = asking(world, 5);
    uploaded_as(world, by, &ask)
}

fn sending(
    world: &mut World,
    room: confab_protocol::ConversationSid,
    media: &[MediaSid],
) -> MessageSendParams {
    MessageSendParams { media: media.to_vec(), ..world.saying(room, "") }
}

fn posted(
    world: &mut World,
    by: &Actor,
    room: confab_protocol::ConversationSid,
    media: &[MediaSid],
) -> Message {
    let params = sending(world, room, media);
    sent(world.call(by, &Call::MessageSend(params)))
}

fn may_have(world: &World, who: &Actor, sid: MediaSid) -> bool {
    media::readable(who.user, sid, &world.store).is_ok()
}

#[test]
fn what_is_no_file_or_too_much_is_refused_before_a_byte_of_it_comes() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let rules = Rules {
        file_bytes: 100,
        unsent_bytes: 150,
        unsent_files: 3,
        denied_types: vec!["application/x-msdownload".into(), "video/*".into()],
        ..Rules::default()
    };
    let fine = asking(&mut world, 100);
    for (ask, code) in [
        (UploadRequest { size: 0, ..fine.clone() }, ErrorCode::InvalidParams),
        (UploadRequest { size: 101, ..fine.clone() }, ErrorCode::TooLarge),
        (UploadRequest { content_type: "image".into(), ..fine.clone() }, ErrorCode::InvalidParams),
        (UploadRequest { content_type: "a/b\r\nX: y".into(), ..fine.clone() }, ErrorCode::InvalidParams),
        (
            UploadRequest { content_type: "Video/mp4; codecs=x".into(), ..fine.clone() },
            ErrorCode::UnsupportedType,
        ),
        (UploadRequest { category: MediaCategory::Body, ..fine.clone() }, ErrorCode::UnsupportedType),
        (UploadRequest { category: MediaCategory::Unknown, ..fine.clone() }, ErrorCode::InvalidParams),
    ] {
        assert_eq!(begun(&mut world, &olga, &ask, &rules).expect_err("refused").code, code, "{ask:?}");
    }
    let first = begun(&mut world, &olga, &fine, &rules).expect("it is begun");
    assert_eq!(begun(&mut world, &olga, &fine, &rules), Ok(first.clone()), "the same one again");
    let other = UploadRequest { size: 99, ..fine.clone() };
    assert_eq!(
        begun(&mut world, &olga, &other, &rules).expect_err("another").code,
        ErrorCode::ClientIdReused
    );
    let over = asking(&mut world, 51);
    let refused = begun(&mut world, &olga, &over, &rules).expect_err("over what one may have unsent");
    assert_eq!((refused.code, &refused.params["what"]), (ErrorCode::LimitReached, &"unsent_bytes".into()));
    let only = Rules { allowed_types: vec!["image/*".into()], ..Rules::default() };
    let text = UploadRequest { content_type: "text/plain".into(), ..asking(&mut world, 5) };
    assert_eq!(begun(&mut world, &olga, &text, &only).expect_err("refused").code, ErrorCode::UnsupportedType);
}

#[test]
fn names_lose_their_paths_and_what_misleads() {
    let mut world = World::default();
    let olga = world.owner.clone();
    for (given, kept) in [
        ("../../etc/passwd", Some("passwd")),
        ("C:\\Users\\olga\\plan.doc", Some("plan.doc")),
        ("invoice\u{202e}gpj.exe", Some("invoicegpj.exe")),
        (".bashrc", Some("bashrc")),
        ("a\r\nb", Some("ab")),
        (" \u{0} ", None),
    ] {
        let ask = UploadRequest { file_name: Some(given.into()), ..asking(&mut world, 5) };
        let row = begun(&mut world, &olga, &ask, &Rules::default()).expect("it is begun");
        assert_eq!(row.file_name.as_deref(), kept);
    }
}

#[test]
fn a_file_is_its_uploaders_and_then_its_messages() {
    let mut world = World::default();
    let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
    let room = world.conversation(&olga, &[&ana]);
    let file = uploaded(&mut world, &olga);
    assert!(may_have(&world, &olga, file) && !may_have(&world, &ana, file));
    let message = posted(&mut world, &olga, room, &[file]);
    assert_eq!((message.body.as_deref(), message.media.len()), (Some(""), 1));
    assert_eq!((message.media[0].sid, message.media[0].width), (file, Some(4)));
    assert!(may_have(&world, &ana, file) && !may_have(&world, &bo, file));
    assert_eq!(world.page(&ana, room), std::slice::from_ref(&message));
    assert_eq!(verify(&world.store), []);
    world.remove(&olga, room, &ana);
    assert!(!may_have(&world, &ana, file));
    let erase = world.erasing(&message);
    world.events(&olga, &erase);
    assert!(!may_have(&world, &olga, file));
    let row = world.store.media(file).expect("a look").expect("a row");
    assert_eq!((row.state, row.message), (MediaState::Gone, None));
    assert_eq!(world.page(&olga, room)[0].media, []);
    assert_eq!(verify(&world.store), []);
}

#[test]
fn the_files_of_a_deleted_conversation_go_with_it() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let (room, other) = (world.conversation(&olga, &[]), world.conversation(&olga, &[]));
    let (file, kept) = (uploaded(&mut world, &olga), uploaded(&mut world, &olga));
    posted(&mut world, &olga, room, &[file]);
    posted(&mut world, &olga, other, &[kept]);
    let client_id = world.client_id();
    let delete = ConversationDeleteParams { client_id, conversation: room };
    world.events(&olga, &Call::ConversationDelete(delete));
    assert!(!may_have(&world, &olga, file));
    while world.write(|_, _, store| erasure::step(store)).expect("a step") {
        assert_eq!(verify(&world.store), []);
    }
    let row = world.store.media(file).expect("a look").expect("a row");
    assert_eq!((row.state, row.message), (MediaState::Gone, None));
    assert!(may_have(&world, &olga, kept));
    assert_eq!(verify(&world.store), []);
}

#[test]
fn in_an_uber_conversation_files_from_before_stay_unseen() {
    let mut world = World::default();
    let (olga, ana) = (world.owner.clone(), world.user("Ana"));
    let room = world.uber(&olga, &[]);
    let (before, after) = (uploaded(&mut world, &olga), uploaded(&mut world, &olga));
    posted(&mut world, &olga, room, &[before]);
    world.add(&olga, room, &ana);
    posted(&mut world, &olga, room, &[after]);
    assert!(!may_have(&world, &ana, before) && may_have(&world, &ana, after));
}

#[test]
fn a_message_takes_only_whole_files_of_its_author_that_are_in_no_other() {
    let mut world = World::default();
    let (olga, ana) = (world.owner.clone(), world.user("Ana"));
    let room = world.conversation(&olga, &[&ana]);
    let (mine, other, theirs) =
        (uploaded(&mut world, &olga), uploaded(&mut world, &olga), uploaded(&mut world, &ana));
    let ask = asking(&mut world, 5);
    let part = begun(&mut world, &olga, &ask, &Rules::default()).expect("it is begun").sid;
    let unknown = MediaSid(uuid::Uuid::max());
    posted(&mut world, &olga, room, &[other]);
    let many: Vec<MediaSid> = (0..=limits::MEDIA_PER_MESSAGE).map(|_| uploaded(&mut world, &olga)).collect();
    for (named, code) in [
        (vec![mine, theirs], ErrorCode::NotFound),
        (vec![mine, unknown], ErrorCode::NotFound),
        (vec![mine, part], ErrorCode::MediaIncomplete),
        (vec![mine, other], ErrorCode::MediaInUse),
        (vec![mine, mine], ErrorCode::InvalidParams),
        (many.clone(), ErrorCode::TooLarge),
    ] {
        let call = Call::MessageSend(sending(&mut world, room, &named));
        assert_eq!(world.refused(&olga, &call).code, code, "{named:?}");
    }
    assert_eq!(posted(&mut world, &olga, room, &many[1..]).media.len(), limits::MEDIA_PER_MESSAGE);
    assert!(may_have(&world, &olga, mine) && !may_have(&world, &ana, mine), "a refusal takes nothing");
}

#[test]
fn an_email_has_one_body_and_one_history_of_each_type() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let room = world.conversation(&olga, &[]);
    let mut part = |category, content_type: &str| {
        let ask = UploadRequest { category, content_type: content_type.into(), ..asking(&mut world, 5) };
        uploaded_as(&mut world, &olga, &ask)
    };
    let [plain, again] = [part(MediaCategory::Body, "text/plain"), part(MediaCategory::Body, "text/plain")];
    let [html, quoted] = [part(MediaCategory::Body, "text/html"), part(MediaCategory::History, "text/html")];
    let twice = Call::MessageSend(sending(&mut world, room, &[plain, again]));
    assert_eq!(world.refused(&olga, &twice).code, ErrorCode::InvalidParams);
    assert_eq!(posted(&mut world, &olga, room, &[plain, html, quoted]).media.len(), 3);
}

#[test]
fn a_caption_may_be_emptied_and_a_message_without_files_may_not() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let room = world.conversation(&olga, &[]);
    let file = uploaded(&mut world, &olga);
    let params = MessageSendParams { body: "at noon".into(), ..sending(&mut world, room, &[file]) };
    let message = sent(world.call(&olga, &Call::MessageSend(params)));
    let (emptied, said) = (world.editing(&message, " "), world.say(&olga, room, "hello"));
    world.events(&olga, &emptied);
    let blank = world.editing(&said, " ");
    assert_eq!(world.refused(&olga, &blank).code, ErrorCode::InvalidParams);
}

#[test]
fn what_came_into_no_message_goes_after_a_while_in_pieces() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let room = world.conversation(&olga, &[]);
    let [first, second, sent] = [0; 3].map(|_| uploaded(&mut world, &olga));
    posted(&mut world, &olga, room, &[sent]);
    world.clock.advance(10_000);
    let cutoff = world.clock.now();
    let late = uploaded(&mut world, &olga);
    let expire =
        |world: &mut World| world.write(|_, _, store| media::expire(cutoff, 1, store)).expect("a run");
    assert_eq!([expire(&mut world), expire(&mut world), expire(&mut world)], [1, 1, 0]);
    let gone: Vec<MediaSid> =
        world.store.gone_media(9).expect("a look").into_iter().map(|row| row.sid).collect();
    let mut due = vec![first, second];
    due.sort_unstable();
    assert_eq!(gone, due);
    assert!(may_have(&world, &olga, sent) && may_have(&world, &olga, late));
    world.write(|_, _, store| media::forget(&[first, second, sent], store)).expect("forgotten");
    assert_eq!(world.store.media(first).expect("a look"), None);
    assert!(may_have(&world, &olga, sent), "only what is gone is forgotten");
}

#[test]
fn an_upload_can_be_given_up_until_a_message_has_it() {
    let mut world = World::default();
    let (olga, ana) = (world.owner.clone(), world.user("Ana"));
    let room = world.conversation(&olga, &[]);
    let ask = asking(&mut world, 5);
    let (file, kept) = (uploaded_as(&mut world, &olga, &ask), uploaded(&mut world, &olga));
    posted(&mut world, &olga, room, &[kept]);
    let cancel = |world: &mut World, by: &Actor, sid| {
        let run = world.write(|_, _, store| media::cancel(by, sid, store));
        run.map_err(|error| error.to_wire().code)
    };
    assert_eq!(cancel(&mut world, &ana, file), Err(ErrorCode::NotFound));
    assert_eq!(cancel(&mut world, &olga, kept), Err(ErrorCode::MediaInUse));
    assert_eq!(cancel(&mut world, &olga, file), Ok(()));
    assert_eq!(cancel(&mut world, &olga, file), Ok(()), "twice is as good as once");
    let again = begun(&mut world, &olga, &ask, &Rules::default());
    assert_eq!(again.expect_err("it is being cleared away").code, ErrorCode::Unavailable);
}

#[test]
fn what_a_file_turns_out_to_be_counts_too() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let ask = asking(&mut world, 5);
    let rules = Rules { denied_types: vec!["application/x-msdownload".into()], ..Rules::default() };
    let row = begun(&mut world, &olga, &ask, &rules).expect("it is begun");
    let found = Found { sniffed_type: Some("application/x-msdownload".into()), ..Found::default() };
    let refused = world.write(|_, _, store| media::finish(&olga, row.sid, &found, &rules, store));
    assert_eq!(refused.expect_err("no picture").to_wire().code, ErrorCode::UnsupportedType);
}

#[test]
fn a_lost_file_leaves_its_message_as_if_it_had_never_been_there() {
    let mut world = World::default();
    let olga = world.owner.clone();
    let room = world.conversation(&olga, &[]);
    let [lost, kept] = [0; 2].map(|_| uploaded(&mut world, &olga));
    posted(&mut world, &olga, room, &[lost, kept]);
    world.write(|_, _, store| media::lose(lost, store)).expect("it is let go of");
    let left: Vec<MediaSid> = world.page(&olga, room)[0].media.iter().map(|file| file.sid).collect();
    assert_eq!(left, [kept]);
    assert_eq!(verify(&world.store), []);
}

#[test]
fn files_that_disagree_with_their_messages_are_found() {
    let mut world = World::default();
    let (olga, ana) = (world.owner.clone(), world.user("Ana"));
    let room = world.conversation(&olga, &[]);
    let file = uploaded(&mut world, &olga);
    let message = posted(&mut world, &olga, room, &[file]);
    let row = world.store.media(file).expect("a look").expect("a row");
    let damages: [(&str, MediaRow); 5] = [
        ("another state", MediaRow { state: MediaState::Uploading, sha256: None, ..row.clone() }),
        ("another owner", MediaRow { user: ana.user, ..row.clone() }),
        ("another size", MediaRow { size: 6, ..row.clone() }),
        ("no message", MediaRow { message: None, ..row.clone() }),
        ("no hash", MediaRow { sha256: None, ..row.clone() }),
    ];
    for (name, damaged) in damages {
        let mut store = world.store.clone();
        store.update_media(&damaged).expect("it is there");
        assert_ne!(verify(&store), [], "{name}");
    }
    let mut store = world.store.clone();
    store.delete_media(file).expect("it is there");
    assert_ne!(verify(&store), [], "no row");
    let mut store = world.store.clone();
    let mut bare = store.message(message.sid).expect("a look").expect("a row");
    bare.media.clear();
    store.update_message(&bare).expect("it is there");
    assert_ne!(verify(&store), [], "a message that does not know of it");
    let stray = MediaRow { message: Some(confab_protocol::MessageSid(uuid::Uuid::max())), ..row };
    let mut store = world.store.clone();
    store.update_media(&stray).expect("it is there");
    assert_ne!(verify(&store), [], "a message that is not there");
}

#[test]
fn what_a_program_names_is_the_authors_from_then_on_and_a_name_from_elsewhere_is_kept() {
    let mut world = World::default();
    let (olga, ana) = (world.owner.clone(), world.user("Ana"));
    let room = world.conversation(&olga, &[&ana]);
    let (ask, given) = (asking(&mut world, 5), MediaSid(uuid::Uuid::from_u128(77)));
    let begin = |world: &mut World, by: &Actor, ask: &UploadRequest| {
        let run = world.write(|now, _, store| media::begin_as(by, given, ask, &Rules::default(), now, store));
        run.map_err(|error| error.to_wire().code)
    };
    assert_eq!(begin(&mut world, &olga, &ask).map(|row| row.sid), Ok(given));
    let other = asking(&mut world, 5);
    assert_eq!(begin(&mut world, &olga, &other), Err(ErrorCode::ClientIdReused));
    assert_eq!(begin(&mut world, &ana, &ask), Err(ErrorCode::ClientIdReused));
    let found = Found { sha256: [7; 32], ..Found::default() };
    let finish = world.write(|_, _, store| media::finish(&olga, given, &found, &Rules::default(), store));
    finish.expect("it is whole");
    let call = Call::MessageSend(sending(&mut world, room, &[given]));
    assert_eq!(world.refused(&ana, &call).code, ErrorCode::NotFound);
    let warrant = Warrant { everything: true, ..Warrant::default() };
    let sent = world.write(|now, ids, store| apply_with(&ana, &warrant, &call, now, ids, store));
    assert!(sent.is_ok());
    assert_eq!(world.store.media(given).unwrap().map(|row| row.user), Some(ana.user));
    assert!(may_have(&world, &olga, given) && media::held(given, &world.store).is_ok());
    assert_eq!(verify(&world.store), []);
    let delete = ConversationDeleteParams { client_id: world.client_id(), conversation: room };
    world.events(&olga, &Call::ConversationDelete(delete));
    assert!(media::held(given, &world.store).is_err());
}
