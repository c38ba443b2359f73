//! From what the machine tells to what is known, and to events.

use std::collections::BTreeSet;
use std::sync::Arc;

use confab_core::News;
use confab_protocol::model::{self, MembershipStatus};
use confab_protocol::{Change, ConversationSid, LogEvent};

use super::{Hub, Stage};
use crate::sdk::cells::{ConversationCell, ConversationData, Taken, lock};
use crate::sdk::{Event, Message, reasons};

/// The conversation whose log tells that those have changed who take part in it by other means. Whatever its log tells comes with
/// the conversation as it stands.
fn non_chat_of(news: &News) -> Option<ConversationSid> {
    match news {
        News::Log(event) if reasons::is_of_non_chat(event) => Some(event.conversation),
        _ => None,
    }
}

impl Hub {
    /// Takes what happened, in order.
    pub(crate) fn take(&self, news: Vec<News>) {
        let non_chat: BTreeSet<ConversationSid> = news.iter().filter_map(non_chat_of).collect();
        news.into_iter().for_each(|news| self.take_one(news, &non_chat));
    }

    fn take_one(&self, news: News, non_chat: &BTreeSet<ConversationSid>) {
        match news {
            News::Connection(state) => self.tell_connection(state),
            News::Refused { terminal, problem } => self.refused(terminal, &problem),
            News::InStep(me) => self.in_step(&me),
            News::TokenAboutToExpire { expires_at } => self.tell(Event::TokenAboutToExpire { expires_at }),
            News::TokenExpired => self.tell(Event::TokenExpired),
            News::Void => self.void(),
            News::Conversation { row, me } => {
                let non_chat = non_chat.contains(&row.sid);
                self.stands(ConversationData { row: *row, me: Some(*me) }, non_chat);
            }
            News::Lost { conversation, me } => self.lost(conversation, me.map(|me| *me)),
            News::Log(event) => self.logged(*event),
            News::Roster { conversation, from, to, rows } => self.roster_told(conversation, from, to, &rows),
            News::RosterAt { conversation, version } => self.roster_at(conversation, version),
            News::Typing { conversation, identity, typing } => self.types(conversation, identity, typing),
            News::User(user) => self.profile(&user),
            News::Presence(people) => self.presence(&people),
            News::Setting { key, value } => {
                let mut state = lock(&self.state);
                if value.is_null() {
                    state.settings.remove(&key)
                } else {
                    state.settings.insert(key, value)
                };
            }
            News::Posted { entry, outcome } => {
                let mut state = lock(&self.state);
                state.uploads.remove(&entry);
                // Whoever posted it may not wait for it.
                let _ = state.posts.remove(&entry).map(|post| post.send(outcome));
            }
        }
    }

    fn in_step(&self, me: &model::User) {
        self.profile(me);
        if self.stage.send_replace(Stage::Ready) != Stage::Ready {
            self.tell(Event::Initialized);
        }
        let cells: Vec<_> = lock(&self.state).joined.values().cloned().collect();
        cells.iter().for_each(|cell| self.follow_roster(cell));
    }

    fn void(&self) {
        let cells: Vec<_> = lock(&self.state).joined.values().cloned().collect();
        cells.iter().for_each(|cell| lock(&cell.roster).void());
    }

    /// A conversation that one is in, as it stands.
    fn stands(&self, data: ConversationData, non_chat: bool) {
        let (sid, roster_version) = (data.row.sid, data.row.roster_version);
        let held = lock(&self.state).joined.get(&sid).cloned();
        match held {
            Some(cell) => {
                self.changed(&cell, &data, non_chat);
                self.roster_at(sid, roster_version);
            }
            None => self.came_in(data),
        }
    }

    fn changed(&self, cell: &Arc<ConversationCell>, data: &ConversationData, non_chat: bool) {
        let before = cell.data.replace(data.clone());
        let reasons = reasons::of_conversation(&before, data, non_chat);
        if !reasons.is_empty() {
            let conversation = self.conversation(Arc::clone(cell));
            self.tell(Event::ConversationUpdated { conversation, reasons });
        }
    }

    fn came_in(&self, data: ConversationData) {
        let cell = {
            let mut state = lock(&self.state);
            let cell = state.known_cell(data);
            state.joined.insert(cell.sid, Arc::clone(&cell));
            cell
        };
        self.tell(Event::ConversationAdded(self.conversation(Arc::clone(&cell))));
        self.tell(Event::ConversationJoined(self.conversation(Arc::clone(&cell))));
        if self.is_ready() {
            self.follow_roster(&cell);
        }
    }

    fn lost(&self, sid: ConversationSid, me: Option<model::UserConversation>) {
        let Some(cell) = lock(&self.state).joined.remove(&sid) else { return };
        cell.data.change(|data| match me {
            Some(me) => data.me = Some(me),
            None => data.me.iter_mut().for_each(|me| me.status = MembershipStatus::NotParticipating),
        });
        lock(&cell.roster).void();
        self.tell(Event::ConversationLeft(self.conversation(Arc::clone(&cell))));
        self.tell(Event::ConversationRemoved(self.conversation(cell)));
    }

    fn logged(&self, event: LogEvent) {
        let Some(cell) = lock(&self.state).joined.get(&event.conversation).cloned() else { return };
        let event = Arc::new(event);
        let conversation = self.conversation(Arc::clone(&cell));
        self.tell(Event::Logged { conversation, event: Arc::clone(&event) });
        match &event.change {
            // It may have been removed since.
            Change::MessageAdded(message) if !message.removed => {
                self.tell(Event::MessageAdded(self.message(&cell, message)));
            }
            Change::MessageEdited(message) if !message.removed => {
                let reasons = reasons::of_message(&event.changed);
                self.tell(Event::MessageUpdated { message: self.message(&cell, message), reasons });
            }
            Change::MessageRemoved(message) => {
                self.tell(Event::MessageRemoved(self.message(&cell, message)));
            }
            Change::ParticipantJoined(row) => {
                let participant = self.participant(&cell, row);
                self.tell(Event::ParticipantJoined(participant));
            }
            Change::ParticipantLeft(row) => {
                let participant = self.participant(&cell, row);
                self.tell(Event::ParticipantLeft(participant));
                lock(&cell.roster).sweep();
            }
            // The conversation as it stands tells of these; the others are of a kind that this version does not know.
            Change::ConversationCreated(_)
            | Change::ConversationUpdated(_)
            | Change::ConversationDeleted(_)
            | Change::MessageAdded(_)
            | Change::MessageEdited(_)
            | Change::Unknown { .. } => {}
        }
    }

    /// A handle of a message; whatever other handles there are know what it knows.
    pub(in crate::sdk) fn message(&self, cell: &Arc<ConversationCell>, message: &model::Message) -> Message {
        let (held, _) = cell.message(message);
        Message { hub: self.strong(), conversation: Arc::clone(cell), cell: held }
    }

    pub(in crate::sdk) fn participant(
        &self,
        cell: &Arc<ConversationCell>,
        row: &model::Participant,
    ) -> crate::sdk::Participant {
        let held = match lock(&cell.roster).take(row) {
            Taken::New(held) | Taken::Changed(held, _) | Taken::Known(held) => held,
        };
        self.participant_of(cell, held)
    }
}
