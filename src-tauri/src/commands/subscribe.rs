//! `subscribe`: the window's stream of events, and what it has to know before its first paint.

use confab_core::view::Problem;
use tauri::ipc::Channel;

use super::TheShell;
use crate::bridge::{AppEvent, AppInfo};

#[tauri::command]
pub(crate) async fn subscribe(
    shell: TheShell<'_>,
    channel: Channel<Vec<AppEvent>>,
) -> Result<AppInfo, Problem> {
    Ok(shell.subscribe(Box::new(move |events| channel.send(events).is_ok())).await)
}

#[cfg(test)]
mod tests {
    use crate::commands::rig::Rig;

    #[test]
    fn a_window_learns_what_it_needs_before_its_first_paint() {
        let info = Rig::new().subscribe();
        assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(info["platform"], std::env::consts::OS);
        assert_eq!((&info["signed_in"], &info["hosting"]), (&false.into(), &serde_json::Value::Null));
    }
}
