//! People: profiles, fetched when they are missing or stale, and who is there.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::limits;
use confab_protocol::model::{Presence, User, UserStatus};
use serde_json::{Map, Value};

use crate::view::{PersonView, PresenceState};

/// Questions for profiles that may be on their way at once.
const QUESTIONS: usize = 2;

/// Everybody who was met.
#[derive(Debug, Default)]
pub(crate) struct People {
    users: BTreeMap<String, User>,
    /// To be asked for.
    wanted: BTreeSet<String>,
    /// Asked for on this connection, with the version that was hoped for: nobody is asked for twice in vain.
    asked: BTreeMap<String, u64>,
    /// Questions on their way by number, with whom they are for.
    questions: BTreeMap<u64, Vec<String>>,
    /// Of the last question.
    number: u64,
    /// Could not be told now.
    later: BTreeSet<String>,
    online: BTreeMap<String, bool>,
    subscribed: Vec<String>,
}

impl People {
    pub(crate) fn new(users: impl IntoIterator<Item = User>) -> Self {
        let users = users.into_iter().map(|user| (user.identity.clone(), user)).collect();
        Self { users, ..Self::default() }
    }

    /// The name to show for an identity.
    pub(crate) fn name(&self, identity: &str) -> String {
        let known = self.users.get(identity).map(|user| user.friendly_name.as_str());
        known.filter(|name| !name.is_empty()).unwrap_or(identity).to_owned()
    }

    /// Whether a person is there, as far as known: what they say of it, while they have a connection.
    pub(crate) fn presence_of(&self, identity: &str) -> Option<PresenceState> {
        let online = *self.online.get(identity)?;
        let said = self.users.get(identity).and_then(|user| user.status);
        Some(if online { presence(said) } else { PresenceState::Offline })
    }

    /// How a person is shown.
    pub(crate) fn view(&self, identity: &str) -> PersonView {
        let presence = self.presence_of(identity);
        match self.users.get(identity) {
            Some(user) => PersonView { name: self.name(identity), presence, ..person(user) },
            None => PersonView { presence, ..PersonView::unknown(identity) },
        }
    }

