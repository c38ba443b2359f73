//! The log: to stderr as RUST_LOG says, and to a bounded file in the data directory. Never message text, never tokens.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Size at which the file becomes the old one; there is one old one.
const FILE_BYTES: u64 = 2 * 1024 * 1024;

/// Libraries whose finest levels print what they carry.
const QUIET: &[&str] =
    &["tungstenite=info", "tokio_tungstenite=info", "hyper=info", "rustls=info", "zbus=info"];

/// Starts logging. Without a file when there is none that can be written.
pub(crate) fn start(file: Option<&Path>) {
    let stderr = fmt::layer().with_writer(io::stderr).with_filter(filter(LevelFilter::WARN, true));
    let bounded = file.and_then(|path| BoundedFile::open(path).ok());
    let kept = bounded.map(|bounded| {
        fmt::layer()
            .with_ansi(false)
            .with_writer(Mutex::new(bounded))
            .with_filter(filter(LevelFilter::INFO, false))
    });
    // A second start in one process is a test's; the first one's log serves both.
    if tracing_subscriber::registry().with(stderr).with(kept).try_init().is_ok() {
        log_panics();
    }
}

fn filter(default: LevelFilter, from_environment: bool) -> EnvFilter {
    let builder = EnvFilter::builder().with_default_directive(default.into());
    let filter = if from_environment { builder.from_env_lossy() } else { builder.parse_lossy("") };
    let quiet = QUIET.iter().filter_map(|directive| directive.parse().ok());
    quiet.fold(filter, EnvFilter::add_directive)
}

/// A panic's own words may quote a message, so the file gets the place alone.
fn log_panics() {
    let standard = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%place, "panicked");
        standard(panic);
    }));
}

/// A file that starts anew at a size and keeps one predecessor.
#[derive(Debug)]
struct BoundedFile {
    path: PathBuf,
    file: File,
    written: u64,
}

impl BoundedFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = crate::files::open_private(path, OpenOptions::new().create(true).append(true))?;
        let written = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, written })
    }

    fn turn(&mut self) -> io::Result<()> {
        fs::rename(&self.path, self.path.with_extension("old.log"))?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

impl Write for BoundedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written >= FILE_BYTES {
            self.turn()?;
        }
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_stays_within_its_bound_and_keeps_one_predecessor() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("confab.log");
        let mut file = BoundedFile::open(&path).unwrap();
        let line = [b'x'; 64 * 1024];
        for _ in 0..100 {
            file.write_all(&line).unwrap();
        }
        let sizes: Vec<u64> = fs::read_dir(place.path())
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|size| *size <= FILE_BYTES + line.len() as u64), "{sizes:?}");
    }
}
