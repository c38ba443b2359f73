//! The part of the open conversation's messages that is held: one stretch without holes, of bounded length.

use std::collections::BTreeMap;

use confab_probe::{Fault, is_broken};
use confab_protocol::ClientId;
use confab_protocol::model::Message;

/// Rows held at most; beyond it the end that was not asked for is let go.
const ROWS: usize = 300;
/// Rows held at most while messages arrive by themselves: someone may be reading at the other end.
const LIVE_ROWS: usize = 600;
/// Messages of one page.
pub(crate) const PAGE: u32 = 50;

/// Where a page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The newest messages; takes the place of everything held.
    Newest,
    /// Before the first row.
    Older,
    /// After the last row.
    Newer,
}

/// A page that arrived.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Ascending by index.
    pub(crate) messages: Vec<Message>,
    /// There is more beyond it, in the direction that was asked for.
    pub(crate) more: bool,
}

/// The window on a conversation.
#[derive(Debug, Default)]
pub(crate) struct Window {
    rows: BTreeMap<u64, Message>,
    has_older: bool,
    has_newer: bool,
    /// Something is known: a first page has been there.
    known: bool,
    /// The page that is on its way, by the number of its question.
    load: Option<(u64, Side)>,
    /// Changes to rows not held, while a page is on its way, or still to be asked for, that may hold an older form of them.
    pending: BTreeMap<u64, Message>,
}

impl Window {
    /// Rows, tombstones included, ascending.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.rows.values()
    }

    /// Rows to show: before the first page is there, what was posted meanwhile, so that nothing written is out of sight.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Message> {
        self.rows.values().chain(self.pending.values().filter(|_| !self.known))
    }

    pub(crate) fn get(&self, id: ClientId) -> Option<&Message> {
        self.rows.values().find(|message| message.client_id == id)
    }

    pub(crate) fn at(&self, index: u64) -> Option<&Message> {
        self.rows.get(&index)
    }

    /// The same, of what waits for its page too.
    pub(crate) fn heard_at(&self, index: u64) -> Option<&Message> {
        self.at(index).or_else(|| self.pending.get(&index))
    }

    pub(crate) fn first(&self) -> Option<u64> {
        self.rows.keys().next().copied()
    }

    pub(crate) fn last(&self) -> Option<u64> {
        self.rows.keys().next_back().copied()
    }

    pub(crate) fn has_older(&self) -> bool {
        self.has_older
    }

    /// The end of the conversation is not in it.
    pub(crate) fn has_newer(&self) -> bool {
        self.has_newer
    }

    /// A first page has been there.
    pub(crate) fn is_known(&self) -> bool {
        self.known
    }

    /// No page is on its way.
    pub(crate) fn is_idle(&self) -> bool {
        self.load.is_none()
    }

    /// A page was asked for under this number. Whatever was asked for before is void.
    pub(crate) fn ask(&mut self, number: u64, side: Side) {
        self.load = Some((number, side));
    }

    /// What the question of this number was for, if it still counts.
    pub(crate) fn asked(&self, number: u64) -> Option<Side> {
        self.load.filter(|(asked, _)| *asked == number).map(|(_, side)| side)
    }

    /// The page that was asked for will not come.
    pub(crate) fn give_up(&mut self) {
        self.load = None;
        if self.known {
            self.pending.clear();
        }
    }

    /// There is nothing to be held yet: the conversation has just been made.
    pub(crate) fn begin(&mut self) {
        *self = Self { known: true, ..Self::default() };
    }

    /// Everything held is void.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes a message as it stands now. A row replaces only an older one.
    pub(crate) fn apply(&mut self, message: &Message) {
        let index = message.index;
        if let Some(held) = self.rows.get_mut(&index) {
            if held.version < message.version || is_broken(Fault::RowVersion) {
                *held = message.clone();
            }
            return;
        }
        if self.known && self.has_room_for(index) {
            self.rows.insert(index, message.clone());
            self.evict(Side::Newer, LIVE_ROWS);
        }
        if self.load.is_some() || !self.known {
            newest(&mut self.pending, message);
        }
    }

    /// Whether a message belongs into the stretch that is held, or is the next one after it. Where nothing older is left out,
    /// a row before the first one was only late; so was one between two others, which the cache may not have had yet.
    fn has_room_for(&self, index: u64) -> bool {
        if self.last().is_none_or(|last| index > last) {
            return !self.has_newer;
        }
        !self.has_older || self.first().is_some_and(|first| index >= first)
    }

    /// Takes the page that was asked for.
    pub(crate) fn take(&mut self, page: &Page) {
        let Some((_, side)) = self.load.take() else { return };
        let pending = std::mem::take(&mut self.pending);
        if side == Side::Newest {
            self.rows.clear();
            (self.known, self.has_newer) = (true, false);
        }
        for message in &page.messages {
            newest(&mut self.rows, message);
        }
        match side {
            Side::Newer => self.has_newer = page.more,
            Side::Older | Side::Newest => self.has_older = page.more,
        }
        for (index, message) in pending.into_iter().filter(|_| !is_broken(Fault::RowVersion)) {
            if self.has_room_for(index) {
                newest(&mut self.rows, &message);
            }
        }
        self.evict(side, ROWS);
    }

    /// Lets go of rows at the end that was not added to.
    fn evict(&mut self, grown: Side, most: usize) {
        while self.rows.len() > most {
            match grown {
                Side::Older => {
                    self.rows.pop_last();
                    self.has_newer = true;
                }
                Side::Newer | Side::Newest => {
                    self.rows.pop_first();
                    self.has_older = true;
                }
            }
        }
    }
}

