//! The computer wakes up: logind, played by the test on a system bus of its own, says so.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command as Program, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use confab_core::command::Command;
use confab_core::view::ViewDiff;
use confab_protocol::Timestamp;
use tokio::time::{interval, timeout};
use zbus::{Connection, connection};

use super::Bench;

/// Where the app looks for the system's bus.
const SYSTEM_BUS: &str = "DBUS_SYSTEM_BUS_ADDRESS";
/// Set in the process that plays the test, which has that bus in its environment.
const CHILD: &str = "CONFAB_TEST_OWN_BUS";
const THIS: &str =
    "shell::tests::waking::what_waits_for_its_next_attempt_is_tried_when_the_computer_wakes_up";
/// Longer than anything that works takes.
const PATIENCE: Duration = Duration::from_secs(25);

/// A bus that ends with the test.
struct Bus(Child);

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Bus {
    /// Gives its address too.
    fn start() -> (Self, String) {
        let mut daemon = Program::new("dbus-daemon");
        daemon.args([
            "--session",
            "--nofork",
            "--nopidfile",
            "--print-address=1",
            "--address=unix:tmpdir=/tmp",
        ]);
        let mut daemon = daemon.stdout(Stdio::piped()).spawn().expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        (Self(daemon), address.trim().to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_next_attempt_is_tried_when_the_computer_wakes_up() {
    if std::env::var_os(CHILD).is_some() {
        return waking().await;
    }
    let (_bus, address) = Bus::start();
    let mut own = Program::new(std::env::current_exe().unwrap());
    own.args(["--exact", THIS]).env(CHILD, "1").env(SYSTEM_BUS, address);
    let played = own.output().expect("it can be started");
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stdout));
}

async fn waking() {
    let address = std::env::var(SYSTEM_BUS).unwrap();
    let logind = connection::Builder::address(address.as_str()).name("org.freedesktop.login1");
    let logind = logind.build().await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    let host = bench.shell.stage.lock().await.host.take().unwrap();
    host.shutdown().await;
    // Twice, because the network tells of what is there at the beginning, and is heard as well.
    for _ in 0..2 {
        let due = bench.until_it_waits_for_long().await;
        let next = bench.until_woken(&logind, due).await;
        // The attempt that was due would have moved it on.
        assert!(next < due, "not tried before {due:?}");
    }
    bench.shell.shutdown().await;
}

fn waits(diff: &ViewDiff) -> Option<Timestamp> {
    match diff {
        ViewDiff::Connection { retry_at, .. } => *retry_at,
        _ => None,
    }
}

impl Bench {
    /// Asks for attempts until the next one is further away than anybody has patience. Answers when it is due.
    async fn until_it_waits_for_long(&mut self) -> Timestamp {
        loop {
            self.shell.dispatch(Command::Reconnect).await.unwrap();
            let due = self.until_diff(waits).await;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            if Duration::from_millis(due.0).saturating_sub(now) > PATIENCE {
                return due;
            }
        }
    }

    /// Says that the computer has woken up, again until there was an attempt: whoever does not listen yet misses it.
    /// Answers when the next attempt is due then.
    async fn until_woken(&mut self, logind: &Connection, due: Timestamp) -> Timestamp {
        let mut again = interval(Duration::from_millis(200));
        let next = async {
            loop {
                tokio::select! {
                    next = self.until_diff(|diff| waits(diff).filter(|at| *at != due)) => return next,
                    _ = again.tick() => wake_up(logind).await,
                }
            }
        };
        timeout(PATIENCE, next).await.expect("it is tried")
    }
}

async fn wake_up(logind: &Connection) {
    let (path, interface) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
    logind.emit_signal(None::<&str>, path, interface, "PrepareForSleep", &false).await.unwrap();
}
