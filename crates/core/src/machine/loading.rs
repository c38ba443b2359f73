//! Opening a conversation and moving its window: from the cache first, then from the server.

use confab_protocol::method::{MessagePageResult, ParticipantListParams, ParticipantListResult};
use confab_protocol::model::{ConversationSummary, Participant};
use confab_protocol::{Call, WireError, limits};

use super::{Machine, Open, passes};
use crate::cx::Cx;
use crate::effect::Effect;
use crate::key::Key;
use crate::news::News;
use crate::requests::Asked;
use crate::roster::{Need, Roster};
use crate::shown::Opened;
use crate::stored::{CachePage, CachePlace, CacheRead, CacheWrite, History};
use crate::timeline::{PAGE, Page, Side, Window};

impl Machine {
    /// Opens a conversation, or closes the one that is open.
    pub(super) fn open_conversation(&mut self, key: Option<Key>) {
        self.leave_drafts();
        if self.open.as_ref().map(|open| open.key) == key {
            return;
        }
        self.abandon_history();
        let Some(key) = key else {
            self.open = None;
            return self.shown.open(None);
        };
        let Some(held) = self.book.get(key) else { return };
        let (unread, _) = held.tracker.counts();
        let new_after = held.tracker.horizon().filter(|_| unread > 0);
        let opened = Opened::new(key.to_string(), self.rights(key), new_after, unread);
        let roster = if held.roster_version.is_some() { None } else { Some(Roster::default()) };
        let (cached, window) = (held.history.is_some(), Window::default());
        self.open = Some(Open { key, window, roster, jumped: false, stalled: false });
        self.shown.open(Some(opened));
        if cached || self.open.as_ref().is_some_and(|open| open.roster.is_none()) {
            self.read_cache(CachePlace::Newest, Side::Newest);
        }
        self.changed(key);
        self.touched.insert(key);
    }

    /// A first page that was on its way is not waited for any more.
    fn abandon_history(&mut self) {
        let Some(open) = &self.open else { return };
        if let Some(held) = self.book.get_mut(open.key) {
            held.history = held.history.filter(|history| history.oldest.is_some() || !history.has_older);
        }
    }

    fn read_cache(&mut self, place: CachePlace, side: Side) {
        let id = self.number();
        let Some(open) = &mut self.open else { return };
        let Some(conversation) = self.book.get(open.key).and_then(|held| held.sid) else { return };
        open.window.ask(id, side);
        let read = CacheRead { id, conversation, place, limit: PAGE, roster: open.roster.is_none() };
        self.out.effects.push(Effect::ReadCache(read));
    }

    pub(super) fn cache_read(&mut self, page: CachePage) {
        let Some(open) = &mut self.open else { return };
        let Some(side) = open.window.asked(page.id) else { return };
        let key = open.key;
        self.touched.insert(key);
        (self.dirty.timeline, self.dirty.roster) = (true, true);
        let Some(held) = self.book.get_mut(key) else { return };
        if open.roster.is_none() {
            let version = held.roster_version.filter(|_| !page.participants.is_empty());
            open.roster = Some(version.map_or_else(Roster::default, |version| {
                Roster::restored(page.participants.clone(), version)
            }));
        }
        let Some(history) = &mut held.history else { return open.window.give_up() };
        if page.messages.is_empty() && side == Side::Newest && history.oldest.is_some() {
            // The cache does not hold what it should.
            return self.drop_history(key);
        }
        if page.messages.is_empty() && side == Side::Older {
            history.oldest = open.window.first();
        }
        let more = page.more || (side != Side::Newer && history.has_older);
        open.jumped |= side == Side::Newest && open.window.is_known();
        self.meet_all(&page);
        if let Some(open) = &mut self.open {
            open.window.take(&Page { messages: page.messages, more });
        }
        self.show_wish(key);
    }

    fn meet_all(&mut self, page: &CachePage) {
        for message in &page.messages {
            self.people.meet(&message.author, 0);
        }
        for row in &page.participants {
            self.people.meet(&row.identity, row.profile_version);
        }
    }

