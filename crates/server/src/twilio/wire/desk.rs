//! Where the requests of one session are worked on, many at once. They begin in the order in which they came, so that what is
//! sent in a row stands in that row; they are answered as they are done.
//!
//! It is a task of its own and waits for nothing but them: a request that has got its turn at the store must not wait for
//! somebody else to let it go on.

use axum::body::Bytes;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;

use super::packet;
use super::request::Request;
use crate::twilio::client::{self, Caller, Reply};
use crate::twilio::problem::Problem;

/// The session's end of it.
pub(super) struct Desk {
    requests: mpsc::Sender<(String, Request)>,
    answers: mpsc::Receiver<Bytes>,
    taken: usize,
    most: usize,
}

impl Desk {
    /// A desk for at most so many requests at once. It closes with the session, once what it has taken is done.
    pub(super) fn open(caller: Caller, most: usize) -> Self {
        let (requests, taken) = mpsc::channel(most);
        let (done, answers) = mpsc::channel(most);
        tokio::spawn(work(caller, taken, done));
        Self { requests, answers, taken: 0, most }
    }

    /// Whether it takes no more before it has answered.
    pub(super) fn is_full(&self) -> bool {
        self.taken == self.most
    }

    /// Takes a request with the name of the packet that it came in.
    pub(super) async fn take(&mut self, id: String, request: Request) {
        self.taken += 1;
        // The other end is there as long as this one.
        let _ = self.requests.send((id, request)).await;
    }

    /// The next answer.
    pub(super) async fn answer(&mut self) -> Bytes {
        match self.answers.recv().await {
            Some(answer) => {
                self.taken -= 1;
                answer
            }
            None => std::future::pending().await,
        }
    }
}

async fn work(caller: Caller, mut requests: mpsc::Receiver<(String, Request)>, done: mpsc::Sender<Bytes>) {
    let mut pending = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some((id, request)) = requests.recv() => {
                let caller = caller.clone();
                pending.push(async move { answered(&id, client::answer(&caller, request).await) }.boxed());
            }
            Some(answer) = pending.next() => {
                // Nobody takes it when the session has ended meanwhile.
                let _ = done.send(answer).await;
            }
            else => return,
        }
    }
}

/// An answer as its packet.
pub(super) fn answered(id: &str, answer: Result<Reply, Problem>) -> Bytes {
    match answer {
        Ok(Reply { status, body }) => packet::answer(id, status, body.as_ref()),
        Err(problem) => packet::answer(id, problem.status, Some(&problem.body())),
    }
}
