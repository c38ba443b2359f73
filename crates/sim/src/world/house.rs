//! The server's side of the world: frames in and out, commits, the bus, ticks and tokens.

use confab_domain::account::Refreshed;

use super::{Happening, Inner, World};
use crate::client::skewed;
use crate::levels;
use crate::network::{Conn, Way};
use crate::promise::{Broken, Promise};
use crate::server::{BusInput, BusPost, Strike, TOKEN_MS};

/// How often the server looks at what is due, in milliseconds.
const TICK_MS: u64 = 500;

impl World {
    /// The server's clock.
    pub(crate) fn server_now(&self) -> confab_protocol::Timestamp {
        skewed(self.now, self.plan.server.skew_ms)
    }

    /// The server is there and takes connections.
    pub(crate) fn is_serving(&self) -> bool {
        self.server_up && self.paused_until <= self.now
    }

    /// Puts a frame on its way.
    pub(super) fn carry(&mut self, conn: Conn, way: Way, text: String) {
        let chances = self.plan.chances;
        if self.network.get(conn).is_none_or(|line| line.dead) {
            return;
        }
        if way == Way::Down && self.is_lost_push(conn, &text) {
            return self.count("push lost on purpose");
        }
        if self.strikes(chances.drop) {
            return self.count("frame lost");
        }
        let overtakes = self.strikes(chances.reorder);
        let slow = self.strikes(chances.delay);
        let mut delay = 1 + self.below(30);
        if overtakes {
            self.count("frame out of order");
            delay = 1 + self.below(400);
        }
        if slow {
            self.count("frame delayed");
            delay += self.below(6_000);
        }
        if self.strikes(chances.duplicate) {
            self.count("frame doubled");
            let again = self.network.arrival(conn, way, self.now, delay + 1, true);
            self.at(again, Happening::Frame { conn, way, text: text.clone() });
        }
        let time = self.network.arrival(conn, way, self.now, delay, overtakes);
        self.at(time, Happening::Frame { conn, way, text });
    }

    fn is_lost_push(&mut self, conn: Conn, text: &str) -> bool {
        let client = self.network.get(conn).map(|line| line.client);
        let lost = client.is_some() && self.loses_push == client && text.contains("\"event\":\"message.");
        if lost {
            self.loses_push = None;
        }
        lost
    }

    pub(super) fn server_hears(&mut self, conn: Conn, text: String) {
        let Some(line) = self.network.get(conn).filter(|line| !line.dead && self.server_up) else { return };
        if self.paused_until > self.now {
            let later = self.paused_until.0;
            return self.at(later, Happening::Frame { conn, way: Way::Up, text });
        }
        let client = line.client;
        self.log(format_args!("{conn} > {text}"));
        let now = self.server_now();
        let next_level = self.clients[client].program.next_level;
        self.server.hear(conn, client, &text, next_level, now, self.now);
        self.after_server();
    }

    /// What follows from anything that the server did.
    pub(super) fn after_server(&mut self) {
        if self.server.has_work() && !self.commit_due {
            self.commit_due = true;
            let pause = 1 + self.below(6);
            self.after(pause, Happening::Commit);
        }
        for reading in self.server.begun() {
            let pause = self.below(25);
            self.after(pause, Happening::Read(Box::new(reading)));
        }
        let reloads = self.server.reloads();
        if !reloads.is_empty() {
            // A reader is slower than what the writer has to tell, and sometimes much slower.
            let slow = self.strikes(self.plan.chances.delay);
            let pause = 1 + self.below(if slow { 2_000 } else { 10 });
            self.after(pause, Happening::Bus(BusPost { life: self.server.life(), inputs: reloads }));
        }
        for conn in self.server.waiting() {
            if self.draining.insert(conn) {
                let slow = self.strikes(self.plan.chances.delay);
                if slow {
                    self.count("a session reads slowly");
                }
                let pause = self.below(if slow { 6_000 } else { 8 });
                self.after(pause, Happening::Drain { conn });
            }
        }
    }

    pub(super) fn drain(&mut self, conn: Conn) {
        self.draining.remove(&conn);
        if !self.server_up || self.paused_until > self.now {
            return;
        }
        let drained = self.server.drain(conn);
        for frame in drained.frames {
            let kept = self.server.may_leave(conn, &frame);
            if kept.is_err() {
                self.log(format_args!("{conn} must not get {}", frame.text));
            }
            self.hold(kept);
            self.watch.acknowledged(&self.server, conn, &frame);
            let text = if self.plan.server.next_level { levels::frame(&frame.text) } else { frame.text };
            self.count_frame(&text);
            self.carry(conn, Way::Down, text);
        }
        if drained.ended {
            self.log(format_args!("{conn} is ended by the server"));
            self.server.closed(conn, self.now);
            self.hang_up(conn);
        }
        self.after_server();
    }

