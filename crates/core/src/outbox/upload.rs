//! The files of messages, which go before them. Until they are there nothing of the message was transmitted, so that it can
//! still be changed and taken back; and what was written behind it in the same conversation waits with it.

use confab_protocol::{ClientId, ErrorCode, MediaSid, WireError};

use super::{Entry, Outbox, Transit, Written};
use crate::stored::{EntryState, StagedFile};

/// Where the files of an entry are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upload {
    /// There are none, or the server has them as far as is known.
    Done,
    /// Here.
    Here,
    /// On their way.
    Asked,
    /// Refused for now; to be tried again later.
    Later,
}

impl Upload {
    /// Of an entry as it comes from the disk or from the person. What was released was uploaded before.
    pub(super) fn of(files: &[StagedFile], state: &EntryState) -> Self {
        if files.is_empty() || *state != EntryState::Held { Self::Done } else { Self::Here }
    }
}

impl Entry {
    /// What was put off may be tried.
    pub(super) fn try_upload_again(&mut self) {
        if self.upload == Upload::Later {
            self.upload = Upload::Here;
        }
    }

    /// Bytes of one of its files that the server has, as far as is known.
    pub(crate) fn uploaded(&self, file: &StagedFile) -> u64 {
        if self.awaits_upload() { self.sent.get(&file.sid).copied().unwrap_or(0) } else { file.size }
    }

    /// Its files have still to get to the server.
    pub(super) fn awaits_upload(&self) -> bool {
        self.upload != Upload::Done
    }
}

impl Outbox {
    /// Takes the entries whose files are to be uploaded now, in order.
    pub(crate) fn take_uploads(&mut self) -> Vec<(ClientId, Vec<StagedFile>)> {
        let due = |entry: &&mut Entry| {
            entry.is_live() && entry.upload == Upload::Here && entry.written == Written::Yes
        };
        let mut taken = Vec::new();
        for entry in self.entries.iter_mut().filter(due) {
            entry.upload = Upload::Asked;
            taken.push((entry.id(), entry.stored.action.files().to_vec()));
        }
        taken
    }

    /// A file of an entry has come so far.
    pub(crate) fn uploading(&mut self, id: ClientId, media: MediaSid, bytes: u64) {
        let found = self.entries.iter_mut().find(|entry| entry.id() == id);
        let has = |entry: &Entry| entry.stored.action.files().iter().any(|file| file.sid == media);
        if let Some(entry) = found.filter(|entry| has(entry)) {
            entry.sent.insert(media, bytes);
        }
    }

    /// The files of an entry are on the server.
    pub(crate) fn uploaded(&mut self, id: ClientId) {
        self.set_upload(id, Upload::Done);
    }

    /// The files of an entry are to be tried again later.
    pub(crate) fn postpone_upload(&mut self, id: ClientId) {
        self.set_upload(id, Upload::Later);
    }

    fn set_upload(&mut self, id: ClientId, upload: Upload) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id() == id) {
            entry.upload = upload;
        }
    }

    /// What waited for a later attempt may be uploaded.
    pub(super) fn try_uploads_again(&mut self) {
        self.entries.iter_mut().for_each(Entry::try_upload_again);
    }

    /// Whether a message was refused because the server does not have its files any more: then they are uploaded once more,
    /// later.
    pub(crate) fn lacks_files(&mut self, id: ClientId, error: &WireError) -> bool {
        let of_media =
            error.code == ErrorCode::NotFound && error.params.get("what").is_some_and(|what| what == "media");
        let lacking = of_media || error.code == ErrorCode::MediaIncomplete;
        let found = self.entries.iter_mut().find(|entry| entry.id() == id && entry.is_live());
        let Some(entry) = found.filter(|entry| lacking && !entry.stored.action.files().is_empty()) else {
            return false;
        };
        (entry.upload, entry.transit) = (Upload::Later, Transit::Later);
        true
    }

    /// Uploads that nobody waits for any more.
    pub(crate) fn take_stopped(&mut self) -> Vec<ClientId> {
        std::mem::take(&mut self.stopped)
    }
}
