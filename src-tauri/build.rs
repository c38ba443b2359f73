//! Prepares the build of the desktop app: the commands that the window may be allowed, and the interface it shows.

use std::path::Path;
use std::{fs, io};

/// Every command of the shell; each is allowed by name in `capabilities/main.json`.
const COMMANDS: &[&str] = &[
    "dispatch",
    "finish_file",
    "give_up_file",
    "join_workspace",
    "open_saved",
    "paste_files",
    "quit",
    "reveal_saved",
    "save_media",
    "set_reach",
    "set_setting",
    "sign_in",
    "sign_out",
    "stage_file",
    "stage_offered",
    "stage_piece",
    "start_workspace",
    "stop_saving",
    "subscribe",
    "window_ready",
    "workspace_link",
];

/// Stands in when the interface was not built, so that the shell compiles and says what is missing.
const NO_INTERFACE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Confab</title>\
    <p>The interface was not built. Run <code>cargo xtask run</code>.</p></html>\n";

fn main() -> io::Result<()> {
    let dist = Path::new("ui/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(dist)?;
        fs::write(dist.join("index.html"), NO_INTERFACE)?;
    }
    // The interface is built into the program, but cargo does not know these files.
    println!("cargo::rerun-if-changed=ui/dist");
    println!("cargo::rerun-if-changed=src-tauri/capabilities");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes).map_err(io::Error::other)
}
