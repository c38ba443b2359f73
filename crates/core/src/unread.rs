//! Exact unread counts: what the server counted at one place of the log, and what was seen of the log since.

use std::collections::VecDeque;

use confab_protocol::model::Unread;

/// Changes kept before they are folded into the base. A base of the server that is older than what was folded cannot be
/// brought up to date, and is asked for again.
const RING: usize = 512;

/// A message that came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) index: u64,
    /// By oneself: never unread.
    pub(crate) own: bool,
    /// It came; else it went.
    pub(crate) added: bool,
    /// It mentions oneself; none when that can no longer be told, because only its tombstone was seen.
    pub(crate) mention: Option<bool>,
}

/// What an event of the log was to the tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The next one.
    Applied,
    /// Counted already.
    Known,
    /// Others are missing before it.
    Gap,
}

/// Counts the unread messages of one conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tracker {
    server: Unread,
    /// Version of the own row that `server` came with.
    version: u64,
    /// Counts at a horizon that was moved here and not yet confirmed.
    local: Option<Unread>,
    ring: VecDeque<(u64, Change)>,
    /// The ring holds every change after this sequence …
    complete_after: u64,
    /// … up to this one.
    seen: u64,
}

impl Tracker {
    /// Begins at what a summary says: its own row, and the head of its log.
    pub(crate) fn new(base: Unread, version: u64, head: u64) -> Self {
        let seen = head.max(base.at_seq);
        Self { server: base, version, complete_after: seen, seen, ..Self::default() }
    }

    /// Sequence up to which everything was counted.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// The horizon shown.
    pub(crate) fn horizon(&self) -> Option<u64> {
        self.base().horizon
    }

    /// Index from which messages count without a horizon.
    pub(crate) fn since(&self) -> u64 {
        self.server.since
    }

    /// Version of the own row that the server's counts came with.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Takes the next event of the log; `change` when it adds or removes a message.
    pub(crate) fn observe(&mut self, seq: u64, change: Option<Change>) -> Step {
        if seq <= self.seen {
            return Step::Known;
        }
        if seq != self.seen + 1 {
            return Step::Gap;
        }
        self.seen = seq;
        if let Some(change) = change {
            self.ring.push_back((seq, change));
        }
        if self.ring.len() > RING {
            self.fold();
        }
        Step::Applied
    }

    /// Takes numbers for seen that held nothing to count, or nothing that may be seen.
    pub(crate) fn skip_to(&mut self, seq: u64) {
        self.seen = self.seen.max(seq);
    }

    /// Takes the counts of an own row, unless newer ones are held.
    pub(crate) fn rebase(&mut self, base: Unread, version: u64) {
        if (version, base.at_seq) < (self.version, self.server.at_seq) {
            return;
        }
        if self.local.is_some_and(|local| version > self.version && base.horizon >= local.horizon) {
            // Another device has read at least as far.
            self.local = None;
        }
        (self.server, self.version) = (base, version);
    }

    /// Takes what a summary says: the counts of the own row, and the head of the log. Afterwards they can be vouched for.
    pub(crate) fn restate(&mut self, base: Unread, version: u64, head: u64) {
        self.rebase(base, version);
        self.catch_up(head);
        if !self.exact() {
            self.settle();
        }
        if !self.exact() {
            *self = Self::new(base, version, head);
        }
    }

    /// The log stands at `head`, and what came in between was counted by the server and not seen here.
    fn catch_up(&mut self, head: u64) {
        if head <= self.seen {
            return;
        }
        self.seen = head;
        self.complete_after = head;
        self.ring.clear();
        // What was counted here does not know of what was missed.
        self.local = None;
    }

    /// Shows a horizon that was moved here, with the counts at what was seen.
    pub(crate) fn move_here(&mut self, horizon: Option<u64>, unread: u64, mentions: u64) {
        self.local = Some(Unread { horizon, unread, mentions, at_seq: self.seen, since: self.server.since });
    }

    /// Whether a horizon is shown that was moved here.
    pub(crate) fn is_moved_here(&self) -> bool {
        self.local.is_some()
    }

    /// The server has confirmed or refused the move: its own counts stand.
    pub(crate) fn settle(&mut self) {
        self.local = None;
    }

