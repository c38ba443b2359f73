//! Hears from logind when the computer has woken up.

use futures_util::StreamExt as _;
use zbus::fdo::DBusProxy;
use zbus::{Connection, Message, Proxy};

const LOGIND: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const INTERFACE: &str = "org.freedesktop.login1.Manager";
const SIGNAL: &str = "PrepareForSleep";

/// Calls `woke` each time that the computer has woken up. Ends where nobody tells of it: then clients find it by the clock
/// alone, a few seconds later.
pub(crate) async fn listen(woke: impl Fn()) {
    match hear(woke).await {
        Ok(()) => tracing::debug!("the system bus has ended: waking up is found by the clock"),
        Err(error) => tracing::debug!(%error, "logind cannot be heard here: waking up is found by the clock"),
    }
}

async fn hear(woke: impl Fn()) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let logind = Proxy::new(&bus, LOGIND, PATH, INTERFACE).await?;
    let mut signals = logind.receive_signal(SIGNAL).await?;
    // It starts before anybody can sign in: where it does not run now it never will.
    DBusProxy::new(&bus).await?.get_name_owner(LOGIND.try_into()?).await?;
    while let Some(signal) = signals.next().await {
        if is_over(&signal) {
            tracing::info!("the computer has woken up");
            woke();
        }
    }
    Ok(())
}

/// The signal comes twice: with `true` before the computer sleeps, with `false` when it has woken up.
fn is_over(signal: &Message) -> bool {
    signal.body().deserialize::<bool>().is_ok_and(|begins| !begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_to_sleep_is_not_waking_up() {
        let signal = |begins: bool| Message::signal(PATH, INTERFACE, SIGNAL).build(&begins).unwrap();
        assert!(is_over(&signal(false)));
        assert!(!is_over(&signal(true)));
    }
}
