//! The door where there are no sockets in directories: a loopback port, and a file that says which and proves who asks.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdTcpListener, TcpStream as StdTcpStream};
use std::path::Path;

use tokio::net::{TcpListener, TcpStream};

use crate::clock::random;
use crate::data_dir::write_private;
use crate::tls::hex;

const NAME: &str = "control";

pub(super) type Visit = StdTcpStream;

pub(super) struct Door {
    listener: TcpListener,
    token: String,
}

impl Door {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let listener = StdTcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let token = hex(&random::<16>());
        let port = listener.local_addr()?.port();
        write_private(&dir.join(NAME), format!("{port} {token}").as_bytes())?;
        Ok(Self { listener: TcpListener::from_std(listener)?, token })
    }

    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        self.listener.accept().await.map(|(visitor, _)| visitor)
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }
}

/// Goes to the door of a server that may run there.
pub(super) fn knock(dir: &Path) -> Option<(Visit, String)> {
    let said = fs::read_to_string(dir.join(NAME)).ok()?;
    let (port, token) = said.split_once(' ')?;
    let stream = StdTcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().ok()?)).ok()?;
    Some((stream, token.to_owned()))
}
