//! Being in a conversation: summaries, one's own rows, coming and leaving.

use confab_protocol::model::{
    ConversationSummary, MembershipStatus, Message, NotificationLevel, User, UserConversation,
};
use confab_protocol::{ConversationSid, ErrorCode, WireError};

use super::{Machine, problem};
use crate::cx::Cx;
use crate::key::Key;
use crate::news::News;
use crate::stored::CacheWrite;

impl Machine {
    /// Takes what the server says of a conversation as a whole.
    pub(super) fn summary(&mut self, summary: ConversationSummary, cx: &mut Cx<'_>) {
        let ConversationSummary { conversation, me, last_message } = summary;
        if self.book.went_out_after(me.conversation, me.version) {
            return;
        }
        if me.status == MembershipStatus::Joined {
            self.meet_pair(&me);
        }
        let key = self.book.met(me.conversation);
        let Some(row) = conversation.filter(|_| me.status == MembershipStatus::Joined) else {
            return self.ended(key, me);
        };
        let Some(held) = self.book.get_mut(key) else { return };
        if held.row.is_none() {
            self.outbox.came_back(key);
        }
        let head = row.version;
        (held.listed, held.left) = (true, None);
        // What was read before what was seen since says nothing of it: it is asked for again.
        held.stale &= held.row.as_ref().is_some_and(|old| old.version > head);
        // So is an own row that changed while this was on its way.
        held.stale |= me.version < held.me_heard;
        held.heard = held.heard.max(head);
        let known = held.me.is_some();
        let before = held.last.as_ref().map(|last| last.index);
        if held.row.as_ref().is_none_or(|old| old.version <= head) {
            let last = std::mem::replace(&mut held.last, last_message.clone());
            let stands = |old: &Message| last_message.as_ref().is_some_and(|new| new.sid == old.sid);
            if let Some(old) = last.filter(|old| !stands(old)) {
                let conversation = old.conversation;
                self.out.cache.push(CacheWrite::ForgetMessage { conversation, message: old.sid });
            }
            held.row = Some(row);
        }
        held.tracker.restate(me.unread, me.version, head);
        if held.me.as_ref().is_none_or(|old| old.version <= me.version) {
            held.me = Some(me);
        }
        self.begin_telling(key, head);
        self.show_wish(key);
        if let Some(peer) = self.peer(key) {
            self.people.meet(&peer, 0);
        }
        if let Some(last) = last_message {
            self.people.meet(&last.author, 0);
            if known && before < Some(last.index) {
                self.tell_late(key, &last, cx.now);
            }
        }
        self.withdraw_read(key);
        self.learned(key);
    }

    /// The answer to a question for one conversation.
    pub(super) fn got(&mut self, sid: ConversationSid, summary: ConversationSummary, cx: &mut Cx<'_>) {
        let key = self.book.met(sid);
        let Some(held) = self.book.get_mut(key) else { return };
        if !std::mem::take(&mut held.getting) {
            // It was lost since it was asked for, and the answer may have been read before that.
            self.touched.insert(key);
            return;
        }
        self.summary(summary, cx);
        let old = |held: &&mut crate::book::Conversation| held.stale || held.tracker.seen() < held.heard;
        if let Some(held) = self.book.get_mut(key).filter(old) {
            // More happened meanwhile, or the server contradicts itself: no reason to ask without a pause.
            held.patient = true;
            self.refetch_later();
        }
    }

    /// `heard`: the newest version of the own row that had been heard of when it was asked.
    pub(super) fn get_refused(&mut self, sid: ConversationSid, heard: u64, error: &WireError) {
        let key = self.book.met(sid);
        let Some(held) = self.book.get_mut(key) else { return };
        held.getting = false;
        match error.code {
            // One has come in since that was read.
            ErrorCode::NotFound | ErrorCode::Forbidden if held.me_heard > heard => {
                self.touched.insert(key);
            }
            ErrorCode::NotFound | ErrorCode::Forbidden => self.lose(key, None),
            _ => self.refetch_later(),
        }
    }

    /// Takes one's own row as it stands.
    pub(super) fn own_row(&mut self, me: UserConversation) {
        let key = self.book.met(me.conversation);
        if me.status != MembershipStatus::Joined {
            return self.ended(key, me);
        }
        let Some(held) = self.book.get_mut(key) else { return };
        if held.left.take().is_some() {
            // Back again: whatever was known is as good as nothing.
            held.void();
        }
        held.heard = held.heard.max(me.unread.at_seq).max(1);
        held.me_heard = held.me_heard.max(me.version);
        self.touched.insert(key);
        if held.me.is_none() {
            // Only a summary says enough to begin with.
            return;
        }
        held.tracker.rebase(me.unread, me.version);
        if held.me.as_ref().is_some_and(|old| old.version < me.version) {
            held.me = Some(me);
        }
        self.show_wish(key);
        self.withdraw_read(key);
        self.learned(key);
    }

