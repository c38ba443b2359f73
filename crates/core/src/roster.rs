//! The participants of the open conversation: a versioned map beside the log.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::ParticipantSid;
use confab_protocol::model::{MembershipStatus, Participant};

/// What is known of a roster.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// Rows, tombstones included: an older page must not bring anybody back.
    rows: BTreeMap<ParticipantSid, Participant>,
    state: State,
    /// Whom the pages of a listing have named.
    listed: BTreeSet<ParticipantSid>,
    /// The highest version heard of.
    heard: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Nothing but rows that came by themselves.
    #[default]
    Unknown,
    /// Pages are coming; what they add up to is at least as new as this version.
    Listing { as_of: Option<u64> },
    /// Everything up to this version.
    Complete { version: u64 },
    /// Everything up to this version, and what changed since is on its way.
    Catching { version: u64 },
}

/// What has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A page of everybody, after this row.
    Page { after: Option<ParticipantSid> },
    /// What changed after a version.
    Changes { after: u64 },
}

impl Roster {
    /// A roster that the cache held, complete as of `version`.
    pub(crate) fn restored(rows: Vec<Participant>, version: u64) -> Self {
        let rows = rows.into_iter().map(|row| (row.sid, row)).collect();
        Self { rows, state: State::Complete { version }, listed: BTreeSet::new(), heard: version }
    }

    /// Those who are in it.
    pub(crate) fn present(&self) -> impl Iterator<Item = &Participant> {
        self.rows.values().filter(|row| row.status == MembershipStatus::Joined)
    }