fn newest(rows: &mut BTreeMap<u64, Message>, message: &Message) {
    let held = rows.get(&message.index).map(|held| held.version);
    if held.is_none_or(|held| held < message.version) {
        rows.insert(message.index, message.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::message;

    fn indexes(window: &Window) -> Vec<u64> {
        window.rows().map(|message| message.index).collect()
    }

    fn page(indexes: std::ops::Range<u64>, more: bool) -> Page {
        Page { messages: indexes.map(|index| message(index, index + 2, "x")).collect(), more }
    }

    fn loaded(indexes: std::ops::Range<u64>, more: bool) -> Window {
        let mut window = Window::default();
        window.ask(1, Side::Newest);
        window.take(&page(indexes, more));
        window
    }

    #[test]
    fn a_change_that_overtakes_its_page_is_not_undone_by_it() {
        let mut window = loaded(50..100, true);
        window.ask(2, Side::Older);
        let mut edited = message(10, 200, "edited");
        edited.seq = 12;
        window.apply(&edited);
        assert!(window.at(10).is_none(), "not held yet");
        window.take(&page(0..50, false));
        assert_eq!(window.at(10).and_then(|row| row.body.as_deref()), Some("edited"));
        assert!(!window.has_older());
    }

    #[test]
    fn a_row_replaces_only_an_older_one() {
        let mut window = loaded(0..3, false);
        window.apply(&message(1, 9, "new"));
        window.apply(&message(1, 8, "old"));
        assert_eq!(window.at(1).and_then(|row| row.body.as_deref()), Some("new"));
    }

    #[test]
    fn the_far_end_is_let_go_and_comes_back_with_what_was_posted_meanwhile() {
        let mut window = loaded(300..600, true);
        assert_eq!((window.first(), window.last()), (Some(300), Some(599)));
        window.ask(2, Side::Older);
        window.take(&page(250..300, true));
        assert_eq!((window.first(), window.last(), window.has_newer()), (Some(250), Some(549), true));
        window.apply(&message(600, 602, "posted while scrolled up"));
        assert_eq!(window.last(), Some(549));
        window.ask(3, Side::Newer);
        window.apply(&message(601, 603, "posted while the page was on its way"));
        window.take(&page(550..600, false));
        assert_eq!(window.last(), Some(601));
        assert_eq!((window.first(), window.has_older()), (Some(301), true));
        assert_eq!(indexes(&window).len(), ROWS);
    }
}
