//! What was committed goes to those whom it concerns: encoded once, shared by all who get it.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use axum::extract::ws::Utf8Bytes;
use confab_domain::Event;
use confab_probe::{Fault, is_broken};
use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::{Change, ConversationSid, DeviceSid, LogEvent, Push, UserSid};

use super::gaps::Told;
use super::{Ending, Hub, encode};

impl Hub {
    pub(super) fn tell(&mut self, event: Event, now: Instant) {
        match event {
            Event::Log { event, joined, left, only } => {
                self.log(Told { event: *event, joined, left, only }, now);
            }
            Event::Roster { conversation, from, to, rows, participants_count } => {
                self.roster(conversation, from, to, rows, participants_count, now);
            }
            Event::State { user, from, to, rows, drafts, settings } => {
                if !self.state_in_order(user, from, to, &rows, now) {
                    return;
                }
                let text = self.encoded(Signal::StateChanged { from, to, rows, drafts, settings });
                self.peers_of(user).for_each(|peer| self.push_to(peer, &text, None));
            }
            // Clients have heard of it by the log.
            Event::NonChat { .. } => {}
            Event::User(user) => self.profile(user),
            Event::Roles { from, to, roles, removed } => {
                self.roles_version = self.roles_version.max(to);
                let text = self.encoded(Signal::RolesChanged { from, to, roles, removed });
                self.peers.keys().for_each(|peer| self.push_to(*peer, &text, None));
            }
            Event::DeviceRevoked { user, device } => self.revoke(user, device),
        }
    }

    pub(super) fn log(&mut self, told: Told, now: Instant) {
        let Some(Told { event, joined, left, only }) = self.in_order(told, now) else { return };
        let conversation = event.conversation;
        if let Some(user) = joined {
            self.joins(conversation, user);
        }
        let Some(active) = self.conversations.get_mut(&conversation) else { return };
        if let Change::MessageAdded(message) = &event.change {
            active.typists.wrote(&message.author);
        }
        // Someone who comes or goes moves the roster too: what it held back has to be told before.
        if roster_version(&event.change).is_some() {
            self.flush_roster(conversation, now);
        }
        self.moves_to(conversation, event.seq, roster_version(&event.change));
        let gone = self.whose_stay_ends(&event, left);
        for user in gone.iter().filter(|_| !is_broken(Fault::FanOutFold)) {
            self.leaves(conversation, *user);
        }
        let removed = match &event.change {
            Change::MessageRemoved(message) => Some(message.sid),
            _ => None,
        };
        let text: Utf8Bytes = Push::Log(event).encode().into();
        self.stats.pushes_encoded_total.fetch_add(1, Relaxed);
        for user in gone {
            // The last event that they get; it is about them and stays even when more is dropped.
            self.peers_of(user).for_each(|peer| self.push_to(peer, &text, None));
        }
        let Some(active) = self.conversations.get(&conversation) else { return };
        let told = active.members.iter().filter(|user| only.as_ref().is_none_or(|only| only.contains(user)));
        for peer in told.flat_map(|user| self.peers_of(*user)) {
            if let (Some(message), Some(attached)) = (removed, self.peers.get(&peer)) {
                attached.peer.queue.forget(conversation, message);
            }
            self.push_to(peer, &text, Some(conversation));
        }
    }

    /// Whoever leaves with this event; with the conversation everybody does.
    fn whose_stay_ends(&self, event: &LogEvent, left: Option<UserSid>) -> Vec<UserSid> {
        let active = self.conversations.get(&event.conversation);
        match (&event.change, active) {
            (Change::ConversationDeleted(_), Some(active)) => active.members.iter().copied().collect(),
            _ => left.into_iter().collect(),
        }
    }

    /// A head has moved.
    pub(super) fn moves_to(&mut self, conversation: ConversationSid, seq: u64, roster: Option<u64>) {
        let Some(active) = self.conversations.get_mut(&conversation) else { return };
        active.version = active.version.max(seq);
        active.roster_version = active.roster_version.max(roster.unwrap_or(0));
        self.last_move += 1;
        self.moves.remove(&active.moved);
        self.moves.insert(self.last_move, conversation);
        active.moved = self.last_move;
    }

    pub(super) fn revoke(&self, user: UserSid, device: DeviceSid) {
        for peer in self.peers_of(user).filter_map(|peer| self.peers.get(&peer)) {
            if peer.peer.actor.device == Some(device) {
                peer.peer.queue.end(Ending::Told(CloseReason::Revoked));
            }
        }
    }

    pub(super) fn encoded(&self, signal: Signal) -> Utf8Bytes {
        self.stats.pushes_encoded_total.fetch_add(1, Relaxed);
        encode(signal)
    }
}

/// The roster's version after a change that moves it too.
fn roster_version(change: &Change) -> Option<u64> {
    match change {
        Change::ParticipantJoined(row) | Change::ParticipantLeft(row) => Some(row.version),
        Change::ConversationCreated(_)
        | Change::ConversationUpdated(_)
        | Change::MessageAdded(_)
        | Change::MessageEdited(_)
        | Change::MessageRemoved(_)
        | Change::ConversationDeleted(_)
        | Change::Unknown { .. } => None,
    }
}
