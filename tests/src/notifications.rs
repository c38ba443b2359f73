//! The desktop's notification service, played by the test: it records what is shown and can click on it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, OwnedVariant, connection, interface};

use crate::wait;

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// A notification as the desktop would show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The number by which it is clicked and closed.
    pub id: u32,
    /// Its first line.
    pub summary: String,
    /// Its text.
    pub body: String,
    /// Keys of its actions.
    pub actions: Vec<String>,
    /// Withdrawn by the app.
    pub closed: bool,
}

/// The service. It is gone from the bus when dropped.
#[derive(Debug)]
pub struct Notifications {
    connection: Connection,
    shown: Arc<Mutex<Vec<Shown>>>,
}

struct Server {
    shown: Arc<Mutex<Vec<Shown>>>,
}

fn lock(shown: &Mutex<Vec<Shown>>) -> MutexGuard<'_, Vec<Shown>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the desktop's interface has this many")]
    async fn notify(
        &self,
        _app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut shown = lock(&self.shown);
        // Keys and labels alternate.
        let actions = actions.into_iter().step_by(2).collect();
        if let Some(old) = shown.iter_mut().find(|old| old.id == replaces_id) {
            *old = Shown { id: replaces_id, summary, body, actions, closed: false };
            return replaces_id;
        }
        let id = u32::try_from(shown.len()).unwrap_or(u32::MAX).saturating_add(1);
        shown.push(Shown { id, summary, body, actions, closed: false });
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        for old in lock(&self.shown).iter_mut().filter(|old| old.id == id) {
            old.closed = true;
        }
        Ok(Self::notification_closed(&emitter, id, 3).await?)
    }

    async fn get_capabilities(&self) -> Vec<String> {
        ["body", "actions"].map(str::to_owned).to_vec()
    }

    async fn get_server_information(&self) -> (String, String, String, String) {
        ("confab-tests".into(), "Confab".into(), "1".into(), "1.2".into())
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

impl Notifications {
    /// Takes the service's place on the bus.
    ///
    /// # Errors
    /// When the bus does not let it.
    pub async fn start(bus: &str) -> Result<Self> {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let server = Server { shown: Arc::clone(&shown) };
        let connection = connection::Builder::address(bus).serve_at(PATH, server).name(NAME).build().await?;
        Ok(Self { connection, shown })
    }

    /// Whether some service has its place on the same bus.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn bus_has(&self, name: &str) -> Result<bool> {
        let (bus, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        let answer = self.connection.call_method(Some(bus), path, Some(bus), "NameHasOwner", &name).await?;
        Ok(answer.body().deserialize()?)
    }

    /// Everything that was shown so far.
    #[must_use]
    pub fn all(&self) -> Vec<Shown> {
        lock(&self.shown).clone()
    }

    /// Waits for one whose text holds `text`.
    ///
    /// # Errors
    /// When none comes.
    pub async fn with(&self, text: &str) -> Result<Shown> {
        let what = format!("a notification that says {text:?}");
        wait::until(what, async || Ok(self.all().into_iter().find(|shown| shown.body.contains(text)))).await
    }

    /// Clicks on one.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn click(&self, shown: &Shown) -> Result<()> {
        let emitter = SignalEmitter::new(&self.connection, PATH)?;
        Server::action_invoked(&emitter, shown.id, "default").await?;
        // As desktops do: a notification that was clicked is closed.
        Server::notification_closed(&emitter, shown.id, 2).await?;
        Ok(())
    }
}
