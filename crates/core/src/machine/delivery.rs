//! The outbox in motion: what goes out, what comes of it, and the drafts beside it.

use confab_protocol::method::HorizonMode;
use confab_protocol::{Answer, ClientId, ConversationSid, ErrorCode, MediaSid, WireError, limits};

use super::connection::retry_after_ms;
use super::{Machine, passes, refused, stored_place};
use crate::cx::Cx;
use crate::effect::{Effect, Timer};
use crate::event::UploadFailure;
use crate::key::Key;
use crate::outbox::{Wish, call};
use crate::requests::Asked;
use crate::stored::Action;
use crate::view::Problem;

/// How often acknowledged entries are looked through, in milliseconds.
pub(super) const FORGET_MS: u64 = 10 * 60 * 1_000;
/// The first wait before a refused entry is sent again, in milliseconds.
const FIRST_WAIT_MS: u64 = 500;
/// The longest.
const LONGEST_WAIT_MS: u64 = 30_000;
/// How long after a failed write it is tried again, in milliseconds.
const PERSIST_MS: u64 = 3_000;

impl Machine {
    /// Lets everything go that can go.
    pub(super) fn deliver(&mut self) {
        for entry in self.outbox.take_stopped() {
            self.out.effects.push(Effect::StopUpload { entry });
        }
        if !self.link.is_online() {
            return;
        }
        for (entry, files) in self.outbox.take_uploads() {
            self.out.effects.push(Effect::Upload { entry, files });
        }
        self.outbox.release();
        let (book, making) = (&self.book, self.outbox.makings());
        // What waits for a making waits. What was made once has its name, and a server that has lost it says so.
        let sid_of = |place| match place {
            Key::Made(id) if making.contains(&id) => book.sid_of(place),
            _ => Some(book.name_of(place)),
        };
        let entries = self.outbox.transmit(sid_of).into_iter();
        let calls = entries.filter_map(|entry| {
            let sid = entry.action.place().and_then(sid_of);
            Some((entry.client_id, call(&entry, sid)?))
        });
        for (id, call) in calls.collect::<Vec<_>>() {
            self.ask(call, Asked::Entry(id));
        }
    }

    /// An entry was applied.
    pub(super) fn entry_applied(&mut self, id: ClientId, answer: Answer, cx: &mut Cx<'_>) {
        self.attempts = 0;
        let made = match &answer {
            Answer::ConversationCreate(result) => Some(result.summary.me.conversation),
            _ => None,
        };
        let first = self.outbox.is_first_answer(id);
        let Some(action) = self.outbox.acknowledge(id, made, cx.now) else { return };
        if let Some(sid) = made {
            self.is_made(id, sid);
        }
        if let Some(place) = action.place() {
            self.changed(place);
        }
        match answer {
            Answer::ConversationCreate(result) => {
                let key = Key::Made(id);
                self.begin_history(key, &result.summary);
                self.summary(result.summary, cx);
            }
            Answer::ConversationUpdate(result) => self.summary(result.summary, cx),
            Answer::SetNotificationLevel(result) => self.own_row(result.me),
            Answer::HorizonSet(result) => self.horizon_applied(&action, first, result.me),
            Answer::ParticipantAdd(result) | Answer::ParticipantRemove(result) => {
                if let Some(place) = action.place() {
                    self.roster_row(place, &result.participant);
                }
            }
            Answer::MessageSend(result) | Answer::MessageEdit(result) | Answer::MessageRemove(result) => {
                if let Some(place) = action.place() {
                    self.message_as_is(place, &result.message);
                    self.newest_message(place, &result.message);
                    self.learned(place);
                }
            }
            Answer::ParticipantUpdate(result) => {
                if let Some(place) = action.place() {
                    self.roster_row(place, &result.participant);
                }
            }
            Answer::DraftSet(result) => {
                self.outbox.forget_before(id);
                self.draft_acknowledged(&action, &result.draft);
            }
            Answer::SettingSet(result) => {
                self.outbox.forget_before(id);
                self.setting_told(&result.setting);
            }
            Answer::UserUpdate(result) | Answer::UserSetStatus(result) => {
                self.learn_user(&result.user);
                self.out.meta = true;
            }
            _ => {}
        }
    }

