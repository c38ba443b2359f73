//! The requests of stock clients, by their addresses. Each becomes a call of the native protocol, and its answer is said in
//! the client's words.

mod configuration;
mod contacts;
mod conversations;
mod empty;
mod messages;
mod my_conversations;
mod participants;
mod registrations;
mod shapes;
mod typing;
mod users;

pub(super) use registrations::MESSAGE_TYPES;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use confab_domain::{Actor, DomainResult, Event, Ids, Outcome, Read, Tx, Warrant, apply_with};
use confab_protocol::{Answer, Call, ConversationSid, Epoch, ErrorCode, Timestamp, WireError};
use serde_json::Value;

use super::problem::Problem;
use super::sync;
use super::webhook::{Source, asked, owe};
use super::wire::Request;
use crate::clock;
use crate::hub::Peer;
use crate::node::Node;

/// Who asks, and through what.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) node: Arc<Node>,
    pub(super) peer: Arc<Peer>,
    pub(super) actor: Arc<Actor>,
    /// Scheme and host under which the client reached this server.
    pub(super) base: Arc<str>,
    pub(super) epoch: Epoch,
}

/// What is answered.
pub(super) struct Reply {
    /// The status of HTTP.
    pub(super) status: u16,
    /// The body.
    pub(super) body: Option<Value>,
}

impl Reply {
    /// It went well.
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body) }
    }

    /// Something was made.
    pub(super) fn created(body: Value) -> Self {
        Self { status: 201, body: Some(body) }
    }

    /// It went well, and there is nothing to say.
    pub(super) fn nothing() -> Self {
        Self { status: 204, body: None }
    }
}

impl Caller {
    /// A caller with a session.
    pub(super) fn new(node: Arc<Node>, peer: Arc<Peer>, base: String, epoch: Epoch) -> Self {
        let actor = Arc::new(peer.actor.clone());
        Self { node, peer, actor, base: base.into(), epoch }
    }

