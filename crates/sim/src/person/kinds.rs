//! Conversations of every kind: making, finding, joining, changing and deleting them; and files.

use confab_core::command::{Command, FileToSend};
use confab_core::kind::{ConversationChange, ConversationOptions};
use confab_domain::Ids as _;
use confab_protocol::ClientId;
use confab_protocol::model::{ConversationState, Timers};

use super::Person;

impl Person<'_> {
    pub(super) fn create(&mut self) -> Option<Command> {
        if self.rows.len() > 5 {
            return self.open();
        }
        let unique_name = (self.choose(3) == 0).then(|| self.unique_name());
        let options = ConversationOptions {
            public_join: self.choose(3) == 0,
            uber: self.choose(3) == 0,
            participants: if self.choose(3) == 0 { vec![self.somebody()] } else { Vec::new() },
            timers: if self.choose(5) == 0 { self.timers() } else { Timers::default() },
        };
        Some(Command::CreateConversation { name: self.text("conversation"), unique_name, options })
    }

    /// One of few, so that they collide.
    fn unique_name(&mut self) -> String {
        format!("unique-{}", self.choose(3))
    }

    /// As short as they may be, so that they pass within a run.
    fn timers(&mut self) -> Timers {
        let period = |text: &str| Some(text.to_owned());
        Timers { inactive: period("PT1M"), closed: if self.choose(3) == 0 { period("PT2M") } else { None } }
    }

    pub(super) fn open_direct(&mut self) -> Command {
        Command::OpenDirect { identity: self.somebody() }
    }

    pub(super) fn configure(&mut self) -> Option<Command> {
        let conversation = self.row()?.key;
        let change = match self.choose(6) {
            0 => ConversationChange::UniqueName((self.choose(4) > 0).then(|| self.unique_name())),
            1 | 2 => ConversationChange::PublicJoin(self.choose(3) > 0),
            3 | 4 => ConversationChange::State(match self.choose(9) {
                0 => ConversationState::Closed,
                1..5 => ConversationState::Inactive,
                _ => ConversationState::Active,
            }),
            _ => ConversationChange::Timers(self.timers()),
        };
        Some(Command::Configure { conversation, change })
    }

    pub(super) fn delete(&mut self) -> Option<Command> {
        Some(Command::DeleteConversation { conversation: self.row()?.key })
    }

    /// One of the conversations that the person has found.
    fn found(&mut self) -> Option<String> {
        let found = self.world.clients[self.device].directory.clone();
        found.get(self.choose(found.len())).cloned()
    }

    pub(super) fn look_around(&mut self) -> Command {
        match self.choose(4) {
            0 => Command::ListLeft { after: None },
            1 => Command::ListPeople { query: None, after: None },
            2 => match self.found() {
                Some(conversation) => Command::Peek { conversation },
                None => Command::ListPublic { after: None },
            },
            _ => Command::ListPublic { after: None },
        }
    }

    pub(super) fn join(&mut self) -> Command {
        match self.found() {
            Some(conversation) => Command::JoinConversation { conversation },
            None => Command::ListPublic { after: None },
        }
    }

    pub(super) fn send_files(&mut self) -> Option<Command> {
        let Some(conversation) = self.here() else { return self.open() };
        let body = if self.choose(2) == 0 { self.text("message") } else { String::new() };
        let count = 1 + self.choose(2);
        let files = (0..count).map(|_| self.file()).collect();
        Some(Command::SendFiles { conversation, body, files })
    }

    fn file(&mut self) -> FileToSend {
        FileToSend {
            id: ClientId(self.world.rng.uuid()).to_string(),
            name: Some(self.text("file")),
            content_type: "text/plain".to_owned(),
            size: 1 + self.choose(5_000) as u64,
            ..FileToSend::default()
        }
    }
}
