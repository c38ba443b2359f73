//! Puts what was restored in place of what is in a data directory. Whatever ends the process, and whenever: the directory holds
//! either the one or the other, or knows how to go on.
//!
//! The new files are made in a directory of their own. That it is whole says its new name, and from then on there is no way
//! back: whoever opens the data directory next completes what was begun, before looking at anything.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::data_dir::{DATABASE, KEY, private_dir, remove_dir, sync_dir, write_private};
use crate::media::DIRECTORY;

/// Where the new files are made.
const STAGED: &str = "restore.partial";
/// Its name once they are whole.
const READY: &str = "restore.ready";
/// The file in it that says where to put what is in the data directory now.
const ASIDE: &str = "aside";
/// What goes aside, together: a database is nothing without its log.
const OLD: [&str; 5] = ["confab.db-wal", "confab.db-shm", DIRECTORY, DATABASE, KEY];
/// What comes in its place.
const NEW: [&str; 3] = [DATABASE, DIRECTORY, KEY];

/// An empty place for new files.
pub(super) fn stage(dir: &Path) -> io::Result<PathBuf> {
    let staged = dir.join(STAGED);
    private_dir(&staged)?;
    Ok(staged)
}

/// Gives the new files up.
pub(super) fn give_up(dir: &Path) -> io::Result<()> {
    remove_dir(&dir.join(STAGED))
}

/// Puts the new files, which are on the disk, in place. What was there goes into the directory of the name `aside`.
pub(super) fn put_in_place(dir: &Path, aside: &str) -> io::Result<()> {
    make_ready(dir, aside)?;
    complete(dir)
}

/// From here on there is no way back.
fn make_ready(dir: &Path, aside: &str) -> io::Result<()> {
    let staged = dir.join(STAGED);
    write_private(&staged.join(ASIDE), aside.as_bytes())?;
    sync_dir(&staged)?;
    fs::rename(&staged, dir.join(READY))?;
    sync_dir(dir)
}

/// Whether new files are being made or put in place.
pub(crate) fn is_under_way(dir: &Path) -> bool {
    dir.join(STAGED).exists() || dir.join(READY).exists()
}

/// Completes what was begun, when something was. New files that were not whole go. Only for whoever holds the directory.
pub(crate) fn complete(dir: &Path) -> io::Result<()> {
    give_up(dir)?;
    let ready = dir.join(READY);
    match fs::read_to_string(ready.join(ASIDE)) {
        Ok(aside) => go_on(dir, &ready, &dir.join(aside), &mut |from, to| fs::rename(from, to))?,
        // Nothing was begun, or everything is done but the last step.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    remove_dir(&ready)
}

/// Moves the files. As long as the new database has not come in, everything that lies there is old; it comes in first of the
/// new ones, and no step begins before those ahead of it are on the disk.
fn go_on(
    dir: &Path,
    ready: &Path,
    aside: &Path,
    rename: &mut dyn FnMut(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    if ready.join(DATABASE).exists() {
        for name in OLD.into_iter().filter(|name| dir.join(name).exists()) {
            if !aside.exists() {
                private_dir(aside)?;
            }
            rename(&dir.join(name), &aside.join(name))?;
        }
        if aside.exists() {
            sync_dir(aside)?;
        }
        sync_dir(dir)?;
    }
    for name in NEW.into_iter().filter(|name| ready.join(name).exists()) {
        rename(&ready.join(name), &dir.join(name))?;
        sync_dir(dir)?;
        sync_dir(ready)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data directory with old files, and new ones that are ready to come in their place.
    fn begun() -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path();
        for name in OLD {
            fs::write(dir.join(name), format!("old {name}")).unwrap();
        }
        let staged = stage(dir).unwrap();
        for name in NEW {
            fs::write(staged.join(name), format!("new {name}")).unwrap();
        }
        place
    }

    fn is(path: &Path, text: &str) -> bool {
        fs::read_to_string(path).is_ok_and(|found| found == text)
    }

    fn is_done(dir: &Path) {
        assert!(NEW.iter().all(|name| is(&dir.join(name), &format!("new {name}"))));
        assert!(OLD.iter().all(|name| is(&dir.join("before").join(name), &format!("old {name}"))));
        assert!(!dir.join("confab.db-wal").exists() && !is_under_way(dir));
    }

    #[test]
    fn the_new_comes_in_and_the_old_goes_aside() {
        let place = begun();
        assert!(is_under_way(place.path()));
        put_in_place(place.path(), "before").unwrap();
        is_done(place.path());
        complete(place.path()).unwrap();
        is_done(place.path());
    }

    #[test]
    fn what_breaks_off_at_any_step_is_completed_by_whoever_comes_next() {
        for steps in 0..OLD.len() + NEW.len() {
            let place = begun();
            let dir = place.path();
            make_ready(dir, "before").unwrap();
            let mut left = steps;
            let broken = go_on(dir, &dir.join(READY), &dir.join("before"), &mut |from, to| {
                left = left.checked_sub(1).ok_or(io::ErrorKind::Interrupted)?;
                fs::rename(from, to)
            });
            assert!(broken.is_err(), "{steps}");
            complete(dir).unwrap();
            is_done(dir);
        }
    }

    #[test]
    fn the_last_step_is_completed_too() {
        let place = begun();
        put_in_place(place.path(), "before").unwrap();
        fs::create_dir(place.path().join(READY)).unwrap();
        complete(place.path()).unwrap();
        is_done(place.path());
    }

    #[test]
    fn what_was_not_whole_goes_and_the_old_stays() {
        let place = begun();
        complete(place.path()).unwrap();
        assert!(OLD.iter().all(|name| is(&place.path().join(name), &format!("old {name}"))));
        assert!(!is_under_way(place.path()));
    }
}