    fn horizon_applied(
        &mut self,
        action: &Action,
        first: bool,
        me: confab_protocol::model::UserConversation,
    ) {
        let Action::Horizon { place, mode, .. } = action else { return };
        if first && *mode == HorizonMode::Set {
            self.outbox.rebase_horizons(*place, me.version);
        }
        if let Some(held) = self.book.get_mut(*place) {
            held.tracker.settle();
        }
        self.own_row(me);
    }

    /// An entry was refused: for now, or for good.
    pub(super) fn entry_refused(&mut self, id: ClientId, error: WireError, cx: &mut Cx<'_>) {
        let unauthenticated = error.code == ErrorCode::Unauthenticated;
        if unauthenticated {
            self.refresh_token();
        }
        if self.outbox.lacks_files(id, &error) {
            return self.send_again_later(&error, cx);
        }
        if self.outbox.awaits(id, &error) {
            self.outbox.wait(id, &error);
            return self.send_again_later(&error, cx);
        }
        // What waited in vain for what it depends on has waited long enough, and what nobody is going to send is not waited for.
        let in_vain = error.code == ErrorCode::OutOfOrder
            && (self.outbox.is_replayed(id) || self.outbox.changes_what_is_not_sent(id));
        if error.code == ErrorCode::StorageFull {
            self.outbox.found_no_room(refused(error.clone()));
        }
        if unauthenticated || (passes(&error) && !in_vain) {
            self.outbox.postpone(id);
            return self.send_again_later(&error, cx);
        }
        let Some(action) = self.outbox.get(id).map(|entry| entry.stored.action.clone()) else { return };
        self.refused_for_good(id, &action, error, cx);
    }

    /// The files of an entry are on the server, or could not be brought there.
    pub(super) fn uploading(&mut self, id: ClientId, media: MediaSid, bytes: u64) {
        self.outbox.uploading(id, media, bytes);
        if let Some(place) = self.outbox.get(id).and_then(|entry| entry.stored.action.place())
            && self.open_at(place).is_some()
        {
            self.dirty.timeline = true;
        }
    }

    pub(super) fn uploaded(&mut self, id: ClientId, result: Result<(), UploadFailure>, cx: &mut Cx<'_>) {
        let place = self.outbox.get(id).and_then(|entry| entry.stored.action.place());
        match result {
            Ok(()) => {
                self.attempts = 0;
                self.outbox.uploaded(id);
            }
            Err(UploadFailure::Unreached) => self.upload_later(id, &ErrorCode::Unavailable.into(), cx),
            Err(UploadFailure::Refused(error)) if error.code.is_passing() => {
                self.upload_later(id, &error, cx);
            }
            Err(UploadFailure::Refused(error)) => self.upload_failed(id, &refused(error)),
            Err(UploadFailure::Lost(problem)) => self.upload_failed(id, &problem),
        }
        if let Some(place) = place {
            self.changed(place);
        }
    }

    fn upload_later(&mut self, id: ClientId, error: &WireError, cx: &mut Cx<'_>) {
        self.outbox.postpone_upload(id);
        self.send_again_later(error, cx);
    }

    /// It is tried again when the person says so.
    fn upload_failed(&mut self, id: ClientId, problem: &Problem) {
        self.outbox.postpone_upload(id);
        self.outbox.refuse(id, problem);
    }

    fn send_again_later(&mut self, error: &WireError, cx: &mut Cx<'_>) {
        let wanted = retry_after_ms(error).unwrap_or(0);
        let doubled = (FIRST_WAIT_MS << self.attempts.min(16)).min(LONGEST_WAIT_MS);
        self.attempts = self.attempts.saturating_add(1);
        self.out.timer(Timer::Outbox, cx.jittered(doubled).max(wanted));
    }

