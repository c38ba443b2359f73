//! What is told to the outside: not before the disk holds what it tells of.

use confab_core::command::CommandAnswer;
use confab_core::view::{Problem, ViewDiff};
use tokio::sync::oneshot;

use super::Actor;
use crate::events::{self, WAITING_DIFFS};

/// Things that may wait for the disk. Then whoever wants more waits too.
pub(super) const WAITING: usize = 256;

/// Something to be told.
#[derive(Debug)]
pub(super) enum Told {
    View(Vec<ViewDiff>),
    Answer { ticket: u64, result: Result<CommandAnswer, Problem> },
    Snapshot { diffs: Vec<ViewDiff>, answer: oneshot::Sender<Vec<ViewDiff>> },
}

impl Actor {
    pub(super) fn show(&mut self, diffs: Vec<ViewDiff>) {
        self.tell(Told::View(diffs));
        let waiting = self.held.iter().map(|told| if let Told::View(diffs) = told { diffs.len() } else { 0 });
        if waiting.sum::<usize>() > WAITING_DIFFS {
            self.begin_anew();
        }
    }

    pub(super) fn tell(&mut self, told: Told) {
        if let Some(told) = self.held.put(told) {
            self.say(vec![told]);
        }
    }

    /// Everything that is shown, for a window that starts anew. What waits is part of it.
    pub(super) fn snapshot(&mut self, answer: oneshot::Sender<Vec<ViewDiff>>) {
        let notices = self.take_held_diffs();
        self.tell(Told::Snapshot { diffs: self.machine.snapshot(), answer });
        self.tell(Told::View(notices));
    }

    /// Too much waits to be shown: all of it at once takes its place.
    fn begin_anew(&mut self) {
        self.sink.drop_waiting_diffs();
        let mut diffs = self.take_held_diffs();
        diffs.extend(self.machine.snapshot());
        self.tell(Told::View(diffs));
    }

    /// Drops the diffs that wait for the disk, because a snapshot takes their place. Gives what is said only once.
    fn take_held_diffs(&mut self) -> Vec<ViewDiff> {
        let views = self.held.take_where(|told| matches!(told, Told::View(_)));
        let diffs =
            views.into_iter().map(|told| if let Told::View(diffs) = told { diffs } else { Vec::new() });
        let mut diffs = diffs.flatten().collect();
        events::said_once(&mut diffs);
        diffs
    }

    /// Tells what may be told: the diffs as one batch, then who asked what came of it.
    pub(super) fn say(&mut self, all: Vec<Told>) {
        let (mut diffs, mut answers) = (Vec::new(), Vec::new());
        for told in all {
            match told {
                Told::View(more) => diffs.extend(more),
                Told::Answer { ticket, result } => answers.push((ticket, result)),
                Told::Snapshot { diffs, answer } => {
                    // Diffs that waited before it have been taken out, so all of this batch go on top.
                    self.sink.drop_waiting_diffs();
                    // Whoever asked may have gone away, here and below.
                    let _ = answer.send(diffs);
                }
            }
        }
        if !diffs.is_empty() && !self.sink.view(diffs) {
            self.begin_anew();
        }
        for (ticket, result) in answers {
            let _ = self.answers.remove(&ticket).map(|answer| answer.send(result));
        }
    }
}
