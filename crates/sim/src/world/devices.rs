//! Devices: the machine's events in, its effects out, and crashes between any two of them.

use confab_core::command::{Command, CommandAnswer};
use confab_core::view::Problem;
use confab_core::{AccessToken, Effect, Event};
use confab_protocol::{ErrorCode, ServerFrame, Timestamp};

use super::{Happening, Inner, World};
use crate::client::Told;
use crate::levels;
use crate::network::{Conn, Way};
use crate::person::Wish;

impl World {
    /// A person asks for something.
    pub(crate) fn command(&mut self, client: usize, command: Command) {
        self.note(client, format_args!("asks {command:?}"));
        let ticket = self.unique();
        self.watch.asked(client, &self.clients[client], &command, &self.server);
        self.feed(client, Event::Command { ticket, command });
    }

    /// A person asks for something, or a program on their device does.
    pub(super) fn wish(&mut self, client: usize, wish: Wish) {
        let ticket = self.unique();
        match wish {
            Wish::Command(command) => self.command(client, command),
            Wish::Call(call) => {
                self.note(client, format_args!("has a program ask {call:?}"));
                self.clients[client].asked.extend(confab_domain::client_id(&call));
                self.feed(client, Event::Request { ticket, call: Box::new(call) });
            }
            Wish::Post(post) => {
                self.note(client, format_args!("has a program post {post:?}"));
                self.feed(client, Event::Post { ticket, post: Box::new(post) });
            }
            Wish::SignOut => self.sign_out(client),
            Wish::SignIn => self.sign_in(client),
            Wish::Unpost(entry) => {
                self.note(client, format_args!("has a program take {entry} back"));
                self.feed(client, Event::Unpost { ticket, entry });
            }
        }
    }

    pub(super) fn client_up(&mut self, client: usize) {
        if self.clients[client].is_up() {
            return;
        }
        self.note(client, format_args!("starts"));
        let workspace = self.server.workspace();
        self.watch.restarted(client);
        self.clients[client].start(workspace);
        self.feed(client, Event::Start);
    }

    pub(crate) fn feed(&mut self, client: usize, event: Event) {
        let effects = self.clients[client].handle(event, self.now);
        for effect in effects {
            if self.strikes(self.plan.chances.crash_between_effects) {
                self.count("client crashed between two effects");
                self.crash_client(client);
                return;
            }
            self.carry_out(client, effect);
        }
    }

    pub(super) fn crash_client(&mut self, client: usize) {
        let (cache, outbox) = (self.rng.number(), self.rng.number());
        self.note(client, format_args!("crashes"));
        if let Some(conn) = self.clients[client].conn {
            self.leave(conn);
        }
        self.clients[client].crash(cache, outbox);
        let pause = 1 + self.below(8_000);
        self.after(pause, Happening::ClientUp { client });
    }

    pub(super) fn later(&mut self, client: usize, millis: u64, step: Inner) {
        let life = self.clients[client].life;
        self.after(millis, Happening::Client { client, life, step });
    }

    fn carry_out(&mut self, client: usize, effect: Effect) {
        match effect {
            Effect::Connect => {
                self.order += 1;
                let dial = self.order;
                self.clients[client].dial = dial;
                let delay = 1 + self.below(40);
                self.later(client, delay, Inner::Opened { dial });
            }
            Effect::Disconnect => {
                // What is being opened is given up.
                self.clients[client].dial = 0;
                if let Some(conn) = self.clients[client].conn.take() {
                    self.leave(conn);
                }
            }
            Effect::Send(request) => self.send(client, &request),
            Effect::RefreshToken => self.ask_for_token(client),
            Effect::CacheWrite(writes) => self.clients[client].disk.write_cache(writes),
            Effect::ReadCache(read) => {
                let page = self.clients[client].disk.read_cache(read);
                let delay = self.below(5);
                self.later(client, delay, Inner::Event(Box::new(Event::CacheRead(page))));
            }
            Effect::OutboxWrite { write, writes } => {
                self.clients[client].held.asked();
                self.clients[client].disk.queue_outbox(write, writes);
                self.later(client, 5, Inner::Synced);
            }
            Effect::SetTimer { timer, after_ms } => {
                self.order += 1;
                let generation = self.order;
                self.clients[client].timers.insert(timer, generation);
                self.later(client, after_ms, Inner::Timer { timer, generation });
            }
            Effect::CancelTimer(timer) => drop(self.clients[client].timers.remove(&timer)),
            Effect::View(diffs) => self.tell(client, Told::View(diffs)),
            Effect::Answer { result, .. } => self.tell(client, Told::Answer(result)),
            Effect::Notify(_) => self.count("notification"),
            Effect::Upload { entry, files } => self.upload(client, entry, files),
            Effect::StopUpload { entry } => drop(self.clients[client].uploads.remove(&entry)),
            // Programs look at nothing here, and files have no bytes.
            Effect::Answered { .. }
            | Effect::News(_)
            | Effect::Unstage { .. }
            | Effect::Withdraw { .. }
            | Effect::Learned(_) => {}
        }
    }

    pub(super) fn step(&mut self, client: usize, life: u64, step: Inner) {
        if self.clients[client].life != life || !self.clients[client].is_up() {
            return;
        }
        match step {
            Inner::Event(event) => self.feed(client, *event),
            Inner::Opened { dial } if dial == self.clients[client].dial => self.opened(client),
            Inner::Opened { .. } => {}
            Inner::Timer { timer, generation } => {
                if self.clients[client].timers.get(&timer) == Some(&generation) {
                    self.clients[client].timers.remove(&timer);
                    self.feed(client, Event::Timer(timer));
                }
            }
            Inner::Synced => self.synced(client),
            Inner::Uploaded { entry, result } => {
                if self.clients[client].uploads.remove(&entry) {
                    self.feed(client, Event::Uploaded { entry, result });
                }
            }
            Inner::Lost(conn) => self.lost(client, conn),
            Inner::Refreshed { token, secret, expires_at } => {
                // Stored before it is used.
                self.clients[client].account.refresh_token = token;
                self.feed(client, Event::TokenReady(AccessToken { secret, expires_at }));
            }
        }
    }

