//! Failures of the shell in the form in which the interface makes a sentence of them.

use std::io;
use std::path::Path;

use confab_core::view::Problem;
use confab_server::ServerError;
use serde_json::{Map, Value};

/// The data directory cannot be written. Params: `path`.
pub(crate) const DATA_DIR_UNWRITABLE: &str = "data_dir_unwritable";
/// Another program works in the data directory. Params: `path`.
pub(crate) const DATA_DIR_LOCKED: &str = "data_dir_locked";
/// No keyring takes the sign-in: it lies in a file that only this user can read.
pub(crate) const KEYRING_MISSING: &str = "keyring_missing";
/// No room is left on the disk.
pub(crate) const DISK_FULL: &str = "disk_full";
/// The sign-in is in a keyring that gives no answer now.
pub(crate) const KEYRING_LOCKED: &str = "keyring_locked";
/// Nobody is signed in.
pub(crate) const NOT_SIGNED_IN: &str = "not_signed_in";
/// What was given is not of the form expected. Params: `field`.
pub(crate) const INVALID_PARAMS: &str = "invalid_params";
/// More files at once than there is room for.
pub(crate) const TOO_MANY_AT_ONCE: &str = "too_many_at_once";
/// It is not there (any more). Params: `what`.
pub(crate) const NOT_FOUND: &str = "not_found";
/// A file cannot be read. Params: `reason`.
pub(crate) const FILE_UNREADABLE: &str = "file_unreadable";
/// What was dropped holds no file.
pub(crate) const NO_FILES: &str = "no_files";
/// A file cannot be saved there. Params: `path`, the folder.
pub(crate) const CANNOT_SAVE: &str = "cannot_save";
/// There is no room for a file where it is to be saved.
pub(crate) const NO_ROOM_TO_SAVE: &str = "no_room_to_save";
/// A file was not saved here, or is no longer there.
pub(crate) const NOT_SAVED: &str = "not_saved";
/// The system has no program that takes a file, or it does not start.
pub(crate) const CANNOT_OPEN: &str = "cannot_open";
/// A defect; the log says more.
pub(crate) const INTERNAL: &str = "internal";

/// A problem without parameters.
pub(crate) fn local(code: &str) -> Problem {
    Problem { code: code.to_owned(), params: Map::new() }
}

/// The problem with one more parameter.
pub(crate) fn with(mut problem: Problem, name: &str, value: impl Into<Value>) -> Problem {
    problem.params.insert(name.to_owned(), value.into());
    problem
}

/// A parameter of a command that is not of the form expected.
pub(crate) fn invalid(field: &str) -> Problem {
    with(local(INVALID_PARAMS), "field", field)
}

/// Why something under the data directory could not be written.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Problem {
    tracing::warn!(path = %path.display(), %error, "cannot write");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => local(DISK_FULL),
        _ => with(local(DATA_DIR_UNWRITABLE), "path", path.display().to_string()),
    }
}

/// Why the server in this app did not do as asked.
pub(crate) fn of_server(error: &ServerError) -> Problem {
    tracing::warn!(%error, "the server in this app");
    let problem = local(error.code());
    match error {
        ServerError::PortInUse { address } => with(problem, "port", address.port()),
        ServerError::CannotListen { address, .. } => with(problem, "address", address.to_string()),
        ServerError::DataDirUnwritable { path, .. } | ServerError::DataDirLocked { path } => {
            with(problem, "path", path.display().to_string())
        }
        ServerError::Refused(refusal) => Problem { params: refusal.params.clone(), ..problem },
        _ => problem,
    }
}

/// A task that ended by a panic: the log has its place.
pub(crate) fn of_ended_task(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(%error, "a task ended");
    local(INTERNAL)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_a_directory_that_cannot_be_written() {
        let path = Path::new("/data");
        let full = unwritable(path, &io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full, local(DISK_FULL));
        let denied = unwritable(path, &io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!((denied.code.as_str(), &denied.params["path"]), (DATA_DIR_UNWRITABLE, &json!("/data")));
    }

    #[test]
    fn a_port_in_use_is_named() {
        let error = ServerError::PortInUse { address: ([127, 0, 0, 1], 7420).into() };
        assert_eq!(of_server(&error), with(local("port_in_use"), "port", 7420));
    }
}
