//! Pictures that were shown, beside `cache.db`: each under its conversation and its message, so that it goes with them. Bounded:
//! what was not looked at for longest goes first.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use confab_protocol::{ConversationSid, MediaSid, MessageSid};

use crate::clock;

/// The directory in the client's.
const DIRECTORY: &str = "media";
/// Bytes that are kept.
const MOST: u64 = 256 * 1024 * 1024;

/// A file of a message, where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaOf {
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageSid,
    /// The file.
    pub media: MediaSid,
}

/// How large a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureSize {
    /// In small: it fits 512 pixels.
    Small,
    /// As it was sent.
    Whole,
}

/// What goes from the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    Message(ConversationSid, MessageSid),
    Conversation(ConversationSid),
    Everything,
}

impl Gone {
    fn covers(self, of: MediaOf) -> bool {
        match self {
            Self::Message(conversation, message) => (conversation, message) == (of.conversation, of.message),
            Self::Conversation(conversation) => conversation == of.conversation,
            Self::Everything => true,
        }
    }
}

/// Where they are.
#[derive(Debug, Clone)]
pub(crate) struct KeptFiles {
    place: PathBuf,
    most: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes on the disk; none until they were counted.
    held: Option<u64>,
    /// What is being fetched; none where it went meanwhile.
    fetches: HashMap<u64, Option<MediaOf>>,
    last: u64,
}

/// A fetch under way. What comes of it is kept only if its message is still there then.
#[derive(Debug)]
pub(crate) struct Fetch {
    files: KeptFiles,
    number: u64,
    of: MediaOf,
}

