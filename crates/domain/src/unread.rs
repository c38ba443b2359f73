//! Exact unread counts from counters per block of messages: a bounded number of rows, however long the conversation.

use std::ops::Range;

use confab_protocol::ConversationSid;
use confab_protocol::model::Unread;

use crate::row::{ConversationRow, MembershipRow};
use crate::store::{BLOCK, BlockSize, Counted, LARGE_BLOCK, Read, StoreResult};
use crate::visible::visible;

/// What is unread for the user of a row: visible live messages by others above the horizon, or since joining when there is
/// no horizon.
///
/// # Errors
/// Failures of the store.
pub fn unread(
    read: &(impl Read + ?Sized),
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> StoreResult<Unread> {
    if !me.is_joined() {
        return Ok(Unread::default());
    }
    let head = &conversation.head;
    let mut found =
        Unread { horizon: me.horizon, at_seq: head.last_seq, since: me.joined_index, ..Unread::default() };
    let first = me.horizon.map_or(me.joined_index, |horizon| horizon + 1);
    if first >= head.next_index {
        return Ok(found);
    }
    let seen = visible(read, Some(me), conversation)?;
    for part in seen.within(first..head.next_index) {
        // Nothing stands behind the end of the log, so that the last blocks may be counted whole.
        let end = if part.end == head.next_index { part.end.next_multiple_of(LARGE_BLOCK) } else { part.end };
        let count = |counted| count(read, conversation.sid, counted, part.start..end);
        found.unread += count(Counted::All)?.saturating_sub(count(Counted::By(me.user))?);
        found.mentions += count(Counted::Mentioning(me.user))?;
    }
    Ok(found)
}

/// Live messages that the user of a row may see.
///
/// # Errors
/// Failures of the store.
pub(crate) fn live(
    read: &(impl Read + ?Sized),
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> StoreResult<u64> {
    let end = conversation.head.next_index;
    let mut sum = 0;
    for part in visible(read, Some(me), conversation)?.within(0..end) {
        let part_end = if part.end == end { end.next_multiple_of(LARGE_BLOCK) } else { part.end };
        sum += count(read, conversation.sid, Counted::All, part.start..part_end)?;
    }
    Ok(sum)
}

/// Live messages with an index in a range: rows at the ragged ends, small blocks up to the next large one, large blocks.
fn count(
    read: &(impl Read + ?Sized),
    conversation: ConversationSid,
    counted: Counted,
    indexes: Range<u64>,
) -> StoreResult<u64> {
    let mut sum = 0;
    let rows = split(indexes, BLOCK);
    for part in rows.ragged() {
        sum += read.count_rows(conversation, counted, part)?;
    }
    let blocks = split(rows.whole, LARGE_BLOCK / BLOCK);
    for part in blocks.ragged() {
        sum += read.count_blocks(conversation, counted, BlockSize::Small, part)?;
    }
    if !blocks.whole.is_empty() {
        sum += read.count_blocks(conversation, counted, BlockSize::Large, blocks.whole)?;
    }
    Ok(sum)
}

/// A range cut at multiples of a size.
#[derive(Debug, PartialEq, Eq)]
struct Split {
    /// Before the first multiple.
    before: Range<u64>,
    /// Whole units, numbered by unit.
    whole: Range<u64>,
    /// Behind the last multiple.
    behind: Range<u64>,
}

impl Split {
    fn ragged(&self) -> impl Iterator<Item = Range<u64>> + use<> {
        [self.before.clone(), self.behind.clone()].into_iter().filter(|part| !part.is_empty())
    }
}

fn split(range: Range<u64>, size: u64) -> Split {
    let (first, last) = (range.start.div_ceil(size), range.end / size);
    if first > last {
        return Split { before: range, whole: 0..0, behind: 0..0 };
    }
    Split { before: range.start..first * size, whole: first..last, behind: last * size..range.end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_covers_each_number_once_and_its_ends_are_short() {
        for start in 0..40 {
            for end in start..40 {
                let cut = split(start..end, 8);
                let mut all: Vec<u64> = cut.before.clone().collect();
                all.extend(cut.whole.clone().flat_map(|unit| unit * 8..(unit + 1) * 8));
                all.extend(cut.behind.clone());
                assert_eq!(all, (start..end).collect::<Vec<_>>(), "{start}..{end}");
                assert!(cut.ragged().all(|part| part.end - part.start < 8), "{start}..{end}");
            }
        }
    }
}