    /// Forgets what the server has had for long. Only what it says now tells that it still has it, so not without it.
    pub(super) fn forget_old(&mut self) {
        if self.link.is_in_step() {
            self.outbox.grow_older();
            self.outbox.forget_old();
        }
    }

    fn refused_for_good(&mut self, id: ClientId, action: &Action, error: WireError, cx: &mut Cx<'_>) {
        let gone = error.code == ErrorCode::MessageRemoved;
        let forgotten =
            self.outbox.is_replayed(id) && matches!(error.code, ErrorCode::NotFound | ErrorCode::OutOfOrder);
        let there = error.code == ErrorCode::AlreadyParticipant && self.outbox.is_replayed(id);
        let place = action.place().unwrap_or(Key::Made(id));
        match action {
            // What was to be removed is gone already, or was never told again.
            Action::Remove { .. } if gone || forgotten => {
                self.outbox.acknowledge(id, None, cx.now);
            }
            // So is the conversation that was to be deleted.
            Action::Delete { .. } if error.code == ErrorCode::NotFound => self.outbox.forget(id),
            // What was to be ended has ended.
            Action::RevokeInvite { .. } if error.code == ErrorCode::InviteUnknown => {
                self.outbox.acknowledge(id, None, cx.now);
            }
            // It had been done before, and is so again.
            Action::AddParticipant { .. } if there => {
                self.outbox.acknowledge(id, None, cx.now);
            }
            Action::Horizon { .. } => {
                self.outbox.forget(id);
                if let Some(held) = self.book.get_mut(place) {
                    held.tracker.settle();
                    held.stale = true;
                }
                self.touched.insert(place);
            }
            Action::SetDraft { body, .. } => {
                self.outbox.forget(id);
                self.draft_refused(place, body);
            }
            Action::SetSetting { .. } => {
                self.outbox.forget(id);
                self.dirty.settings = true;
                // To a server of before there were settings they are a matter of this computer.
                if error.code != ErrorCode::UnknownMethod {
                    self.say(refused(error));
                }
            }
            // Stuck in its place, or among what has none, until the person says what is to become of it.
            _ => {
                self.outbox.refuse(id, &refused(error));
            }
        }
        self.changed(place);
    }

    /// The time has come for horizons to be written, and sent if there is a connection.
    pub(super) fn horizons_due(&mut self) {
        self.horizons_due_soon = false;
        let online = self.link.is_online();
        self.outbox.release_horizons(online);
    }

    /// Sets the timer for the horizons that wait, also those from before a restart, unless it is set.
    pub(super) fn wait_for_horizons(&mut self) {
        if !self.horizons_due_soon && self.outbox.has_waiting_horizons() {
            self.horizons_due_soon = true;
            self.out.timer(Timer::Horizons, limits::HORIZON_DEBOUNCE_MS);
        }
    }

    /// Moves one's own horizon: shown now, written and sent a little later.
    pub(super) fn move_horizon(&mut self, key: Key, index: Option<u64>, mode: HorizonMode, cx: &mut Cx<'_>) {
        let Some(held) = self.book.get(key) else { return };
        let based_on = held.me.as_ref().map_or(0, |me| me.version);
        let id = cx.client_id();
        self.outbox.wish(key, Wish { index, mode, based_on }, id, cx.now);
        self.wait_for_horizons();
        self.show_wish(key);
        self.withdraw_read(key);
        self.changed(key);
    }

    /// Shows where the horizon is going, when what is unread there can be counted here.
    pub(super) fn show_wish(&mut self, key: Key) {
        let Some(wish) = self.outbox.wished(key) else { return };
        let Some(held) = self.book.get(key) else { return };
        let further = wish.mode == HorizonMode::Set || held.tracker.horizon() < wish.index;
        if !further {
            return;
        }
        if let Some((unread, mentions)) = self.count_above(key, wish.index)
            && let Some(held) = self.book.get_mut(key)
        {
            held.tracker.move_here(wish.index, unread, mentions);
        }
    }

