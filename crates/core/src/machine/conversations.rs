//! Conversations of every kind: making, finding, joining, changing and deleting them, and what is shown of that.

use confab_protocol::method::{
    ConversationJoinParams, ConversationPageParams, ConversationParams, UserListParams, UserListResult,
};
use confab_protocol::model::{ConversationState, ConversationSummary, Timers, UserConversation};
use confab_protocol::{Call, ConversationSid, ErrorCode, WireError, limits};

use super::commands::{Given, identity};
use super::{Machine, problem, refused};
use crate::book::Conversation;
use crate::command::{Command, CommandAnswer};
use crate::cx::Cx;
use crate::key::Key;
use crate::kind::{self, ConversationChange, ConversationOptions};
use crate::outbox::Entry;
use crate::people::person;
use crate::stored::Action;
use crate::view::{PersonView, Problem};

/// What a conversation is, as the person wants it now: what is on its way to the server counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) unique_name: Option<String>,
    pub(super) peer: Option<String>,
    pub(super) direct: bool,
    pub(super) public_join: bool,
    pub(super) uber: bool,
    pub(super) state: ConversationState,
    pub(super) timers: Timers,
}

impl Kind {
    fn put(&mut self, change: &ConversationChange) {
        match change {
            ConversationChange::UniqueName(name) => self.unique_name.clone_from(name),
            ConversationChange::PublicJoin(open) => self.public_join = *open,
            ConversationChange::State(state) => self.state = *state,
            ConversationChange::Timers(timers) => self.timers.clone_from(timers),
        }
    }

    /// What an entry of the outbox makes of it.
    fn apply(&mut self, action: &Action) {
        match action {
            Action::Create { unique_name, options, direct_with, .. } => {
                self.unique_name.clone_from(unique_name);
                self.peer.clone_from(direct_with);
                self.direct = direct_with.is_some();
                (self.public_join, self.uber) = (options.public_join, options.uber);
                self.timers.clone_from(&options.timers);
            }
            Action::Configure { change, .. } => self.put(change),
            _ => {}
        }
    }
}

impl Machine {
    pub(super) fn create(
        &mut self,
        name: &str,
        unique_name: Option<String>,
        options: ConversationOptions,
        cx: &mut Cx<'_>,
    ) -> Given {
        let name = super::commands::friendly_name(name)?;
        let unique_name = kind::unique_name(unique_name)?;
        let options = with_people(options)?;
        self.make(Action::Create { name, unique_name, options, direct_with: None }, cx)
    }

    /// The conversation with one other person: the one that there is, or else one that is made now.
    pub(super) fn open_direct(&mut self, whom: &str, cx: &mut Cx<'_>) -> Given {
        let whom = identity(whom)?;
        if same(&whom, &self.account.identity) {
            return Err(refused(WireError::new(ErrorCode::DirectConversation).with("rule", "two_people")));
        }
        let there = self.book.iter().find(|(key, held)| {
            let peer = self.kind(*key, held).peer;
            held.is_joined() && peer.is_some_and(|peer| same(&peer, &whom))
        });
        if let Some((key, _)) = there {
            self.open_conversation(Some(key));
            return Ok(Some(CommandAnswer::Conversation { key: key.to_string() }));
        }
        let (name, options) = (String::new(), ConversationOptions::default());
        self.make(Action::Create { name, unique_name: None, options, direct_with: Some(whom) }, cx)
    }

    fn make(&mut self, making: Action, cx: &mut Cx<'_>) -> Given {
        let id = cx.client_id();
        self.outbox.add(id, making, cx.now);
        let key = self.book.making(id);
        self.open_conversation(Some(key));
        self.changed(key);
        Ok(Some(CommandAnswer::Conversation { key: key.to_string() }))
    }

    pub(super) fn configuring(&self, text: &str, change: ConversationChange) -> Result<Action, Problem> {
        Ok(Action::Configure { place: self.known(text)?, change: change.checked()? })
    }

    /// What is asked of the server while the person waits: the directory, and coming in from there.
    pub(super) fn look_around(&mut self, ticket: u64, command: Command, cx: &mut Cx<'_>) -> Given {
        let call = match command {
            Command::JoinConversation { conversation } => {
                let (client_id, conversation) = (cx.client_id(), sid(&conversation)?);
                Call::ConversationJoin(ConversationJoinParams { client_id, conversation })
            }
            Command::Peek { conversation } => {
                Call::ConversationPeek(ConversationParams { conversation: sid(&conversation)? })
            }
            Command::ListPublic { after } => Call::ConversationListPublic(page_after(after)?),
            Command::ListLeft { after } => Call::ConversationListLeft(page_after(after)?),
            Command::ListPeople { query, after } => Call::UserList(people_after(query, after)?),
            _ => return Ok(Some(CommandAnswer::Done)),
        };
        self.ask_now(ticket, call)
    }

