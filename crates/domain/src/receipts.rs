//! Copies of a message outside the workspace: who has one, how far each has come, and what that makes over all whom it is for.

use std::collections::BTreeMap;

use confab_protocol::model::{AggregatedReceipt, DeliveryAmount, DeliveryStatus, DetailedReceipt};
use confab_protocol::{ParticipantSid, derived, limits};

use crate::row::{MessageRow, ReceiptRow};
use crate::store::{Read, Readers, StoreError, StoreResult};

/// How far along a status is. What has ended stays as it ended.
pub(crate) fn rank(status: DeliveryStatus) -> u8 {
    match status {
        DeliveryStatus::Queued | DeliveryStatus::Unknown => 0,
        DeliveryStatus::Sent => 1,
        DeliveryStatus::Delivered => 2,
        DeliveryStatus::Read | DeliveryStatus::Undelivered | DeliveryStatus::Failed => 3,
    }
}

/// A receipt that was reported.
pub(crate) fn reported(row: &ReceiptRow, message: &MessageRow) -> StoreResult<DetailedReceipt> {
    let metadata = row.channel_metadata.as_deref().map(serde_json::from_str).transpose();
    let metadata = metadata.map_err(|error| StoreError::Corrupt(format!("channel_metadata: {error}")))?;
    Ok(DetailedReceipt {
        status: row.status,
        channel_message_sid: row.channel_message_sid.clone(),
        error_code: row.error_code,
        channel_metadata: metadata,
        date_created: row.date_created,
        date_updated: row.date_updated,
        ..queued(row.participant, message)
    })
}

/// The receipt of a copy of which nothing was reported.
fn queued(participant: ParticipantSid, message: &MessageRow) -> DetailedReceipt {
    DetailedReceipt {
        sid: derived::receipt(message.sid, participant),
        participant,
        identity: None,
        status: DeliveryStatus::Queued,
        channel_message_sid: None,
        error_code: 0,
        channel_metadata: None,
        date_created: message.date_created,
        date_updated: message.date_created,
    }
}

/// The receipts of all copies of a message, by SID: those who took part when it was posted and still do, and those of whom
/// something was reported.
pub(crate) fn copies(read: &(impl Read + ?Sized), message: &MessageRow) -> StoreResult<Vec<DetailedReceipt>> {
    let most = limits::NON_CHAT_PARTICIPANTS;
    let present = read.non_chat(message.conversation, most)?;
    let there = present.iter().filter(|row| row.date_created <= message.date_created);
    let mut found: BTreeMap<_, _> = there.map(|row| (row.sid, queued(row.sid, message))).collect();
    for row in read.receipts(message.conversation, message.index, most)? {
        found.insert(row.participant, reported(&row, message)?);
    }
    Ok(found.into_values().collect())
}

/// The sum over `total` users, of whom so many have read it, and over the copies.
pub(crate) fn sum(total: u64, readers: Readers, copies: &[DetailedReceipt]) -> AggregatedReceipt {
    use DeliveryStatus::{Delivered, Failed, Read, Sent, Undelivered};
    let people =
        |some: bool, not_all: bool| Readers { some: some && total > 0, not_all: not_all && total > 0 };
    let over = |of: Readers, statuses: &[DeliveryStatus]| {
        let holds = copies.iter().map(|copy| statuses.contains(&copy.status));
        amount(holds.fold(of, |of, holds| Readers { some: of.some || holds, not_all: of.not_all || !holds }))
    };
    let read = people(readers.some, readers.not_all);
    let nobody = people(false, true);
    AggregatedReceipt {
        total: total + copies.len() as u64,
        sent: over(people(true, false), &[Sent, Delivered, Read, Undelivered]),
        delivered: over(read, &[Delivered, Read]),
        read: over(read, &[Read]),
        undelivered: over(nobody, &[Undelivered]),
        failed: over(nobody, &[Failed]),
    }
}

fn amount(of: Readers) -> DeliveryAmount {
    match of {
        Readers { some: false, .. } => DeliveryAmount::None,
        Readers { not_all: true, .. } => DeliveryAmount::Some,
        Readers { .. } => DeliveryAmount::All,
    }
}
