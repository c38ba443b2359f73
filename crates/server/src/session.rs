//! One WebSocket: hello, then requests in, answers and pushes out, until one side ends it.

mod attach;
mod hello;
mod media;
mod mutation;
mod request;
mod token_watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use confab_protocol::event::Signal;
use confab_protocol::{ErrorCode, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};

use crate::guests::Place;
use crate::hub::{Ending, Input, Peer, Queue, encode};
use crate::node::Node;
pub(crate) use token_watch::TokenWatch;

/// Frames written between two flushes.
const BATCH: usize = 64;
/// How long a session that ends may take to read why.
const GOODBYE: Duration = Duration::from_secs(2);

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// A session that said hello.
struct Session {
    node: Arc<Node>,
    peer: Arc<Peer>,
    place: Place,
    token: TokenWatch,
}

/// Why reading has ended.
enum Left {
    /// The client went, or its connection broke.
    Gone,
    /// It sent what cannot be answered.
    Broke(ErrorCode),
}

/// Serves a WebSocket to its end.
pub(crate) async fn serve(node: Arc<Node>, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    match hello::greet(&node, &mut stream).await {
        Ok(session) => session.run(sink, stream).await,
        Err(hello::Refused { request, error }) => {
            let code = error.code;
            if let Some(id) = request {
                let text = Response { id, outcome: Err(error) }.encode();
                // Whoever is refused may be gone already.
                let _ = tokio::time::timeout(GOODBYE, sink.send(Message::Text(text.into()))).await;
            }
            say_goodbye(&mut sink, close_code::POLICY, code.as_str()).await;
        }
    }
}

impl Session {
    async fn run(mut self, mut sink: Sink, mut stream: Stream) {
        let queue = Arc::clone(&self.peer.queue);
        let (code, reason) = tokio::select! {
            left = self.read(&mut stream) => match left {
                Left::Gone => (close_code::NORMAL, ""),
                Left::Broke(code) => (close_code::POLICY, code.as_str()),
            },
            () = write(&queue, &mut sink) => (close_code::AWAY, ""),
            () = give_up(&queue) => (close_code::AWAY, ""),
        };
        let silent = queue.ending() == Some(Ending::Dead);
        queue.end(Ending::Dead);
        self.node.tell_hub(Input::Detach(self.peer.id)).await;
        if !silent {
            say_goodbye(&mut sink, code, reason).await;
        }
    }

    async fn read(&mut self, stream: &mut Stream) -> Left {
        loop {
            let message = tokio::select! {
                message = stream.next() => message,
                () = self.token.due() => {
                    self.token.step(&self.peer.queue);
                    continue;
                }
            };
            let text = match message {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    self.peer.is_heard(Instant::now());
                    continue;
                }
                Some(Ok(Message::Binary(_))) => return Left::Broke(ErrorCode::BadFrame),
                Some(Err(error)) => return broken(error),
                Some(Ok(Message::Close(_))) | None => return Left::Gone,
            };
            self.peer.is_heard(Instant::now());
            if let Err(code) = self.take(&text).await {
                return Left::Broke(code);
            }
        }
    }
}

/// A frame over the limit is told from a connection that broke.
fn broken(error: axum::Error) -> Left {
    use tokio_tungstenite::tungstenite::Error;
    match error.into_inner().downcast_ref::<Error>() {
        Some(Error::Capacity(_)) => Left::Broke(ErrorCode::TooLarge),
        _ => Left::Gone,
    }
}

/// Sends what the queue holds, until the session ends or the connection breaks.
async fn write(queue: &Queue, sink: &mut Sink) {
    let mut batch = Vec::new();
    while queue.take(&mut batch, BATCH).await {
        for frame in batch.drain(..) {
            if sink.feed(Message::Text(frame.into_text())).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
    if let Some(Ending::Told(reason)) = queue.ending() {
        // The connection may have broken; the session ends in either case.
        let _ = sink.send(Message::Text(encode(Signal::Closing { reason }))).await;
    }
}

/// A session that has ended does not wait for a client that does not read.
async fn give_up(queue: &Queue) {
    if queue.ended().await != Ending::Dead {
        tokio::time::sleep(GOODBYE).await;
    }
}

async fn say_goodbye(sink: &mut Sink, code: u16, reason: &'static str) {
    let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
    // Politeness only: nothing depends on its arrival.
    let _ = tokio::time::timeout(GOODBYE, sink.send(close)).await;
}
