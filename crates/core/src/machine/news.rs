//! Telling programs what happened, and following all logs for their sake.

use std::collections::BTreeMap;

use confab_protocol::method::EventRangeParams;
use confab_protocol::model::{Message, UserConversation};
use confab_protocol::{Call, ClientId, ConversationSid, LogEvent, limits};
use serde_json::Map;

use super::Machine;
use crate::book::Conversation;
use crate::key::Key;
use crate::news::News;
use crate::requests::Asked;
use crate::stored::EntryState;
use crate::view::{ConnectionState, Problem};

/// Ranges of logs on their way at once for the sake of programs.
const RANGES: usize = 8;

/// What is known of the programs that follow.
#[derive(Debug, Default)]
pub(super) struct Follower {
    connection: Option<ConnectionState>,
    /// Messages that were posted and have come to no end, with what came of them.
    posts: BTreeMap<ClientId, Option<Message>>,
    /// Conversations whose rosters and typists are told of.
    rows: Vec<ConversationSid>,
}

impl Machine {
    /// From the start on everything that happens is told as [`News`], and the logs of all conversations are followed: what was
    /// missed while there was no connection is told too. To be called before the first event.
    pub fn follow(&mut self) {
        self.follower = Some(Follower::default());
    }

    pub(super) fn is_followed(&self) -> bool {
        self.follower.is_some()
    }

    pub(super) fn news(&mut self, news: News) {
        if self.follower.is_some() {
            self.out.news.push(news);
        }
    }

    /// Whatever is known from the cache is told at the start.
    pub(super) fn tell_everything(&mut self) {
        if self.follower.is_none() {
            return;
        }
        self.out.news.extend(self.people.users().cloned().map(|user| News::User(Box::new(user))));
        let settings = self.settings_shown().into_iter();
        self.out.news.extend(settings.map(|(key, value)| News::Setting { key, value }));
        let keys = self.book.keys().into_iter();
        let rows: Vec<News> = keys.filter_map(|key| self.standing_news(key)).collect();
        self.out.news.extend(rows);
    }

    /// What has changed with this event, in front of what happened.
    pub(super) fn tell_programs(&mut self) {
        let state = self.link.view().0;
        let Some(follower) = &mut self.follower else { return };
        let is_new = follower.connection.replace(state) != Some(state);
        let mut news: Vec<News> = is_new.then_some(News::Connection(state)).into_iter().collect();
        news.extend(self.out.rows.iter().filter_map(|key| self.standing_news(*key)));
        news.append(&mut self.out.news);
        self.out.news = news;
        self.settle_posts();
    }

    fn standing_news(&self, key: Key) -> Option<News> {
        let held = self.book.get(key).filter(|held| held.left.is_none())?;
        let (row, mut me) = (held.row.clone()?, held.me.clone()?);
        let (unread, mentions) = held.tracker.counts();
        (me.unread.unread, me.unread.mentions, me.unread.at_seq) = (unread, mentions, held.tracker.seen());
        Some(News::Conversation { row: Box::new(row), me: Box::new(me) })
    }

    pub(super) fn lost_news(&mut self, conversation: ConversationSid, me: Option<&UserConversation>) {
        self.news(News::Lost { conversation, me: me.cloned().map(Box::new) });
    }

    /// From where on a log is told: from what was heard of it first.
    pub(super) fn begin_telling(&mut self, key: Key, from: u64) {
        if self.follower.is_some()
            && let Some(held) = self.book.get_mut(key)
        {
            held.told.get_or_insert(from);
        }
    }

    /// An event is told once, when everything before it was.
    pub(super) fn log_news(&mut self, key: Key, event: &LogEvent) {
        let Some(held) =
            self.book.get_mut(key).filter(|held| held.told.map(|told| told + 1) == Some(event.seq))
        else {
            return;
        };
        held.told = Some(event.seq);
        self.news(News::Log(Box::new(event.clone())));
    }

    /// Asks for what programs were not told of a log.
    pub(super) fn mend_news(&mut self, key: Key) {
        let behind = |held: &Conversation| held.told.filter(|told| *told < held.heard);
        let ready =
            |held: &&Conversation| held.is_joined() && held.me.is_some() && !held.ranging && !held.patient;
        let Some(held) = self.book.get(key).filter(ready) else { return };
        let (Some(after), Some(conversation)) = (behind(held), held.sid) else { return };
        if self.book.iter().filter(|(_, row)| row.ranging).count() >= RANGES {
            self.touched.insert(key);
            return;
        }
        let ranging = self
            .ask(Call::EventRange(EventRangeParams { conversation, after, limit: None }), Asked::Range(key));
        if let Some(held) = self.book.get_mut(key) {
            held.ranging = ranging;
        }
    }

    /// A log that is longer than is worth replaying is told from its head on.
    pub(super) fn skip_news(&mut self, key: Key, to: u64) {
        if let Some(held) = self.book.get_mut(key) {
            held.told = held.told.map(|told| told.max(to));
        }
    }

    pub(super) fn await_post(&mut self, entry: ClientId) {
        if let Some(follower) = &mut self.follower {
            follower.posts.insert(entry, None);
        }
    }

    /// A message has come: it may be one that was posted here.
    pub(super) fn note_post(&mut self, message: &Message) {
        if let Some(post) =
            self.follower.as_mut().and_then(|follower| follower.posts.get_mut(&message.client_id))
        {
            *post = Some(message.clone());
        }
    }

    /// Tells what became of messages that were posted here.
    fn settle_posts(&mut self) {
        let Some(follower) = &mut self.follower else { return };
        let outbox = &self.outbox;
        let settled = follower.posts.extract_if(.., |entry, message| {
            message.is_some()
                || outbox
                    .get(*entry)
                    .is_none_or(|held| matches!(held.stored.state, EntryState::Refused { .. }))
        });
        for (entry, message) in settled {
            let problem =
                || outbox.get(entry).and_then(|held| held.problem().cloned()).unwrap_or_else(cancelled);
            let outcome = message.map(Box::new).ok_or_else(problem);
            self.out.news.push(News::Posted { entry, outcome });
        }
    }

    /// Conversations whose rosters and typists programs want to know of: as many as may be, once chosen for as long as one is in
    /// them, those with the latest messages first. None when there are no programs.
    pub(super) fn followed_rows(&mut self) -> Option<Vec<ConversationSid>> {
        let follower = self.follower.as_mut()?;
        let joined = self.book.iter().filter(|(_, held)| held.is_joined());
        let mut joined: Vec<_> = joined
            .filter_map(|(_, held)| {
                let row = held.row.as_ref()?;
                Some((row.last_message.map_or(row.date_created, |last| last.date_created), row.sid))
            })
            .collect();
        follower.rows.retain(|chosen| joined.iter().any(|(_, sid)| sid == chosen));
        if follower.rows.len() < joined.len().min(limits::INTEREST) {
            joined.sort_unstable_by(|one, other| other.cmp(one));
            joined.retain(|(_, sid)| !follower.rows.contains(sid));
            let free = limits::INTEREST - follower.rows.len();
            follower.rows.extend(joined.into_iter().take(free).map(|(_, sid)| sid));
        }
        Some(follower.rows.clone())
    }
}

/// A message was taken back before it was sent.
fn cancelled() -> Problem {
    Problem { code: "cancelled".to_owned(), params: Map::new() }
}
