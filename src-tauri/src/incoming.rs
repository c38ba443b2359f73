//! Files on their way into the client's keeping: piece by piece from the page, or from where the desktop says that they are.

mod pieces;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use confab_client::Client;
use confab_core::command::FileToSend;
use confab_core::view::Problem;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub(crate) use self::pieces::PieceReader;
use crate::bridge::OfferedFile;
use crate::problem;

/// Files that may be on their way from the page at once.
const BEGUN: usize = 16;
/// Pieces of one of them that may wait for the disk.
const WAITING: usize = 2;
/// Files that one drop or one paste may offer.
const OFFERED: usize = 64;

/// Where an offered file is.
#[derive(Debug)]
pub(crate) enum Source {
    /// On this computer.
    Path(PathBuf),
    /// In memory: a picture of the clipboard.
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "elsewhere the page is given it")
    )]
    Picture(Vec<u8>),
}

/// The files.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: u32,
    begun: BTreeMap<u32, Begun>,
    /// Those of the last drop or paste.
    offered: BTreeMap<u32, (OfferedFile, Source)>,
}

/// One that comes from the page.
#[derive(Debug)]
struct Begun {
    pieces: mpsc::Sender<Vec<u8>>,
    staged: JoinHandle<Result<FileToSend, Problem>>,
}

impl Incoming {
    /// Begins with one from the page. Gives its number.
    pub(crate) fn begin(
        &self,
        client: Client,
        name: Option<String>,
        content_type: String,
        size: u64,
    ) -> Result<u32, Problem> {
        let mut state = self.state();
        if state.begun.len() >= BEGUN {
            return Err(problem::local(problem::TOO_MANY_AT_ONCE));
        }
        let (pieces, waiting) = mpsc::channel(WAITING);
        let source = PieceReader::new(waiting, size);
        let staged = tokio::spawn(async move { client.stage(name, content_type, source).await });
        let number = state.next();
        state.begun.insert(number, Begun { pieces, staged });
        Ok(number)
    }

    /// Takes its next piece, as soon as the disk has room for it.
    pub(crate) async fn piece(&self, number: u32, bytes: Vec<u8>) -> Result<(), Problem> {
        let pieces = self.state().begun.get(&number).map(|begun| begun.pieces.clone());
        // Whoever is gone has failed: why is told at the end.
        let _ = pieces.ok_or_else(unknown)?.send(bytes).await;
        Ok(())
    }

    /// Waits until all of it is on the disk.
    pub(crate) async fn finish(&self, number: u32) -> Result<FileToSend, Problem> {
        let begun = self.state().begun.remove(&number);
        let Begun { pieces, staged } = begun.ok_or_else(unknown)?;
        drop(pieces);
        staged.await.unwrap_or_else(|error| Err(problem::of_ended_task(&error)))
    }

    /// Forgets it; nothing stays on the disk.
    pub(crate) fn give_up(&self, number: u32) {
        self.state().begun.remove(&number);
    }

    /// The page began anew: what it was about to bring will not come.
    pub(crate) fn give_up_all(&self) {
        self.state().begun.clear();
    }

    /// Offers files to the page, in the place of those offered before. Folders are none.
    pub(crate) fn offer(&self, sources: Vec<Source>) -> Vec<OfferedFile> {
        let mut state = self.state();
        state.offered.clear();
        for source in sources.into_iter().take(OFFERED) {
            let number = state.next();
            if let Some(offered) = describe(number, &source) {
                state.offered.insert(number, (offered, source));
            }
        }
        state.offered.values().map(|(offered, _)| offered.clone()).collect()
    }

    /// Brings an offered file into the client's keeping.
    pub(crate) async fn take(&self, client: Client, number: u32) -> Result<FileToSend, Problem> {
        let offered = self.state().offered.remove(&number);
        let (OfferedFile { name, content_type, .. }, source) = offered.ok_or_else(unknown)?;
        let source: Box<dyn Read + Send> = match source {
            Source::Path(path) => Box::new(File::open(&path).map_err(|error| unreadable(&error))?),
            Source::Picture(bytes) => Box::new(Cursor::new(bytes)),
        };
        client.stage(Some(name), content_type, source).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.last
    }
}

fn describe(number: u32, source: &Source) -> Option<OfferedFile> {
    match source {
        Source::Path(path) => {
            let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
            let name = path.file_name()?.to_string_lossy().into_owned();
            let content_type = mime_guess::from_path(path).first_or_octet_stream().to_string();
            Some(OfferedFile { number, name, content_type, size: about.len() })
        }
        Source::Picture(bytes) => Some(OfferedFile {
            number,
            name: "picture.png".to_owned(),
            content_type: "image/png".to_owned(),
            size: bytes.len() as u64,
        }),
    }
}

fn unknown() -> Problem {
    problem::with(problem::local(problem::NOT_FOUND), "what", "media")
}

fn unreadable(error: &std::io::Error) -> Problem {
    problem::with(problem::local(problem::FILE_UNREADABLE), "reason", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_offered_by_name_type_and_size_and_folders_are_not() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("departures.csv");
        fs::write(&path, "a,b\n").unwrap();
        let incoming = Incoming::default();
        let sources = [path, place.path().to_owned(), place.path().join("none")].map(Source::Path);
        let offered = incoming.offer(sources.into());
        assert_eq!(offered.len(), 1);
        let OfferedFile { name, content_type, size, .. } = &offered[0];
        assert_eq!((name.as_str(), content_type.as_str(), *size), ("departures.csv", "text/csv", 4));
        let picture = incoming.offer(vec![Source::Picture(vec![1, 2, 3])]);
        assert_eq!((picture[0].content_type.as_str(), picture[0].size), ("image/png", 3));
        assert_eq!(incoming.state().offered.len(), 1, "only the last ones");
    }

    #[test]
    fn what_is_offered_is_bounded() {
        let pictures = (0..OFFERED + 9).map(|_| Source::Picture(vec![1])).collect();
        assert_eq!(Incoming::default().offer(pictures).len(), OFFERED);
    }
}
