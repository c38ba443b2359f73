//! A roster beside what its log gives: who came, who left, and when.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::model::{MembershipStatus, Role};
use confab_protocol::{ConversationSid, ParticipantSid, Timestamp, UserSid};

use super::log::Log;
use super::{Check, Finding, Walk};
use crate::derived;
use crate::row::{ConversationRow, IntervalRow, MembershipRow, ParticipantRow};
use crate::store::Order;

/// Records of people by other means that are read at once.
const PAGE: usize = 100;

/// A roster with what its log says of each row.
pub(super) type Roster = BTreeMap<ParticipantSid, Seat>;

/// One row of a roster.
pub(super) struct Seat {
    pub(super) row: ParticipantRow,
    /// Where the log says that it began.
    pub(super) joined: Option<Mark>,
    /// Where the log says that it ended.
    pub(super) left: Option<Mark>,
}

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) seq: u64,
    /// Index that the next message had.
    pub(super) index: u64,
    pub(super) at: Timestamp,
}

/// Reads the roster of a conversation.
pub(super) fn read(check: &mut Check<'_>, walk: &mut Walk<'_>, conversation: &ConversationRow) -> Roster {
    let mut roster = Roster::new();
    let mut versions = BTreeSet::new();
    let head = &conversation.head;
    while let Some(row) =
        walk.participants.next_if(&mut check.findings, |row| row.conversation == conversation.sid)
    {
        check.participants.insert(row.sid);
        if check.look("users", |scan| scan.user(row.user)).is_none() {
            check.findings.add(Finding::NoUser { table: "participants", user: row.user });
        }
        if row.version == 0 || row.version > head.roster_version || !versions.insert(row.version) {
            check.seat(&row, "version");
        }
        if !check.is_horizon(&row, conversation) {
            check.seat(&row, "horizon");
        }
        roster.insert(row.sid, Seat { row, joined: None, left: None });
    }
    check.by_other_means(conversation, &mut versions);
    let newest = versions.last().copied().unwrap_or_default();
    check.head_is(conversation, "roster_version", head.roster_version, newest);
    roster
}

/// Compares a roster with the log that was read beside it, and with own rows and intervals.
pub(super) fn compare(check: &mut Check<'_>, conversation: &ConversationRow, log: &Log, roster: &Roster) {
    let mut people: BTreeMap<UserSid, Vec<&Seat>> = BTreeMap::new();
    let present = |seat: &&Seat| seat.row.status == MembershipStatus::Joined;
    for seat in roster.values() {
        if seat.joined.is_none() || present(&seat) != seat.left.is_none() {
            check.seat(&seat.row, "status");
        }
        people.entry(seat.row.user).or_default().push(seat);
    }
    let joined = roster.values().filter(present);
    // A conversation that a program made may never have had an owner; where there was one, there is one.
    let is_owner = |seat: &Seat| seat.row.role == Role::Owner;
    // Whoever made it and came in first, did so as its owner.
    let is_maker = |seat: &Seat| seat.joined.is_some_and(|mark| mark.seq == 1);
    let had_one = log.last_seq > 0 && roster.values().any(|seat| is_owner(seat) || is_maker(seat));
    if had_one && !joined.clone().any(is_owner) && joined.clone().count() > 0 {
        check.findings.add(Finding::NoOwner { conversation: conversation.sid });
    }
    if conversation.direct {
        let pair: Vec<UserSid> = joined.clone().map(|seat| seat.row.user).collect();
        let is_theirs = matches!(pair[..], [one, other]
            if derived::direct(check.scan.scope(), one, other) == conversation.sid);
        if !is_theirs {
            check.findings.add(Finding::Pair { conversation: conversation.sid });
        }
    }
    let count = joined.count() as u64;
    check.head_is(conversation, "participants_count", conversation.head.participants_count, count);
    for (user, mut seats) in people {
        seats.sort_by_key(|seat| seat.joined.map(|mark| mark.seq));
        check.intervals(conversation.sid, user, &seats);
        if let Some(seat) = seats.last() {
            check.own_row(conversation.sid, user, seat);
        }
    }
}

