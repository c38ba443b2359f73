//! The stream towards the window: one reader at a time, batches in order.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::bridge::AppEvent;

/// Events that wait for a first reader; beyond them the oldest are dropped.
const WAITING: usize = 32;

/// Takes a batch; false when the reader is gone.
pub(crate) type Sink = Box<dyn Fn(Vec<AppEvent>) -> bool + Send>;

/// Where the shell says things.
#[derive(Default)]
pub(crate) struct Outlet {
    state: Mutex<State>,
    picture_wanted: Notify,
}

#[derive(Default)]
struct State {
    sink: Option<Sink>,
    /// What was said before there was a reader.
    waiting: Vec<AppEvent>,
    /// The reader knows nothing yet: changes mean nothing to it before the whole picture.
    needs_picture: bool,
}

impl Outlet {
    /// Replaces the reader: a window that was loaded anew subscribes anew.
    pub(crate) fn attach(&self, sink: Sink) {
        let mut state = self.lock();
        let waiting = std::mem::take(&mut state.waiting);
        if waiting.is_empty() || sink(waiting) {
            state.sink = Some(sink);
        }
        state.needs_picture = true;
        self.picture_wanted.notify_one();
    }

    /// Says something beside the view. Kept until there is a reader.
    pub(crate) fn say(&self, event: AppEvent) {
        let mut state = self.lock();
        if !state.send(vec![event.clone()]) {
            if state.waiting.len() == WAITING {
                state.waiting.remove(0);
            }
            state.waiting.push(event);
        }
    }

    /// Passes a change of the view on, unless the reader has yet to get the whole picture, which will contain it.
    pub(crate) fn view(&self, event: AppEvent) {
        let mut state = self.lock();
        if !state.needs_picture {
            state.send(vec![event]);
        }
    }

    /// Passes the whole picture on; changes follow it.
    pub(crate) fn picture(&self, event: AppEvent) {
        let mut state = self.lock();
        state.needs_picture = false;
        state.send(vec![event]);
    }

    /// From now on the reader needs a whole picture: another client will paint.
    pub(crate) fn want_picture(&self) {
        self.lock().needs_picture = true;
        self.picture_wanted.notify_one();
    }

    /// Comes back when a reader needs the whole picture.
    pub(crate) async fn picture_wanted(&self) {
        self.picture_wanted.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// False when nobody reads.
    fn send(&mut self, events: Vec<AppEvent>) -> bool {
        let taken = self.sink.as_ref().is_some_and(|sink| sink(events));
        if !taken {
            self.sink = None;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use confab_core::view::ViewDiff;

    use super::*;

    fn link(text: &str) -> AppEvent {
        AppEvent::JoinLink { link: text.into() }
    }

    fn view(unread: u64) -> AppEvent {
        AppEvent::View { diffs: vec![ViewDiff::UnreadTotal { unread, mentions: 0 }] }
    }

    fn attach(outlet: &Outlet) -> mpsc::Receiver<Vec<AppEvent>> {
        let (sender, received) = mpsc::channel();
        outlet.attach(Box::new(move |events| sender.send(events).is_ok()));
        received
    }

    #[test]
    fn what_is_said_before_there_is_a_reader_waits_for_it_within_a_bound() {
        let outlet = Outlet::default();
        for n in 0..=WAITING {
            outlet.say(link(&n.to_string()));
        }
        let reader = attach(&outlet);
        let waited = reader.recv().unwrap();
        assert_eq!((waited.len(), &waited[0]), (WAITING, &link("1")));
        outlet.say(link("later"));
        assert_eq!(reader.recv().unwrap(), [link("later")]);
    }

    #[test]
    fn changes_follow_the_whole_picture_and_never_come_before_it() {
        let outlet = Outlet::default();
        let reader = attach(&outlet);
        outlet.view(view(1));
        outlet.picture(view(2));
        outlet.view(view(3));
        assert_eq!(reader.try_iter().flatten().collect::<Vec<_>>(), [view(2), view(3)]);
    }

    #[test]
    fn a_new_reader_replaces_the_old_one_and_one_that_is_gone_is_let_go() {
        let outlet = Arc::new(Outlet::default());
        let old = attach(&outlet);
        let new = attach(&outlet);
        outlet.say(link("a"));
        assert!(old.recv().is_err());
        assert_eq!(new.recv().unwrap(), [link("a")]);
        drop(new);
        outlet.say(link("b"));
        assert_eq!(attach(&outlet).recv().unwrap(), [link("b")]);
    }
}
