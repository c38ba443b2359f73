//! Getting in step: all conversations once, afterwards only what moved.

use confab_probe::{Branch, Fault, is_broken, reached};
use confab_protocol::method::{ConversationListParams, ConversationListResult, ResumeParams, ResumeResult};
use confab_protocol::model::{ConversationSummary, StatePage};
use confab_protocol::{Call, ErrorCode, Timestamp, WireError, limits};

use super::Machine;
use super::connection::retry_after_ms;
use crate::book::Conversation;
use crate::cx::Cx;
use crate::effect::Timer;
use crate::key::Key;
use crate::link::Sync;
use crate::news::News;
use crate::requests::Asked;
use crate::stored::CacheWrite;

impl Machine {
    /// Asks for what is missing as a whole. While that is on its way it is only noted that more was missed.
    pub(super) fn synchronise(&mut self) {
        match (self.standing.cursor, self.standing.epoch) {
            (Some(cursor), Some(epoch)) => {
                self.set_sync(Sync::Resuming { again: false });
                let limit = u32::try_from(limits::CONVERSATION_PAGE).ok();
                let state_version = Some(self.standing.state_version);
                let params = ResumeParams { epoch, cursor, limit, state_version };
                self.ask(Call::Resume(params), Asked::Resume);
            }
            _ => {
                self.set_sync(Sync::Listing);
                self.book.begin_listing();
                self.list(None);
            }
        }
    }

    /// Pushes were missed.
    pub(super) fn resume(&mut self) {
        let Some(session) = self.link.session() else { return };
        match &mut session.sync {
            Sync::InStep | Sync::Stalled => self.synchronise(),
            Sync::Resuming { again } => *again = true,
            // The listing ends with a resume.
            Sync::Listing => {}
        }
    }

    fn set_sync(&mut self, sync: Sync) {
        if let Some(session) = self.link.session() {
            session.sync = sync;
        }
    }

    fn list(&mut self, after: Option<String>) {
        let first = after.is_none();
        let limit = u32::try_from(limits::CONVERSATION_PAGE).ok();
        let state_version = Some(self.standing.state_version);
        let params = ConversationListParams { after, limit, state_version };
        self.ask(Call::ConversationList(params), Asked::List { first });
    }

    pub(super) fn listed(&mut self, first: bool, page: ConversationListResult, cx: &mut Cx<'_>) {
        if self.is_foreign(page.epoch) {
            return self.begin_again(cx.now);
        }
        self.standing.epoch = Some(page.epoch);
        self.send_again(cx.now);
        if first {
            self.standing.first_cursor = Some(page.cursor);
        }
        self.state_page(&page.state, first.then_some(page.state_version));
        self.summaries(page.summaries, cx);
        if let Some(after) = page.next {
            return self.list(Some(after));
        }
        self.leave_unlisted();
        self.standing.cursor = self.standing.first_cursor.take();
        self.out.meta = true;
        // Whatever moved from page to page while they came was missed.
        self.synchronise();
    }

    pub(super) fn resumed(&mut self, page: ResumeResult, cx: &mut Cx<'_>) {
        if self.is_foreign(page.epoch) {
            return self.begin_again(cx.now);
        }
        self.summaries(page.summaries, cx);
        self.state_page(&page.state, (!page.more).then_some(page.state_version));
        self.standing.cursor = Some(page.cursor);
        let again = self.link.session().is_some_and(|session| session.sync == Sync::Resuming { again: true });
        self.out.meta = true;
        if page.more || again {
            return self.synchronise();
        }
        self.in_step();
    }

    /// Drafts and settings of an answer. A server of before there were any says only where the own state stands.
    fn state_page(&mut self, page: &StatePage, stands_at: Option<u64>) {
        self.own_state(&page.drafts, &page.settings);
        let to = page.state_to.or(stands_at).unwrap_or(0);
        self.standing.state_version = self.standing.state_version.max(to);
    }

