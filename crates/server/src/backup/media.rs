//! The bytes of files in a backup: behind the database and the key, part by part, and a last word that says that all of it is
//! there.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use confab_domain::media::lose;
use confab_domain::row::MediaRow;
use confab_protocol::limits::MEDIA_PART_BYTES;
use confab_protocol::{MediaSid, WorkspaceSid};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tar::{Builder, Entries};

use super::archive::{Damaged, append, write_file};
use crate::data_dir::{keep_private, sync_dir};
use crate::error::ServerError;
use crate::media::{DIRECTORY, part_path, parts};
use crate::store::SqliteStore;

/// The last entry.
const END: &str = "end.json";
/// Longest last entry that is read.
const END_BYTES: u64 = 16 * 1024 * 1024;

/// The last word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// Files whose bytes are here.
    pub(super) media: u64,
    /// Files that were removed after the database was copied, and before their bytes were.
    pub(super) lost: Vec<MediaSid>,
}

/// Writes the bytes of every whole file of a database, and the last word.
pub(super) fn write(
    archive: &mut Builder<impl Write>,
    data_dir: &Path,
    store: &SqliteStore,
    seconds: u64,
) -> io::Result<()> {
    let mut end = End::default();
    let mut after = None;
    loop {
        let rows = store.whole_media(after.as_ref()).map_err(io::Error::other)?;
        for row in &rows {
            if write_one(archive, data_dir, row, seconds)? {
                end.media += 1;
            } else {
                end.lost.push(row.sid);
            }
        }
        match rows.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    let text = serde_json::to_vec(&end)?;
    append(archive, END, text.len() as u64, seconds, &text[..])
}

/// False when its bytes are no more.
fn write_one(
    archive: &mut Builder<impl Write>,
    data_dir: &Path,
    row: &MediaRow,
    seconds: u64,
) -> io::Result<bool> {
    for number in 0..parts(row.size) {
        let path = part_path(row.sid, number);
        let file = match File::open(data_dir.join(DIRECTORY).join(&path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        let bytes = file.metadata()?.len();
        append(archive, &format!("{DIRECTORY}/{path}"), bytes, seconds, file.take(bytes))?;
    }
    Ok(true)
}

/// Reads what stands behind the parts of a manifest into a directory.
pub(super) fn read(
    entries: &mut Entries<'_, impl Read>,
    into: &Path,
    damaged: &Damaged<'_>,
) -> Result<End, ServerError> {
    fs::create_dir_all(into.join(DIRECTORY)).map_err(|source| unwritable(into, source))?;
    loop {
        let entry = entries.next().ok_or_else(|| damaged("it breaks off".to_owned()))?;
        let mut entry = entry.map_err(|error| damaged(error.to_string()))?;
        let name = entry.path().ok().and_then(|path| path.to_str().map(str::to_owned)).unwrap_or_default();
        if name == END {
            let mut text = Vec::new();
            entry.take(END_BYTES).read_to_end(&mut text).map_err(|error| damaged(error.to_string()))?;
            let files = into.join(DIRECTORY);
            sync_dir(&files).map_err(|source| unwritable(&files, source))?;
            return serde_json::from_slice(&text).map_err(|error| damaged(format!("its end: {error}")));
        }
        let path =
            place(&name).ok_or_else(|| damaged("something that is no file of a workspace".to_owned()))?;
        let path = into.join(path);
        let folder = path.parent().unwrap_or(into);
        fs::create_dir_all(folder)
            .and_then(|()| keep_private(folder, 0o700))
            .map_err(|source| unwritable(folder, source))?;
        write_file(&mut entry, &path, MEDIA_PART_BYTES, damaged)?;
        sync_dir(folder).map_err(|source| unwritable(folder, source))?;
    }
}

fn unwritable(path: &Path, source: io::Error) -> ServerError {
    super::full_or(source, |source| ServerError::DataDirUnwritable { path: path.to_owned(), source })
}

/// The place that a name of an entry stands for, when it is one of a part.
fn place(name: &str) -> Option<PathBuf> {
    let mut pieces = name.split('/');
    let (directory, sid, number) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let is_number = number.len() == 6 && number.bytes().all(|digit| digit.is_ascii_digit());
    let sid: MediaSid = sid.parse().ok()?;
    let is_part = directory == DIRECTORY && is_number && pieces.next().is_none();
    is_part.then(|| [directory, &sid.to_string(), number].iter().collect())
}

/// Holds the database to the bytes that came with it. What was lost while the backup was made leaves its message.
pub(super) fn check(
    store: &SqliteStore,
    workspace: WorkspaceSid,
    staged: &Path,
    end: &End,
    damaged: &Damaged<'_>,
) -> Result<(), ServerError> {
    for sid in &end.lost {
        store.once(workspace, |tx| lose(*sid, tx)).map_err(|error| error.to_wire())?;
    }
    let mut after = None;
    loop {
        let rows = store.whole_media(after.as_ref())?;
        for row in &rows {
            if hash(staged, row).ok() != row.sha256 {
                return Err(damaged(format!("{} is not what it was", row.sid)));
            }
        }
        match rows.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

fn hash(staged: &Path, row: &MediaRow) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    for number in 0..parts(row.size) {
        hasher.update(fs::read(staged.join(DIRECTORY).join(part_path(row.sid, number)))?);
    }
    Ok(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parts_of_files_have_a_place() {
        let sid = "ME00000000000000000000000000000007";
        assert_eq!(place(&format!("media/{sid}/000003")), Some(PathBuf::from(format!("media/{sid}/000003"))));
        for odd in [
            format!("media/{sid}/../key.pem"),
            format!("media/{sid}/3"),
            format!("media/{sid}/000003/x"),
            format!("/media/{sid}/000003"),
            format!("media/{sid}"),
            "media/../000003".to_owned(),
            "confab.db".to_owned(),
        ] {
            assert_eq!(place(&odd), None, "{odd}");
        }
    }
}
