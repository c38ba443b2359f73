//! `finish_file`: waits until all of a file from the page is on the disk.

use confab_core::command::FileToSend;
use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn finish_file(shell: TheShell<'_>, number: u32) -> Result<FileToSend, Problem> {
    shell.incoming().finish(number).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;

    #[test]
    fn a_file_that_was_not_begun_cannot_be_finished() {
        let refused = Rig::new().call("finish_file", json!({"number": 7})).unwrap_err();
        assert_eq!(refused.code, "not_found");
    }
}