    /// All who are in it are known.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete { .. } | State::Catching { .. })
    }

    /// The version up to which everything is known.
    pub(crate) fn version(&self) -> Option<u64> {
        match self.state {
            State::Complete { version } | State::Catching { version } => Some(version),
            State::Unknown | State::Listing { .. } => None,
        }
    }

    /// Takes rows that are not a continuation of anything: from answers and log events. Gives those that are new.
    pub(crate) fn rows(&mut self, rows: &[Participant]) -> Vec<Participant> {
        // Whoever is not held where everything is known has left, and is not brought back by what is older.
        let known = self.version();
        let mut fresh = Vec::new();
        for row in rows {
            let held = self.rows.get(&row.sid).map(|held| held.version).or(known);
            if held.is_none_or(|held| held < row.version) {
                self.rows.insert(row.sid, row.clone());
                fresh.push(row.clone());
            }
        }
        fresh
    }

    /// Takes a push that holds every change after `from` up to `to`.
    pub(crate) fn push(&mut self, from: u64, to: u64, rows: &[Participant]) -> Vec<Participant> {
        self.hear(to);
        let fresh = self.rows(rows);
        if let State::Complete { version } | State::Catching { version } = &mut self.state
            && *version >= from
        {
            *version = (*version).max(to);
        }
        fresh
    }

    /// The roster stands at this version.
    pub(crate) fn hear(&mut self, version: u64) {
        self.heard = self.heard.max(version);
    }

    /// What to ask for now; nothing while an answer is on its way.
    pub(crate) fn need(&mut self) -> Option<Need> {
        match self.state {
            State::Unknown => {
                self.state = State::Listing { as_of: None };
                self.listed.clear();
                Some(Need::Page { after: None })
            }
            State::Complete { version } if version < self.heard => {
                self.state = State::Catching { version };
                Some(Need::Changes { after: version })
            }
            State::Complete { .. } | State::Listing { .. } | State::Catching { .. } => None,
        }
    }

    /// Takes an answer; a page says what to ask for next.
    pub(crate) fn answered(
        &mut self,
        as_of: u64,
        rows: &[Participant],
        more: bool,
    ) -> (Vec<Participant>, Option<Need>) {
        let mut fresh = self.rows(rows);
        self.hear(as_of);
        let next = match self.state {
            State::Listing { as_of: first } => {
                let first = first.unwrap_or(as_of);
                let last = rows.last().filter(|_| more).map(|row| row.sid);
                self.listed.extend(rows.iter().map(|row| row.sid));
                if last.is_some() {
                    self.state = State::Listing { as_of: Some(first) };
                } else {
                    fresh.extend(self.unlisted(first));
                    self.state = State::Complete { version: first };
                }
                last.map(|after| Need::Page { after: Some(after) })
            }
            State::Catching { version } => {
                let reached = rows.last().filter(|_| more).map_or(as_of, |row| row.version);
                let version = version.max(reached);
                self.state = if more { State::Catching { version } } else { State::Complete { version } };
                more.then_some(Need::Changes { after: version })
            }
            State::Unknown | State::Complete { .. } => None,
        };
        (fresh, next)
    }

    /// Whom all pages together did not name has left before they were read, whatever came of them by itself: they get a
    /// tombstone.
    fn unlisted(&mut self, as_of: u64) -> Vec<Participant> {
        let listed = std::mem::take(&mut self.listed);
        let gone = |row: &&mut Participant| {
            row.version <= as_of && row.status == MembershipStatus::Joined && !listed.contains(&row.sid)
        };
        let gone = self.rows.values_mut().filter(gone);
        gone.map(|row| {
            row.status = MembershipStatus::NotParticipating;
            row.clone()
        })
        .collect()
    }

    /// The answer will not come.
    pub(crate) fn give_up(&mut self) {
        self.state = match self.state {
            State::Listing { .. } | State::Unknown => State::Unknown,
            State::Catching { version } | State::Complete { version } => State::Complete { version },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::participant;

    fn names(roster: &Roster) -> Vec<&str> {
        roster.present().map(|row| row.identity.as_str()).collect()
    }

    #[test]
    fn who_left_while_the_pages_came_is_not_brought_back_by_them() {
        let mut roster = Roster::default();
        assert_eq!(roster.need(), Some(Need::Page { after: None }));
        let mut gone = participant("Bo", 5);
        gone.status = MembershipStatus::NotParticipating;
        roster.rows(&[gone]);
        let (_, next) = roster.answered(4, &[participant("Aiko", 1), participant("Bo", 2)], false);
        assert_eq!((next, roster.version()), (None, Some(4)));
        assert_eq!(names(&roster), ["Aiko"]);
    }

    #[test]
    fn whom_the_whole_list_does_not_name_has_left_whatever_came_of_them_before_or_comes_late() {
        let mut roster = Roster::default();
        roster.push(1, 2, &[participant("Cleo", 2)]);
        assert_eq!(roster.need(), Some(Need::Page { after: None }));
        let (_, next) = roster.answered(4, &[participant("Aiko", 1)], true);
        assert!(matches!(next, Some(Need::Page { after: Some(_) })));
        roster.push(4, 5, &[participant("Dai", 5)]);
        let (fresh, _) = roster.answered(5, &[participant("Bo", 4)], false);
        let left = fresh.iter().filter(|row| row.status != MembershipStatus::Joined);
        assert_eq!(left.map(|row| row.identity.as_str()).collect::<Vec<_>>(), ["Cleo"]);
        assert_eq!((names(&roster), roster.version()), (vec!["Bo", "Dai", "Aiko"], Some(4)));

        let mut roster = Roster::restored(vec![participant("Aiko", 1)], 4);
        assert!(roster.push(1, 2, &[participant("Cleo", 2)]).is_empty());
        assert_eq!(names(&roster), ["Aiko"]);
    }

    #[test]
    fn a_gap_is_asked_for_once_and_only_pushes_and_ranges_move_the_version() {
        let mut roster = Roster::restored(vec![participant("Aiko", 1)], 3);
        assert_eq!(roster.need(), None);
        roster.push(3, 4, &[participant("Bo", 4)]);
        assert_eq!((roster.version(), roster.need()), (Some(4), None));
        roster.rows(&[participant("Cleo", 9)]);
        assert_eq!(roster.version(), Some(4), "a row by itself says nothing of those before it");
        roster.push(6, 7, &[participant("Dai", 7)]);
        assert_eq!(roster.need(), Some(Need::Changes { after: 4 }));
        assert_eq!(roster.need(), None);
        let (_, next) = roster.answered(7, &[participant("Emil", 6)], false);
        assert_eq!((next, roster.version()), (None, Some(7)));
        assert_eq!(names(&roster).len(), 5);
    }

    #[test]
    fn a_version_that_is_no_participants_is_reached_without_rows() {
        let mut roster = Roster::restored(vec![participant("Aiko", 1)], 3);
        assert!(roster.push(3, 4, &[]).is_empty());
        assert_eq!((roster.version(), roster.need()), (Some(4), None));
        roster.hear(6);
        assert_eq!(roster.need(), Some(Need::Changes { after: 4 }));
        assert_eq!(roster.answered(6, &[], false), (Vec::new(), None));
        assert_eq!((roster.version(), roster.need()), (Some(6), None));
        assert_eq!(names(&roster), ["Aiko"]);
    }
}
