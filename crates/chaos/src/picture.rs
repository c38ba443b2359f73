//! What a person would see: applies diffs as the window does.

use std::collections::BTreeMap;

use confab_core::view::{
    ConnectionState, ConversationRow, MessageRow, ParticipantRow, Problem, StuckView, TimelineEnds, ViewDiff,
};
use serde::{Deserialize, Serialize};

use crate::notes::Profile;

/// Problems that are remembered.
const NOTICES: usize = 20;

/// The window's state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub(crate) connection: ConnectionState,
    pub(crate) loaded: bool,
    pub(crate) rows: BTreeMap<String, ConversationRow>,
    pub(crate) open: Option<String>,
    pub(crate) messages: BTreeMap<String, MessageRow>,
    pub(crate) roster: BTreeMap<String, ParticipantRow>,
    pub(crate) complete: bool,
    pub(crate) ends: TimelineEnds,
    pub(crate) unread: u64,
    pub(crate) mentions: u64,
    /// Settings that follow the person, as JSON.
    pub(crate) settings: BTreeMap<String, String>,
    /// What was refused and has no place in a timeline.
    pub(crate) stuck: Vec<StuckView>,
    pub(crate) notices: Vec<Problem>,
    /// Profiles of those who were met.
    pub(crate) people: BTreeMap<String, Profile>,
    /// Orders that have no answer yet.
    pub(crate) asking: usize,
}

impl Picture {
    /// Applies one change.
    pub(crate) fn apply(&mut self, diff: ViewDiff) {
        match diff {
            ViewDiff::Reset => *self = Self { notices: std::mem::take(&mut self.notices), ..Self::default() },
            ViewDiff::Connection { state, .. } => self.connection = state,
            ViewDiff::Conversations { upsert, removed, loaded } => {
                self.rows.retain(|key, _| !removed.contains(key));
                self.rows.extend(upsert.into_iter().map(|row| (row.key.clone(), row)));
                self.loaded = loaded;
            }
            ViewDiff::Opened { conversation, .. } => {
                self.open = conversation;
                self.messages.clear();
                self.roster.clear();
                (self.ends, self.complete) = (TimelineEnds::default(), false);
            }
            ViewDiff::Timeline { upsert, removed, reset, ends, .. } => {
                self.messages.retain(|key, _| !reset && !removed.contains(key));
                self.messages.extend(upsert.into_iter().map(|row| (row.key.clone(), row)));
                self.ends = ends;
            }
            ViewDiff::Roster { upsert, removed, complete, .. } => {
                self.roster.retain(|key, _| !removed.contains(key));
                self.roster.extend(upsert.into_iter().map(|row| (row.sid.clone(), row)));
                self.complete = complete;
            }
            ViewDiff::UnreadTotal { unread, mentions } => (self.unread, self.mentions) = (unread, mentions),
            ViewDiff::Settings { upsert, removed } => {
                self.settings.retain(|key, _| !removed.contains(key));
                self.settings.extend(upsert.into_iter().map(|row| (row.key, row.value.to_string())));
            }
            ViewDiff::People { upsert } => self.people.extend(upsert.into_iter().map(|person| {
                (person.identity, Profile { name: person.name, attributes: person.attributes })
            })),
            ViewDiff::Stuck { entries } => self.stuck = entries,
            ViewDiff::Notice { problem } => {
                self.notices.truncate(NOTICES - 1);
                self.notices.insert(0, problem);
            }
            _ => {}
        }
    }

    /// Keys of the conversations that one is in.
    pub(crate) fn joined(&self) -> Vec<&ConversationRow> {
        self.rows.values().filter(|row| !row.left).collect()
    }

    /// Messages of the open conversation that the server has, by index.
    pub(crate) fn sent(&self) -> Vec<&MessageRow> {
        let mut rows: Vec<_> = self.messages.values().filter(|row| row.index.is_some()).collect();
        rows.sort_by_key(|row| row.index);
        rows
    }
}
