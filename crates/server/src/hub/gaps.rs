//! What the bus has lost. The fold of a log may not go on over a gap: the event that is missing may have ended somebody's
//! membership. Until it was read from the store who is in it, nothing is pushed of such a conversation: the hub is blind there.

use std::collections::BTreeMap;
use std::time::Instant;

use confab_domain::tail::{Members, Standing, Tail};
use confab_probe::{Branch, Fault, is_broken, reached};
use confab_protocol::event::CloseReason;
use confab_protocol::model::{Head, MembershipStatus, User, UserConversation};
use confab_protocol::{ConversationSid, LogEvent, UserSid};

use super::fixed::Set;
use super::{Active, Ending, Hub, Queue};

/// Events that are kept for one conversation until it is seen again; beyond them it is read once more.
pub(super) const HELD: usize = 256;

/// What the hub has to read from the store before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ask {
    /// Who is in a conversation.
    Members(ConversationSid),
    /// How a user stands.
    Standing(UserSid),
    /// What people see of a user.
    Profile(UserSid),
}

/// What was read: one snapshot, not older than the question.
#[derive(Debug)]
pub(crate) enum Reloaded {
    /// Who is in a conversation.
    Members(Members),
    /// How a user stands.
    Standing(Standing),
    /// What people see of a user.
    Profile(Box<User>),
}

/// An event of a log with those whom it concerns.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) event: LogEvent,
    pub(super) joined: Option<UserSid>,
    pub(super) left: Option<UserSid>,
    pub(super) only: Option<Vec<UserSid>>,
}

/// What the hub does not know.
#[derive(Default)]
pub(super) struct Gaps {
    blind: BTreeMap<ConversationSid, Blind>,
    /// The store was further than the fold. What is missing may still be on its way: it is waited for a moment.
    doubted: BTreeMap<ConversationSid, (Instant, Head)>,
    /// The same for users and their state versions.
    doubted_users: BTreeMap<UserSid, (Instant, u64)>,
    asks: Vec<Ask>,
}

/// A conversation of which an event was lost.
struct Blind {
    asked_at: Instant,
    /// Its log and its roster stand at least here.
    version: u64,
    roster_version: u64,
    /// Events that came meanwhile, by their sequence.
    held: BTreeMap<u64, Told>,
}

impl Blind {
    fn hears(&mut self, head: &Head) {
        self.version = self.version.max(head.version);
        self.roster_version = self.roster_version.max(head.roster_version);
    }

    /// Whether a snapshot and the events behind it are all that there is.
    fn is_covered_by(&self, version: u64) -> bool {
        let mut end = version;
        for seq in self.held.range(version + 1..).map(|(seq, _)| *seq) {
            if seq != end + 1 {
                return false;
            }
            end = seq;
        }
        end >= self.version
    }
}

impl Gaps {
    pub(super) fn is_blind(&self, conversation: ConversationSid) -> bool {
        self.blind.contains_key(&conversation)
    }

    /// Events kept of a conversation until it is seen again.
    #[cfg(test)]
    pub(super) fn held(&self, conversation: ConversationSid) -> usize {
        self.blind.get(&conversation).map_or(0, |blind| blind.held.len())
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        if !self.asks.contains(&ask) {
            self.asks.push(ask);
        }
    }

    /// Nobody who is connected is in it any more.
    pub(super) fn forget(&mut self, conversation: ConversationSid) {
        self.blind.remove(&conversation);
        self.doubted.remove(&conversation);
    }

    pub(super) fn forget_user(&mut self, user: UserSid) {
        self.doubted_users.remove(&user);
    }
}

