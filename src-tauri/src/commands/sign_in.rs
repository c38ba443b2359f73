//! `sign_in`: another device of someone who has an account.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn sign_in(
    shell: TheShell<'_>,
    address: String,
    name: String,
    password: String,
) -> Result<(), Problem> {
    shell.sign_in(address.trim(), name.trim(), &password).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;

    #[test]
    fn a_text_that_names_no_host_is_refused() {
        let arguments = json!({"address": "not an address", "name": "ingrid", "password": "long enough"});
        assert_eq!(Rig::new().call("sign_in", arguments).unwrap_err().code, "not_an_address");
    }
}