    /// One has come into a conversation: it is opened.
    pub(super) fn joined(&mut self, summary: ConversationSummary, cx: &mut Cx<'_>) -> CommandAnswer {
        let key = self.book.met(summary.me.conversation);
        self.summary(summary, cx);
        self.open_conversation(Some(key));
        CommandAnswer::Conversation { key: key.to_string() }
    }

    /// People as the directory names them. They are not kept: there may be very many.
    pub(super) fn people_page(&self, found: &UserListResult) -> CommandAnswer {
        let there = found.users.iter().filter(|user| !user.deactivated);
        let people = there
            .map(|user| PersonView { presence: self.people.presence_of(&user.identity), ..person(user) });
        CommandAnswer::People { people: people.collect(), next: found.next.map(|user| user.to_string()) }
    }

    /// What a conversation is, as the person wants it now.
    pub(super) fn kind(&self, key: Key, held: &Conversation) -> Kind {
        let mut kind = held.row.as_ref().map_or_else(Kind::default, |row| Kind {
            unique_name: row.unique_name.clone(),
            peer: held.me.as_ref().and_then(|me| me.peer.clone()),
            direct: row.direct,
            public_join: row.public_join,
            uber: row.uber,
            state: row.state,
            timers: row.timers.clone(),
        });
        let made = |action: &Action| matches!(action, Action::Create { .. });
        for entry in self.outbox.entries().filter(|entry| entry.place() == Some(key)) {
            let action = &entry.stored.action;
            // What was made and is not known otherwise, because the cache was lost, is what it was made as.
            if entry.is_live() || (made(action) && held.row.is_none()) {
                kind.apply(action);
            }
        }
        kind
    }

    /// With whom one has a conversation of two.
    pub(super) fn peer(&self, key: Key) -> Option<String> {
        self.book.get(key).and_then(|held| self.kind(key, held).peer)
    }

    /// There is one conversation with somebody at most: the one that is being made with them here is this one. What was
    /// written for it goes on here, in order.
    pub(super) fn meet_pair(&mut self, me: &UserConversation) {
        let Some(peer) = &me.peer else { return };
        let makes = |entry: &&Entry| match &entry.stored.action {
            Action::Create { direct_with: Some(whom), .. } => entry.is_live() && same(whom, peer),
            _ => false,
        };
        let Some(id) = self.outbox.entries().find(makes).map(Entry::id) else { return };
        if self.book.sid_of(Key::Made(id)) != Some(me.conversation) {
            self.is_made(id, me.conversation);
        }
    }

    /// One's leaving, or the deletion for everyone, is on its way.
    pub(super) fn is_going(&self, key: Key) -> bool {
        self.outbox.open_in(key).any(|entry| entry.is_live() && entry.ends(&self.account.identity))
    }

    /// Says that the open conversation is not there any more, unless that was the wish.
    pub(super) fn tell_of_loss(&mut self, key: Key, name: &str) {
        let deleted = self.book.get(key).is_some_and(|held| held.deleted);
        if self.open_at(key).is_some() && !self.is_going(key) {
            let code = if deleted { "conversation_deleted" } else { "no_longer_participant" };
            self.say(problem(code, "name", name));
        }
    }
}

/// Whether two identities name one person, as far as that can be told here.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn with_people(options: ConversationOptions) -> Result<ConversationOptions, Problem> {
    let participants = options.participants.iter().map(|text| identity(text));
    let participants = participants.collect::<Result<Vec<String>, Problem>>()?;
    if participants.len() > limits::INITIAL_PARTICIPANTS {
        let actual = participants.len();
        return Err(refused(WireError::too_large("participants", limits::INITIAL_PARTICIPANTS, actual)));
    }
    Ok(ConversationOptions { participants, ..options })
}

fn sid(text: &str) -> Result<ConversationSid, Problem> {
    text.parse().map_err(|_| problem("not_found", "what", "conversation"))
}

fn page_after(after: Option<String>) -> Result<ConversationPageParams, Problem> {
    let after = after.map(|text| sid(&text)).transpose()?;
    Ok(ConversationPageParams { after, limit: None })
}

fn people_after(query: Option<String>, after: Option<String>) -> Result<UserListParams, Problem> {
    let after = after.map(|text| text.parse().map_err(|_| problem("not_found", "what", "user")));
    let query = query.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(UserListParams { query, after: after.transpose()?, limit: None })
}
