//! How many sessions there are, and how much each user may ask: shared by all sessions of a user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use confab_protocol::{ErrorCode, UserSid, WireError, limits};

use crate::config::Bounds;
use crate::limiter::{Bucket, Rate};
use crate::node::rate_limited;

/// The users who are here.
#[derive(Clone)]
pub(crate) struct Guests {
    rate: Rate,
    most: usize,
    most_per_user: usize,
    present: Arc<Mutex<Present>>,
}

#[derive(Default)]
struct Present {
    sessions: usize,
    users: HashMap<UserSid, Guest>,
}

struct Guest {
    sessions: usize,
    requests: Bucket,
}

/// The place of one session; given back when dropped.
pub(crate) struct Place {
    guests: Guests,
    user: UserSid,
}

impl Guests {
    /// Nobody is here.
    pub(crate) fn new(bounds: &Bounds) -> Self {
        let rate = Rate {
            burst: bounds.request_burst.max(1),
            refill: Duration::from_secs(1) / bounds.requests_per_second.max(1),
        };
        let (most, most_per_user) = (bounds.connections, bounds.connections_per_user);
        Self { rate, most, most_per_user, present: Arc::default() }
    }

    /// A place for one more session of a user.
    pub(crate) fn enter(&self, user: UserSid, now: Instant) -> Result<Place, WireError> {
        let full = |what: &str, limit: usize| {
            WireError::new(ErrorCode::LimitReached).with("what", what).with("limit", limit)
        };
        let mut present = self.lock();
        if present.sessions >= self.most {
            return Err(full("connections", self.most));
        }
        let guest =
            present.users.entry(user).or_insert_with(|| Guest { sessions: 0, requests: Bucket::full(now) });
        if guest.sessions >= self.most_per_user {
            return Err(full("connections_per_user", self.most_per_user));
        }
        guest.sessions += 1;
        present.sessions += 1;
        Ok(Place { guests: self.clone(), user })
    }

    /// How many sessions there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().sessions
    }

    /// Over how long these sessions spread their first attempt to come back, should all lose their connection at once:
    /// so that two thousand a second arrive, whatever their number.
    pub(crate) fn reconnect_spread_ms(&self) -> u64 {
        limits::RECONNECT_SPREAD_MS.max(self.count() as u64 / 2)
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Takes one request of the user's rate.
    pub(crate) fn request(&self, now: Instant) -> Result<(), WireError> {
        let rate = self.guests.rate;
        let mut present = self.guests.lock();
        let Some(guest) = present.users.get_mut(&self.user) else { return Ok(()) };
        guest.requests.take(rate, now).map_err(rate_limited)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut present = self.guests.lock();
        present.sessions -= 1;
        if let Some(guest) = present.users.get_mut(&self.user) {
            guest.sessions -= 1;
            if guest.sessions == 0 {
                present.users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserSid {
        UserSid(Uuid::from_u128(number))
    }

    #[test]
    fn sessions_are_bounded_by_user_and_in_all_and_places_come_back() {
        let now = Instant::now();
        let bounds = Bounds { connections: 3, connections_per_user: 2, ..Bounds::default() };
        let guests = Guests::new(&bounds);
        let first = guests.enter(user(1), now).unwrap();
        let _second = guests.enter(user(1), now).unwrap();
        assert!(guests.enter(user(1), now).is_err());
        let _third = guests.enter(user(2), now).unwrap();
        assert!(guests.enter(user(3), now).is_err());
        drop(first);
        assert!(guests.enter(user(3), now).is_ok());
    }

    #[test]
    fn the_more_sessions_the_wider_they_spread_when_they_come_back() {
        let guests = Guests::new(&Bounds { connections_per_user: 2_000, ..Bounds::default() });
        let places: Vec<Place> = (0..1_000).map(|_| guests.enter(user(1), Instant::now()).unwrap()).collect();
        assert_eq!(guests.reconnect_spread_ms(), 500);
        drop(places);
        assert_eq!(guests.reconnect_spread_ms(), limits::RECONNECT_SPREAD_MS);
    }

    #[test]
    fn all_sessions_of_a_user_share_one_rate() {
        let now = Instant::now();
        let bounds = Bounds { requests_per_second: 1, request_burst: 2, ..Bounds::default() };
        let guests = Guests::new(&bounds);
        let (one, two) = (guests.enter(user(1), now).unwrap(), guests.enter(user(1), now).unwrap());
        assert!(one.request(now).is_ok());
        assert!(two.request(now).is_ok());
        let refused = one.request(now).unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert_eq!(refused.params["retry_after_ms"], 1_000);
        assert!(one.request(now + Duration::from_secs(1)).is_ok());
    }
}
