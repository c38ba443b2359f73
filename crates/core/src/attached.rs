//! Files that were chosen for a message that is still being written, by conversation. They are kept as long as the program
//! runs; what of them is not sent by then is swept at the next start.

use std::collections::BTreeMap;

use confab_protocol::{ClientId, WireError, limits};

use crate::command::FileToSend;
use crate::key::Key;

/// The files that wait in composers.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    files: BTreeMap<Key, Vec<FileToSend>>,
}

impl Attached {
    /// Those of a conversation, in the order in which they were chosen.
    pub(crate) fn of(&self, place: Key) -> &[FileToSend] {
        self.files.get(&place).map_or(&[], Vec::as_slice)
    }

    /// Adds one behind the others; the same one again changes nothing.
    ///
    /// # Errors
    /// `too_large` when a message takes no more.
    pub(crate) fn add(&mut self, place: Key, file: FileToSend) -> Result<(), WireError> {
        let files = self.files.entry(place).or_default();
        if files.iter().any(|held| held.id == file.id) {
            return Ok(());
        }
        if files.len() >= limits::MEDIA_PER_MESSAGE {
            return Err(WireError::too_large("media", limits::MEDIA_PER_MESSAGE, files.len() + 1));
        }
        files.push(file);
        Ok(())
    }

    /// Takes one away. False when it was not there.
    pub(crate) fn remove(&mut self, place: Key, id: &str) -> bool {
        let Some(files) = self.files.get_mut(&place) else { return false };
        let before = files.len();
        files.retain(|file| file.id != id);
        let removed = files.len() < before;
        if files.is_empty() {
            self.files.remove(&place);
        }
        removed
    }

    /// Takes all of a conversation away. Gives by what they are kept.
    pub(crate) fn drop_all(&mut self, place: Key) -> Vec<ClientId> {
        let files = self.files.remove(&place).unwrap_or_default();
        files.iter().filter_map(|file| file.id.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::ErrorCode;
    use uuid::Uuid;

    use super::*;

    fn file(id: u128) -> FileToSend {
        let id = ClientId(Uuid::from_u128(id)).to_string();
        FileToSend { id, ..FileToSend::default() }
    }

    #[test]
    fn files_wait_in_their_order_within_a_bound_and_each_once() {
        let (place, other) =
            (Key::Made(ClientId(Uuid::from_u128(1))), Key::Made(ClientId(Uuid::from_u128(2))));
        let mut attached = Attached::default();
        for id in [3, 4, 3] {
            attached.add(place, file(id)).unwrap();
        }
        assert_eq!(attached.of(place), [file(3), file(4)]);
        assert!(attached.of(other).is_empty());
        for id in 5..13 {
            attached.add(place, file(id)).unwrap();
        }
        assert_eq!(attached.add(place, file(13)).unwrap_err().code, ErrorCode::TooLarge);
        assert!(attached.remove(place, &file(4).id) && !attached.remove(place, &file(4).id));
        assert_eq!(attached.drop_all(place).len(), 9);
        assert!(attached.of(place).is_empty());
    }
}
