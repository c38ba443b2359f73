//! A chat in a terminal: shows a conversation as it goes on, and sends each line that is typed. `/names` lists who is in it, `/quit` ends.
//!
//! ```text
//! cargo run -p confab-client --example terminal_chat -- DIRECTORY ADDRESS NAME PASSWORD UNIQUE_NAME
//! ```

use std::process::ExitCode;

use confab_client::sdk::{
    Client, Config, Conversation, ConversationEvent, Error, From, Message, Participant,
};
use confab_client::sign_in;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, stdin, stdout,
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, address, name, password, unique_name] = &arguments[..] else {
        return said("usage: terminal_chat DIRECTORY ADDRESS NAME PASSWORD UNIQUE_NAME");
    };
    let signed_in = match sign_in(address, name, password, "terminal").await {
        Ok(signed_in) => signed_in,
        Err(problem) => return said(&format!("cannot sign in: {}", problem.code)),
    };
    let done = async {
        let client = Client::create(Config::signed_in(directory, signed_in)).await?;
        let conversation = client.conversation_by_unique_name(unique_name).await?;
        chat(&conversation, BufReader::new(stdin()), stdout()).await?;
        client.shutdown().await;
        Ok::<(), ChatError>(())
    };
    match done.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => said(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "a program for the terminal")]
fn said(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}

/// Why a chat ends before it was to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChatError {
    /// The server, or the way to it.
    #[error(transparent)]
    Client(#[from] Error),
    /// The terminal.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
}

/// Shows the last messages and what follows, and sends what is typed, until `/quit` or the end of the input.
///
/// # Errors
/// When the client has ended, or the terminal is gone. That a message was refused is shown, and is no error.
pub(crate) async fn chat(
    conversation: &Conversation,
    input: impl AsyncBufRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> Result<(), ChatError> {
    let mut events = conversation.subscribe();
    for message in conversation.messages(From::Newest, 20).await?.items() {
        show(&mut output, message).await?;
    }
    let mut lines = input.lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line?.as_deref() {
                None | Some("/quit") => return Ok(()),
                Some("/names") => names(conversation, &mut output).await?,
                Some(text) => match send(conversation, text).await {
                    Ok(_) => {}
                    Err(Error::Ended) => return Err(Error::Ended.into()),
                    Err(error) => say(&mut output, &format!("* {error}")).await?,
                },
            },
            event = events.next() => match event.ok_or(Error::Ended)? {
                ConversationEvent::MessageAdded(message) => show(&mut output, &message).await?,
                ConversationEvent::MessageUpdated { message, .. } => {
                    say(&mut output, &format!("* {} was edited", message.index())).await?;
                    show(&mut output, &message).await?;
                }
                ConversationEvent::ParticipantJoined(them) => {
                    say(&mut output, &format!("* {} came in", them.identity())).await?;
                }
                ConversationEvent::ParticipantLeft(them) => {
                    say(&mut output, &format!("* {} left", them.identity())).await?;
                }
                ConversationEvent::TypingStarted(them) => {
                    say(&mut output, &format!("* {} types", them.identity())).await?;
                }
                ConversationEvent::Removed => return Ok(()),
                _ => {}
            },
        }
    }
}

async fn send(conversation: &Conversation, text: &str) -> Result<Message, Error> {
    conversation.send_message(text).await?.await
}

async fn names(conversation: &Conversation, output: &mut (impl AsyncWrite + Unpin)) -> Result<(), ChatError> {
    let all = conversation.participants().await?;
    let names: Vec<String> = all.iter().map(Participant::identity).collect();
    say(output, &format!("* {}", names.join(", "))).await
}

async fn show(output: &mut (impl AsyncWrite + Unpin), message: &Message) -> Result<(), ChatError> {
    let text = format!("{:>4} {}: {}", message.index(), message.author(), message.body().unwrap_or_default());
    say(output, &text).await
}

/// One line. What others wrote may hold control characters, which a terminal would obey.
async fn say(output: &mut (impl AsyncWrite + Unpin), text: &str) -> Result<(), ChatError> {
    let harmless: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    output.write_all(format!("{harmless}\n").as_bytes()).await?;
    output.flush().await?;
    Ok(())
}
