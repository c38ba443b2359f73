//! Presence: told to those who asked for a person, in batches; someone is offline a while after their last session.

use std::collections::VecDeque;
use std::time::Instant;

use confab_protocol::event::Signal;
use confab_protocol::method::PresenceSubscribeResult;
use confab_protocol::model::Presence;
use confab_protocol::{Answer, UserSid};

use super::fixed::{Map, Set};
use super::{Frame, Hub, PeerId};

/// Somebody who is watched, as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watched {
    /// The user.
    pub(crate) user: UserSid,
    /// The identity to show.
    pub(crate) identity: String,
    /// Version of the profile.
    pub(crate) profile_version: u64,
}

/// Who is there, who wants to know, and what they have not been told yet.
#[derive(Default)]
pub(super) struct Board {
    /// Everyone who counts as online, with the identity to show; true while they have a session.
    online: Map<UserSid, (String, bool)>,
    /// Those whose last session ended, in that order.
    leaving: VecDeque<(Instant, UserSid)>,
    watchers: Map<UserSid, Set<PeerId>>,
    watched: Map<PeerId, Vec<UserSid>>,
    news: Map<PeerId, Map<String, bool>>,
}

impl Board {
    /// A session of someone has begun.
    pub(super) fn came(&mut self, user: UserSid, identity: &str) {
        if self.online.insert(user, (identity.to_owned(), true)).is_none() {
            self.note(user, identity, true);
        }
    }

    /// The last session of someone has ended.
    pub(super) fn gone(&mut self, user: UserSid, now: Instant) {
        if let Some((_, has_session)) = self.online.get_mut(&user) {
            *has_session = false;
            self.leaving.push_back((now, user));
        }
    }

    /// Whether somebody counts as online.
    pub(super) fn is_there(&self, user: UserSid) -> bool {
        self.online.contains_key(&user)
    }

    pub(super) fn watchers(&self, user: UserSid) -> impl Iterator<Item = PeerId> + '_ {
        self.watchers.get(&user).into_iter().flatten().copied()
    }

    /// Forgets what a session wanted to know.
    pub(super) fn unsubscribe(&mut self, peer: PeerId) {
        self.news.remove(&peer);
        for user in self.watched.remove(&peer).unwrap_or_default() {
            if let Some(watchers) = self.watchers.get_mut(&user) {
                watchers.remove(&peer);
                if watchers.is_empty() {
                    self.watchers.remove(&user);
                }
            }
        }
    }

    /// Replaces what a session wants to know, and says how things stand. News of those whom it watched before are told all
    /// the same: when the request came twice, the session takes the first answer, which knew nothing of them.
    fn subscribe(&mut self, peer: PeerId, people: Vec<Watched>) -> Vec<Presence> {
        let mut untold = self.news.remove(&peer).unwrap_or_default();
        self.unsubscribe(peer);
        for one in &people {
            self.watchers.entry(one.user).or_default().insert(peer);
        }
        untold.retain(|identity, _| people.iter().any(|one| one.identity == *identity));
        if !untold.is_empty() {
            self.news.insert(peer, untold);
        }
        self.watched.insert(peer, people.iter().map(|one| one.user).collect());
        self.stands(people)
    }

    /// How things stand with these people.
    fn stands(&self, people: Vec<Watched>) -> Vec<Presence> {
        let stands = |Watched { user, identity, profile_version }| {
            let online = self.online.contains_key(&user);
            Presence { identity, online, profile_version }
        };
        people.into_iter().map(stands).collect()
    }

    /// Those whose time is up are offline.
    fn expire(&mut self, now: Instant, after: std::time::Duration) {
        while self.leaving.front().is_some_and(|(since, _)| now.saturating_duration_since(*since) >= after) {
            let Some((since, user)) = self.leaving.pop_front() else { return };
            let came_back = self.online.get(&user).is_none_or(|(_, has_session)| *has_session);
            // Someone who came and went again leaves at the later time.
            let left_later = self.leaving.iter().any(|(later, other)| *other == user && *later >= since);
            if came_back || left_later {
                continue;
            }
            if let Some((identity, _)) = self.online.remove(&user) {
                self.note(user, &identity, false);
            }
        }
    }

    fn note(&mut self, user: UserSid, identity: &str, online: bool) {
        for peer in self.watchers.get(&user).into_iter().flatten() {
            self.news.entry(*peer).or_default().insert(identity.to_owned(), online);
        }
    }
}

impl Hub {
    pub(super) fn subscribe(&mut self, peer: PeerId, request: u64, mut people: Vec<Watched>) {
        for one in &mut people {
            self.profile_stands(one.user, one.profile_version);
            // A change may have been told after they were read, and before this session watches them.
            one.profile_version = self.profiles.version(one.user).max(one.profile_version);
        }
        let Some(attached) = self.peers.get_mut(&peer) else { return };
        let is_latest = request >= attached.subscribed_by;
        let people = if is_latest {
            attached.subscribed_by = request;
            self.presence.subscribe(peer, people)
        } else {
            self.presence.stands(people)
        };
        attached.peer.answer(request, Ok(Answer::PresenceSubscribe(PresenceSubscribeResult { people })));
    }

    /// Sends what is new to those who asked.
    pub(super) fn flush_presence(&mut self, now: Instant) {
        self.presence.expire(now, self.bounds.offline_after);
        for (peer, news) in std::mem::take(&mut self.presence.news) {
            let told = |(identity, online)| Presence { identity, online, profile_version: 0 };
            let text = self.encoded(Signal::PresenceChanged { people: news.into_iter().map(told).collect() });
            self.tell_of_people(peer, Frame::Ephemeral { text, conversation: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session that takes the answer to the first of two equal requests knows nothing of what happened in between.
    #[test]
    fn what_was_not_told_yet_outlives_another_request_for_the_same_person() {
        let (mut board, peer, user) = (Board::default(), 7, UserSid::from(uuid::Uuid::from_u128(1)));
        let watched = || vec![Watched { user, identity: "Ann".into(), profile_version: 1 }];
        assert!(!board.subscribe(peer, watched())[0].online);
        board.came(user, "Ann");
        assert!(board.subscribe(peer, watched())[0].online);
        assert!(board.news[&peer]["Ann"], "the first answer knew nothing of it");
        board.subscribe(peer, Vec::new());
        assert!(!board.news.contains_key(&peer), "nobody asks any more");
    }
}
