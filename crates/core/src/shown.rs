//! What the interface shows: the truth of a moment ago, so that only what differs is told.

use std::collections::BTreeMap;

use confab_protocol::Timestamp;
use confab_protocol::model::NamedRole;
use serde_json::Value;

use crate::view::{
    ConnectionState, ConversationRow, MessageRow, ParticipantRow, PersonView, Problem, Rights, SessionView,
    SettingView, StuckView, TimelineEnds, ViewDiff,
};

/// Everything that was told.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    session: Option<SessionView>,
    connection: (ConnectionState, Option<Timestamp>),
    loaded: bool,
    conversations: BTreeMap<String, ConversationRow>,
    people: BTreeMap<String, PersonView>,
    total: (u64, u64),
    roles: Vec<NamedRole>,
    settings: BTreeMap<String, Value>,
    stuck: Vec<StuckView>,
    storage: Option<Problem>,
    opened: Option<Opened>,
    diffs: Vec<ViewDiff>,
}

/// What was told of the open conversation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Opened {
    key: String,
    rights: Rights,
    new_after: Option<u64>,
    new_count: u64,
    messages: Vec<MessageRow>,
    /// None until the timeline was told of for the first time.
    ends: Option<TimelineEnds>,
    roster: BTreeMap<String, ParticipantRow>,
    complete: bool,
}

impl Opened {
    /// A conversation that has just been opened; its timeline and roster start empty.
    pub(crate) fn new(key: String, rights: Rights, new_after: Option<u64>, new_count: u64) -> Self {
        Self { key, rights, new_after, new_count, ..Self::default() }
    }
}

impl Shown {
    /// What differs since the last time.
    pub(crate) fn take(&mut self) -> Vec<ViewDiff> {
        std::mem::take(&mut self.diffs)
    }

    /// Something to be said once.
    pub(crate) fn say(&mut self, diff: ViewDiff) {
        self.diffs.push(diff);
    }

    /// Takes what is stuck without a place of its own.
    pub(crate) fn stuck(&mut self, entries: Vec<StuckView>) {
        if self.stuck != entries {
            self.stuck.clone_from(&entries);
            self.diffs.push(ViewDiff::Stuck { entries });
        }
    }

    /// Takes why nothing can be kept, or that it can.
    pub(crate) fn storage(&mut self, problem: Option<&Problem>) {
        if self.storage.as_ref() != problem {
            self.storage = problem.cloned();
            self.diffs.push(ViewDiff::Storage { problem: self.storage.clone() });
        }
    }

    pub(crate) fn session(&mut self, session: SessionView) {
        if self.session.as_ref() != Some(&session) {
            self.diffs.push(ViewDiff::Session { session: Some(session.clone()) });
            self.session = Some(session);
        }
    }

    pub(crate) fn connection(&mut self, state: ConnectionState, retry_at: Option<Timestamp>) {
        if self.connection != (state, retry_at) {
            self.connection = (state, retry_at);
            self.diffs.push(ViewDiff::Connection { state, retry_at });
        }
    }

    /// Takes rows as they are now; `None` for those that are gone.
    pub(crate) fn conversations(&mut self, rows: Vec<(String, Option<ConversationRow>)>, loaded: bool) {
        let (mut upsert, mut removed) = (Vec::new(), Vec::new());
        for (key, row) in rows {
            match row {
                Some(row) if self.conversations.get(&key) != Some(&row) => {
                    self.conversations.insert(key, row.clone());
                    upsert.push(row);
                }
                Some(_) => {}
                None => removed.extend(self.conversations.remove(&key).map(|row| row.key)),
            }
        }
        if !upsert.is_empty() || !removed.is_empty() || self.loaded != loaded {
            self.loaded = loaded;
            self.diffs.push(ViewDiff::Conversations { upsert, removed, loaded });
            self.sum_up();
        }
    }

    fn sum_up(&mut self) {
        let rows = || self.conversations.values().filter(|row| !row.left);
        let loud =
            rows().filter(|row| row.notification_level != confab_protocol::model::NotificationLevel::Muted);
        let total = (loud.map(|row| row.unread).sum(), rows().map(|row| row.mentions).sum());
        if self.total != total {
            self.total = total;
            self.diffs.push(ViewDiff::UnreadTotal { unread: total.0, mentions: total.1 });
        }
    }

    pub(crate) fn people(&mut self, people: Vec<PersonView>) {
        let changed = |person: &PersonView| self.people.get(&person.identity) != Some(person);
        let upsert: Vec<PersonView> = people.into_iter().filter(changed).collect();
        if upsert.is_empty() {
            return;
        }
        for person in &upsert {
            self.people.insert(person.identity.clone(), person.clone());
        }
        self.diffs.push(ViewDiff::People { upsert });
    }

    /// Takes the roles as they are now.
    pub(crate) fn roles(&mut self, roles: Vec<NamedRole>) {
        if self.roles != roles {
            self.diffs.push(ViewDiff::Roles { roles: roles.clone() });
            self.roles = roles;
        }
    }

