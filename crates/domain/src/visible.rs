//! Who may see what. Pages, ranges of events, counts and previews all ask [`visible`]; nothing filters by itself.

use std::ops::Range;

use crate::row::{ConversationRow, MembershipRow};
use crate::store::{Read, StoreResult};

/// How many memberships of one person in one conversation are looked at; what is older stays unseen.
const INTERVALS: usize = 100;

/// A stretch of a conversation: events by sequence, messages by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Events of the log.
    pub seqs: Range<u64>,
    /// Messages.
    pub indexes: Range<u64>,
}

/// What someone may see of a conversation: disjoint stretches, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    spans: Vec<Span>,
}

impl Visible {
    /// All of a conversation.
    pub(crate) fn whole(conversation: &ConversationRow) -> Self {
        let (seq_end, index_end) = (conversation.head.last_seq + 1, conversation.head.next_index);
        Self { spans: vec![Span { seqs: 1..seq_end, indexes: 0..index_end }] }
    }

    /// The stretches.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Whether an event with this sequence may be seen.
    #[must_use]
    pub fn holds_seq(&self, seq: u64) -> bool {
        self.spans.iter().any(|span| span.seqs.contains(&seq))
    }

    /// Whether a message with this index may be seen.
    #[must_use]
    pub fn holds_index(&self, index: u64) -> bool {
        self.spans.iter().any(|span| span.indexes.contains(&index))
    }

    /// The parts of a range of indexes that may be seen, ascending.
    pub fn within(&self, indexes: Range<u64>) -> impl DoubleEndedIterator<Item = Range<u64>> {
        self.spans
            .iter()
            .map(move |span| span.indexes.start.max(indexes.start)..span.indexes.end.min(indexes.end))
            .filter(|part| !part.is_empty())
    }
}

/// What a user may see of a conversation, given the user's own row. Whoever is in an ordinary conversation sees all of it,
/// in an "uber" conversation what came while they were in it, the events of coming and going included (Voximplant's rule).
/// Whoever is not in it sees nothing.
///
/// # Errors
/// Failures of the store.
pub fn visible(
    read: &(impl Read + ?Sized),
    me: Option<&MembershipRow>,
    conversation: &ConversationRow,
) -> StoreResult<Visible> {
    let Some(me) = me.filter(|me| me.is_joined()) else {
        return Ok(Visible::default());
    };
    let (seq_end, index_end) = (conversation.head.last_seq + 1, conversation.head.next_index);
    if !conversation.uber {
        return Ok(Visible::whole(conversation));
    }
    let mut intervals = read.intervals(me.user, me.conversation, INTERVALS)?;
    intervals.reverse();
    let spans = intervals.into_iter().map(|interval| Span {
        seqs: interval.joined_seq..interval.left_seq.map_or(seq_end, |left| left + 1),
        indexes: interval.joined_index..interval.left_index.unwrap_or(index_end),
    });
    Ok(Visible { spans: spans.collect() })
}
