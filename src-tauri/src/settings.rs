//! What the person chose and what the app remembers, in one small file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use confab_core::view::Problem;
use confab_protocol::{UserSid, WorkspaceSid};
use serde::{Deserialize, Serialize};

use crate::bridge::Reach;
use crate::{files, problem};

/// Longest name of a choice, in bytes.
const KEY_BYTES: usize = 64;
/// Longest value of a choice, in bytes.
const VALUE_BYTES: usize = 4 * 1024;
/// Most choices.
const CHOICES: usize = 128;

/// Where the window was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Geometry {
    /// Inner size in logical pixels, as it is without being maximised.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Place of the outer corner in physical pixels; unknown where the desktop does not tell.
    pub(crate) place: Option<(i32, i32)>,
    pub(crate) maximized: bool,
}

/// That this computer serves a workspace, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HostingChoice {
    pub(crate) reach: Reach,
    /// Kept over restarts, because links name it.
    pub(crate) port: u16,
}

/// Whose client runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActiveAccount {
    pub(crate) workspace: WorkspaceSid,
    pub(crate) user: UserSid,
}

/// The contents of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// Choices that only the interface understands.
    pub(crate) choices: BTreeMap<String, String>,
    pub(crate) window: Option<Geometry>,
    pub(crate) hosting: Option<HostingChoice>,
    pub(crate) active: Option<ActiveAccount>,
}

/// The file and its contents.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    remembered: Mutex<Remembered>,
}

impl Settings {
    /// Reads the file. One that cannot be read is set aside, so that the next change does not overwrite it.
    pub(crate) fn open(path: PathBuf) -> Self {
        let remembered = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "the settings cannot be read and are set aside");
                if let Err(error) = fs::rename(&path, path.with_extension("unreadable.json")) {
                    tracing::warn!(%error, "cannot set the settings aside");
                }
                Remembered::default()
            }),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "cannot read the settings");
                }
                Remembered::default()
            }
        };
        Self { path, remembered: Mutex::new(remembered) }
    }

    /// A copy of what is remembered.
    pub(crate) fn get(&self) -> Remembered {
        self.lock().clone()
    }

    /// Changes what is remembered; on failure it stays as it was.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Remembered)) -> Result<(), Problem> {
        let mut remembered = self.lock();
        let mut changed = remembered.clone();
        change(&mut changed);
        if changed == *remembered {
            return Ok(());
        }
        let written = serde_json::to_vec_pretty(&changed).map_err(io::Error::from);
        written
            .and_then(|bytes| files::replace_private(&self.path, &bytes))
            .map_err(|error| problem::unwritable(&self.path, &error))?;
        *remembered = changed;
        Ok(())
    }

    /// Stores a choice of the interface; an empty value forgets it.
    pub(crate) fn choose(&self, key: &str, value: &str) -> Result<(), Problem> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if key.is_empty() || key.len() > KEY_BYTES || !key.chars().all(plain) {
            return Err(problem::invalid("key"));
        }
        if value.len() > VALUE_BYTES {
            return Err(problem::invalid("value"));
        }
        let choices = self.get().choices;
        if choices.len() == CHOICES && !choices.contains_key(key) {
            return Err(problem::invalid("key"));
        }
        self.change(|remembered| {
            if value.is_empty() {
                remembered.choices.remove(key);
            } else {
                remembered.choices.insert(key.to_owned(), value.to_owned());
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        // A change replaces the whole value in one step, so a panic elsewhere leaves it whole.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(place: &tempfile::TempDir) -> Settings {
        Settings::open(place.path().join("settings.json"))
    }

    #[test]
    fn a_choice_is_there_after_the_next_start_and_gone_when_emptied() {
        let place = tempfile::tempdir().unwrap();
        settings(&place).choose("theme", "dark").unwrap();
        assert_eq!(settings(&place).get().choices["theme"], "dark");
        settings(&place).choose("theme", "").unwrap();
        assert!(settings(&place).get().choices.is_empty());
    }

    #[test]
    fn choices_are_bounded() {
        let place = tempfile::tempdir().unwrap();
        let settings = settings(&place);
        assert_eq!(settings.choose("no/path", "x").unwrap_err().code, problem::INVALID_PARAMS);
        assert_eq!(settings.choose("", "x").unwrap_err(), problem::invalid("key"));
        assert_eq!(
            settings.choose("a", &"x".repeat(VALUE_BYTES + 1)).unwrap_err(),
            problem::invalid("value")
        );
        for n in 0..CHOICES {
            settings.choose(&format!("k{n}"), "x").unwrap();
        }
        assert_eq!(settings.choose("one-more", "x").unwrap_err(), problem::invalid("key"));
        settings.choose("k0", "y").unwrap();
    }

    #[test]
    fn an_unreadable_file_is_set_aside_and_not_overwritten() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("settings.json"), "{ half").unwrap();
        let settings = settings(&place);
        settings.choose("theme", "dark").unwrap();
        assert_eq!(fs::read(place.path().join("settings.unreadable.json")).unwrap(), b"{ half");
    }

    #[test]
    fn a_change_that_cannot_be_written_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let settings = Settings::open(place.path().join("missing/settings.json"));
        assert_eq!(settings.choose("theme", "dark").unwrap_err().code, problem::DATA_DIR_UNWRITABLE);
        assert!(settings.get().choices.is_empty());
    }
}
