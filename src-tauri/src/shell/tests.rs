//! The whole shell but its window: the real server, the real client, their files.

mod files;
#[cfg(target_os = "linux")]
mod waking;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use confab_core::command::{Command, CommandAnswer};
use confab_core::view::{ConnectionState, ViewDiff};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{NewWorkspace, Shell};
use crate::bridge::{AppEvent, AppInfo, Reach};
use crate::commands::rig::{NotedDesktop, parts};
use crate::problem;

/// How long a test waits for what must come.
const BOUND: Duration = Duration::from_secs(60);

/// A shell and what its window reads.
struct Bench {
    shell: Arc<Shell>,
    desktop: Arc<NotedDesktop>,
    events: mpsc::UnboundedReceiver<AppEvent>,
    info: AppInfo,
}

impl Bench {
    async fn start(root: &Path) -> Self {
        let desktop = Arc::<NotedDesktop>::default();
        let shell = Shell::new(parts(root, &desktop));
        tokio::spawn(Arc::clone(&shell).boot());
        let (events, info) = subscribe(&shell).await;
        Self { shell, desktop, events, info }
    }

    async fn start_workspace(&self) -> Result<(), confab_core::view::Problem> {
        let wanted = NewWorkspace {
            workspace_name: "Fjordline".into(),
            display_name: "Ingrid".into(),
            reach: Reach::Computer,
            password: Some("correct horse".into()),
        };
        self.shell.start_workspace(wanted).await
    }

