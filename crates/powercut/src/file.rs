//! One file: what it held at its last sync, and everything that was done to it since.

use std::io;

use fastrand::Rng;

/// What a disk writes as one, in bytes.
const SECTOR: usize = 512;

/// A change that was not synced.
#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write(content, *offset, bytes),
            Self::SetLen(length) => content.resize(*length, 0),
        }
    }

    /// A part of it, sector by sector; its bytes stay within the sectors in which they are.
    fn apply_torn(&self, content: &mut Vec<u8>, rng: &mut Rng) {
        let Self::Write { offset, bytes } = self else {
            if rng.bool() {
                self.apply(content);
            }
            return;
        };
        let mut from = 0;
        while from < bytes.len() {
            let end_of_sector = (offset + from + 1).next_multiple_of(SECTOR);
            let to = bytes.len().min(end_of_sector - offset);
            if rng.bool() {
                write(content, offset + from, &bytes[from..to]);
            }
            from = to;
        }
    }
}

fn write(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

/// A file.
#[derive(Debug, Default)]
pub(crate) struct File {
    now: Vec<u8>,
    /// At the last sync; none before the first one, when even its name may be lost.
    synced: Option<Vec<u8>>,
    since: Vec<Change>,
}

impl File {
    pub(crate) fn len(&self) -> u64 {
        self.now.len() as u64
    }

    /// Fills the buffer; what is behind the end is filled with zeros and told.
    pub(crate) fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let from = usize::try_from(offset).map_err(io::Error::other)?.min(self.now.len());
        let there = &self.now[from..self.now.len().min(from + buffer.len())];
        let (read, behind) = buffer.split_at_mut(there.len());
        read.copy_from_slice(there);
        behind.fill(0);
        if behind.is_empty() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    pub(crate) fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.change(Change::Write { offset, bytes: bytes.to_vec() });
        Ok(())
    }

    pub(crate) fn set_len(&mut self, length: u64) -> io::Result<()> {
        self.change(Change::SetLen(usize::try_from(length).map_err(io::Error::other)?));
        Ok(())
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.since.push(change);
    }

    pub(crate) fn sync(&mut self) {
        self.synced = Some(self.now.clone());
        self.since.clear();
    }

    /// The power is back: without `rng` everything since the last sync is lost, with it a part. False when nothing is left
    /// of the file, not even its name.
    pub(crate) fn survive(&mut self, rng: Option<&mut Rng>) -> bool {
        let is_named = self.synced.is_some();
        let mut content = self.synced.take().unwrap_or_default();
        let changes = std::mem::take(&mut self.since);
        let kept = match rng {
            None => is_named,
            Some(rng) => {
                let kept = is_named || rng.bool();
                changes.iter().for_each(|change| change.apply_torn(&mut content, rng));
                kept
            }
        };
        self.now.clone_from(&content);
        self.synced = Some(content);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(synced: &[u8]) -> File {
        let mut file = File::default();
        file.write(synced, 0).expect("it fits");
        file.sync();
        file
    }

    #[test]
    fn what_was_synced_stays_and_the_rest_is_forgotten() {
        let mut file = file(b"before");
        file.write(b"after the sync", 0).expect("it fits");
        assert!(file.survive(None));
        assert_eq!(file.now, b"before");
        let mut never = File::default();
        never.write(b"something", 0).expect("it fits");
        assert!(!never.survive(None), "not even its name was synced");
    }

    #[test]
    fn a_torn_write_leaves_whole_sectors_of_before_or_after() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let mut file = file(&[1; 4 * SECTOR]);
            file.write(&[2; 3 * SECTOR], 100).expect("it fits");
            assert!(file.survive(Some(&mut Rng::with_seed(seed))));
            assert_eq!(file.now.len(), 4 * SECTOR);
            let pieces =
                [100..SECTOR, SECTOR..2 * SECTOR, 2 * SECTOR..3 * SECTOR, 3 * SECTOR..3 * SECTOR + 100];
            let kept = pieces.map(|piece| {
                let piece = &file.now[piece];
                assert!(piece.iter().all(|byte| *byte == piece[0]), "a torn sector");
                piece[0]
            });
            assert!(file.now[..100].iter().chain(&file.now[3 * SECTOR + 100..]).all(|byte| *byte == 1));
            seen.insert(kept);
        }
        assert_eq!(seen.len(), 16, "every combination comes up");
    }

    #[test]
    fn what_is_behind_the_end_is_read_as_zeros_and_told() {
        let mut buffer = [7; 4];
        let told = file(b"ab").read(&mut buffer, 1).expect_err("it is too short");
        assert_eq!((told.kind(), buffer), (io::ErrorKind::UnexpectedEof, [b'b', 0, 0, 0]));
    }
}
