//! `reveal_saved`: shows a file that was saved in its folder.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn reveal_saved(shell: TheShell<'_>, media: String) -> Result<(), Problem> {
    shell.reveal_saved(&media).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn only_what_was_saved_here_is_shown() {
        let refused = Rig::new().call("reveal_saved", json!({"media": "/etc/passwd"}));
        assert_eq!(refused, Err(problem::local(problem::NOT_SAVED)));
    }
}
