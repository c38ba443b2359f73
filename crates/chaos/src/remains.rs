//! What is left on the disks of texts that stand in no message any more: removed, given up, reworded on the server, or closed to
//! the person. Every file of every client and of the server is looked through, databases and their logs included.
//!
//! What may hold such a text: the outbox of the device that wrote it while an entry with it is refused and waits for the person,
//! and the server's directory of files while an upload that no message took is kept. A log of this program may hold the end of a
//! line that a killed client was about to say, and nothing else that was written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use confab_core::stored::Action;

use crate::device::Device;
use crate::ledger::{mark_of, number_of, stamp_of};
use crate::outbox;
use crate::tally::Tally;
use crate::truth::Truth;

/// The longest stamp, in bytes.
const STAMP: usize = 48;
/// The beginning of a line in a log that is not the client's but tells what it was about to say.
pub(crate) const HALF_A_LINE: &str = "not understood: ";

/// All files under a directory, sockets left out.
fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        } else if entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// All stamps in some bytes.
fn stamps(bytes: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == "«".as_bytes()) {
        rest = &rest[at..];
        let part = &rest[..rest.len().min(STAMP)];
        let end = part.windows(2).position(|pair| pair == "»".as_bytes());
        if let Some(text) = end.and_then(|end| std::str::from_utf8(&part[..end + 2]).ok())
            && let Some(stamp) = stamp_of(text).filter(|stamp| stamp.rfind('«') == Some(0))
            && mark_of(stamp).and_then(number_of).is_some()
        {
            found.insert(stamp.to_owned());
        }
        rest = &rest[2..];
    }
    found
}

fn look(directory: &Path, may_stand: impl Fn(&str) -> bool, tally: &mut Tally) -> Result<()> {
    for path in files(directory)? {
        let there = stamps(&fs::read(&path)?).into_iter().filter(|stamp| !may_stand(stamp));
        tally.remaining.extend(there.map(|stamp| format!("{stamp} in {}", path.display())));
    }
    Ok(())
}

/// Looks through everything that a device keeps, its program included, and through what it says in its log. Both have ended.
pub(crate) fn of_device(device: &Device, truth: &Truth, tally: &mut Tally) -> Result<()> {
    let seen = truth.messages.iter().filter(|message| truth.sees(&device.person, message));
    let mut marks: BTreeSet<String> =
        seen.filter_map(|message| Some(mark_of(message.body.as_deref()?)?.to_owned())).collect();
    for entry in outbox::entries(&device.databases())? {
        if let (true, Action::Send { body, .. } | Action::Edit { body, .. }) =
            (outbox::is_refused(&entry), &entry.action)
        {
            marks.extend(mark_of(body).map(str::to_owned));
        }
    }
    look(&device.home, |stamp| mark_of(stamp).is_some_and(|mark| marks.contains(mark)), tally)?;
    said(&device.log, tally)
}

/// Looks through the directory of a server that has ended, and through its log. Of what was reworded it keeps the last wording.
pub(crate) fn of_server(data: &Path, log: &Path, truth: &Truth, tally: &mut Tally) -> Result<()> {
    let bodies: Vec<&str> = truth.messages.iter().filter_map(|message| message.body.as_deref()).collect();
    let mut may: BTreeSet<String> =
        bodies.iter().filter_map(|body| stamp_of(body)).map(str::to_owned).collect();
    let of_messages = truth.messages.iter().flat_map(|message| &message.files).map(|file| &file.name);
    let unsent = truth.uploads.values().filter(|upload| !upload.taken).map(|upload| &upload.name);
    may.extend(of_messages.chain(unsent).filter_map(|name| stamp_of(name)).map(str::to_owned));
    look(data, |stamp| may.contains(stamp), tally)?;
    said(log, tally)
}

/// No text of a message is in any log.
fn said(log: &Path, tally: &mut Tally) -> Result<()> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let lines = text.lines().filter(|line| !line.starts_with(HALF_A_LINE));
    let told = lines.filter(|line| !stamps(line.as_bytes()).is_empty());
    tally.remaining.extend(told.map(|line| format!("{line:?} in {}", log.display())));
    Ok(())
}

/// Counts the texts that stand in no message any more.
pub(crate) fn count(devices: &[std::rc::Rc<Device>], truth: &Truth) -> u64 {
    let standing: BTreeSet<&str> =
        truth.messages.iter().filter_map(|message| mark_of(message.body.as_deref()?)).collect();
    let written = devices.iter().flat_map(|device| device.ledger().marks(&device.name));
    written.filter(|mark| !standing.contains(mark.as_str())).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_found_in_whatever_surrounds_them() {
        let mut bytes = b"\xff\xc2\xab \xc2".to_vec();
        bytes.extend("{\"body\":\"«Ana-1#17.0» one\"}««Bo-2#3.4711»x«Ana-1#9".bytes());
        assert_eq!(stamps(&bytes), BTreeSet::from(["«Ana-1#17.0»".to_owned(), "«Bo-2#3.4711»".to_owned()]));
        assert!(stamps("« no stamp »".as_bytes()).is_empty());
    }

    #[test]
    fn what_may_not_stand_is_named_with_its_file() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("deep")).unwrap();
        fs::write(place.path().join("deep/cache.db-wal"), "..«Ana-1#17.0»..«Ana-1#18.0»").unwrap();
        let mut tally = Tally::default();
        look(place.path(), |stamp| stamp == "«Ana-1#18.0»", &mut tally).unwrap();
        assert_eq!(tally.remaining.len(), 1);
        assert!(tally.remaining[0].starts_with("«Ana-1#17.0» in ") && tally.remaining[0].ends_with("wal"));
    }
}