    /// Takes the settings as they are now.
    pub(crate) fn settings(&mut self, now: BTreeMap<String, Value>) {
        let changed = |(key, value): &(&String, &Value)| self.settings.get(*key) != Some(value);
        let view = |(key, value): (&String, &Value)| SettingView { key: key.clone(), value: value.clone() };
        let upsert: Vec<SettingView> = now.iter().filter(changed).map(view).collect();
        let removed: Vec<String> =
            self.settings.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
        if !upsert.is_empty() || !removed.is_empty() {
            self.diffs.push(ViewDiff::Settings { upsert, removed });
        }
        self.settings = now;
    }

    /// Another conversation is open, or none.
    pub(crate) fn open(&mut self, opened: Option<Opened>) {
        self.diffs.push(opened_diff(opened.as_ref()));
        self.opened = opened;
    }

    pub(crate) fn rights(&mut self, rights: Rights) {
        let Some(opened) = &mut self.opened else { return };
        if opened.rights != rights {
            opened.rights = rights;
            self.diffs.push(ViewDiff::Rights { conversation: opened.key.clone(), rights });
        }
    }

    /// Takes the timeline as it is now. `reset`: the window has jumped.
    pub(crate) fn timeline(&mut self, messages: Vec<MessageRow>, ends: TimelineEnds, reset: bool) {
        let Some(opened) = &mut self.opened else { return };
        let before = if reset { Vec::new() } else { std::mem::take(&mut opened.messages) };
        let old: BTreeMap<&str, &MessageRow> = before.iter().map(|row| (row.key.as_str(), row)).collect();
        let upsert: Vec<MessageRow> =
            messages.iter().filter(|row| old.get(row.key.as_str()) != Some(row)).cloned().collect();
        let now: std::collections::BTreeSet<&str> = messages.iter().map(|row| row.key.as_str()).collect();
        let removed: Vec<String> =
            before.iter().filter(|row| !now.contains(row.key.as_str())).map(|row| row.key.clone()).collect();
        let differs = reset || !upsert.is_empty() || !removed.is_empty() || opened.ends != Some(ends);
        (opened.messages, opened.ends) = (messages, Some(ends));
        if differs {
            let conversation = opened.key.clone();
            self.diffs.push(ViewDiff::Timeline { conversation, upsert, removed, reset, ends });
        }
    }

    /// Takes the roster as it is now.
    pub(crate) fn roster(&mut self, rows: Vec<ParticipantRow>, complete: bool) {
        let Some(opened) = &mut self.opened else { return };
        let now: BTreeMap<String, ParticipantRow> =
            rows.into_iter().map(|row| (row.sid.clone(), row)).collect();
        let before = std::mem::take(&mut opened.roster);
        let upsert: Vec<ParticipantRow> =
            now.values().filter(|row| before.get(&row.sid) != Some(row)).cloned().collect();
        let removed: Vec<String> = before.into_keys().filter(|sid| !now.contains_key(sid)).collect();
        let differs = !upsert.is_empty() || !removed.is_empty() || opened.complete != complete;
        (opened.roster, opened.complete) = (now, complete);
        if differs {
            let conversation = opened.key.clone();
            self.diffs.push(ViewDiff::Roster { conversation, upsert, removed, complete });
        }
    }

    /// Everything, for a window that knows nothing.
    pub(crate) fn snapshot(&self) -> Vec<ViewDiff> {
        let (state, retry_at) = self.connection;
        let (unread, mentions) = self.total;
        let settings =
            self.settings.iter().map(|(key, value)| SettingView { key: key.clone(), value: value.clone() });
        let mut all = vec![
            ViewDiff::Reset,
            ViewDiff::Session { session: self.session.clone() },
            ViewDiff::Connection { state, retry_at },
            ViewDiff::Roles { roles: self.roles.clone() },
            ViewDiff::People { upsert: self.people.values().cloned().collect() },
            ViewDiff::Conversations {
                upsert: self.conversations.values().cloned().collect(),
                removed: Vec::new(),
                loaded: self.loaded,
            },
            ViewDiff::UnreadTotal { unread, mentions },
            ViewDiff::Settings { upsert: settings.collect(), removed: Vec::new() },
            ViewDiff::Stuck { entries: self.stuck.clone() },
            ViewDiff::Storage { problem: self.storage.clone() },
            opened_diff(self.opened.as_ref()),
        ];
        if let Some(opened) = &self.opened {
            all.extend(contents(opened));
        }
        all
    }
}

fn opened_diff(opened: Option<&Opened>) -> ViewDiff {
    ViewDiff::Opened {
        conversation: opened.map(|opened| opened.key.clone()),
        rights: opened.map(|opened| opened.rights).unwrap_or_default(),
        new_after: opened.and_then(|opened| opened.new_after),
        new_count: opened.map_or(0, |opened| opened.new_count),
    }
}

fn contents(opened: &Opened) -> [ViewDiff; 2] {
    let conversation = opened.key.clone();
    [
        ViewDiff::Timeline {
            conversation: conversation.clone(),
            upsert: opened.messages.clone(),
            removed: Vec::new(),
            reset: false,
            ends: opened.ends.unwrap_or_default(),
        },
        ViewDiff::Roster {
            conversation,
            upsert: opened.roster.values().cloned().collect(),
            removed: Vec::new(),
            complete: opened.complete,
        },
    ]
}
