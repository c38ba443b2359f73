//! Desktop notifications: shown, clicked, taken away again. Where nothing shows them there are none, and no fuss.

#[cfg_attr(target_os = "linux", path = "notifications/xdg.rs")]
#[cfg_attr(not(target_os = "linux"), path = "notifications/native.rs")]
mod platform;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use confab_core::view::{FileKind, FilesPreview, NotificationView};
use notify_rust::Notification;
use tokio::sync::oneshot;

use crate::locale;

/// Notifications that may be on the screen; beyond them the oldest is taken away. Each costs a connection to the desktop.
const LIVE: usize = 24;

/// What is called with the key of a conversation when its notification is clicked.
pub(crate) type Clicked = Arc<dyn Fn(String) + Send + Sync>;

/// The notifications of this app.
pub(crate) struct Notifications {
    shared: Arc<Shared>,
    clicked: Clicked,
    /// A picture of the app; desktops find the installed one by its name only when it is installed.
    icon: Option<PathBuf>,
}

#[derive(Default)]
struct Shared {
    live: Mutex<VecDeque<Live>>,
    said_missing: AtomicBool,
}

/// One that is shown or about to be. Dropping it takes it away.
struct Live {
    key: String,
    _withdraw: oneshot::Sender<()>,
}

impl Shared {
    fn live(&self) -> MutexGuard<'_, VecDeque<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, key: &str) {
        self.live().retain(|live| live.key != key);
    }
}

impl Notifications {
    pub(crate) fn new(icon: Option<PathBuf>, clicked: Clicked) -> Self {
        Self { shared: Arc::default(), clicked, icon }
    }

    /// Shows one. Comes back at once; must be called within the runtime.
    pub(crate) fn show(&self, view: NotificationView) {
        let (withdraw, withdrawn) = oneshot::channel();
        {
            let mut live = self.shared.live();
            live.retain(|other| other.key != view.key);
            live.push_back(Live { key: view.key.clone(), _withdraw: withdraw });
            if live.len() > LIVE {
                live.pop_front();
            }
        }
        let (shared, clicked) = (Arc::clone(&self.shared), Arc::clone(&self.clicked));
        let notification = self.compose(&view);
        tokio::spawn(async move {
            match platform::present(notification, withdrawn).await {
                Ok(true) => clicked(view.conversation),
                Ok(false) => {}
                Err(error) => {
                    if !shared.said_missing.swap(true, Ordering::Relaxed) {
                        tracing::info!(%error, "nothing shows notifications here");
                    }
                }
            }
            shared.forget(&view.key);
        });
    }

    /// Takes notifications away.
    pub(crate) fn withdraw(&self, keys: &[String]) {
        self.shared.live().retain(|live| !keys.contains(&live.key));
    }

    /// Takes all of them away.
    pub(crate) fn withdraw_all(&self) {
        self.shared.live().clear();
    }

    fn compose(&self, view: &NotificationView) -> Notification {
        let mut notification = Notification::new();
        notification.appname("Confab").summary(&title(view)).body(&body(view));
        notification.action("default", &locale::text("notification-open", []));
        if let Some(icon) = &self.icon {
            notification.icon(&icon.to_string_lossy());
        }
        notification
    }
}

/// What a message says, or what is in it when it says nothing.
fn body(view: &NotificationView) -> String {
    let Some(FilesPreview { kind, name, count }) = &view.files else { return view.body.clone() };
    if let (FileKind::File, Some(name), 1) = (kind, name, count) {
        return name.clone();
    }
    let kind = match kind {
        FileKind::Photo => "photo",
        FileKind::Video => "video",
        FileKind::Audio => "audio",
        FileKind::File => "file",
    };
    locale::text("notification-files", [("kind", kind.into()), ("count", (*count).into())])
}

/// Who wrote, and where when that has a name.
fn title(view: &NotificationView) -> String {
    if view.conversation_name.is_empty() || view.conversation_name == view.author {
        return view.author.clone();
    }
    let values =
        [("author", view.author.as_str().into()), ("conversation", view.conversation_name.as_str().into())];
    locale::text("notification-title", values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(key: &str, conversation_name: &str) -> NotificationView {
        NotificationView {
            key: key.into(),
            conversation: "CH1".into(),
            conversation_name: conversation_name.into(),
            author: "Ingrid".into(),
            body: "Hello".into(),
            files: None,
        }
    }

    #[test]
    fn the_title_says_who_and_where() {
        assert_eq!(title(&view("a", "Pier 4")), "Ingrid in Pier 4");
        assert_eq!(title(&view("a", "")), "Ingrid");
        assert_eq!(title(&view("a", "Ingrid")), "Ingrid");
    }

    #[test]
    fn a_message_without_words_says_what_is_in_it() {
        let of = |kind, count| {
            let files = Some(FilesPreview { kind, name: Some("quay.pdf".into()), count });
            body(&NotificationView { files, ..view("a", "Pier 4") })
        };
        assert_eq!(body(&view("a", "Pier 4")), "Hello");
        assert_eq!(of(FileKind::Photo, 1), "Photo");
        assert_eq!(of(FileKind::Photo, 3), "3 photos");
        assert_eq!(of(FileKind::File, 1), "quay.pdf");
        assert_eq!(of(FileKind::File, 2), "2 files");
    }
}