    pub(super) fn load_older(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| open.window.is_idle() && open.window.has_older())
        else {
            return;
        };
        let (key, Some(first)) = (open.key, open.window.first()) else { return };
        let Some(held) = self.book.get(key) else { return };
        let cached = held.history.and_then(|history| history.oldest).is_some_and(|oldest| oldest < first);
        if cached {
            return self.read_cache(CachePlace::Before(first), Side::Older);
        }
        if let (Some(sid), Some(anchor)) = (held.sid, first.checked_sub(1)) {
            self.ask_page(key, sid, Side::Older, Some(anchor));
        }
    }

    pub(super) fn load_newer(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| open.window.is_idle() && open.window.has_newer())
        else {
            return;
        };
        if let Some(last) = open.window.last() {
            self.read_cache(CachePlace::After(last), Side::Newer);
        }
    }

    pub(super) fn load_latest(&mut self) {
        if self.open.as_ref().is_some_and(|open| open.window.has_newer()) {
            self.read_cache(CachePlace::Newest, Side::Newest);
        }
    }

    /// A page from the server.
    pub(super) fn page(&mut self, key: Key, number: u64, page: MessagePageResult, cx: &mut Cx<'_>) {
        let asked = self.open_at(key).and_then(|open| open.window.asked(number));
        let (Some(side), Some(held)) = (asked, self.book.get_mut(key)) else { return };
        let (Some(history), Some(conversation)) = (&mut held.history, held.sid) else { return };
        if side == Side::Newest {
            self.out.cache.push(CacheWrite::DropMessages { conversation });
        }
        let first = page.messages.first().map(|message| message.index);
        history.oldest = history.oldest.into_iter().chain(first).min();
        history.has_older = page.has_older;
        for message in &page.messages {
            self.people.meet(&message.author, 0);
            self.seen_there(message, cx);
        }
        // What came while the first page was on its way was not written then.
        let last = page.messages.last().filter(|_| side != Side::Newest).map(|message| message.index);
        if let Some(open) = self.open_at(key) {
            open.window.take(&Page { messages: page.messages, more: page.has_older });
            let from_page =
                open.window.rows().filter(|message| last.is_none_or(|last| message.index <= last));
            let writes: Vec<CacheWrite> =
                from_page.map(|message| CacheWrite::Message(Box::new(message.clone()))).collect();
            self.out.cache.extend(writes);
        }
        self.show_wish(key);
        self.learned(key);
    }

    pub(super) fn page_refused(&mut self, key: Key, number: u64, error: &WireError) {
        self.page_lost(key, number);
        if let Some(open) = self.open_at(key) {
            open.stalled = true;
            if passes(error) {
                self.refetch_later();
            }
        }
    }

    pub(super) fn page_lost(&mut self, key: Key, number: u64) {
        let Some(open) = self.open_at(key).filter(|open| open.window.asked(number).is_some()) else { return };
        open.window.give_up();
        self.abandon_history();
    }

    /// A conversation that was made a moment ago has no messages: there is nothing to load.
    pub(super) fn begin_history(&mut self, key: Key, summary: &ConversationSummary) {
        let Some(row) = summary.conversation.as_ref().filter(|row| row.last_message.is_none()) else {
            return;
        };
        let Some(open) = self.open_at(key).filter(|open| !open.window.is_known()) else { return };
        open.window.begin();
        if let Some(held) = self.book.get_mut(key) {
            let version = row.version;
            held.history = Some(History { version, oldest: None, has_older: false, dirty: None });
        }
    }

    /// Asks for what is missing of the open conversation's roster.
    pub(super) fn fetch_roster(&mut self) {
        let Some(open) = self.open.as_mut().filter(|open| !open.stalled) else { return };
        let (key, Some(roster)) = (open.key, &mut open.roster) else { return };
        let Some(held) = self.book.get(key).filter(|held| held.is_joined()) else { return };
        let (Some(row), Some(_)) = (&held.row, held.sid) else { return };
        roster.hear(row.roster_version);
        let Some(need) = roster.need() else { return };
        if matches!(need, Need::Page { .. }) {
            // The cache begins anew with what is known already: what a page only repeats is not written again.
            let held: Vec<Participant> = roster.present().cloned().collect();
            self.out.cache.push(CacheWrite::DropRoster { conversation: row.sid });
            self.write_rows(key, &held);
        }
        self.ask_roster(key, need);
    }

    fn ask_roster(&mut self, key: Key, need: Need) {
        let Some(conversation) = self.book.sid_of(key) else { return };
        let limit = u32::try_from(limits::PARTICIPANT_PAGE).ok();
        let params = match need {
            Need::Page { after } => ParticipantListParams { conversation, after_version: None, after, limit },
            Need::Changes { after } => {
                ParticipantListParams { conversation, after_version: Some(after), after: None, limit }
            }
        };
        self.ask(Call::ParticipantList(params), Asked::Roster(key));
    }

    pub(super) fn roster_page(&mut self, key: Key, list: &ParticipantListResult) {
        let Some(roster) = self.open_at(key).and_then(|open| open.roster.as_mut()) else { return };
        let (fresh, next) = roster.answered(list.as_of, &list.participants, list.more);
        self.keep_roster(key, &fresh);
        if let Some(need) = next {
            self.ask_roster(key, need);
        }
    }

    pub(super) fn roster_refused(&mut self, key: Key, error: &WireError) {
        let Some(open) = self.open_at(key) else { return };
        open.stalled = true;
        if let Some(roster) = &mut open.roster {
            roster.give_up();
        }
        if passes(error) {
            self.refetch_later();
        }
    }

    /// Rows of a roster changed; they are every change after `from` up to `to`.
    pub(super) fn roster_moved(&mut self, key: Key, from: u64, to: u64, rows: &[Participant]) {
        if let Some(conversation) = self.book.sid_of(key).filter(|_| self.is_followed()) {
            self.news(News::Roster { conversation, from, to, rows: rows.to_vec() });
        }
        if let Some(row) = self.book.get_mut(key).and_then(|held| held.row.as_mut()) {
            row.roster_version = row.roster_version.max(to);
        }
        if let Some(roster) = self.open_at(key).and_then(|open| open.roster.as_mut()) {
            let fresh = roster.push(from, to, rows);
            return self.keep_roster(key, &fresh);
        }
        // Of a roster that is only in the cache, the next version is as good as the whole.
        let Some(held) = self.book.get_mut(key) else { return };
        if held.roster_version.is_some_and(|version| version >= from && version < to) {
            held.roster_version = Some(to);
            self.write_rows(key, rows);
            self.learned(key);
        }
    }

    /// A row that came by itself: an answer to a mutation.
    pub(super) fn roster_row(&mut self, key: Key, row: &Participant) {
        if let Some(roster) = self.open_at(key).and_then(|open| open.roster.as_mut()) {
            let fresh = roster.rows(std::slice::from_ref(row));
            self.keep_roster(key, &fresh);
        }
    }

    fn keep_roster(&mut self, key: Key, fresh: &[Participant]) {
        for row in fresh {
            self.people.meet(&row.identity, row.profile_version);
        }
        self.write_rows(key, fresh);
        self.dirty.roster = true;
        let version = self.open_at(key).and_then(|open| open.roster.as_ref()).and_then(Roster::version);
        if let Some(held) = self.book.get_mut(key).filter(|held| held.roster_version != version) {
            held.roster_version = version;
            self.learned(key);
        }
    }

    fn write_rows(&mut self, key: Key, rows: &[Participant]) {
        let Some(conversation) = self.book.sid_of(key) else { return };
        self.out.cache.extend(
            rows.iter()
                .map(|row| CacheWrite::Participant { conversation, participant: Box::new(row.clone()) }),
        );
    }
}
