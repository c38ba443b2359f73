//! The form of a backup: a tar archive whose first entry says what follows, with sizes and hashes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use confab_protocol::{Timestamp, WorkspaceSid};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tar::{Archive, Builder, Entry, Header};

use super::media::{self, End};

use crate::data_dir::private_file;
use crate::error::ServerError;
use crate::tls::hex;

/// The form that is written, and the newest that can be read.
const FORM: u32 = 2;
/// The first form in which files stand behind the parts.
const WITH_FILES: u32 = 2;
const MANIFEST: &str = "manifest.json";
/// Longest manifest that is read.
const MANIFEST_BYTES: u64 = 64 * 1024;
/// Bytes copied at once.
const CHUNK: usize = 64 * 1024;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Form of the archive.
    pub(super) form: u32,
    /// Whose backup it is.
    pub(super) workspace: WorkspaceSid,
    /// When it was made.
    pub(super) made_at: Timestamp,
    /// What it holds, in order.
    pub(super) parts: Vec<Part>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Its name in the data directory.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
    /// SHA-256 as hex digits.
    pub(super) sha256: String,
}

/// The form alone, which a manifest of whatever form has.
#[derive(Deserialize)]
struct Form {
    form: u32,
}

impl Manifest {
    /// The manifest of files that will not change any more.
    pub(super) fn of(
        workspace: WorkspaceSid,
        made_at: Timestamp,
        files: &[(&str, &Path)],
    ) -> io::Result<Self> {
        let part = |&(name, path): &(&str, &Path)| {
            let (bytes, sha256) = copy(&mut File::open(path)?, &mut io::sink(), u64::MAX)?;
            Ok(Part { name: name.to_owned(), bytes, sha256 })
        };
        let parts = files.iter().map(part).collect::<io::Result<_>>()?;
        Ok(Self { form: FORM, workspace, made_at, parts })
    }
}

/// How an archive that is no whole one is told of.
pub(super) type Damaged<'a> = dyn Fn(String) -> ServerError + 'a;

