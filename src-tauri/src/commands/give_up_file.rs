//! `give_up_file`: forgets a file from the page that has not come whole.

use confab_core::view::Problem;

use super::TheShell;

#[tauri::command]
pub(crate) async fn give_up_file(shell: TheShell<'_>, number: u32) -> Result<(), Problem> {
    shell.incoming().give_up(number);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::commands::rig::Rig;

    #[test]
    fn what_is_gone_may_be_given_up() {
        assert_eq!(Rig::new().call("give_up_file", json!({"number": 7})), Ok(Value::Null));
    }
}
