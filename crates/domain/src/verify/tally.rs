//! A recount of the live messages of a conversation: per block for its counters, and above the horizons of some of those who
//! are in it for their unread counts.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::UserSid;

use super::{Check, Finding, Walk};
use crate::row::{ConversationRow, MembershipRow, MessageRow};
use crate::store::{BlockSize, Counted};
use crate::unread::unread;
use crate::visible::{Visible, visible};

/// How many people of a conversation have their unread counts recounted.
const SAMPLE: usize = 4;

/// The recount on its way.
pub(super) struct Tally {
    blocks: BTreeMap<(Counted, BlockSize, u64), u64>,
    readers: Vec<Reader>,
}

/// Someone for whom unread messages are counted one by one.
struct Reader {
    me: MembershipRow,
    seen: Visible,
    unread: u64,
    mentions: u64,
}

impl Tally {
    /// Nothing is counted yet.
    pub(super) fn new(check: &mut Check<'_>, conversation: &ConversationRow) -> Self {
        let people =
            check.look("participants", |scan| scan.participants(conversation.sid, None, SAMPLE).map(Some));
        let users: Vec<UserSid> = people.into_iter().flatten().map(|row| row.user).collect();
        let readers = users.into_iter().filter_map(|user| {
            check.look("memberships", |scan| {
                let Some(me) = scan.membership(user, conversation.sid)? else { return Ok(None) };
                let seen = visible(scan, Some(&me), conversation)?;
                Ok(Some(Reader { me, seen, unread: 0, mentions: 0 }))
            })
        });
        Self { readers: readers.collect(), blocks: BTreeMap::new() }
    }

    /// Counts a message.
    pub(super) fn add(&mut self, row: &MessageRow, mentioned: &BTreeSet<UserSid>) {
        if row.removed {
            return;
        }
        let counted = [Counted::All, Counted::By(row.user)];
        for counted in counted.into_iter().chain(mentioned.iter().copied().map(Counted::Mentioning)) {
            for size in BlockSize::ALL {
                *self.blocks.entry((counted, size, row.index / size.messages())).or_default() += 1;
            }
        }
        self.readers.iter_mut().for_each(|reader| reader.add(row, mentioned));
    }

    /// Compares with what is kept.
    pub(super) fn compare(
        mut self,
        check: &mut Check<'_>,
        walk: &mut Walk<'_>,
        conversation: &ConversationRow,
    ) {
        let is_being_emptied = conversation.erase_from.is_some();
        while let Some(row) =
            walk.counters.next_if(&mut check.findings, |row| row.conversation == conversation.sid)
        {
            if is_being_emptied {
                continue;
            }
            let given = self.blocks.remove(&(row.counted, row.size, row.block)).unwrap_or_default();
            check.counter(conversation, (row.counted, row.size, row.block), row.live, given);
        }
        for (key, given) in self.blocks.into_iter().filter(|_| !is_being_emptied) {
            check.counter(conversation, key, 0, given);
        }
        self.readers.iter().for_each(|reader| check.reader(conversation, reader));
    }
}

impl Reader {
    fn add(&mut self, row: &MessageRow, mentioned: &BTreeSet<UserSid>) {
        let first = self.me.horizon.map_or(self.me.joined_index, |horizon| horizon + 1);
        if row.index < first || !self.seen.holds_index(row.index) {
            return;
        }
        self.unread += u64::from(row.user != self.me.user);
        self.mentions += u64::from(mentioned.contains(&self.me.user));
    }
}

impl Check<'_> {
    fn counter(
        &mut self,
        conversation: &ConversationRow,
        (counted, size, block): (Counted, BlockSize, u64),
        kept: u64,
        given: u64,
    ) {
        if kept != given {
            let (conversation, size) = (conversation.sid, size.messages());
            self.findings.add(Finding::Counter { conversation, counted, size, block, kept, given });
        }
    }

    fn reader(&mut self, conversation: &ConversationRow, reader: &Reader) {
        let counts = self.look("counters", |scan| unread(scan, &reader.me, conversation).map(Some));
        let Some(counts) = counts else { return };
        for (kept, given) in [(counts.unread, reader.unread), (counts.mentions, reader.mentions)] {
            if kept != given {
                let (conversation, user) = (conversation.sid, reader.me.user);
                self.findings.add(Finding::Unread { conversation, user, kept, given });
            }
        }
    }
}