    /// A connection broke, or was closed by the other side.
    fn lost(&mut self, client: usize, conn: Conn) {
        self.network.remove(conn);
        if self.clients[client].conn == Some(conn) {
            self.clients[client].conn = None;
            self.feed(client, Event::Lost);
        }
    }

    fn synced(&mut self, client: usize) {
        let is_full = self.clients[client].full_until > self.now;
        let fails = self.strikes(self.plan.chances.outbox_write_fails) || is_full;
        match self.clients[client].disk.sync_outbox(fails) {
            Some((write, true)) => {
                let told = self.clients[client].held.written();
                self.say(client, told);
                self.feed(client, Event::Persisted { write });
            }
            Some((write, false)) => {
                self.count("outbox write failed");
                let problem = Problem { code: "disk_full".to_owned(), params: Default::default() };
                let life = self.clients[client].life;
                self.feed(client, Event::PersistFailed { write, problem });
                if self.clients[client].life == life {
                    let told = self.clients[client].held.failed();
                    self.say(client, told);
                }
            }
            None => {}
        }
    }

    /// Tells the person something, unless it has to wait for the disk.
    fn tell(&mut self, client: usize, told: Told) {
        if let Some(told) = self.clients[client].held.put(told) {
            self.say(client, vec![told]);
        }
    }

    fn say(&mut self, client: usize, all: Vec<Told>) {
        for told in all {
            match told {
                Told::View(diffs) => {
                    self.note(client, format_args!("sees {} diffs", diffs.len()));
                    self.clients[client].screen.apply(&diffs);
                    let kept = self.watch.seen(client, &self.clients[client].screen, &diffs);
                    self.hold(kept);
                }
                Told::Answer(Ok(CommandAnswer::Invite { sid, .. })) => self.clients[client].invites.push(sid),
                Told::Answer(Ok(CommandAnswer::Directory { conversations, .. })) => {
                    self.clients[client].directory = conversations.into_iter().map(|row| row.sid).collect();
                }
                Told::Answer(Ok(_)) => {}
                Told::Answer(Err(problem)) => {
                    self.note(client, format_args!("is refused: {}", problem.code));
                }
            }
        }
        let kept = self.clients[client].shows_what_is_on_disk();
        self.hold(kept);
    }

    fn ask_for_token(&mut self, client: usize) {
        let token = self.clients[client].account.refresh_token.clone();
        let life = self.clients[client].life;
        if self.clients[client].offline_until > self.now {
            return self.no_token(client, life, false);
        }
        let delay = 1 + self.below(40);
        self.after(delay, Happening::TokenAsked { client, life, token });
    }

    /// It is told to whoever asked, and not to a program that was started since.
    pub(super) fn no_token(&mut self, client: usize, life: u64, denied: bool) {
        let delay = 1 + self.below(40);
        let refusal = denied.then(|| ErrorCode::Denied.into());
        let step = Inner::Event(Box::new(Event::TokenFailed { refusal }));
        self.after(delay, Happening::Client { client, life, step });
    }

    pub(super) fn token_comes(
        &mut self,
        client: usize,
        life: u64,
        token: String,
        secret: String,
        expires_at: Timestamp,
    ) {
        if self.strikes(self.plan.chances.lose_token) {
            self.count("a new token was lost on its way");
            return self.no_token(client, life, false);
        }
        let delay = 1 + self.below(40);
        let step = Inner::Refreshed { token, secret, expires_at };
        self.after(delay, Happening::Client { client, life, step });
    }

    fn opened(&mut self, client: usize) {
        let unreachable = self.clients[client].offline_until > self.now || !self.is_serving();
        if unreachable || self.clients[client].conn.is_some() {
            self.feed(client, Event::Lost);
            return;
        }
        let conn = self.network.connect(client);
        self.clients[client].conn = Some(conn);
        self.note(client, format_args!("connects ({conn})"));
        self.feed(client, Event::Opened);
    }

    /// The client closes its end.
    fn leave(&mut self, conn: Conn) {
        let Some(line) = self.network.get_mut(conn) else { return };
        if line.dead {
            // Nobody hears of it: the server finds out by itself.
            line.left = true;
            return;
        }
        self.network.remove(conn);
        self.server.closed(conn, self.now);
    }

    fn send(&mut self, client: usize, request: &confab_protocol::Request) {
        let Some(conn) = self.clients[client].conn else { return };
        let kept = self.clients[client].is_on_disk(request);
        self.hold(kept);
        let text = request.encode();
        let text = if self.clients[client].program.next_level { levels::request(&text) } else { text };
        self.carry(conn, Way::Up, text);
    }

    pub(super) fn client_hears(&mut self, conn: Conn, text: &str) {
        let Some(line) = self.network.get(conn).filter(|line| !line.dead && !line.left) else { return };
        let client = line.client;
        if self.clients[client].conn != Some(conn) {
            return;
        }
        self.log(format_args!("{conn} < {text}"));
        let frame = ServerFrame::decode(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        self.watch.heard(client, text);
        self.feed(client, Event::Frame(frame));
    }

    pub(super) fn online(&mut self, client: usize) {
        if self.clients[client].is_up() && self.clients[client].offline_until <= self.now {
            self.feed(client, Event::Nudge);
        }
    }
}
