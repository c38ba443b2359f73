//! What must hold when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use confab_core::view::ConnectionState;
use confab_protocol::model::{NotificationLevel, Role};

use crate::device::Device;
use crate::ledger::{self, Ledger, mark_of, number_of};
use crate::outbox;
use crate::picture::Picture;
use crate::tally::Tally;
use crate::truth::{Own, Truth};

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
        };
        differs!(
            own.get(sid) != Some(&shown),
            "{name} shows {shown:?} in {sid} instead of {:?}",
            own.get(sid)
        );
        let last = truth.timeline(sid).last().and_then(|(_, body, _)| mark_of(body).map(str::to_owned));
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
    let sent = picture.sent();
    let shown: Vec<_> =
        sent.iter().filter_map(|row| Some((row.index?, row.body.as_str(), row.author.as_str()))).collect();
    let stands = truth.timeline(sid);
    differs!(shown != stands, "{name} shows {shown:?} in {sid} instead of {stands:?}");
    let read: BTreeMap<_, _> =
        picture.roster.values().map(|row| (row.identity.clone(), row.last_read_index)).collect();
    let nobody = BTreeMap::new();
    let horizons = truth.horizons.get(sid).unwrap_or(&nobody);
    differs!(&read != horizons, "{name} shows that {sid} was read by {read:?} instead of {horizons:?}");
    None
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
    use crate::truth::Message;

    fn message(key: &str, index: u64, body: &str) -> Message {
        let (conversation, author) = ("CH1".to_owned(), "Ana".to_owned());
        Message { conversation, index, key: key.to_owned(), author, body: Some(body.to_owned()) }
    }

    #[test]
    fn a_text_under_two_ids_is_a_double() {
        let messages = vec![message("a", 0, "«Ana-1/1» x"), message("b", 1, "«Ana-1/1» x")];
        let mut tally = Tally::default();
        doubles(&Truth { messages, ..Truth::default() }, &mut tally);
        assert_eq!(tally.doubled, ["«Ana-1/1»"]);
    }
}
