//! What must hold when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use confab_core::view::{ConnectionState, MessageRow, MessageState};
use confab_protocol::model::{NotificationLevel, Role};

use crate::device::Device;
use crate::files;
use crate::kinds;
use crate::ledger::{self, Ledger, mark_of, number_of};
use crate::outbox;
use crate::picture::Picture;
use crate::tally::Tally;
use crate::truth::{Message, Own, Truth};

/// What differs, in words; none when nothing does.
type Differs = Option<String>;

macro_rules! differs {
    ($condition:expr, $($text:tt)*) => {
        if $condition {
            return Some(format!($($text)*));
        }
    };
}

/// Whether a device shows the list as the server has it: conversations, names, counts, levels, the badge.
pub(crate) fn list(device: &Device, picture: &Picture, truth: &Truth) -> Differs {
    let name = &device.name;
    differs!(picture.connection != ConnectionState::Connected, "{name} is {:?}", picture.connection);
    differs!(!picture.loaded, "{name} has not loaded its list");
    differs!(picture.asking > 0, "{name} still waits for answers");
    let nothing = BTreeMap::new();
    let own = truth.own.get(&device.person).unwrap_or(&nothing);
    // One that was made here and refused, its unique name being taken, stands in the list without a SID.
    let rows = picture.joined().into_iter().filter(|row| !(row.sid.is_none() && row.failed));
    let seen: Vec<_> = rows.map(|row| (row.sid.clone().unwrap_or_default(), row)).collect();
    let sids: BTreeSet<&String> = seen.iter().map(|(sid, _)| sid).collect();
    differs!(sids.len() != seen.len(), "{name} shows a conversation twice, or one that is being made");
    let expected: BTreeSet<&String> = own.keys().collect();
    differs!(sids != expected, "{name} shows the conversations {sids:?} and is in {expected:?}");
    for (sid, row) in &seen {
        let shown = Own {
            name: row.name.clone(),
            people: row.participants_count,
            muted: row.notification_level == NotificationLevel::Muted,
            unread: row.unread,
            mentions: row.mentions,
            draft: row.draft.clone(),
            owner: row.role == Role::Owner,
            kind: kinds::shown(row),
        };
        let stands = own.get(sid).map(|own| own.as_shown(truth));
        differs!(stands.as_ref() != Some(&shown), "{name} shows {shown:?} in {sid} instead of {stands:?}");
        let last = truth.timeline(&device.person, sid).pop();
        let last = last.and_then(|last| last.body.as_deref()).and_then(mark_of).map(str::to_owned);
        let preview = row.preview.as_deref().and_then(mark_of).map(str::to_owned);
        differs!(!row.failed && preview != last, "{name} previews {preview:?} in {sid} instead of {last:?}");
    }
    let unset = BTreeMap::new();
    let settings = truth.settings.get(&device.person).unwrap_or(&unset);
    differs!(&picture.settings != settings, "{name} has {:?} set instead of {settings:?}", picture.settings);
    let badge: u64 = own.values().filter(|own| !own.muted).map(|own| own.unread).sum();
    differs!(picture.unread != badge, "{name} shows {} on the badge instead of {badge}", picture.unread);
    None
}

/// Whether a device shows the people of the workspace, by whom they are, with their names and attributes.
pub(crate) fn people(device: &Device, picture: &Picture, people: &[String], truth: &Truth) -> Differs {
    let name = &device.name;
    for person in people {
        let (shown, stands) = (picture.people.get(person), truth.notes.people.get(person));
        differs!(shown != stands, "{name} shows {person} as {shown:?} instead of {stands:?}");
    }
    None
}

/// Whether everything that a device wanted has been done or refused.
pub(crate) fn outbox(device: &Device) -> Result<Differs> {
    let waiting = outbox::entries(&device.databases())?.into_iter().filter(outbox::is_waiting);
    let waiting: Vec<_> = waiting.map(|entry| (entry.action.name(), entry.client_id.to_string())).collect();
    Ok((!waiting.is_empty()).then(|| format!("{} still has to send {waiting:?}", device.name)))
}

/// Whether the open conversation shows exactly the messages that stand, and who has read how far.
pub(crate) fn timeline(device: &Device, picture: &Picture, key: &str, sid: &str, truth: &Truth) -> Differs {
    let name = &device.name;
    differs!(picture.open.as_deref() != Some(key), "{name} does not open {sid}");
    differs!(picture.ends.loading || !picture.complete, "{name} is still loading {sid}");
    differs!(picture.ends.has_older || picture.ends.has_newer, "{name} shows only a part of {sid}");
    let shown: Vec<_> = picture.sent().into_iter().map(shown_message).collect();
    // Of a message whose edit was refused the wording that was wished for is shown, with the reason.
    let refused: BTreeSet<u64> = picture
        .sent()
        .iter()
        .filter(|row| row.state == MessageState::Failed)
        .filter_map(|row| row.index)
        .collect();
    let stands = truth.timeline(&device.person, sid).into_iter();
    let stands: Vec<_> = stands.map(|message| stands_as(message, refused.contains(&message.index))).collect();
    let places = 0..shown.len().max(stands.len());
    let first = places.map(|at| (shown.get(at), stands.get(at))).find(|(shown, stands)| shown != stands);
    if let Some((shown, stands)) = first {
        return Some(format!("{name} shows {shown:?} in {sid} instead of {stands:?}"));
    }
    let read: BTreeMap<_, _> =
        picture.roster.values().map(|row| (row.identity.clone(), row.last_read_index)).collect();
    let nobody = BTreeMap::new();
    let horizons = truth.horizons.get(sid).unwrap_or(&nobody);
    differs!(&read != horizons, "{name} shows that {sid} was read by {read:?} instead of {horizons:?}");
    None
}

