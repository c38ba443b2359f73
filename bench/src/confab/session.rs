//! One user's WebSocket: says hello, makes calls, sends and receives messages, gives signs of life.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Context as _, bail};
use confab_protocol::limits::HEARTBEAT_MS;
use confab_protocol::method::{
    ConversationCreateParams, HelloParams, HorizonMode, HorizonSetParams, MessageSendParams, Nothing,
    ParticipantAddParams,
};
use confab_protocol::{Call, ClientId, ConversationSid, Request, ServerFrame, VersionRange, http};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, interval_at, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use uuid::Uuid;

use crate::crowd::Reading;
use crate::recorder::Recorder;
use crate::system::{Connection, Post, number_of};

type Socket = WebSocketStream<TcpStream>;

/// Request ids from here on are signs of life; below they are numbers of messages.
const PINGS: u64 = 1 << 40;
/// From here on are those of people who only read.
const HORIZONS: u64 = 1 << 41;
/// How long any answer may take while a session is set up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A WebSocket after its hello.
#[derive(Debug)]
pub(crate) struct Session {
    user: usize,
    socket: Socket,
    next: u64,
}

impl Session {
    /// Connects and says hello.
    pub(crate) async fn open(address: SocketAddr, user: usize, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}{}", http::CONNECT);
        // The default of 128 KiB would be touched for each of a thousand connections.
        let config = WebSocketConfig::default().read_buffer_size(8 * 1_024).write_buffer_size(0);
        let upgrade = tokio_tungstenite::client_async_with_config(url, stream, Some(config));
        let (socket, _) = timeout(PATIENCE, upgrade).await.context("no upgrade in time")??;
        let mut session = Self { user, socket, next: 0 };
        let hello = HelloParams {
            versions: VersionRange::OURS,
            capabilities: Vec::new(),
            token: token.to_owned(),
            client: "confab-bench".to_owned(),
        };
        session.call(Call::Hello(hello)).await?;
        Ok(session)
    }

    /// Makes a call and waits for its answer; pushes meanwhile are skipped.
    pub(crate) async fn call(&mut self, call: Call) -> anyhow::Result<Value> {
        let id = self.next;
        self.next += 1;
        let method = call.method();
        self.socket.send(Message::text(Request { id, call }.encode())).await?;
        let answer = async {
            while let Some(message) = self.socket.next().await {
                let Message::Text(text) = message? else { continue };
                match ServerFrame::decode(&text)? {
                    ServerFrame::Response { id: found, outcome } if found == id => return Ok(outcome?),
                    ServerFrame::Response { .. } | ServerFrame::Push(_) => {}
                }
            }
            bail!("closed")
        };
        timeout(PATIENCE, answer).await.context("no answer in time")?.context(method)
    }

    /// Makes a conversation with these people in it.
    pub(crate) async fn make_conversation(
        &mut self,
        name: &str,
        others: &[String],
    ) -> anyhow::Result<ConversationSid> {
        let create = ConversationCreateParams {
            friendly_name: Some(name.to_owned()),
            ..ConversationCreateParams::new(ClientId(Uuid::now_v7()))
        };
        let made = self.call(Call::ConversationCreate(create)).await?;
        let sid = made.pointer("/summary/conversation/sid").and_then(|sid| sid.as_str()?.parse().ok());
        let conversation = sid.context("conversation.create answered without a conversation")?;
        for identity in others {
            let add = ParticipantAddParams {
                client_id: ClientId(Uuid::now_v7()),
                conversation,
                identity: identity.clone(),
                attributes: None,
            };
            self.call(Call::ParticipantAdd(add)).await?;
        }
        Ok(conversation)
    }

    /// Posts a message and waits until it stands.
    pub(crate) async fn say(&mut self, conversation: ConversationSid, number: u64) -> anyhow::Result<()> {
        let post = Post { place: 0, number };
        self.call(Call::MessageSend(message(&post, &[conversation]))).await.map(drop)
    }

    /// Sends what it is given and reports what comes in.
    pub(crate) fn run(self, places: Vec<ConversationSid>, recorder: Arc<Recorder>) -> Connection {
        let (sender, posts) = mpsc::unbounded_channel();
        let (sink, stream) = self.socket.split();
        let writer = tokio::spawn(async move {
            // A socket that fails ends its reader too, and that one reports it.
            let _ = write(sink, places, posts).await;
        });
        let reader = tokio::spawn(read(stream, self.user, recorder));
        Connection::new(sender, vec![writer, reader])
    }
}

impl Session {
    /// Reports what comes in, and while that is asked for moves the read horizon to every message, by chance within the next second:
    /// as clients do who wait for a second before they say what was read.
    pub(crate) fn read_along(self, recorder: Arc<Recorder>, reading: Arc<Reading>) -> Connection {
        let (sender, _) = mpsc::unbounded_channel();
        let reader = tokio::spawn(async move {
            // A socket that fails is one that was lost, as the recorder hears in any case.
            let _ = read_along(self.socket, self.user, &recorder, &reading).await;
            recorder.lost();
        });
        Connection::new(sender, vec![reader])
    }
}

