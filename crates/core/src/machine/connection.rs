//! Connecting, greeting, staying alive, losing it, coming back.

use confab_probe::{Fault, is_broken};
use confab_protocol::event::CloseReason;
use confab_protocol::method::{HelloParams, HelloResult, Nothing, PingResult, TokenRenewParams};
use confab_protocol::model::Presence;
use confab_protocol::{Call, Capability, ErrorCode, ServerFrame, VersionRange, WireError, limits};

use super::{Machine, refused};
use crate::cx::Cx;
use crate::effect::{Effect, Timer};
use crate::event::AccessToken;
use crate::link::{Phase, Renewal, Session, Sync};
use crate::news::News;
use crate::requests::{Asked, Line};

/// How long the answer to a sign of life may take after the network changed, in milliseconds.
const PROBE_MS: u64 = 5_000;
/// No server may keep its clients away for longer than this, in milliseconds.
const LONGEST_SPREAD_MS: u64 = 60_000;

impl Machine {
    /// Takes the next step towards a connection.
    pub(super) fn connect(&mut self) {
        self.out.effects.push(Effect::CancelTimer(Timer::Reconnect));
        if self.link.token.is_some() {
            self.link.phase = Phase::Dialling;
            self.out.effects.push(Effect::Connect);
        } else {
            self.link.phase = Phase::Token;
            self.refresh_token();
        }
    }

    pub(super) fn refresh_token(&mut self) {
        if self.link.renewal != Renewal::Asked {
            self.link.renewal = Renewal::Asked;
            self.out.effects.push(Effect::RefreshToken);
        }
    }

    pub(super) fn reconnect_due(&mut self) {
        if matches!(self.link.phase, Phase::Waiting { .. }) {
            self.connect();
        }
    }

    pub(super) fn nudge(&mut self) {
        match &mut self.link.phase {
            // A server that has said when to come would only say so again.
            Phase::Waiting { told: true, .. } => {}
            // What was begun over the network that was, or before the night, may never be answered.
            Phase::Waiting { .. } | Phase::Dialling => self.connect_anew(),
            Phase::Greeting(_) => {
                self.drop_line();
                self.out.effects.push(Effect::Disconnect);
                self.connect_anew();
            }
            // Nobody can take the question for a token back: when it has failed, the next one goes at once.
            Phase::Token => self.link.nudged = true,
            // A connection may have died in the night, or with the network that it went over: an early sign of life finds out.
            Phase::Online(_) => self.probe(),
            _ => {}
        }
    }

    /// How often it failed before says nothing of the network that there is now.
    fn connect_anew(&mut self) {
        self.link.begin_anew();
        self.connect();
    }

    /// The person wants it now, also after it was denied.
    pub(super) fn reconnect_wanted(&mut self) {
        if matches!(self.link.phase, Phase::Denied | Phase::Ended | Phase::Waiting { .. }) {
            self.connect();
        } else {
            self.nudge();
        }
    }

    pub(super) fn token_ready(&mut self, token: AccessToken) {
        (self.link.renewal, self.link.no_room) = (Renewal::Idle, None);
        let secret = token.secret.clone();
        self.link.token = Some(token);
        match self.link.phase {
            Phase::Token => self.connect(),
            Phase::Online(_) => {
                self.ask(Call::TokenRenew(TokenRenewParams { token: secret }), Asked::Renew);
            }
            _ => {}
        }
    }

    pub(super) fn token_failed(&mut self, refusal: Option<WireError>, cx: &mut Cx<'_>) {
        self.link.renewal = Renewal::Failed;
        let code = refusal.as_ref().map(|refusal| refusal.code);
        self.link.no_room = refusal.filter(|refusal| refusal.code == ErrorCode::StorageFull).map(refused);
        if let Some(ErrorCode::Denied | ErrorCode::Deactivated) = code {
            self.deny();
        } else if matches!(self.link.phase, Phase::Token) {
            if std::mem::take(&mut self.link.nudged) {
                return self.connect_anew();
            }
            self.wait(None, cx);
        } else if self.link.is_online() {
            self.refetch_later();
        }
    }

    /// The tokens are no longer good. Nothing is deleted: what is not sent goes out after signing in again.
    pub(super) fn deny(&mut self) {
        let problem = refused(ErrorCode::Denied.into());
        self.news(News::Refused { terminal: true, problem });
        for (ticket, asks) in self.waiting.give_up() {
            self.nobody_answers(ticket, asks);
        }
        self.link.token = None;
        self.drop_line();
        self.out.effects.push(Effect::Disconnect);
        self.link.phase = Phase::Denied;
    }

