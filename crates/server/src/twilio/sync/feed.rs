//! What one client is subscribed to, how far it has been told, and what has moved since.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::Relaxed;

use confab_domain::{DomainResult, Tx};
use confab_protocol::model::{Presence, User, UserStatus};
use confab_protocol::{Answer, Response, UserSid, WireError, limits};
use serde_json::{Value, json};

use super::changes::{Event, Found, changes, written};
use super::hint::{Hint, People, Told};
use crate::clock;
use crate::hub::{Input, Watched};
use crate::twilio::client::Caller;
use crate::twilio::sids::Object;

/// Objects of one session: those of as many conversations as one may be in, and of people.
const OBJECTS: usize = 3 * limits::CONVERSATIONS_PER_USER + 2 * limits::INTEREST;
/// Objects looked at in one turn.
const TURN: usize = 32;
/// Events of one packet.
const PACKET: usize = 20;
/// Items of the map of a profile.
const PROFILE_ITEMS: usize = 3;

/// The subscriptions of one session.
pub(in crate::twilio) struct Feed {
    caller: Caller,
    objects: BTreeMap<Object, Subscription>,
    /// Those that have to be looked at. The list of conversations is looked at before the conversations themselves.
    moved: BTreeSet<Object>,
    /// What is to be said of subscriptions.
    notices: Vec<Value>,
    people: BTreeMap<String, UserSid>,
    watch: Watch,
    /// Frames about people that came.
    about_people: u64,
    /// What had moved could not be told: the next heartbeat looks at everything.
    behind: bool,
}

/// Whose presence the hub was asked for.
#[derive(Default)]
struct Watch {
    asked: BTreeSet<UserSid>,
    requests: u64,
}

/// One subscription.
struct Subscription {
    /// The SID under which it was asked for.
    sid: String,
    /// The id up to which the client was told everything; none before it is known where the object stands.
    position: Option<u64>,
    /// The request that is to be told that everything missed has been sent.
    establishes: Option<Value>,
    /// What was last told of a profile: its version, and whether its user is there and can be notified.
    profile: Option<(u64, Reach)>,
}

impl Feed {
    /// Nothing is subscribed to.
    pub(in crate::twilio) fn new(caller: Caller) -> Self {
        Self {
            caller,
            objects: BTreeMap::new(),
            moved: BTreeSet::new(),
            notices: Vec::new(),
            people: BTreeMap::new(),
            watch: Watch::default(),
            about_people: 0,
            behind: false,
        }
    }

    /// Whether there is anything to read or to say.
    pub(in crate::twilio) fn has_news(&self) -> bool {
        !self.moved.is_empty() || !self.notices.is_empty()
    }

    /// Begins a subscription behind an id.
    pub(super) fn establish(&mut self, sid: &str, form: &str, after: Option<u64>, correlation: &Value) {
        let object = Object::read(sid, self.caller.epoch);
        let room = self.objects.len() < OBJECTS;
        let Some(object) = object.filter(|object| object.form().name() == form && room) else {
            return self.fail(sid, form, correlation);
        };
        let establishes = Some(correlation.clone());
        let subscription = Subscription { sid: sid.to_owned(), position: after, establishes, profile: None };
        self.objects.insert(object, subscription);
        self.moved.insert(object);
    }

    /// Ends a subscription.
    pub(super) fn cancel(&mut self, sid: &str, form: &str, correlation: &Value) {
        if let Some(object) = Object::read(sid, self.caller.epoch) {
            self.forget(object);
        }
        let event = json!({ "object_sid": sid, "object_type": form });
        self.notices.push(notice("subscription_canceled", correlation, event));
    }

    fn fail(&mut self, sid: &str, form: &str, correlation: &Value) {
        let error = super::no_object().body();
        let event = json!({ "object_sid": sid, "object_type": form, "error": error });
        self.notices.push(notice("subscription_failed", correlation, event));
    }

    fn forget(&mut self, object: Object) {
        self.objects.remove(&object);
        self.moved.remove(&object);
        if let Object::User(user) = object {
            self.people.retain(|_, known| *known != user);
        }
    }