impl Hub {
    /// What has to be read; asked once.
    pub(crate) fn take_asks(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.gaps.asks)
    }

    /// Takes an event when it is not the next one, and gives it back when it is.
    pub(super) fn in_order(&mut self, told: Told, now: Instant) -> Option<Told> {
        let (conversation, seq) = (told.event.conversation, told.event.seq);
        let active = self.conversations.get(&conversation);
        if !self.gaps.is_blind(conversation) {
            match active {
                Some(active) if seq <= active.version => {
                    reached(Branch::HubToldTwice);
                    return None;
                }
                Some(active) if seq > active.version + 1 => self.lose_sight(conversation, now),
                Some(_) => return Some(told),
                // Whoever comes in makes it known here; of others nobody is connected.
                None => {
                    return told.joined.is_some_and(|user| self.users.contains_key(&user)).then_some(told);
                }
            }
        }
        let blind = self.gaps.blind.get_mut(&conversation)?;
        blind.version = blind.version.max(seq);
        if blind.held.len() < HELD {
            blind.held.insert(seq, told);
        }
        None
    }

    /// Something of a conversation was lost: nothing of it is pushed until it was read who is in it.
    pub(super) fn lose_sight(&mut self, conversation: ConversationSid, now: Instant) {
        if self.gaps.is_blind(conversation) {
            return;
        }
        reached(Branch::HubLostSight);
        self.drop_held_roster(conversation);
        let active = self.conversations.entry(conversation).or_default();
        let (version, roster_version) = (active.version, active.roster_version);
        let blind = Blind { asked_at: now, version, roster_version, held: BTreeMap::new() };
        self.gaps.doubted.remove(&conversation);
        self.gaps.blind.insert(conversation, blind);
        self.gaps.ask(Ask::Members(conversation));
    }

    /// A roster has moved where the hub is blind.
    pub(super) fn roster_unseen(&mut self, conversation: ConversationSid, roster_version: u64) -> bool {
        let blind = self.gaps.blind.get_mut(&conversation);
        blind.map(|blind| blind.roster_version = blind.roster_version.max(roster_version)).is_some()
    }

    /// Rows of a user's own state are told. False when they were told before.
    pub(super) fn state_in_order(
        &mut self,
        user: UserSid,
        from: u64,
        to: u64,
        rows: &[UserConversation],
        now: Instant,
    ) -> bool {
        let Some(connected) = self.users.get_mut(&user) else { return false };
        if to <= connected.state_version {
            return false;
        }
        if from > connected.state_version {
            self.lost_state(user, to, now);
        } else {
            connected.state_version = to;
            // Told now, and said again by the next heartbeat: the push may be lost on its way.
            for peer in &connected.peers {
                if let Some(attached) = self.peers.get_mut(peer) {
                    attached.moved_state = Some(to);
                }
            }
        }
        self.compare(user, rows, now);
        true
    }

    /// Own rows that say something else than the fold: an event of the log was lost. What was read of what has ended is not
    /// sent behind the row that says so, whether the fold knew of the membership or not.
    fn compare(&mut self, user: UserSid, rows: &[UserConversation], now: Instant) {
        for row in rows.iter().filter(|_| !is_broken(Fault::FanOutFold)) {
            let Some(connected) = self.users.get(&user) else { return };
            let is_joined = row.status == MembershipStatus::Joined;
            if !is_joined {
                self.queues_of(user).for_each(|queue| queue.purge(row.conversation));
            }
            if is_joined != connected.memberships.contains(&row.conversation) {
                self.lose_sight(row.conversation, now);
            }
        }
    }

    /// Something of a user's own state was lost: the heartbeat says so at once, and what else was lost with it is read.
    fn lost_state(&mut self, user: UserSid, state_version: u64, now: Instant) {
        if self.users.get(&user).is_none_or(|connected| state_version <= connected.state_version) {
            return;
        }
        reached(Branch::HubLostOwnRow);
        if !is_broken(Fault::FanOutFold) {
            self.queues_of(user).for_each(Queue::purge_answers);
        }
        let Some(connected) = self.users.get_mut(&user) else { return };
        connected.state_version = state_version;
        for peer in &connected.peers {
            if let Some(attached) = self.peers.get_mut(peer) {
                (attached.moved_state, attached.beat_at) = (Some(state_version), now);
            }
        }
        self.gaps.doubted_users.remove(&user);
        self.gaps.ask(Ask::Standing(user));
    }

    /// The store says how far a conversation is.
    pub(super) fn stands(&mut self, head: &Head, now: Instant) {
        if let Some(blind) = self.gaps.blind.get_mut(&head.conversation) {
            return blind.hears(head);
        }
        let Some(active) = self.conversations.get(&head.conversation) else { return };
        if head.version > active.version || head.roster_version > active.roster_version {
            let until = now + self.bounds.bus_delay;
            let (_, heard) = self.gaps.doubted.entry(head.conversation).or_insert((until, *head));
            heard.version = heard.version.max(head.version);
            heard.roster_version = heard.roster_version.max(head.roster_version);
        }
    }

    /// The store says how far a user's own state is.
    pub(super) fn user_stands(&mut self, user: UserSid, state_version: u64, now: Instant) {
        if self.users.get(&user).is_some_and(|connected| state_version > connected.state_version) {
            let until = now + self.bounds.bus_delay;
            let (_, heard) = self.gaps.doubted_users.entry(user).or_insert((until, state_version));
            *heard = state_version.max(*heard);
        }
    }

    /// What moved in the store since it was last looked at.
    pub(super) fn tailed(&mut self, tail: Tail, now: Instant) {
        if is_broken(Fault::LostPushTail) {
            return;
        }
        tail.heads.iter().for_each(|head| self.stands(head, now));
        for row in tail.users {
            self.user_stands(row.user, row.state_version, now);
            self.profile_stands(row.user, row.profile_version);
            if row.deactivated {
                self.shut_out(row.user);
            }
        }
        tail.devices.into_iter().for_each(|(user, device)| self.revoke(user, device));
        if tail.roles_version > self.roles_version {
            self.roles_version = tail.roles_version;
            // Told at once: what everybody may do follows from it. Whoever has heard of it does not ask again.
            self.peers.values_mut().for_each(|attached| attached.beat_at = now);
        }
    }

    fn shut_out(&self, user: UserSid) {
        let peers = self.peers_of(user).filter_map(|peer| self.peers.get(&peer));
        peers.for_each(|attached| attached.peer.queue.end(Ending::Told(CloseReason::Revoked)));
    }

    /// What was waited for long enough counts as lost; what was asked and not answered is asked again.
    pub(super) fn settle_doubts(&mut self, now: Instant) {
        let due = |(until, _): &(Instant, Head)| now >= *until;
        let heads: Vec<Head> =
            self.gaps.doubted.values().filter(|doubt| due(doubt)).map(|(_, h)| *h).collect();
        heads.into_iter().for_each(|head| self.settle(&head, now));
        let users = self.gaps.doubted_users.iter().filter(|(_, (until, _))| now >= *until);
        let users: Vec<(UserSid, u64)> = users.map(|(user, (_, version))| (*user, *version)).collect();
        for (user, state_version) in users {
            self.gaps.doubted_users.remove(&user);
            self.lost_state(user, state_version, now);
        }
        let patience = self.bounds.tail;
        for (conversation, blind) in &mut self.gaps.blind {
            if now.saturating_duration_since(blind.asked_at) >= patience {
                blind.asked_at = now;
                self.gaps.asks.push(Ask::Members(*conversation));
            }
        }
    }

    fn settle(&mut self, head: &Head, now: Instant) {
        let conversation = head.conversation;
        self.gaps.doubted.remove(&conversation);
        let Some(active) = self.conversations.get(&conversation) else { return };
        if head.version > active.version {
            self.lose_sight(conversation, now);
        } else if head.roster_version > active.roster_version {
            reached(Branch::HubLostRoster);
            self.moves_to(conversation, 0, Some(head.roster_version));
            self.hurry(conversation, now);
        }
    }

    /// Heartbeats of those who are in a conversation are due now: they have something to tell.
    fn hurry(&mut self, conversation: ConversationSid, now: Instant) {
        let Some(active) = self.conversations.get(&conversation) else { return };
        for peer in active.members.iter().filter_map(|user| self.users.get(user)).flat_map(|user| &user.peers)
        {
            if let Some(attached) = self.peers.get_mut(peer) {
                attached.beat_at = now;
            }
        }
    }

    /// Something was read that was asked for.
    pub(super) fn reloaded(&mut self, reloaded: Reloaded, now: Instant) {
        match reloaded {
            Reloaded::Members(members) => self.see(members, now),
            Reloaded::Standing(standing) => self.see_user(&standing, now),
            Reloaded::Profile(user) => self.see_profile(*user),
        }
        self.beat(now);
    }

    /// A conversation can be seen again, once a snapshot and what came after it are all that there is.
    fn see(&mut self, members: Members, now: Instant) {
        let Members { head, users } = members;
        let conversation = head.conversation;
        let Some(blind) = self.gaps.blind.get_mut(&conversation) else { return };
        if !blind.is_covered_by(head.version) {
            blind.held.retain(|seq, _| *seq > head.version);
            blind.asked_at = now;
            return self.gaps.ask(Ask::Members(conversation));
        }
        let Some(Blind { held, roster_version, .. }) = self.gaps.blind.remove(&conversation) else { return };
        let connected = users.into_iter().filter(|user| self.users.contains_key(user)).collect();
        self.replace_members(conversation, &connected);
        if let Some(active) = self.conversations.get_mut(&conversation) {
            (active.version, active.roster_version) = (head.version, head.roster_version);
            self.moves_to(conversation, head.version, Some(roster_version.max(head.roster_version)));
            self.hurry(conversation, now);
        }
        for told in held.into_values() {
            self.log(told, now);
        }
    }

    /// Those who are in it, and nobody else. Whoever came or went without being told reads their own rows.
    fn replace_members(&mut self, conversation: ConversationSid, members: &Set<UserSid>) {
        let Some(Active { members: before, .. }) = self.conversations.get(&conversation) else { return };
        let came: Vec<UserSid> = members.iter().filter(|user| !before.contains(user)).copied().collect();
        let went: Vec<UserSid> = before.iter().filter(|user| !members.contains(user)).copied().collect();
        for user in came {
            self.joins(conversation, user);
            self.gaps.ask(Ask::Standing(user));
        }
        for user in went {
            reached(Branch::HubLostEnd);
            self.leaves(conversation, user);
            self.gaps.ask(Ask::Standing(user));
        }
        self.drop_if_empty(conversation);
    }

    pub(super) fn see_user(&mut self, standing: &Standing, now: Instant) {
        let user = standing.user;
        if standing.deactivated {
            return self.shut_out(user);
        }
        self.lost_state(user, standing.state_version, now);
        let Some(connected) = self.users.get(&user) else { return };
        let is_in = |conversation| standing.heads.iter().any(|head| head.conversation == conversation);
        let mut differ: Vec<ConversationSid> =
            connected.memberships.iter().filter(|sid| !is_in(**sid)).copied().collect();
        let unknown =
            standing.heads.iter().filter(|head| !connected.memberships.contains(&head.conversation));
        differ.extend(unknown.map(|head| head.conversation));
        differ.into_iter().for_each(|conversation| self.lose_sight(conversation, now));
        standing.heads.iter().for_each(|head| self.stands(head, now));
    }
}
