//! `set_reach`: who can reach the workspace that this computer serves.

use confab_core::view::Problem;

use super::TheShell;
use crate::bridge::Reach;

#[tauri::command]
pub(crate) async fn set_reach(shell: TheShell<'_>, reach: Reach) -> Result<(), Problem> {
    shell.set_reach(reach).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_computer_that_serves_nothing_has_no_reach() {
        let refused = Rig::new().call("set_reach", json!({"reach": "network"}));
        assert_eq!(refused, Err(problem::invalid("reach")));
    }
}
