//! The way to the server: over the client's own connection, with a bound on how long it may take.

use std::time::Duration;

use confab_core::Post;
use confab_core::command::{Command, CommandAnswer};
use confab_core::view::Problem;
use confab_protocol::{Answer, Call, ClientId, ErrorCode, WireError};
use tokio::sync::oneshot;

use super::Hub;
use crate::actor::Wish;
use crate::media::Way;
use crate::sdk::Error;

/// How often something is asked that is refused for now.
const TRIES: u32 = 5;
/// The wait before the second time, when the server names none; then twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait that is taken from the server.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Asks the server one thing, and reads the answer that belongs to it.
macro_rules! ask {
    ($hub:expr, $method:ident($params:expr)) => {
        match $hub.request(confab_protocol::Call::$method($params)).await {
            Ok(confab_protocol::Answer::$method(result)) => Ok(result),
            Ok(_) => Err($crate::sdk::Error::BadAnswer),
            Err(error) => Err(error),
        }
    };
}
pub(in crate::sdk) use ask;

impl Hub {
    /// Asks the server. What is refused for now is asked again a few times, under the same id.
    pub(in crate::sdk) async fn request(&self, call: Call) -> Result<Answer, Error> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match self.request_once(call.clone()).await {
                Err(Error::Refused(error)) if may_pass_soon(&error) => {
                    tokio::time::sleep(told_wait(&error).unwrap_or(wait)).await;
                    wait *= 2;
                }
                outcome => return outcome,
            }
        }
        self.request_once(call).await
    }

    async fn request_once(&self, call: Call) -> Result<Answer, Error> {
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::Request { call: Box::new(call), answer }).await?;
        match answered.await {
            Ok(Some(outcome)) => Ok((*outcome)?),
            Ok(None) if self.is_denied() => Err(Error::Ended),
            Ok(None) => Err(Error::TimedOut),
            Err(_) => Err(Error::Ended),
        }
    }

    fn is_denied(&self) -> bool {
        use confab_core::view::ConnectionState as State;
        matches!(self.connection(), State::Denied | State::Disconnecting | State::Disconnected)
    }

    /// Something that the machine does by itself.
    pub(in crate::sdk) async fn command(&self, command: Command) -> Result<(), Error> {
        self.told(|answer| Wish::Command { command, answer }).await
    }

    pub(in crate::sdk) async fn post(&self, post: Post) -> Result<(), Error> {
        self.told(|answer| Wish::Post { post: Box::new(post), answer }).await
    }

    pub(in crate::sdk) async fn unpost(&self, entry: ClientId) -> Result<(), Error> {
        self.told(|answer| Wish::Unpost { entry, answer }).await
    }

    pub(in crate::sdk) async fn token(&self, token: String) -> Result<(), Error> {
        self.told(|answer| Wish::Token { token, answer }).await
    }

    /// The way to files.
    pub(in crate::sdk) async fn way(&self) -> Result<Way, Error> {
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::Way { answer }).await?;
        answered.await.map_err(|_| Error::Ended)
    }

    async fn told(
        &self,
        wish: impl FnOnce(oneshot::Sender<Result<CommandAnswer, Problem>>) -> Wish,
    ) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        self.wish(wish(answer)).await?;
        answered.await.map_err(|_| Error::Ended)??;
        Ok(())
    }

    async fn wish(&self, wish: Wish) -> Result<(), Error> {
        let inbox = self.inbox.upgrade().ok_or(Error::Ended)?;
        inbox.send(wish).await.map_err(|_| Error::Ended)
    }
}

fn may_pass_soon(error: &WireError) -> bool {
    matches!(error.code, ErrorCode::RateLimited | ErrorCode::Unavailable)
}

fn told_wait(error: &WireError) -> Option<Duration> {
    let millis = error.params.get("retry_after_ms").and_then(serde_json::Value::as_u64)?;
    Some(Duration::from_millis(millis).min(LONGEST_WAIT))
}
