//! `dispatch`: a wish of the person, for the client.

use confab_core::command::{Command, CommandAnswer};
use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn dispatch(shell: TheShell<'_>, command: Command) -> Result<CommandAnswer, Problem> {
    shell.dispatch(command).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_wish_needs_someone_who_is_signed_in() {
        let refused = Rig::new().call("dispatch", json!({"command": {"kind": "load_older"}}));
        assert_eq!(refused, Err(problem::local(problem::NOT_SIGNED_IN)));
    }
}
