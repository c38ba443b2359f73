//! `stop_saving`: stops a file that is being saved; nothing is left of it.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn stop_saving(shell: TheShell<'_>, media: String) -> Result<(), Problem> {
    shell.saves().stop(&media);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::commands::rig::Rig;

    #[test]
    fn what_is_not_being_saved_may_be_stopped() {
        assert_eq!(Rig::new().call("stop_saving", json!({"media": "ME1"})), Ok(Value::Null));
    }
}
