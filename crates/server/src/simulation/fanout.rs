//! The hub and the queues of its sessions, driven by hand. Instants are counted from the beginning of the simulation.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use confab_domain::tail::{Members, Standing, Tail};
use confab_domain::{Actor, Event};
use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::method::InterestSetParams;
use confab_protocol::model::User;
use confab_protocol::{Answer, Call, ConversationSid, Response, UserSid, WireError};

use crate::config::Bounds;
use crate::hub::{self, About, Ending, Input, Peer, Queue, Reloaded, Watched, encode};
use crate::stats::Stats;

/// The server's hub. Inputs are to be given in the order in which they were committed.
pub struct Hub {
    hub: hub::Hub,
    bounds: Bounds,
    stats: Arc<Stats>,
    began: Instant,
}

impl Hub {
    /// A hub without sessions.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let stats = Arc::new(Stats::default());
        // Only distances are ever looked at, so that a run does not depend on when it is made.
        let began = Instant::now();
        Self { hub: hub::Hub::new(bounds.clone(), Arc::clone(&stats)), bounds, stats, began }
    }

    /// What it counts.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// What one piece of work committed.
    pub fn told(&mut self, events: Vec<Event>, now: Duration) {
        self.take(Input::Told(events), now);
    }

    /// A session begins. How its user stands was read ([`confab_domain::tail::standing`]) in commit order, between what was
    /// told before and after.
    pub fn attach(&mut self, session: &Session, standing: Standing, now: Duration) {
        self.take(Input::Attach { peer: Arc::clone(&session.peer), standing }, now);
    }

    /// What [`confab_domain::tail::since`] gave: at the latest after [`Bounds::tail`] it is looked at again.
    pub fn tailed(&mut self, tail: Tail, now: Duration) {
        self.take(Input::Tailed(tail), now);
    }

    /// What the hub has to know before it goes on; to be looked at after every input and tick. The answer may come later: a
    /// question about a conversation is asked again after [`Bounds::tail`].
    #[must_use]
    pub fn asks(&mut self) -> Vec<Ask> {
        let asks = self.hub.take_asks().into_iter();
        asks.map(|ask| match ask {
            hub::Ask::Members(conversation) => Ask::Members(conversation),
            hub::Ask::Standing(user) => Ask::Standing(user),
            hub::Ask::Profile(user) => Ask::Profile(user),
        })
        .collect()
    }

    /// The answer to [`Ask::Members`].
    pub fn members(&mut self, members: Members, now: Duration) {
        self.take(Input::Reloaded(Reloaded::Members(members)), now);
    }

    /// The answer to [`Ask::Standing`].
    pub fn standing(&mut self, standing: Standing, now: Duration) {
        self.take(Input::Reloaded(Reloaded::Standing(standing)), now);
    }

    /// The answer to [`Ask::Profile`].
    pub fn profile(&mut self, user: User, now: Duration) {
        self.take(Input::Reloaded(Reloaded::Profile(Box::new(user))), now);
    }

    /// A session has ended.
    pub fn detach(&mut self, session: u64, now: Duration) {
        self.take(Input::Detach(session), now);
    }

    /// What a session looks at; answers its request.
    pub fn interest(&mut self, session: u64, request: u64, looks: InterestSetParams, now: Duration) {
        self.take(Input::Interest { peer: session, request, looks }, now);
    }

    /// A session's user types in a conversation that has so many participants; answers nothing.
    pub fn typing(&mut self, session: u64, conversation: ConversationSid, participants: u64, now: Duration) {
        self.take(Input::Typing { peer: session, conversation, participants }, now);
    }

    /// Whose presence a session wants to know, by user, identity and version of the profile; answers its request.
    pub fn subscribe(
        &mut self,
        session: u64,
        request: u64,
        people: Vec<(UserSid, String, u64)>,
        now: Duration,
    ) {
        let watched = |(user, identity, profile_version)| Watched { user, identity, profile_version };
        let people = people.into_iter().map(watched).collect();
        self.take(Input::Subscribe { peer: session, request, people }, now);
    }

    /// The server stops: every session ends with a word.
    pub fn stop(&mut self, now: Duration) {
        self.take(Input::Stop, now);
    }

    /// Does what is due. To be called every [`Hub::interval`].
    pub fn tick(&mut self, now: Duration) {
        self.hub.tick(self.began + now);
    }

    /// How often the server ticks.
    #[must_use]
    pub fn interval(&self) -> Duration {
        hub::tick(&self.bounds)
    }

    fn take(&mut self, input: Input, now: Duration) {
        self.hub.take(input, self.began + now);
    }
}

/// What the hub has to read from the database before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// [`confab_domain::tail::members`], to be given to [`Hub::members`].
    Members(ConversationSid),
    /// [`confab_domain::tail::standing`], to be given to [`Hub::standing`].
    Standing(UserSid),
    /// [`confab_domain::tail::profile`], to be given to [`Hub::profile`].
    Profile(UserSid),
}

/// How a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With a last frame that says why.
    Told(CloseReason),
    /// Without a word.
    Silently,
}

/// A session that said hello, as the hub and the writer see it, with the queue of what waits for it.
pub struct Session {
    peer: Arc<Peer>,
    began: Instant,
    has_said_why: Cell<bool>,
}

impl Session {
    /// A session that is heard of now; `id` is never used twice.
    #[must_use]
    pub fn new(id: u64, actor: Actor, hub: &Hub, now: Duration) -> Self {
        let queue = Arc::new(Queue::new(hub.bounds.session_queue, Arc::clone(&hub.stats)));
        let peer = Arc::new(Peer::new(id, actor, queue, hub.began + now));
        Self { peer, began: hub.began, has_said_why: Cell::new(false) }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.peer.id
    }

    /// Who it is, on which device.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.peer.actor
    }

    /// Something arrived from it.
    pub fn is_heard(&self, now: Duration) {
        self.peer.is_heard(self.began + now);
    }

    /// Answers one of its requests.
    pub fn answer(&self, request: u64, outcome: Result<Answer, WireError>) {
        self.peer.answer(request, outcome);
    }

    /// How many memberships have ended: to be noted before a read begins.
    #[must_use]
    pub fn purges(&self) -> u64 {
        self.peer.queue.purges()
    }

    /// Answers a read that began when so many memberships had ended. False when it has to be read anew, because a
    /// membership that it shows something of has ended since.
    #[must_use]
    pub fn answer_read(&self, request: u64, call: &Call, answer: Answer, purges: u64) -> bool {
        let response = Response { id: request, outcome: Ok(answer) };
        self.peer.queue.answer_read(response, About::of(call), purges)
    }

    /// Whether there is anything to take, or it has ended.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.peer.queue.is_waiting()
    }

    /// The frames that wait, in their order, as they go over the wire. The last frame of a session that ends with a word
    /// says why.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        let frames = self.peer.queue.take_all();
        let mut texts: Vec<String> = frames.into_iter().map(|frame| frame.into_text().to_string()).collect();
        if let Some(Ending::Told(reason)) = self.peer.queue.ending()
            && !self.has_said_why.replace(true)
        {
            texts.push(encode(Signal::Closing { reason }).to_string());
        }
        texts
    }

    /// Ends it, as when its connection breaks.
    pub fn end(&self) {
        self.peer.queue.end(Ending::Dead);
    }

    /// How it has ended, once it has.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        self.peer.queue.ending().map(|ending| match ending {
            Ending::Told(reason) => Ended::Told(reason),
            Ending::Dead => Ended::Silently,
        })
    }
}
