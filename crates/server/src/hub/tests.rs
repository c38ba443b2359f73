//! The fold, the fan-out and what is dropped, without a socket and at a time of our own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use confab_domain::tail::Standing;
use confab_domain::{Actor, Event};
use confab_protocol::method::InterestSetParams;
use confab_protocol::model::{Head, Message, MessageType, Participant, Role, User, UserConversation};
use confab_protocol::{
    Change, ClientId, ConversationSid, DeviceSid, LogEvent, MessageSid, ParticipantSid, Timestamp, UserSid,
    WorkspaceSid,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Ending, Frame, Hub, Input, Peer, Queue, Watched};

use crate::config::Bounds;

mod gaps;

struct Scene {
    hub: Hub,
    now: Instant,
    /// Sequence of the last event.
    last: u64,
}

fn conversation(number: u128) -> ConversationSid {
    ConversationSid(Uuid::from_u128(number))
}

fn user(number: u128) -> UserSid {
    UserSid(Uuid::from_u128(number))
}

impl Scene {
    fn new() -> Self {
        Self { hub: Hub::new(Bounds::default(), Arc::default()), now: Instant::now(), last: 4 }
    }

    fn take(&mut self, input: Input) {
        self.hub.take(input, self.now);
    }

    fn tell(&mut self, event: Event) {
        if let Event::Log { event, .. } = &event {
            self.last = event.seq;
        }
        self.take(Input::Told(vec![event]));
    }

    /// A session of a user who is in these conversations; its id is the user's number.
    fn attach(&mut self, number: u64, memberships: &[u128]) -> Arc<Peer> {
        let actor = Actor {
            workspace: WorkspaceSid(Uuid::from_u128(1)),
            user: user(number.into()),
            identity: format!("user {number}"),
            role: Role::Participant,
            device: Some(DeviceSid(Uuid::from_u128(number.into()))),
        };
        let peer = Peer::new(number, actor, Arc::new(Queue::new(100, Arc::default())), self.now);
        self.enter(peer, memberships)
    }

    fn enter(&mut self, peer: Peer, memberships: &[u128]) -> Arc<Peer> {
        let peer = Arc::new(peer);
        let standing = self.standing(peer.id, memberships);
        self.take(Input::Attach { peer: Arc::clone(&peer), standing });
        peer
    }

    /// A session that never says what it looks at.
    fn attach_looking_at_all(&mut self, number: u64, memberships: &[u128]) -> Arc<Peer> {
        let template = self.attach(number, memberships);
        self.take(Input::Detach(template.id));
        let actor = template.actor.clone();
        let peer = Peer::new(number, actor, Arc::new(Queue::new(100, Arc::default())), self.now);
        self.enter(peer.looking_at_all(), memberships)
    }

    /// How a user stands who is in these conversations.
    fn standing(&self, number: u64, memberships: &[u128]) -> Standing {
        let (version, roster_version) = (self.last, 2);
        let head = |number: &u128| Head { conversation: conversation(*number), version, roster_version };
        let heads = memberships.iter().map(head).collect();
        let user = user(number.into());
        Standing { user, state_version: 7, profile_version: 1, deactivated: false, heads }
    }

    fn watch(&mut self, peer: &Peer, request: u64, number: u128, profile_version: u64) {
        let (user, identity) = (user(number), format!("user {number}"));
        let people = vec![Watched { user, identity, profile_version }];
        self.take(Input::Subscribe { peer: peer.id, request, people });
    }

    fn open(&mut self, peer: &Peer, number: u128) {
        self.looks(peer, 0, InterestSetParams { open: Some(conversation(number)), ..Default::default() });
    }

    fn looks(&mut self, peer: &Peer, request: u64, looks: InterestSetParams) {
        self.take(Input::Interest { peer: peer.id, request, looks });
    }
}

/// Pushes that wait for a session.
async fn pushed(peer: &Peer) -> Vec<Value> {
    // An answer of its own makes sure that there is something to take.
    peer.answer(0, Err(confab_protocol::ErrorCode::Internal.into()));
    let mut batch = Vec::new();
    peer.queue.take(&mut batch, 1_000).await;
    let text = |frame: Frame| match frame {
        Frame::Push { text, .. } | Frame::Ephemeral { text, .. } => {
            Some(serde_json::from_str(&text).unwrap())
        }
        Frame::Answer { .. } => None,
        Frame::Lagged => Some(json!({"event": "lagged"})),
    };
    batch.into_iter().filter_map(text).collect()
}

