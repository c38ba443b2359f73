//! One request: to the writer, to a reader, to the hub, or answered here.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use confab_domain::account::{check_password, find, may_type, set_password};
use confab_domain::{answer, is_mutation};
use confab_protocol::method::{
    ConversationParams, InterestSetParams, Nothing, PingResult, PresenceSubscribeParams, TokenRenewParams,
    TokenRenewResult, UserSetPasswordParams,
};
use confab_protocol::{Answer, Call, ErrorCode, Request, Response, WireError, limits};

use super::mutation::Mutation;
use super::{Session, media};
use crate::clock;
use crate::hub::{About, Input, Peer, Watched};
use crate::node::Node;
use crate::twilio::webhook;

/// Requests in flight beside which no read is begun: the answer of one may be megabytes.
const READS_IN_FLIGHT: usize = 16;

impl Session {
    /// Takes one frame. An error ends the session: the frame cannot even be answered.
    pub(super) async fn take(&mut self, text: &str) -> Result<(), ErrorCode> {
        let request = match Request::decode(text) {
            Ok(request) => request,
            Err(refused) => {
                let id = refused.id.ok_or(refused.error.code)?;
                self.peer.queue.admit(limits::REQUESTS_IN_FLIGHT).await;
                self.refuse(id, refused.error);
                return Ok(());
            }
        };
        if self.peer.queue.ending().is_some() {
            return Ok(());
        }
        let most = if is_mutation(&request.call) { limits::REQUESTS_IN_FLIGHT } else { READS_IN_FLIGHT };
        self.peer.queue.admit(most).await;
        let allowed = self.place.request(Instant::now()).and_then(|()| self.check_token(&request.call));
        match allowed {
            Ok(()) => self.dispatch(request).await,
            Err(error) => self.refuse(request.id, error),
        }
        Ok(())
    }

    fn check_token(&self, call: &Call) -> Result<(), WireError> {
        let renews = matches!(call, Call::TokenRenew(_));
        if self.token.is_expired() && !renews { Err(ErrorCode::TokenExpired.into()) } else { Ok(()) }
    }

    fn refuse(&self, id: u64, error: WireError) {
        self.node.stats.refusals_total.fetch_add(1, Relaxed);
        self.peer.answer(id, Err(error));
    }

    async fn dispatch(&mut self, request: Request) {
        let Request { id, call } = request;
        match call {
            Call::Hello(_) => self.refuse(id, WireError::invalid("method", "hello is said once")),
            Call::Ping(_) => self.peer.answer(id, Ok(Answer::Ping(self.pong()))),
            Call::TokenRenew(params) => {
                let renewed = self.renew(&params);
                self.peer.answer(id, renewed);
            }
            Call::InterestSet(params) => self.interest(id, params).await,
            Call::TypingStart(params) => self.aside(id, params, typing),
            Call::PresenceSubscribe(params) => self.aside(id, params, subscribe),
            Call::MediaUrls(params) => self.aside(id, params, media::urls),
            Call::MediaLimits(_) => self.peer.answer(id, Ok(media::limits(&self.node))),
            Call::UserSetPassword(params) => self.aside(id, params, change_password),
            call if is_mutation(&call) => self.mutate(id, call).await,
            call => self.aside(id, call, read),
        }
    }

    fn pong(&self) -> PingResult {
        PingResult { now: clock::now(), reconnect_spread_ms: self.node.guests.reconnect_spread_ms() }
    }

    fn renew(&mut self, params: &TokenRenewParams) -> Result<Answer, WireError> {
        let claim = self.node.keys.verify(&params.token, clock::now())?;
        let actor = &self.peer.actor;
        if claim.identity != actor.identity || Some(claim.device) != actor.device {
            return Err(ErrorCode::Unauthenticated.into());
        }
        self.token.renew(claim.expires_at);
        Ok(Answer::TokenRenew(TokenRenewResult { token_expires_at: claim.expires_at }))
    }

    async fn interest(&self, id: u64, params: InterestSetParams) {
        if params.rows.len() > limits::INTEREST {
            return self.refuse(id, WireError::too_large("rows", limits::INTEREST, params.rows.len()));
        }
        self.node.tell_hub(Input::Interest { peer: self.peer.id, request: id, looks: params }).await;
    }

    /// The session waits while a hook is asked: what it says afterwards must not overtake this.
    async fn mutate(&self, id: u64, call: Call) {
        let (call, warrant) = match webhook::asked(&self.node, &self.peer.actor, call).await {
            Ok(asked) => asked,
            Err(error) => return self.refuse(id, error),
        };
        let mutation = Mutation::new(Arc::clone(&self.node), Arc::clone(&self.peer), id, call, warrant);
        if self.node.writer.submit(Box::new(mutation)).await.is_err() {
            self.refuse(id, ErrorCode::Unavailable.into());
        }
    }

