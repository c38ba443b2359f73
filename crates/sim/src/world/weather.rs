//! What happens to devices, network and server; and the calm after it.

use confab_core::Event;
use confab_protocol::Timestamp;

use super::{Happening, Inner, World};
use crate::act::Weather;
use crate::network::Conn;

impl World {
    pub(super) fn weather(&mut self, client: usize, weather: Weather, pick: u64) {
        let is_up = self.clients[client].is_up();
        match weather {
            Weather::CrashClient if is_up => self.crash_client(client),
            Weather::RestartClient if is_up => self.restart_client(client),
            Weather::LoseCache if is_up => {
                self.crash_client(client);
                self.clients[client].disk.lose_cache();
            }
            Weather::Cut => {
                if let Some(conn) = self.clients[client].conn {
                    self.log(format_args!("{conn} breaks"));
                    self.cut(conn);
                }
            }
            Weather::BlackHole => self.kill_line(client),
            Weather::Offline => self.go_offline(client, 1_000 + pick % 40_000),
            Weather::Nudge if is_up => self.feed(client, Event::Nudge),
            Weather::JumpClock => self.clients[client].program.skew_ms = hours(pick),
            Weather::FullDisk => {
                self.clients[client].full_until = self.now.plus(1_000 + pick % 20_000);
            }
            Weather::CrashServer if self.is_serving() => self.server_crashes(),
            Weather::PauseServer => self.paused_until = self.now.plus(500 + pick % 20_000),
            Weather::JumpServerClock => self.plan.server.skew_ms = hours(pick),
            Weather::ExpireToken => {
                if let Some(conn) = self.clients[client].conn {
                    self.server.expire(conn);
                    self.after_server();
                }
            }
            Weather::Backup if self.server_up => self.server.back_up(),
            Weather::Restore if self.is_serving() => self.restore(),
            Weather::LetGo if self.is_serving() => self.let_go(client),
            Weather::TakeBack if self.is_serving() => self.take_back(),
            _ => {}
        }
    }

    /// The program ends in order: what it still has to write it writes.
    fn restart_client(&mut self, client: usize) {
        if !self.shut_down(client) {
            return;
        }
        let pause = 1 + self.below(3_000);
        self.after(pause, Happening::ClientUp { client });
    }

    /// Nothing gets through any more, and nobody is told.
    pub(crate) fn kill_line(&mut self, client: usize) {
        let line = self.clients[client].conn.and_then(|conn| self.network.get_mut(conn));
        if let Some(line) = line {
            line.dead = true;
        }
    }

    fn go_offline(&mut self, client: usize, millis: u64) {
        self.kill_line(client);
        let until = self.now.plus(millis);
        self.clients[client].offline_until = until;
        self.after(millis, Happening::Online { client });
    }

    fn restore(&mut self) {
        let now = self.server_now();
        if !self.server.restore(now) {
            return;
        }
        self.watch.restored();
        self.server_crashes();
    }

    /// A connection breaks: what is on its way is lost, and the client notices unless the line is dead.
    pub(super) fn cut(&mut self, conn: Conn) {
        let Some(line) = self.network.remove(conn) else { return };
        self.server.closed(conn, self.now);
        let client = line.client;
        // On a dead line the client finds out by itself: its end stays open.
        if !line.dead {
            let pause = self.below(200);
            self.later(client, pause, Inner::Lost(conn));
        }
    }

    /// All faults end. Whoever is still without connection gets it back.
    pub(super) fn clear_up(&mut self) {
        self.calm = true;
        self.log(format_args!("calm"));
        self.paused_until = self.now;
        for client in 0..self.clients.len() {
            self.clients[client].full_until = Timestamp(0);
            if self.clients[client].offline_until > self.now {
                self.clients[client].offline_until = self.now;
                self.after(1, Happening::Online { client });
            }
        }
        self.come_back();
    }

    /// The connection of a client is dead, and it has not noticed.
    pub(crate) fn has_dead_line(&self, client: usize) -> bool {
        let line = self.clients[client].conn.and_then(|conn| self.network.get(conn));
        line.is_some_and(|line| line.dead)
    }

    /// What the next group has to tell is lost.
    pub(crate) fn lose_next_post(&mut self) {
        self.loses_post = true;
    }

    /// The next push to a client is lost.
    pub(crate) fn lose_next_push(&mut self, client: usize) {
        self.loses_push = Some(client);
    }

    /// Whether a device has been signed out for good.
    pub(crate) fn is_signed_out(&self, client: usize) -> bool {
        let account = &self.clients[client].account;
        self.server.is_signed_out(account.user.sid, account.device)
    }
}

/// Some hours forwards or backwards.
fn hours(pick: u64) -> i64 {
    ((pick % 11).cast_signed() - 5) * 3_600_000
}
