//! `start_workspace`: serve a workspace from this computer and be its owner.

use confab_core::view::Problem;

use super::TheShell;
use crate::bridge::Reach;
use crate::shell::NewWorkspace;

#[tauri::command]
pub(crate) async fn start_workspace(
    shell: TheShell<'_>,
    workspace_name: String,
    display_name: String,
    reach: Reach,
    password: Option<String>,
) -> Result<(), Problem> {
    let wanted = NewWorkspace {
        workspace_name: workspace_name.trim().to_owned(),
        display_name: display_name.trim().to_owned(),
        reach,
        // A field that was left empty is no password.
        password: password.filter(|password| !password.is_empty()),
    };
    shell.start_workspace(wanted).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_workspace_is_served_and_its_owner_signed_in() {
        let rig = Rig::new();
        let arguments = json!({"workspaceName": " Fjordline ", "displayName": "Ingrid", "reach": "computer", "password": null});
        rig.call("start_workspace", arguments).unwrap();
        let info = rig.subscribe();
        assert_eq!((&info["signed_in"], &info["hosting"]["reach"]), (&json!(true), &json!("computer")));
        let link = rig.call("workspace_link", json!({})).unwrap();
        let link: confab_protocol::Link = link.as_str().unwrap().parse().unwrap();
        assert_eq!((link.name.as_str(), link.secret), ("Fjordline", None));
    }

    #[test]
    fn a_data_directory_that_cannot_be_written_is_named() {
        let arguments = json!({"workspaceName": "Fjordline", "displayName": "Ingrid", "reach": "computer", "password": ""});
        let refused = Rig::without_data_dir().call("start_workspace", arguments).unwrap_err();
        assert_eq!(refused.code, problem::DATA_DIR_UNWRITABLE);
        assert!(refused.params["path"].as_str().unwrap().ends_with("data"));
    }
}
