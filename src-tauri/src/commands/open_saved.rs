//! `open_saved`: opens a file that was saved with the program that the system has for it.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn open_saved(shell: TheShell<'_>, media: String) -> Result<(), Problem> {
    shell.open_saved(&media).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn only_what_was_saved_here_is_shown() {
        let refused = Rig::new().call("open_saved", json!({"media": "/etc/passwd"}));
        assert_eq!(refused, Err(problem::local(problem::NOT_SAVED)));
    }
}
