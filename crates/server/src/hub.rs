//! Who is connected, who gets what: a fold of what was committed, in its order. One task owns it, without a lock.

mod fanout;
mod fixed;
mod gaps;
mod heartbeat;
mod members;
mod peer;
mod presence;
mod profiles;
mod queue;
mod roster;
#[cfg(test)]
mod tests;
mod typing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use confab_domain::Event;
use confab_domain::tail::{Standing, Tail};
use confab_protocol::event::CloseReason;
use confab_protocol::method::InterestSetParams;
use confab_protocol::{ConversationSid, UserSid};
use tokio::sync::{mpsc, oneshot};

use crate::config::Bounds;
use crate::stats::Stats;

use fixed::{Map, Set};
pub(crate) use gaps::{Ask, Reloaded};
pub(crate) use peer::{Peer, PeerId};
pub(crate) use presence::Watched;
pub(crate) use queue::{About, Ending, Frame, Queue, encode};

/// What the hub is told.
#[derive(Debug)]
pub(crate) enum Input {
    /// What one piece of work committed.
    Told(Vec<Event>),
    /// A session begins. Its memberships were read in the writer's order, between what was told before and after.
    Attach {
        /// The session.
        peer: Arc<Peer>,
        /// How its user stands.
        standing: Standing,
    },
    /// A session has ended.
    Detach(PeerId),
    /// What a session looks at.
    Interest {
        /// The session.
        peer: PeerId,
        /// The request to answer.
        request: u64,
        /// What it looks at.
        looks: InterestSetParams,
    },
    /// A session's user types, and may.
    Typing {
        /// The session.
        peer: PeerId,
        /// Where.
        conversation: ConversationSid,
        /// How many participants it has.
        participants: u64,
    },
    /// Whose presence a session wants to know.
    Subscribe {
        /// The session.
        peer: PeerId,
        /// The request to answer.
        request: u64,
        /// The people, as they were read.
        people: Vec<Watched>,
    },
    /// Who of these people is there now.
    Present {
        /// The people.
        people: Vec<UserSid>,
        /// Takes one answer for each of them, in their order.
        answer: oneshot::Sender<Vec<bool>>,
    },
    /// The workspace has another epoch: every session ends, to come back and greet anew.
    NewEpoch,
    /// What moved in the store since it was last looked at.
    Tailed(Tail),
    /// What the hub has asked for.
    Reloaded(Reloaded),
    /// The server stops: every session ends.
    Stop,
}

/// The state of the task.
pub(crate) struct Hub {
    bounds: Bounds,
    stats: Arc<Stats>,
    peers: Map<PeerId, Attached>,
    users: Map<UserSid, Connected>,
    conversations: Map<ConversationSid, Active>,
    /// Conversations by the number of their last move.
    moves: BTreeMap<u64, ConversationSid>,
    last_move: u64,
    /// Conversations of whose roster something is held back.
    held_rosters: Set<ConversationSid>,
    presence: presence::Board,
    gaps: gaps::Gaps,
    profiles: profiles::Profiles,
    /// Version of the roles, as far as it was told.
    roles_version: u64,
    stopping: bool,
}

/// A session.
struct Attached {
    peer: Arc<Peer>,
    looks: InterestSetParams,
    beat_at: Instant,
    /// The last move that a heartbeat told of.
    told_move: u64,
    /// The version of its user's own state, when that moved since the last heartbeat.
    moved_state: Option<u64>,
    /// Heartbeats so far.
    beats: u64,
    /// Frames so far that tell of people: a heartbeat says how many, because they may be dropped.
    told_of_people: u64,
    /// The request that said last what it looks at; an earlier one that arrives after it is void.
    looked_by: u64,
    /// The same for whose presence it wants to know.
    subscribed_by: u64,
}

/// A user with at least one session.
#[derive(Default)]
struct Connected {
    peers: Vec<PeerId>,
    memberships: Set<ConversationSid>,
    /// The version of the user's own state that was told.
    state_version: u64,
}

/// A conversation with at least one connected participant.
#[derive(Default)]
struct Active {
    members: Set<UserSid>,
    /// Sessions that have it open.
    open: Set<PeerId>,
    /// Sessions that have it open or on screen as a row.
    declared: Set<PeerId>,
    /// Sequence of the last event that was folded.
    version: u64,
    roster_version: u64,
    moved: u64,
    roster: roster::Pending,
    typists: typing::Typists,
}

