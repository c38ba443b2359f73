//! The codes of failures that happen on this computer; refusals by the server keep the code of the wire.

use confab_core::view::Problem;
use confab_protocol::WireError;
use serde_json::{Map, Value};

/// No address of the workspace answers. Params: `address`, the first one tried.
pub const UNREACHABLE: &str = "unreachable";
/// The server did not answer within the bound. Params: `address`.
pub const TIMED_OUT: &str = "timed_out";
/// Whoever answers is not the workspace that the link names. Params: `address`.
pub const FINGERPRINT_MISMATCH: &str = "fingerprint_mismatch";
/// The server has no public certificate: compare the fingerprint, then sign in at `host:port#fingerprint`.
/// Params: `address`, `fingerprint`.
pub const FINGERPRINT_UNKNOWN: &str = "fingerprint_unknown";
/// The text is no invite link.
pub const NOT_AN_INVITE: &str = "not_an_invite";
/// The link is of a form that a newer version makes.
pub const NEWER_LINK: &str = "newer_link";
/// The text names no host.
pub const NOT_AN_ADDRESS: &str = "not_an_address";
/// The action needs a connection, or the client has ended.
pub const OFFLINE: &str = "offline";
/// The disk is full: what is written is not safe yet.
pub const DISK_FULL: &str = "disk_full";
/// Another client runs in the directory. Params: `path`.
pub const DATA_DIR_LOCKED: &str = "data_dir_locked";
/// The client's directory cannot be written. Params: `path`.
pub const DATA_DIR_UNWRITABLE: &str = "data_dir_unwritable";
/// The outbox was written by a newer version of the client. Params: `path`.
pub const NEWER_DATA: &str = "newer_data";
/// The outbox could not be read and was set aside; what it held was not sent. Params: `path`.
pub const OUTBOX_SET_ASIDE: &str = "outbox_set_aside";

/// A file cannot be read, or could not be kept. Params: `reason`.
pub const FILE_UNREADABLE: &str = "file_unreadable";

/// A file cannot be saved there. Params: `path`, the folder.
pub const CANNOT_SAVE: &str = "cannot_save";
/// There is no room for a file where it is to be saved.
pub const NO_ROOM_TO_SAVE: &str = "no_room_to_save";

/// A problem without parameters.
#[must_use]
pub(crate) fn local(code: &str) -> Problem {
    Problem { code: code.to_owned(), params: Map::new() }
}

/// A problem with one parameter.
#[must_use]
pub(crate) fn with(code: &str, name: &str, value: impl Into<Value>) -> Problem {
    let mut problem = local(code);
    problem.params.insert(name.to_owned(), value.into());
    problem
}

/// A refusal of the server, as it stands.
#[must_use]
pub(crate) fn of_wire(error: WireError) -> Problem {
    Problem { code: error.code.as_str().to_owned(), params: error.params }
}
