//! What each effect of the machine does in the world.

use std::sync::Arc;
use std::time::Duration;

use confab_core::event::UploadFailure;
use confab_core::stored::StagedFile;
use confab_core::{Effect, Event};
use confab_protocol::http::UploadRequest;
use confab_protocol::model::{MediaCategory, Workspace};
use confab_protocol::{ClientId, MediaSid, Request};
use tokio::sync::{mpsc, watch};

use super::showing::Told;
use super::{Actor, UploadNews};
use crate::connection::Connection;
use crate::events::ClientEvent;
use crate::media::{Failure, StagedFiles, Way, give_up, send_file};
use crate::net::NetError;

impl Actor {
    /// Carries out one effect. Answers what it leads to at once.
    pub(super) async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Connect => self.connect(),
            Effect::Disconnect => self.leaving = self.line.take().or(self.leaving.take()),
            Effect::Send(request) => return self.send(&request),
            Effect::RefreshToken => self.renew(),
            Effect::CacheWrite(writes) => self.store.write_cache(writes).await,
            Effect::ReadCache(read) => self.store.read_cache(read).await,
            Effect::OutboxWrite { write, writes } => {
                self.held.asked();
                self.store.write_outbox(write, writes).await;
            }
            Effect::Upload { entry, files } => self.upload(entry, files),
            Effect::StopUpload { entry } => self.stop_upload(entry),
            Effect::Unstage { files } => self.unstage(files),
            Effect::SetTimer { timer, after_ms } => self.timers.set(timer, Duration::from_millis(after_ms)),
            Effect::CancelTimer(timer) => self.timers.cancel(&timer),
            Effect::View(diffs) => self.show(diffs),
            Effect::Notify(notification) => self.sink.push(ClientEvent::Notify(notification)),
            Effect::Withdraw { keys } => self.sink.push(ClientEvent::Withdraw { keys }),
            Effect::Answer { ticket, result } => {
                self.note_given(ticket, result.is_ok());
                self.tell(Told::Answer { ticket, result });
            }
            Effect::Answered { ticket, result } => self.answered(ticket, result),
            Effect::News(news) => {
                if let Some(hub) = &self.hub {
                    hub.take(news);
                }
            }
            Effect::Learned(workspace) => self.learned(&workspace),
        }
        None
    }

    fn connect(&mut self) {
        self.generation += 1;
        self.leaving = None;
        let routes = self.account.routes();
        self.line = Some(Connection::start(self.generation, routes, self.heard_to.clone()));
    }

    fn send(&mut self, request: &Request) -> Option<Event> {
        let line = self.line.take()?;
        if line.send(request.encode()) {
            self.line = Some(line);
            return None;
        }
        tracing::warn!("the connection takes no more: it is given up");
        Some(Event::Lost)
    }

    fn upload(&mut self, entry: ClientId, files: Vec<StagedFile>) {
        let (way, staged, turns) = (self.way(), self.files.clone(), Arc::clone(&self.uploading));
        let tell = self.uploaded_to.clone();
        let sids = files.iter().map(|file| file.sid).collect();
        let progress = self.hub.as_ref().and_then(|hub| hub.progress_of(entry));
        let listeners = Listeners { entry, news: tell.clone(), progress };
        let task = tokio::spawn(async move {
            // It is closed never.
            let Ok(_turn) = turns.acquire().await else { return };
            let result = upload_all(way, &staged, files, &listeners).await;
            // The actor may be gone by now.
            let _ = tell.send(UploadNews::Over { entry, result }).await;
        });
        self.uploads.insert(entry, (task.abort_handle(), sids));
    }

    fn stop_upload(&mut self, entry: ClientId) {
        let Some((task, sids)) = self.uploads.remove(&entry) else { return };
        task.abort();
        let way = self.way();
        tokio::spawn(async move {
            for sid in sids {
                give_up(way.clone(), sid).await;
            }
        });
    }

    fn unstage(&self, ids: Vec<ClientId>) {
        let files = self.files.clone();
        tokio::task::spawn_blocking(move || ids.into_iter().for_each(|id| files.delete(id)));
    }

    fn learned(&mut self, workspace: &Workspace) {
        if self.account.learn(workspace) {
            self.account_changed();
        }
    }

    pub(super) fn account_changed(&self) {
        self.sink.push(ClientEvent::AccountChanged(self.account.clone()));
    }

    /// Stores the refresh token of a first grant while the first paint is under way.
    pub(super) fn settle_tokens(&self) {
        let tokens = Arc::clone(&self.tokens);
        tokio::spawn(async move { tokens.lock().await.settle().await });
    }

    fn renew(&mut self) {
        if self.tokens_are_given {
            // A program brings the next one by itself.
            return;
        }
        let (tokens, routes, tell) =
            (Arc::clone(&self.tokens), self.account.routes(), self.renewed_to.clone());
        let renewal = tokio::spawn(async move {
            let outcome = tokens.lock().await.access(&routes).await;
            // The actor may be gone by now.
            let _ = tell.send(outcome).await;
        });
        self.renewal = Some(renewal.abort_handle());
    }
}

/// Who hears how far the files of an entry have come.
struct Listeners {
    entry: ClientId,
    news: mpsc::Sender<UploadNews>,
    /// A program that waits for all of them together.
    progress: Option<watch::Sender<u64>>,
}

impl Listeners {
    /// So many bytes of a file are there, behind so many of those before it.
    fn tell(&self, media: MediaSid, before: u64, bytes: u64) {
        // Whoever is busy hears of the next one.
        let _ = self.news.try_send(UploadNews::Came { entry: self.entry, media, bytes });
        if let Some(progress) = &self.progress {
            progress.send_replace(before + bytes);
        }
    }
}

/// Brings the files of one entry to the server, one after the other.
async fn upload_all(
    mut way: Way,
    staged: &StagedFiles,
    files: Vec<StagedFile>,
    listeners: &Listeners,
) -> Result<(), UploadFailure> {
    let mut before = 0;
    for file in files {
        let StagedFile { client_id, sid, file_name, content_type, size, .. } = file;
        let path = staged.path(client_id);
        let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path)).await;
        let source = opened.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let source = source.map_err(|error| lost(Failure::Unreadable(error)))?;
        let category = MediaCategory::Media;
        let ask = UploadRequest { client_id, file_name, content_type, size, category };
        send_file(&mut way, &ask, source, |bytes| listeners.tell(sid, before, bytes)).await.map_err(lost)?;
        before += size;
    }
    Ok(())
}

fn lost(failure: Failure) -> UploadFailure {
    match failure {
        Failure::Net(NetError::Refused(error)) => UploadFailure::Refused(error),
        Failure::Net(error) => {
            tracing::info!(%error, "files wait for the server");
            UploadFailure::Unreached
        }
        unreadable @ Failure::Unreadable(_) => UploadFailure::Lost(unreadable.into()),
    }
}