impl Hub {
    /// A hub without sessions.
    pub(crate) fn new(bounds: Bounds, stats: Arc<Stats>) -> Self {
        Self {
            bounds,
            stats,
            peers: Map::default(),
            users: Map::default(),
            conversations: Map::default(),
            moves: BTreeMap::new(),
            last_move: 0,
            held_rosters: Set::default(),
            presence: presence::Board::default(),
            gaps: gaps::Gaps::default(),
            profiles: profiles::Profiles::default(),
            roles_version: 0,
            stopping: false,
        }
    }

    /// Takes what it is told until nobody is left who could tell.
    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<Vec<Input>>, asks: mpsc::Sender<Ask>) {
        let mut ticks = tokio::time::interval(tick(&self.bounds));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                told = inputs.recv() => match told {
                    Some(told) => told.into_iter().for_each(|input| self.take(input, Instant::now())),
                    None => return,
                },
                _ = ticks.tick() => self.tick(Instant::now()),
            }
            self.send_asks(&asks);
        }
    }

    /// What finds no room waits for the next turn.
    fn send_asks(&mut self, asks: &mpsc::Sender<Ask>) {
        let waiting = self.take_asks();
        let sent = waiting.iter().take_while(|ask| asks.try_send(**ask).is_ok()).count();
        waiting.into_iter().skip(sent).for_each(|ask| self.gaps.ask(ask));
    }

    /// Takes one input.
    pub(crate) fn take(&mut self, input: Input, now: Instant) {
        match input {
            Input::Told(events) => events.into_iter().for_each(|event| self.tell(event, now)),
            Input::Attach { peer, standing } => self.attach(peer, &standing, now),
            Input::Detach(peer) => self.detach(peer, now),
            Input::Interest { peer, request, looks } => self.interest(peer, request, looks),
            Input::Typing { peer, conversation, participants } => {
                self.typing(peer, conversation, participants, now);
            }
            Input::Subscribe { peer, request, people } => self.subscribe(peer, request, people),
            Input::Present { people, answer } => {
                // Whoever asked may be gone by now.
                let _ = answer.send(people.iter().map(|user| self.presence.is_there(*user)).collect());
            }
            Input::NewEpoch => self.end_all(),
            Input::Tailed(tail) => self.tailed(tail, now),
            Input::Reloaded(reloaded) => self.reloaded(reloaded, now),
            Input::Stop => self.stop(),
        }
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.settle_doubts(now);
        self.flush_rosters(now);
        self.flush_presence(now);
        self.beat(now);
    }

    fn stop(&mut self) {
        self.stopping = true;
        self.end_all();
    }

    fn end_all(&self) {
        self.peers.values().for_each(|attached| attached.peer.queue.end(Ending::Told(CloseReason::Stopping)));
    }

    fn push_to(&self, peer: PeerId, text: &Utf8Bytes, conversation: Option<ConversationSid>) {
        if let Some(attached) = self.peers.get(&peer) {
            attached.peer.queue.push(Frame::Push { text: text.clone(), conversation });
        }
    }

    fn peers_of(&self, user: UserSid) -> impl Iterator<Item = PeerId> + '_ {
        self.users.get(&user).into_iter().flat_map(|connected| connected.peers.iter().copied())
    }

    /// Whether a session's user is in a conversation that the hub sees.
    fn is_member(&self, peer: PeerId, conversation: ConversationSid) -> bool {
        let Some(attached) = self.peers.get(&peer) else { return false };
        if self.gaps.is_blind(conversation) {
            return false;
        }
        self.users
            .get(&attached.peer.actor.user)
            .is_some_and(|connected| connected.memberships.contains(&conversation))
    }
}

/// How often the hub looks at what is due: often enough for its shortest interval.
pub(crate) fn tick(bounds: &Bounds) -> Duration {
    let shortest =
        bounds.heartbeat.min(bounds.roster_interval).min(bounds.offline_after).min(bounds.bus_delay);
    (shortest / 4).clamp(Duration::from_millis(10), Duration::from_millis(250))
}
