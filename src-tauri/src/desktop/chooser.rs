//! The dialog in which a person says where a file is to be saved, drawn by the desktop.

#[cfg(not(target_os = "linux"))]
pub(super) use self::system::ask;
#[cfg(target_os = "linux")]
pub(super) use self::toolkit::ask;

/// The toolkit's own: it stands before its window, and is the portal's where there is one.
#[cfg(target_os = "linux")]
mod toolkit {
    use gtk::prelude::{FileChooserExt as _, NativeDialogExt as _, NativeDialogExtManual as _};
    use gtk::{ApplicationWindow, FileChooserAction, FileChooserNative, ResponseType, glib};

    use super::super::{PlaceTold, Suggestion};
    use crate::locale;

    /// Asks. Must be called on the main thread; `tell` is called there too.
    pub(in super::super) fn ask(
        before: Option<&ApplicationWindow>,
        suggestion: &Suggestion,
        tell: PlaceTold,
    ) {
        let title = locale::text("save-title", []);
        let dialog = FileChooserNative::new(Some(&title), before, FileChooserAction::Save, None, None);
        dialog.set_modal(true);
        dialog.set_do_overwrite_confirmation(true);
        if let Some(folder) = &suggestion.folder {
            dialog.set_current_folder(folder);
        }
        dialog.set_current_name(&suggestion.name);
        glib::MainContext::default().spawn_local(async move {
            let chosen = dialog.run_future().await == ResponseType::Accept;
            tell(dialog.filename().filter(|_| chosen));
        });
    }
}

/// The system's.
#[cfg(not(target_os = "linux"))]
mod system {
    use std::future::Future;
    use std::path::PathBuf;

    use rfd::AsyncFileDialog;
    use tauri::{Runtime, WebviewWindow};

    use super::super::Suggestion;
    use crate::locale;

    /// Asks. Must be called on the main thread; the answer may be awaited anywhere.
    pub(in super::super) fn ask<R: Runtime>(
        before: Option<&WebviewWindow<R>>,
        suggestion: Suggestion,
    ) -> impl Future<Output = Option<PathBuf>> + Send + 'static {
        let title = locale::text("save-title", []);
        let mut dialog = AsyncFileDialog::new().set_title(title).set_file_name(suggestion.name);
        if let Some(folder) = suggestion.folder {
            dialog = dialog.set_directory(folder);
        }
        if let Some(window) = before {
            dialog = dialog.set_parent(window);
        }
        let chosen = dialog.save_file();
        async move { chosen.await.map(|file| file.path().to_owned()) }
    }
}
