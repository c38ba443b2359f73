//! Requests: what a session does with each before it gets to the rules.

use confab_domain::account;
use confab_domain::name::identity_key;
use confab_protocol::method::{Nothing, PingResult, TokenRenewResult};
use confab_protocol::{Answer, Call, ErrorCode, Request, Response, Timestamp, WireError, limits};

use super::group::Errand;
use super::{Server, Session, Stage, since};
use crate::network::Conn;

/// What stands in an access token here: who, on which device, until when.
pub(super) struct Token {
    pub(super) user: confab_protocol::UserSid,
    pub(super) device: confab_protocol::DeviceSid,
    pub(super) expires_at: Timestamp,
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let user = parts.next()?.parse().ok()?;
        let device = parts.next()?.parse().ok()?;
        let expires_at = Timestamp(parts.next()?.parse().ok()?);
        Some(Self { user, device, expires_at })
    }
}

impl Server {
    pub(super) fn take(
        &mut self,
        conn: Conn,
        client: usize,
        request: Request,
        now: Timestamp,
        true_now: Timestamp,
    ) {
        let Request { id, call } = request;
        let is_greeting = self.group.iter().any(|errand| errand.greets(conn));
        if let Call::Hello(hello) = &call {
            // A greeting that arrives twice greets once.
            if self.sessions.contains_key(&conn) || is_greeting {
                return;
            }
            return match Token::parse(&hello.token) {
                Some(token) if token.expires_at > now => {
                    self.group.push(Errand::hello(conn, id, token, true_now));
                }
                Some(_) => self.refuse(conn, id, ErrorCode::TokenExpired.into()),
                None => self.refuse(conn, id, ErrorCode::Unauthenticated.into()),
            };
        }
        let Some(session) = self.sessions.get_mut(&conn) else {
            // What overtakes the greeting is lost, as it would be between two computers that reorder.
            return;
        };
        self.asked.insert((conn, id), call.clone());
        if session.stage == Stage::Expired && !matches!(call, Call::TokenRenew(_) | Call::Ping(_)) {
            return session.queued.answer(id, Err(ErrorCode::TokenExpired.into()));
        }
        if confab_domain::is_mutation(&call) || matches!(call, Call::UserSetPassword(_)) {
            return self.group.push(Errand::mutation(conn, client, id, call));
        }
        self.ask(conn, id, &call, now, true_now);
    }

    fn refuse(&mut self, conn: Conn, id: u64, error: WireError) {
        self.own_frame(conn, Response { id, outcome: Err(error) }.encode());
    }

    fn ask(&mut self, conn: Conn, id: u64, call: &Call, now: Timestamp, true_now: Timestamp) {
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        let (name, actor) = (session.queued.id(), session.queued.actor().clone());
        let outcome = match call {
            Call::InterestSet(wish) => {
                return self.hub.interest(name, id, wish.clone(), since(true_now));
            }
            Call::PresenceSubscribe(wish) => {
                let read = self.db.read();
                let known = |identity: &String| {
                    let user = read.user_by_key(&identity_key(identity)).expect("the store can be read")?;
                    Some((user.sid, user.identity, user.version))
                };
                let people = wish.identities.iter().filter_map(known).collect();
                return self.hub.subscribe(name, id, people, since(true_now));
            }
            Call::Ping(_) => {
                Ok(Answer::Ping(PingResult { now, reconnect_spread_ms: limits::RECONNECT_SPREAD_MS }))
            }
            Call::TokenRenew(renewal) => renew(session, &renewal.token, now),
            Call::TypingStart(place) => match account::may_type(&actor, place.conversation, self.db.read()) {
                Ok(participants) => {
                    self.hub.typing(name, place.conversation, participants, since(true_now));
                    Ok(Answer::TypingStart(Nothing {}))
                }
                Err(error) => Err(error.to_wire()),
            },
            call => {
                let call = Box::new(call.clone());
                return self.readings.push(Reading {
                    life: self.life,
                    conn,
                    request: id,
                    call,
                    now,
                    found: None,
                });
            }
        };
        if let Some(session) = self.sessions.get(&conn) {
            session.queued.answer(id, outcome);
        }
    }
}

/// A read on its way through a reader: it is read at one time and answered at a later one.
pub(crate) struct Reading {
    life: u64,
    conn: Conn,
    request: u64,
    call: Box<Call>,
    now: Timestamp,
    found: Option<(Result<Answer, WireError>, u64)>,
}

impl Server {
    /// Reads that have begun: what they found is to be answered a little later.
    pub(crate) fn begun(&mut self) -> Vec<Reading> {
        let mut readings = std::mem::take(&mut self.readings);
        readings.iter_mut().for_each(|reading| self.read_for(reading));
        readings
    }

    fn read_for(&self, reading: &mut Reading) {
        let Some(session) = self.sessions.get(&reading.conn) else { return };
        let purges = session.queued.purges();
        let found = confab_domain::answer(session.queued.actor(), &reading.call, reading.now, self.db.read());
        reading.found = Some((found.map_err(|error| error.to_wire()), purges));
    }

    /// Answers a read; what was overtaken by the end of a membership is read anew.
    pub(crate) fn answered(&self, mut reading: Reading) {
        if reading.life != self.life {
            return;
        }
        while let (Some(session), Some((found, purges))) =
            (self.sessions.get(&reading.conn), reading.found.take())
        {
            match found {
                Ok(answer) => {
                    if session.queued.answer_read(reading.request, &reading.call, answer, purges) {
                        return;
                    }
                    self.read_for(&mut reading);
                }
                Err(error) => return session.queued.answer(reading.request, Err(error)),
            }
        }
    }
}

fn renew(session: &mut Session, text: &str, now: Timestamp) -> Result<Answer, WireError> {
    let token = Token::parse(text).ok_or(ErrorCode::Unauthenticated)?;
    let actor = session.queued.actor();
    if token.user != actor.user || Some(token.device) != actor.device {
        return Err(ErrorCode::Unauthenticated.into());
    }
    if token.expires_at <= now {
        return Err(ErrorCode::TokenExpired.into());
    }
    (session.expires_at, session.stage) = (token.expires_at, Stage::Fresh);
    Ok(Answer::TokenRenew(TokenRenewResult { token_expires_at: token.expires_at }))
}
