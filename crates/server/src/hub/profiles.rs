//! Profiles: told to those who see the person, and read again when the store has a newer one than was told.

use confab_probe::{Branch, reached};
use confab_protocol::UserSid;
use confab_protocol::event::Signal;
use confab_protocol::model::User;

use super::fixed::{Map, Set};
use super::{Ask, Frame, Hub, PeerId};

/// The newest version of each profile that was told: one number for each user who was here or was watched since the hub began.
#[derive(Default)]
pub(super) struct Profiles(Map<UserSid, u64>);

impl Profiles {
    fn told(&mut self, user: UserSid, version: u64) {
        let known = self.0.entry(user).or_default();
        *known = version.max(*known);
    }

    /// The version that was told; 0 for none.
    pub(super) fn version(&self, user: UserSid) -> u64 {
        self.0.get(&user).copied().unwrap_or(0)
    }
}

impl Hub {
    /// A changed profile goes to its owner's sessions, to those who watch the person, and to those who have a
    /// conversation open that the person is in; everyone else sees the newer version when they next meet the name.
    pub(super) fn profile(&mut self, user: User) {
        self.profiles.told(user.sid, user.version);
        let told = self.who_sees(user.sid);
        let text = self.encoded(Signal::UserChanged { users: vec![user] });
        for peer in told {
            self.tell_of_people(peer, Frame::Push { text: text.clone(), conversation: None });
        }
    }

    fn who_sees(&self, user: UserSid) -> Set<PeerId> {
        let mut told: Set<PeerId> = self.peers_of(user).collect();
        told.extend(self.presence.watchers(user));
        if let Some(connected) = self.users.get(&user) {
            let seen = connected.memberships.iter().filter(|sid| !self.gaps.is_blind(**sid));
            let active = seen.filter_map(|sid| self.conversations.get(sid));
            told.extend(active.flat_map(|active| active.open.iter().copied()));
        }
        told
    }

    /// A profile was read at this version. Those who were told of an older one have to be told of it.
    pub(super) fn profile_stands(&mut self, user: UserSid, version: u64) {
        if *self.profiles.0.entry(user).or_insert(version) < version {
            self.gaps.ask(Ask::Profile(user));
        }
    }

    /// A profile was read because an older one had been told; it may have been told meanwhile.
    pub(super) fn see_profile(&mut self, user: User) {
        if self.profiles.version(user.sid) < user.version {
            reached(Branch::HubLostProfile);
            self.profile(user);
        }
    }

    /// Sends a session something of people, and counts it.
    pub(super) fn tell_of_people(&mut self, peer: PeerId, frame: Frame) {
        if let Some(attached) = self.peers.get_mut(&peer) {
            attached.told_of_people += 1;
            attached.peer.queue.push(frame);
        }
    }
}
