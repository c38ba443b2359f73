//! Notices that the network changed: an address of this computer came or went. Then a connection may be dead that looks
//! alive, and one that failed may succeed.

use std::future::pending;
use std::time::Duration;

use futures_util::StreamExt;
use if_watch::tokio::IfWatcher;
use tokio::time::{Instant, sleep_until};

/// Addresses come and go in groups: how long to wait for the rest of one.
const SETTLE: Duration = Duration::from_millis(500);

/// Watches the addresses of this computer.
pub(crate) struct NetworkWatch {
    /// None where the system does not tell; then connections are found dead by their silence alone.
    watcher: Option<IfWatcher>,
    /// Something changed; told then.
    settles_at: Option<Instant>,
}

impl NetworkWatch {
    /// Begins to watch. The addresses that are there already count as a change too.
    pub(crate) fn new() -> Self {
        let watcher = IfWatcher::new();
        if let Err(error) = &watcher {
            tracing::warn!(%error, "changes of the network are not told of here");
        }
        Self { watcher: watcher.ok(), settles_at: None }
    }

    /// Waits until the network has changed. May be dropped and called again.
    pub(crate) async fn changed(&mut self) {
        loop {
            let Some(at) = self.settles_at else {
                self.next().await;
                self.settles_at = Some(Instant::now() + SETTLE);
                continue;
            };
            tokio::select! {
                () = self.next() => {}
                () = sleep_until(at) => {
                    self.settles_at = None;
                    return;
                }
            }
        }
    }

    /// The next single change; for ever when none will be told.
    async fn next(&mut self) {
        let Some(watcher) = &mut self.watcher else { return pending().await };
        match watcher.next().await {
            Some(Ok(event)) => tracing::debug!(?event, "an address came or went"),
            Some(Err(error)) => {
                tracing::warn!(%error, "changes of the network are not told of any more");
                self.watcher = None;
            }
            None => self.watcher = None,
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use tokio::time::timeout;

    use super::*;

    const CHILD: &str = "CONFAB_TEST_OWN_NETWORK";
    /// Longer than anything that works takes.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn ip(arguments: &[&str]) {
        let done = Command::new("ip").args(arguments).status().expect("ip runs");
        assert!(done.success(), "ip {arguments:?}");
    }

    /// In a network of its own, which is not that of this computer: an address comes, and goes.
    async fn child() {
        ip(&["link", "set", "lo", "up"]);
        let mut watch = NetworkWatch::new();
        assert!(watch.watcher.is_some());
        // What was there at the beginning.
        timeout(PATIENCE, watch.changed()).await.expect("the beginning is told");
        for change in ["add", "del"] {
            ip(&["address", change, "127.7.7.7/32", "dev", "lo"]);
            timeout(PATIENCE, watch.changed()).await.unwrap_or_else(|_| panic!("{change} was not told"));
        }
    }

    #[tokio::test]
    async fn an_address_that_comes_or_goes_is_told() {
        if std::env::var_os(CHILD).is_some() {
            return child().await;
        }
        let allowed = Command::new("unshare").args(["-rn", "ip", "link"]).stdout(Stdio::null()).status();
        if !allowed.is_ok_and(|status| status.success()) {
            eprintln!("no network of one's own may be made here: nothing was tested");
            return;
        }
        let test = "network::tests::an_address_that_comes_or_goes_is_told";
        let program = std::env::current_exe().expect("this program has a path");
        let mut own = Command::new("unshare");
        own.arg("-rn").arg(program).args(["--exact", test]).env(CHILD, "1");
        let told = own.output().expect("it can be started");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_is_told_nothing_is_done() {
        let mut watch = NetworkWatch { watcher: None, settles_at: None };
        assert!(timeout(Duration::from_secs(3_600), watch.changed()).await.is_err());
    }
}
