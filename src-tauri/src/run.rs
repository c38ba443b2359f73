//! From the command line to the end of the app.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs};

use anyhow::Context as _;
use confab_core::view::Problem;
use tauri::{AppHandle, Manager as _, RunEvent, Runtime, WindowEvent};

use crate::cli::Cli;
use crate::data_dir::DataDir;
use crate::desktop::TauriDesktop;
use crate::instance::{self, Instance, Start};
use crate::settings::Settings;
use crate::shell::{Parts, Shell};
use crate::tokens::keyring::{Keyring, NoKeyring, SystemKeyring};
use crate::{commands, logging, problem, scheme, started, window};

/// Set to anything, a second start in one data directory is not handed over to the first.
const NO_SINGLE_INSTANCE: &str = "CONFAB_NO_SINGLE_INSTANCE";
/// Set to anything, the sign-in is kept in a file: for data directories that are soon gone, unlike entries of a keyring.
const NO_KEYRING: &str = "CONFAB_NO_KEYRING";
/// Set by whoever drives the window; hand-over would leave them with nothing to drive.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Shown by notifications.
const ICON: &[u8] = include_bytes!("../../icons/128x128.png");

/// Runs the app until it is quit; its exit code. A second start in the same data directory ends at once.
///
/// # Errors
/// When there is no place for the data, or no window can be opened at all.
pub fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    started::note();
    require_display()?;
    let place = cli.place(env::var_os("CONFAB_DATA_DIR"));
    let data = DataDir::new(place.context("there is no home directory: say --data-dir DIR")?);
    let Some(claim) = Claim::take(&data, cli.link.as_deref()) else { return Ok(ExitCode::SUCCESS) };
    let link = cli.link.clone();
    let app = scheme::register(tauri::Builder::default())
        .invoke_handler(commands::handler())
        .setup(move |app| Ok(set_up(app.handle(), &data, claim, link)?))
        .build(tauri::generate_context!())
        .context("the window cannot be opened")?;
    let ending = AtomicBool::new(false);
    let code = app.run_return(move |app, event| handle(app, &event, &ending));
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Without a display the toolkit ends the process with less than a sentence.
#[cfg(target_os = "linux")]
fn require_display() -> anyhow::Result<()> {
    anyhow::ensure!(
        is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"),
        "Confab is a desktop app and there is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set"
    );
    Ok(())
}

/// Elsewhere there is always one.
#[cfg(not(target_os = "linux"))]
fn require_display() -> anyhow::Result<()> {
    Ok(())
}

/// What is known of the data directory before there is a window.
struct Claim {
    instance: Option<Instance>,
    /// Why it cannot be used; the window says so.
    unusable: Option<Problem>,
}

impl Claim {
    /// None when another app works there and has taken over.
    fn take(data: &DataDir, link: Option<&str>) -> Option<Self> {
        let prepared = data.prepare();
        logging::start(prepared.is_ok().then(|| data.log()).as_deref());
        if let Err(error) = prepared {
            let unusable = Some(problem::unwritable(data.root(), &error));
            return Some(Self { instance: None, unusable });
        }
        if is_set(NO_SINGLE_INSTANCE) || is_set(AUTOMATION) {
            return Some(Self { instance: None, unusable: None });
        }
        match instance::start(data, link) {
            Ok(Start::First(instance)) => Some(Self { instance: Some(instance), unusable: None }),
            Ok(Start::HandedOver) => None,
            Ok(Start::Locked) => {
                let locked = problem::local(problem::DATA_DIR_LOCKED);
                let unusable = problem::with(locked, "path", data.root().display().to_string());
                Some(Self { instance: None, unusable: Some(unusable) })
            }
            Err(error) => {
                Some(Self { instance: None, unusable: Some(problem::unwritable(&data.lock(), &error)) })
            }
        }
    }
}

fn keyring() -> anyhow::Result<Arc<dyn Keyring>> {
    if is_set(NO_KEYRING) {
        return Ok(Arc::new(NoKeyring));
    }
    Ok(Arc::new(SystemKeyring::start().context("no thread for the keyring")?))
}

