//! Random talk in one conversation, the same for the same seed: what people say, remove, change and read, come and go.

use confab_domain::{Actor, Event, Read as _};
use confab_protocol::method::{HorizonMode, MessageSendParams};
use confab_protocol::model::Message;
use confab_protocol::{Call, ConversationSid};

use crate::world::sent;
use crate::{SeededIds, World};

/// Four people in a conversation.
#[derive(Debug, Clone)]
pub struct Talk {
    /// Where they are.
    pub world: World,
    /// Who they are; the first owns the conversation and never leaves.
    pub people: Vec<Actor>,
    /// What they talk in.
    pub conversation: ConversationSid,
    /// What was said, as it was when it was said.
    pub messages: Vec<Message>,
    dice: SeededIds,
}

impl Talk {
    /// Everybody is in, and nothing was said yet. `uber`: they see only what came while they were in.
    #[must_use]
    pub fn new(seed: u64, uber: bool) -> Self {
        let mut world = World::new(seed);
        let mut people = vec![world.owner.clone()];
        people.extend(["Ana", "Bo", "Cy"].map(|name| world.user(name)));
        let others: Vec<&Actor> = people[1..].iter().collect();
        let owner = &people[0];
        let conversation = if uber { world.uber(owner, &others) } else { world.conversation(owner, &others) };
        Self { world, people, conversation, messages: Vec::new(), dice: SeededIds::new(seed) }
    }

    /// Whether someone is in the conversation now.
    #[must_use]
    pub fn is_in(&self, person: &Actor) -> bool {
        let me = self.world.store.membership(person.user, self.conversation).expect("a look-up");
        me.is_some_and(|me| me.is_joined())
    }

    /// Somebody does something. Gives what it told.
    pub fn step(&mut self) -> Vec<Event> {
        let person = self.one_of_them();
        let owner = self.people[0].clone();
        if !self.is_in(&person) {
            let call = self.world.adding(self.conversation, &person);
            return self.world.events(&owner, &call);
        }
        match self.below(100) {
            0..60 => self.say(&person),
            60..75 => self.change(&owner, true),
            75..85 => self.change(&owner, false),
            85..97 => self.read(&person),
            _ if person.user != owner.user => {
                let call = self.world.removing(self.conversation, &person);
                self.world.events(&owner, &call)
            }
            _ => Vec::new(),
        }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.number() % end as u64).expect("a small number")
    }

    fn one_of_them(&mut self) -> Actor {
        let which = self.below(self.people.len());
        self.people[which].clone()
    }

    fn say(&mut self, person: &Actor) -> Vec<Event> {
        let mentions = vec![self.one_of_them().identity];
        let params = MessageSendParams { mentions, ..self.world.saying(self.conversation, "something") };
        let outcome = self.world.apply(person, &Call::MessageSend(params)).expect("it is said");
        self.messages.push(sent(Ok(outcome.answer)));
        outcome.events
    }

    /// Removes or edits some message, where that is still possible.
    fn change(&mut self, owner: &Actor, remove: bool) -> Vec<Event> {
        if self.messages.is_empty() {
            return Vec::new();
        }
        let which = self.below(self.messages.len());
        let message = self.messages[which].clone();
        let body = format!("changed {}", self.below(1_000));
        let call = if remove { self.world.erasing(&message) } else { self.world.editing(&message, &body) };
        self.world.apply(owner, &call).map(|outcome| outcome.events).unwrap_or_default()
    }

    fn read(&mut self, person: &Actor) -> Vec<Event> {
        let index = Some(self.below(self.messages.len() + 1) as u64).filter(|index| index % 10 != 0);
        let call = self.world.reading(person, self.conversation, index, HorizonMode::Set);
        self.world.events(person, &call)
    }
}
