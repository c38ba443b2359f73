//! What the shell does to the desktop around it.

mod chooser;
#[cfg(target_os = "linux")]
mod clipboard;
#[cfg(target_os = "linux")]
pub(crate) mod launcher;
#[cfg(any(target_os = "windows", test))]
pub(crate) mod overlay;

use std::path::PathBuf;

use tauri::{AppHandle, Manager as _, Runtime};

use crate::incoming::Source;
use crate::locale;
use crate::window::MAIN;

/// Is told of files, once.
pub(crate) type FilesTold = Box<dyn FnOnce(Vec<Source>) + Send>;

/// Is told of a place, once; of none when the person changed their mind.
pub(crate) type PlaceTold = Box<dyn FnOnce(Option<PathBuf>) + Send>;

/// Where a file could be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suggestion {
    /// None where there is no such place.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) name: String,
}

/// The desktop, as far as the shell touches it.
pub(crate) trait Desktop: Send + Sync {
    /// Brings the window before the person.
    fn raise(&self);
    /// Shows the unread total and the name of the workspace; none when nobody is signed in.
    fn show_unread(&self, unread: u64, workspace: Option<&str>);
    /// Reads files and pictures of the clipboard that the page is not given.
    fn read_clipboard(&self, tell: FilesTold);
    /// Asks the person where a file is to be saved. That a file of this name may be replaced is asked there too.
    fn choose_place(&self, suggestion: Suggestion, tell: PlaceTold);
}

/// The desktop that Tauri reaches.
pub(crate) struct TauriDesktop<R: Runtime> {
    app: AppHandle<R>,
    #[cfg(target_os = "linux")]
    launcher: launcher::Launcher,
}

impl<R: Runtime> TauriDesktop<R> {
    /// Must be called within the runtime.
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self {
            app,
            #[cfg(target_os = "linux")]
            launcher: launcher::Launcher::start(),
        }
    }
}

impl<R: Runtime> Desktop for TauriDesktop<R> {
    fn raise(&self) {
        let Some(window) = self.app.get_webview_window(MAIN) else { return };
        let raised = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        if let Err(error) = raised {
            tracing::warn!(%error, "cannot raise the window");
        }
    }

    fn show_unread(&self, unread: u64, workspace: Option<&str>) {
        let Some(window) = self.app.get_webview_window(MAIN) else { return };
        if let Err(error) = window.set_title(&title(unread, workspace)) {
            tracing::warn!(%error, "cannot set the title");
        }
        #[cfg(target_os = "linux")]
        self.launcher.show(unread);
        #[cfg(target_os = "macos")]
        drop(window.set_badge_count((unread > 0).then(|| i64::try_from(unread).unwrap_or(i64::MAX))));
        #[cfg(target_os = "windows")]
        drop(window.set_overlay_icon(overlay::icon(unread)));
    }

    #[cfg(target_os = "linux")]
    fn read_clipboard(&self, tell: FilesTold) {
        // An app that ends has no clipboard any more, and whoever asked is told by the end of `tell`.
        drop(self.app.run_on_main_thread(move || clipboard::read(tell)));
    }

    /// Elsewhere the page is given all of it.
    #[cfg(not(target_os = "linux"))]
    fn read_clipboard(&self, tell: FilesTold) {
        tell(Vec::new());
    }

    #[cfg(target_os = "linux")]
    fn choose_place(&self, suggestion: Suggestion, tell: PlaceTold) {
        let app = self.app.clone();
        drop(self.app.run_on_main_thread(move || {
            let window = app.get_webview_window(MAIN).and_then(|window| window.gtk_window().ok());
            chooser::ask(window.as_ref(), &suggestion, tell);
        }));
    }

    #[cfg(not(target_os = "linux"))]
    fn choose_place(&self, suggestion: Suggestion, tell: PlaceTold) {
        let window = self.app.get_webview_window(MAIN);
        drop(self.app.run_on_main_thread(move || {
            let asked = chooser::ask(window.as_ref(), suggestion);
            tauri::async_runtime::spawn(async move { tell(asked.await) });
        }));
    }
}

/// Title of the window.
pub(crate) fn title(unread: u64, workspace: Option<&str>) -> String {
    match workspace {
        None => locale::text("window-title-empty", []),
        Some(name) if unread == 0 => locale::text("window-title", [("name", name.into())]),
        Some(name) => {
            let count = unread.to_string();
            locale::text("window-title-unread", [("count", count.into()), ("name", name.into())])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_of_what_is_unread_and_of_nothing_at_zero() {
        assert_eq!(title(0, None), "Confab");
        assert_eq!(title(0, Some("Fjordline")), "Confab — Fjordline");
        assert_eq!(title(12_345, Some("Fjordline")), "(12345) Confab — Fjordline");
    }
}
