//! One app per data directory: a second start hands its link to the first and ends.
//!
//! The lock decides who is first; it goes with the process, however that ends. The door is a listener on loopback whose
//! port and secret stand in a file that only this user can read, so it needs no session bus and works the same everywhere.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde::{Deserialize, Serialize};

use crate::data_dir::DataDir;
use crate::files;

/// How long either side waits for the other's line.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a start waits for an app that is just ending: it drains its server first.
const ENDING: Duration = Duration::from_secs(12);
/// Pause between two tries to become the first.
const PAUSE: Duration = Duration::from_millis(50);
/// Longest line, in bytes: a secret and a link.
const LINE_BYTES: u64 = 16 * 1024;

/// What a start turned out to be.
#[derive(Debug)]
pub(crate) enum Start {
    /// The only one here.
    First(Instance),
    /// Another one is here and has shown itself.
    HandedOver,
    /// Another one holds the directory and does not answer.
    Locked,
}

/// The right to work in a data directory. Dropping it lets go.
#[derive(Debug)]
pub(crate) struct Instance {
    _lock: File,
    door: Option<Door>,
}

#[derive(Debug)]
struct Door {
    listener: TcpListener,
    secret: String,
}

/// Where the door is.
#[derive(Debug, Serialize, Deserialize)]
struct Plate {
    port: u16,
    secret: String,
}

/// What a second start says.
#[derive(Debug, Serialize, Deserialize)]
struct Knock {
    secret: String,
    link: Option<String>,
}

/// The answer to it.
const WELCOME: &str = "shown\n";

/// Becomes the app of this directory, or hands `link` to the one that is.
pub(crate) fn start(data: &DataDir, link: Option<&str>) -> io::Result<Start> {
    let give_up = Instant::now() + ENDING;
    loop {
        let lock =
            files::open_private(&data.lock(), OpenOptions::new().create(true).truncate(false).write(true))?;
        match lock.try_lock() {
            Ok(()) => return Ok(Start::First(Instance { _lock: lock, door: open_door(&data.door()) })),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        if knock(&data.door(), link).is_ok() {
            return Ok(Start::HandedOver);
        }
        if Instant::now() >= give_up {
            return Ok(Start::Locked);
        }
        thread::sleep(PAUSE);
    }
}

/// Without a door the app still works; a second start then finds the directory locked.
fn open_door(plate: &Path) -> Option<Door> {
    let open = || -> io::Result<Door> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let written = Plate { port: listener.local_addr()?.port(), secret: secret.clone() };
        files::replace_private(plate, &serde_json::to_vec(&written)?)?;
        Ok(Door { listener, secret })
    };
    open().inspect_err(|error| tracing::warn!(%error, "later starts cannot be handed over")).ok()
}

fn knock(plate: &Path, link: Option<&str>) -> io::Result<()> {
    let Plate { port, secret } = serde_json::from_slice(&fs::read(plate)?)?;
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(&Knock { secret, link: link.map(str::to_owned) })?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LINE_BYTES)).read_line(&mut answer)?;
    if answer == WELCOME { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

impl Instance {
    /// Answers later starts on a thread of its own, for as long as the process lives.
    pub(crate) fn answer(&mut self, opened: impl Fn(Option<String>) + Send + 'static) -> io::Result<()> {
        let Some(door) = self.door.take() else { return Ok(()) };
        let serve = move || {
            for stream in door.listener.incoming().flatten() {
                match admit(stream, &door.secret) {
                    Ok(link) => opened(link),
                    Err(error) => tracing::debug!(%error, "a knock was refused"),
                }
            }
        };
        thread::Builder::new().name("door".into()).spawn(serve).map(drop)
    }
}

fn admit(mut stream: TcpStream, secret: &str) -> io::Result<Option<String>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&stream).take(LINE_BYTES)).read_line(&mut line)?;
    let knock: Knock = serde_json::from_str(&line)?;
    // Both were made here from 128 random bits; what a comparison's time tells is of no use within a few tries.
    if knock.secret != secret {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.write_all(WELCOME.as_bytes())?;
    Ok(knock.link)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn first(data: &DataDir) -> Instance {
        match start(data, None).unwrap() {
            Start::First(instance) => instance,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_second_start_hands_its_link_over() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path().to_owned());
        let mut instance = first(&data);
        let (sender, received) = mpsc::channel();
        instance.answer(move |link| sender.send(link).unwrap()).unwrap();
        for link in [Some("confab://join/1/e30"), None] {
            assert!(matches!(start(&data, link).unwrap(), Start::HandedOver));
            assert_eq!(received.recv().unwrap().as_deref(), link);
        }
    }

    #[test]
    fn directories_do_not_know_of_each_other() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let _first = first(&DataDir::new(one.path().to_owned()));
        let _second = first(&DataDir::new(other.path().to_owned()));
    }

    #[test]
    fn a_start_takes_over_from_one_that_is_gone() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path().to_owned());
        drop(first(&data));
        drop(first(&data));
    }

    #[test]
    fn whoever_does_not_know_the_secret_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path().to_owned());
        let mut instance = first(&data);
        let (sender, received) = mpsc::channel::<Option<String>>();
        instance.answer(move |link| sender.send(link).unwrap()).unwrap();
        let plate: Plate = serde_json::from_slice(&fs::read(data.door()).unwrap()).unwrap();
        let forged = place.path().join("forged.json");
        fs::write(&forged, serde_json::to_vec(&Plate { secret: "0".repeat(32), ..plate }).unwrap()).unwrap();
        assert!(knock(&forged, Some("confab://join/1/e30")).is_err());
        assert!(knock(&data.door(), None).is_ok());
        assert_eq!(received.recv().unwrap(), None);
    }
}
