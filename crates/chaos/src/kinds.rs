//! Kinds of conversations: private, public, "uber" and of two people. How they are made, found, joined and changed, and as what
//! they are shown.

use confab_core::command::{Command, CommandAnswer};
use confab_core::kind::{ConversationChange, ConversationOptions};
use confab_core::view::ConversationRow;
use confab_protocol::model::ConversationState;
use fastrand::Rng;

/// What a conversation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) unique_name: Option<String>,
    pub(crate) state: ConversationState,
    pub(crate) public_join: bool,
    pub(crate) uber: bool,
    /// The other one, in a conversation of two.
    pub(crate) peer: Option<String>,
}

/// A state as the server's database has it.
pub(crate) fn state(code: i64) -> ConversationState {
    match code {
        1 => ConversationState::Active,
        2 => ConversationState::Inactive,
        3 => ConversationState::Closed,
        _ => ConversationState::Unknown,
    }
}

/// As what a row shows it.
pub(crate) fn shown(row: &ConversationRow) -> Kind {
    Kind {
        unique_name: row.unique_name.clone(),
        state: row.state,
        public_join: row.public_join,
        uber: row.uber,
        peer: row.peer.clone(),
    }
}

/// Makes one of any kind, or opens the one with somebody.
pub(crate) fn create(person: &str, people: &[String], rng: &mut Rng) -> Command {
    let number = rng.u16(..);
    let unique_name = (rng.u8(..4) == 0).then(|| format!("unique-{}", rng.u8(..20)));
    let somebody = people[rng.usize(..people.len())].clone();
    let kind = rng.u8(..10);
    if kind < 2 {
        return Command::OpenDirect { identity: somebody };
    }
    let options = ConversationOptions {
        public_join: matches!(kind, 2..5),
        uber: matches!(kind, 4..7),
        participants: if rng.bool() { vec![somebody] } else { Vec::new() },
        ..ConversationOptions::default()
    };
    Command::CreateConversation { name: format!("{person}'s {number}"), unique_name, options }
}

/// Changes what a conversation is; seldom in a way that ends all writing in it.
pub(crate) fn configure(conversation: String, rng: &mut Rng) -> Command {
    let change = match rng.u8(..12) {
        0..4 => ConversationChange::PublicJoin(rng.bool()),
        4..7 => ConversationChange::UniqueName((rng.u8(..3) > 0).then(|| format!("unique-{}", rng.u8(..20)))),
        7..9 => ConversationChange::State(ConversationState::Inactive),
        9..11 => ConversationChange::State(ConversationState::Active),
        _ => ConversationChange::State(ConversationState::Closed),
    };
    Command::Configure { conversation, change }
}

/// What a person has seen of the directory.
#[derive(Debug, Default)]
pub(crate) struct Directory(Vec<String>);

impl Directory {
    /// Looks it up, or joins what stood in it.
    pub(crate) fn use_it(&mut self, rng: &mut Rng) -> Command {
        match self.0.pop() {
            Some(conversation) if rng.u8(..4) > 0 => Command::JoinConversation { conversation },
            _ => Command::ListPublic { after: None },
        }
    }

    /// What it said.
    pub(crate) fn learn(&mut self, answer: &CommandAnswer, rng: &mut Rng) {
        if let CommandAnswer::Directory { conversations, .. } = answer {
            self.0 = conversations.iter().map(|one| one.sid.clone()).collect();
            rng.shuffle(&mut self.0);
        }
    }
}

/// Whether the answer to a command may take as long as there is no connection: nobody is to wait for it meanwhile.
pub(crate) fn takes_long(command: &Command) -> bool {
    matches!(command, Command::JoinConversation { .. } | Command::ListPublic { .. })
}
