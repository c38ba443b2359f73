//! A mutation on its way through the writer. Those of one session are answered in the order in which they came.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use confab_domain::{DomainResult, Ids, Outcome, Tx, Warrant, apply_with};
use confab_protocol::{Answer, Call, Timestamp, WireError};

use crate::hub::{Input, Peer};
use crate::node::{Node, workspace_row};
use crate::store::Work;
use crate::twilio::webhook::{Source, owe};

/// Work for the writer.
pub(super) struct Mutation {
    node: Arc<Node>,
    peer: Arc<Peer>,
    request: u64,
    call: Call,
    warrant: Warrant,
    outcome: Option<Outcome>,
}

impl Mutation {
    /// What was asked for stands in `warrant` where a hook has changed it.
    pub(super) fn new(node: Arc<Node>, peer: Arc<Peer>, request: u64, call: Call, warrant: Warrant) -> Self {
        Self { node, peer, request, call, warrant, outcome: None }
    }
}

impl Work for Mutation {
    fn run(&mut self, tx: &mut dyn Tx, now: Timestamp, ids: &mut dyn Ids) -> DomainResult<()> {
        let mut outcome = apply_with(&self.peer.actor, &self.warrant, &self.call, now, ids, tx)?;
        owe(&self.node, Source::Sdk, &outcome.events, now, ids, tx)?;
        if let Answer::InviteCreate(made) = &mut outcome.answer {
            // The rules know the secret, the server where it can be reached.
            let workspace = self.node.workspace(workspace_row(tx)?);
            made.link = self.node.link(&workspace, Some(std::mem::take(&mut made.link)));
        }
        self.outcome = Some(outcome);
        Ok(())
    }

    fn committed(self: Box<Self>, told: &mut Vec<Input>) {
        let outcome = self.outcome.expect("invariant: committed work was run");
        self.node.stats.mutations_total.fetch_add(1, Relaxed);
        if !outcome.events.is_empty() {
            self.node.hooks.wake();
            told.push(Input::Told(outcome.events));
        }
        self.peer.answer(self.request, Ok(outcome.answer));
    }

    fn failed(self: Box<Self>, error: WireError) {
        self.node.stats.refusals_total.fetch_add(1, Relaxed);
        self.peer.answer(self.request, Err(error));
    }
}
