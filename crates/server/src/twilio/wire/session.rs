//! One stock client: `init`, then requests in, answers and news out, until one side ends it.
//!
//! News are never queued here. What the hub tells marks the objects that moved, and what moved is read when there is time to
//! send it: a client that reads slowly is behind, holds nothing up, and misses nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use confab_domain::Actor;
use confab_domain::name::identity_key;
use confab_protocol::event::CloseReason;
use confab_protocol::{ErrorCode, WireError};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::oneshot;

use super::attach::{Attach, Attached};
use super::desk::{Desk, answered};
use super::packet::{self, Header};
use super::request::Request;
use crate::guests::Place;
use crate::hub::{Ending, Frame, Input, Queue};
use crate::node::Node;
use crate::session::TokenWatch;
use crate::twilio::admission::{Voucher, bearer};
use crate::twilio::client::Caller;
use crate::twilio::problem::Problem;
use crate::twilio::sync::{Feed, Hint, subscribe};

/// Requests that are answered at once; further ones wait in the socket.
const REQUESTS: usize = 64;
/// Frames of the hub taken at once.
const BATCH: usize = 64;
/// How long a session that ends may take to read why.
const GOODBYE: Duration = Duration::from_secs(2);

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// Why a session has ended.
enum End {
    /// The client went, or its connection broke.
    Gone,
    /// It is told why.
    Told(Problem),
}

/// A client that was let in.
struct Session {
    caller: Caller,
    place: Place,
    token: TokenWatch,
    voucher: Voucher,
    feed: Feed,
    desk: Desk,
    sink: Sink,
}

/// Serves a WebSocket to its end.
pub(super) async fn serve(node: Arc<Node>, base: String, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    let Some(header) = first(&node, &mut stream).await else { return };
    match begin(&node, base, &header).await {
        Ok(Begun { caller, place, token, voucher }) => {
            let welcome = packet::welcome(&header.id, &continuation(&caller));
            let feed = Feed::new(caller.clone());
            let desk = Desk::open(caller.clone(), REQUESTS);
            let session = Session { caller, place, token, voucher, feed, desk, sink };
            session.run(welcome, stream).await;
        }
        Err((problem, wait)) => {
            part(&mut sink, &mut stream, Some(packet::refusal(&header.id, &problem, wait))).await;
        }
    }
}

/// What a client says again when it comes back. Nothing depends on it: what it missed is read after the ids that it names.
fn continuation(caller: &Caller) -> String {
    format!("{}-{}", caller.actor.user, caller.epoch)
}

/// The first packet, when it is what it has to be.
async fn first(node: &Node, stream: &mut Stream) -> Option<Header> {
    let message = tokio::time::timeout(node.bounds.hello, stream.next()).await.ok()??.ok()?;
    let Message::Binary(bytes) = message else { return None };
    packet::read(&bytes).ok().map(|(header, _)| header).filter(|header| header.method == "init")
}

/// What a session begins with.
struct Begun {
    caller: Caller,
    place: Place,
    token: TokenWatch,
    voucher: Voucher,
}

/// Lets a client in, or says why not, and when it may come back.
async fn begin(node: &Arc<Node>, base: String, header: &Header) -> Result<Begun, (Problem, Option<u64>)> {
    let refused = |error: WireError| {
        let wait = error.params.get("retry_after_ms").and_then(serde_json::Value::as_u64);
        match error.code {
            // One too many: the client is to come back later, and not to ask its user for another token.
            ErrorCode::LimitReached | ErrorCode::RateLimited => {
                let wait = wait.unwrap_or(node.guests.reconnect_spread_ms().max(1_000));
                (Problem::new(429, 20429, "Too many connections: close one, or try again later"), Some(wait))
            }
            ErrorCode::Deactivated | ErrorCode::InvalidParams | ErrorCode::TooLarge => {
                (Problem::new(403, 20101, "The identity of this token may not sign in"), None)
            }
            _ => (error.into(), None),
        }
    };
    let token = header.token.as_deref().unwrap_or_default();
    let bearer = bearer(node, token).await.map_err(|problem| (problem, None))?;
    let _turn = node.hellos.try_acquire().map_err(|_| refused(ErrorCode::RateLimited.into()))?;
    let token = TokenWatch::new(bearer.expires_at, &node.bounds);
    let voucher = Voucher::of(&bearer);
    let queue = Arc::new(Queue::new(node.bounds.session_queue, Arc::clone(&node.stats)));
    let (answer, attached) = oneshot::channel();
    let attach = Attach::new(Arc::clone(node), bearer, queue, answer);
    node.writer.submit(Box::new(attach)).await.map_err(|gone| refused(gone.into()))?;
    let attached = attached.await.unwrap_or(Err(ErrorCode::Unavailable.into())).map_err(refused)?;
    let Attached { peer, place, epoch } = attached;
    tracing::debug!(user = %peer.actor.user, "a session of a stock client begins");
    let caller = Caller::new(Arc::clone(node), peer, base, epoch);
    Ok(Begun { caller, place, token, voucher })
}

