//! What happened to each message of a run, by the one clock of the load generator.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc};

use crate::stats::millis;

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    /// Accepted, and durable if the server says what it means.
    pub(crate) accepted: bool,
}

/// Takes the reports of all connections of a run.
#[derive(Debug)]
pub(crate) struct Recorder {
    state: Mutex<State>,
    acknowledgements: mpsc::UnboundedSender<Acknowledgement>,
    delivered: Notify,
}

/// Counts and times so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct State {
    sent: Vec<Sent>,
    /// Send-to-receive times in milliseconds, one for each receiver but the sender.
    pub(crate) latencies: Vec<f64>,
    /// Messages acknowledged to their senders.
    pub(crate) acknowledged: u64,
    /// Messages refused.
    pub(crate) refused: u64,
    /// Times that a server said it had dropped something, or a connection ended early.
    pub(crate) lost: u64,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    at: Instant,
    by: usize,
    acknowledged: bool,
}

impl Recorder {
    /// A new one, and the stream of its acknowledgements.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Acknowledgement>) {
        let (acknowledgements, stream) = mpsc::unbounded_channel();
        (Self { state: Mutex::default(), acknowledgements, delivered: Notify::new() }, stream)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message is about to be sent by a user: gives its number.
    pub(crate) fn sending(&self, by: usize) -> u64 {
        let mut state = self.state();
        state.sent.push(Sent { at: Instant::now(), by, acknowledged: false });
        state.sent.len() as u64 - 1
    }

    /// A message came in at the connection of a user; its own sender counts apart.
    pub(crate) fn arrived(&self, at: usize, number: u64) {
        let mut state = self.state();
        let Some(sent) = state.sent.get(number as usize).copied() else { return };
        if sent.by != at {
            state.latencies.push(millis(sent.at.elapsed()));
            self.delivered.notify_one();
        }
    }

    /// The server answered the sender of a message.
    pub(crate) fn answered(&self, number: u64, accepted: bool) {
        let mut state = self.state();
        let Some(sent) = state.sent.get_mut(number as usize) else { return };
        if std::mem::replace(&mut sent.acknowledged, true) {
            return;
        }
        if accepted {
            state.acknowledged += 1;
        } else {
            state.refused += 1;
        }
        // Nobody listens where acknowledgements only count.
        let _ = self.acknowledgements.send(Acknowledgement { accepted });
    }

    /// A message came back to a user: where there are no answers, that acknowledges it to its sender.
    pub(crate) fn reflected(&self, at: usize, number: u64) {
        let own = self.state().sent.get(number as usize).is_some_and(|sent| sent.by == at);
        if own {
            self.answered(number, true);
        }
    }

    /// Something did not reach a user.
    pub(crate) fn lost(&self) {
        self.state().lost += 1;
    }

    /// How things stand.
    pub(crate) fn snapshot(&self) -> State {
        self.state().clone()
    }

    /// Messages acknowledged so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.state().acknowledged
    }

    /// Deliveries seen so far.
    pub(crate) fn deliveries(&self) -> usize {
        self.state().latencies.len()
    }

    /// Waits until that many deliveries were seen.
    pub(crate) async fn wait_for_deliveries(&self, count: usize) {
        while self.state().latencies.len() < count {
            self.delivered.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_acknowledged_once_and_its_sender_is_no_receiver() {
        let (recorder, mut stream) = Recorder::new();
        let number = recorder.sending(3);
        recorder.reflected(4, number);
        recorder.arrived(4, number);
        assert!(stream.try_recv().is_err());
        recorder.reflected(3, number);
        recorder.arrived(3, number);
        recorder.answered(number, true);
        assert_eq!(stream.try_recv(), Ok(Acknowledgement { accepted: true }));
        assert!(stream.try_recv().is_err());
        let state = recorder.snapshot();
        assert_eq!((state.acknowledged, state.latencies.len()), (1, 1));
    }
}