async fn events(peer: &Peer) -> Vec<String> {
    let name = |frame: &Value| format!("{} {}", frame["event"].as_str().unwrap(), frame["seq"]);
    pushed(peer).await.iter().map(name).collect()
}

fn profile(number: u128, version: u64) -> User {
    User {
        sid: user(number),
        identity: format!("user {number}"),
        friendly_name: format!("user {number}"),
        attributes: json!({}),
        role: Role::Participant,
        role_sid: None,
        status: None,
        notifiable: false,
        deactivated: false,
        version,
    }
}

fn participant(number: u128, version: u64) -> Participant {
    Participant {
        sid: ParticipantSid(Uuid::from_u128(number)),
        user: user(number),
        identity: format!("user {number}"),
        profile_version: 1,
        role: Role::Participant,
        role_sid: None,
        flags: None,
        attributes: json!({}),
        last_read_message_index: Some(version),
        last_read_event_seq: version,
        last_read_timestamp: None,
        date_created: Timestamp(0),
        date_updated: Timestamp(0),
        status: confab_protocol::model::MembershipStatus::Joined,
        version,
    }
}

fn log(seq: u64, change: Change) -> LogEvent {
    LogEvent {
        conversation: conversation(1),
        seq,
        at: Timestamp(0),
        actor: None,
        device: None,
        changed: Vec::new(),
        subject: None,
        change,
    }
}

fn said(seq: u64) -> Event {
    let message = Message {
        sid: MessageSid(Uuid::from_u128(seq.into())),
        client_id: ClientId(Uuid::from_u128(seq.into())),
        conversation: conversation(1),
        index: seq,
        author: "user 1".into(),
        participant: None,
        kind: MessageType::Text,
        subject: None,
        body: Some("text".into()),
        attributes: json!({}),
        media: Vec::new(),
        relates_to: None,
        mentions: Vec::new(),
        date_created: Timestamp(0),
        date_updated: Timestamp(0),
        last_updated_by: None,
        removed: false,
        seq,
        version: seq,
    };
    Event::Log {
        event: Box::new(log(seq, Change::MessageAdded(Box::new(message)))),
        joined: None,
        left: None,
        only: None,
    }
}

fn joined(seq: u64, number: u128, version: u64) -> Event {
    let change = Change::ParticipantJoined(Box::new(participant(number, version)));
    Event::Log { event: Box::new(log(seq, change)), joined: Some(user(number)), left: None, only: None }
}

fn left(seq: u64, number: u128, version: u64) -> Event {
    let change = Change::ParticipantLeft(Box::new(participant(number, version)));
    Event::Log { event: Box::new(log(seq, change)), joined: None, left: Some(user(number)), only: None }
}

fn horizon(number: u128, version: u64, participants_count: u64) -> Event {
    let rows = vec![participant(number, version)];
    Event::Roster { conversation: conversation(1), from: version - 1, to: version, rows, participants_count }
}

#[tokio::test]
async fn a_session_gets_what_is_told_after_it_began_and_nothing_before() {
    let mut scene = Scene::new();
    let early = scene.attach(1, &[1]);
    scene.tell(said(5));
    let late = scene.attach(2, &[1]);
    let stranger = scene.attach(3, &[2]);
    scene.tell(said(6));
    assert_eq!(events(&early).await, ["message.added 5", "message.added 6"]);
    assert_eq!(events(&late).await, ["message.added 6"]);
    assert!(events(&stranger).await.is_empty());
}

#[tokio::test]
async fn whoever_leaves_gets_that_event_none_after_it_and_none_that_waited() {
    let mut scene = Scene::new();
    let (stays, leaves) = (scene.attach(1, &[1]), scene.attach(2, &[1]));
    scene.tell(said(5));
    scene.tell(left(6, 2, 3));
    scene.tell(said(7));
    assert_eq!(events(&stays).await, ["message.added 5", "participant.left 6", "message.added 7"]);
    assert_eq!(events(&leaves).await, ["participant.left 6"]);
    scene.tell(joined(8, 2, 4));
    scene.tell(said(9));
    assert_eq!(events(&leaves).await, ["participant.joined 8", "message.added 9"]);
}

