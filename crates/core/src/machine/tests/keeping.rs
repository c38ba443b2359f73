//! Starting again: what the databases held.

use confab_protocol::method::HorizonMode;
use confab_protocol::model::ConversationSummary;
use confab_protocol::{ClientId, ServerFrame, Timestamp};
use expect_test::expect;
use serde_json::json;
use uuid::Uuid;

use super::rig::{Rig, added, conversation, epoch, own, restored, row, summary};
use crate::command::Command;
use crate::key::Key;
use crate::stored::{
    Action, CachePage, CachedConversation, CachedMeta, CachedRoles, EntryState, Envelope, History,
    OutboxEntry, Restored, StoredDraft,
};
use crate::testing::{CONVERSATION, message, participant, user};
use crate::{Event, Timer};

fn entry(id: u128, state: EntryState) -> OutboxEntry {
    let action = Action::Send {
        place: Key::Sid(CONVERSATION),
        body: "left over".into(),
        files: Vec::new(),
        envelope: Envelope::default(),
        after: None,
    };
    OutboxEntry {
        client_id: ClientId(Uuid::from_u128(id)),
        order: 7,
        at: Timestamp(9_000),
        state,
        replayed_for: None,
        epoch: Some(epoch(8)),
        action,
    }
}

fn cached() -> Restored {
    let conversation = CachedConversation {
        sid: CONVERSATION,
        made_as: None,
        conversation: Some(row(5)),
        me: own(3, Some(1), 1, 5),
        last_message: Some(message(2, 5, "two")),
        history: Some(History { version: 5, oldest: Some(1), has_older: true, dirty: None }),
        roster_version: Some(2),
        stale: false,
    };
    let meta = CachedMeta {
        epoch: epoch(8),
        cursor: Some(41),
        state_version: 3,
        me: user("Ingrid", "Ingrid S.", 1),
        ahead_ms: 0,
        roles: CachedRoles::default(),
    };
    Restored { meta: Some(meta), conversations: vec![conversation], ..restored() }
}

