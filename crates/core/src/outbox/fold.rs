//! Before its first transmission an edit folds into the queued message, and a removal deletes it.

use confab_probe::{Branch, reached};
use confab_protocol::ClientId;

use super::{Entry, Outbox, Written};
use crate::stored::{Action, EntryState};

impl Outbox {
    /// Changes the text of what has not been transmitted: of the message itself, or of an edit of it that waits.
    /// False when the change has to queue behind it.
    pub(crate) fn fold_edit(&mut self, row: ClientId, text: &str) -> bool {
        let Some(entry) = self.foldable(row) else { return false };
        let (Action::Send { body, .. } | Action::Edit { body, .. }) = &mut entry.stored.action else {
            return false;
        };
        reached(Branch::Fold);
        text.clone_into(body);
        entry.written = Written::No;
        true
    }

    /// Forgets a message that has not been transmitted. False when its removal has to queue behind it.
    pub(crate) fn fold_remove(&mut self, row: ClientId) -> bool {
        let held = self.get(row).is_some_and(|entry| entry.stored.state == EntryState::Held);
        if held {
            reached(Branch::Fold);
            self.delete_where(|entry| entry.row() == Some(row));
        } else {
            // What it was to become no longer matters.
            self.delete_where(|entry| {
                let edit = matches!(&entry.stored.action, Action::Edit { row: of, .. } if *of == row);
                edit && entry.stored.state == EntryState::Held
            });
        }
        held
    }

    /// The last entry for a message, while it may still be changed.
    fn foldable(&mut self, row: ClientId) -> Option<&mut Entry> {
        let last = self.entries.iter_mut().rfind(|entry| entry.is_open() && entry.row() == Some(row))?;
        (last.stored.state == EntryState::Held).then_some(last)
    }
}