async fn read_along(
    mut socket: Socket,
    user: usize,
    recorder: &Recorder,
    reading: &Reading,
) -> Result<(), Error> {
    // A stride without a common divisor spreads the people over the second.
    let wait = Duration::from_millis(user as u64 * 617 % 1_000);
    let beat = Duration::from_millis(HEARTBEAT_MS);
    let mut heartbeat = interval_at(Instant::now() + wait * 5, beat);
    let (mut next, mut due) = (HORIZONS, None::<(Instant, ConversationSid, u64)>);
    loop {
        let call = tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                let Message::Text(text) = message? else { continue };
                note(&text, reading);
                take(&text, user, recorder);
                if let (true, Some((conversation, index))) = (reading.on.load(Relaxed), placed(&text)) {
                    due = Some((Instant::now() + wait, conversation, index));
                }
                continue;
            }
            _ = heartbeat.tick() => Call::Ping(Nothing {}),
            () = sleep_until(due.map_or_else(far, |(at, ..)| at)), if due.is_some() => {
                let Some((_, conversation, index)) = due.take() else { continue };
                Call::HorizonSet(horizon(conversation, index))
            }
        };
        next += 1;
        socket.send(Message::text(Request { id: next, call }.encode())).await?;
    }
}

fn far() -> Instant {
    Instant::now() + PATIENCE
}

fn horizon(conversation: ConversationSid, index: u64) -> HorizonSetParams {
    HorizonSetParams {
        client_id: ClientId(Uuid::now_v7()),
        conversation,
        index: Some(index),
        seq: None,
        mode: HorizonMode::Advance,
        based_on: 1 << 40,
    }
}

/// Where a message of a frame stands.
fn placed(frame: &str) -> Option<(ConversationSid, u64)> {
    let data = frame.contains("\"message.added\"").then_some(frame)?;
    let conversation = data.split_once("\"conversation\":\"")?.1.get(..34)?.parse().ok()?;
    Some((conversation, number_of(data.split_once("\"index\":")?.1)?))
}

/// Counts the answer to a horizon; those to signs of life hold none.
fn note(frame: &str, reading: &Reading) {
    let Some(answer) = frame.strip_prefix("{\"id\":") else { return };
    if answer.contains(",\"error\":{") {
        reading.refused.fetch_add(1, Relaxed);
    } else if answer.contains("\"unread\"") {
        reading.moved.fetch_add(1, Relaxed);
    }
}

async fn write(
    mut sink: SplitSink<Socket, Message>,
    places: Vec<ConversationSid>,
    mut posts: mpsc::UnboundedReceiver<Post>,
) -> Result<(), Error> {
    let mut heartbeat = interval(Duration::from_millis(HEARTBEAT_MS));
    let mut pings = PINGS;
    loop {
        let request = tokio::select! {
            post = posts.recv() => {
                let Some(post) = post else { return Ok(()) };
                Request { id: post.number, call: Call::MessageSend(message(&post, &places)) }
            }
            _ = heartbeat.tick() => {
                pings += 1;
                Request { id: pings, call: Call::Ping(Nothing {}) }
            }
        };
        sink.send(Message::text(request.encode())).await?;
    }
}

fn message(post: &Post, places: &[ConversationSid]) -> MessageSendParams {
    MessageSendParams::new(ClientId(Uuid::now_v7()), places[post.place], post.body())
}

async fn read(mut stream: SplitStream<Socket>, user: usize, recorder: Arc<Recorder>) {
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Text(text) = message {
            take(&text, user, &recorder);
        }
    }
    recorder.lost();
}

/// Reads as little of a frame as the XMPP side reads of a stanza: a whole decoder would load the machine that both share.
fn take(frame: &str, user: usize, recorder: &Recorder) {
    if let Some(answer) = frame.strip_prefix("{\"id\":") {
        if let Some(id) = number_of(answer).filter(|&id| id < PINGS) {
            recorder.answered(id, !answer.contains(",\"error\":{"));
        }
    } else if frame.contains("\"message.added\"") {
        let body = frame.split_once("\"body\":\"").map(|(_, body)| body);
        if let Some(number) = body.and_then(number_of) {
            recorder.arrived(user, number);
        }
    } else if frame.contains("\"event\":\"lagged\"") || frame.contains("\"event\":\"closing\"") {
        recorder.lost();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_it_stands_and_an_answer_that_a_horizon_moved() {
        let sid = ConversationSid(Uuid::from_u128(7));
        let frame = format!(
            "{{\"event\":\"message.added\",\"conversation\":\"{sid}\",\"seq\":9,\"data\":{{\"index\":5,\"body\":\"0 x\"}}}}"
        );
        assert_eq!(placed(&frame), Some((sid, 5)));
        assert_eq!(placed(&frame.replace("added", "edited")), None);
        let reading = Reading::default();
        note("{\"id\":3,\"result\":{\"me\":{\"unread\":{\"unread\":0}}}}", &reading);
        note("{\"id\":3,\"error\":{\"code\":\"rate_limited\"}}", &reading);
        note("{\"id\":4,\"result\":{\"now\":1}}", &reading);
        assert_eq!((reading.moved.load(Relaxed), reading.refused.load(Relaxed)), (1, 1));
    }

    #[test]
    fn answers_and_pushes_are_told_apart() {
        let (recorder, _stream) = Recorder::new();
        let number = recorder.sending(1);
        let refused = recorder.sending(1);
        take(&format!("{{\"id\":{number},\"result\":{{\"message\":{{}}}}}}"), 1, &recorder);
        take(&format!("{{\"id\":{refused},\"error\":{{\"code\":\"rate_limited\"}}}}"), 1, &recorder);
        take(&format!("{{\"id\":{},\"result\":{{\"now\":1}}}}", PINGS + 1), 1, &recorder);
        take(
            &format!(
                "{{\"conversation\":\"CH\",\"event\":\"message.added\",\"data\":{{\"body\":\"{number} x\"}}}}"
            ),
            2,
            &recorder,
        );
        take("{\"event\":\"lagged\"}", 2, &recorder);
        let state = recorder.snapshot();
        assert_eq!((state.acknowledged, state.refused, state.lost), (1, 1, 1));
        assert_eq!(state.latencies.len(), 1);
    }
}
