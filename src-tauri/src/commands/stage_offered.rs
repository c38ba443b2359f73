//! `stage_offered`: brings a file that was dropped or pasted into the client's keeping.

use confab_core::command::FileToSend;
use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn stage_offered(shell: TheShell<'_>, number: u32) -> Result<FileToSend, Problem> {
    shell.stage_offered(number).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_file_needs_someone_who_is_signed_in() {
        let refused = Rig::new().call("stage_offered", json!({"number": 1}));
        assert_eq!(refused, Err(problem::local(problem::NOT_SIGNED_IN)));
    }
}
