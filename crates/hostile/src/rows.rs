//! Rows of the client's databases, as a damaged disk or another version may leave them.

use confab_client::Account;
use confab_core::command::{Command, CommandAnswer};
use confab_core::stored::{CachedConversation, CachedMeta, OutboxEntry, StoredDraft};
use confab_core::view::ViewDiff;
use confab_protocol::model::{Message, Participant, User};

use crate::wire::same;

/// A row, as each kind of row.
pub(crate) fn row(bytes: &[u8]) {
    same::<CachedMeta>(bytes);
    same::<CachedConversation>(bytes);
    same::<OutboxEntry>(bytes);
    same::<StoredDraft>(bytes);
    same::<Message>(bytes);
    same::<Participant>(bytes);
    same::<User>(bytes);
    same::<Account>(bytes);
    // Not stored, but crosses between the shell and the page as JSON too.
    same::<Command>(bytes);
    same::<CommandAnswer>(bytes);
    same::<ViewDiff>(bytes);
}
