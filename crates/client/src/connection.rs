//! One connection: dials, upgrades, then carries frames both ways until either side ends it.

use std::time::Duration;

use confab_protocol::ServerFrame;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::net::{NetError, Route, WebSocket, dial_any, open};

/// Frames that may wait to be written. The core keeps fewer requests in flight.
const OUTGOING: usize = 1_024;
/// How long one frame may take to leave this computer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long saying goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Which connection of this run of the client; what an older one still says is ignored.
pub(crate) type Generation = u64;

/// What a connection tells the actor.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The WebSocket is open; this address answered.
    Opened { address: String },
    /// A frame arrived.
    Frame(ServerFrame),
    /// It is over, or never came to be.
    Ended(Ended),
}

/// Why a connection is over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    /// It never came to be.
    #[error(transparent)]
    Unreached(#[from] NetError),
    /// It broke, or the other side closed it.
    #[error("{0}")]
    Broken(String),
}

/// The actor's end of a connection. When it is dropped, what is queued still goes out, then the connection ends.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) generation: Generation,
    outgoing: mpsc::Sender<String>,
    task: JoinHandle<()>,
}

impl Connection {
    /// Starts to connect. What happens is told to `heard`, which slows reading down when it is full.
    pub(crate) fn start(
        generation: Generation,
        routes: Vec<Route>,
        heard: mpsc::Sender<(Generation, Heard)>,
    ) -> Self {
        let (outgoing, frames) = mpsc::channel(OUTGOING);
        let task = tokio::spawn(async move {
            let ended = Line { generation, heard: heard.clone() }.run(&routes, frames).await;
            // The actor may be gone by now.
            let _ = heard.send((generation, Heard::Ended(ended))).await;
        });
        Self { generation, outgoing, task }
    }

    /// Queues a frame. False when the connection takes no more: it is as good as broken.
    pub(crate) fn send(&self, frame: String) -> bool {
        self.outgoing.try_send(frame).is_ok()
    }

    /// Ends it, and waits until what was queued and the goodbye are out; not for long.
    pub(crate) async fn finish(self) {
        let Self { outgoing, mut task, .. } = self;
        drop(outgoing);
        if timeout(CLOSE_TIMEOUT, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// The connection's own end.
struct Line {
    generation: Generation,
    heard: mpsc::Sender<(Generation, Heard)>,
}

impl Line {
    async fn run(&self, routes: &[Route], mut frames: mpsc::Receiver<String>) -> Ended {
        let reached = tokio::select! {
            reached = reach(routes) => reached,
            // Nothing is sent before `Opened`: the other end was dropped.
            _ = frames.recv() => return Ended::Broken("no longer wanted".to_owned()),
        };
        let (address, socket) = match reached {
            Ok(reached) => reached,
            Err(error) => return error.into(),
        };
        if !self.tell(Heard::Opened { address }).await {
            return Ended::Broken("nobody listens".to_owned());
        }
        let (sink, stream) = socket.split();
        tokio::select! {
            ended = self.read(stream) => ended,
            ended = write(sink, frames) => ended,
        }
    }

    async fn read(&self, mut stream: SplitStream<WebSocket>) -> Ended {
        while let Some(message) = stream.next().await {
            let text = match message {
                Ok(Message::Text(text)) => text,
                Ok(Message::Close(_)) => break,
                Ok(_) => continue,
                Err(error) => return Ended::Broken(error.to_string()),
            };
            match ServerFrame::decode(&text) {
                Ok(frame) => {
                    if !self.tell(Heard::Frame(frame)).await {
                        break;
                    }
                }
                // Whatever it held is missed as a lost push is: by its number.
                Err(error) => tracing::warn!(%error, bytes = text.len(), "a frame that cannot be read"),
            }
        }
        Ended::Broken("the other side closed it".to_owned())
    }

    async fn tell(&self, heard: Heard) -> bool {
        self.heard.send((self.generation, heard)).await.is_ok()
    }
}

async fn reach(routes: &[Route]) -> Result<(String, WebSocket), NetError> {
    let dialled = dial_any(routes).await?;
    let address = dialled.address.to_string();
    Ok((address, open(dialled).await?))
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut frames: mpsc::Receiver<String>) -> Ended {
    while let Some(frame) = frames.recv().await {
        match timeout(WRITE_TIMEOUT, sink.send(Message::text(frame))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Ended::Broken(error.to_string()),
            Err(_) => return Ended::Broken("the other side does not read".to_owned()),
        }
    }
    // A goodbye that does not get through is none the worse: the other side finds out by itself.
    let _ = timeout(CLOSE_TIMEOUT, sink.close()).await;
    Ended::Broken("no longer wanted".to_owned())
}