    pub(super) fn show_wishes(&mut self) {
        for key in self.book.keys() {
            self.show_wish(key);
        }
    }

    /// Where no horizon is going any more, the server's counts stand.
    pub(super) fn settle_wishes(&mut self) {
        for key in self.book.keys() {
            let gone = self.outbox.wished(key).is_none();
            let Some(held) = self.book.get_mut(key).filter(|held| gone && held.tracker.is_moved_here())
            else {
                continue;
            };
            held.tracker.settle();
            self.changed(key);
        }
    }

    /// Unread messages above an index as of what the tracker has seen, when they are held.
    fn count_above(&self, key: Key, horizon: Option<u64>) -> Option<(u64, u64)> {
        let held = self.book.get(key)?;
        let newest = held.row.as_ref().and_then(|row| row.last_message).map(|last| last.index);
        if horizon.is_some() && newest <= horizon {
            return Some((0, 0));
        }
        let window = &self.open.as_ref().filter(|open| open.key == key)?.window;
        let reaches_down =
            !window.has_older() || window.first().is_some_and(|first| horizon >= first.checked_sub(1));
        if window.has_newer() || !window.is_known() || !reaches_down {
            return None;
        }
        let seen = held.tracker.seen();
        let unread = window.rows().filter(|message| {
            let above = message.index >= horizon.map_or(held.tracker.since(), |horizon| horizon + 1);
            let live = message.seq <= seen && (!message.removed || message.version > seen);
            above && live && message.author != self.account.identity
        });
        let (mut all, mut mentions) = (0, 0);
        for message in unread {
            all += 1;
            mentions += u64::from(self.mentions_me(message));
        }
        Some((all, mentions))
    }

    /// Writes the drafts that changed.
    pub(super) fn write_drafts(&mut self) {
        for (key, text) in self.drafts.take_unwritten() {
            self.outbox.keep_draft(stored_place(&self.book, key), text.as_deref());
        }
    }

    /// What is made here under an id has got its SID.
    pub(super) fn is_made(&mut self, id: ClientId, sid: ConversationSid) {
        let before = self.book.key_of(Key::Sid(sid));
        let was_there = self.book.get(before).is_some();
        let key = self.book.made(id, sid);
        self.recognised(before, key, was_there);
        self.draft_moved(key);
    }

    /// What was met under one key is the conversation that was made here: all that names it follows, so that it is shown
    /// once. Its events may arrive before the answer does.
    fn recognised(&mut self, before: Key, key: Key, was_there: bool) {
        if before == key {
            return;
        }
        self.outbox.rekey(|place| if place == before { key } else { place });
        self.drafts.moved(before, key);
        // What is shown of the one that was being made is empty, where there was one already.
        if self.open.take_if(|open| open.key == before || (open.key == key && was_there)).is_some() {
            self.open_conversation(Some(key));
        }
        self.dirty.conversations.insert(before);
    }

    /// A conversation has got its SID: its draft is kept under that.
    fn draft_moved(&mut self, key: Key) {
        if let Some(mine) = self.drafts.typed(key) {
            self.outbox.keep_draft(key, None);
            self.outbox.keep_draft(stored_place(&self.book, key), Some(&mine.text));
        }
    }

    pub(super) fn persisted(&mut self, write: u64) {
        self.dirty.timeline |= self.outbox.failing().is_some();
        self.outbox.persisted(write);
    }

    pub(super) fn persist_failed(&mut self, problem: Problem) {
        self.outbox.failed(problem);
        self.dirty.timeline = true;
        self.out.timer(Timer::Persist, PERSIST_MS);
    }

    /// What is not confirmed is asked for again, all of it and in order: writing twice does no harm.
    pub(super) fn persist_again(&mut self) {
        let sid_of = |place| self.book.sid_of(place);
        let draft_of = |place| self.drafts.typed(self.book.key_of(place)).map(|mine| mine.text.clone());
        for (write, writes) in self.outbox.ask_again(sid_of, draft_of) {
            self.out.effects.push(Effect::OutboxWrite { write, writes });
        }
    }
}
