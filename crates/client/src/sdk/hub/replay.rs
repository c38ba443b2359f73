//! The last event of each kind, for those who subscribe later and want to know it.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use confab_protocol::{ConversationSid, MessageSid, ParticipantSid, UserSid};

use crate::sdk::Event;

/// Events that are remembered; then the oldest are forgotten.
const REMEMBERED: usize = 4_096;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Everything.
    Client,
    /// One conversation.
    Conversation(ConversationSid),
    /// One participant.
    Participant(ParticipantSid),
    /// One message.
    Message(MessageSid),
    /// One user.
    User(UserSid),
}

/// The last events.
#[derive(Debug, Default)]
pub(super) struct Last {
    /// By when they happened.
    events: BTreeMap<u64, (Scope, Event)>,
    places: std::collections::HashMap<(Scope, Discriminant<Event>), u64>,
    count: u64,
}

impl Last {
    pub(super) fn note(&mut self, event: &Event) {
        for scope in scopes(event) {
            self.count += 1;
            if let Some(before) = self.places.insert((scope, discriminant(event)), self.count) {
                self.events.remove(&before);
            }
            self.events.insert(self.count, (scope, event.clone()));
        }
        while self.events.len() > REMEMBERED {
            let Some((_, (scope, event))) = self.events.pop_first() else { return };
            self.places.remove(&(scope, discriminant(&event)));
        }
    }

    /// Those of one scope, in the order in which they happened.
    pub(super) fn of(&self, scope: Scope) -> Vec<Event> {
        let of = self.events.values().filter(|(about, _)| *about == scope);
        of.map(|(_, event)| event.clone()).collect()
    }
}

/// The client, and whatever the event is about.
fn scopes(event: &Event) -> Vec<Scope> {
    let mut scopes = vec![Scope::Client];
    match event {
        Event::ConversationAdded(conversation)
        | Event::ConversationJoined(conversation)
        | Event::ConversationLeft(conversation)
        | Event::ConversationRemoved(conversation)
        | Event::ConversationUpdated { conversation, .. }
        | Event::Logged { conversation, .. } => scopes.push(Scope::Conversation(conversation.sid())),
        Event::ParticipantJoined(participant)
        | Event::ParticipantLeft(participant)
        | Event::ParticipantUpdated { participant, .. }
        | Event::TypingStarted(participant)
        | Event::TypingEnded(participant) => {
            scopes.push(Scope::Conversation(participant.conversation().sid()));
            scopes.push(Scope::Participant(participant.sid()));
        }
        Event::MessageAdded(message)
        | Event::MessageUpdated { message, .. }
        | Event::MessageRemoved(message) => {
            scopes.push(Scope::Conversation(message.conversation().sid()));
            scopes.push(Scope::Message(message.sid()));
        }
        Event::UserSubscribed(user) | Event::UserUnsubscribed(user) | Event::UserUpdated { user, .. } => {
            scopes.push(Scope::User(user.sid()));
        }
        Event::ConnectionStateChanged(_)
        | Event::ConnectionError(_)
        | Event::Initialized
        | Event::InitFailed(_)
        | Event::TokenAboutToExpire { .. }
        | Event::TokenExpired
        | Event::Missed { .. } => {}
    }
    scopes
}