#[test]
fn what_was_not_sent_is_shown_and_sent_after_a_crash() {
    let mut rig = Rig::with_outbox(
        vec![entry(0x901, EntryState::Released)],
        vec![StoredDraft { conversation: Key::Sid(CONVERSATION), body: "half".into() }],
    );
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.list(epoch(8), &[summary()]);
    expect![[r#"
        timer Acknowledged 600000
        no timer Reconnect
        connect
        = session "Ingrid" in "Fjordline"
        = list (not loaded)
            + CHc "" unread 0 Ingrid: "left over" draft "half"
        -> hello {}
        timer Heartbeat 15000
        cache: user Ingrid, meta at None, state 0
        learned Fjordline
        timer Heartbeat 5000
        -> message.send {"body":"left over","client_id":"901","conversation":"CHc"}
        -> conversation.list {"limit":50}
        -> interest.set {"rows":[]}
        = session "Ingrid S." in "Fjordline"
        = Connected None
        = people Ingrid=Ingrid S. None
        cache: conversation CHc unread 1 log None, meta at Some(40), state 3
        -> resume {"cursor":40,"epoch":"8","limit":50}
        timer SendDrafts 1000
        -> user.get {"identities":["Aiko"]}
        = list (not loaded)
            + CHc "Release" unread 1 Ingrid S.: "left over" draft "half"
        = total 1 @0
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn what_the_cache_knows_to_have_arrived_is_not_sent_again() {
    let mut rig = Rig::with(Restored {
        outbox: vec![entry(0x901, EntryState::Released)],
        delivered: vec![ClientId(Uuid::from_u128(0x901))],
        ..cached()
    });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    assert!(!rig.waits("message.send"));
}

#[test]
fn a_history_is_painted_from_the_cache_then_caught_up_with() {
    let mut rig = Rig::with(cached());
    rig.feed(Event::Start);
    rig.take();
    rig.command(Command::Open { conversation: Some(conversation()) });
    rig.feed(Event::CacheRead(CachePage {
        id: 1,
        messages: vec![message(1, 4, "one"), message(2, 5, "two")],
        more: false,
        participants: vec![participant("Aiko", 1), participant("Ingrid", 2)],
    }));
    rig.note("connected, and the log has moved");
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    let mut moved = summary();
    moved.conversation = Some(row(6));
    moved.me = own(3, Some(1), 2, 6);
    rig.resume(epoch(8), &[moved]);
    rig.command(Command::LoadOlder);
    expect![[r#"
        read cache 1: Newest, roster true
        = opened Some("CHc") new after Some(1), 1
        = timeline loading
        answer 1: {"kind":"done"}
        = timeline older
            + 2001 1 Aiko: "one" Sent
            + 2002 2 Aiko: "two" Sent
        = roster +["Aiko", "Ingrid S."] -0 complete true
        # connected, and the log has moved
        -> hello {}
        timer Heartbeat 15000
        cache: meta at Some(41), state 3
        learned Fjordline
        timer Heartbeat 5000
        -> resume {"cursor":41,"epoch":"8","limit":50}
        -> user.get {"identities":["Aiko"]}
        -> interest.set {"open":"CHc","rows":[]}
        -> presence.subscribe {"identities":["Aiko"]}
        = Connected None
        cache: conversation CHc unread 2 log Some(5), meta at Some(41), state 3
        -> event.range {"after":5,"conversation":"CHc"}
        = list
            + CHc "Release" unread 2 Aiko: "two"
        = total 2 @0
        -> message.page {"anchor":0,"conversation":"CHc","direction":"backwards","limit":50}
        answer 1: {"kind":"done"}
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn what_changed_in_a_way_nobody_here_knows_is_asked_for_after_a_restart_too() {
    let mut rig = Rig::with(cached());
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.resume(epoch(8), &[]);
    let painted = json!({ "event": "conversation.painted", "conversation": CONVERSATION, "seq": 6 });
    rig.feed(Event::Frame(ServerFrame::decode(&painted.to_string()).unwrap()));
    assert!(rig.waits("conversation.get"));
    let conversations = rig.machine.book.iter().filter_map(|(_, held)| held.cached()).collect();

    let mut rig = Rig::with(Restored { conversations, ..cached() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    // What comes before the answer is newer than that, and tells nothing of the change.
    rig.log(7, added(message(3, 7, "three")));
    let moved = ConversationSummary { conversation: Some(row(6)), me: own(3, Some(1), 1, 6), ..summary() };
    rig.resume(epoch(8), &[moved]);
    assert!(rig.waits("conversation.get"), "{}", rig.take());
}

#[test]
fn a_horizon_of_another_epoch_that_the_disk_still_held_is_not_shown_once_that_is_known() {
    let (place, mode) = (Key::Sid(CONVERSATION), HorizonMode::Advance);
    let action = Action::Horizon { place, index: Some(2), mode, based_on: 3 };
    let read = OutboxEntry { epoch: Some(epoch(7)), action, ..entry(0x901, EntryState::Held) };
    let mut rig = Rig::with(Restored { outbox: vec![read], ..cached() });
    let unread = |rig: &Rig| rig.machine.book.iter().map(|(_, held)| held.tracker.counts().0).sum::<u64>();
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    assert_eq!(unread(&rig), 0);
    rig.hello(epoch(8));
    rig.resume(epoch(8), &[]);
    assert_eq!(unread(&rig), 1, "{}", rig.take());
}

#[test]
fn a_conversation_that_nobody_knows_any_more_keeps_only_what_was_written_for_it() {
    let mut rig = Rig::with(Restored { outbox: vec![entry(0x901, EntryState::Held)], ..restored() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.take();
    rig.list(epoch(8), &[]);
    expect![[r#"
        disk 1: put 901 send "left over" in CHc "refused"
        cache: drop CHc, meta at Some(40), state 3
        -> resume {"cursor":40,"epoch":"8","limit":50}
        = list (not loaded)
            + CHc "" unread 0 failed left
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn what_was_acknowledged_more_than_an_hour_ago_is_forgotten_once_the_server_is_known_to_have_it() {
    let old = EntryState::Acknowledged { at: Timestamp(0), made: None, rounds: 7 };
    let mut rig = Rig::with(Restored { outbox: vec![entry(0x901, old)], ..cached() });
    rig.feed(Event::Start);
    rig.feed(Event::Timer(Timer::Acknowledged));
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    assert!(!rig.take().contains("delete 901"), "the server may have lost it");
    rig.resume(epoch(8), &[]);
    expect![[r#"
        disk 0: delete 901
        cache: meta at Some(41), state 3
        = list
    "#]]
    .assert_eq(&rig.take());
}
