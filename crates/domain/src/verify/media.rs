//! Files beside the messages that they are in.

use super::cursor::Cursor;
use super::{Check, Finding};
use crate::row::{MediaRow, MediaState, MessageRow};
use crate::view;

/// Reads all files.
pub(super) fn walk(check: &mut Check<'_>) {
    let mut rows = Cursor::new(check.scan, "media", |scan, after, limit| scan.scan_media(after, limit));
    while let Some(row) = rows.next(&mut check.findings) {
        check.totals.media += 1;
        if check.look("users", |scan| scan.user(row.user)).is_none() {
            check.findings.add(Finding::NoUser { table: "media", user: row.user });
        }
        if (row.state == MediaState::Ready) != row.sha256.is_some() && row.state != MediaState::Gone {
            check.media(&row, "is whole without a hash, or the other way round");
        }
        check.place(&row);
    }
}

impl Check<'_> {
    fn media(&mut self, row: &MediaRow, how: &'static str) {
        self.findings.add(Finding::Media { media: row.sid, how });
    }

    /// A file that names a message is in it.
    fn place(&mut self, row: &MediaRow) {
        let Some(sid) = row.message else { return };
        let message = self.look("messages", |scan| scan.message(sid));
        let holds = |message: &MessageRow| message.media.iter().any(|held| held.sid == row.sid);
        if !message.is_some_and(|message| holds(&message)) {
            self.media(row, "is in no message that knows of it");
        }
    }

    /// The files of a message are whole, its author's, and as it says.
    pub(super) fn files(&mut self, message: &MessageRow) {
        for held in &message.media {
            let row = self.look("media", |scan| scan.media(held.sid));
            let agrees = row.is_some_and(|row| {
                let placed = row.message == Some(message.sid) && row.user == message.user;
                placed && row.state == MediaState::Ready && view::media(&row) == *held
            });
            if !agrees {
                let how = "is not as the message says that it is in";
                self.findings.add(Finding::Media { media: held.sid, how });
            }
        }
    }
}