fn set_up<R: Runtime>(
    app: &AppHandle<R>,
    data: &DataDir,
    claim: Claim,
    link: Option<String>,
) -> anyhow::Result<()> {
    let usable = claim.unusable.is_none();
    let settings = Settings::open(data.settings());
    let remembered = settings.get();
    let parts = Parts {
        icon: usable.then(|| write_icon(data)).flatten(),
        settings,
        unusable: claim.unusable,
        keyring: keyring()?,
        desktop: Arc::new(TauriDesktop::new(app.clone())),
        data: data.clone(),
        downloads: downloads(),
    };
    let shell = Shell::new(parts);
    app.manage(Arc::clone(&shell));
    tauri::async_runtime::spawn(Arc::clone(&shell).boot());
    window::open(app, &remembered, usable.then(|| data.webview()))?;
    if let Some(link) = link {
        shell.open_link(link);
    }
    answer_later_starts(app, claim.instance, &shell)?;
    end_on_signals(app);
    Ok(())
}

/// Where the system puts what is saved, else a folder of that name.
fn downloads() -> Option<PathBuf> {
    let person = directories::UserDirs::new()?;
    let folder = person.download_dir().map(Path::to_path_buf);
    Some(folder.unwrap_or_else(|| person.home_dir().join("Downloads")))
}

fn write_icon(data: &DataDir) -> Option<PathBuf> {
    let path = data.icon();
    if fs::read(&path).is_ok_and(|held| held == ICON) {
        return Some(path);
    }
    fs::write(&path, ICON).inspect_err(|error| tracing::warn!(%error, "cannot write the icon")).ok()?;
    Some(path)
}

fn answer_later_starts<R: Runtime>(
    app: &AppHandle<R>,
    instance: Option<Instance>,
    shell: &Arc<Shell>,
) -> anyhow::Result<()> {
    let Some(mut instance) = instance else { return Ok(()) };
    let shell = Arc::clone(shell);
    instance.answer(move |link| shell.show(link)).context("no thread for later starts")?;
    // Held for as long as the app lives.
    app.manage(instance);
    Ok(())
}

/// A system that shuts down says so by a signal: what is held is put away as on quitting.
#[cfg(unix)]
fn end_on_signals<R: Runtime>(app: &AppHandle<R>) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    if signals.recv().await.is_some() {
                        app.exit(0);
                    }
                }
                Err(error) => tracing::warn!(%error, "a signal cannot be awaited"),
            }
        });
    }
}

/// Windows closes the window instead.
#[cfg(not(unix))]
fn end_on_signals<R: Runtime>(_app: &AppHandle<R>) {}

fn handle<R: Runtime>(app: &AppHandle<R>, event: &RunEvent, ending: &AtomicBool) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::Focused(false) | WindowEvent::CloseRequested { .. },
            ..
        } => {
            remember_window(app);
        }
        RunEvent::WindowEvent { event: WindowEvent::DragDrop(event), .. } => {
            app.state::<Arc<Shell>>().dragged(event);
        }
        RunEvent::ExitRequested { api, code, .. } if !ending.swap(true, Ordering::AcqRel) => {
            api.prevent_exit();
            end(app, code.unwrap_or(0));
        }
        #[cfg(any(target_os = "macos", target_os = "ios"))]
        RunEvent::Opened { urls } => {
            for url in urls {
                app.state::<Arc<Shell>>().show(Some(url.to_string()));
            }
        }
        _ => {}
    }
}

fn remember_window<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Arc<Shell>>();
    if shell.usable().is_ok()
        && let Err(problem) = window::remember(app, shell.settings())
    {
        tracing::warn!(code = problem.code, "cannot remember the window");
    }
}

/// Puts away what is held while the window is already gone, then exits.
fn end<R: Runtime>(app: &AppHandle<R>, code: i32) {
    remember_window(app);
    if let Some(window) = app.get_webview_window(window::MAIN) {
        drop(window.hide());
    }
    let (app, shell) = (app.clone(), Arc::clone(&app.state::<Arc<Shell>>()));
    tauri::async_runtime::spawn(async move {
        shell.shutdown().await;
        app.exit(code);
    });
}
