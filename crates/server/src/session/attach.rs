//! The beginning of a session, in the writer's order: what was committed before is in its memberships, what is committed
//! after is pushed to it. Nothing falls between.

use std::sync::Arc;
use std::time::Instant;

use confab_domain::account::authenticate;
use confab_domain::tail::{Standing, standing};
use confab_domain::{DomainResult, Ids, Read, Tx};
use confab_protocol::method::HelloResult;
use confab_protocol::{Answer, Capability, ErrorCode, Timestamp, WireError};
use tokio::sync::oneshot;

use crate::guests::Place;
use crate::hub::{Input, Peer, Queue};
use crate::node::{Node, workspace_row};
use crate::store::Work;
use crate::token::Claim;

/// What the session gets, or why there is none.
type Begun = Result<(Arc<Peer>, Place), WireError>;

/// Work for the writer.
pub(super) struct Attach {
    node: Arc<Node>,
    claim: Claim,
    request: u64,
    version: u32,
    queue: Arc<Queue>,
    answer: oneshot::Sender<Begun>,
    ready: Option<Ready>,
}

struct Ready {
    peer: Arc<Peer>,
    place: Place,
    standing: Standing,
    hello: HelloResult,
}

impl Attach {
    pub(super) fn new(
        node: Arc<Node>,
        claim: Claim,
        request: u64,
        version: u32,
        queue: Arc<Queue>,
        answer: oneshot::Sender<Begun>,
    ) -> Self {
        Self { node, claim, request, version, queue, answer, ready: None }
    }

    fn hello(
        &self,
        user: confab_protocol::model::User,
        now: Timestamp,
        read: &dyn Read,
    ) -> DomainResult<HelloResult> {
        let workspace = workspace_row(read)?;
        let roles_version = workspace.roles_version;
        let row = read.user(user.sid)?.ok_or(ErrorCode::Denied)?;
        Ok(HelloResult {
            version: self.version,
            capabilities: Capability::OURS.to_vec(),
            epoch: workspace.epoch,
            workspace: self.node.workspace(workspace),
            user,
            device: self.claim.device,
            state_version: row.state_version,
            roles_version,
            now,
            token_expires_at: self.claim.expires_at,
            heartbeat_ms: u64::try_from(self.node.bounds.heartbeat.as_millis()).unwrap_or(u64::MAX),
            reconnect_spread_ms: self.node.guests.reconnect_spread_ms(),
        })
    }
}

impl Work for Attach {
    fn run(&mut self, tx: &mut dyn Tx, now: Timestamp, _: &mut dyn Ids) -> DomainResult<()> {
        // Work may be run once more: the place of the first run is given back.
        self.ready = None;
        let device = tx.device(self.claim.device)?.ok_or(ErrorCode::Denied)?;
        let (actor, user) = authenticate(device.user, self.claim.device, tx)?;
        if actor.identity != self.claim.identity {
            return Err(ErrorCode::Unauthenticated.into());
        }
        let begins = Instant::now();
        let place = self.node.guests.enter(actor.user, begins)?;
        let standing = standing(tx, actor.user)?;
        let hello = self.hello(user, now, tx)?;
        let peer = Arc::new(Peer::new(self.node.peer_id(), actor, Arc::clone(&self.queue), begins));
        self.ready = Some(Ready { peer, place, standing, hello });
        Ok(())
    }

    fn committed(self: Box<Self>, told: &mut Vec<Input>) {
        let Ready { peer, place, standing, hello } = self.ready.expect("invariant: committed work was run");
        peer.answer(self.request, Ok(Answer::Hello(hello)));
        told.push(Input::Attach { peer: Arc::clone(&peer), standing });
        let id = peer.id;
        if self.answer.send(Ok((peer, place))).is_err() {
            told.push(Input::Detach(id));
        }
    }

    fn failed(self: Box<Self>, error: WireError) {
        // The connection may be gone already.
        let _ = self.answer.send(Err(error));
    }
}
