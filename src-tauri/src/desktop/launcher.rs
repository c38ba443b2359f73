//! The number on the app's icon in docks that follow Unity's launcher interface.

use std::collections::HashMap;

use tokio::sync::watch;
use zbus::Variant;

/// The app, by its installed desktop file.
const APP: &str = "application://Confab.desktop";
const PATH: &str = "/app/confab/desktop";
const INTERFACE: &str = "com.canonical.Unity.LauncherEntry";

/// Tells the dock. The newest number wins; without a session bus nothing happens.
pub(crate) struct Launcher {
    count: watch::Sender<u64>,
}

impl Launcher {
    /// Must be called within the runtime.
    pub(crate) fn start() -> Self {
        let (count, counts) = watch::channel(0);
        tauri::async_runtime::spawn(tell(counts));
        Self { count }
    }

    /// Shows a number; none at zero.
    pub(crate) fn show(&self, count: u64) {
        self.count.send_if_modified(|shown| std::mem::replace(shown, count) != count);
    }
}

async fn tell(mut counts: watch::Receiver<u64>) {
    let mut bus = None;
    while counts.changed().await.is_ok() {
        let count = *counts.borrow_and_update();
        if bus.is_none() {
            bus =
                zbus::Connection::session().await.inspect_err(|error| tracing::debug!(%error, "no bus")).ok();
        }
        let Some(connection) = &bus else { return };
        let body = (APP, properties(count));
        let none: Option<&str> = None;
        if let Err(error) = connection.emit_signal(none, PATH, INTERFACE, "Update", &body).await {
            tracing::debug!(%error, "cannot tell the dock");
            bus = None;
        }
    }
}

fn properties(count: u64) -> HashMap<&'static str, Variant<'static>> {
    let shown = i64::try_from(count).unwrap_or(i64::MAX);
    HashMap::from([("count", Variant::from(shown)), ("count-visible", Variant::from(count > 0))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_not_shown() {
        assert_eq!(properties(0)["count-visible"], Variant::from(false));
        assert_eq!(properties(3)["count"], Variant::from(3_i64));
        assert_eq!(properties(3)["count-visible"], Variant::from(true));
    }
}
