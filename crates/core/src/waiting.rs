//! What the person waits for and what is stored nowhere: an answer that is the point, or a secret.

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
    looks: u64,
}

/// All of them, by the ticket of their command.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    questions: BTreeMap<u64, Question>,
    ticking: bool,
}

impl Waiting {
    pub(crate) fn add(&mut self, ticket: u64, call: Call) {
        self.questions.insert(ticket, Question { call, looks: 0 });
    }

    /// Whether the timer has to be set now.
    pub(crate) fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.ticking, true)
    }

    /// It was answered. False when nobody waits for it any more.
    pub(crate) fn answered(&mut self, ticket: u64) -> bool {
        self.questions.remove(&ticket).is_some()
    }

    /// Everything that has to be asked on a new connection.
    pub(crate) fn questions(&self) -> Vec<(u64, Call)> {
        self.questions.iter().map(|(ticket, question)| (*ticket, question.call.clone())).collect()
    }

    /// Time went by. Answers the tickets of those who have waited long enough, and whether others still wait.
    pub(crate) fn look(&mut self) -> (Vec<u64>, bool) {
        self.questions.values_mut().for_each(|question| question.looks += 1);
        let over = |question: &Question| question.looks >= PATIENCE;
        let tickets =
            self.questions.iter().filter(|(_, question)| over(question)).map(|(ticket, _)| *ticket).collect();
        self.questions.retain(|_, question| !over(question));
        self.ticking = !self.questions.is_empty();
        (tickets, self.ticking)
    }
}
