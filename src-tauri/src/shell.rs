//! The state of the app: who is signed in, whether this computer serves a workspace, and the way from one to another.

mod accounts;
mod files;
mod hosting;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use confab_client::Client;
use confab_core::command::{Command, CommandAnswer};
use confab_core::view::Problem;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

pub(crate) use self::hosting::NewWorkspace;

use crate::bridge::{AppEvent, AppInfo, Hosting};
use crate::data_dir::DataDir;
use crate::desktop::Desktop;
use crate::host::Host;
use crate::incoming::Incoming;
use crate::notifications::Notifications;
use crate::outlet::{Outlet, Sink};
use crate::problem;
use crate::saves::Saves;
use crate::session::{Session, Surroundings};
use crate::settings::Settings;
use crate::tokens::keyring::Keyring;
#[cfg(target_os = "linux")]
use crate::waking;

/// How long the app may take to end; what is not done by then is lost to nothing: databases survive it.
const ENDING: Duration = Duration::from_secs(10);

/// What the shell is made of.
pub(crate) struct Parts {
    pub(crate) data: DataDir,
    pub(crate) settings: Settings,
    /// Why the data directory cannot be used; everything that would write there answers this.
    pub(crate) unusable: Option<Problem>,
    pub(crate) keyring: Arc<dyn Keyring>,
    pub(crate) desktop: Arc<dyn Desktop>,
    /// The picture in notifications.
    pub(crate) icon: Option<PathBuf>,
    /// Where files are saved; none where there is no such place.
    pub(crate) downloads: Option<PathBuf>,
}

/// The app.
pub(crate) struct Shell {
    settings: Settings,
    unusable: Option<Problem>,
    keyring: Arc<dyn Keyring>,
    around: Surroundings,
    /// Held for as long as someone signs in or out, or the server starts or stops: one such step at a time.
    stage: Mutex<Stage>,
    /// The running client, for those who need no more than that.
    client: RwLock<Option<Client>>,
    hosting: RwLock<Option<Hosting>>,
    incoming: Incoming,
    saves: Arc<Saves>,
    /// Whether the last session has been taken up again, or there was none.
    booted: watch::Sender<bool>,
}

#[derive(Default)]
struct Stage {
    host: Option<Host>,
    session: Option<Session>,
}

impl Shell {
    /// Must be called within the runtime.
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let Parts { data, settings, unusable, keyring, desktop, icon, downloads } = parts;
        let outlet = Arc::new(Outlet::default());
        Arc::new_cyclic(|shell: &Weak<Self>| {
            let shell = Weak::clone(shell);
            let clicked = Arc::new(move |conversation| {
                if let Some(shell) = shell.upgrade() {
                    shell.open_conversation(conversation);
                }
            });
            let notifications = Arc::new(Notifications::new(icon, clicked));
            Self {
                settings,
                unusable,
                keyring,
                saves: Arc::new(Saves::new(Arc::clone(&outlet), downloads)),
                incoming: Incoming::default(),
                around: Surroundings { data, outlet, notifications, desktop },
                stage: Mutex::default(),
                client: RwLock::default(),
                hosting: RwLock::default(),
                booted: watch::Sender::new(false),
            }
        })
    }

    /// Takes up where the last start ended: the client from its own databases first, then the server.
    pub(crate) async fn boot(self: Arc<Self>) {
        if let Some(problem) = &self.unusable {
            self.notice(problem.clone(), true);
            self.booted.send_replace(true);
            return;
        }
        #[cfg(target_os = "linux")]
        self.hear_of_waking();
        let resumed = self.resume_session(&mut *self.stage.lock().await).await;
        self.booted.send_replace(true);
        if let Err(problem) = resumed {
            self.notice(problem, true);
        }
        self.serve_again().await;
    }

    /// Makes `sink` the window's stream. The whole picture is its first view.
    pub(crate) async fn subscribe(&self, sink: Sink) -> AppInfo {
        // What is cached is there in milliseconds; without it the window would show its welcome for a moment.
        drop(self.booted.subscribe().wait_for(|booted| *booted).await);
        self.incoming.give_up_all();
        self.around.outlet.attach(sink);
        AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: std::env::consts::OS.to_owned(),
            settings: self.settings.get().choices,
            hosting: self.hosting.read().unwrap_or_else(PoisonError::into_inner).clone(),
            signed_in: self.client().is_some(),
            saves: self.saves.all(),
        }
    }

    /// Passes a wish on to the client.
    pub(crate) async fn dispatch(&self, command: Command) -> Result<CommandAnswer, Problem> {
        let client = self.client().ok_or_else(|| problem::local(problem::NOT_SIGNED_IN))?;
        client.command(command).await
    }

    /// Shows the window, and what a link asks for.
    pub(crate) fn show(&self, link: Option<String>) {
        self.around.desktop.raise();
        if let Some(link) = link {
            self.open_link(link);
        }
    }

    /// Hands a link to the window.
    pub(crate) fn open_link(&self, link: String) {
        self.around.outlet.say(AppEvent::JoinLink { link });
    }

    /// What is remembered.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether anything may be written.
    pub(crate) fn usable(&self) -> Result<(), Problem> {
        self.unusable.clone().map_or(Ok(()), Err)
    }

    /// Ends client and server in bounded time.
    pub(crate) async fn shutdown(&self) {
        self.around.notifications.withdraw_all();
        let end = async {
            let mut stage = self.stage.lock().await;
            self.set_client(None);
            if let Some(session) = stage.session.take() {
                session.shutdown().await;
            }
            if let Some(host) = stage.host.take() {
                host.shutdown().await;
            }
        };
        if timeout(ENDING, end).await.is_err() {
            tracing::warn!("the app ends before everything was put away");
        }
    }

    /// A connection may have died while the computer slept, and one that failed may succeed now.
    #[cfg(target_os = "linux")]
    fn hear_of_waking(self: &Arc<Self>) {
        let shell = Arc::downgrade(self);
        tokio::spawn(waking::listen(move || {
            if let Some(client) = shell.upgrade().and_then(|shell| shell.client()) {
                client.nudge();
            }
        }));
    }

    fn open_conversation(self: Arc<Self>, conversation: String) {
        self.around.desktop.raise();
        tokio::spawn(async move {
            if let Err(problem) = self.dispatch(Command::Open { conversation: Some(conversation) }).await {
                self.notice(problem, false);
            }
        });
    }

    fn notice(&self, problem: Problem, sticky: bool) {
        self.around.outlet.say(AppEvent::Notice { problem, sticky });
    }

    fn client(&self) -> Option<Client> {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_client(&self, client: Option<Client>) {
        // What the one before was saving it cannot go on with.
        self.saves.forget_all();
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
    }

    /// Tells the window what this computer serves now.
    fn announce(&self, stage: &Stage) {
        let hosting = stage.host.as_ref().map(Host::shown);
        *self.hosting.write().unwrap_or_else(PoisonError::into_inner) = hosting.clone();
        self.around.outlet.say(AppEvent::Hosting { hosting });
    }
}
