//! Notifications of Windows and macOS.

use notify_rust::Notification;
use tokio::sync::oneshot;

/// What the library reports when one was closed without being clicked.
const CLOSED: &str = "__closed";

/// Shows a notification until it is clicked, closed or withdrawn; true when it was clicked. One that is withdrawn stays
/// in the system's list: the library has no call to take it out again.
pub(super) async fn present(
    notification: Notification,
    withdrawn: oneshot::Receiver<()>,
) -> notify_rust::error::Result<bool> {
    let (answer, answered) = oneshot::channel();
    // The wait blocks for as long as the notification stands.
    std::thread::spawn(move || {
        let result = notification.show().map(|handle| {
            let mut clicked = false;
            handle.wait_for_action(|action| clicked = action != CLOSED);
            clicked
        });
        drop(answer.send(result));
    });
    tokio::select! {
        result = answered => result.unwrap_or(Ok(false)),
        _ = withdrawn => Ok(false),
    }
}
