//! What the window may ask: one file per command, each of which only passes on.

mod dispatch;
mod finish_file;
mod give_up_file;
mod join_workspace;
mod open_saved;
mod paste_files;
mod quit;
mod reveal_saved;
#[cfg(test)]
pub(crate) mod rig;
mod save_media;
mod set_reach;
mod set_setting;
mod sign_in;
mod sign_out;
mod stage_file;
mod stage_offered;
mod stage_piece;
mod start_workspace;
mod stop_saving;
mod subscribe;
mod window_ready;
mod workspace_link;

use std::sync::Arc;

use tauri::ipc::Invoke;
use tauri::{Runtime, State};

use crate::shell::Shell;

/// The app's state, as commands get it.
type TheShell<'a> = State<'a, Arc<Shell>>;

/// All of them.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        dispatch::dispatch,
        finish_file::finish_file,
        give_up_file::give_up_file,
        join_workspace::join_workspace,
        open_saved::open_saved,
        paste_files::paste_files,
        quit::quit,
        reveal_saved::reveal_saved,
        save_media::save_media,
        set_reach::set_reach,
        set_setting::set_setting,
        sign_in::sign_in,
        sign_out::sign_out,
        stage_file::stage_file,
        stage_offered::stage_offered,
        stage_piece::stage_piece,
        start_workspace::start_workspace,
        stop_saving::stop_saving,
        subscribe::subscribe,
        window_ready::window_ready,
        workspace_link::workspace_link,
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    /// A command that is not allowed by name answers nothing but a refusal of Tauri's own.
    #[test]
    fn the_window_may_call_each_command_and_nothing_else() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri");
        let files = std::fs::read_dir(here.join("src/commands")).unwrap();
        let names =
            files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
        let expected: BTreeSet<String> = names
            .filter(|name| name != "rig")
            .map(|name| format!("allow-{}", name.replace('_', "-")))
            .collect();
        let capability = std::fs::read(here.join("capabilities/main.json")).unwrap();
        let capability: Value = serde_json::from_slice(&capability).unwrap();
        let allowed = capability["permissions"].as_array().unwrap().iter();
        assert_eq!(allowed.map(|name| name.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), expected);
    }
}