    /// Unread messages, and those of them that mention oneself.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let now = self.at_seen(self.base());
        (now.unread, now.mentions)
    }

    /// Whether the counts can be vouched for. If not, the server has to be asked.
    pub(crate) fn exact(&self) -> bool {
        let base = self.base();
        let complete = base.at_seq >= self.complete_after;
        complete
            && (base.mentions == 0 || !self.later(base).any(|(seq, change)| self.unsure(base, *seq, change)))
    }

    /// The server's counts brought up to what was seen, for the cache.
    pub(crate) fn collapsed(&self) -> Unread {
        self.at_seen(&self.server)
    }

    fn base(&self) -> &Unread {
        self.local.as_ref().unwrap_or(&self.server)
    }

    /// Changes that a base does not know of and that concern it.
    fn later<'a>(&'a self, base: &'a Unread) -> impl Iterator<Item = &'a (u64, Change)> {
        self.ring.iter().filter(|(seq, change)| {
            *seq > base.at_seq
                && !change.own
                && change.index >= base.horizon.map_or(base.since, |horizon| horizon + 1)
        })
    }

    /// A removal of a message that the base counts, and of which nobody knows whether it was a mention.
    fn unsure(&self, base: &Unread, seq: u64, change: &Change) -> bool {
        !change.added && self.mention(base, seq, change).is_none()
    }

    /// Whether a change concerns a mention, as the base counted it.
    fn mention(&self, base: &Unread, seq: u64, change: &Change) -> Option<bool> {
        let added = self.ring.iter().find(|(_, other)| other.added && other.index == change.index);
        match added {
            // Both are counted here: whatever it was, it cancels out.
            Some((at, added)) if *at > base.at_seq && *at <= seq => Some(added.mention.unwrap_or(false)),
            Some((_, added)) => change.mention.or(added.mention),
            None => change.mention,
        }
    }

    fn at_seen(&self, base: &Unread) -> Unread {
        let mut sum = (base.unread, base.mentions);
        for (seq, change) in self.later(base) {
            sum = if change.added {
                (sum.0 + 1, sum.1 + u64::from(change.mention.unwrap_or(false)))
            } else {
                let mention = u64::from(self.mention(base, *seq, change).unwrap_or(false));
                (sum.0.saturating_sub(1), sum.1.saturating_sub(mention))
            };
        }
        Unread {
            horizon: base.horizon,
            unread: sum.0,
            mentions: sum.1,
            at_seq: base.at_seq.max(self.seen),
            since: base.since,
        }
    }

    fn fold(&mut self) {
        self.server = self.collapsed();
        self.local = self.local.map(|local| self.at_seen(&local));
        self.complete_after = self.seen;
        self.ring.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn added(index: u64) -> Option<Change> {
        Some(Change { index, own: false, added: true, mention: Some(false) })
    }

    fn removed(index: u64, mention: Option<bool>) -> Option<Change> {
        Some(Change { index, own: false, added: false, mention })
    }

    #[test]
    fn what_came_after_the_count_is_added_and_what_came_before_is_not() {
        let mut tracker =
            Tracker::new(Unread { horizon: Some(3), unread: 2, mentions: 0, at_seq: 10, since: 0 }, 1, 10);
        assert_eq!(tracker.observe(10, added(5)), Step::Known);
        assert_eq!(tracker.observe(11, added(6)), Step::Applied);
        assert_eq!(tracker.observe(13, added(7)), Step::Gap);
        assert_eq!(tracker.counts(), (3, 0));
        tracker.rebase(Unread { horizon: Some(5), unread: 1, mentions: 0, at_seq: 11, since: 0 }, 2);
        assert_eq!(tracker.counts(), (1, 0));
        assert!(tracker.exact());
    }

    #[test]
    fn an_own_move_is_shown_until_the_server_has_a_say() {
        let mut tracker =
            Tracker::new(Unread { horizon: None, unread: 4, mentions: 1, at_seq: 4, since: 0 }, 1, 4);
        tracker.move_here(Some(3), 0, 0);
        assert_eq!((tracker.horizon(), tracker.counts()), (Some(3), (0, 0)));
        tracker.observe(5, added(4));
        assert_eq!(tracker.counts(), (1, 0));
        tracker.rebase(Unread { horizon: Some(1), unread: 3, mentions: 1, at_seq: 5, since: 0 }, 2);
        assert_eq!(tracker.counts(), (1, 0), "another device is behind this one");
        tracker.settle();
        assert_eq!(tracker.counts(), (3, 1));
    }

    #[test]
    fn a_removal_of_which_nobody_knows_whether_it_was_a_mention_is_not_vouched_for() {
        let mut tracker =
            Tracker::new(Unread { horizon: None, unread: 2, mentions: 1, at_seq: 2, since: 0 }, 1, 2);
        tracker.observe(3, removed(0, None));
        assert!(!tracker.exact());
        let mut tracker =
            Tracker::new(Unread { horizon: None, unread: 2, mentions: 1, at_seq: 2, since: 0 }, 1, 2);
        tracker.observe(3, removed(0, Some(true)));
        assert_eq!((tracker.exact(), tracker.counts()), (true, (1, 0)));
    }

    /// One step of a conversation, as the server sees it.
    #[derive(Debug, Clone)]
    enum Deed {
        Post { own: bool, mention: bool },
        Remove { nth: usize },
        Rename,
    }

    #[derive(Debug, Clone)]
    enum Move {
        Deed(Deed),
        /// The reader receives one event.
        Push,
        /// The reader receives a range: the events with their subjects as they stand now.
        Range,
        /// The reader receives its own row, as it is now at the server.
        Row,
        /// The reader missed events, and is told how things stand instead.
        Missed,
        /// The reader reads up to some message.
        Read {
            nth: usize,
        },
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let deed = prop_oneof![
            4 => (any::<bool>(), any::<bool>()).prop_map(|(own, mention)| Deed::Post { own, mention: mention && !own }),
            2 => (0..20usize).prop_map(|nth| Deed::Remove { nth }),
            1 => Just(Deed::Rename),
        ];
        let step = prop_oneof![
            5 => deed.prop_map(Move::Deed),
            5 => Just(Move::Push),
            1 => Just(Move::Range),
            2 => Just(Move::Row),
            1 => Just(Move::Missed),
            1 => (0..20usize).prop_map(|nth| Move::Read { nth }),
        ];
        prop::collection::vec(step, 0..120)
    }

    #[derive(Debug, Clone, Copy)]
    struct Posted {
        own: bool,
        mention: bool,
        added_at: u64,
        removed_at: Option<u64>,
    }

    #[derive(Default)]
    struct Server {
        log: Vec<Option<(bool, usize)>>,
        messages: Vec<Posted>,
        horizon: Option<u64>,
        version: u64,
    }

    impl Server {
        fn head(&self) -> u64 {
            self.log.len() as u64
        }

        fn apply(&mut self, deed: &Deed) {
            let seq = self.head() + 1;
            match *deed {
                Deed::Post { own, mention } => {
                    self.log.push(Some((true, self.messages.len())));
                    self.messages.push(Posted { own, mention, added_at: seq, removed_at: None });
                }
                Deed::Remove { nth } => {
                    let live = self.messages.get_mut(nth).filter(|message| message.removed_at.is_none());
                    let Some(message) = live else { return };
                    message.removed_at = Some(seq);
                    self.log.push(Some((false, nth)));
                }
                Deed::Rename => self.log.push(None),
            }
        }

        /// The recount that everything is held against.
        fn count(&self, horizon: Option<u64>, at: u64) -> Unread {
            let unread: Vec<&Posted> = (0u64..)
                .zip(&self.messages)
                .filter(|(index, message)| {
                    let live = message.added_at <= at && message.removed_at.is_none_or(|gone| gone > at);
                    live && !message.own && horizon.is_none_or(|horizon| *index > horizon)
                })
                .map(|(_, message)| message)
                .collect();
            let mentions = unread.iter().filter(|message| message.mention).count() as u64;
            Unread { horizon, unread: unread.len() as u64, mentions, at_seq: at, since: 0 }
        }

        /// An event as a push shows it, or, when it is read `now`, as a range does.
        fn event(&self, seq: u64, now: u64) -> Option<Change> {
            let (added, nth) = self.log[usize::try_from(seq - 1).unwrap()]?;
            let message = self.messages[nth];
            let known = message.removed_at.is_none_or(|gone| gone > now);
            let mention = known.then_some(message.mention);
            Some(Change { index: nth as u64, own: message.own, added, mention })
        }
    }

    fn play(moves: &[Move]) {
        let mut server = Server::default();
        let mut tracker = Tracker::new(Unread::default(), 0, 0);
        for step in moves {
            match step {
                Move::Deed(deed) => server.apply(deed),
                Move::Push if tracker.seen() < server.head() => {
                    let seq = tracker.seen() + 1;
                    assert_eq!(tracker.observe(seq, server.event(seq, seq)), Step::Applied);
                }
                Move::Push => {}
                Move::Range => {
                    for seq in tracker.seen() + 1..=server.head() {
                        tracker.observe(seq, server.event(seq, server.head()));
                    }
                }
                Move::Row => {
                    server.version += 1;
                    tracker.rebase(server.count(server.horizon, server.head()), server.version);
                }
                Move::Missed => {
                    server.version += 1;
                    let count = server.count(server.horizon, server.head());
                    tracker.restate(count, server.version, server.head());
                    assert!(tracker.exact());
                }
                Move::Read { nth } => {
                    let seen = server.count(Some(*nth as u64), tracker.seen());
                    tracker.move_here(seen.horizon, seen.unread, seen.mentions);
                    server.horizon = server.horizon.max(seen.horizon);
                }
            }
            let at = tracker.seen().max(tracker.base().at_seq);
            let right = server.count(tracker.horizon(), at);
            let (unread, mentions) = tracker.counts();
            assert_eq!(unread, right.unread, "{step:?}");
            if tracker.exact() {
                assert_eq!(mentions, right.mentions, "{step:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_interleaving_equals_a_recount(moves in moves()) {
            play(&moves);
        }
    }
}
