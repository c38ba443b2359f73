//! Read horizons: one waiting entry per conversation, into which later moves merge.

use confab_protocol::method::HorizonMode;
use confab_protocol::{ClientId, Timestamp};

use super::{Outbox, Written};
use crate::key::Key;
use crate::stored::{Action, EntryState};

/// A move of one's own horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) index: Option<u64>,
    pub(crate) mode: HorizonMode,
    /// Version of the own row that it is based on.
    pub(crate) based_on: u64,
}

impl Wish {
    /// What comes of this wish and then a later one. Going forward twice goes to the further place; putting it somewhere
    /// makes earlier moves void; going forward from where it was put puts it further.
    pub(crate) fn then(self, later: Self) -> Self {
        let based_on = self.based_on.max(later.based_on);
        match later.mode {
            HorizonMode::Set => Self { based_on, ..later },
            HorizonMode::Advance => Self { index: self.index.max(later.index), mode: self.mode, based_on },
        }
    }
}

impl Wish {
    /// Whether a later wish says the same of what it was based on. Of two moves forward, one from before another device put
    /// the horizon back and one from after it, only the second may still count, so they stay apart.
    fn takes(self, later: Self) -> bool {
        let forward = self.mode == HorizonMode::Advance && later.mode == HorizonMode::Advance;
        !forward || self.based_on == later.based_on
    }
}

impl Outbox {
    /// Moves a horizon: merges into the entry that waits, or adds one under `id`.
    pub(crate) fn wish(&mut self, place: Key, wish: Wish, id: ClientId, now: Timestamp) {
        let waiting = self.entries.iter_mut().rev().find(|entry| {
            entry.is_horizon() && entry.place() == Some(place) && entry.stored.state == EntryState::Held
        });
        let takes = |entry: &&mut super::Entry| match entry.stored.action {
            Action::Horizon { index, mode, based_on, .. } => Wish { index, mode, based_on }.takes(wish),
            _ => false,
        };
        let Some(entry) = waiting.filter(takes) else {
            let Wish { index, mode, based_on } = wish;
            self.add(id, Action::Horizon { place, index, mode, based_on }, now);
            if let Some(added) = self.entries.last_mut() {
                added.written = Written::Waiting;
            }
            return;
        };
        if let Action::Horizon { index, mode, based_on, .. } = &mut entry.stored.action {
            let merged = Wish { index: *index, mode: *mode, based_on: *based_on }.then(wish);
            (*index, *mode, *based_on) = (merged.index, merged.mode, merged.based_on);
            entry.written = Written::Waiting;
        }
    }

    /// Where the horizon of a conversation is going, when it is.
    pub(crate) fn wished(&self, place: Key) -> Option<Wish> {
        let moves = self.open_in(place).filter_map(|entry| match entry.stored.action {
            Action::Horizon { index, mode, based_on, .. } => Some(Wish { index, mode, based_on }),
            _ => None,
        });
        moves.reduce(Wish::then)
    }

    /// Whether a horizon waits to be written or sent.
    pub(crate) fn has_waiting_horizons(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_horizon() && entry.stored.state == EntryState::Held)
    }

    /// Writes the horizons that wait, and with a connection lets those go whose predecessor has been answered.
    pub(crate) fn release_horizons(&mut self, connected: bool) {
        for at in 0..self.entries.len() {
            let entry = &self.entries[at];
            if !entry.is_horizon() || entry.stored.state != EntryState::Held {
                continue;
            }
            let place = entry.place();
            let behind = self.entries[..at].iter().any(|other| {
                other.is_horizon() && other.place() == place && other.stored.state == EntryState::Released
            });
            let entry = &mut self.entries[at];
            if connected && !behind {
                entry.stored.state = EntryState::Released;
                entry.written = Written::No;
            } else if entry.written == Written::Waiting {
                entry.written = Written::No;
            }
        }
    }

    /// Whether the answer to an entry tells how things stood when it was applied, and not at some later time.
    pub(crate) fn is_first_answer(&self, id: ClientId) -> bool {
        self.get(id).is_some_and(|entry| !entry.again)
    }

    /// What follows a horizon that was put somewhere from here was based on that, not on what was before. Only the first answer
    /// says at which version that was: at a later one somebody else may have put it elsewhere since.
    pub(crate) fn rebase_horizons(&mut self, place: Key, version: u64) {
        for entry in &mut self.entries {
            let held = entry.stored.state == EntryState::Held;
            if let Action::Horizon { place: of, based_on, .. } = &mut entry.stored.action
                && held
                && *of == place
                && *based_on < version
            {
                *based_on = version;
                entry.written = Written::Waiting;
            }
        }
    }
}
