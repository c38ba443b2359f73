//! Proves that log, rosters, own rows, counters and what is known as applied agree: the tables are views of the log, and
//! nothing else holds them to it once they are written.
//!
//! It walks over every table once, in the order of its key, and looks single rows up. Held in memory is what belongs to one
//! conversation: its roster and its counters, never its messages.

mod cursor;
mod finding;
mod log;
mod media;
mod messages;
mod outcomes;
mod people;
mod roster;
mod tally;

use std::collections::BTreeSet;

use confab_protocol::{ConversationSid, ParticipantSid};

use crate::row::{ConversationRow, CounterRow, EventRow, MentionRow, MessageRow, ParticipantRow};
use crate::store::{Order, StoreError, StoreResult};
use crate::{Scan, timers};
use cursor::Cursor;

pub use finding::Finding;

/// Findings that are kept; those beyond are counted.
pub const FINDINGS: usize = 1_000;

/// What a verification came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was looked at.
    pub totals: Totals,
    /// What does not agree, [`FINDINGS`] of it at most.
    pub findings: Vec<Finding>,
    /// How many findings there are besides.
    pub more: u64,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Users.
    pub users: u64,
    /// Conversations.
    pub conversations: u64,
    /// Events of their logs.
    pub events: u64,
    /// Messages, tombstones too.
    pub messages: u64,
    /// Files.
    pub media: u64,
    /// Outcomes of mutations.
    pub outcomes: u64,
}

/// What does not agree in a database; empty when all is well.
#[must_use]
pub fn verify(scan: &dyn Scan) -> Vec<Finding> {
    examine(scan).findings
}

/// Verifies a database and says what was looked at. A store that cannot be read is a finding too.
#[must_use]
pub fn examine(scan: &dyn Scan) -> Report {
    let mut check = Check {
        scan,
        commit: 0,
        totals: Totals::default(),
        findings: Findings::default(),
        participants: BTreeSet::new(),
    };
    check.workspace();
    check.conversations();
    people::walk(&mut check);
    outcomes::walk(&mut check);
    media::walk(&mut check);
    let Findings { kept, more } = check.findings;
    Report { totals: check.totals, findings: kept, more }
}

/// A verification on its way.
struct Check<'a> {
    scan: &'a dyn Scan,
    /// Commits of the workspace.
    commit: u64,
    totals: Totals,
    findings: Findings,
    /// Every row of every roster, for the outcomes that name one.
    participants: BTreeSet<ParticipantSid>,
}

/// Those found so far.
#[derive(Default)]
struct Findings {
    kept: Vec<Finding>,
    more: u64,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        if self.kept.len() < FINDINGS {
            self.kept.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// The tables whose keys begin with a conversation, all at the same one.
struct Walk<'a> {
    events: Cursor<'a, EventRow>,
    messages: Cursor<'a, MessageRow>,
    mentions: Cursor<'a, MentionRow>,
    counters: Cursor<'a, CounterRow>,
    participants: Cursor<'a, ParticipantRow>,
}

impl<'a> Walk<'a> {
    fn new(scan: &'a dyn Scan) -> Self {
        Self {
            events: Cursor::new(scan, "events", |scan, after, limit| scan.scan_events(after, limit)),
            messages: Cursor::new(scan, "messages", |scan, after, limit| scan.scan_messages(after, limit)),
            mentions: Cursor::new(scan, "mentions", |scan, after, limit| scan.scan_mentions(after, limit)),
            counters: Cursor::new(scan, "counters", |scan, after, limit| scan.scan_counters(after, limit)),
            participants: Cursor::new(scan, "participants", |scan, after, limit| {
                scan.scan_participants(after, limit)
            }),
        }
    }

    /// Steps over rows of conversations that are not there, up to one that is; without one, over all that are left.
    fn skip_to(&mut self, next: Option<ConversationSid>, findings: &mut Findings) {
        skip(&mut self.events, next, |row| row.conversation, findings);
        skip(&mut self.messages, next, |row| row.conversation, findings);
        skip(&mut self.mentions, next, |row| row.conversation, findings);
        skip(&mut self.counters, next, |row| row.conversation, findings);
        skip(&mut self.participants, next, |row| row.conversation, findings);
    }
}

fn skip<R: Clone>(
    rows: &mut Cursor<'_, R>,
    next: Option<ConversationSid>,
    of: impl Fn(&R) -> ConversationSid,
    findings: &mut Findings,
) {
    let mut known = None;
    while let Some(row) = rows.next_if(findings, |row| next.is_none_or(|next| of(row) < next)) {
        // One finding for all rows of one conversation.
        if known.replace(of(&row)) != Some(of(&row)) {
            findings.add(Finding::NoConversation { table: rows.table(), conversation: of(&row) });
        }
    }
}

impl Check<'_> {
    fn workspace(&mut self) {
        let Some(row) = self.look("workspaces", |scan| scan.workspace()) else {
            return self.findings.add(Finding::NoWorkspace);
        };
        self.commit = row.commit;
        if let Some(user) = row.owner
            && self.look("users", |scan| scan.user(user)).is_none()
        {
            self.findings.add(Finding::NoOwnerOfAll { user });
        }
    }

