//! What programs ask of the actor.

use confab_core::command::CommandAnswer;
use confab_core::view::Problem;
use confab_core::{AccessToken, Event, Post};
use confab_protocol::{Answer, Call, ClientId, Timestamp, WireError};
use tokio::sync::oneshot;

use super::Actor;

/// What the server said; nothing when it could not be asked.
pub(crate) type Outcome = Option<Box<Result<Answer, WireError>>>;

/// Who waits for what came of a wish.
type Waiting = oneshot::Sender<Result<CommandAnswer, Problem>>;

impl Actor {
    pub(super) async fn request(&mut self, call: Box<Call>, answer: oneshot::Sender<Outcome>) {
        let ticket = self.ticket();
        self.requests.insert(ticket, answer);
        self.feed(Event::Request { ticket, call }).await;
    }

    pub(super) async fn post(&mut self, post: Box<Post>, answer: Waiting) {
        let ticket = self.wait(answer);
        self.feed(Event::Post { ticket, post }).await;
    }

    pub(super) async fn unpost(&mut self, entry: ClientId, answer: Waiting) {
        let ticket = self.wait(answer);
        self.feed(Event::Unpost { ticket, entry }).await;
    }

    /// The same token again changes nothing.
    pub(super) async fn token_given(&mut self, token: String, answer: Waiting) {
        if self.access.as_ref() == Some(&token) {
            // Whoever asked may have gone away.
            let _ = answer.send(Ok(CommandAnswer::Done));
            return;
        }
        let ticket = self.wait(answer);
        self.given = Some((ticket, token.clone()));
        // When it ends is the server's word.
        let token = AccessToken { secret: token, expires_at: Timestamp::default() };
        self.feed(Event::TokenGiven { ticket, token }).await;
    }

    /// The server has taken a token, or it is for the next connection: files are fetched with it too.
    pub(super) fn note_given(&mut self, ticket: u64, taken: bool) {
        if let Some((_, token)) = self.given.take_if(|(given, _)| *given == ticket)
            && taken
        {
            self.access = Some(token);
        }
    }

    pub(super) fn answered(&mut self, ticket: u64, result: Outcome) {
        // Whoever asked may have gone away.
        let _ = self.requests.remove(&ticket).map(|answer| answer.send(result));
    }

    fn wait(&mut self, answer: Waiting) -> u64 {
        let ticket = self.ticket();
        self.answers.insert(ticket, answer);
        ticket
    }

    pub(super) fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}