    /// All profiles.
    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// Everybody whose profile is known.
    pub(crate) fn known(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// Notes that somebody is shown, whose profile is at least of this version.
    pub(crate) fn meet(&mut self, identity: &str, version: u64) {
        let held = self.users.get(identity).map(|user| user.version);
        let stale = held.is_none_or(|held| held < version);
        if stale && self.asked.get(identity).is_none_or(|asked| *asked < version) {
            self.wanted.insert(identity.to_owned());
            self.asked.insert(identity.to_owned(), version);
        }
    }

    /// A profile may have changed without a word.
    pub(crate) fn want(&mut self, identity: &str) {
        self.wanted.insert(identity.to_owned());
    }

    /// Takes a profile; false when a newer one is held.
    pub(crate) fn learn(&mut self, user: &User) -> bool {
        let held = self.users.get(&user.identity);
        if held.is_some_and(|held| held.version >= user.version) {
            return false;
        }
        self.users.insert(user.identity.clone(), user.clone());
        true
    }

    /// The next question, with its number: the identities to ask for.
    pub(crate) fn question(&mut self) -> Option<(u64, Vec<String>)> {
        if self.questions.len() >= QUESTIONS || self.wanted.is_empty() {
            return None;
        }
        let batch: Vec<String> = self.wanted.iter().take(limits::USER_BATCH).cloned().collect();
        self.wanted.retain(|identity| !batch.contains(identity));
        self.number += 1;
        self.questions.insert(self.number, batch.clone());
        Some((self.number, batch))
    }

    /// A question was answered or refused for good.
    pub(crate) fn answered(&mut self, number: u64) {
        self.questions.remove(&number);
    }

    /// A question was refused for now: its people are asked for again when it is time to.
    pub(crate) fn put_off(&mut self, number: u64) {
        self.later.extend(self.questions.remove(&number).into_iter().flatten());
    }

    /// It is time to ask again for those who were put off.
    pub(crate) fn ask_again(&mut self) {
        self.wanted.append(&mut self.later);
    }

    /// The set of people to subscribe to, when it is another one than before.
    pub(crate) fn subscribe(&mut self, mut identities: Vec<String>) -> Option<Vec<String>> {
        identities.truncate(limits::INTEREST);
        identities.sort();
        if identities == self.subscribed {
            return None;
        }
        self.subscribed.clone_from(&identities);
        Some(identities)
    }

    /// Something that was told of presence may have been lost: it is asked for anew.
    pub(crate) fn resubscribe(&mut self) {
        self.subscribed.clear();
    }

    /// The answer to a subscription: how things stand. Answers whose row changes.
    pub(crate) fn snapshot(&mut self, people: Vec<Presence>) -> Vec<String> {
        let mut changed: Vec<String> =
            self.online.keys().filter(|known| !self.subscribed.contains(known)).cloned().collect();
        self.online.retain(|known, _| self.subscribed.contains(known));
        changed.extend(self.presence(people));
        changed
    }

    /// People came or went. Answers whose row changes.
    pub(crate) fn presence(&mut self, people: Vec<Presence>) -> Vec<String> {
        let changes = |online: &BTreeMap<String, bool>, person: &Presence| {
            online.get(&person.identity) != Some(&person.online)
        };
        let mut changed = Vec::new();
        for person in people {
            if self.subscribed.contains(&person.identity) && changes(&self.online, &person) {
                changed.push(person.identity.clone());
                self.online.insert(person.identity, person.online);
            }
        }
        changed
    }

    /// Without a connection nobody's presence is known. Answers whose row changes.
    pub(crate) fn connection_lost(&mut self) -> Vec<String> {
        self.asked.clear();
        self.wanted.extend(std::mem::take(&mut self.questions).into_values().flatten());
        self.ask_again();
        self.subscribed.clear();
        std::mem::take(&mut self.online).into_keys().collect()
    }

    /// Forgets everybody.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// How someone with a connection shows.
fn presence(said: Option<UserStatus>) -> PresenceState {
    match said {
        None | Some(UserStatus::Online | UserStatus::Unknown) => PresenceState::Online,
        Some(UserStatus::Away) => PresenceState::Away,
        Some(UserStatus::Busy) => PresenceState::Busy,
        Some(UserStatus::Offline) => PresenceState::Offline,
    }
}

/// How a profile is shown of whose presence nothing is known.
pub(crate) fn person(user: &User) -> PersonView {
    let name = if user.friendly_name.is_empty() { &user.identity } else { &user.friendly_name };
    PersonView {
        sid: Some(user.sid.to_string()),
        identity: user.identity.clone(),
        name: name.clone(),
        presence: None,
        role: user.role_sid.map(|sid| sid.to_string()),
        attributes: user.attributes.as_object().cloned().map_or(Value::Object(Map::new()), Value::Object),
        deactivated: user.deactivated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::user;

    fn online(identity: &str, online: bool) -> Presence {
        Presence { identity: identity.into(), online, profile_version: 0 }
    }

    #[test]
    fn stale_profiles_are_asked_for_in_batches_and_never_twice_in_vain() {
        let mut people = People::new(vec![user("Aiko", "Aiko M.", 3)]);
        people.meet("Aiko", 3);
        assert_eq!(people.question(), None);
        for number in 0..60 {
            people.meet(&format!("p{number:02}"), 0);
        }
        people.meet("Aiko", 4);
        assert_eq!(people.question().map(|(_, batch)| batch.len()), Some(limits::USER_BATCH));
        assert_eq!(people.question().map(|(_, batch)| batch.len()), Some(11));
        people.answered(1);
        people.meet("p00", 0);
        assert_eq!(people.question(), None);
        assert!(!people.learn(&user("Aiko", "older", 2)));
        assert!(people.learn(&user("Aiko", "Aiko Mori", 4)));
        assert_eq!(people.name("Aiko"), "Aiko Mori");
        assert_eq!(people.name("nobody"), "nobody");
    }

    #[test]
    fn presence_is_known_of_those_subscribed_to_and_only_while_connected() {
        let mut people = People::default();
        let there = |identity: &str| vec![online(identity, true)];
        assert_eq!(people.subscribe(vec!["Bo".into(), "Aiko".into()]).map(|all| all.len()), Some(2));
        assert_eq!(people.subscribe(vec!["Aiko".into(), "Bo".into()]), None);
        assert_eq!(people.snapshot(there("Aiko")), ["Aiko"]);
        assert!(people.presence(there("Cleo")).is_empty());
        assert_eq!(people.presence_of("Aiko"), Some(PresenceState::Online));
        people.subscribe(vec!["Bo".into()]);
        assert_eq!(people.snapshot(Vec::new()), ["Aiko"]);
        assert_eq!(people.presence_of("Aiko"), None);
    }

    #[test]
    fn what_people_say_of_being_there_counts_while_they_have_a_connection() {
        let mut people = People::default();
        people.subscribe(vec!["Aiko".into()]);
        people.snapshot(vec![online("Aiko", true)]);
        let said = [UserStatus::Busy, UserStatus::Away, UserStatus::Offline, UserStatus::Online];
        let shown = (2..).zip(said).map(|(version, status)| {
            people.learn(&User { status: Some(status), ..user("Aiko", "Aiko M.", version) });
            people.presence_of("Aiko")
        });
        let shown: Vec<_> = shown.map(Option::unwrap).collect();
        use PresenceState::{Away, Busy, Offline, Online};
        assert_eq!(shown, [Busy, Away, Offline, Online]);
        people.learn(&User { status: Some(UserStatus::Busy), ..user("Aiko", "Aiko M.", 9) });
        people.presence(vec![online("Aiko", false)]);
        assert_eq!(people.presence_of("Aiko"), Some(Offline));
    }
}
