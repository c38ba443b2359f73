//! A stock Twilio client and a native one are two people of the same conversation.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow, ensure};
use confab_client::{Client, ClientConfig, ClientEvents, TokenStore, TokenStoreError, join};
use confab_core::command::Command;
use confab_core::view::{ConversationRow, MessageRow, ParticipantRow, Problem, ViewDiff};
use confab_tests::server::Server;
use confab_tests::stock;
use confab_tests::wait::until;
use serde_json::json;

/// Keeps the refresh token as long as the test lasts.
#[derive(Default)]
struct InMemory(Mutex<Option<String>>);

impl InMemory {
    fn put(&self, token: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

impl TokenStore for InMemory {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError> {
        self.put(Some(refresh_token.to_owned()));
        Ok(())
    }

    fn clear(&self) -> Result<(), TokenStoreError> {
        self.put(None);
        Ok(())
    }
}

fn told(Problem { code, .. }: Problem) -> anyhow::Error {
    anyhow!("refused: {code}")
}

/// A native client, and what it shows.
struct Native {
    client: Client,
    /// Read by nobody: what is shown is asked for as a whole.
    _events: ClientEvents,
}

impl Native {
    async fn start(server: &Server, directory: &Path, name: &str) -> Result<Self> {
        let invite = server.invite(&[])?;
        let entered = join(&invite, name, "seven grey herons", "a desk").await.map_err(told)?;
        let (client, events) = Client::start(ClientConfig {
            directory: directory.into(),
            account: entered.account,
            tokens: Arc::new(InMemory::default()),
            grant: Some(entered.grant),
        })
        .await?;
        Ok(Self { client, _events: events })
    }

    async fn wish(&self, command: Command) -> Result<()> {
        self.client.command(command).await.map(drop).map_err(told)
    }

    /// The row of the list that has something.
    async fn row(&self, what: &str, is: impl Fn(&ConversationRow) -> bool) -> Result<ConversationRow> {
        let rows = |diff| match diff {
            ViewDiff::Conversations { upsert, .. } => upsert,
            _ => Vec::new(),
        };
        self.seen(what, rows, is).await
    }

    /// The message of the open conversation that has something.
    async fn message(&self, what: &str, is: impl Fn(&MessageRow) -> bool) -> Result<MessageRow> {
        let rows = |diff| match diff {
            ViewDiff::Timeline { upsert, .. } => upsert,
            _ => Vec::new(),
        };
        self.seen(what, rows, is).await
    }

    /// The participant of the open conversation who has something.
    async fn participant(&self, what: &str, is: impl Fn(&ParticipantRow) -> bool) -> Result<ParticipantRow> {
        let rows = |diff| match diff {
            ViewDiff::Roster { upsert, .. } => upsert,
            _ => Vec::new(),
        };
        self.seen(what, rows, is).await
    }

    async fn seen<T>(
        &self,
        what: &str,
        rows: impl Fn(ViewDiff) -> Vec<T>,
        is: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let look = async || Ok(self.client.snapshot().await.into_iter().flat_map(&rows).find(|row| is(row)));
        until(what, look).await
    }

    /// The native half of `native.mjs`.
    async fn play(&self) -> Result<()> {
        let room = self.row("the conversation", |row| row.name == "Harbour").await?;
        let conversation = room.key;
        self.wish(Command::Open { conversation: Some(conversation.clone()) }).await?;
        let hers = self.message("a stock message", |row| row.body == "from stock").await?;
        ensure!(hers.author == "Ana" && !hers.own);
        self.send(&conversation, "from native").await?;
        self.row("stock typing", |row| row.typing.iter().any(|name| name == "Ana")).await?;
        self.wish(Command::Typing { conversation: conversation.clone() }).await?;
        self.participant("a stock horizon", |row| row.identity == "Ana" && row.last_read_index == Some(1))
            .await?;
        self.wish(Command::Focus { focused: true }).await?;
        self.wish(Command::Read { conversation: conversation.clone(), index: 1 }).await?;
        self.message("a stock edit", |row| row.body == "from stock, changed" && row.edited).await?;
        let own = self.message("what was sent", |row| row.body == "from native" && row.can_edit).await?;
        let (message, body) = (own.key, "from native, changed".to_owned());
        self.wish(Command::Edit { conversation: conversation.clone(), message, body }).await?;
        self.files(&conversation).await?;
        self.send(&conversation, "native is done").await?;
        self.message("the end", |row| row.body == "stock is done").await.map(drop)
    }

    async fn send(&self, conversation: &str, body: &str) -> Result<()> {
        self.wish(Command::Send { conversation: conversation.to_owned(), body: body.to_owned() }).await
    }

    /// Fetches the file of the stock client, and sends one.
    async fn files(&self, conversation: &str) -> Result<()> {
        let with_file = self.message("a stock file", |row| !row.media.is_empty() && !row.own).await?;
        let file = with_file.media.first().context("a file")?;
        ensure!((file.name.as_deref(), file.size) == (Some("stock.txt"), 10), "another file: {file:?}");
        let mut download = self.client.download(file.sid.parse()?, None).await.map_err(told)?;
        let mut bytes = Vec::new();
        while let Some(piece) = download.next().await.map_err(told)? {
            bytes.extend_from_slice(&piece);
        }
        ensure!(bytes == b"from stock");
        let (name, content_type) = (Some("native.txt".to_owned()), "text/plain".to_owned());
        let staged = self.client.stage(name, content_type, &b"from native"[..]).await.map_err(told)?;
        let (conversation, body) = (conversation.to_owned(), "with a file".to_owned());
        self.wish(Command::SendFiles { conversation, body, files: vec![staged] }).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_client_and_a_native_one_chat() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let server = Server::start(&directory.path().join("data"), &directory.path().join("server.log"))?;
    let olga = Native::start(&server, &directory.path().join("olga"), "Olga").await?;
    let nothing_more = json!({});
    let stock = stock::run("client/native.mjs", &server, &nothing_more);
    let (native, stock) = tokio::join!(olga.play(), stock);
    stock.context("the stock client")?;
    native.context("the native client")?;
    olga.client.shutdown().await;
    Ok(())
}
