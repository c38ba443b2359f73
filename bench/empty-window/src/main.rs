//! A Tauri window with nothing in it: what any app of this kind costs before it does anything.

use std::io::Write as _;

/// The page was painted: says so in the words in which the app says it.
#[tauri::command]
fn window_ready() {
    // Whoever waits for the line gives up by itself.
    let _ = writeln!(std::io::stderr(), "the window is ready");
}

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![window_ready])
        .run(tauri::generate_context!())?;
    Ok(())
}