    /// Something was lost on the way: everything is looked at.
    pub(in crate::twilio) fn everything_moved(&mut self) {
        self.moved = self.objects.keys().copied().collect();
    }

    fn note(&mut self, object: Object) {
        if self.objects.contains_key(&object) {
            self.moved.insert(object);
        }
    }

    fn note_own(&mut self) {
        self.note(Object::Conversations(self.caller.actor.user));
    }

    /// Takes a frame of the hub.
    pub(in crate::twilio) fn hear(&mut self, text: &str) -> Option<Hint> {
        let Ok(told) = serde_json::from_str::<Told>(text) else {
            self.everything_moved();
            return None;
        };
        match (told.event.as_str(), told.conversation) {
            ("message.added", Some(sid)) => {
                self.note(Object::Conversation(sid));
                self.note(Object::Messages(sid));
            }
            ("message.edited" | "message.removed", Some(sid)) => self.note(Object::Messages(sid)),
            ("roster.changed" | "participant.joined" | "participant.left", Some(sid)) => {
                self.note(Object::Roster(sid));
            }
            ("conversation.updated" | "conversation.created", Some(sid)) => {
                self.note(Object::Conversation(sid));
            }
            ("conversation.deleted", Some(sid)) => {
                self.note_own();
                self.note_all_of(sid);
            }
            ("state.changed", _) => {
                self.note_own();
                told.rows.iter().filter_map(|row| row.conversation).for_each(|sid| self.note_all_of(sid));
            }
            ("user.changed", _) => {
                self.about_people += 1;
                told.users.iter().for_each(|user| self.note(Object::User(user.sid)));
            }
            ("presence.changed", _) => {
                self.about_people += 1;
                if let People::Changed(people) = &told.people {
                    self.presence(people);
                }
            }
            ("typing.started", Some(sid)) => {
                let seconds = told.timeout_ms / 1_000;
                let body = json!({
                    "channel_sid": sid, "identity": told.identity, "typing_timeout": seconds,
                });
                return Some(Hint::Say("twilio.ipmsg.typing_indicator", body));
            }
            ("heartbeat", _) => {
                if std::mem::take(&mut self.behind) {
                    self.everything_moved();
                }
                if let People::Sent(sent) = told.people {
                    self.count_people(sent);
                }
                self.note_own();
                told.heads.iter().for_each(|head| self.note_all_of(head.conversation));
                return Some(Hint::Beat);
            }
            ("token.about_to_expire", _) => return Some(Hint::AboutToExpire),
            ("token.expired", _) => return Some(Hint::Expired),
            _ => {}
        }
        None
    }

    /// Takes the hub's answer about people.
    pub(in crate::twilio) fn take(&mut self, response: &Response) {
        if let Ok(Answer::PresenceSubscribe(snapshot)) = &response.outcome {
            self.presence(&snapshot.people);
        }
    }

    fn note_all_of(&mut self, sid: confab_protocol::ConversationSid) {
        let all = [Object::Conversation(sid), Object::Messages(sid), Object::Roster(sid)];
        all.into_iter().for_each(|object| self.note(object));
    }

    /// Who comes and goes is the first to be dropped when a session reads too slowly: when the count is another one, all people are
    /// looked at.
    fn count_people(&mut self, sent: u64) {
        if std::mem::replace(&mut self.about_people, sent) != sent {
            let people = self.objects.keys().copied().filter(|object| matches!(object, Object::User(_)));
            self.moved.extend(people.collect::<Vec<_>>());
        }
    }

    fn presence(&mut self, people: &[Presence]) {
        for person in people {
            if let Some(user) = self.people.get(&person.identity) {
                self.note(Object::User(*user));
            }
        }
    }

