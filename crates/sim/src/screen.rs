//! What a person would see: applies diffs as the window does.

use std::collections::BTreeMap;

use confab_core::view::{
    ConnectionState, ConversationRow, MessageRow, MessageState, ParticipantRow, PersonView, Rights,
    SessionView, TimelineEnds, ViewDiff,
};
use confab_protocol::model::NamedRole;

/// The window's state.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    pub(crate) connection: ConnectionState,
    pub(crate) rows: BTreeMap<String, ConversationRow>,
    pub(crate) open: Option<String>,
    pub(crate) messages: BTreeMap<String, MessageRow>,
    pub(crate) ends: TimelineEnds,
    pub(crate) roster: BTreeMap<String, ParticipantRow>,
    /// Unread messages and mentions on the badge.
    pub(crate) total: (u64, u64),
    pub(crate) session: Option<SessionView>,
    /// What one may do in the open conversation.
    pub(crate) rights: Rights,
    pub(crate) roles: Vec<NamedRole>,
    pub(crate) people: BTreeMap<String, PersonView>,
    pub(crate) settings: BTreeMap<String, serde_json::Value>,
    /// Entries that were refused and have no place in a timeline.
    pub(crate) stuck: Vec<String>,
}

impl Screen {
    /// Applies a batch.
    pub(crate) fn apply(&mut self, diffs: &[ViewDiff]) {
        diffs.iter().for_each(|diff| self.apply_one(diff));
    }

    fn apply_one(&mut self, diff: &ViewDiff) {
        match diff {
            ViewDiff::Reset => *self = Self::default(),
            ViewDiff::Connection { state, .. } => self.connection = *state,
            ViewDiff::Conversations { upsert, removed, .. } => {
                removed.iter().for_each(|key| drop(self.rows.remove(key)));
                self.rows.extend(upsert.iter().map(|row| (row.key.clone(), row.clone())));
            }
            ViewDiff::Opened { conversation, rights, .. } => {
                self.open.clone_from(conversation);
                self.rights = *rights;
                self.messages.clear();
                self.roster.clear();
                self.ends = TimelineEnds::default();
            }
            ViewDiff::Roster { upsert, removed, .. } => {
                removed.iter().for_each(|sid| drop(self.roster.remove(sid)));
                self.roster.extend(upsert.iter().map(|row| (row.sid.clone(), row.clone())));
            }
            ViewDiff::Timeline { conversation, upsert, removed, reset, ends } => {
                assert_eq!(self.open.as_ref(), Some(conversation), "a timeline of what is not open");
                if *reset {
                    self.messages.clear();
                }
                removed.iter().for_each(|key| drop(self.messages.remove(key)));
                self.messages.extend(upsert.iter().map(|row| (row.key.clone(), row.clone())));
                self.ends = *ends;
            }
            ViewDiff::UnreadTotal { unread, mentions } => self.total = (*unread, *mentions),
            ViewDiff::Session { session } => self.session.clone_from(session),
            ViewDiff::Rights { rights, .. } => self.rights = *rights,
            ViewDiff::Roles { roles } => self.roles.clone_from(roles),
            ViewDiff::People { upsert } => {
                self.people.extend(upsert.iter().map(|row| (row.identity.clone(), row.clone())));
            }
            ViewDiff::Settings { upsert, removed } => {
                removed.iter().for_each(|key| drop(self.settings.remove(key)));
                self.settings.extend(upsert.iter().map(|row| (row.key.clone(), row.value.clone())));
            }
            ViewDiff::Stuck { entries } => {
                self.stuck = entries.iter().map(|entry| entry.key.clone()).collect();
            }
            // Nothing is listed here beside the rows.
            ViewDiff::OutsidersChanged { .. }
            | ViewDiff::MessageGone { .. }
            | ViewDiff::Storage { .. }
            | ViewDiff::Notice { .. } => {}
        }
    }

    /// Messages that the server has, by index.
    pub(crate) fn sent(&self) -> Vec<&MessageRow> {
        let mut rows: Vec<_> = self.messages.values().filter(|row| row.index.is_some()).collect();
        rows.sort_by_key(|row| row.index);
        rows
    }

    /// Messages that were refused, or that a change of was.
    pub(crate) fn failed(&self) -> Vec<&MessageRow> {
        self.messages.values().filter(|row| row.state == MessageState::Failed).collect()
    }
}