    /// Reads from one state of the store.
    pub(super) async fn read<T, F>(&self, run: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> DomainResult<T> + Send + 'static,
    {
        self.node.stats.reads_total.fetch_add(1, Relaxed);
        Ok(self.node.readers.read(run).await?)
    }

    /// The answer to a read of the native protocol.
    async fn ask(&self, call: Call) -> Result<Answer, Problem> {
        let actor = Arc::clone(&self.actor);
        self.read(move |read| confab_domain::answer(&actor, &call, clock::now(), read)).await
    }

    /// Carries a mutation of the native protocol out.
    async fn apply(&self, call: Call) -> Result<Answer, Problem> {
        let (call, warrant) = self.asked(call).await?;
        self.carry_out(call, warrant).await
    }

    /// What is to be done once hooks were asked, and under what.
    async fn asked(&self, call: Call) -> Result<(Call, Warrant), Problem> {
        Ok(asked(&self.node, &self.actor, call).await?)
    }

    /// Carries out what hooks were asked about.
    async fn carry_out(&self, call: Call, warrant: Warrant) -> Result<Answer, Problem> {
        let actor = Arc::clone(&self.actor);
        self.within(move |tx, now, ids| {
            let Outcome { answer, events } = apply_with(&actor, &warrant, &call, now, ids, tx)?;
            Ok((answer, events))
        })
        .await
    }

    /// Does something in the writing transaction, and tells of what comes beside its value.
    async fn within<T, F>(&self, mut run: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn Tx, Timestamp, &mut dyn Ids) -> DomainResult<(T, Vec<Event>)> + Send + 'static,
    {
        let node = Arc::clone(&self.node);
        let done = self.node.writer.call(move |tx, now, ids| {
            let (value, events) = run(tx, now, ids)?;
            owe(&node, Source::Sdk, &events, now, ids, tx)?;
            Ok((value, events))
        });
        let done = done.await;
        self.node.hooks.wake();
        let counted =
            if done.is_ok() { &self.node.stats.mutations_total } else { &self.node.stats.refusals_total };
        counted.fetch_add(1, Relaxed);
        Ok(done?)
    }

    /// The address of something of this side.
    fn url(&self, rest: &str) -> String {
        format!("{}/Client/v2/{rest}", self.base)
    }
}

/// Answers a request. What was read before a membership ended must not be received after its end: then it is read anew.
pub(super) async fn answer(caller: &Caller, request: Request) -> Result<Reply, Problem> {
    loop {
        let purges = caller.peer.queue.purges();
        let answer = route(caller, &request).await;
        if request.method != "GET" || caller.peer.queue.purges() == purges {
            return answer;
        }
    }
}

async fn route(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    match (request.method.as_str(), &path[..]) {
        ("GET", ["v3", form, name]) => sync::open(caller, form, name, request).await,
        ("GET", ["v3", form, name, "Items"]) => sync::items(caller, form, name, request).await,
        (method, ["Client", "v2", rest @ ..]) => chat(caller, request, method, rest).await,
        ("POST", ["v1", "typing"]) => typing::say(caller, request).await,
        ("POST", ["v1", "registrations"]) => registrations::register(caller, request).await,
        ("DELETE", ["v1", "registrations", id]) => registrations::end(caller, id).await,
        ("DELETE", ["v1", "registrations"]) => registrations::end_by_address(caller, request).await,
        _ => Err(Problem::no_route()),
    }
}

async fn chat(caller: &Caller, request: &Request, method: &str, path: &[&str]) -> Result<Reply, Problem> {
    match (method, path) {
        ("GET", ["Configuration"]) => configuration::get(caller).await,
        ("GET", ["ContentTemplates"]) => Ok(empty::page("templates")),
        ("GET", ["MyConversations"]) => my_conversations::list(caller, request).await,
        ("GET", ["MyConversations", name]) => my_conversations::get(caller, name).await,
        ("POST", ["MyConversations", name]) => my_conversations::update(caller, name, request).await,
        ("POST", ["Conversations"]) => conversations::create(caller, request).await,
        (_, ["Conversations", sid, rest @ ..]) => {
            of_conversation(caller, request, method, conversation_sid(sid)?, rest).await
        }
        ("GET", ["Users", identity]) => users::get(caller, identity).await,
        ("POST", ["Users", identity]) => users::update(caller, identity, request).await,
        _ => Err(Problem::no_route()),
    }
}

async fn of_conversation(
    caller: &Caller,
    request: &Request,
    method: &str,
    sid: ConversationSid,
    path: &[&str],
) -> Result<Reply, Problem> {
    match (method, path) {
        ("GET", []) => conversations::get(caller, sid).await,
        ("POST", []) => conversations::update(caller, sid, request).await,
        ("DELETE", []) => conversations::delete(caller, sid, request).await,
        ("POST", ["Participants"]) => participants::add(caller, sid, request).await,
        ("POST", ["Participants", name]) => participants::update(caller, sid, name, request).await,
        ("DELETE", ["Participants", name]) => participants::remove(caller, sid, name, request).await,
        ("POST", ["Messages"]) => messages::send(caller, sid, request).await,
        ("POST", ["Messages", message]) => messages::edit(caller, sid, message, request).await,
        ("DELETE", ["Messages", message]) => messages::remove(caller, sid, message, request).await,
        ("GET", ["Messages", message, "Receipts"]) => messages::receipts(caller, sid, message, request).await,
        ("GET", ["Messages", _, "ChannelMetadata"]) => Err(Problem::no_channel_metadata()),
        ("GET", ["MessageRecipients"]) => Ok(empty::page("message_recipients")),
        _ => Err(Problem::no_route()),
    }
}

fn conversation_sid(text: &str) -> Result<ConversationSid, Problem> {
    text.parse().map_err(|_| WireError::not_found("conversation").into())
}

/// An answer that is not the one to what was asked.
fn strange() -> Problem {
    ErrorCode::Internal.into()
}

/// Free JSON that comes as text.
fn attributes(text: Option<&str>) -> Result<Option<Value>, Problem> {
    let read =
        |text: &str| serde_json::from_str(text).map_err(|_| Problem::invalid("attributes", "not JSON"));
    text.map(read).transpose()
}
