//! A bot: joins by an invite, answers each message that mentions it or stands in a conversation of two, and reads what it answered.
//!
//! ```text
//! cargo run -p confab-client --example echo_bot -- DIRECTORY INVITE NAME PASSWORD
//! ```

use std::path::Path;
use std::process::ExitCode;

use confab_client::sdk::{Client, Config, Error, Event, Message};
use confab_client::{SignedIn, join};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, invite, name, password] = &arguments[..] else {
        return said("usage: echo_bot DIRECTORY INVITE NAME PASSWORD");
    };
    let signed_in = match join(invite, name, password, "echo bot").await {
        Ok(signed_in) => signed_in,
        Err(problem) => return said(&format!("cannot join: {}", problem.code)),
    };
    match run(Path::new(directory), signed_in, usize::MAX).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => said(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "a program for the terminal")]
fn said(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}

/// Answers so many messages.
///
/// # Errors
/// When it is not let in, or the client has ended.
pub(crate) async fn run(directory: &Path, signed_in: SignedIn, answers: usize) -> Result<(), Error> {
    let client = Client::start(Config::signed_in(directory, signed_in)).await?;
    let mut events = client.subscribe();
    client.ready().await?;
    let mut answered = 0;
    while answered < answers {
        match events.next().await.ok_or(Error::Ended)? {
            Event::MessageAdded(message) if is_for(&client, &message) => {
                answer(&message).await?;
                answered += 1;
            }
            _ => {}
        }
    }
    client.shutdown().await;
    Ok(())
}

/// Not one's own, and said to the bot.
fn is_for(client: &Client, message: &Message) -> bool {
    let me = client.identity();
    let called = message.mentions().iter().any(|identity| identity == me);
    message.author() != me && (called || message.conversation().is_direct())
}

async fn answer(message: &Message) -> Result<(), Error> {
    let conversation = message.conversation();
    conversation.typing().await?;
    let text = message.body().unwrap_or_default();
    conversation.send_message(&format!("{} said: {text}", message.author())).await?.await?;
    conversation.advance_last_read_message_index(message.index()).await?;
    Ok(())
}
