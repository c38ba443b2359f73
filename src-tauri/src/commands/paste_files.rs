//! `paste_files`: what the clipboard holds of files and pictures, where the page itself is not given it.

use confab_core::view::Problem;

use super::TheShell;
use crate::bridge::OfferedFile;

#[tauri::command]
pub(crate) async fn paste_files(shell: TheShell<'_>) -> Result<Vec<OfferedFile>, Problem> {
    shell.paste_files().await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;

    #[test]
    fn what_the_clipboard_holds_is_offered() {
        let offered = Rig::new().call("paste_files", json!({})).unwrap();
        assert_eq!((&offered[0]["content_type"], &offered[0]["size"]), (&json!("image/png"), &json!(3)));
    }
}
