//! `workspace_link`: the link by which one's other devices find the workspace.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn workspace_link(shell: TheShell<'_>) -> Result<String, Problem> {
    shell.workspace_link().await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn there_is_none_while_nobody_is_signed_in() {
        assert_eq!(Rig::new().call("workspace_link", json!({})), Err(problem::local(problem::NOT_SIGNED_IN)));
    }
}