    /// Reads what moved, a turn of it, and gives what is to be sent, in order.
    pub(in crate::twilio) async fn read(&mut self) -> Vec<Value> {
        let mut said = std::mem::take(&mut self.notices);
        let turn: Vec<Object> = self.moved.iter().copied().take(TURN).collect();
        let asked: Vec<_> =
            turn.iter().filter_map(|it| Some((*it, self.objects.get(it)?.position))).collect();
        let actor = self.caller.actor.clone();
        let read = self.caller.node.readers.read(move |read| {
            asked
                .into_iter()
                .map(|(object, after)| Ok((object, changes(&actor, object, after, read)?)))
                .collect()
        });
        let found: Vec<(Object, Found)> = match read.await {
            Ok(found) => found,
            Err(error) => {
                self.moved.clear();
                self.put_off(&error);
                return said;
            }
        };
        self.moved.retain(|object| !turn.contains(object));
        let mut people = Vec::new();
        for (object, found) in found {
            match found {
                Found::News { events, position, more } => {
                    self.news(object, &events, position, more, &mut said);
                }
                Found::User { user, .. } => people.push((object, *user)),
                Found::Deleted(id) => self.deleted(object, id, &mut said),
                Found::Denied => self.denied(object, &mut said),
            }
        }
        self.profiles(&people, &mut said).await;
        self.watch_people().await;
        said
    }

    /// Leaves what moved to the next heartbeat.
    fn put_off(&mut self, error: &WireError) {
        tracing::debug!(%error, "what moved could not be told");
        self.caller.node.stats.stock_put_off_total.fetch_add(1, Relaxed);
        self.behind = true;
    }

    fn news(&mut self, object: Object, events: &[Event], position: u64, more: bool, said: &mut Vec<Value>) {
        let Some(subscription) = self.objects.get_mut(&object) else { return };
        let correlation = subscription.establishes.clone();
        for run in events.chunk_by(|one, other| one.kind == other.kind).flat_map(|run| run.chunks(PACKET)) {
            let written: Vec<Value> =
                run.iter().map(|event| written(object, &subscription.sid, event)).collect();
            said.push(packet(run[0].kind, correlation.as_ref(), &written));
        }
        subscription.position = Some(position);
        if more {
            self.moved.insert(object);
        } else if let Some(correlation) = subscription.establishes.take() {
            let (sid, form) = (&subscription.sid, object.form().name());
            let event = json!({
                "object_sid": sid, "object_type": form, "replay_status": "completed", "last_event_id": position,
            });
            said.push(notice("subscription_established", &correlation, event));
        }
    }

    /// Profiles are told of where they are other ones than the client was told of, and at the beginning.
    async fn profiles(&mut self, people: &[(Object, User)], said: &mut Vec<Value>) {
        let there = self.who_is_there(people).await;
        let mut told = Vec::new();
        for (object, user) in people {
            let connected = there.get(&user.sid).copied().unwrap_or(false);
            let now = (user.version, reach(user.status, user.notifiable, connected));
            let Some(subscription) = self.objects.get(object) else { continue };
            self.people.insert(user.identity.clone(), user.sid);
            let items = changed_items(user, subscription.profile, now);
            if !items.is_empty() {
                told.push((*object, now, items));
            }
        }
        if told.is_empty() {
            return;
        }
        let ids = self.caller.node.writer.call(|tx, _, _| Ok((profile_ids(tx)?, Vec::new())));
        let ids = match ids.await {
            Ok(ids) => ids,
            Err(error) => return self.put_off(&error),
        };
        for (object, now, items) in told {
            let Some(subscription) = self.objects.get_mut(&object) else { continue };
            subscription.profile = Some(now);
            let events: Vec<Event> = (ids.clone().zip(items))
                .map(|(id, (key, data))| Event {
                    kind: "map_item_updated",
                    id,
                    at: clock::now(),
                    item: key.into(),
                    data,
                })
                .collect();
            self.news(object, &events, *ids.end(), false, said);
        }
    }

    fn deleted(&mut self, object: Object, id: u64, said: &mut Vec<Value>) {
        let Some(subscription) = self.objects.get(&object) else { return };
        let kind = match object {
            Object::Conversation(_) => "document_removed",
            Object::Messages(_) => "list_removed",
            Object::Conversations(_) | Object::User(_) | Object::Roster(_) => "map_removed",
        };
        let event = Event { kind, id, at: clock::now(), item: Value::Null, data: Value::Null };
        let written = vec![written(object, &subscription.sid, &event)];
        if subscription.establishes.is_some() {
            return self.denied(object, said);
        }
        said.push(packet(kind, None, &written));
        self.forget(object);
    }

