//! Users: one's own, and those that one is subscribed to: a hundred at most, the first is crowded out first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};

use confab_core::command::Command;
use confab_protocol::limits;
use confab_protocol::model::{self, Presence};

use super::Hub;
use crate::sdk::cells::{Live, UserCell, UserData, lock};
use crate::sdk::{Error, Event, User, reasons};

/// Users that are known.
#[derive(Debug, Default)]
pub(super) struct Users {
    me: Option<Arc<UserCell>>,
    /// In the order in which they were subscribed to.
    subscribed: VecDeque<Arc<UserCell>>,
    /// All of whom somebody holds a handle, by identity.
    known: HashMap<String, Weak<UserCell>>,
}

impl Users {
    fn cell(&mut self, row: &model::User) -> (Arc<UserCell>, UserData) {
        if let Some(cell) = self.known.get(&row.identity).and_then(Weak::upgrade) {
            let before = cell.data.read(Clone::clone);
            cell.data.change(|data| {
                if data.row.version <= row.version {
                    data.row = row.clone();
                }
            });
            return (cell, before);
        }
        self.known.retain(|_, cell| cell.strong_count() > 0);
        let data = UserData { row: row.clone(), online: None, subscribed: false };
        let cell = Arc::new(UserCell { data: Live::new(data.clone()) });
        self.known.insert(row.identity.clone(), Arc::downgrade(&cell));
        (cell, data)
    }

    /// Somebody came or went: who that is, and how they were. None when one is not subscribed to them, since what was pushed or
    /// answered for a subscription may come after its end.
    fn came_or_went(&self, person: &Presence) -> Option<(Arc<UserCell>, UserData)> {
        let cell = self.known.get(&person.identity).and_then(Weak::upgrade)?;
        let before = cell.data.change(|data| {
            let before = data.clone();
            data.online = data.subscribed.then_some(person.online);
            before
        });
        before.subscribed.then_some((cell, before))
    }

    fn is_told_of(&self, cell: &Arc<UserCell>) -> bool {
        let is_me = self.me.as_ref().is_some_and(|me| Arc::ptr_eq(me, cell));
        is_me || cell.data.read(|data| data.subscribed)
    }
}

impl Hub {
    /// A profile, as it stands.
    pub(super) fn profile(&self, row: &model::User) {
        let mut state = lock(&self.state);
        let is_me = row.identity == self.identity;
        let is_new = is_me && state.users.me.is_none();
        if !is_me && !state.users.known.contains_key(&row.identity) {
            // Nobody has asked for them.
            return;
        }
        let (cell, before) = state.users.cell(row);
        if is_me {
            state.users.me = Some(Arc::clone(&cell));
        }
        if is_new {
            cell.data.change(|data| (data.subscribed, data.online) = (true, Some(true)));
        }
        let told = state.users.is_told_of(&cell);
        drop(state);
        if is_new {
            let reasons = vec![
                reasons::UserUpdateReason::FriendlyName,
                reasons::UserUpdateReason::Attributes,
                reasons::UserUpdateReason::ReachabilityOnline,
                reasons::UserUpdateReason::Status,
            ];
            return self.tell(Event::UserUpdated { user: self.user(cell), reasons });
        }
        if told {
            self.tell_user(cell, &before);
        }
    }

    fn tell_user(&self, cell: Arc<UserCell>, before: &UserData) {
        let reasons = cell.data.read(|after| reasons::of_user(before, after));
        if !reasons.is_empty() {
            self.tell(Event::UserUpdated { user: self.user(cell), reasons });
        }
    }

    /// People came or went.
    pub(super) fn presence(&self, people: &[Presence]) {
        for person in people {
            let came_or_went = lock(&self.state).users.came_or_went(person);
            if let Some((cell, before)) = came_or_went {
                self.tell_user(cell, &before);
            }
        }
    }

    /// One's own user, once it is known.
    pub(in crate::sdk) fn me(&self) -> Option<User> {
        let me = lock(&self.state).users.me.clone();
        me.map(|cell| self.user(cell))
    }

