//! `join_workspace`: redeem an invite link.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn join_workspace(
    shell: TheShell<'_>,
    link: String,
    name: String,
    password: String,
) -> Result<(), Problem> {
    shell.join(link.trim(), name.trim(), &password).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;

    #[test]
    fn a_text_that_is_no_invite_is_refused_and_may_be_mended() {
        let rig = Rig::new();
        for _ in 0..2 {
            let refused = rig.call(
                "join_workspace",
                json!({"link": " hello ", "name": "ingrid", "password": "long enough"}),
            );
            assert_eq!(refused.unwrap_err().code, "not_an_invite");
        }
        assert_eq!(rig.subscribe()["signed_in"], false);
    }
}
