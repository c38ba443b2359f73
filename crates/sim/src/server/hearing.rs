//! What a node has heard of the ends of memberships and of removed messages, in a book of the simulation's own: what it must not send any more follows
//! from this, not from what the node under test says of itself.

use std::collections::{BTreeMap, BTreeSet};

use confab_domain::Event;
use confab_domain::tail::Standing;
use confab_protocol::model::MembershipStatus;
use confab_protocol::{Change, ConversationSid, LogEvent, MessageSid, UserSid};

/// Turns of the server after which an end is known whatever the bus has lost: five seconds by the tail of the database, and as long
/// again until what follows was read.
const LATEST: u64 = 20;

type Place = (UserSid, ConversationSid);

/// The book.
#[derive(Default)]
pub(super) struct Hearing {
    /// Up to which version the own state of each user was told, without a gap.
    told: BTreeMap<UserSid, u64>,
    /// Versions of own rows that were told behind a gap and say that one is out.
    ends: BTreeMap<Place, u64>,
    /// At which turn one went out, and the version of the own row with it.
    ended: BTreeMap<Place, (u64, u64)>,
    turns: u64,
    /// Up to where each log was told, and at which turn something of it was missing last.
    logs: BTreeMap<ConversationSid, (u64, u64)>,
    /// Messages of whose removal was told.
    removed: BTreeSet<MessageSid>,
}

/// Own rows of events that say that one is out: whose, and their version.
fn ends(events: &[Event]) -> impl Iterator<Item = (Place, u64)> {
    let rows = events.iter().filter_map(|event| match event {
        Event::State { user, rows, .. } => Some(rows.iter().map(|row| (*user, row))),
        _ => None,
    });
    let out = rows.flatten().filter(|(_, row)| row.status != MembershipStatus::Joined);
    out.map(|(user, row)| ((user, row.conversation), row.version))
}

impl Hearing {
    /// Something was committed, and nobody has heard of it.
    pub(super) fn committed(&mut self, events: &[Event]) {
        self.ended.extend(ends(events).map(|(place, version)| (place, (version, self.turns))));
    }

    /// The node was told of it.
    pub(super) fn told(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::State { user, from, to, .. } => {
                    let held = self.told.entry(*user).or_default();
                    if *from == *held {
                        *held = *to;
                    }
                }
                Event::Log { event, .. } => self.told_of(event),
                _ => {}
            }
        }
        self.ends.extend(ends(events));
    }

    /// Where something of a log is missing the node holds back what it is told until it has read who is there.
    fn told_of(&mut self, event: &LogEvent) {
        let (last, missed_at) = self.logs.entry(event.conversation).or_default();
        if event.seq > *last + 1 {
            *missed_at = self.turns;
        }
        *last = event.seq.max(*last);
        if let Change::MessageRemoved(message) = &event.change
            && self.turns >= *missed_at + LATEST
        {
            self.removed.insert(message.sid);
        }
    }

    /// Whether the node has heard that a message was removed: then nothing of its text may leave any more.
    pub(super) fn is_removed(&self, message: MessageSid) -> bool {
        self.removed.contains(&message)
    }

    /// The node was told how a user stands.
    pub(super) fn stands(&mut self, standing: &Standing) {
        let held = self.told.entry(standing.user).or_default();
        *held = standing.state_version.max(*held);
    }

    /// The server has done what was due.
    pub(super) fn tick(&mut self) {
        self.turns += 1;
    }

    /// Whether the node has to know that somebody is out of a conversation, by their own row of this version.
    pub(super) fn is_known(&self, user: UserSid, conversation: ConversationSid, version: u64) -> bool {
        let place = (user, conversation);
        let is_late = |(of, turn): &(u64, u64)| *of == version && self.turns >= turn + LATEST;
        self.told.get(&user).is_some_and(|told| *told >= version)
            || self.ends.get(&place).is_some_and(|told| *told >= version)
            || self.ended.get(&place).is_some_and(is_late)
    }
}
