//! Sessions come and go; memberships are read once at the first session and folded from then on.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use confab_domain::tail::Standing;
use confab_protocol::event::CloseReason;
use confab_protocol::method::{InterestSetParams, Nothing};
use confab_protocol::model::Head;
use confab_protocol::{Answer, ConversationSid, UserSid};

use super::{Active, Attached, Ending, Hub, Peer, PeerId, Queue};

impl Hub {
    pub(super) fn attach(&mut self, peer: Arc<Peer>, standing: &Standing, now: Instant) {
        if self.stopping {
            peer.queue.end(Ending::Told(CloseReason::Stopping));
        }
        let user = peer.actor.user;
        self.presence.came(user, &peer.actor.identity);
        self.profile_stands(user, standing.profile_version);
        let is_first = !self.users.contains_key(&user);
        let connected = self.users.entry(user).or_default();
        connected.peers.push(peer.id);
        if is_first {
            connected.state_version = standing.state_version;
            standing.heads.iter().for_each(|head| self.is_in(user, head, now));
        }
        let attached = Attached {
            beat_at: now + self.bounds.heartbeat,
            told_move: self.last_move,
            moved_state: None,
            beats: 0,
            told_of_people: 0,
            looked_by: 0,
            subscribed_by: 0,
            looks: InterestSetParams::default(),
            peer,
        };
        let peer = attached.peer.id;
        self.peers.insert(peer, attached);
        self.look_at_all(peer);
        self.stats.sessions.store(self.peers.len() as u64, Relaxed);
        if !is_first {
            self.see_user(standing, now);
        }
    }

    /// The first session of a user begins: it was read that the user is in this conversation.
    fn is_in(&mut self, user: UserSid, head: &Head, now: Instant) {
        let conversation = head.conversation;
        if let Some(connected) = self.users.get_mut(&user) {
            connected.memberships.insert(conversation);
        }
        let known = self.conversations.contains_key(&conversation);
        let active = self.conversations.entry(conversation).or_default();
        active.members.insert(user);
        if !known {
            (active.version, active.roster_version) = (head.version, head.roster_version);
        } else if head.version < active.version {
            // It was read before what has been folded since, which may have ended the membership.
            self.lose_sight(conversation, now);
        }
        self.stands(head, now);
    }

    /// Whoever never says what it looks at looks at everything that its user is in.
    fn look_at_all(&mut self, peer: PeerId) {
        let Some(attached) = self.peers.get(&peer).filter(|attached| attached.peer.looks_at_all) else {
            return;
        };
        let Some(connected) = self.users.get(&attached.peer.actor.user) else { return };
        for conversation in &connected.memberships {
            if let Some(active) = self.conversations.get_mut(conversation) {
                attached.looks_at(*conversation, active);
            }
        }
    }

    pub(super) fn detach(&mut self, peer: PeerId, now: Instant) {
        self.declare(peer, InterestSetParams::default());
        self.look_away(peer);
        self.presence.unsubscribe(peer);
        let Some(attached) = self.peers.remove(&peer) else { return };
        self.stats.sessions.store(self.peers.len() as u64, Relaxed);
        let user = attached.peer.actor.user;
        let Some(connected) = self.users.get_mut(&user) else { return };
        connected.peers.retain(|other| *other != peer);
        if connected.peers.is_empty() {
            self.presence.gone(user, now);
            self.forget(user);
        }
    }

    /// The end of looking at everything.
    fn look_away(&mut self, peer: PeerId) {
        let Some(attached) = self.peers.get(&peer).filter(|attached| attached.peer.looks_at_all) else {
            return;
        };
        let Some(connected) = self.users.get(&attached.peer.actor.user) else { return };
        for conversation in &connected.memberships {
            if let Some(active) = self.conversations.get_mut(conversation) {
                active.open.remove(&peer);
                active.declared.remove(&peer);
            }
        }
    }