    /// Reads until an event is what the test waits for.
    async fn until<T>(&mut self, mut wanted: impl FnMut(&AppEvent) -> Option<T>) -> T {
        let read = async {
            loop {
                let event = self.events.recv().await.expect("the stream goes on");
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        };
        timeout(BOUND, read).await.expect("it comes within the bound")
    }

    /// Reads until a change of the view is what the test waits for.
    async fn until_diff<T>(&mut self, mut wanted: impl FnMut(&ViewDiff) -> Option<T>) -> T {
        self.until(|event| match event {
            AppEvent::View { diffs } => diffs.iter().find_map(&mut wanted),
            _ => None,
        })
        .await
    }

    async fn until_connected(&mut self) {
        self.until_diff(|diff| {
            matches!(diff, ViewDiff::Connection { state: ConnectionState::Connected, .. }).then_some(())
        })
        .await;
    }
}

async fn subscribe(shell: &Shell) -> (mpsc::UnboundedReceiver<AppEvent>, AppInfo) {
    let (sender, events) = mpsc::unbounded_channel();
    let sink = move |batch: Vec<AppEvent>| batch.into_iter().all(|event| sender.send(event).is_ok());
    let info = shell.subscribe(Box::new(sink)).await;
    (events, info)
}

fn of_session(diff: &ViewDiff) -> Option<Option<String>> {
    match diff {
        ViewDiff::Session { session } => Some(session.as_ref().map(|session| session.workspace_name.clone())),
        _ => None,
    }
}

async fn make_conversation(shell: &Shell, name: &str) -> String {
    let command = Command::create(name, None);
    match shell.dispatch(command).await.unwrap() {
        CommandAnswer::Conversation { key } => key,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_signed_in_again_after_a_restart_and_finds_the_conversation() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    assert!(!bench.info.signed_in);
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    let key = make_conversation(&bench.shell, "Pier 4").await;
    bench.until_diff(|diff| synced(diff, &key)).await;
    let link = bench.shell.workspace_link().await.unwrap();
    bench.shell.shutdown().await;

    let mut bench = Bench::start(place.path()).await;
    assert!(bench.info.signed_in);
    let row = |diff: &ViewDiff| match diff {
        ViewDiff::Conversations { upsert, .. } => upsert.iter().find(|row| row.name == "Pier 4").map(drop),
        _ => None,
    };
    bench.until_diff(row).await;
    bench.until_connected().await;
    assert_eq!(bench.shell.workspace_link().await.unwrap(), link);
    bench.shell.shutdown().await;
}

/// The server has made the conversation.
fn synced(diff: &ViewDiff, key: &str) -> Option<()> {
    let ViewDiff::Conversations { upsert, .. } = diff else { return None };
    upsert.iter().find(|row| row.key == key && row.sid.is_some()).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_was_loaded_anew_gets_the_whole_picture_first() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    make_conversation(&bench.shell, "Pier 4").await;
    let (events, info) = subscribe(&bench.shell).await;
    bench.events = events;
    assert!(info.signed_in);
    let first = bench.until(|event| Some(event.clone())).await;
    let AppEvent::View { diffs } = first else { panic!("{first:?}") };
    assert_eq!(diffs.first(), Some(&ViewDiff::Reset));
    assert!(diffs.iter().find_map(of_session).is_some_and(|name| name.as_deref() == Some("Fjordline")));
    bench.shell.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_shows_nobody_and_the_workspace_can_be_started_again() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    bench.shell.sign_out().await.unwrap();
    bench.until_diff(|diff| of_session(diff).filter(Option::is_none)).await;
    assert_eq!(bench.desktop.unread.lock().unwrap().last(), Some(&(0, None)));
    let refused = bench.shell.dispatch(Command::LoadOlder).await;
    assert_eq!(refused, Err(problem::local(problem::NOT_SIGNED_IN)));
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    bench.shell.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_the_person_is_told_once_and_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    let told = |event: &AppEvent| match event {
        AppEvent::Notice { problem, sticky } => Some((problem.code.clone(), *sticky)),
        _ => None,
    };
    assert_eq!(bench.until(told).await, (problem::KEYRING_MISSING.to_owned(), true));
    bench.until_connected().await;
    bench.shell.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_the_server_refuses_leaves_nothing_behind_and_may_be_repeated() {
    let place = tempfile::tempdir().unwrap();
    let bench = Bench::start(place.path()).await;
    let wanted = NewWorkspace {
        workspace_name: "Fjordline".into(),
        display_name: String::new(),
        reach: Reach::Computer,
        password: None,
    };
    assert!(bench.shell.start_workspace(wanted).await.is_err());
    let (_events, info) = subscribe(&bench.shell).await;
    assert!(!info.signed_in && info.hosting.is_none());
    bench.start_workspace().await.unwrap();
    bench.shell.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_was_taken_meanwhile_is_told_and_choosing_the_reach_again_finds_another() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    bench.shell.shutdown().await;
    let port = bench.shell.settings().get().hosting.unwrap().port;
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();

    let mut bench = Bench::start(place.path()).await;
    assert!(bench.info.signed_in);
    let told = |event: &AppEvent| match event {
        AppEvent::Notice { problem, .. } => Some(problem.clone()),
        _ => None,
    };
    assert_eq!(bench.until(told).await, problem::with(problem::local("port_in_use"), "port", port));
    bench.shell.set_reach(Reach::Computer).await.unwrap();
    bench.until_connected().await;
    assert_ne!(bench.shell.settings().get().hosting.unwrap().port, port);
    bench.shell.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_becomes_free_is_taken_up_by_itself() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    bench.shell.shutdown().await;
    let port = bench.shell.settings().get().hosting.unwrap().port;
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();

    let mut bench = Bench::start(place.path()).await;
    bench.until(|event| matches!(event, AppEvent::Notice { .. }).then_some(())).await;
    drop(taken);
    bench.until(|event| matches!(event, AppEvent::Hosting { hosting: Some(_) }).then_some(())).await;
    bench.until_connected().await;
    bench.shell.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_a_second_start_raises_the_window_and_reaches_it() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.shell.show(Some("confab://join/1/e30".into()));
    let link = |event: &AppEvent| match event {
        AppEvent::JoinLink { link } => Some(link.clone()),
        _ => None,
    };
    assert_eq!(bench.until(link).await, "confab://join/1/e30");
    assert_eq!(bench.desktop.raised.load(Ordering::Acquire), 1);
}
