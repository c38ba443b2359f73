//! Events of logs: taking the next place in one, and telling of it.

use confab_protocol::{Change, DeviceSid, LogEvent, Timestamp};
use uuid::Uuid;

use crate::row::{ConversationRow, EventKind, EventRow};
use crate::{DomainResult, Tx};

/// Who does something, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hand<'a> {
    /// When.
    pub(crate) at: Timestamp,
    /// Whose identity stands in the log; none when nobody did it: a timer.
    pub(crate) actor: Option<&'a str>,
    /// Their device.
    pub(crate) device: Option<DeviceSid>,
    /// Number of the mutation in the workspace.
    pub(crate) commit: u64,
}

impl Hand<'_> {
    /// Takes the next place in the log. The row of the conversation has still to be written.
    pub(crate) fn append(
        &self,
        tx: &mut dyn Tx,
        conversation: &mut ConversationRow,
        kind: EventKind,
        subject: Uuid,
        changed: &[&str],
    ) -> DomainResult<u64> {
        conversation.head.last_seq += 1;
        conversation.head.moved = self.commit;
        let row = EventRow {
            conversation: conversation.sid,
            seq: conversation.head.last_seq,
            kind,
            at: self.at,
            actor: self.actor.map(str::to_owned),
            device: self.device,
            changed: owned(changed),
            subject,
        };
        tx.insert_event(&row)?;
        Ok(row.seq)
    }

    /// The event that was appended last, with its subject.
    pub(crate) fn event(&self, conversation: &ConversationRow, changed: &[&str], change: Change) -> LogEvent {
        LogEvent {
            conversation: conversation.sid,
            seq: conversation.head.last_seq,
            at: self.at,
            actor: self.actor.map(str::to_owned),
            device: self.device,
            changed: owned(changed),
            subject: None,
            change,
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