    /// The own row says that one is no longer in a conversation. One that was read before one came in again says nothing.
    fn ended(&mut self, key: Key, me: UserConversation) {
        let Some(held) = self.book.get_mut(key) else { return };
        let known = held.me.as_ref().map_or(0, |known| known.version).max(held.me_heard);
        if me.version < known {
            held.stale = true;
            self.touched.insert(key);
            return;
        }
        if !self.link.is_in_step() {
            // What is on its way may have been read before.
            self.book.is_out_since(me.conversation, me.version);
        }
        self.lose(key, Some(me));
    }

    /// One is no longer in a conversation: the local copy goes. Own drafts and what was not sent stay, stuck.
    pub(super) fn lose(&mut self, key: Key, me: Option<UserConversation>) {
        let Some(sid) = self.book.sid_of(key) else { return };
        self.lost_news(sid, me.as_ref());
        self.out.cache.push(CacheWrite::DropConversation { conversation: sid });
        let name = self.name_of(key);
        self.tell_of_loss(key, &name);
        self.outbox.forget_acknowledged_in(key);
        self.outbox.forget_leaving(key, &self.account.identity);
        self.outbox.refuse_all_in(key, &problem("not_found", "what", "conversation"));
        self.withdraw_all(key);
        self.typing.forget(key);
        self.drop_attached(key);
        let left_name = me.as_ref().and_then(|me| me.left_name.clone()).unwrap_or(name);
        self.drafts.send_again(key);
        let written = self.outbox.open_in(key).any(|entry| entry.row().is_some());
        let leftovers = written || !self.drafts.text(key).is_empty();
        if !leftovers {
            return self.drop_row(key);
        }
        if let Some(held) = self.book.get_mut(key) {
            held.void();
            (held.me, held.left, held.listed) = (me, Some(left_name), true);
        }
        if let Some(open) = self.open_at(key) {
            open.window.clear();
            (open.roster, open.jumped) = (None, true);
        }
        self.learned(key);
    }

    /// What was left over of a conversation is gone too: so is its row.
    pub(super) fn drop_if_empty(&mut self, key: Key) {
        let left = self.book.get(key).is_some_and(crate::book::Conversation::is_left);
        let unmade = self.book.get(key).is_some_and(|row| row.sid.is_none());
        // What is stuck is shown with the name of its place, and may be tried again there.
        let waits = self.outbox.open_in(key).any(|entry| entry.row().is_some() || entry.problem().is_some());
        let written = !self.drafts.text(key).is_empty() || !self.attached.of(key).is_empty();
        if waits || written || !(left || unmade) {
            return;
        }
        if let Key::Made(id) = key
            && unmade
            && self.outbox.get(id).is_some()
        {
            return;
        }
        if let Some(sid) = self.book.sid_of(key) {
            self.out.cache.push(CacheWrite::DropConversation { conversation: sid });
        }
        self.drop_row(key);
    }

    /// Nothing is held of a conversation any more. Should it be met again, it is one like any other, wherever it was made.
    fn drop_row(&mut self, key: Key) {
        let met = Key::Sid(self.book.name_of(key));
        self.book.remove(key);
        self.drop_attached(key);
        if let Key::Made(id) = key
            && self.outbox.get(id).is_none()
        {
            self.outbox.rekey(|place| if place == key { met } else { place });
        }
        self.close_if(key);
        self.dirty.conversations.insert(key);
    }

    fn close_if(&mut self, key: Key) {
        if self.open_at(key).is_some() {
            self.open = None;
            self.shown.open(None);
        }
    }

    /// Takes a profile.
    pub(super) fn learn_user(&mut self, user: &User) {
        if user.identity == self.account.identity {
            let newer = self.account.me.as_ref().is_none_or(|me| me.version <= user.version);
            if newer {
                self.account.me = Some(user.clone());
            }
        }
        if self.people.learn(user) {
            self.news(News::User(Box::new(user.clone())));
            self.out.cache.push(CacheWrite::User(Box::new(user.clone())));
            self.renamed(&user.identity);
        }
    }

    /// A person is shown by another name: wherever that is.
    fn renamed(&mut self, identity: &str) {
        self.dirty.people.insert(identity.to_owned());
        (self.dirty.timeline, self.dirty.roster) = (true, true);
        for (key, row) in self.book.iter() {
            let author = row.last.as_ref().is_some_and(|last| last.author == identity);
            let peer = row.me.as_ref().is_some_and(|me| me.peer.as_deref() == Some(identity));
            if author || peer || self.typing.typists(key).any(|typist| typist == identity) {
                self.dirty.conversations.insert(key);
            }
        }
    }

    /// Whether a conversation may notify, as the person wants it now.
    pub(super) fn level(&self, key: Key) -> NotificationLevel {
        let wished = self.outbox.open_in(key).rev().find_map(|entry| match &entry.stored.action {
            crate::stored::Action::SetLevel { level, .. } if entry.is_live() => Some(*level),
            _ => None,
        });
        let held = || self.book.get(key)?.me.as_ref().map(|me| me.notification_level);
        wished.or_else(held).unwrap_or_default()
    }
}
