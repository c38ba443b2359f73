//! `set_setting`: a choice that only the interface understands; an empty value forgets it.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn set_setting(shell: TheShell<'_>, key: String, value: String) -> Result<(), Problem> {
    shell.usable()?;
    shell.settings().choose(&key, &value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_choice_is_told_to_the_window_that_subscribes() {
        let rig = Rig::new();
        rig.call("set_setting", json!({"key": "theme", "value": "dark"})).unwrap();
        assert_eq!(rig.subscribe()["settings"], json!({"theme": "dark"}));
    }

    #[test]
    fn without_a_data_directory_it_is_refused_by_its_path() {
        let refused = Rig::without_data_dir().call("set_setting", json!({"key": "theme", "value": "dark"}));
        assert_eq!(refused.unwrap_err().code, problem::DATA_DIR_UNWRITABLE);
    }
}
