//! Files of messages. Which ones a message carries, and every byte of them, follows from its mark, so that nothing has to be
//! remembered: what the server holds, what lies on its disk and what a client fetches is each held against that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use confab_core::view::MessageRow;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::device::Device;
use crate::ledger::{mark_of, number_of, stamp};
use crate::tally::Tally;
use crate::truth::{Message, Truth};

/// A picture of one pixel. What stands behind its end is no part of what is seen.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";
/// Longer than a part of an upload, so that one can break off between two of them.
const LONG: usize = 1_200_000;
/// Files that a client fetches on one order: it answers when it has them all.
const AT_ONCE: usize = 4;

/// A file as it is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// A file of a message as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) sid: String,
    pub(crate) name: String,
    pub(crate) size: u64,
}

/// What the server knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) size: u64,
    /// It has all of it.
    pub(crate) ready: bool,
    /// It is to go.
    pub(crate) gone: bool,
    /// A message has taken it.
    pub(crate) taken: bool,
}

/// What a client fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fetched {
    /// SHA-256 of all of it, in hex.
    Hash(String),
    /// The code of the refusal.
    Refused(String),
}

/// The files that a message carries, by its mark: mostly none.
pub(crate) fn of(mark: &str) -> Vec<File> {
    let number = number_of(mark).unwrap_or_default();
    if !number.is_multiple_of(6) {
        return Vec::new();
    }
    (0..=number / 6 % 2).map(|place| file(mark, number / 6, place)).collect()
}

fn file(mark: &str, number: u64, place: u64) -> File {
    let is_picture = (number + place).is_multiple_of(3);
    let stamp = stamp(mark, format_args!("f{place}"));
    let length = if number % 8 == 5 && place == 0 {
        LONG
    } else {
        20 + usize::try_from(number * 37 % 3_000).unwrap_or(0)
    };
    let mut bytes = if is_picture { PIXEL.to_vec() } else { Vec::new() };
    bytes.extend(stamp.bytes().chain(*b" of a file, ").cycle().take(length));
    let (end, content_type) = if is_picture { ("png", "image/png") } else { ("txt", "text/plain") };
    File { name: format!("{stamp}.{end}"), content_type, bytes }
}

/// A hash as [`Fetched`] has it.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Files as a client shows them.
pub(crate) fn shown(row: &MessageRow) -> Vec<Held> {
    let held = row.media.iter().map(|file| Held {
        sid: file.sid.clone(),
        name: file.name.clone().unwrap_or_default(),
        size: file.size,
    });
    held.collect()
}

/// Whether a standing message has the files that were attached to it; nothing when it has.
fn differs(message: &Message) -> Option<String> {
    let attached: Vec<_> = of(mark_of(message.body.as_deref()?)?)
        .into_iter()
        .map(|file| (file.name, file.bytes.len() as u64))
        .collect();
    let held: Vec<_> = message.files.iter().map(|file| (file.name.clone(), file.size)).collect();
    (held != attached).then(|| format!("{} has {held:?} instead of {attached:?}", message.key))
}

/// Whether the server's disk has the bytes of the files of all messages that stand in its database. It may have been killed: what
/// was acknowledged must be there at any moment.
pub(crate) fn bare(data: &Path, truth: &Truth, tally: &mut Tally) -> Result<()> {
    for file in truth.messages.iter().flat_map(|message| &message.files) {
        let there = length(&data.join("media").join(&file.sid))?;
        if there != file.size {
            tally.bare.push(format!("{file:?} is {there} bytes on the disk"));
        }
    }
    Ok(())
}

/// Parts of a file in their order.
fn parts(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut parts: Vec<_> =
        fs::read_dir(folder)?.map(|part| part.map(|part| part.path())).collect::<Result<_, _>>()?;
    parts.retain(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
    });
    parts.sort();
    Ok(parts)
}

fn length(folder: &Path) -> Result<u64> {
    let lengths = parts(folder)?.into_iter().map(|part| Ok(fs::metadata(part)?.len()));
    lengths.sum()
}

/// Whether a message has other files than were attached to it, or the disk other bytes; the server has ended.
pub(crate) fn stand(data: &Path, truth: &Truth, tally: &mut Tally) -> Result<()> {
    tally.bare.extend(truth.messages.iter().filter_map(differs));
    for message in truth.messages.iter().filter(|message| !message.files.is_empty()) {
        let Some(mark) = message.body.as_deref().and_then(mark_of) else { continue };
        for (held, attached) in message.files.iter().zip(of(mark)) {
            tally.files += 1;
            let parts = parts(&data.join("media").join(&held.sid))?;
            let bytes = parts.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?.concat();
            if bytes != attached.bytes {
                tally.bare.push(format!("{held:?} has other bytes on the disk"));
            }
        }
    }
    Ok(())
}