    /// Waits for the next attempt; for as long as the server says, when it says so.
    fn wait(&mut self, told_ms: Option<u64>, cx: &mut Cx<'_>) {
        let after_ms = match told_ms {
            Some(told_ms) => self.link.next_wait_told(told_ms, cx),
            None => self.link.next_wait(cx),
        };
        let retry_at = self.clock.here(cx.now.plus(after_ms));
        self.link.phase = Phase::Waiting { retry_at, told: told_ms.is_some() };
        self.out.timer(Timer::Reconnect, after_ms);
    }

    pub(super) fn opened(&mut self) {
        if !matches!(self.link.phase, Phase::Dialling) {
            return;
        }
        let Some(token) = &self.link.token else { return };
        let hello = HelloParams {
            versions: VersionRange::OURS,
            capabilities: Capability::OURS.to_vec(),
            token: token.secret.clone(),
            client: concat!("confab/", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        self.link.phase = Phase::Greeting(Line::default());
        self.ask(Call::Hello(hello), Asked::Hello);
        // A server that takes the connection and says nothing is as good as none.
        self.out.timer(Timer::Heartbeat, limits::DEAD_AFTER_MS);
    }

    pub(super) fn lost(&mut self, cx: &mut Cx<'_>) {
        match self.link.phase {
            Phase::Dialling | Phase::Greeting(_) | Phase::Online(_) => {
                self.drop_line();
                self.wait(None, cx);
            }
            Phase::Ending => self.link.phase = Phase::Ended,
            Phase::Idle | Phase::Waiting { .. } | Phase::Token | Phase::Ended | Phase::Denied => {}
        }
    }

    /// Gives the connection up and waits for the next attempt.
    fn hang_up(&mut self, told_ms: Option<u64>, cx: &mut Cx<'_>) {
        self.drop_line();
        self.out.effects.push(Effect::Disconnect);
        self.wait(told_ms, cx);
    }

    /// Forgets everything that was true only on this connection.
    fn drop_line(&mut self) {
        self.out.effects.push(Effect::CancelTimer(Timer::Heartbeat));
        let line = match std::mem::take(&mut self.link.phase) {
            Phase::Online(session) => {
                self.link.was_up = true;
                session.line
            }
            Phase::Greeting(line) => line,
            _ => return,
        };
        for asked in line.abandon() {
            self.abandoned(asked);
        }
        self.outbox.connection_lost();
        self.looking.told = None;
        self.dirty.people.extend(self.people.connection_lost());
        self.dirty.roster = true;
        let typists = self.typing.connection_lost();
        self.stopped_typing(typists);
    }

    pub(super) fn heartbeat(&mut self, cx: &mut Cx<'_>) {
        let alive = match &mut self.link.phase {
            Phase::Online(session) => session.is_alive(),
            Phase::Greeting(_) => false,
            _ => return,
        };
        if alive { self.ping() } else { self.hang_up(None, cx) }
    }

    fn ping(&mut self) {
        let Some(interval) = self.link.session().map(|session| session.heartbeat_ms) else { return };
        self.ask(Call::Ping(Nothing {}), Asked::Ping);
        self.out.timer(Timer::Heartbeat, interval);
    }

    /// The same, and the answer must be there before the next one. Once at a time: whoever asks without end must not put the
    /// end off.
    fn probe(&mut self) {
        let probed = self.link.session().is_none_or(|session| session.line.waits_for(Asked::Probe));
        if !probed {
            self.ask(Call::Ping(Nothing {}), Asked::Probe);
            self.out.timer(Timer::Heartbeat, PROBE_MS);
        }
    }

    /// A sign of life was answered.
    pub(super) fn ponged(&mut self, pong: PingResult) {
        self.clock.set(pong.now);
        self.spread(pong.reconnect_spread_ms);
    }

    fn spread(&mut self, spread_ms: u64) {
        // A server that names none is of the time before it was named, and a small one.
        let named = if spread_ms == 0 { limits::RECONNECT_SPREAD_MS } else { spread_ms };
        self.link.spread_ms = Some(named.min(LONGEST_SPREAD_MS));
    }

    pub(super) fn frame(&mut self, frame: ServerFrame, cx: &mut Cx<'_>) {
        if let Some(session) = self.link.session() {
            session.silent = 0;
        }
        match frame {
            ServerFrame::Push(push) if self.link.is_online() => self.push(*push, cx),
            ServerFrame::Push(_) => {}
            ServerFrame::Response { id, outcome } => {
                let line = match &mut self.link.phase {
                    Phase::Greeting(line) => line,
                    Phase::Online(session) => &mut session.line,
                    _ => return,
                };
                if let Some((asked, answer)) = line.answered(id, outcome) {
                    self.answered(asked, answer, cx);
                }
            }
        }
    }

    pub(super) fn welcomed(&mut self, hello: HelloResult, cx: &mut Cx<'_>) {
        let Phase::Greeting(line) = std::mem::take(&mut self.link.phase) else { return };
        self.clock.set(hello.now);
        self.spread(hello.reconnect_spread_ms);
        cx.now = hello.now;
        let heartbeat_ms = hello.heartbeat_ms.clamp(1_000, limits::HEARTBEAT_MS);
        let sync = Sync::Resuming { again: false };
        self.link.phase = Phase::Online(Box::new(Session {
            line,
            sync,
            stalls: 0,
            heartbeat_ms,
            silent: 0,
            beats: 0,
            people: 0,
            began: hello.now,
        }));
        if let Some(token) = &mut self.link.token {
            token.expires_at = hello.token_expires_at;
        }
        self.account.workspace_name.clone_from(&hello.workspace.name);
        self.out.effects.push(Effect::Learned(Box::new(hello.workspace)));
        self.out.timer(Timer::Heartbeat, heartbeat_ms);
        if self.standing.epoch.is_some_and(|epoch| epoch != hello.epoch) && !is_broken(Fault::Epoch) {
            self.begin_anew();
        }
        self.standing.epoch = Some(hello.epoch);
        self.roles.hear(hello.roles_version);
        self.send_again(hello.now);
        self.account.me = Some(hello.user.clone());
        self.learn_user(&hello.user);
        self.out.meta = true;
        // Before anything is asked: what the person did counts in what is answered.
        self.deliver();
        self.ask_what_waits();
        self.synchronise();
    }

    /// `hello` was refused.
    pub(super) fn not_welcomed(&mut self, error: WireError, cx: &mut Cx<'_>) {
        let told_ms = retry_after_ms(&error);
        if !matches!(error.code, ErrorCode::Denied | ErrorCode::Deactivated) {
            self.news(News::Refused { terminal: false, problem: refused(error.clone()) });
        }
        match error.code {
            ErrorCode::Denied | ErrorCode::Deactivated => return self.deny(),
            ErrorCode::TokenExpired | ErrorCode::Unauthenticated => self.link.token = None,
            ErrorCode::UnsupportedVersion => self.say(refused(error)),
            _ => {}
        }
        self.hang_up(told_ms, cx);
    }

    /// The access token ends soon, or has ended.
    pub(super) fn token_ends(&mut self) {
        self.refresh_token();
    }

    pub(super) fn closing(&mut self, reason: CloseReason) {
        match reason {
            CloseReason::Revoked => self.deny(),
            CloseReason::TokenExpired => self.link.token = None,
            CloseReason::Stopping | CloseReason::TooSlow | CloseReason::Unknown => {}
        }
    }

    /// People came or went, as was asked for or is pushed.
    pub(super) fn presence(&mut self, people: Vec<Presence>) {
        self.news(News::Presence(people.clone()));
        let changed = self.people.presence(people);
        self.dirty.roster |= !changed.is_empty();
        self.dirty.people.extend(changed);
    }

    pub(super) fn shutdown(&mut self) {
        self.leave_drafts();
        self.outbox.release_horizons(false);
        self.out.effects.push(Effect::CancelTimer(Timer::Reconnect));
        self.out.effects.push(Effect::CancelTimer(Timer::Heartbeat));
        self.out.effects.push(Effect::Disconnect);
        self.link.phase = Phase::Ending;
    }
}

/// How long a server wants to be left alone, in milliseconds, when it says so.
pub(super) fn retry_after_ms(error: &WireError) -> Option<u64> {
    let told = error.params.get("retry_after_ms").and_then(serde_json::Value::as_u64);
    told.map(|told_ms| told_ms.min(LONGEST_SPREAD_MS))
}