impl Check<'_> {
    /// A horizon is at an event of the log, and its message is one that stands up to there.
    fn is_horizon(&mut self, row: &ParticipantRow, conversation: &ConversationRow) -> bool {
        let head = &conversation.head;
        let Some(index) = row.horizon else { return row.horizon_seq <= head.last_seq };
        let message = self.look("messages", |scan| {
            Ok(scan.messages(row.conversation, index..index + 1, Order::Ascending, 1)?.pop())
        });
        let stands = message.is_some_and(|message| message.seq <= row.horizon_seq);
        stands && index < head.next_index && row.horizon_seq <= head.last_seq
    }

    fn seat(&mut self, row: &ParticipantRow, field: &'static str) {
        let (conversation, participant) = (row.conversation, row.sid);
        self.findings.add(Finding::Participant { conversation, participant, field });
    }

    /// Whoever takes part by other means has versions of the same roster.
    fn by_other_means(&mut self, conversation: &ConversationRow, versions: &mut BTreeSet<u64>) {
        let (sid, mut after) = (conversation.sid, 0);
        loop {
            let page =
                self.look("non_chat_participants", |scan| scan.non_chat_changes(sid, after, PAGE).map(Some));
            let page = page.unwrap_or_default();
            for row in &page {
                if row.version > conversation.head.roster_version || !versions.insert(row.version) {
                    let (conversation, participant) = (sid, row.sid);
                    self.findings.add(Finding::Participant { conversation, participant, field: "version" });
                }
                after = after.max(row.version);
            }
            if page.len() < PAGE {
                return;
            }
        }
    }

    /// The intervals of someone are those at which the log says that they came and left.
    fn intervals(&mut self, conversation: ConversationSid, user: UserSid, seats: &[&Seat]) {
        let given: Option<Vec<IntervalRow>> = seats.iter().map(|seat| interval(seat)).collect();
        let kept = self.look("intervals", |scan| {
            let mut rows = scan.intervals(user, conversation, seats.len() + 1)?;
            rows.reverse();
            Ok(Some(rows))
        });
        if given != kept {
            self.findings.add(Finding::Intervals { conversation, user });
        }
    }

    /// The own row of someone follows from the last seat that they took.
    fn own_row(&mut self, conversation: ConversationSid, user: UserSid, seat: &Seat) {
        let wrong = |field| Finding::OwnRow { conversation, user, field };
        let Some(row) = self.look("memberships", |scan| scan.membership(user, conversation)) else {
            return self.findings.add(wrong("everything"));
        };
        let fields = own_fields(&row, seat);
        let differing = fields.into_iter().filter(|(_, agrees)| !agrees);
        differing.for_each(|(field, _)| self.findings.add(wrong(field)));
    }
}

fn interval(seat: &Seat) -> Option<IntervalRow> {
    let joined = seat.joined?;
    Some(IntervalRow {
        user: seat.row.user,
        conversation: seat.row.conversation,
        joined_seq: joined.seq,
        joined_index: joined.index,
        left_seq: seat.left.map(|mark| mark.seq),
        left_index: seat.left.map(|mark| mark.index),
    })
}

/// Each field of an own row that follows from the roster and the log, and whether it agrees.
fn own_fields(row: &MembershipRow, seat: &Seat) -> [(&'static str, bool); 9] {
    let stays = seat.row.status == MembershipStatus::Joined;
    let given = if stays { (seat.row.custom_role, seat.row.flags) } else { (None, None) };
    let read = if stays { (seat.row.horizon, seat.row.horizon_seq) } else { (None, 0) };
    let began = seat.joined.map(|mark| (mark.seq, mark.index));
    [
        ("status", row.status == seat.row.status),
        ("participant", row.participant == stays.then_some(seat.row.sid)),
        ("role", row.role == if stays { seat.row.role } else { Role::Participant }),
        ("custom_role or flags", (row.custom_role, row.flags) == given),
        ("horizon", (row.horizon, row.horizon_seq) == read),
        ("joined_seq", Some(row.joined_seq) == began.map(|(seq, _)| seq)),
        ("joined_index", Some(row.joined_index) == began.map(|(_, index)| index)),
        ("left_at", row.left_at == seat.left.map(|mark| mark.at)),
        ("horizon_set_version", row.horizon_set_version <= row.version),
    ]
}
