//! A person at a desk: a client, and what a window would show of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use confab_client::{Account, Client, ClientConfig, ClientEvent, ClientEvents, TokenStore, TokenStoreError};
use confab_core::command::{Command, CommandAnswer};
use confab_core::view::{
    ConnectionState, ConversationRow, MessageRow, NotificationView, ParticipantRow, Problem, SessionView,
    StuckView, ViewDiff,
};
use confab_protocol::Timestamp;
use confab_protocol::http::TokenGrant;
use tokio::sync::watch;
use tokio::time::timeout;

/// Longer than anything that works takes, so that what does not work ends.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A keyring in memory, which can be made to fail.
#[derive(Default)]
pub(crate) struct Keyring {
    pub(crate) token: watch::Sender<Option<String>>,
    pub(crate) broken: AtomicBool,
}

impl Keyring {
    fn working(&self) -> Result<(), TokenStoreError> {
        let broken = self.broken.load(Ordering::SeqCst);
        if broken { Err(TokenStoreError { reason: "broken".into() }) } else { Ok(()) }
    }

    pub(crate) fn held(&self) -> Option<String> {
        self.token.borrow().clone()
    }

    /// Waits until it holds something else.
    pub(crate) async fn changed_from(&self, before: &Option<String>) {
        let mut token = self.token.subscribe();
        let changed = timeout(PATIENCE, token.wait_for(|token| token != before)).await;
        changed.expect("the token did not change").unwrap();
    }
}

impl TokenStore for Keyring {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        self.working()?;
        Ok(self.held())
    }

    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError> {
        self.working()?;
        self.token.send_replace(Some(refresh_token.to_owned()));
        Ok(())
    }

    fn clear(&self) -> Result<(), TokenStoreError> {
        self.working()?;
        self.token.send_replace(None);
        Ok(())
    }
}

/// What a window would show.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) session: Option<SessionView>,
    pub(crate) connection: ConnectionState,
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) conversations: BTreeMap<String, ConversationRow>,
    pub(crate) open: Option<String>,
    pub(crate) timeline: BTreeMap<String, MessageRow>,
    pub(crate) roster: BTreeMap<String, ParticipantRow>,
    pub(crate) unread: u64,
    pub(crate) settings: BTreeMap<String, serde_json::Value>,
    pub(crate) notices: Vec<Problem>,
    pub(crate) stuck: Vec<StuckView>,
    pub(crate) storage: Option<Problem>,
}

impl Shown {
    fn apply(&mut self, diff: ViewDiff) {
        match diff {
            ViewDiff::Reset => *self = Self { notices: std::mem::take(&mut self.notices), ..Self::default() },
            ViewDiff::Session { session } => self.session = session,
            ViewDiff::Connection { state, retry_at } => (self.connection, self.retry_at) = (state, retry_at),
            ViewDiff::Conversations { upsert, removed, .. } => {
                self.conversations.retain(|key, _| !removed.contains(key));
                self.conversations.extend(upsert.into_iter().map(|row| (row.key.clone(), row)));
            }
            ViewDiff::Opened { conversation, .. } => {
                self.open = conversation;
                self.timeline.clear();
                self.roster.clear();
            }
            ViewDiff::Timeline { upsert, removed, reset, .. } => {
                self.timeline.retain(|key, _| !reset && !removed.contains(key));
                self.timeline.extend(upsert.into_iter().map(|row| (row.key.clone(), row)));
            }
            ViewDiff::Roster { upsert, removed, .. } => {
                self.roster.retain(|key, _| !removed.contains(key));
                self.roster.extend(upsert.into_iter().map(|row| (row.sid.clone(), row)));
            }
            ViewDiff::UnreadTotal { unread, .. } => self.unread = unread,
            ViewDiff::Notice { problem } => self.notices.push(problem),
            ViewDiff::Settings { upsert, removed } => {
                removed.iter().for_each(|key| drop(self.settings.remove(key)));
                self.settings.extend(upsert.into_iter().map(|row| (row.key, row.value)));
            }
            ViewDiff::Stuck { entries } => self.stuck = entries,
            ViewDiff::Storage { problem } => self.storage = problem,
            ViewDiff::Rights { .. }
            | ViewDiff::Roles { .. }
            | ViewDiff::People { .. }
            | ViewDiff::OutsidersChanged { .. }
            | ViewDiff::MessageGone { .. } => {}
        }
    }

    pub(crate) fn connected(&self) -> bool {
        self.connection == ConnectionState::Connected
    }

    /// Texts of the open conversation in the order in which they stand.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let mut rows: Vec<&MessageRow> = self.timeline.values().collect();
        rows.sort_by_key(|row| (row.index.is_none(), row.index));
        rows.into_iter().map(|row| row.body.clone()).collect()
    }

    pub(crate) fn message(&self, body: &str) -> Option<&MessageRow> {
        self.timeline.values().find(|row| row.body == body)
    }

    pub(crate) fn conversation(&self, name: &str) -> Option<&ConversationRow> {
        self.conversations.values().find(|row| row.name == name)
    }
}

/// A running client with its window.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) shown: Shown,
    pub(crate) notified: Vec<NotificationView>,
    pub(crate) withdrawn: Vec<String>,
    events: ClientEvents,
}

impl Desk {
    pub(crate) async fn start(
        home: &Path,
        account: &Account,
        keyring: &Arc<Keyring>,
        grant: Option<TokenGrant>,
    ) -> Self {
        let tokens: Arc<dyn TokenStore> = keyring.clone();
        let config = ClientConfig { directory: home.to_owned(), account: account.clone(), tokens, grant };
        let (client, events) = Client::start(config).await.unwrap();
        Self { client, shown: Shown::default(), notified: Vec::new(), withdrawn: Vec::new(), events }
    }

    /// Watches what happens until `look` finds what it wants.
    pub(crate) async fn until<T>(&mut self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let seeing = async {
            loop {
                if let Some(found) = look(self) {
                    return found;
                }
                match self.events.recv().await.expect("the client ended") {
                    ClientEvent::View(diffs) => diffs.into_iter().for_each(|diff| self.shown.apply(diff)),
                    ClientEvent::Notify(notification) => self.notified.push(notification),
                    ClientEvent::Withdraw { keys } => self.withdrawn.extend(keys),
                    ClientEvent::AccountChanged(_) => {}
                }
            }
        };
        let seen = timeout(PATIENCE, seeing).await;
        seen.unwrap_or_else(|_| panic!("{what} did not come; this is shown: {:#?}", self.shown))
    }

    pub(crate) async fn until_shown(&mut self, what: &str, look: impl Fn(&Shown) -> bool) {
        self.until(what, |desk| look(&desk.shown).then_some(())).await;
    }

    /// The window is loaded anew.
    pub(crate) async fn reload(&mut self) {
        let diffs = self.client.snapshot().await;
        diffs.into_iter().for_each(|diff| self.shown.apply(diff));
    }

    pub(crate) async fn ask(&self, command: Command) -> CommandAnswer {
        self.client.command(command).await.unwrap()
    }

    /// Makes a conversation and opens it. Answers its key.
    pub(crate) async fn create(&self, name: &str) -> String {
        let create = Command::create(name, None);
        match self.ask(create).await {
            CommandAnswer::Conversation { key } => key,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn say(&self, conversation: &str, body: &str) {
        self.ask(Command::Send { conversation: conversation.into(), body: body.into() }).await;
    }

    pub(crate) async fn open(&self, conversation: &str) {
        self.ask(Command::Open { conversation: Some(conversation.into()) }).await;
    }
}
