//! One person signed in: the running client, and what its events do to window and desktop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use confab_client::{Account, Client, ClientConfig, ClientEvent, ClientEvents, TokenStore};
use confab_core::view::{Problem, ViewDiff};
use confab_protocol::http::TokenGrant;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::bridge::AppEvent;
use crate::data_dir::DataDir;
use crate::desktop::Desktop;
use crate::notifications::Notifications;
use crate::outlet::Outlet;
use crate::problem;

/// How long a client may take to put away what it holds.
const ENDING: Duration = Duration::from_secs(3);

/// Where a session's events go.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) data: DataDir,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) notifications: Arc<Notifications>,
    pub(crate) desktop: Arc<dyn Desktop>,
}

/// A client that runs.
pub(crate) struct Session {
    client: Client,
    account: Arc<Mutex<Account>>,
    /// Dropping it ends the task below.
    _running: watch::Sender<()>,
    pump: JoinHandle<()>,
}

impl Session {
    /// Stores the account and starts its client, which reads its own databases and nothing else before it comes back.
    pub(crate) async fn start(
        around: Surroundings,
        account: Account,
        tokens: Arc<dyn TokenStore>,
        grant: Option<TokenGrant>,
    ) -> Result<Self, Problem> {
        let directory = around.data.client(account.workspace, account.user);
        around.data.write_account(&account).map_err(|error| problem::unwritable(&directory, &error))?;
        let config = ClientConfig { directory, account: account.clone(), tokens, grant };
        let (client, events) = Client::start(config).await.map_err(|error| error.problem())?;
        let account = Arc::new(Mutex::new(account));
        let (running, ended) = watch::channel(());
        around.outlet.want_picture();
        let pump = Pump { around, client: client.clone(), account: Arc::clone(&account), unread: 0 };
        let pump = tokio::spawn(pump.run(events, ended));
        Ok(Self { client, account, _running: running, pump })
    }

    /// The running client.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Who is signed in where, as last heard of.
    pub(crate) fn account(&self) -> Account {
        self.account.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the client; what it holds is put away.
    pub(crate) async fn shutdown(self) {
        let Self { client, account: _, _running, pump } = self;
        if timeout(ENDING, client.shutdown()).await.is_err() {
            tracing::warn!("the client did not end in time");
        }
        drop(_running);
        drop(pump.await);
    }

    /// Ends the client and this device's sign-in.
    pub(crate) async fn sign_out(self) {
        let Self { client, account: _, _running, pump } = self;
        client.sign_out().await;
        drop(_running);
        drop(pump.await);
    }
}

/// Carries the events of one client to where they belong. Everything that the window sees passes here, in order.
struct Pump {
    around: Surroundings,
    client: Client,
    account: Arc<Mutex<Account>>,
    unread: u64,
}

impl Pump {
    async fn run(mut self, mut events: ClientEvents, mut ended: watch::Receiver<()>) {
        self.show_unread();
        loop {
            tokio::select! {
                () = self.around.outlet.picture_wanted() => {
                    // Taken here, between two changes, so that none is lost and none comes before it.
                    let diffs = self.client.snapshot().await;
                    self.note(&diffs);
                    self.around.outlet.picture(AppEvent::View { diffs });
                }
                event = events.recv() => match event {
                    Some(event) => self.handle(event),
                    None => return,
                },
                _ = ended.changed() => return,
            }
        }
    }

    fn handle(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::View(diffs) => {
                self.note(&diffs);
                self.around.outlet.view(AppEvent::View { diffs });
            }
            ClientEvent::Notify(view) => self.around.notifications.show(view),
            ClientEvent::Withdraw { keys } => self.around.notifications.withdraw(&keys),
            ClientEvent::AccountChanged(account) => self.keep(account),
        }
    }

    /// What the desktop shows of the view.
    fn note(&mut self, diffs: &[ViewDiff]) {
        let total = diffs.iter().rev().find_map(|diff| match diff {
            ViewDiff::UnreadTotal { unread, .. } => Some(*unread),
            _ => None,
        });
        if let Some(unread) = total {
            self.unread = unread;
            self.show_unread();
        }
    }

    fn show_unread(&self) {
        let name = self.account.lock().unwrap_or_else(PoisonError::into_inner).workspace_name.clone();
        self.around.desktop.show_unread(self.unread, Some(&name));
    }

    fn keep(&self, account: Account) {
        if let Err(error) = self.around.data.write_account(&account) {
            tracing::warn!(%error, "cannot store the account");
        }
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = account;
        self.show_unread();
    }
}
