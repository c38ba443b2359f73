//! A cache that was begun anew is told everything that is known.

use super::Machine;
use crate::key::Key;
use crate::stored::{CacheWrite, History};

impl Machine {
    /// The cache holds nothing: what is known here is written again; what only the cache knew is fetched when it is wanted.
    pub(super) fn cache_emptied(&mut self) {
        self.out.cache.insert(0, CacheWrite::DropAll);
        for key in self.book.keys() {
            let history = self.rewrite_messages(key);
            let roster_version = self.rewrite_roster(key);
            if let Some(held) = self.book.get_mut(key) {
                (held.history, held.roster_version) = (history, roster_version);
            }
            self.out.rows.insert(key);
            self.touched.insert(key);
        }
        let users = self.people.users().map(|user| CacheWrite::User(Box::new(user.clone())));
        self.out.cache.extend(users);
        let drafts = self.drafts.rows().map(|row| CacheWrite::Draft(Box::new(row)));
        self.out.cache.extend(drafts);
        let settings = self.settings.rows().map(|row| CacheWrite::Setting(Box::new(row.clone())));
        self.out.cache.extend(settings);
        self.out.meta = true;
    }

    /// Writes the window of the open conversation again. Answers what the cache then holds of the messages.
    fn rewrite_messages(&mut self, key: Key) -> Option<History> {
        let open = self.open.as_mut().filter(|open| open.key == key)?;
        let history = self.book.get(key)?.history?;
        if !open.window.is_known() {
            // The first page is on its way, or the cache has been asked and gives an empty answer.
            return (history.oldest.is_none()).then_some(history);
        }
        if open.window.has_newer() {
            // What lies between the window and the end of the log is nowhere now.
            open.window.clear();
            open.jumped = true;
            return None;
        }
        let rows = open.window.rows().map(|message| CacheWrite::Message(Box::new(message.clone())));
        self.out.cache.extend(rows);
        Some(History { oldest: open.window.first(), has_older: open.window.has_older(), ..history })
    }

    /// Writes the roster of the open conversation again. Answers its version.
    fn rewrite_roster(&mut self, key: Key) -> Option<u64> {
        let roster = self.open.as_ref().filter(|open| open.key == key)?.roster.as_ref()?;
        let (version, conversation) = (roster.version()?, self.book.sid_of(key)?);
        let row = |row: &confab_protocol::model::Participant| CacheWrite::Participant {
            conversation,
            participant: Box::new(row.clone()),
        };
        self.out.cache.extend(roster.present().map(row));
        Some(version)
    }
}
