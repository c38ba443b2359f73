//! `quit`: end the app in an orderly way.

use tauri::{AppHandle, Runtime};

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "commands get the handle by value")]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>) {
    app.exit(0);
}
