//! Writes everything that was said in a conversation into a file, one message per line as JSON, from the oldest to the newest.
//! Interrupted and started again, it goes on behind the last whole line.
//!
//! ```text
//! cargo run -p confab-client --example export_history -- DIRECTORY ADDRESS NAME PASSWORD CONVERSATION FILE
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, Write};
use std::path::Path;
use std::process::ExitCode;

use confab_client::sdk::{Client, Config, Conversation, Error, From, Message};
use confab_client::sign_in;
use serde_json::{Value, json};

/// Messages of one page, and of one write.
const PAGE: u32 = 100;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, address, name, password, conversation, file] = &arguments[..] else {
        return said("usage: export_history DIRECTORY ADDRESS NAME PASSWORD CONVERSATION FILE");
    };
    let done = async {
        let signed_in = sign_in(address, name, password, "export").await.map_err(|problem| problem.code)?;
        let client = Client::create(Config::signed_in(directory, signed_in))
            .await
            .map_err(|error| error.to_string())?;
        let sid: confab_client::sdk::ConversationSid =
            conversation.parse().map_err(|error| format!("{conversation} is {error}"))?;
        let conversation = client.conversation(sid).await.map_err(|error| error.to_string())?;
        let done = export(&conversation, Path::new(file), &mut io::stderr()).await;
        client.shutdown().await;
        done.map_err(|error| error.to_string())
    };
    match done.await {
        Ok(_) => ExitCode::SUCCESS,
        Err(why) => said(&why),
    }
}

#[expect(clippy::print_stderr, reason = "a program for the terminal")]
fn said(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}

/// Why an export breaks off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The server, or the way to it.
    #[error(transparent)]
    Client(#[from] Error),
    /// The file.
    #[error("the file cannot be written: {0}")]
    File(#[from] io::Error),
}

/// Exports a conversation, and tells `progress` how far it is. Answers how many messages were added to the file.
///
/// # Errors
/// What was written until then stays, and the next run goes on behind it.
pub(crate) async fn export(
    conversation: &Conversation,
    path: &Path,
    progress: &mut impl Write,
) -> Result<u64, ExportError> {
    let (mut file, next) = open(path)?;
    let (all, mut written) = (conversation.messages_count().await?, 0);
    let mut page = conversation.messages(next.map_or(From::Oldest, From::On), PAGE).await?;
    loop {
        let mut lines = String::new();
        for message in page.items() {
            lines.push_str(&line(message).to_string());
            lines.push('\n');
            written += 1;
        }
        file.write_all(lines.as_bytes())?;
        file.sync_data()?;
        writeln!(progress, "{written} of {all} messages")?;
        if !page.has_next_page() {
            return Ok(written);
        }
        page = page.next_page().await?;
    }
}

/// The file without a torn last line, and the index behind the last whole one.
fn open(path: &Path) -> io::Result<(File, Option<u64>)> {
    let mut file = OpenOptions::new().create(true).read(true).write(true).truncate(false).open(path)?;
    let (mut whole, mut next) = (0, None);
    let mut reader = BufReader::new(&file);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 && line.ends_with('\n') {
        whole += line.len() as u64;
        next = serde_json::from_str::<Value>(&line).ok().and_then(|row| Some(row["index"].as_u64()? + 1));
        line.clear();
    }
    file.set_len(whole)?;
    file.seek(io::SeekFrom::End(0))?;
    Ok((file, next))
}

fn line(message: &Message) -> Value {
    let files = message.attached_media();
    let files =
        files.iter().map(|file| json!({"sid": file.sid(), "name": file.file_name(), "size": file.size()}));
    json!({
        "index": message.index(),
        "sid": message.sid(),
        "author": message.author(),
        "at": message.date_created(),
        "body": message.body(),
        "attributes": message.attributes(),
        "files": files.collect::<Vec<_>>(),
    })
}