    fn conversations(&mut self) {
        let mut rows = Cursor::new(self.scan, "conversations", |scan, after, limit| {
            scan.scan_conversations(after, limit)
        });
        let mut walk = Walk::new(self.scan);
        let mut stamps = Stamps::default();
        while let Some(row) = rows.next(&mut self.findings) {
            self.totals.conversations += 1;
            walk.skip_to(Some(row.sid), &mut self.findings);
            self.stamps(&row, &mut stamps);
            self.unique_name(&row);
            self.life(&row);
            let mut roster = roster::read(self, &mut walk, &row);
            let log = log::fold(self, &mut walk, &row, &mut roster);
            roster::compare(self, &row, &log, &roster);
            messages::walk(self, &mut walk, &row);
        }
        walk.skip_to(None, &mut self.findings);
        self.non_chat();
        self.receipts();
    }

    /// Whoever takes part by other means does so in a conversation that stands; of whoever is gone nothing is left to read.
    fn non_chat(&mut self) {
        let mut rows = Cursor::new(self.scan, "non_chat_participants", |scan, after, limit| {
            scan.scan_non_chat(after, limit)
        });
        while let Some(row) = rows.next(&mut self.findings) {
            let found = self.look("conversations", |scan| scan.conversation(row.conversation));
            if found.is_none_or(|found| found.deleted_at.is_some() && !row.removed) {
                let (table, conversation) = (rows.table(), row.conversation);
                self.findings.add(Finding::NoConversation { table, conversation });
            }
            let is_empty = row.address.is_empty() && row.proxy_address.is_none() && row.attributes == "{}";
            if row.removed && !is_empty {
                let (conversation, participant) = (row.conversation, row.sid);
                self.findings.add(Finding::Participant { conversation, participant, field: "removal" });
            }
        }
    }

    /// What was reported of a message goes with it.
    fn receipts(&mut self) {
        let mut rows =
            Cursor::new(self.scan, "receipts", |scan, after, limit| scan.scan_receipts(after, limit));
        while let Some(row) = rows.next(&mut self.findings) {
            let (conversation, index) = (row.conversation, row.index);
            let found = self.look("messages", |scan| {
                Ok(scan.messages(conversation, index..index + 1, Order::Ascending, 1)?.pop())
            });
            if found.is_none_or(|message| message.removed) {
                let participant = row.participant;
                self.findings.add(Finding::Receipt { conversation, index, participant });
            }
        }
    }

    /// Activity and moves are commits of this workspace, and no two conversations share one: lists go on by them.
    fn stamps(&mut self, row: &ConversationRow, stamps: &mut Stamps) {
        let head = &row.head;
        if head.moved > self.commit || !stamps.moved.insert(head.moved) {
            self.head(row, "moved", head.moved, self.commit);
        }
        if head.activity > head.moved || !stamps.activity.insert(head.activity) {
            self.head(row, "activity", head.activity, head.moved);
        }
    }

    fn unique_name(&mut self, row: &ConversationRow) {
        let Some(name) = &row.unique_name else { return };
        let found = self.look("conversations", |scan| scan.conversation_by_unique_name(name));
        if found.is_none_or(|found| found.sid != row.sid) {
            self.findings.add(Finding::UniqueName { conversation: row.sid });
        }
    }

    /// When the state is looked at next follows from the state and the timers; a message may have moved it since.
    fn life(&mut self, row: &ConversationRow) {
        let due = timers::due(row);
        let fits = match (row.state_due, due) {
            (Some(kept), Some(due)) => kept <= due,
            (kept, due) => kept.is_none() && due.is_none(),
        };
        if !fits {
            let millis = |at: Option<confab_protocol::Timestamp>| at.map_or(0, |at| at.0);
            self.head(row, "state_due", millis(row.state_due), millis(due));
        }
    }

    /// A finding when a number of a conversation is not the one that its log and rows give.
    fn head_is(&mut self, row: &ConversationRow, field: &'static str, kept: u64, given: u64) {
        if kept != given {
            self.head(row, field, kept, given);
        }
    }

    fn head(&mut self, row: &ConversationRow, field: &'static str, kept: u64, given: u64) {
        self.findings.add(Finding::Head { conversation: row.sid, field, kept, given });
    }

    /// Looks a row up. What cannot be read is a finding, and counts as missing.
    fn look<T>(
        &mut self,
        table: &'static str,
        look: impl FnOnce(&dyn Scan) -> StoreResult<Option<T>>,
    ) -> Option<T> {
        look(self.scan).unwrap_or_else(|error: StoreError| {
            self.findings.add(Finding::Unreadable { table, reason: error.to_string() });
            None
        })
    }

    /// One event of a log.
    fn event(&mut self, conversation: ConversationSid, seq: u64) -> Option<EventRow> {
        let before = seq.checked_sub(1)?;
        self.look("events", |scan| Ok(scan.events(conversation, before, seq)?.pop()))
    }
}

/// Commits that conversations have taken.
#[derive(Default)]
struct Stamps {
    moved: BTreeSet<u64>,
    activity: BTreeSet<u64>,
}