impl KeptFiles {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { place: directory.join(DIRECTORY), most: MOST, state: Arc::default() }
    }

    /// What is kept of a picture; it counts as looked at.
    pub(crate) fn read(&self, of: MediaOf, size: PictureSize) -> Option<Bytes> {
        let path = self.path(of, size);
        let bytes = fs::read(&path).ok()?;
        // Without that it only goes earlier.
        let _ = File::options().write(true).open(&path).and_then(|file| file.set_modified(now()));
        Some(bytes.into())
    }

    /// Where the file itself is kept, if it is.
    pub(crate) fn whole(&self, of: MediaOf) -> Option<PathBuf> {
        Some(self.path(of, PictureSize::Whole)).filter(|path| path.is_file())
    }

    /// Begins to fetch.
    pub(crate) fn begin(&self, of: MediaOf) -> Fetch {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        state.fetches.insert(number, Some(of));
        Fetch { files: self.clone(), number, of }
    }

    /// Deletes what goes, and keeps nothing of it that is still being fetched.
    pub(crate) fn forget(&self, gone: Gone) {
        let mut state = self.state();
        for of in state.fetches.values_mut() {
            *of = of.filter(|of| !gone.covers(*of));
        }
        let path = match gone {
            Gone::Message(conversation, message) => self.message(conversation, message),
            Gone::Conversation(conversation) => self.place.join(conversation.to_string()),
            Gone::Everything => self.place.clone(),
        };
        state.held = None;
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "pictures of what was removed stay on the disk");
            }
            _ => {}
        }
    }

    fn keep(&self, of: MediaOf, size: PictureSize, bytes: &[u8], state: &mut State) -> io::Result<()> {
        let path = self.path(of, size);
        fs::create_dir_all(self.message(of.conversation, of.message))?;
        let partial = path.with_extension("partial");
        fs::write(&partial, bytes)?;
        fs::rename(&partial, &path)?;
        let held = match state.held {
            Some(held) => held + bytes.len() as u64,
            None => self.all().iter().map(|kept| kept.bytes).sum(),
        };
        state.held = Some(if held > self.most { self.make_room() } else { held });
        Ok(())
    }

    /// Deletes what was not looked at for longest until a quarter is free. Gives what is left, in bytes.
    fn make_room(&self) -> u64 {
        let mut all = self.all();
        all.sort_by_key(|kept| kept.looked_at);
        let mut held: u64 = all.iter().map(|kept| kept.bytes).sum();
        for kept in all {
            if held <= self.most / 4 * 3 {
                break;
            }
            if fs::remove_file(&kept.path).is_ok() {
                held -= kept.bytes;
                // Only an empty directory goes.
                let _ = kept.path.parent().map(fs::remove_dir);
            }
        }
        held
    }

    fn all(&self) -> Vec<Kept> {
        let below = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten();
        let messages = below(self.place.clone()).flat_map(|entry| below(entry.path()));
        let files = messages.flat_map(|entry| below(entry.path()));
        let kept = |entry: fs::DirEntry| {
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let looked_at = about.modified().unwrap_or(UNIX_EPOCH);
            Some(Kept { path: entry.path(), bytes: about.len(), looked_at })
        };
        files.filter_map(kept).collect()
    }

    fn message(&self, conversation: ConversationSid, message: MessageSid) -> PathBuf {
        self.place.join(conversation.to_string()).join(message.to_string())
    }

    fn path(&self, of: MediaOf, size: PictureSize) -> PathBuf {
        let name = match size {
            PictureSize::Small => format!("{}-small", of.media),
            PictureSize::Whole => of.media.to_string(),
        };
        self.message(of.conversation, of.message).join(name)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is kept.
struct Kept {
    path: PathBuf,
    bytes: u64,
    looked_at: SystemTime,
}

impl Fetch {
    /// Keeps what came, unless its message went meanwhile. A disk that does not take it is no failure: it is fetched again.
    pub(crate) fn keep(&self, size: PictureSize, bytes: &[u8]) {
        let mut state = self.files.state();
        if state.fetches.get(&self.number).is_some_and(Option::is_some)
            && let Err(error) = self.files.keep(self.of, size, bytes, &mut state)
        {
            tracing::debug!(%error, "a picture is not kept");
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.files.state().fetches.remove(&self.number);
    }
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(clock::now().0)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn of(conversation: u128, message: u128) -> MediaOf {
        MediaOf {
            conversation: ConversationSid(Uuid::from_u128(conversation)),
            message: MessageSid(Uuid::from_u128(message)),
            media: MediaSid(Uuid::from_u128(message + 100)),
        }
    }

    fn keep(files: &KeptFiles, of: MediaOf, bytes: &[u8]) {
        files.begin(of).keep(PictureSize::Small, bytes);
    }

    fn held(files: &KeptFiles, of: MediaOf) -> bool {
        files.read(of, PictureSize::Small).is_some()
    }

    #[test]
    fn a_picture_goes_with_its_message_its_conversation_or_everything() {
        let home = tempfile::tempdir().unwrap();
        let files = KeptFiles::new(home.path());
        let all = [of(1, 1), of(1, 2), of(2, 3), of(3, 4)];
        all.iter().for_each(|of| keep(&files, *of, b"picture"));
        assert_eq!(files.read(all[0], PictureSize::Small).as_deref(), Some(&b"picture"[..]));
        assert_eq!(files.read(all[0], PictureSize::Whole), None);
        files.forget(Gone::Message(all[0].conversation, all[0].message));
        files.forget(Gone::Conversation(all[2].conversation));
        assert_eq!(all.map(|of| held(&files, of)), [false, true, false, true]);
        files.forget(Gone::Everything);
        files.forget(Gone::Everything);
        assert_eq!(all.map(|of| held(&files, of)), [false; 4]);
        assert!(!home.path().join(DIRECTORY).exists());
    }

    #[test]
    fn what_went_while_it_was_fetched_is_not_kept() {
        let home = tempfile::tempdir().unwrap();
        let files = KeptFiles::new(home.path());
        let (gone, other) = (files.begin(of(1, 1)), files.begin(of(1, 2)));
        files.forget(Gone::Message(of(1, 1).conversation, of(1, 1).message));
        gone.keep(PictureSize::Small, b"picture");
        other.keep(PictureSize::Small, b"picture");
        assert_eq!([of(1, 1), of(1, 2)].map(|of| held(&files, of)), [false, true]);
    }

    #[test]
    fn what_was_not_looked_at_for_longest_makes_room() {
        let home = tempfile::tempdir().unwrap();
        let files = KeptFiles { most: 100, ..KeptFiles::new(home.path()) };
        let looked_at = |n: u128, seconds| {
            let file = File::options().write(true).open(files.path(of(n, n), PictureSize::Small)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        };
        for n in 1..=4 {
            keep(&files, of(n, n), &[0; 25]);
            looked_at(n, u64::try_from(n).unwrap());
        }
        looked_at(1, 9);
        keep(&files, of(5, 5), &[0; 25]);
        assert_eq!([1, 2, 3, 4, 5].map(|n| held(&files, of(n, n))), [true, false, false, true, true]);
        assert_eq!(files.state().held, Some(75));
    }
}
