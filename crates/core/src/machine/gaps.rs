//! What is missing: of a log that is followed the events, of any other conversation how it stands.

use confab_probe::{Branch, reached};
use confab_protocol::method::{
    ConversationGetParams, Direction, EventRangeParams, EventRangeResult, MessagePageParams,
    MessagePageResult,
};
use confab_protocol::{Call, Change, WireError, limits};

use super::{Machine, passes};
use crate::book::Conversation;
use crate::cx::Cx;
use crate::effect::Timer;
use crate::key::Key;
use crate::link::{Renewal, Sync};
use crate::requests::Asked;
use crate::stored::{CacheWrite, DirtyRows, History};
use crate::timeline::{PAGE, Side};

/// How long after a passing refusal it is asked again, in milliseconds.
const REFETCH_MS: u64 = 2_000;

/// Ranges of conversations that are not open on their way at once.
const CLOSED_RANGES: usize = 2;
/// Events behind which the history of a conversation that is not open is not worth mending.
const CLOSED_GAP: u64 = 2 * limits::EVENT_RANGE as u64;

impl Machine {
    /// Asks for whatever is missing in conversations that something happened to.
    pub(super) fn mend_gaps(&mut self) {
        self.load_first_page();
        if !self.link.is_in_step() {
            return;
        }
        for key in std::mem::take(&mut self.touched) {
            self.mend_log(key);
            self.mend_news(key);
            self.mend_rows(key);
            self.mend_summary(key);
        }
    }

    /// What is held of a log follows it, also while it is not open: what was removed there must not stay here.
    fn mend_log(&mut self, key: Key) {
        let is_open = self.open_at(key).is_some();
        let followed = !is_open || self.open_at(key).is_some_and(|open| open.window.is_known());
        let ready = |held: &&Conversation| followed && held.is_joined() && !held.ranging && !held.patient;
        let Some(held) = self.book.get(key).filter(ready) else { return };
        let (Some(history), Some(conversation)) = (held.history, held.sid) else { return };
        if history.version >= held.heard {
            return;
        }
        if !is_open && held.heard - history.version > CLOSED_GAP {
            return self.drop_history(key);
        }
        if !is_open && self.book.iter().filter(|(_, row)| row.ranging).count() >= CLOSED_RANGES {
            self.touched.insert(key);
            return;
        }
        reached(Branch::Gap);
        let params = EventRangeParams { conversation, after: history.version, limit: None };
        let ranging = self.ask(Call::EventRange(params), Asked::Range(key));
        if let Some(held) = self.book.get_mut(key) {
            held.ranging = ranging;
        }
    }

    fn mend_summary(&mut self, key: Key) {
        let Some(held) = self.book.get(key).filter(|held| held.left.is_none() && !held.patient) else {
            return;
        };
        let Some(conversation) = held.sid.filter(|_| !held.getting && !held.ranging) else { return };
        let unknown = held.me.is_none() || held.row.is_none();
        if unknown || held.stale || held.tracker.seen() < held.heard || !held.tracker.exact() {
            let heard = held.me_heard;
            let params = ConversationGetParams { conversation: Some(conversation), unique_name: None };
            let getting = self.ask(Call::ConversationGet(params), Asked::Get { conversation, heard });
            if let Some(held) = self.book.get_mut(key) {
                held.getting = getting;
            }
        }
    }

