//! A program on a device, beside its window: it sets attributes, which no window can, and holds those that it is told of.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use confab_client::sdk::{Client, Config, ConnectionState, Conversation, Error};
use confab_client::{Account, SignedIn, TokenStore};
use confab_core::view::Problem;
use confab_protocol::ConversationSid;
use serde_json::json;

use crate::notes::{Noted, Notes, Profile};

/// A running program. Clones are handles of the same one.
#[derive(Clone)]
pub(crate) struct Program(Client);

impl Program {
    /// Starts one for an account, in a directory of its own.
    pub(crate) async fn start(
        directory: &Path,
        account: Account,
        tokens: Arc<dyn TokenStore>,
    ) -> Result<Self> {
        Ok(Self(Client::start(Config::returning(directory, account, tokens)).await?))
    }

    /// The same for a sign-in that has just happened.
    pub(crate) async fn begin(
        directory: &Path,
        signed_in: SignedIn,
        tokens: Arc<dyn TokenStore>,
    ) -> Result<Self> {
        Ok(Self(Client::start(Config::signed_in(directory, signed_in).tokens(tokens)).await?))
    }

    /// Sets attributes; as long as there is no connection it waits for one, for a minute at most.
    pub(crate) async fn note(&self, what: Noted, note: u64) -> Result<(), Problem> {
        let attributes = json!({ "note": note });
        let done = async {
            match what {
                Noted::Me => match self.0.user() {
                    Some(me) => me.update_attributes(attributes).await,
                    None => Err(Error::NotFound { what: "user" }),
                },
                Noted::Conversation(sid) => {
                    self.conversation(&sid).await?.update_attributes(attributes).await
                }
                Noted::Participant(sid) => {
                    let conversation = self.conversation(&sid).await?;
                    let me = conversation.participant_by_identity(self.0.identity()).await?;
                    me.update_attributes(attributes).await
                }
            }
        };
        done.await.map_err(problem)
    }

    async fn conversation(&self, sid: &str) -> Result<Conversation, Error> {
        let sid: ConversationSid = sid.parse().map_err(|_| Error::NotFound { what: "conversation" })?;
        self.0.conversation(sid).await
    }

    /// The connection is tested at once.
    pub(crate) fn nudge(&self) {
        self.0.nudge();
    }

    /// What it holds of all its conversations and of these people; a problem while it has no connection.
    pub(crate) async fn held(&self, people: &[String]) -> Result<Notes, Problem> {
        if self.0.connection_state() != ConnectionState::Connected {
            return Err(Problem { code: "offline".to_owned(), params: serde_json::Map::new() });
        }
        self.look(people).await.map_err(problem)
    }

    async fn look(&self, people: &[String]) -> Result<Notes, Error> {
        let mut notes = Notes::default();
        if self.0.subscribed_users().len() < people.len() {
            let people: Vec<&str> = people.iter().map(String::as_str).collect();
            self.0.subscribe_users(&people).await?;
        }
        for user in self.0.subscribed_users() {
            let profile = Profile { name: user.friendly_name(), attributes: user.attributes() };
            notes.people.insert(user.identity(), profile);
        }
        let mut page = self.0.conversations();
        loop {
            for conversation in page.items() {
                let sid = conversation.sid().to_string();
                let there = conversation.participants().await?;
                let of_people = there.iter().map(|one| (one.identity(), one.attributes())).collect();
                notes.participants.insert(sid.clone(), of_people);
                notes.conversations.insert(sid, conversation.attributes());
            }
            if !page.has_next_page() {
                return Ok(notes);
            }
            page = page.next_page().await?;
        }
    }

    /// Ends in good order.
    pub(crate) async fn leave(self) {
        self.0.shutdown().await;
    }
}

/// Why something failed, as a window would be told.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
fn problem(error: Error) -> Problem {
    let code = error.code().map_or_else(|| error.to_string(), |code| code.as_str().to_owned());
    Problem { code, params: serde_json::Map::new() }
}