    /// Of what one left nothing is told until one is in it again. What cannot be subscribed to is said to be gone.
    fn denied(&mut self, object: Object, said: &mut Vec<Value>) {
        let establishes = self
            .objects
            .get_mut(&object)
            .and_then(|subscription| Some((subscription.sid.clone(), subscription.establishes.take()?)));
        if let Some((sid, correlation)) = establishes {
            self.forget(object);
            self.fail(&sid, object.form().name(), &correlation);
            said.append(&mut self.notices);
        }
    }

    async fn who_is_there(&self, people: &[(Object, User)]) -> BTreeMap<UserSid, bool> {
        let users: Vec<UserSid> = people.iter().map(|(_, user)| user.sid).collect();
        if users.is_empty() {
            return BTreeMap::new();
        }
        let there = self.caller.node.present(users.clone()).await;
        users.into_iter().zip(there).collect()
    }

    /// Asks the hub for the presence of those whose profiles are subscribed to, when they are others than before.
    async fn watch_people(&mut self) {
        let wanted: BTreeSet<UserSid> = self.people.values().copied().take(limits::INTEREST).collect();
        if wanted == self.watch.asked {
            return;
        }
        let people = self.people.iter().filter(|(_, user)| wanted.contains(*user));
        // What people are called is looked up here whenever something is told of them.
        let watched = |(identity, user): (&String, &UserSid)| Watched {
            user: *user,
            identity: identity.clone(),
            profile_version: 0,
        };
        let people = people.map(watched).collect();
        self.watch.asked = wanted;
        self.watch.requests += 1;
        let (peer, request) = (self.caller.peer.id, self.watch.requests);
        self.caller.node.tell_hub(Input::Subscribe { peer, request, people }).await;
    }
}

/// How somebody can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::twilio) struct Reach {
    /// They are there.
    pub(in crate::twilio) online: bool,
    /// Push notifications reach a device of theirs.
    pub(in crate::twilio) notifiable: bool,
}

/// What people say of being there goes before what their connections say.
pub(in crate::twilio) fn reach(status: Option<UserStatus>, notifiable: bool, connected: bool) -> Reach {
    let online = match status {
        Some(UserStatus::Online) => true,
        Some(UserStatus::Offline) => false,
        Some(UserStatus::Away | UserStatus::Busy | UserStatus::Unknown) | None => connected,
    };
    Reach { online, notifiable }
}

/// Ids for the items of profiles that are told of now: greater than any that was given before, by whichever node and in
/// whichever session, because who is there changes without a commit and what somebody read of it bears the newest one's number.
fn profile_ids(tx: &mut dyn Tx) -> DomainResult<RangeInclusive<u64>> {
    let first = tx.next_commit()?;
    let mut last = first;
    for _ in 1..PROFILE_ITEMS {
        last = tx.next_commit()?;
    }
    Ok(first..=last)
}

/// Of a profile, by its version and how its user can be reached, what was not told before.
fn changed_items(
    user: &User,
    before: Option<(u64, Reach)>,
    (version, reach): (u64, Reach),
) -> Vec<(&'static str, Value)> {
    let is_new = |key: &str| match (before, key) {
        (None, _) => true,
        (Some((_, was)), "reachability") => was != reach,
        (Some((was, _)), _) => was != version,
    };
    profile_items(user, reach).into_iter().filter(|(key, _)| is_new(key)).collect()
}

/// The items of the map of a profile.
pub(super) fn profile_items(user: &User, reach: Reach) -> [(&'static str, Value); PROFILE_ITEMS] {
    [
        ("friendlyName", json!({ "value": user.friendly_name })),
        ("attributes", json!({ "value": user.attributes.to_string() })),
        ("reachability", json!({ "online": reach.online, "notifiable": reach.notifiable })),
    ]
}

fn notice(kind: &str, correlation: &Value, event: Value) -> Value {
    packet(kind, Some(correlation), &[event])
}

fn packet(kind: &str, correlation: Option<&Value>, events: &[Value]) -> Value {
    let mut body = json!({ "event_type": kind, "event_protocol_version": 4, "events": events });
    if let Some(correlation) = correlation {
        body["correlation_id"] = correlation.clone();
    }
    body
}
