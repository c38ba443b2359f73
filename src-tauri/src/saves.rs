//! Files of messages that are saved on this computer, under a free name among the person's downloads or where they say, told of as
//! they come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use confab_client::{Client, Existing, MediaOf};
use confab_core::view::Problem;
use tokio::task::AbortHandle;

use crate::bridge::{AppEvent, SaveState, SaveView};
use crate::desktop::Suggestion;
use crate::outlet::Outlet;
use crate::problem;

/// Files that may be on their way at once.
const RUNNING: usize = 8;
/// Files that are remembered; beyond them the first is forgotten, and can be saved once more.
const REMEMBERED: usize = 200;

/// What is saved, and what was since the app began.
pub(crate) struct Saves {
    outlet: Arc<Outlet>,
    /// None where there is no such place.
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    saves: BTreeMap<String, Save>,
    /// In the order in which they were asked for.
    order: Vec<String>,
}

struct Save {
    view: SaveView,
    path: PathBuf,
    task: Option<AbortHandle>,
}

/// What is to be saved.
pub(crate) struct Wanted {
    pub(crate) of: MediaOf,
    pub(crate) name: Option<String>,
    /// In bytes.
    pub(crate) size: u64,
}

impl Saves {
    pub(crate) fn new(outlet: Arc<Outlet>, folder: Option<PathBuf>) -> Self {
        Self { outlet, folder, state: Mutex::default() }
    }

    /// All that is known, for a window that starts anew.
    pub(crate) fn all(&self) -> Vec<SaveView> {
        self.state().saves.values().map(|save| save.view.clone()).collect()
    }

    /// What a person is offered who wants to say themselves where a file goes.
    pub(crate) fn suggest(&self, wanted: &Wanted) -> Suggestion {
        let name = sanitized(wanted.name.as_deref().unwrap_or_default());
        Suggestion { folder: self.folder.clone(), name }
    }

    /// Begins to save, at a chosen place or else among the downloads; what comes of it is told. One that is on its way is not begun
    /// again. Must be called within the runtime.
    pub(crate) fn begin(
        self: &Arc<Self>,
        client: Client,
        wanted: &Wanted,
        chosen: Option<PathBuf>,
    ) -> Result<(), Problem> {
        let media = wanted.of.media.to_string();
        let mut state = self.state();
        let running = state.saves.values().filter(|save| save.view.state == SaveState::Running);
        if state.saves.get(&media).is_some_and(|save| save.view.state == SaveState::Running) {
            return Ok(());
        }
        if running.count() >= RUNNING {
            return Err(problem::local(problem::TOO_MANY_AT_ONCE));
        }
        let existing = if chosen.is_some() { Existing::Replaced } else { Existing::Kept };
        let path = match chosen {
            Some(path) if state.is_written(&path) => {
                return Err(cannot_save(path.parent().unwrap_or(&path)));
            }
            Some(path) => path,
            None => self.free_path(&state, wanted.name.as_deref())?,
        };
        let view =
            SaveView { media: media.clone(), state: SaveState::Running, received: 0, size: wanted.size };
        self.tell(&view);
        state.put(Save { view, path: path.clone(), task: None });
        let (saves, of, key) = (Arc::clone(self), wanted.of, media.clone());
        let task = tokio::spawn(async move {
            let tell = |received| saves.came(&key, received);
            let outcome = client.save(of, path, existing, tell).await;
            saves.ended(&key, outcome);
        });
        if let Some(save) = state.saves.get_mut(&media) {
            save.task = Some(task.abort_handle());
        }
        Ok(())
    }

    /// Stops one that is on its way; nothing is left of it.
    pub(crate) fn stop(&self, media: &str) {
        let mut state = self.state();
        let running = state.saves.remove(media).filter(|save| save.view.state == SaveState::Running);
        if let Some(Save { view, task, .. }) = running {
            if let Some(task) = task {
                task.abort();
            }
            state.order.retain(|other| other != media);
            self.tell(&SaveView { state: SaveState::Stopped, ..view });
        }
    }

    /// Stops all of them, and forgets the others: somebody else comes.
    pub(crate) fn forget_all(&self) {
        let saves = std::mem::take(&mut *self.state()).saves;
        saves.into_values().filter_map(|save| save.task).for_each(|task| task.abort());
    }

    /// Where a file was saved.
    ///
    /// # Errors
    /// `not_saved` when it is not there (any more).
    pub(crate) fn path(&self, media: &str) -> Result<PathBuf, Problem> {
        let state = self.state();
        let saved = state.saves.get(media).filter(|save| save.view.state == SaveState::Saved);
        let path = saved.map(|save| save.path.clone()).filter(|path| path.exists());
        path.ok_or_else(|| problem::local(problem::NOT_SAVED))
    }

    fn came(&self, media: &str, received: u64) {
        if let Some(save) = self.state().saves.get_mut(media) {
            save.view.received = received;
            self.tell(&save.view);
        }
    }

