//! Attributes, which only programs set: of conversations, of participants, and of one's own profile. What the database holds of
//! them, and what a client keeps.

use std::collections::BTreeMap;

use anyhow::Result;
use confab_core::stored::CachedConversation;
use confab_protocol::model::{Participant, User};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::device::Device;
use crate::outbox::copied;
use crate::tally::Tally;
use crate::truth::{Truth, conversation, each, json};

/// What a program sets the attributes of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Noted {
    /// One's own profile.
    Me,
    /// A conversation, by its SID.
    Conversation(String),
    /// One's own participant there.
    Participant(String),
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) attributes: Value,
}

/// All profiles and attributes that somebody holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notes {
    /// By identity.
    pub(crate) people: BTreeMap<String, Profile>,
    /// Of conversations, by SID.
    pub(crate) conversations: BTreeMap<String, Value>,
    /// Of those who are in them, by SID and identity.
    pub(crate) participants: BTreeMap<String, BTreeMap<String, Value>>,
    /// Which version of each roster this is.
    #[serde(skip)]
    pub(crate) versions: BTreeMap<String, u64>,
}

const PEOPLE: &str = "SELECT identity, friendly_name, attributes FROM users";

const CONVERSATIONS: &str = "SELECT attributes, sid FROM conversations";

const PARTICIPANTS: &str = "
    SELECT p.attributes, p.conversation, u.identity FROM participants p
    JOIN users u ON u.workspace = p.workspace AND u.sid = p.user WHERE p.status = 1";

const VERSIONS: &str = "SELECT conversation, roster_version FROM heads";

/// Reads them from the server's database.
pub(crate) fn read(db: &Connection, notes: &mut Notes) -> Result<()> {
    each(db, PEOPLE, |row| {
        let attributes = json(2, &row.get::<_, String>(2)?)?;
        notes.people.insert(row.get(0)?, Profile { name: row.get(1)?, attributes });
        Ok(())
    })?;
    each(db, CONVERSATIONS, |row| {
        notes.conversations.insert(conversation(row, 1)?, json(0, &row.get::<_, String>(0)?)?);
        Ok(())
    })?;
    each(db, VERSIONS, |row| {
        notes.versions.insert(conversation(row, 0)?, row.get::<_, i64>(1)?.cast_unsigned());
        Ok(())
    })?;
    each(db, PARTICIPANTS, |row| {
        let held = notes.participants.entry(conversation(row, 1)?).or_default();
        held.insert(row.get(2)?, json(0, &row.get::<_, String>(0)?)?);
        Ok(())
    })
}

impl Notes {
    /// What of it a person is to know: of these people, and of the conversations that the person is in.
    pub(crate) fn of(&self, person: &str, people: &[String], truth: &Truth) -> Self {
        let is_in = |sid: &String| truth.own.get(person).is_some_and(|own| own.contains_key(sid));
        let mut own = self.clone();
        own.people.retain(|identity, _| people.contains(identity));
        own.conversations.retain(|sid, _| is_in(sid));
        own.participants.retain(|sid, _| is_in(sid));
        own
    }

    /// What differs of what a program holds, in words.
    pub(crate) fn differ(&self, held: &Self) -> Option<String> {
        first(&self.people, &held.people)
            .or_else(|| first(&self.conversations, &held.conversations))
            .or_else(|| first(&self.participants, &held.participants))
    }
}

fn first<T: PartialEq + std::fmt::Debug>(
    stands: &BTreeMap<String, T>,
    held: &BTreeMap<String, T>,
) -> Option<String> {
    let key = stands.keys().chain(held.keys()).find(|key| stands.get(*key) != held.get(*key))?;
    Some(format!("{:?} instead of {:?} of {key}", held.get(key), stands.get(key)))
}

/// Holds what the cache of a device keeps against what stands. Its client has ended. Rosters and profiles are kept of those that
/// were looked at; a roster as of the newest version is as it stands, an older one is brought up when it is looked at.
pub(crate) fn kept(device: &Device, people: &[String], truth: &Truth, tally: &mut Tally) -> Result<()> {
    let stands = truth.notes.of(&device.person, people, truth);
    let mut held = Notes::default();
    let directory = device.databases();
    for text in copied(&directory, "cache.db", "SELECT conversation FROM conversations")? {
        let kept: CachedConversation = serde_json::from_str(&text)?;
        let Some(conversation) = kept.conversation else { continue };
        held.conversations.insert(kept.sid.to_string(), conversation.attributes);
        let newest = stands.versions.get(&kept.sid.to_string());
        if kept.roster_version.is_some_and(|version| newest.is_some_and(|newest| version >= *newest)) {
            held.participants.insert(kept.sid.to_string(), BTreeMap::new());
        }
    }
    for row in copied(&directory, "cache.db", "SELECT conversation || ' ' || participant FROM participants")?
    {
        let (sid, text) = row.split_once(' ').unwrap_or_default();
        let kept: Participant = serde_json::from_str(text)?;
        if let Some(roster) = held.participants.get_mut(sid) {
            roster.insert(kept.identity, kept.attributes);
        }
    }
    for text in copied(&directory, "cache.db", "SELECT user FROM users")? {
        let kept: User = serde_json::from_str(&text)?;
        held.people.insert(kept.identity, Profile { name: kept.friendly_name, attributes: kept.attributes });
    }
    held.people.retain(|identity, _| people.contains(identity));
    let looked_at = Notes {
        people: only(&stands.people, &held.people),
        participants: only(&stands.participants, &held.participants),
        ..stands
    };
    tally.stale.extend(looked_at.differ(&held).map(|differs| format!("{} keeps {differs}", device.name)));
    Ok(())
}

fn only<T: Clone>(stands: &BTreeMap<String, T>, held: &BTreeMap<String, T>) -> BTreeMap<String, T> {
    stands
        .iter()
        .filter(|(key, _)| held.contains_key(*key))
        .map(|(key, one)| (key.clone(), one.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_that_differs_is_told() {
        let notes = |value: Value| Notes {
            conversations: BTreeMap::from([("CH1".to_owned(), value)]),
            ..Notes::default()
        };
        assert_eq!(notes(json!({})).differ(&notes(json!({}))), None);
        let told = notes(json!({ "note": 1 })).differ(&notes(json!({}))).unwrap();
        assert!(told.ends_with("of CH1"), "{told}");
        assert!(notes(json!({})).differ(&Notes::default()).is_some());
    }
}