#[tokio::test]
async fn what_waits_of_a_message_is_not_sent_once_it_is_removed() {
    let mut scene = Scene::new();
    let slow = scene.attach(1, &[1]);
    scene.tell(said(5));
    scene.tell(said(6));
    assert!(gaps::is_answered(&slow, conversation(1), 0));
    let Event::Log { mut event, joined, left, only } = said(5) else {
        unreachable!("a message is an event of a log")
    };
    let Change::MessageAdded(message) = event.change else { unreachable!("it was said") };
    (event.seq, event.change) = (7, Change::MessageRemoved(message));
    scene.tell(Event::Log { event, joined, left, only });
    let mut waiting = Vec::new();
    slow.queue.take(&mut waiting, 10).await;
    let waiting: Vec<Value> =
        waiting.into_iter().map(|frame| serde_json::from_str(&frame.into_text()).unwrap()).collect();
    let seqs: Vec<&Value> = waiting.iter().map(|frame| &frame["seq"]).collect();
    assert_eq!(seqs, [&json!(6), &Value::Null, &json!(7)]);
    assert_eq!(waiting[1]["error"]["code"], "unavailable", "what was read may show it: it is read anew");
}

#[tokio::test]
async fn who_is_silent_for_fifteen_seconds_is_gone_also_between_two_heartbeats() {
    let mut scene = Scene::new();
    let peer = scene.attach(1, &[]);
    // A sign of life comes just behind a heartbeat.
    scene.now += Bounds::default().heartbeat;
    scene.hub.tick(scene.now);
    scene.now += Duration::from_millis(100);
    peer.is_heard(scene.now);
    scene.now += Duration::from_millis(14_900);
    scene.hub.tick(scene.now);
    assert_eq!(peer.queue.ending(), None);
    scene.now += Duration::from_millis(200);
    scene.hub.tick(scene.now);
    assert_eq!(peer.queue.ending(), Some(Ending::Dead));
}

#[tokio::test]
async fn only_those_named_get_an_event_that_not_all_may_see() {
    let mut scene = Scene::new();
    let (one, two) = (scene.attach(1, &[1]), scene.attach(2, &[1]));
    let Event::Log { event, joined, left, .. } = said(5) else {
        unreachable!("a message is an event of a log")
    };
    scene.tell(Event::Log { event, joined, left, only: Some(vec![user(2), user(9)]) });
    assert!(events(&one).await.is_empty());
    assert_eq!(events(&two).await, ["message.added 5"]);
}

#[tokio::test]
async fn rosters_are_told_at_most_once_per_interval_and_lose_nothing() {
    let mut scene = Scene::new();
    let (looks, elsewhere) = (scene.attach(1, &[1]), scene.attach(2, &[1]));
    scene.open(&looks, 1);
    (11..14).for_each(|version| scene.tell(horizon(2, version, 2)));
    scene.tell(horizon(1, 14, 2));
    let first = pushed(&looks).await;
    assert_eq!(first.len(), 1);
    assert_eq!((&first[0]["from"], &first[0]["to"]), (&json!(10), &json!(11)));
    scene.now += Duration::from_secs(1);
    scene.hub.tick(scene.now);
    let second = pushed(&looks).await;
    assert_eq!(second.len(), 1);
    assert_eq!((&second[0]["from"], &second[0]["to"]), (&json!(11), &json!(14)));
    assert_eq!(second[0]["rows"].as_array().unwrap().len(), 2);
    assert!(pushed(&elsewhere).await.is_empty());
}

#[tokio::test]
async fn what_a_roster_holds_back_is_told_before_someone_moves_it_further() {
    let mut scene = Scene::new();
    let looks = scene.attach(1, &[1]);
    scene.open(&looks, 1);
    scene.tell(horizon(1, 11, 2));
    scene.tell(horizon(1, 12, 2));
    scene.tell(joined(5, 2, 13));
    scene.tell(horizon(1, 14, 2));
    let names: Vec<_> = pushed(&looks).await.iter().map(|frame| frame["event"].clone()).collect();
    assert_eq!(names, ["roster.changed", "roster.changed", "participant.joined"]);
}

#[tokio::test]
async fn in_a_large_conversation_horizons_are_not_pushed() {
    let mut scene = Scene::new();
    let looks = scene.attach(1, &[1]);
    scene.open(&looks, 1);
    scene.tell(horizon(2, 11, 201));
    scene.now += Duration::from_secs(2);
    scene.hub.tick(scene.now);
    assert!(pushed(&looks).await.is_empty());
}

