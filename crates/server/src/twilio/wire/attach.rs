//! The beginning of a session, in the writer's order, as natively: nothing falls between what was read and what is told.

use std::sync::Arc;
use std::time::Instant;

use confab_domain::tail::{Standing, standing};
use confab_domain::{DomainResult, Event, Ids, Tx};
use confab_protocol::{Epoch, Timestamp, WireError};
use tokio::sync::oneshot;

use crate::guests::Place;
use crate::hub::{Input, Peer, Queue};
use crate::node::{Node, workspace_row};
use crate::store::Work;
use crate::twilio::admission::Bearer;

/// A session that may begin.
pub(super) struct Attached {
    pub(super) peer: Arc<Peer>,
    pub(super) place: Place,
    pub(super) epoch: Epoch,
}

/// Work for the writer.
pub(super) struct Attach {
    node: Arc<Node>,
    bearer: Bearer,
    queue: Arc<Queue>,
    answer: oneshot::Sender<Result<Attached, WireError>>,
    ready: Option<(Attached, Standing, Vec<Event>)>,
}

impl Attach {
    pub(super) fn new(
        node: Arc<Node>,
        bearer: Bearer,
        queue: Arc<Queue>,
        answer: oneshot::Sender<Result<Attached, WireError>>,
    ) -> Self {
        Self { node, bearer, queue, answer, ready: None }
    }
}

impl Work for Attach {
    fn run(&mut self, tx: &mut dyn Tx, now: Timestamp, ids: &mut dyn Ids) -> DomainResult<()> {
        // Work may be run once more: the place of the first run is given back.
        self.ready = None;
        let (actor, told) = self.bearer.enter(now, ids, tx)?;
        let begins = Instant::now();
        let place = self.node.guests.enter(actor.user, begins)?;
        let (standing, epoch) = (standing(tx, actor.user)?, workspace_row(tx)?.epoch);
        let peer = Peer::new(self.node.peer_id(), actor, Arc::clone(&self.queue), begins).looking_at_all();
        self.ready = Some((Attached { peer: Arc::new(peer), place, epoch }, standing, told));
        Ok(())
    }

    fn committed(self: Box<Self>, told: &mut Vec<Input>) {
        let (attached, standing, news) = self.ready.expect("invariant: committed work was run");
        let peer = Arc::clone(&attached.peer);
        let id = peer.id;
        if !news.is_empty() {
            told.push(Input::Told(news));
        }
        told.push(Input::Attach { peer, standing });
        if self.answer.send(Ok(attached)).is_err() {
            told.push(Input::Detach(id));
        }
    }

    fn failed(self: Box<Self>, error: WireError) {
        // The connection may be gone already.
        let _ = self.answer.send(Err(error));
    }
}