    /// Nothing is held of the open conversation: the newest page.
    fn load_first_page(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| !open.stalled) else { return };
        let (key, wanted) = (open.key, open.window.is_idle() && !open.window.is_known());
        let Some(held) = self.book.get_mut(key).filter(|held| wanted && held.is_joined()) else { return };
        let Some(conversation) = held.sid.filter(|_| held.history.is_none() && held.me.is_some()) else {
            return;
        };
        // Whatever is read from now on is at least as new as what was heard of: from there the log is followed.
        let version = held.heard.max(held.tracker.seen());
        held.history = Some(History { version, oldest: None, has_older: true, dirty: None });
        self.ask_page(key, conversation, Side::Newest, None);
    }

    /// Asks the server for a page of the open conversation.
    pub(super) fn ask_page(
        &mut self,
        key: Key,
        conversation: confab_protocol::ConversationSid,
        side: Side,
        anchor: Option<u64>,
    ) {
        let direction = if side == Side::Newer { Direction::Forward } else { Direction::Backwards };
        let params = MessagePageParams { conversation, anchor, direction, limit: Some(PAGE) };
        let number = self.number();
        if self.ask(Call::MessagePage(params), Asked::Page { place: key, number })
            && let Some(open) = self.open_at(key)
        {
            open.window.ask(number, side);
        }
    }

    /// A message has changed in an unknown way. That is kept with the history until it was read again, over restarts too.
    pub(super) fn row_is_dirty(&mut self, key: Key, index: u64, seq: u64) {
        let Some(history) = self.book.get_mut(key).and_then(|held| held.history.as_mut()) else { return };
        reached(Branch::DirtyRow);
        let dirty = history.dirty.unwrap_or(DirtyRows { from: index, to: index, seq }).with(index, seq);
        history.dirty = Some(dirty);
        if dirty.span() > u64::from(PAGE) {
            self.drop_history(key);
        }
    }

    /// Asks for the messages that changed in an unknown way, as they stand.
    fn mend_rows(&mut self, key: Key) {
        if self.open_at(key).is_none() {
            return;
        }
        let Some(held) = self.book.get(key).filter(|held| held.is_joined() && held.rereading.is_none())
        else {
            return;
        };
        let (Some(dirty), Some(conversation)) = (held.history.and_then(|history| history.dirty), held.sid)
        else {
            return;
        };
        let (anchor, direction) = (Some(dirty.to), Direction::Backwards);
        let limit = u32::try_from(dirty.span()).ok();
        let params = MessagePageParams { conversation, anchor, direction, limit };
        let asked = self.ask(Call::MessagePage(params), Asked::Rows(key));
        if let Some(held) = self.book.get_mut(key) {
            held.rereading = Some(dirty).filter(|_| asked);
        }
    }

    /// The messages as they stand. What became dirty since they were read is asked for again.
    pub(super) fn reread(&mut self, key: Key, page: &MessagePageResult) {
        for message in &page.messages {
            self.message_as_is(key, message);
        }
        let Some(held) = self.book.get_mut(key) else { return };
        if let (Some(asked), Some(history)) = (held.rereading.take(), held.history.as_mut()) {
            history.dirty = history.dirty.filter(|dirty| !dirty.are_told_by(asked, page.as_of));
            if history.dirty.is_some() {
                // Whoever answers with what is old does so again when asked at once.
                self.refetch_later();
            }
        }
        self.changed(key);
        self.out.rows.insert(key);
    }

    /// They could not be had: for now, or for good.
    pub(super) fn not_reread(&mut self, key: Key, error: Option<&WireError>) {
        if let Some(held) = self.book.get_mut(key) {
            held.rereading = None;
        }
        match error {
            Some(error) if passes(error) => self.refetch_later(),
            Some(_) => self.drop_history(key),
            None => {}
        }
    }

    pub(super) fn range(&mut self, key: Key, range: &EventRangeResult, cx: &mut Cx<'_>) {
        let Some(held) = self.book.get_mut(key) else { return };
        held.ranging = false;
        held.heard = held.heard.max(range.to);
        if range.to < range.from && !range.reset {
            held.patient = true;
            return self.refetch_later();
        }
        self.touched.insert(key);
        if range.reset {
            self.skip_news(key, range.to);
        }
        if range.reset || self.came_back(range) {
            self.drop_history(key);
            // Programs are told what happened all the same.
            if range.reset || !self.is_followed() {
                return;
            }
        }
        for event in &range.events {
            self.pass_over(key, range.from, event.seq.saturating_sub(1));
            self.apply(key, event, false, cx);
        }
        self.pass_over(key, range.from, range.to);
        self.learned(key);
    }

    /// Whether one was out for a while within this range. What was edited meanwhile is told to nobody who was out, though it
    /// may be seen again in what was seen before.
    fn came_back(&self, range: &EventRangeResult) -> bool {
        range.events.iter().any(|event| match &event.change {
            Change::ParticipantJoined(row) => row.identity == self.account.identity,
            _ => false,
        })
    }

    /// The numbers of a range that hold no event are ones that may not be seen.
    pub(super) fn pass_over(&mut self, key: Key, from: u64, to: u64) {
        let Some(held) = self.book.get_mut(key) else { return };
        held.reach(to);
        if held.tracker.seen() + 1 >= from {
            held.tracker.skip_to(to);
        }
        if let Some(history) = held.history.as_mut().filter(|history| history.version + 1 >= from) {
            history.version = history.version.max(to);
        }
        held.told = held.told.map(|told| if told + 1 >= from { told.max(to) } else { told });
    }

    /// What is held of a conversation's messages is not worth mending.
    pub(super) fn drop_history(&mut self, key: Key) {
        let Some(held) = self.book.get_mut(key) else { return };
        held.history = None;
        if let Some(conversation) = held.sid {
            self.out.cache.push(CacheWrite::DropMessages { conversation });
        }
        if let Some(open) = self.open_at(key) {
            open.window.clear();
            open.jumped = true;
        }
        self.learned(key);
    }

    pub(super) fn range_refused(&mut self, key: Key, error: &WireError) {
        if let Some(held) = self.book.get_mut(key) {
            held.ranging = false;
        }
        if passes(error) {
            self.refetch_later();
        } else if let Some(held) = self.book.get_mut(key) {
            // Asking how things stand says why. What is held cannot be mended; to ask again would be to ask without end.
            held.stale = true;
            self.drop_history(key);
        }
    }

    pub(super) fn refetch_later(&mut self) {
        self.out.timer(Timer::Refetch, REFETCH_MS);
    }

    /// Whatever was refused for now is asked for again.
    pub(super) fn refetch(&mut self) {
        let stalled = self.link.session().is_some_and(|session| session.sync == Sync::Stalled);
        if stalled {
            self.synchronise();
        }
        if self.link.is_online() && self.link.renewal == Renewal::Failed {
            self.refresh_token();
        }
        self.ask_people_again();
        if let Some(open) = &mut self.open {
            open.stalled = false;
        }
        for key in self.book.keys() {
            self.touched.insert(key);
            if let Some(held) = self.book.get_mut(key) {
                held.patient = false;
            }
        }
    }
}