    /// The last session of a user has ended: memberships will be read again at the next one.
    fn forget(&mut self, user: UserSid) {
        let Some(connected) = self.users.remove(&user) else { return };
        self.gaps.forget_user(user);
        for conversation in connected.memberships {
            self.drop_member(conversation, user);
        }
    }

    /// A user is in a conversation from now on.
    pub(super) fn joins(&mut self, conversation: ConversationSid, user: UserSid) {
        let Some(connected) = self.users.get_mut(&user) else { return };
        connected.memberships.insert(conversation);
        let active = self.conversations.entry(conversation).or_default();
        active.members.insert(user);
        // A session may have said what it looks at before this was told.
        for peer in connected.peers.iter().filter_map(|peer| self.peers.get(peer)) {
            peer.looks_at(conversation, active);
        }
    }

    /// A user is no longer in it: what waits of it for their sessions is dropped.
    pub(super) fn leaves(&mut self, conversation: ConversationSid, user: UserSid) {
        let Some(connected) = self.users.get_mut(&user) else { return };
        connected.memberships.remove(&conversation);
        for peer in
            connected.peers.iter().filter(|peer| self.peers.get(peer).is_some_and(|it| it.peer.looks_at_all))
        {
            if let Some(active) = self.conversations.get_mut(&conversation) {
                active.open.remove(peer);
                active.declared.remove(peer);
            }
        }
        self.queues_of(user).for_each(|queue| queue.purge(conversation));
        self.drop_member(conversation, user);
    }

    /// What waits for the sessions of a user.
    pub(super) fn queues_of(&self, user: UserSid) -> impl Iterator<Item = &Queue> {
        let peers = self.peers_of(user).filter_map(|peer| self.peers.get(&peer));
        peers.map(|attached| &*attached.peer.queue)
    }

    fn drop_member(&mut self, conversation: ConversationSid, user: UserSid) {
        let Some(active) = self.conversations.get_mut(&conversation) else { return };
        active.members.remove(&user);
        self.drop_if_empty(conversation);
    }

    /// Without members there is nobody to tell.
    pub(super) fn drop_if_empty(&mut self, conversation: ConversationSid) {
        if let Some(active) = self.conversations.get(&conversation)
            && active.members.is_empty()
        {
            self.moves.remove(&active.moved);
            self.conversations.remove(&conversation);
            self.gaps.forget(conversation);
        }
    }

    pub(super) fn interest(&mut self, peer: PeerId, request: u64, looks: InterestSetParams) {
        let Some(attached) = self.peers.get_mut(&peer) else { return };
        attached.peer.answer(request, Ok(Answer::InterestSet(Nothing {})));
        if request >= attached.looked_by {
            attached.looked_by = request;
            self.declare(peer, looks);
        }
    }

    /// Replaces what a session looks at. Whether it may is asked when there is something to send.
    fn declare(&mut self, peer: PeerId, looks: InterestSetParams) {
        let Some(attached) = self.peers.get_mut(&peer) else { return };
        let before = std::mem::replace(&mut attached.looks, looks);
        for conversation in before.open.into_iter().chain(before.rows) {
            if let Some(active) = self.conversations.get_mut(&conversation) {
                active.open.remove(&peer);
                active.declared.remove(&peer);
            }
        }
        for conversation in attached.looks.open.iter().chain(&attached.looks.rows) {
            if let Some(active) = self.conversations.get_mut(conversation) {
                attached.looks_at(*conversation, active);
            }
        }
    }
}

impl Attached {
    /// Notes in a conversation what this session declared of it.
    fn looks_at(&self, conversation: ConversationSid, active: &mut Active) {
        let InterestSetParams { open, rows, rosters } = &self.looks;
        let is_open = self.peer.looks_at_all || *open == Some(conversation);
        let is_shown = rows.contains(&conversation);
        if is_open || (is_shown && *rosters) {
            active.open.insert(self.peer.id);
        }
        if is_open || is_shown {
            active.declared.insert(self.peer.id);
        }
    }
}
