//! `sign_out`: end this device's sign-in.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn sign_out(shell: TheShell<'_>) -> Result<(), Problem> {
    shell.sign_out().await
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::commands::rig::Rig;

    #[test]
    fn whoever_is_not_signed_in_is_signed_out_already() {
        assert_eq!(Rig::new().call("sign_out", json!({})), Ok(Value::Null));
    }
}
