//! A Tauri window with nothing in it: what any app of this kind costs before it does anything.

use std::path::PathBuf;

/// The page was painted: says so by making the file named by the environment.
#[tauri::command]
fn window_ready() {
    let Some(path) = std::env::var_os("CONFAB_READY_FILE").map(PathBuf::from) else { return };
    // Whoever waits for the file gives up by itself.
    let _ = std::fs::write(path, b"");
}

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![window_ready])
        .run(tauri::generate_context!())?;
    Ok(())
}