    /// From here on pushes say everything; what is still missing was lost.
    fn in_step(&mut self) {
        self.set_sync(Sync::InStep);
        if let Some(session) = self.link.session() {
            session.stalls = 0;
        }
        self.book.forget_leavings();
        self.link.begin_anew();
        self.standing.listed = true;
        self.outbox.forget_old();
        self.drafts.has_all();
        self.settings.has_all();
        self.leave_unknown();
        self.touched.extend(self.book.keys());
        self.dirty.everything = true;
        if let Some(me) = self.account.me.clone() {
            self.news(News::InStep(Box::new(me)));
        }
    }

    fn summaries(&mut self, summaries: Vec<ConversationSummary>, cx: &mut Cx<'_>) {
        for summary in summaries {
            self.summary(summary, cx);
        }
    }

    pub(super) fn sync_refused(&mut self, error: &WireError, cx: &mut Cx<'_>) {
        if error.code == ErrorCode::EpochChanged {
            return self.begin_again(cx.now);
        }
        self.set_sync(Sync::Stalled);
        let after_ms = retry_after_ms(error).unwrap_or(0).max(self.link.next_pause(cx));
        self.out.timer(Timer::Refetch, after_ms);
    }

    fn is_foreign(&self, epoch: confab_protocol::Epoch) -> bool {
        self.standing.epoch.is_some_and(|known| known != epoch)
    }

    /// The numbering has gone back under a live connection: a new greeting tells the new epoch.
    fn begin_again(&mut self, now: Timestamp) {
        self.begin_anew();
        self.standing.epoch = None;
        self.send_again(now);
        self.synchronise();
    }

    /// What a server of another epoch was told lately is told to this one.
    pub(super) fn send_again(&mut self, now: Timestamp) {
        if is_broken(Fault::Epoch) {
            return;
        }
        let any = self.outbox.replay(self.standing.epoch, now);
        self.settle_wishes();
        if !any {
            return;
        }
        reached(Branch::Replay);
        self.resume_drafts();
        // Acknowledged, it needed no row.
        self.place_entries();
        for key in self.book.keys() {
            // Its making is sent again, and may give it another SID.
            if let Key::Made(id) = key
                && self.outbox.get(id).is_some_and(crate::outbox::Entry::is_open)
            {
                self.book.unmake(key);
            }
        }
        self.dirty.everything = true;
    }

    /// Another epoch: all versions are void. Outbox and drafts stay.
    pub(super) fn begin_anew(&mut self) {
        reached(Branch::Reset);
        self.news(News::Void);
        self.out.cache.push(CacheWrite::DropAll);
        self.standing.cursor = None;
        self.standing.first_cursor = None;
        self.standing.state_version = 0;
        self.standing.listed = false;
        self.drafts.begin_anew();
        self.settings.begin_anew();
        self.roles.begin_anew();
        self.book.forget_leavings();
        self.notes.clear_looked();
        for key in self.book.keys() {
            if let Some(conversation) = self.book.get_mut(key) {
                conversation.void();
            }
        }
        let people: Vec<String> = self.people.known().map(str::to_owned).collect();
        self.people.clear();
        self.dirty.people.extend(people);
        self.dirty.everything = true;
        if let Some(open) = &mut self.open {
            open.window.clear();
            open.roster = Some(crate::roster::Roster::default());
            open.jumped = true;
        }
    }

    /// What the complete listing does not name is none of ours any more. What was only heard of may have come in since it was
    /// read, and is asked for.
    fn leave_unlisted(&mut self) {
        for key in self.book.keys() {
            let gone = |row: &Conversation| row.sid.is_some() && !row.listed;
            let heard_of = |row: &Conversation| row.me.is_none() && row.heard > 0;
            if self.book.get(key).is_some_and(|row| gone(row) && !heard_of(row)) {
                self.lose(key, None);
            }
        }
        self.leave_unknown();
    }

    /// A conversation of which only a draft or an entry knows, and the server does not, is one that was left.
    fn leave_unknown(&mut self) {
        for key in self.book.keys() {
            // What was heard of is asked for: one may have come in while the answer was on its way.
            let unknown = self
                .book
                .get(key)
                .is_some_and(|row| row.sid.is_some() && row.me.is_none() && row.heard == 0 && !row.is_left());
            if unknown {
                self.lose(key, None);
            }
        }
    }
}