/// Writes an archive that is on the disk when this returns; `rest` comes behind the parts of the manifest.
pub(super) fn write(
    to: &Path,
    manifest: &Manifest,
    files: &[(&str, &Path)],
    rest: impl FnOnce(&mut Builder<BufWriter<File>>, u64) -> io::Result<()>,
) -> io::Result<()> {
    let mut archive = Builder::new(BufWriter::with_capacity(CHUNK, private_file(to)?));
    let text = serde_json::to_vec_pretty(manifest)?;
    let seconds = manifest.made_at.0 / 1_000;
    archive.append_data(&mut header(text.len() as u64, seconds), MANIFEST, &text[..])?;
    for (part, (name, path)) in manifest.parts.iter().zip(files) {
        archive.append_data(&mut header(part.bytes, seconds), name, File::open(path)?.take(part.bytes))?;
    }
    rest(&mut archive, seconds)?;
    let file = archive.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// Adds an entry of so many bytes.
pub(super) fn append(
    archive: &mut Builder<impl Write>,
    name: &str,
    bytes: u64,
    seconds: u64,
    from: impl Read,
) -> io::Result<()> {
    archive.append_data(&mut header(bytes, seconds), name, from)
}

fn header(bytes: u64, seconds: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(seconds);
    header
}

/// Reads an archive into a directory that exists and is empty. Nothing is taken that does not have the size and the hash that
/// the manifest gives, and all of what is wanted has to be there.
///
/// # Errors
/// The file cannot be read, is no whole backup or one of a newer form, or a part cannot be written.
pub(super) fn read(from: &Path, into: &Path, wanted: &[&str]) -> Result<(Manifest, End), ServerError> {
    let unreadable = |source| ServerError::BackupUnreadable { path: from.to_owned(), source };
    let damaged = |reason: String| ServerError::BackupDamaged { path: from.to_owned(), reason };
    let mut archive = Archive::new(BufReader::with_capacity(CHUNK, File::open(from).map_err(unreadable)?));
    let broken = |error: io::Error| damaged(error.to_string());
    let mut entries = archive.entries().map_err(broken)?;
    let mut next = |name: &str| match entries.next() {
        Some(Ok(entry)) if entry.path().is_ok_and(|path| path == Path::new(name)) => Ok(entry),
        Some(Err(error)) => Err(broken(error)),
        _ => Err(damaged(format!("no {name}"))),
    };
    let manifest = manifest(next(MANIFEST)?, &damaged)?;
    let names: Vec<&str> = manifest.parts.iter().map(|part| &part.name[..]).collect();
    if names != wanted {
        return Err(damaged("other parts than a workspace has".to_owned()));
    }
    for part in &manifest.parts {
        extract(next(&part.name)?, part, &into.join(&part.name), &damaged)?;
    }
    let end = match manifest.form {
        WITH_FILES.. => media::read(&mut entries, into, &damaged)?,
        _ => End::default(),
    };
    Ok((manifest, end))
}

fn manifest(
    entry: Entry<'_, impl Read>,
    damaged: &impl Fn(String) -> ServerError,
) -> Result<Manifest, ServerError> {
    let mut text = Vec::new();
    entry.take(MANIFEST_BYTES).read_to_end(&mut text).map_err(|error| damaged(error.to_string()))?;
    let broken = |error: serde_json::Error| damaged(format!("its manifest: {error}"));
    let Form { form } = serde_json::from_slice(&text).map_err(broken)?;
    if form > FORM {
        return Err(ServerError::NewerBackup { found: form, known: FORM });
    }
    serde_json::from_slice(&text).map_err(broken)
}

fn extract(
    mut entry: Entry<'_, impl Read>,
    part: &Part,
    to: &Path,
    damaged: &impl Fn(String) -> ServerError,
) -> Result<(), ServerError> {
    let (bytes, sha256) = write_file(&mut entry, to, part.bytes, damaged)?;
    if bytes != part.bytes || sha256 != part.sha256 {
        return Err(damaged(format!("{} is not what it was", part.name)));
    }
    Ok(())
}

/// Writes at most so many bytes of an entry, and one more, to the disk. Gives how many, and their hash.
pub(super) fn write_file(
    entry: &mut impl Read,
    to: &Path,
    most: u64,
    damaged: &Damaged<'_>,
) -> Result<(u64, String), ServerError> {
    let unwritable = |source| {
        super::full_or(source, |source| ServerError::DataDirUnwritable { path: to.to_owned(), source })
    };
    let mut file = private_file(to).map_err(unwritable)?;
    let copied = copy(entry, &mut file, most).map_err(|error| match error {
        CopyError::Read(error) => damaged(error.to_string()),
        CopyError::Write(error) => unwritable(error),
    })?;
    file.sync_all().map_err(unwritable)?;
    Ok(copied)
}

/// Which side of a copy failed: what there is to do depends on it.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    /// The one that is read.
    #[error(transparent)]
    Read(io::Error),
    /// The one that is written.
    #[error(transparent)]
    Write(io::Error),
}

impl From<CopyError> for io::Error {
    fn from(error: CopyError) -> Self {
        let (CopyError::Read(error) | CopyError::Write(error)) = error;
        error
    }
}

/// Copies at most so many bytes and one more, by which a longer source shows. Gives how many, and their hash.
fn copy(from: &mut impl Read, to: &mut impl Write, most: u64) -> Result<(u64, String), CopyError> {
    let mut from = from.take(most.saturating_add(1));
    let (mut bytes, mut hasher, mut chunk) = (0, Sha256::new(), vec![0; CHUNK]);
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => return Ok((bytes, hex(&hasher.finalize()))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        hasher.update(&chunk[..read]);
        to.write_all(&chunk[..read]).map_err(CopyError::Write)?;
        bytes += read as u64;
    }
}
