//! What the person or a program waits for and what is stored nowhere: an answer that is the point, or a secret.

use std::collections::BTreeMap;

use confab_protocol::Call;

/// How often those who wait are looked through, in milliseconds.
pub(crate) const TICK_MS: u64 = 5_000;
/// So many looks does a person wait: a minute.
const PATIENCE: u64 = 12;

/// A question of the person's, as it goes out: always under the same id.
#[derive(Debug)]
struct Question {
    call: Call,
    asks: Asks,
    looks: u64,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The person, by a command.
    Person,
    /// A program.
    Program,
}

/// All of them, by the ticket of their command or request.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    questions: BTreeMap<u64, Question>,
    ticking: bool,
}

impl Waiting {
    pub(crate) fn add(&mut self, ticket: u64, call: Call, asks: Asks) {
        self.questions.insert(ticket, Question { call, asks, looks: 0 });
    }

    /// Whether the timer has to be set now.
    pub(crate) fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.ticking, true)
    }

    /// It was answered. None when nobody waits for it any more.
    pub(crate) fn answered(&mut self, ticket: u64) -> Option<Asks> {
        self.questions.remove(&ticket).map(|question| question.asks)
    }

    /// Everything that has to be asked on a new connection.
    pub(crate) fn questions(&self) -> Vec<(u64, Asks, Call)> {
        let ask = |(ticket, question): (&u64, &Question)| (*ticket, question.asks, question.call.clone());
        self.questions.iter().map(ask).collect()
    }

    /// Nobody is going to answer: the tickets of all who wait.
    pub(crate) fn give_up(&mut self) -> Vec<(u64, Asks)> {
        std::mem::take(&mut self.questions)
            .into_iter()
            .map(|(ticket, question)| (ticket, question.asks))
            .collect()
    }

    /// Time went by. Answers the tickets of those who have waited long enough, and whether others still wait.
    pub(crate) fn look(&mut self) -> (Vec<(u64, Asks)>, bool) {
        self.questions.values_mut().for_each(|question| question.looks += 1);
        let over = |question: &Question| question.looks >= PATIENCE;
        let tickets = self.questions.iter().filter(|(_, question)| over(question));
        let tickets = tickets.map(|(ticket, question)| (*ticket, question.asks)).collect();
        self.questions.retain(|_, question| !over(question));
        self.ticking = !self.questions.is_empty();
        (tickets, self.ticking)
    }
}
