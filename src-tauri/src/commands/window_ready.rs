//! `window_ready`: the first list is on the screen.

use crate::started;

#[tauri::command]
pub(crate) fn window_ready() {
    tracing::info!(after_ms = started::elapsed_ms(), "the window is ready");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::commands::rig::Rig;

    #[test]
    fn it_is_taken_from_any_window() {
        assert_eq!(Rig::new().call("window_ready", json!({})), Ok(Value::Null));
    }
}