#[tokio::test]
async fn typing_is_told_of_up_to_a_thousand_participants() {
    let mut scene = Scene::new();
    let (looks, typist) = (scene.attach(1, &[1]), scene.attach(2, &[1]));
    scene.open(&looks, 1);
    let typing =
        |participants| Input::Typing { peer: typist.id, conversation: conversation(1), participants };
    scene.take(typing(1_001));
    assert!(pushed(&looks).await.is_empty());
    scene.take(typing(1_000));
    assert_eq!(events(&looks).await, ["typing.started null"]);
}

#[tokio::test]
async fn an_interest_declared_before_joining_counts_from_then_on() {
    let mut scene = Scene::new();
    let (early, typist) = (scene.attach(1, &[]), scene.attach(2, &[1]));
    scene.open(&early, 1);
    scene.take(Input::Typing { peer: typist.id, conversation: conversation(1), participants: 2 });
    assert!(pushed(&early).await.is_empty());
    scene.tell(joined(5, 1, 3));
    scene.now += Duration::from_secs(5);
    scene.take(Input::Typing { peer: typist.id, conversation: conversation(1), participants: 2 });
    assert_eq!(pushed(&early).await[1]["event"], "typing.started");
}

#[tokio::test]
async fn rosters_of_rows_are_told_to_those_who_want_them() {
    let mut scene = Scene::new();
    let (all, rows) = (scene.attach(1, &[1, 2]), scene.attach(2, &[1, 2]));
    let shown = vec![conversation(1), conversation(2)];
    scene.looks(&all, 0, InterestSetParams { open: None, rows: shown.clone(), rosters: true });
    scene.looks(&rows, 0, InterestSetParams { open: None, rows: shown, rosters: false });
    scene.tell(horizon(1, 9, 2));
    assert_eq!(events(&all).await, ["roster.changed null"]);
    assert!(events(&rows).await.is_empty());
}

#[tokio::test]
async fn who_looks_at_everything_is_told_of_all_that_their_user_is_in_and_of_nothing_else() {
    let mut scene = Scene::new();
    let (stock, _typist) = (scene.attach_looking_at_all(1, &[1, 2]), scene.attach(2, &[1, 3]));
    scene.tell(horizon(2, 11, 2));
    assert_eq!(events(&stock).await, ["roster.changed null"]);
    let typing = |number| Input::Typing { peer: 2, conversation: conversation(number), participants: 2 };
    scene.take(typing(1));
    scene.take(typing(3));
    assert_eq!(events(&stock).await, ["typing.started null"]);
    // What it comes into later counts too, and what it leaves does not any more.
    let late = scene.attach_looking_at_all(3, &[]);
    scene.tell(joined(5, 3, 12));
    scene.now += Duration::from_secs(5);
    scene.take(typing(1));
    assert_eq!(pushed(&late).await[1]["event"], "typing.started");
    scene.take(Input::Detach(stock.id));
    scene.now += Duration::from_secs(5);
    scene.tell(horizon(2, 13, 2));
    assert_eq!(events(&late).await, ["roster.changed null"]);
    assert!(pushed(&stock).await.iter().all(|frame| frame["event"] != "roster.changed" || frame["to"] != 13));
}

#[tokio::test]
async fn who_is_there_is_answered_to_whoever_asks() {
    let mut scene = Scene::new();
    scene.attach(1, &[]);
    let (answer, answered) = tokio::sync::oneshot::channel();
    scene.take(Input::Present { people: vec![user(1), user(2)], answer });
    assert_eq!(answered.await.unwrap(), [true, false]);
}

