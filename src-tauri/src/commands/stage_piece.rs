//! `stage_piece`: the next bytes of a file from the page, as they are; the number of the file stands in a header.

use confab_core::view::Problem;
use tauri::ipc::{InvokeBody, Request};

use super::TheShell;
use crate::problem;

/// Names the file.
const FILE: &str = "confab-file";

#[tauri::command]
pub(crate) async fn stage_piece(shell: TheShell<'_>, request: Request<'_>) -> Result<(), Problem> {
    let number = request.headers().get(FILE).and_then(|value| value.to_str().ok()?.parse().ok());
    let number = number.ok_or_else(|| problem::invalid(FILE))?;
    let InvokeBody::Raw(bytes) = request.body() else { return Err(problem::invalid("body")) };
    shell.incoming().piece(number, bytes.clone()).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_piece_says_of_which_file_it_is() {
        assert_eq!(Rig::new().call("stage_piece", json!({})), Err(problem::invalid("confab-file")));
    }
}
