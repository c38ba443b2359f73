//! How an actor ends: nothing is lost that was taken, and nobody waits for long.

use confab_core::Event;
use tokio::sync::oneshot;

use super::{Actor, Inputs};
use crate::leave;

/// How a run ends.
pub(super) enum Ending {
    Shutdown(Option<oneshot::Sender<()>>),
    SignOut(oneshot::Sender<()>),
}

impl Actor {
    pub(super) async fn run(mut self, inputs: Inputs) {
        let hub = self.hub.clone();
        match self.work(inputs).await {
            Ending::Shutdown(done) => {
                self.finish().await;
                hub.iter().for_each(|hub| hub.ended());
                self.store.close(false).await;
                // Nobody waits when all handles were dropped.
                let _ = done.map(|done| done.send(()));
            }
            Ending::SignOut(done) => {
                self.finish().await;
                hub.iter().for_each(|hub| hub.ended());
                self.forget().await;
                let _ = done.send(());
            }
        }
    }

    /// Writes what is not yet written, then hangs up.
    async fn finish(&mut self) {
        self.uploads.drain().for_each(|(_, (task, _))| task.abort());
        self.feed(Event::Shutdown).await;
        self.finish_writes().await;
        for line in self.line.take().into_iter().chain(self.leaving.take()) {
            line.finish().await;
        }
    }

    /// Waits until the disk has answered everything that it was asked for.
    pub(super) async fn finish_writes(&mut self) {
        while self.store.is_writing()
            && let Some(done) = self.store.done().await
        {
            self.stored(done).await;
        }
    }

    /// Signs out: there as far as there can be reached, here in any case.
    async fn forget(self) {
        // A renewal would hold the tokens for as long as the server lets it wait.
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        let routes = self.account.routes();
        let mut tokens = self.tokens.lock().await;
        leave::revoke(&routes, self.access, &mut tokens, self.account.device).await;
        tokens.clear().await;
        self.store.close(true).await;
    }
}
