//! People sign out and in again, and are let go and taken back in by whoever runs the server.

use confab_core::Event;
use confab_core::command::Command;
use confab_core::view::ConnectionState;
use confab_domain::Ids as _;
use confab_protocol::ClientId;

use super::{Happening, World};
use crate::promise::{Broken, Promise};
use crate::server::{BusInput, Happened};

/// After how long somebody tries once more to sign in at a server that cannot be reached, in milliseconds.
const AGAIN_MS: u64 = 3_000;

impl World {
    fn reaches_the_server(&self, client: usize) -> bool {
        self.is_serving() && self.clients[client].offline_until <= self.now
    }

    /// A person ends the sign-in of a device, there as far as it can be reached and here in any case, and signs in again a while
    /// later. What was not sent stays.
    pub(super) fn sign_out(&mut self, client: usize) {
        self.note(client, format_args!("signs out"));
        if !self.shut_down(client) {
            return;
        }
        self.clients[client].disk.lose_cache();
        if self.reaches_the_server(client) {
            let (user, device) = (self.clients[client].account.user.sid, self.clients[client].account.device);
            let now = self.server_now();
            let events = self.server.sign_out(user, device, now);
            self.tell_of(events);
        }
        let pause = 500 + self.below(20_000);
        self.after(pause, Happening::SignIn { client });
    }

    /// A person signs in on a device on which they are signed in no more.
    pub(super) fn sign_in(&mut self, client: usize) {
        if !self.is_signed_out(client) && self.clients[client].is_up() {
            return;
        }
        if !self.reaches_the_server(client) {
            return self.after(AGAIN_MS, Happening::SignIn { client });
        }
        let (name, user) = (self.clients[client].name, self.clients[client].account.user.sid);
        let (id, by_link, now) = (ClientId(self.rng.uuid()), self.below(2) == 0, self.server_now());
        let Some(mut grant) = self.server.sign_in(user, name, id, by_link, now) else {
            self.clients[client].left_out = true;
            return self.note(client, format_args!("is not let in"));
        };
        if self.strikes(self.plan.chances.lose_token) && grant.user.password_hash.is_some() {
            self.count("the answer to signing in was lost");
            let again = self.server.sign_in(user, name, id, by_link, now);
            let is_same = again.as_ref().is_some_and(|again| again.device == grant.device);
            if !is_same {
                let how = format!("{name} signed in once and has two devices");
                self.hold(Err(Broken { promise: Promise::Once, how }));
            }
            grant = again.unwrap_or(grant);
        }
        self.tell_of(std::mem::take(&mut grant.events));
        self.clients[client].left_out = false;
        self.count("signed in again");
        self.note(client, format_args!("signs in"));
        if self.clients[client].is_up() && !self.shut_down(client) {
            return;
        }
        self.clients[client].account = grant.into();
        self.after(1, Happening::ClientUp { client });
    }

    /// A user is let go, with all their devices.
    pub(super) fn let_go(&mut self, client: usize) {
        let (user, now) = (self.clients[client].account.user.sid, self.server_now());
        let events = self.server.let_go(user, now);
        if !events.is_empty() {
            self.count("somebody was let go");
        }
        self.tell_of(events);
    }

    /// Those who were let go are taken back in, and may sign in again.
    pub(super) fn take_back(&mut self) {
        for client in 0..self.clients.len() {
            let events = self.server.take_back(self.clients[client].account.user.sid);
            if !events.is_empty() {
                self.count("somebody was taken back in");
                self.after(AGAIN_MS, Happening::SignIn { client });
            }
            self.tell_of(events);
        }
    }

    /// What was committed outside a group.
    fn tell_of(&mut self, events: Vec<confab_domain::Event>) {
        if events.is_empty() {
            return;
        }
        self.server.committed(&events);
        self.watch.committed(&events);
        self.watch.happened(&[Happened::ByItself(events.clone())]);
        self.publish(vec![BusInput::Told(events)]);
        self.after_server();
    }

    /// When all faults have ended most people come back who were signed out.
    pub(super) fn come_back(&mut self) {
        for client in 0..self.clients.len() {
            let returns = if self.is_signed_out(client) {
                self.below(4) > 0
            } else {
                // A server that has gone back to before they were let go knows nothing of it.
                std::mem::take(&mut self.clients[client].left_out)
            };
            if returns {
                self.after(1, Happening::SignIn { client });
            }
        }
    }

    /// Whoever was denied by a server that has gone back to a time when they were signed in tries once more.
    pub(crate) fn try_again_where_denied(&mut self) {
        for client in 0..self.clients.len() {
            let is_denied = self.clients[client].screen.connection == ConnectionState::Denied;
            if is_denied && !self.is_signed_out(client) {
                self.command(client, Command::Reconnect);
            }
        }
    }

    /// The program ends in order, unless it crashes before.
    pub(super) fn shut_down(&mut self, client: usize) -> bool {
        self.feed(client, Event::Shutdown);
        if !self.clients[client].is_up() {
            return false;
        }
        let is_full = self.clients[client].full_until > self.now;
        self.clients[client].end(is_full);
        if let Some(conn) = self.clients[client].conn.take() {
            self.cut(conn);
        }
        true
    }
}