    /// Runs what may be overtaken beside the session. It answers its request unless the hub does.
    fn aside<P, F, R>(&self, id: u64, params: P, run: F)
    where
        F: FnOnce(Arc<Node>, Arc<Peer>, u64, P) -> R,
        R: Future<Output = Result<Option<Answer>, WireError>> + Send + 'static,
    {
        let (node, peer) = (Arc::clone(&self.node), Arc::clone(&self.peer));
        let task = run(Arc::clone(&node), Arc::clone(&peer), id, params);
        tokio::spawn(async move {
            match task.await {
                Ok(Some(answer)) => peer.answer(id, Ok(answer)),
                Ok(None) => {}
                Err(error) => {
                    node.stats.refusals_total.fetch_add(1, Relaxed);
                    peer.answer(id, Err(error));
                }
            }
        });
    }
}

/// What was read before a membership ended must not be received after it: then it is read anew.
async fn read(node: Arc<Node>, peer: Arc<Peer>, id: u64, call: Call) -> Result<Option<Answer>, WireError> {
    node.stats.reads_total.fetch_add(1, Relaxed);
    let (about, call) = (About::of(&call), Arc::new(call));
    loop {
        let purges = peer.queue.purges();
        let (reader, call) = (Arc::clone(&peer), Arc::clone(&call));
        let found = node.readers.read(move |read| answer(&reader.actor, &call, clock::now(), read)).await?;
        if peer.queue.answer_read(Response { id, outcome: Ok(found) }, about, purges) {
            return Ok(None);
        }
    }
}

async fn typing(
    node: Arc<Node>,
    peer: Arc<Peer>,
    _: u64,
    params: ConversationParams,
) -> Result<Option<Answer>, WireError> {
    let (id, conversation) = (peer.id, params.conversation);
    let participants = node.readers.read(move |read| may_type(&peer.actor, conversation, read)).await?;
    node.tell_hub(Input::Typing { peer: id, conversation, participants }).await;
    Ok(Some(Answer::TypingStart(Nothing {})))
}

async fn subscribe(
    node: Arc<Node>,
    peer: Arc<Peer>,
    request: u64,
    params: PresenceSubscribeParams,
) -> Result<Option<Answer>, WireError> {
    let identities = params.identities;
    if identities.len() > limits::INTEREST {
        return Err(WireError::too_large("identities", limits::INTEREST, identities.len()));
    }
    let find_all = move |read: &dyn confab_domain::Read| {
        let found = identities.iter().map(|identity| find(identity, read));
        found.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
    };
    let people = node.readers.read(find_all).await?;
    let watched = |user: confab_domain::row::UserRow| Watched {
        user: user.sid,
        identity: user.identity,
        profile_version: user.version,
    };
    let people = people.into_iter().map(watched).collect();
    node.tell_hub(Input::Subscribe { peer: peer.id, request, people }).await;
    Ok(None)
}

async fn change_password(
    node: Arc<Node>,
    peer: Arc<Peer>,
    _: u64,
    params: UserSetPasswordParams,
) -> Result<Option<Answer>, WireError> {
    let UserSetPasswordParams { client_id, current, password } = params;
    check_password("password", &password)?;
    let user = peer.actor.user;
    let stored = node.readers.read(move |read| Ok(read.user(user)?)).await?.and_then(|row| row.password_hash);
    let mut verified = None;
    // Who asks again after it was done has a password by now that is not the present one.
    let done = node.readers.read(move |read| Ok(read.seen(user, client_id)?)).await?.is_some();
    if let Some(current) = current.filter(|_| !done) {
        verify(&node, &peer, current, stored.clone()).await?;
        verified = stored;
    }
    let hash = node.passwords.hash(password).await?;
    let outcome = node.writer.call(move |tx, now, _| {
        let outcome = set_password(&peer.actor, client_id, verified.as_deref(), &hash, now, tx)?;
        Ok((outcome.answer, outcome.events))
    });
    outcome.await.map(Some)
}

/// A session that was left open is no place to guess its owner's password either.
async fn verify(node: &Node, peer: &Peer, password: String, stored: Option<String>) -> Result<(), WireError> {
    let name = confab_domain::name::identity_key(&peer.actor.identity);
    node.guesses.take_for_name(&name, Instant::now())?;
    if !node.passwords.verify(password, stored).await? {
        return Err(ErrorCode::WrongPassword.into());
    }
    node.guesses.was_right_for_name(&name, Instant::now());
    Ok(())
}