/// A message: its index, its text, its author, its files.
type Line = (u64, String, String, Vec<files::Held>);

fn shown_message(row: &MessageRow) -> Line {
    let text =
        if row.state == MessageState::Failed { mark_of(&row.body).unwrap_or_default() } else { &row.body };
    (row.index.unwrap_or(u64::MAX), text.to_owned(), row.author.clone(), files::shown(row))
}

fn stands_as(message: &Message, edit_refused: bool) -> Line {
    let body = message.body.as_deref().unwrap_or_default();
    let text = if edit_refused { mark_of(body).unwrap_or_default() } else { body };
    (message.index, text.to_owned(), message.author.clone(), message.files.clone())
}

/// Holds what a device has promised against what stands. Its client has ended.
pub(crate) fn promises(device: &Device, ledger: &Ledger, truth: &Truth, tally: &mut Tally) -> Result<()> {
    let refused: BTreeSet<String> = outbox::entries(&device.databases())?
        .into_iter()
        .filter(outbox::is_refused)
        .map(|entry| entry.client_id.to_string())
        .collect();
    let mut order: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for (key, mark) in ledger.promised() {
        tally.promised += u64::from(is_of(device, mark));
        let by_key = truth.messages.iter().filter(|message| message.key == key);
        let found: Vec<_> = by_key.filter(|message| message.author == device.person).collect();
        match (found.first(), number_of(mark)) {
            (None, _) if refused.contains(key) || ledger.is_withdrawn(key) => {}
            (None, _) => tally.lost.push(format!("{mark} ({key}) of {}", device.name)),
            // Those of one's other devices are shown as one's own too; each device keeps its own order only.
            (Some(message), Some(number)) if is_of(device, mark) && !ledger.is_retried(key) => {
                order.entry(&message.conversation).or_default().push((number, message.index));
            }
            (Some(_), _) => {}
        }
        if found.len() > 1 {
            tally.doubled.push(format!("{mark} ({key}) of {}", device.name));
        }
    }
    for (conversation, mut places) in order {
        places.sort_unstable();
        let wrong = places.windows(2).filter(|pair| pair[0].1 >= pair[1].1);
        tally.reordered.extend(wrong.map(|pair| format!("{} in {conversation}: {pair:?}", device.name)));
    }
    Ok(())
}

fn is_of(device: &Device, mark: &str) -> bool {
    number_of(mark).is_some_and(|number| mark == ledger::mark(&device.name, number))
}

/// Texts that stand under more than one id.
pub(crate) fn doubles(truth: &Truth, tally: &mut Tally) {
    let mut seen = BTreeSet::new();
    for mark in truth.messages.iter().filter_map(|message| mark_of(message.body.as_deref()?)) {
        if !seen.insert(mark) {
            tally.doubled.push(mark.to_owned());
        }
    }
}

/// What the cache of a device keeps of conversations that its person is not in, or of messages that are gone.
pub(crate) fn leaks(device: &Device, truth: &Truth, tally: &mut Tally) -> Result<()> {
    let nothing = BTreeMap::new();
    let own = truth.own.get(&device.person).unwrap_or(&nothing);
    let kept = outbox::copied(&device.databases(), "cache.db", "SELECT DISTINCT conversation FROM messages")?;
    let closed = kept.into_iter().filter(|sid| !own.contains_key(sid));
    tally.leaked.extend(closed.map(|sid| format!("{} keeps messages of {sid}", device.name)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(key: &str, index: u64, body: &str) -> Message {
        let (conversation, author) = ("CH1".to_owned(), "Ana".to_owned());
        Message {
            conversation,
            index,
            key: key.to_owned(),
            author,
            body: Some(body.to_owned()),
            files: Vec::new(),
        }
    }

    #[test]
    fn a_text_under_two_ids_is_a_double() {
        let messages = vec![message("a", 0, "«Ana-1#1.0» x"), message("b", 1, "«Ana-1#1.7» x")];
        let mut tally = Tally::default();
        doubles(&Truth { messages, ..Truth::default() }, &mut tally);
        assert_eq!(tally.doubled, ["«Ana-1#1"]);
    }
}
