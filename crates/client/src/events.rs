//! The stream of what happens, towards the interface. Bounded: a reader that lags gets a fresh picture, never a gap.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use confab_core::view::{NotificationView, ViewDiff};
use tokio::sync::Notify;

use crate::account::Account;

/// Diffs that may wait before they are replaced by a snapshot.
pub(crate) const WAITING_DIFFS: usize = 1_024;
/// Other events that may wait before the oldest are dropped.
const WAITING_EVENTS: usize = 256;

/// Something that the interface or the desktop has to know.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientEvent {
    /// Changes of what is shown, to be applied in order.
    View(Vec<ViewDiff>),
    /// Show a desktop notification.
    Notify(NotificationView),
    /// Take notifications away: what they told of has been read or is gone.
    Withdraw {
        /// Their keys.
        keys: Vec<String>,
    },
    /// The workspace has another name or other addresses: store the account.
    AccountChanged(Account),
}

#[derive(Debug, Default)]
struct Queue {
    diffs: Vec<ViewDiff>,
    others: VecDeque<ClientEvent>,
    ended: bool,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Notify,
}

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut Queue) -> T) -> T {
        // A panic elsewhere leaves the queue whole: every change of it is one step.
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The reading end.
#[derive(Debug)]
pub struct ClientEvents {
    shared: Arc<Shared>,
}

impl ClientEvents {
    /// The next event; `None` after the client has ended and everything was read. All diffs that wait come as one.
    /// May be dropped and called again: nothing is lost.
    pub async fn recv(&mut self) -> Option<ClientEvent> {
        loop {
            let arrived = self.shared.arrived.notified();
            match self.shared.with(Queue::take) {
                Next::Event(event) => return Some(event),
                Next::Ended => return None,
                Next::Nothing => arrived.await,
            }
        }
    }
}

enum Next {
    Event(ClientEvent),
    Nothing,
    Ended,
}

impl Queue {
    fn take(&mut self) -> Next {
        if !self.diffs.is_empty() {
            return Next::Event(ClientEvent::View(std::mem::take(&mut self.diffs)));
        }
        match self.others.pop_front() {
            Some(event) => Next::Event(event),
            None if self.ended => Next::Ended,
            None => Next::Nothing,
        }
    }
}

/// The writing end, held by the actor.
#[derive(Debug)]
pub(crate) struct EventSink {
    shared: Arc<Shared>,
}

/// Both ends.
pub(crate) fn channel() -> (EventSink, ClientEvents) {
    let shared = Arc::new(Shared::default());
    (EventSink { shared: Arc::clone(&shared) }, ClientEvents { shared })
}

impl EventSink {
    /// Adds diffs. False when too many wait: a snapshot has to take their place.
    #[must_use]
    pub(crate) fn view(&self, diffs: Vec<ViewDiff>) -> bool {
        if self.has_no_reader() {
            return true;
        }
        let waiting = self.shared.with(|queue| {
            queue.diffs.extend(diffs);
            queue.diffs.len()
        });
        self.shared.arrived.notify_one();
        waiting <= WAITING_DIFFS
    }

    /// The reading end was dropped: nobody is going to see anything.
    fn has_no_reader(&self) -> bool {
        Arc::strong_count(&self.shared) == 1
    }

    /// Drops the diffs that wait: the reader is about to get a snapshot that holds them.
    pub(crate) fn drop_waiting_diffs(&self) {
        self.shared.with(|queue| said_once(&mut queue.diffs));
    }

    /// Adds an event that is no diff.
    pub(crate) fn push(&self, event: ClientEvent) {
        if self.has_no_reader() {
            return;
        }
        self.shared.with(|queue| {
            if queue.others.len() == WAITING_EVENTS {
                queue.others.pop_front();
            }
            queue.others.push_back(event);
        });
        self.shared.arrived.notify_one();
    }
}

impl Drop for EventSink {
    fn drop(&mut self) {
        self.shared.with(|queue| queue.ended = true);
        self.shared.arrived.notify_one();
    }
}

/// Keeps only what is said only once: a snapshot tells everything else.
pub(crate) fn said_once(diffs: &mut Vec<ViewDiff>) {
    diffs.retain(|diff| matches!(diff, ViewDiff::Notice { .. }));
    diffs.truncate(WAITING_EVENTS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem;

    fn total(unread: u64) -> ViewDiff {
        ViewDiff::UnreadTotal { unread, mentions: 0 }
    }

    #[tokio::test]
    async fn diffs_that_wait_come_in_one_batch_and_before_what_they_explain() {
        let (sink, mut events) = channel();
        sink.push(ClientEvent::Withdraw { keys: vec!["a".into()] });
        assert!(sink.view(vec![total(1)]));
        assert!(sink.view(vec![total(2)]));
        drop(sink);
        assert_eq!(events.recv().await, Some(ClientEvent::View(vec![total(1), total(2)])));
        assert_eq!(events.recv().await, Some(ClientEvent::Withdraw { keys: vec!["a".into()] }));
        assert_eq!(events.recv().await, None);
    }

    #[tokio::test]
    async fn a_reader_that_lags_gets_a_snapshot_and_keeps_what_is_said_once() {
        let (sink, mut events) = channel();
        let notice = ViewDiff::Notice { problem: problem::local(problem::DISK_FULL) };
        assert!(sink.view(vec![notice.clone()]));
        assert!((1..WAITING_DIFFS as u64).all(|unread| sink.view(vec![total(unread)])));
        assert!(!sink.view(vec![total(0)]), "it lags");
        sink.drop_waiting_diffs();
        assert!(sink.view(vec![ViewDiff::Reset, total(7)]));
        drop(sink);
        assert_eq!(events.recv().await, Some(ClientEvent::View(vec![notice, ViewDiff::Reset, total(7)])));
    }

    #[tokio::test]
    async fn a_reader_that_waits_is_woken() {
        let (sink, mut events) = channel();
        let reader = tokio::spawn(async move { events.recv().await });
        tokio::task::yield_now().await;
        assert!(sink.view(vec![total(3)]));
        assert_eq!(reader.await.unwrap(), Some(ClientEvent::View(vec![total(3)])));
    }
}