    fn ended(&self, media: &str, outcome: Result<(), Problem>) {
        let mut state = self.state();
        match outcome {
            Ok(()) => {
                if let Some(save) = state.saves.get_mut(media) {
                    (save.view.state, save.view.received) = (SaveState::Saved, save.view.size);
                    self.tell(&save.view);
                }
            }
            Err(problem) => {
                state.order.retain(|other| other != media);
                if let Some(Save { view, .. }) = state.saves.remove(media) {
                    self.tell(&SaveView { state: SaveState::Stopped, ..view });
                    self.outlet.say(AppEvent::Notice { problem, sticky: false });
                }
            }
        }
    }

    fn free_path(&self, state: &State, name: Option<&str>) -> Result<PathBuf, Problem> {
        let folder = self.folder.as_deref().ok_or_else(|| cannot_save(Path::new("")))?;
        fs::create_dir_all(folder).map_err(|error| {
            tracing::warn!(%error, "there is no folder for downloads");
            if error.kind() == io::ErrorKind::StorageFull {
                problem::local(problem::NO_ROOM_TO_SAVE)
            } else {
                cannot_save(folder)
            }
        })?;
        let name = sanitized(name.unwrap_or_default());
        let taken = |path: &Path| path.exists() || state.saves.values().any(|save| save.path == path);
        let free = (1..=REMEMBERED * 5).map(|number| folder.join(numbered(&name, number)));
        free.into_iter().find(|path| !taken(path)).ok_or_else(|| cannot_save(folder))
    }

    fn tell(&self, save: &SaveView) {
        self.outlet.say(AppEvent::Save { save: save.clone() });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_written(&self, path: &Path) -> bool {
        self.saves.values().any(|save| save.path == path && save.view.state == SaveState::Running)
    }

    fn put(&mut self, save: Save) {
        let media = save.view.media.clone();
        self.order.retain(|other| *other != media);
        self.order.push(media.clone());
        self.saves.insert(media, save);
        let is_over =
            |media: &String| self.saves.get(media).is_none_or(|save| save.view.state != SaveState::Running);
        if self.order.len() > REMEMBERED
            && let Some(at) = self.order.iter().position(is_over)
        {
            self.saves.remove(&self.order.remove(at));
        }
    }
}

fn cannot_save(folder: &Path) -> Problem {
    problem::with(problem::local(problem::CANNOT_SAVE), "path", folder.display().to_string())
}

/// A name that every system takes, whatever its sender called it.
fn sanitized(name: &str) -> String {
    let options = sanitize_filename::Options { windows: true, truncate: true, replacement: "_" };
    let name = sanitize_filename::sanitize_with_options(name, options);
    // A file that hides itself is not found again.
    let name = name.trim_start_matches('.').trim();
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

/// The name with a number before its end, from the second on.
fn numbered(name: &str, number: usize) -> String {
    if number == 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.').filter(|(stem, end)| !stem.is_empty() && end.len() <= 8) {
        Some((stem, end)) => format!("{stem} ({number}).{end}"),
        None => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder_and_hides_nothing() {
        for (given, made) in [
            ("quay plan.pdf", "quay plan.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\a|b?.txt", "C__a_b_.txt"),
            (".bashrc", "bashrc"),
            ("..", "_"),
            ("", "file"),
            ("CON", "_"),
        ] {
            assert_eq!(sanitized(given), made, "{given}");
        }
        assert!(sanitized(&"x".repeat(900)).len() <= 255);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_end() {
        assert_eq!(numbered("a.tar.gz", 1), "a.tar.gz");
        assert_eq!(numbered("a.pdf", 2), "a (2).pdf");
        assert_eq!(numbered("notes", 3), "notes (3)");
        let place = tempfile::tempdir().unwrap();
        let saves = Saves::new(Arc::default(), Some(place.path().join("Downloads")));
        let free = || saves.free_path(&saves.state(), Some("a.pdf")).unwrap();
        assert!(free().ends_with("Downloads/a.pdf"));
        fs::write(free(), "x").unwrap();
        assert!(free().ends_with("Downloads/a (2).pdf"));
    }

    #[test]
    fn what_was_not_saved_cannot_be_opened() {
        let place = tempfile::tempdir().unwrap();
        let saves = Saves::new(Arc::default(), Some(place.path().to_owned()));
        assert_eq!(saves.path("ME1"), Err(problem::local(problem::NOT_SAVED)));
        let path = place.path().join("a.pdf");
        fs::write(&path, "x").unwrap();
        let view = SaveView { media: "ME1".into(), state: SaveState::Saved, received: 1, size: 1 };
        saves.state().put(Save { view, path: path.clone(), task: None });
        assert_eq!(saves.path("ME1"), Ok(path.clone()));
        fs::remove_file(path).unwrap();
        assert_eq!(saves.path("ME1"), Err(problem::local(problem::NOT_SAVED)));
    }
}