#[tokio::test]
async fn what_was_declared_earlier_and_arrives_later_changes_nothing() {
    let mut scene = Scene::new();
    let peer = scene.attach(1, &[1, 2]);
    for (request, open) in [(7, 2), (6, 1)] {
        scene.looks(
            &peer,
            request,
            InterestSetParams { open: Some(conversation(open)), ..Default::default() },
        );
        scene.watch(&peer, request, u128::from(request), 1);
    }
    scene.tell(horizon(1, 9, 2));
    assert!(events(&peer).await.is_empty(), "of the first conversation nothing was to be told");
    scene.attach(6, &[]);
    scene.attach(7, &[]);
    scene.hub.tick(scene.now);
    let told = pushed(&peer).await;
    assert_eq!(told[0]["people"], json!([{"identity": "user 7", "online": true}]));
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn heartbeats_of_each_session_are_numbered_from_one() {
    let mut scene = Scene::new();
    let first = scene.attach(1, &[]);
    let interval = Bounds::default().heartbeat;
    let beat = |scene: &mut Scene, count: usize| {
        for _ in 0..count {
            scene.now += interval;
            scene.hub.tick(scene.now);
        }
    };
    beat(&mut scene, 1);
    let second = scene.attach(2, &[]);
    first.is_heard(scene.now);
    beat(&mut scene, 2);
    let told =
        |beats: Vec<Value>| beats.iter().map(|beat| beat["number"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(told(pushed(&first).await), [1, 2, 3]);
    assert_eq!(told(pushed(&second).await), [1, 2]);
}

#[tokio::test]
async fn a_heartbeat_counts_what_tells_of_people_also_what_was_dropped() {
    let mut scene = Scene::new();
    let full = Arc::new(Queue::new(1, Arc::default()));
    let actor = scene.attach(1, &[]).actor.clone();
    let watcher = scene.enter(Peer::new(3, actor, full, scene.now), &[]);
    scene.watch(&watcher, 1, 2, 1);
    scene.tell(Event::User(profile(1, 2)));
    scene.attach(2, &[]);
    // There is room for the profile and for nothing else.
    scene.hub.tick(scene.now);
    assert_eq!(pushed(&watcher).await.len(), 1);
    scene.now += Bounds::default().heartbeat;
    scene.hub.tick(scene.now);
    let beat = pushed(&watcher).await.remove(0);
    assert_eq!((&beat["event"], &beat["people"]), (&json!("heartbeat"), &json!(2)));
}

#[tokio::test]
async fn a_snapshot_of_people_says_the_newest_version_that_was_told() {
    let mut scene = Scene::new();
    let watcher = scene.attach(1, &[]);
    scene.tell(Event::User(profile(2, 5)));
    let versions = async |scene: &mut Scene, request, read| {
        scene.watch(&watcher, request, 2, read);
        let mut batch = Vec::new();
        watcher.queue.take(&mut batch, 9).await;
        let answer: Value = serde_json::from_str(&batch.remove(0).into_text()).unwrap();
        answer["result"]["people"][0]["profile_version"].clone()
    };
    assert_eq!(versions(&mut scene, 1, 4).await, 5);
    assert_eq!(versions(&mut scene, 2, 6).await, 6);
}

#[tokio::test]
async fn one_state_goes_to_all_sessions_of_its_user() {
    let mut scene = Scene::new();
    let (one, other) = (scene.attach(1, &[]), scene.attach(2, &[]));
    let rows = vec![UserConversation {
        conversation: conversation(1),
        status: confab_protocol::model::MembershipStatus::NotParticipating,
        participant: None,
        role: Role::Participant,
        role_sid: None,
        flags: None,
        notification_level: confab_protocol::model::NotificationLevel::Default,
        unread: confab_protocol::model::Unread::default(),
        last_read_event_seq: 0,
        peer: None,
        left_name: Some("Harbour".into()),
        left_at: None,
        version: 8,
    }];
    let (drafts, settings) = (Vec::new(), Vec::new());
    scene.tell(Event::State { user: user(1), from: 7, to: 8, rows, drafts, settings });
    assert_eq!(pushed(&one).await[0]["to"], 8);
    assert!(pushed(&other).await.is_empty());
    let mut beat = || {
        scene.now += Bounds::default().heartbeat;
        one.is_heard(scene.now);
        scene.hub.tick(scene.now);
    };
    beat();
    beat();
    let told = pushed(&one).await;
    assert_eq!(told[0]["state_version"], 8, "the push may be lost on its way");
    assert_eq!(told[1].get("state_version"), None);
}

#[tokio::test]
async fn a_revoked_device_ends_and_others_of_its_user_stay() {
    let mut scene = Scene::new();
    let peer = scene.attach(1, &[]);
    scene.tell(Event::DeviceRevoked { user: user(1), device: DeviceSid(Uuid::from_u128(7)) });
    assert_eq!(peer.queue.ending(), None);
    scene.tell(Event::DeviceRevoked { user: user(1), device: DeviceSid(Uuid::from_u128(1)) });
    assert!(matches!(peer.queue.ending(), Some(Ending::Told(_))));
}

#[tokio::test]
async fn a_conversation_without_sessions_is_forgotten() {
    let mut scene = Scene::new();
    let peer = scene.attach(1, &[1, 2, 3]);
    scene.tell(said(5));
    scene.take(Input::Detach(peer.id));
    assert!(scene.hub.conversations.is_empty() && scene.hub.users.is_empty() && scene.hub.moves.is_empty());
}