    fn count_frame(&mut self, text: &str) {
        for (part, what) in [
            ("\"code\":\"out_of_order\"", "refused: out of order"),
            ("\"code\":\"epoch_changed\"", "refused: epoch changed"),
            ("\"code\":\"client_id_reused\"", "refused: client id reused"),
            ("\"code\":\"token_expired\"", "refused: token expired"),
            ("\"code\":\"forbidden\"", "refused: forbidden"),
            ("\"code\":\"not_found\"", "refused: not found"),
            ("\"code\":\"unavailable\"", "refused: unavailable"),
            ("\"event\":\"lagged\"", "lagged"),
            ("\"reset\":true", "range reset"),
        ] {
            if text.contains(part) {
                self.count(what);
            }
        }
    }

    /// The server closes its end; the last frames still arrive.
    fn hang_up(&mut self, conn: Conn) {
        let Some(line) = self.network.get(conn) else { return };
        let (client, silent) = (line.client, line.dead || line.left);
        if silent {
            self.network.remove(conn);
            return;
        }
        let time = self.network.arrival(conn, Way::Down, self.now, 1, false);
        self.at(
            time + 1,
            Happening::Client { client, life: self.clients[client].life, step: Inner::Lost(conn) },
        );
    }

    pub(super) fn commit(&mut self) {
        self.commit_due = false;
        if !self.server_up {
            return;
        }
        if self.paused_until > self.now {
            self.commit_due = true;
            let later = self.paused_until.0;
            return self.at(later, Happening::Commit);
        }
        let chances = self.plan.chances;
        let strike = if self.strikes(chances.crash_before_commit) {
            Strike::BeforeCommit
        } else if self.strikes(chances.crash_after_commit) {
            Strike::AfterCommit
        } else if self.strikes(chances.commit_fails) {
            Strike::CommitFails
        } else {
            Strike::Never
        };
        let now = self.server_now();
        let work = self.server.work();
        let fail: Vec<usize> = (0..work).filter(|_| self.strikes(chances.work_fails)).collect();
        if !fail.is_empty() {
            self.count("a mutation failed after it had written");
        }
        let done = self.server.commit(now, strike, &fail);
        if let Some((user, id)) = done.half_done {
            let how = format!("{user} was refused {id}, and something of it was kept");
            self.hold(Err(Broken { promise: Promise::Whole, how }));
        }
        if strike != Strike::Never && done.tried {
            self.count(strike.label());
        }
        for call in &done.applied {
            self.count(call);
        }
        self.watch.committed(&done.events);
        self.server.committed(&done.events);
        self.watch.happened(&done.happened);
        if let Some(how) = done.trespass {
            self.hold(Err(Broken { promise: Promise::Entitled, how }));
        }
        let kept = self.watch.horizons(&done.horizons);
        self.hold(kept);
        if !done.alive {
            return self.server_crashes();
        }
        if !done.post.is_empty() {
            self.publish(done.post);
        }
        self.after_server();
    }

    /// What was committed goes to the hub, unless the bus loses it.
    pub(super) fn publish(&mut self, post: Vec<BusInput>) {
        let is_told = post.iter().any(crate::server::is_told);
        let loses = self.plan.chances.lose_bus;
        let lost = is_told && (std::mem::take(&mut self.loses_post) || self.strikes(loses));
        if lost {
            self.count("bus message lost");
            self.log(format_args!("what was committed is not told"));
            return self.server.lost_on_the_bus(post, self.now);
        }
        let pause = self.below(4);
        let time = self.server.bus_arrival(self.now.0 + pause);
        self.at(time, Happening::Bus(BusPost { life: self.server.life(), inputs: post }));
    }

    pub(super) fn bus(&mut self, post: BusPost) {
        if post.life == self.server.life() {
            self.server.told(post.inputs, self.now);
            self.after_server();
        }
    }

    pub(super) fn tick(&mut self, life: u64) {
        if life != self.server.life() {
            return;
        }
        if self.is_serving() {
            let now = self.server_now();
            self.server.tick(now, self.now);
            self.after_server();
        }
        self.after(TICK_MS, Happening::Tick { life });
    }

    /// The server is gone, with everything that it did not store.
    pub(super) fn server_crashes(&mut self) {
        self.log(format_args!("server crashes"));
        self.server_up = false;
        self.commit_due = false;
        self.server.crash();
        let kept =
            self.watch.what_was_acknowledged_is_there(&self.server).and_then(|()| self.server.is_whole());
        self.hold(kept);
        for conn in self.network.all() {
            self.cut(conn);
        }
        let pause = 100 + self.below(4_000);
        self.after(pause, Happening::ServerUp);
    }

    pub(super) fn server_comes(&mut self) {
        if self.server_up {
            return;
        }
        self.log(format_args!("server up"));
        self.server_up = true;
        self.after(TICK_MS, Happening::Tick { life: self.server.life() });
    }

    pub(super) fn token_asked(&mut self, client: usize, life: u64, token: &str) {
        if !self.is_serving() {
            return self.no_token(client, life, false);
        }
        let now = self.server_now();
        match self.server.refresh(token, now) {
            Refreshed::Granted(grant) => {
                let expires_at = now.plus(TOKEN_MS);
                let secret = format!("{} {} {}", grant.user.sid, grant.device, expires_at.0);
                self.token_comes(client, life, grant.refresh_token, secret, expires_at);
            }
            Refreshed::Denied { .. } => {
                self.note(client, format_args!("is denied"));
                self.no_token(client, life, true);
            }
        }
        self.after_server();
    }
}