    /// Those that one is subscribed to, in the order in which that was.
    pub(in crate::sdk) fn subscribed(&self) -> Vec<User> {
        let cells: Vec<_> = lock(&self.state).users.subscribed.iter().cloned().collect();
        cells.into_iter().map(|cell| self.user(cell)).collect()
    }

    /// A handle of a user, without being told of changes.
    pub(in crate::sdk) fn user_seen(&self, row: &model::User) -> User {
        let (cell, _) = lock(&self.state).users.cell(row);
        self.user(cell)
    }

    /// A user that one is subscribed to already, by identity without regard to case.
    pub(in crate::sdk) fn held_user(&self, identity: &str) -> Option<User> {
        let wanted = identity.to_lowercase();
        let state = lock(&self.state);
        let all = state.users.me.iter().chain(&state.users.subscribed);
        let mut found = all.filter(|cell| cell.data.read(|data| data.row.identity.to_lowercase() == wanted));
        let cell = found.next().cloned();
        drop(state);
        cell.map(|cell| self.user(cell))
    }

    /// Subscribes to users. The first ones are crowded out when there are too many.
    pub(in crate::sdk) async fn subscribe_to(&self, rows: &[model::User]) -> Result<Vec<User>, Error> {
        let (mut all, mut told) = (Vec::new(), Vec::new());
        {
            let mut state = lock(&self.state);
            for row in rows {
                let (cell, before) = state.users.cell(row);
                all.push(Arc::clone(&cell));
                if before.subscribed {
                    continue;
                }
                cell.data.change(|data| data.subscribed = true);
                state.users.subscribed.push_back(Arc::clone(&cell));
                told.push((cell, true));
                if state.users.subscribed.len() > limits::INTEREST
                    && let Some(first) = state.users.subscribed.pop_front()
                {
                    first.data.change(|data| (data.subscribed, data.online) = (false, None));
                    told.push((first, false));
                }
            }
        }
        self.subscriptions_changed(told).await?;
        Ok(all.into_iter().map(|cell| self.user(cell)).collect())
    }

    /// Ends subscriptions to those that `gone` names.
    pub(in crate::sdk) async fn unsubscribe_from(
        &self,
        gone: impl Fn(&UserData) -> bool,
    ) -> Result<(), Error> {
        let ended: VecDeque<_> = {
            let mut state = lock(&self.state);
            let all = std::mem::take(&mut state.users.subscribed);
            let (ended, kept) = all.into_iter().partition(|cell| cell.data.read(&gone));
            state.users.subscribed = kept;
            ended
        };
        for cell in &ended {
            cell.data.change(|data| (data.subscribed, data.online) = (false, None));
        }
        self.subscriptions_changed(ended.into_iter().map(|cell| (cell, false)).collect()).await
    }

    async fn subscriptions_changed(&self, told: Vec<(Arc<UserCell>, bool)>) -> Result<(), Error> {
        if told.is_empty() {
            return Ok(());
        }
        let people = self.subscribed().iter().map(User::identity).collect();
        for (cell, is_subscribed) in told {
            let user = self.user(cell);
            self.tell(match is_subscribed {
                true => Event::UserSubscribed(user),
                false => Event::UserUnsubscribed(user),
            });
        }
        self.command(Command::Interest { rows: Vec::new(), people }).await
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::UserSid;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn presence_that_comes_after_a_subscription_says_nothing() {
        let row = json!({"sid": UserSid(Uuid::from_u128(1)), "identity": "Ben", "friendly_name": "Ben", "version": 1});
        let mut users = Users::default();
        let (ben, _) = users.cell(&serde_json::from_value(row).unwrap());
        let came = Presence { identity: "Ben".into(), online: true, profile_version: 1 };
        let online = || ben.data.read(|data| data.online);

        assert!(users.came_or_went(&came).is_none());
        assert_eq!(online(), None, "one was never subscribed");
        ben.data.change(|data| data.subscribed = true);
        let (_, before) = users.came_or_went(&came).unwrap();
        assert_eq!((before.online, online()), (None, Some(true)));
        ben.data.change(|data| (data.subscribed, data.online) = (false, None));
        assert!(users.came_or_went(&came).is_none());
        assert_eq!(online(), None, "one is subscribed no more");
    }
}
