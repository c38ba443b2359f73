//! A window without a display, to call commands as the interface does.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use confab_core::view::Problem;
use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager as _, WebviewWindow, WebviewWindowBuilder};

use crate::data_dir::DataDir;
use crate::desktop::{Desktop, FilesTold, PlaceTold, Suggestion};
use crate::incoming::Source;
use crate::settings::Settings;
use crate::shell::{Parts, Shell};
use crate::tokens::keyring::{Keyring, KeyringError};

/// A desktop that only notes what was done to it.
#[derive(Default)]
pub(crate) struct NotedDesktop {
    pub(crate) raised: AtomicU64,
    pub(crate) unread: Mutex<Vec<(u64, Option<String>)>>,
    /// What was suggested of where to save, and what is chosen.
    pub(crate) suggested: Mutex<Vec<Suggestion>>,
    pub(crate) chosen: Mutex<Option<PathBuf>>,
}

impl Desktop for NotedDesktop {
    fn raise(&self) {
        self.raised.fetch_add(1, Ordering::AcqRel);
    }

    fn show_unread(&self, unread: u64, workspace: Option<&str>) {
        self.unread.lock().unwrap().push((unread, workspace.map(str::to_owned)));
    }

    fn read_clipboard(&self, tell: FilesTold) {
        tell(vec![Source::Picture(vec![1, 2, 3])]);
    }

    fn choose_place(&self, suggestion: Suggestion, tell: PlaceTold) {
        self.suggested.lock().unwrap().push(suggestion);
        tell(self.chosen.lock().unwrap().clone());
    }
}

/// A system without a keyring.
pub(crate) struct NoKeyring;

impl Keyring for NoKeyring {
    fn get(&self, _entry: &str) -> Result<Option<String>, KeyringError> {
        Err(KeyringError::Missing)
    }

    fn set(&self, _entry: &str, _text: &str) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }

    fn remove(&self, _entry: &str) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }
}

/// The parts of a shell that keeps everything under `root`.
pub(crate) fn parts(root: &std::path::Path, desktop: &Arc<NotedDesktop>) -> Parts {
    let data = DataDir::new(root.to_owned());
    let unusable = data.prepare().err().map(|error| crate::problem::unwritable(root, &error));
    let settings = Settings::open(data.settings());
    let desktop = Arc::clone(desktop) as Arc<dyn Desktop>;
    let downloads = Some(root.join("Downloads"));
    Parts { data, settings, unusable, keyring: Arc::new(NoKeyring), desktop, icon: None, downloads }
}

/// The app with a window, and a shell that has booted.
pub(crate) struct Rig {
    _app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    _place: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::at("data")
    }

    /// One whose data directory cannot be made: its parent is a file.
    pub(crate) fn without_data_dir() -> Self {
        Self::at("file/data")
    }

    fn at(root: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("file"), "").unwrap();
        let desktop = Arc::<NotedDesktop>::default();
        let app = mock_builder().invoke_handler(super::handler()).build(mock_context(noop_assets())).unwrap();
        let shell = tauri::async_runtime::block_on(async {
            let shell = Shell::new(parts(&place.path().join(root), &desktop));
            Arc::clone(&shell).boot().await;
            shell
        });
        app.manage(shell);
        let window = WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build().unwrap();
        Self { _app: app, window, _place: place }
    }

    /// Calls a command.
    pub(crate) fn call(&self, command: &str, arguments: Value) -> Result<Value, Problem> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }.parse().unwrap(),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::new(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        match get_ipc_response(&self.window, request) {
            Ok(body) => Ok(body.deserialize().unwrap()),
            Err(problem) => {
                Err(serde_json::from_value(problem.clone()).unwrap_or_else(|_| panic!("{problem}")))
            }
        }
    }

    /// Subscribes as the interface does.
    pub(crate) fn subscribe(&self) -> Value {
        self.call("subscribe", json!({"channel": "__CHANNEL__:7"})).unwrap()
    }
}
