//! What programs ask for: requests as they are, messages by way of the outbox, tokens that they bring.

use confab_protocol::method::TokenRenewParams;
use confab_protocol::{Answer, Call, ClientId, WireError, limits};

use super::{Machine, offline, problem, refused};
use crate::command::CommandAnswer;
use crate::cx::Cx;
use crate::effect::Timer;
use crate::event::AccessToken;
use crate::key::Key;
use crate::link::{Phase, Renewal};
use crate::news::Post;
use crate::requests::Asked;
use crate::stored::{Action, Envelope};
use crate::view::Problem;
use crate::waiting::{self, Asks};

impl Machine {
    /// Asks the server, now or as soon as there is a connection; not for longer than a minute.
    pub(super) fn request(&mut self, ticket: u64, call: Call) {
        if matches!(self.link.phase, Phase::Ending | Phase::Ended | Phase::Denied) {
            return self.out.answered(ticket, None);
        }
        if self.link.is_online() {
            self.ask(call.clone(), Asked::Request { ticket });
        }
        self.wait_for_answer(ticket, call, Asks::Program);
    }

    pub(super) fn wait_for_answer(&mut self, ticket: u64, call: Call, asks: Asks) {
        self.waiting.add(ticket, call, asks);
        if self.waiting.begins() {
            self.out.timer(Timer::Waiting, waiting::TICK_MS);
        }
    }

    /// Everything that has no answer is asked on the new connection, under the same ids.
    pub(super) fn ask_what_waits(&mut self) {
        for (ticket, asks, call) in self.waiting.questions() {
            let asked = match asks {
                Asks::Person => Asked::Command { ticket },
                Asks::Program => Asked::Request { ticket },
            };
            self.ask(call, asked);
        }
    }

    /// What a program was answered is taken over like any other answer.
    pub(super) fn request_answered(
        &mut self,
        ticket: u64,
        answer: Result<Answer, WireError>,
        cx: &mut Cx<'_>,
    ) {
        if self.waiting.answered(ticket).is_none() {
            return;
        }
        if let Ok(answer) = &answer {
            self.learn_from(answer, cx);
        }
        self.out.answered(ticket, Some(answer));
    }

    fn learn_from(&mut self, answer: &Answer, cx: &mut Cx<'_>) {
        match answer {
            Answer::ConversationGet(result)
            | Answer::ConversationCreate(result)
            | Answer::ConversationUpdate(result)
            | Answer::ConversationJoin(result) => self.summary(result.summary.clone(), cx),
            Answer::SetNotificationLevel(result) => self.own_row(result.me.clone()),
            Answer::HorizonSet(result) => self.own_row(result.me.clone()),
            Answer::UserUpdate(result) => self.learn_user(&result.user),
            Answer::UserSetStatus(result) => self.learn_user(&result.user),
            Answer::UserGet(result) => result.users.iter().for_each(|user| self.learn_user(user)),
            Answer::MessageEdit(result) | Answer::MessageRemove(result) => {
                let key = self.book.key_of(Key::Sid(result.message.conversation));
                self.message_as_is(key, &result.message);
            }
            _ => {}
        }
    }

    /// Posts a message of a program.
    pub(super) fn post(&mut self, ticket: u64, post: Post, cx: &mut Cx<'_>) {
        let result = self.post_to_outbox(post, cx).map(|()| CommandAnswer::Done);
        self.out.answer(ticket, result);
    }

    fn post_to_outbox(&mut self, post: Post, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let Post { entry, conversation, body, subject, attributes, files } = post;
        let place = self.book.key_of(Key::Sid(conversation));
        if !self.book.get(place).is_some_and(crate::book::Conversation::is_joined) {
            return Err(problem("not_found", "what", "conversation"));
        }
        if body.len() > limits::BODY_BYTES {
            return Err(refused(WireError::too_large("body", limits::BODY_BYTES, body.len())));
        }
        let files = if files.is_empty() { Vec::new() } else { self.files(files)? };
        let envelope = Envelope { subject, attributes };
        self.outbox.add(entry, Action::Send { place, body, files, envelope, after: None }, cx.now);
        self.await_post(entry);
        self.changed(place);
        Ok(())
    }

    /// Takes a message back that has not been sent.
    pub(super) fn unpost(&mut self, ticket: u64, entry: ClientId) {
        let place = self.outbox.get(entry).and_then(crate::outbox::Entry::place);
        let result = if self.outbox.fold_remove(entry) {
            Ok(CommandAnswer::Done)
        } else {
            Err(problem("too_late", "what", "message"))
        };
        if let Some(place) = place {
            self.changed(place);
        }
        self.out.answer(ticket, result);
    }

    /// A program brings a token. On a live connection the server has to take it; otherwise it is for the next one.
    pub(super) fn token_given(&mut self, ticket: u64, token: AccessToken) {
        let secret = token.secret.clone();
        match self.link.phase {
            Phase::Online(_) => {
                self.link.given = Some(token);
                self.ask(Call::TokenRenew(TokenRenewParams { token: secret }), Asked::Given { ticket });
                return;
            }
            Phase::Ending => return self.out.answer(ticket, Err(offline())),
            _ => (self.link.token, self.link.renewal) = (Some(token), Renewal::Idle),
        }
        if !matches!(self.link.phase, Phase::Dialling | Phase::Greeting(_) | Phase::Idle) {
            self.connect();
        }
        self.out.answer(ticket, Ok(CommandAnswer::Done));
    }

    /// The server took the token, or did not.
    pub(super) fn given_answered(&mut self, ticket: u64, answer: Result<Answer, WireError>) {
        let given = self.link.given.take();
        let result = match answer {
            Ok(Answer::TokenRenew(renewed)) => {
                self.link.renewal = Renewal::Idle;
                self.link.token =
                    given.map(|token| AccessToken { expires_at: renewed.token_expires_at, ..token });
                self.ask_what_waits();
                Ok(CommandAnswer::Done)
            }
            Ok(_) => Err(offline()),
            Err(error) => Err(refused(error)),
        };
        self.out.answer(ticket, result);
    }

    /// The connection broke while the server was asked: the next one greets with the new token.
    pub(super) fn given_abandoned(&mut self, ticket: u64) {
        if let Some(token) = self.link.given.take() {
            (self.link.token, self.link.renewal) = (Some(token), Renewal::Idle);
        }
        self.out.answer(ticket, Ok(CommandAnswer::Done));
    }
}
