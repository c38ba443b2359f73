//! The fold of a log: what its events say of the conversation, its roster and its messages.

use confab_protocol::{MessageSid, ParticipantSid, Timestamp};

use super::roster::{Mark, Roster};
use super::{Check, Finding, Walk};
use crate::command::participant_add::is_makers_entry;
use crate::row::{ConversationRow, EventKind, EventRow};

/// Sequence of the event by which the maker of a conversation comes in, when that is the first thing that happens there.
pub(super) const MAKER_JOINED: u64 = 2;

/// What a log comes to.
pub(super) struct Log {
    /// Its last sequence.
    pub(super) last_seq: u64,
    /// Messages that it added.
    messages: u64,
    /// When the conversation's own row last changed.
    changed_at: u64,
    /// When it was deleted; nothing comes after that.
    deleted_at: Option<Timestamp>,
}

/// Reads the log of a conversation and notes in the roster who came and left.
pub(super) fn fold(
    check: &mut Check<'_>,
    walk: &mut Walk<'_>,
    conversation: &ConversationRow,
    roster: &mut Roster,
) -> Log {
    let mut log = Log { last_seq: 0, messages: 0, changed_at: 0, deleted_at: None };
    while let Some(event) =
        walk.events.next_if(&mut check.findings, |row| row.conversation == conversation.sid)
    {
        check.totals.events += 1;
        let due = log.last_seq + 1;
        if event.seq != due {
            let (conversation, found) = (event.conversation, event.seq);
            check.findings.add(Finding::Sequence { conversation, due, found });
        }
        log.last_seq = event.seq;
        check.take(conversation, &event, &mut log, roster);
    }
    let head = &conversation.head;
    check.head_is(conversation, "last_seq", head.last_seq, log.last_seq);
    check.head_is(conversation, "next_index", head.next_index, log.messages);
    check.head_is(conversation, "date_updated", conversation.date_updated.0, log.changed_at);
    let millis = |at: Option<Timestamp>| at.map_or(0, |at| at.0);
    check.head_is(conversation, "deleted_at", millis(conversation.deleted_at), millis(log.deleted_at));
    log
}

impl Check<'_> {
    fn take(&mut self, conversation: &ConversationRow, event: &EventRow, log: &mut Log, roster: &mut Roster) {
        let goes_on = log.deleted_at.is_some();
        let fits = match event.kind {
            EventKind::ConversationCreated | EventKind::ConversationUpdated => {
                log.changed_at = event.at.0;
                Some(event.subject == event.conversation.0)
            }
            EventKind::ParticipantJoined | EventKind::ParticipantLeft => {
                seated(conversation, event, log, roster)
            }
            EventKind::MessageAdded | EventKind::MessageEdited | EventKind::MessageRemoved => {
                self.message_event(event, log)
            }
            EventKind::ConversationDeleted => {
                (log.changed_at, log.deleted_at) = (event.at.0, Some(event.at));
                end_stays(event, log, roster);
                Some(event.subject == event.conversation.0)
            }
        };
        let opens = event.kind == EventKind::ConversationCreated;
        let (conversation, seq) = (event.conversation, event.seq);
        match fits {
            None => self.findings.add(Finding::Subject { conversation, seq }),
            Some(fits) if !fits || goes_on || opens != (seq == 1) => {
                self.findings.add(Finding::Order { conversation, seq });
            }
            Some(_) => {}
        }
    }

    /// Whether an event of a message can stand where it stands; none when there is no such message.
    fn message_event(&mut self, event: &EventRow, log: &mut Log) -> Option<bool> {
        let place = log.messages;
        log.messages += u64::from(event.kind == EventKind::MessageAdded);
        let row = self.look("messages", |scan| scan.message(MessageSid(event.subject)))?;
        if row.conversation != event.conversation {
            return None;
        }
        Some(match event.kind {
            EventKind::MessageAdded => row.seq == event.seq && row.index == place,
            EventKind::MessageRemoved => row.seq < event.seq && row.version == event.seq,
            _ => row.seq < event.seq && event.seq <= row.version,
        })
    }
}

/// With a conversation everybody's stay in it ends.
fn end_stays(event: &EventRow, log: &Log, roster: &mut Roster) {
    let mark = Mark { seq: event.seq, index: log.messages, at: event.at };
    let present = roster.values_mut().filter(|seat| seat.joined.is_some() && seat.left.is_none());
    present.for_each(|seat| seat.left = Some(mark));
}

/// Notes who came or left. Nobody comes twice under one SID, nor leaves before that.
fn seated(conversation: &ConversationRow, event: &EventRow, log: &Log, roster: &mut Roster) -> Option<bool> {
    let seat = roster.get_mut(&ParticipantSid(event.subject))?;
    let joined = event.kind == EventKind::ParticipantJoined;
    let is_makers = joined && is_makers_entry(conversation, &seat.row.identity, event.seq);
    let seq = if is_makers { 1 } else { event.seq };
    let mark = Some(Mark { seq, index: log.messages, at: event.at });
    Some(if joined {
        seat.joined.is_none() && std::mem::replace(&mut seat.joined, mark).is_none()
    } else {
        seat.joined.is_some() && std::mem::replace(&mut seat.left, mark).is_none()
    })
}
