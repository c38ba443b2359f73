//! Files between the window, the desktop and the client.

use std::ops::Range;
use std::path::PathBuf;

use confab_client::{Client, MediaOf, Picture, Stretch};
use confab_core::command::FileToSend;
use confab_core::view::Problem;
use tauri::DragDropEvent;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::Shell;
use crate::bridge::{AppEvent, OfferedFile};
use crate::incoming::{Incoming, Source};
use crate::problem;
use crate::saves::{Saves, Wanted};
use crate::scheme::Address;

impl Shell {
    /// Files on their way from the page or the desktop.
    pub(crate) fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// Begins to take a file from the page.
    pub(crate) fn stage_file(
        &self,
        name: Option<String>,
        content_type: String,
        size: u64,
    ) -> Result<u32, Problem> {
        self.incoming.begin(self.signed_in()?, name, content_type, size)
    }

    /// Brings a file that the desktop offered into the client's keeping.
    pub(crate) async fn stage_offered(&self, number: u32) -> Result<FileToSend, Problem> {
        self.incoming.take(self.signed_in()?, number).await
    }

    /// What the clipboard holds of files and pictures.
    pub(crate) async fn paste_files(&self) -> Result<Vec<OfferedFile>, Problem> {
        let (tell, told) = oneshot::channel();
        self.around.desktop.read_clipboard(Box::new(move |sources| drop(tell.send(sources))));
        Ok(self.incoming.offer(told.await.unwrap_or_default()))
    }

    /// Something is dragged over the window, or dropped there.
    pub(crate) fn dragged(&self, event: &DragDropEvent) {
        match event {
            DragDropEvent::Enter { paths, .. } if !paths.is_empty() => self.drag_over(true),
            DragDropEvent::Drop { paths, .. } => {
                self.drag_over(false);
                self.dropped(paths.clone());
            }
            DragDropEvent::Leave => self.drag_over(false),
            _ => {}
        }
    }

    fn drag_over(&self, over: bool) {
        self.around.outlet.say(AppEvent::Drag { over });
    }

    fn dropped(&self, paths: Vec<PathBuf>) {
        if paths.is_empty() {
            return;
        }
        let files = self.incoming.offer(paths.into_iter().map(Source::Path).collect());
        if files.is_empty() {
            self.notice(problem::local(problem::NO_FILES), false);
        } else {
            self.around.outlet.say(AppEvent::Dropped { files });
        }
    }

    /// A stretch of a film or a sound for the page.
    pub(crate) async fn play(&self, of: MediaOf, range: Range<u64>) -> Result<Stretch, Problem> {
        self.signed_in()?.play(of, range).await
    }

    /// A picture for the page.
    pub(crate) async fn picture(&self, address: Address) -> Result<Picture, Problem> {
        let client = self.signed_in()?;
        match address {
            Address::Staged(id) => client.staged_picture(id).await,
            Address::Message(of, size) => client.picture(of, size).await,
        }
    }

    /// Saves a file of a message among the person's downloads.
    pub(crate) fn save_media(&self, wanted: &Wanted) -> Result<(), Problem> {
        self.saves.begin(self.signed_in()?, wanted, None)
    }

    /// Saves a file of a message where the person says, if they do.
    pub(crate) async fn save_media_as(&self, wanted: &Wanted) -> Result<(), Problem> {
        self.signed_in()?;
        let (tell, told) = oneshot::channel();
        let suggestion = self.saves.suggest(wanted);
        self.around.desktop.choose_place(suggestion, Box::new(move |place| drop(tell.send(place))));
        match told.await.unwrap_or_default() {
            Some(path) => self.saves.begin(self.signed_in()?, wanted, Some(path)),
            None => Ok(()),
        }
    }

    /// What is saved.
    pub(crate) fn saves(&self) -> &Saves {
        &self.saves
    }

    /// Opens a file that was saved with the program that the system has for it.
    pub(crate) async fn open_saved(&self, media: &str) -> Result<(), Problem> {
        let path = self.saves.path(media)?;
        at_desktop(move || tauri_plugin_opener::open_path(path, None::<&str>)).await
    }

    /// Shows a file that was saved in its folder.
    pub(crate) async fn reveal_saved(&self, media: &str) -> Result<(), Problem> {
        let path = self.saves.path(media)?;
        at_desktop(move || tauri_plugin_opener::reveal_item_in_dir(path)).await
    }

    fn signed_in(&self) -> Result<Client, Problem> {
        self.client().ok_or_else(|| problem::local(problem::NOT_SIGNED_IN))
    }
}

/// Programs of the desktop may take their time.
async fn at_desktop(
    ask: impl FnOnce() -> Result<(), tauri_plugin_opener::Error> + Send + 'static,
) -> Result<(), Problem> {
    match spawn_blocking(ask).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the desktop does not open a file");
            Err(problem::local(problem::CANNOT_OPEN))
        }
        Err(error) => Err(problem::of_ended_task(&error)),
    }
}
