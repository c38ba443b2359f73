//! `stage_file`: begins to take a file from the page. Its pieces follow, by the number that this answers.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn stage_file(
    shell: TheShell<'_>,
    name: Option<String>,
    content_type: String,
    size: u64,
) -> Result<u32, Problem> {
    shell.stage_file(name, content_type, size)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_file_needs_someone_who_is_signed_in() {
        let file = json!({"name": "a.txt", "contentType": "text/plain", "size": 5});
        assert_eq!(Rig::new().call("stage_file", file), Err(problem::local(problem::NOT_SIGNED_IN)));
    }
}
