//! `event.range`: a stretch of a log. Events say what happened; what they are about is read as it stands now.

use confab_protocol::method::{EventRangeParams, EventRangeResult};
use confab_protocol::{Answer, Change, LogEvent, MessageSid, ParticipantSid, limits};

use crate::cx::{Member, member};
use crate::row::{EventKind, EventRow};
use crate::store::{StoreError, StoreResult};
use crate::visible::{Visible, visible};
use crate::{Actor, DomainResult, Read, check, view};

/// How far behind the head of a log replaying is still worth it, in events.
const REPLAY: u64 = 10_000;

pub(crate) fn answer(actor: &Actor, params: &EventRangeParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::EVENT_RANGE, limits::EVENT_RANGE)? as u64;
    let member = member(read, actor.user, params.conversation)?;
    let head = member.conversation.head.last_seq;
    let from = params.after.saturating_add(1);
    // Whoever is ahead of the log has numbers that were never given out, or were taken back.
    if params.after > head || head - params.after > REPLAY {
        let reset = EventRangeResult { from, to: head, more: false, reset: true, events: Vec::new() };
        return Ok(Answer::EventRange(reset));
    }
    let to = head.min(params.after + limit);
    let events = events(read, &member, params.after, to)?;
    Ok(Answer::EventRange(EventRangeResult { from, to, more: to < head, reset: false, events }))
}

fn events(read: &dyn Read, member: &Member, after: u64, to: u64) -> DomainResult<Vec<LogEvent>> {
    let seen = visible(read, Some(&member.me), &member.conversation)?;
    let mut events = Vec::new();
    for part in seen.spans() {
        let (after, to) = (after.max(part.seqs.start - 1), to.min(part.seqs.end - 1));
        if after >= to {
            continue;
        }
        for row in read.events(member.conversation.sid, after, to)? {
            events.extend(event(read, member, &seen, row)?);
        }
    }
    Ok(events)
}

fn event(read: &dyn Read, member: &Member, seen: &Visible, row: EventRow) -> StoreResult<Option<LogEvent>> {
    let Some(change) = change(read, member, seen, &row)? else { return Ok(None) };
    Ok(Some(LogEvent {
        conversation: row.conversation,
        seq: row.seq,
        at: row.at,
        actor: row.actor,
        device: row.device,
        changed: row.changed,
        subject: None,
        change,
    }))
}

fn change(read: &dyn Read, member: &Member, seen: &Visible, row: &EventRow) -> StoreResult<Option<Change>> {
    let conversation = || view::conversation_for_all(&member.conversation).map(Box::new);
    let participant = || {
        let found = read.participant(row.conversation, ParticipantSid(row.subject))?;
        view::participant(&found.ok_or_else(|| missing(row))?).map(Box::new)
    };
    // A message from before someone came stays unseen to them even when it is edited under their eyes.
    let message = || {
        let found = read.message(MessageSid(row.subject))?.ok_or_else(|| missing(row))?;
        if !seen.holds_index(found.index) {
            return Ok(None);
        }
        view::message(&found).map(|message| Some(Box::new(message)))
    };
    Ok(match row.kind {
        EventKind::ConversationCreated => Some(Change::ConversationCreated(conversation()?)),
        EventKind::ConversationUpdated => Some(Change::ConversationUpdated(conversation()?)),
        EventKind::ParticipantJoined => Some(Change::ParticipantJoined(participant()?)),
        EventKind::ParticipantLeft => Some(Change::ParticipantLeft(participant()?)),
        EventKind::MessageAdded => message()?.map(Change::MessageAdded),
        EventKind::MessageEdited => message()?.map(Change::MessageEdited),
        EventKind::MessageRemoved => message()?.map(Change::MessageRemoved),
    })
}

fn missing(row: &EventRow) -> StoreError {
    StoreError::Corrupt(format!("{} has no subject at {}", row.conversation, row.seq))
}
