//! Notifications by the desktop's own protocol over the session bus.

use notify_rust::{Hint, Notification};
use tokio::sync::{OnceCell, oneshot};

/// Name of the installed desktop file, by which desktops group notifications and keep their settings.
const DESKTOP_ENTRY: &str = "Confab";

/// Whether the desktop reads markup in the text.
static READS_MARKUP: OnceCell<bool> = OnceCell::const_new();

/// Shows a notification until it is clicked, closed or withdrawn; true when it was clicked.
pub(super) async fn present(
    mut notification: Notification,
    withdrawn: oneshot::Receiver<()>,
) -> notify_rust::error::Result<bool> {
    notification.hint(Hint::DesktopEntry(DESKTOP_ENTRY.to_owned()));
    notification.hint(Hint::Category("im.received".to_owned()));
    if *READS_MARKUP.get_or_try_init(reads_markup).await? {
        notification.body = escaped(&notification.body);
    }
    let handle = notification.show_async().await?;
    let mut clicked = false;
    tokio::select! {
        () = handle.wait_for_action_async(|response: &notify_rust::NotificationResponse| {
            clicked = matches!(response, notify_rust::NotificationResponse::Default);
        }) => {}
        // The other end was dropped, which is how one is withdrawn.
        _ = withdrawn => {}
    }
    // Not every desktop takes one that was clicked away; closing what is closed does nothing.
    handle.close_async().await;
    Ok(clicked)
}

async fn reads_markup() -> notify_rust::error::Result<bool> {
    let asked = tokio::task::spawn_blocking(notify_rust::get_capabilities).await;
    // A panic in there says no more than that the desktop told nothing.
    Ok(asked.unwrap_or_else(|_| Ok(Vec::new()))?.iter().any(|capability| capability == "body-markup"))
}

/// What was written is text and never markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_read_as_markup() {
        assert_eq!(escaped("<b>a</b> & \"b\" &lt;"), "&lt;b&gt;a&lt;/b&gt; &amp; \"b\" &amp;lt;");
    }
}