/// What lies in the server's directory of files and is of no message, unless it may still become part of one: an upload that no
/// message has taken is kept for a day. Nothing when there is no such thing.
pub(crate) fn stray(data: &Path, truth: &Truth) -> Result<Option<String>> {
    if let Some((sid, _)) = truth.uploads.iter().find(|(_, upload)| upload.gone) {
        return Ok(Some(format!("the server still knows the file {sid}, which is to go")));
    }
    let standing: BTreeSet<&str> =
        truth.messages.iter().flat_map(|message| &message.files).map(|file| file.sid.as_str()).collect();
    let idle = truth.uploads.iter().find(|(sid, upload)| upload.taken && !standing.contains(sid.as_str()));
    if let Some((sid, _)) = idle {
        return Ok(Some(format!("the server keeps the file {sid} of a message that does not stand")));
    }
    let unready = standing.iter().find(|sid| truth.uploads.get(**sid).is_none_or(|upload| !upload.ready));
    if let Some(sid) = unready {
        return Ok(Some(format!("the file {sid} of a message is not ready")));
    }
    let media = data.join("media");
    if !media.exists() {
        return Ok(None);
    }
    for folder in fs::read_dir(media)? {
        let name = folder?.file_name().to_string_lossy().into_owned();
        if !truth.uploads.contains_key(&name) {
            return Ok(Some(format!("{name} lies among the server's files, and nobody refers to it")));
        }
    }
    Ok(None)
}

/// Which device is to fetch what, and with which hash it is to come; none where it may not be seen.
type Errands<'a> = BTreeMap<&'a str, Vec<(String, Option<String>)>>;

/// Each file of a standing message is fetched by one device of somebody who may see it, and asked for by one of somebody who may not.
fn errands<'a>(devices: &'a [std::rc::Rc<Device>], truth: &Truth) -> Errands<'a> {
    let mut errands = Errands::new();
    let mut turn = 0;
    for message in truth.messages.iter().filter(|message| message.body.is_some()) {
        let Some(mark) = message.body.as_deref().and_then(mark_of) else { continue };
        let (may, may_not): (Vec<_>, Vec<_>) =
            devices.iter().partition(|device| truth.sees(&device.person, message));
        for (held, attached) in message.files.iter().zip(of(mark)) {
            turn += 1;
            for (some, comes) in [(&may, Some(hash(&attached.bytes))), (&may_not, None)] {
                if let Some(device) = some.get(turn % some.len().max(1)) {
                    errands.entry(&device.name).or_default().push((held.sid.clone(), comes));
                }
            }
        }
    }
    errands
}

/// Runs all errands. What comes must be what was attached; what may not be seen is not there.
pub(crate) async fn fetch(devices: &[std::rc::Rc<Device>], truth: &Truth, tally: &mut Tally) -> Result<()> {
    let errands = errands(devices, truth);
    for device in devices {
        let Some(errands) = errands.get(device.name.as_str()) else { continue };
        for some in errands.chunks(AT_ONCE) {
            let wanted: Vec<_> = some.iter().map(|(sid, _)| sid.clone()).collect();
            let fetched =
                device.fetch(wanted).await?.with_context(|| format!("{} fetches nothing", device.name))?;
            for ((sid, comes), came) in some.iter().zip(fetched) {
                let expected =
                    comes.clone().map_or_else(|| Fetched::Refused("not_found".to_owned()), Fetched::Hash);
                tally.fetched += u64::from(comes.is_some());
                if came != expected {
                    tally
                        .bare
                        .push(format!("{} fetched {sid} as {came:?} instead of {expected:?}", device.name));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_carries_follows_from_its_mark_and_bears_it() {
        assert!(of("«Ana-1#5").is_empty());
        let files = of("«Ana-1#6");
        assert_eq!(files, of("«Ana-1#6"));
        assert_eq!(files.len(), 2);
        for (place, file) in files.iter().enumerate() {
            let stamp = format!("«Ana-1#6.f{place}»");
            assert!(file.name.starts_with(&stamp));
            assert!(file.bytes.windows(stamp.len()).any(|window| window == stamp.as_bytes()));
        }
        assert_ne!(files, of("«Ana-2#6"));
    }
}
