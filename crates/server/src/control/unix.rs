//! The door as a socket in the data directory, which only its owner may enter.

use std::fs;
use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::Path;

use tokio::net::{UnixListener, UnixStream};

use crate::data_dir::keep_private;

const NAME: &str = "control.sock";

pub(super) type Visit = StdUnixStream;

pub(super) struct Door(UnixListener);

impl Door {
    /// The directory is locked by this server: a socket that lies there was left by one that was killed.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join(NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        keep_private(&path, 0o600)?;
        Ok(Self(listener))
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.0.accept().await.map(|(visitor, _)| visitor)
    }

    /// The mode of the socket is enough.
    pub(super) fn token(&self) -> &'static str {
        ""
    }
}

/// Goes to the door of a server that may run there.
pub(super) fn knock(dir: &Path) -> Option<(Visit, String)> {
    StdUnixStream::connect(dir.join(NAME)).ok().map(|stream| (stream, String::new()))
}
