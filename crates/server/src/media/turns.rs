//! Who receives just now: one upload of a file at a time, a bounded number of all and of one user's. Whoever goes on with an
//! upload takes it over from the connection that broke, which may not know that yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use confab_protocol::{ErrorCode, MediaSid, UserSid, WireError};
use tokio::sync::watch;

/// How long one who is to stop is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// When whoever found no turn may ask again, in milliseconds.
const AGAIN_MS: u64 = 1_000;

/// All turns.
pub(crate) struct Turns {
    most: usize,
    most_per_user: usize,
    taken: Arc<Mutex<HashMap<MediaSid, Holder>>>,
}

struct Holder {
    user: UserSid,
    stop: watch::Sender<bool>,
}

/// A turn. Dropping it gives it back.
pub(crate) struct Turn {
    sid: MediaSid,
    taken: Arc<Mutex<HashMap<MediaSid, Holder>>>,
    stop: watch::Receiver<bool>,
}

impl Turns {
    pub(crate) fn new(most: usize, most_per_user: usize) -> Self {
        Self { most, most_per_user, taken: Arc::default() }
    }

    /// Takes the turn of a file, from whoever has it.
    ///
    /// # Errors
    /// `rate_limited` when too many have one.
    pub(crate) async fn take(&self, user: UserSid, sid: MediaSid) -> Result<Turn, WireError> {
        self.stop(sid).await?;
        let busy = || WireError::new(ErrorCode::RateLimited).with("retry_after_ms", AGAIN_MS);
        let mut taken = lock(&self.taken);
        let own = taken.values().filter(|holder| holder.user == user).count();
        if taken.contains_key(&sid) || taken.len() >= self.most || own >= self.most_per_user {
            return Err(busy());
        }
        let (sender, stop) = watch::channel(false);
        taken.insert(sid, Holder { user, stop: sender });
        Ok(Turn { sid, taken: Arc::clone(&self.taken), stop })
    }

    /// Makes whoever receives a file stop, and waits until they did.
    ///
    /// # Errors
    /// `unavailable` when they do not.
    pub(crate) async fn stop(&self, sid: MediaSid) -> Result<(), WireError> {
        let holder = lock(&self.taken).get(&sid).map(|holder| holder.stop.clone());
        let Some(stop) = holder else { return Ok(()) };
        stop.send_replace(true);
        tokio::time::timeout(PATIENCE, stop.closed()).await.map_err(|_| ErrorCode::Unavailable.into())
    }

    /// Whether somebody receives a file.
    pub(crate) fn is_taken(&self, sid: MediaSid) -> bool {
        lock(&self.taken).contains_key(&sid)
    }
}

impl Turn {
    /// Returns once somebody else wants the turn, or the file is given up.
    pub(crate) async fn stopped(&mut self) {
        // The sender goes only with the turn itself.
        let _ = self.stop.wait_for(|stop| *stop).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.taken).remove(&self.sid);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    async fn code(turns: &Turns, user: u128, sid: u128) -> Result<Turn, ErrorCode> {
        turns.take(UserSid(id(user)), MediaSid(id(sid))).await.map_err(|error| error.code)
    }

    #[tokio::test]
    async fn turns_are_bounded_and_given_back() {
        let turns = Turns::new(3, 2);
        let first = code(&turns, 1, 1).await;
        let _second = code(&turns, 1, 2).await.unwrap_or_else(|_| panic!("there is room"));
        assert!(matches!(code(&turns, 1, 3).await, Err(ErrorCode::RateLimited)));
        let _third = code(&turns, 2, 4).await.unwrap_or_else(|_| panic!("there is room"));
        assert!(matches!(code(&turns, 3, 5).await, Err(ErrorCode::RateLimited)));
        drop(first);
        assert!(code(&turns, 3, 5).await.is_ok());
    }

    #[tokio::test]
    async fn who_goes_on_takes_over_from_who_broke_off() {
        let turns = Arc::new(Turns::new(3, 2));
        let mut old = code(&turns, 1, 1).await.unwrap_or_else(|_| panic!("there is room"));
        let next = {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move { code(&turns, 1, 1).await })
        };
        tokio::time::timeout(PATIENCE, old.stopped()).await.expect("it is told to stop");
        assert!(turns.is_taken(MediaSid(id(1))));
        drop(old);
        assert!(next.await.unwrap().is_ok());
    }
}