impl Session {
    async fn run(mut self, welcome: Bytes, mut stream: Stream) {
        let peer = Arc::clone(&self.caller.peer);
        let end = tokio::select! {
            end = self.live(welcome, &mut stream) => end,
            () = give_up(&peer.queue) => End::Gone,
        };
        peer.queue.end(Ending::Dead);
        self.caller.node.tell_hub(Input::Detach(peer.id)).await;
        let last = match end {
            End::Told(problem) => Some(packet::close(&problem)),
            End::Gone => None,
        };
        part(&mut self.sink, &mut stream, last).await;
    }

    /// The session itself. Ends with the connection, or with what the client is to be told.
    async fn live(&mut self, welcome: Bytes, stream: &mut Stream) -> End {
        if self.sink.send(Message::Binary(welcome)).await.is_err() {
            return End::Gone;
        }
        let peer = Arc::clone(&self.caller.peer);
        let mut frames = Vec::new();
        loop {
            let turn = tokio::select! {
                more = peer.queue.take(&mut frames, BATCH) => {
                    if more { self.hear(&mut frames).await } else { Err(ended(&peer.queue)) }
                }
                answer = self.desk.answer() => self.put(answer).await,
                message = stream.next(), if !self.desk.is_full() => match message {
                    Some(Ok(message)) => self.take(message).await,
                    Some(Err(_)) | None => Err(End::Gone),
                },
                () = self.token.due() => {
                    self.token.step(&peer.queue);
                    Ok(())
                }
                () = std::future::ready(()), if self.feed.has_news() => self.tell().await,
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn put(&mut self, packet: Bytes) -> Result<(), End> {
        self.sink.send(Message::Binary(packet)).await.map_err(|_| End::Gone)
    }

    /// What the hub has to say marks what moved, or goes out at once.
    async fn hear(&mut self, frames: &mut Vec<Frame>) -> Result<(), End> {
        for frame in frames.drain(..) {
            match frame {
                Frame::Lagged => self.feed.everything_moved(),
                Frame::Answer { response, .. } => self.feed.take(&response),
                Frame::Push { text, .. } | Frame::Ephemeral { text, .. } => match self.feed.hear(&text) {
                    Some(Hint::Say(packet_kind, body)) => {
                        let packet = packet::notification(packet_kind, &body);
                        self.sink.feed(Message::Binary(packet)).await.map_err(|_| End::Gone)?;
                    }
                    Some(Hint::Beat) => {
                        if !self.voucher.stands(&self.caller.node).await {
                            return Err(End::Told(signed_out()));
                        }
                        self.sink.feed(Message::Ping(Bytes::new())).await.map_err(|_| End::Gone)?;
                    }
                    Some(Hint::AboutToExpire) => {
                        let packet = packet::about_to_expire();
                        self.sink.feed(Message::Binary(packet)).await.map_err(|_| End::Gone)?;
                    }
                    Some(Hint::Expired) => return Err(End::Told(expired())),
                    None => {}
                },
            }
        }
        self.sink.flush().await.map_err(|_| End::Gone)
    }

    /// Reads what moved and sends it.
    async fn tell(&mut self) -> Result<(), End> {
        for body in self.feed.read().await {
            let packet = packet::notification("twilio.sync.event", &body);
            self.sink.feed(Message::Binary(packet)).await.map_err(|_| End::Gone)?;
        }
        self.sink.flush().await.map_err(|_| End::Gone)
    }

    async fn take(&mut self, message: Message) -> Result<(), End> {
        let peer = &self.caller.peer;
        peer.is_heard(Instant::now());
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Close(_) => return Err(End::Gone),
            Message::Text(_) | Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        let Ok((header, payload)) = packet::read(&bytes) else {
            return Err(End::Told(Problem::new(406, 20001, "A packet could not be read")));
        };
        match header.method.as_str() {
            "message" => self.request(header, payload).await,
            "update" => {
                let answer = self.renew(&header).await;
                self.put(answer).await
            }
            "close" => Err(End::Gone),
            // Acknowledgements and timings need no answer.
            "reply" | "telemetry.v1" => Ok(()),
            _ => self.put(packet::done(&header.id)).await,
        }
    }

    /// Another token for the same session.
    async fn renew(&mut self, header: &Header) -> Bytes {
        let token = header.token.as_deref().unwrap_or_default();
        let actor: &Actor = &self.caller.actor;
        let renewed = bearer(&self.caller.node, token).await.and_then(|bearer| {
            let same = identity_key(&bearer.identity) == identity_key(&actor.identity)
                && bearer.device == actor.device;
            if same { Ok(bearer) } else { Err(Problem::new(401, 20101, "The token is of another identity")) }
        });
        match renewed {
            Ok(bearer) => {
                self.token.renew(bearer.expires_at);
                self.voucher = Voucher::of(&bearer);
                packet::done(&header.id)
            }
            Err(problem) => packet::refusal(&header.id, &problem, None),
        }
    }

    /// Begins a request. One too many in a second waits, and so does what comes behind it.
    async fn request(&mut self, mut header: Header, payload: &[u8]) -> Result<(), End> {
        let Some(http) = header.http_request.take() else {
            return self
                .put(packet::refusal(&header.id, &Problem::invalid("http_request", "missing"), None))
                .await;
        };
        while let Err(error) = self.place.request(Instant::now()) {
            let wait = error.params.get("retry_after_ms").and_then(serde_json::Value::as_u64).unwrap_or(1);
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        let (id, request) = (header.id, Request::read(&http, payload));
        if subscribe::is_meant(&request) {
            let answer = subscribe::answer(&mut self.feed, &request);
            return self.put(answered(&id, answer)).await;
        }
        self.desk.take(id, request).await;
        Ok(())
    }
}

fn signed_out() -> Problem {
    Problem::new(401, 20101, "The session was signed out")
}

fn expired() -> Problem {
    Problem::new(410, 20104, "Access Token expired")
}

/// How the client is told of an end that came from here.
fn ended(queue: &Queue) -> End {
    match queue.ending() {
        Some(Ending::Told(CloseReason::TokenExpired)) => End::Told(expired()),
        Some(Ending::Told(CloseReason::Revoked)) => End::Told(signed_out()),
        Some(Ending::Told(_)) => End::Told(Problem::new(308, 0, "Come back")),
        Some(Ending::Dead) | None => End::Gone,
    }
}

/// A last word, and the end of the connection. What the client still sends is read until it goes too: a connection that is
/// given up with something unread takes with it what is on its way to the client.
async fn part(sink: &mut Sink, stream: &mut Stream, last: Option<Bytes>) {
    let all = async {
        if let Some(packet) = last {
            // Politeness only: nothing depends on its arrival.
            let _ = sink.send(Message::Binary(packet)).await;
        }
        let _ = sink.close().await;
        while stream.next().await.is_some_and(|message| message.is_ok()) {}
    };
    let _ = tokio::time::timeout(GOODBYE, all).await;
}

/// A session that has ended does not wait for a client that does not read.
async fn give_up(queue: &Queue) {
    if queue.ended().await != Ending::Dead {
        tokio::time::sleep(GOODBYE).await;
    }
}
