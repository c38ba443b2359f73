//! Pushes that are in no log, and what the server is told of the person's attention.

use confab_protocol::event::Signal;
use confab_protocol::method::{InterestSetParams, PresenceSubscribeParams, UserGetParams};
use confab_protocol::model::Head;
use confab_protocol::{Answer, Call, ConversationSid, Push, WireError, limits};

use super::{Machine, passes};
use crate::cx::Cx;
use crate::key::Key;
use crate::news::News;
use crate::requests::Asked;

impl Machine {
    pub(super) fn push(&mut self, push: Push, cx: &mut Cx<'_>) {
        match push {
            Push::Log(event) => self.pushed(&event, cx),
            Push::Signal(signal) => self.signal(signal, cx),
            Push::Unknown { .. } => {}
        }
    }

    fn signal(&mut self, signal: Signal, cx: &mut Cx<'_>) {
        match signal {
            Signal::RosterChanged { conversation, from, to, rows } => {
                let key = self.book.met(conversation);
                self.roster_moved(key, from, to, &rows);
            }
            Signal::StateChanged { from, to, rows, drafts, settings } => {
                self.own_state(&drafts, &settings);
                self.state_changed(from, to, rows);
            }
            Signal::UserChanged { users } => {
                self.told_of_people();
                for user in &users {
                    self.learn_user(user);
                }
            }
            Signal::RolesChanged { from, to, roles, removed } => {
                self.roles_pushed(from, to, roles, &removed);
            }
            Signal::TypingStarted { conversation, identity, timeout_ms } => {
                let key = self.book.key_of(Key::Sid(conversation));
                if identity != self.account.identity && self.book.get(key).is_some() {
                    self.people.meet(&identity, 0);
                    self.typing.started(key, &identity, timeout_ms, cx.now);
                    self.dirty.conversations.insert(key);
                    self.news(News::Typing { conversation, identity, typing: true });
                }
            }
            Signal::PresenceChanged { people } => {
                self.told_of_people();
                self.presence(people);
            }
            Signal::Heartbeat { heads, number, state_version, roles_version, people } => {
                self.heads(&heads);
                if let Some(version) = roles_version {
                    self.roles.hear(version);
                }
                self.heartbeat_told(number, state_version, people);
            }
            Signal::TokenAboutToExpire { expires_at } => {
                self.news(News::TokenAboutToExpire { expires_at });
                self.token_ends();
            }
            Signal::TokenExpired {} => {
                self.news(News::TokenExpired);
                self.token_ends();
            }
            Signal::Lagged {} => {
                self.looking.told = None;
                self.ask_of_people_anew();
                self.resume();
            }
            Signal::Closing { reason } => self.closing(reason),
        }
    }

    fn ask_of_people_anew(&mut self) {
        self.people.resubscribe();
        self.people.want(&self.account.identity);
    }

    fn told_of_people(&mut self) {
        if let Some(session) = self.link.session() {
            session.people += 1;
        }
    }

    fn state_changed(&mut self, from: u64, to: u64, rows: Vec<confab_protocol::model::UserConversation>) {
        for row in rows {
            self.own_row(row);
        }
        if self.standing.state_version >= from {
            self.standing.state_version = self.standing.state_version.max(to);
            self.out.meta = true;
        } else {
            self.resume();
        }
    }

    /// A heartbeat that was lost, or a row of one's own state, is made up for by asking what moved. One that arrives twice or
    /// late says nothing.
    fn heartbeat_told(&mut self, number: u64, state_version: Option<u64>, people: Option<u64>) {
        let Some(session) = self.link.session() else { return };
        let skipped = number > session.beats + 1;
        let is_late = number <= session.beats && number > 0;
        session.beats = session.beats.max(number);
        // A server that does not count may have lost something with the heartbeat.
        let lost = people.map_or(skipped, |told| !is_late && told != session.people);
        if lost {
            session.people = people.unwrap_or(session.people);
            // What tells of people is the first to be lost, and carries no version of all of them.
            self.ask_of_people_anew();
        }
        if skipped || state_version.is_some_and(|version| version > self.standing.state_version) {
            self.resume();
        }
    }

    /// Logs and rosters stand at least here.
    fn heads(&mut self, heads: &[Head]) {
        for head in heads {
            let (conversation, version) = (head.conversation, head.roster_version);
            self.news(News::RosterAt { conversation, version });
            let key = self.book.met(head.conversation);
            self.touched.insert(key);
            if let Some(held) = self.book.get_mut(key) {
                held.heard = held.heard.max(head.version);
                if let Some(row) = &mut held.row {
                    row.roster_version = row.roster_version.max(head.roster_version);
                }
            }
        }
    }

    pub(super) fn typing_due(&mut self) {
        let typists = self.typing.expire();
        self.stopped_typing(typists);
    }

    pub(super) fn stopped_typing(&mut self, typists: Vec<(Key, String)>) {
        for (key, identity) in typists {
            self.dirty.conversations.insert(key);
            if let Some(conversation) = self.book.sid_of(key) {
                self.news(News::Typing { conversation, identity, typing: false });
            }
        }
    }

    /// Asks for profiles that are missing or stale.
    pub(super) fn fetch_people(&mut self) {
        while let Some((question, identities)) = self.people.question() {
            let params = UserGetParams { identities, ..UserGetParams::default() };
            self.ask(Call::UserGet(params), Asked::Users { question });
        }
    }

    pub(super) fn profiles(&mut self, question: u64, answer: Result<Answer, WireError>) {
        if let Err(error) = &answer
            && passes(error)
        {
            self.people.put_off(question);
            return self.refetch_later();
        }
        self.people.answered(question);
        if let Ok(Answer::UserGet(found)) = answer {
            for user in &found.users {
                self.learn_user(user);
            }
        }
    }

    /// What the person looks at could not be told, or who is there not be said: both are asked again after a while.
    pub(super) fn interest_refused(&mut self, error: &WireError) {
        if passes(error) {
            self.looking.refused = true;
            self.refetch_later();
        }
    }

    /// It is time to ask again for what was refused for now.
    pub(super) fn ask_people_again(&mut self) {
        self.people.ask_again();
        if std::mem::take(&mut self.looking.refused) {
            self.looking.told = None;
            self.people.resubscribe();
        }
    }

    /// Tells the server what the person looks at, when that has changed.
    pub(super) fn tell_interest(&mut self) {
        let sid = |key: &Key| self.book.sid_of(*key);
        let joined = |key: &Key| self.book.get(*key).is_some_and(crate::book::Conversation::is_joined);
        let open = self.open.as_ref().map(|open| open.key).filter(joined).as_ref().and_then(sid);
        let rows: Vec<ConversationSid> =
            self.looking.rows.iter().filter(|key| joined(key)).filter_map(sid).collect();
        let followed = self.followed_rows();
        let rosters = followed.is_some();
        let told = (open, followed.unwrap_or(rows));
        if self.looking.told.as_ref() != Some(&told) {
            let params = InterestSetParams { open: told.0, rows: told.1.clone(), rosters };
            self.ask(Call::InterestSet(params), Asked::Interest);
            self.looking.told = Some(told);
        }
        let wanted = self.people_shown();
        if let Some(identities) = self.people.subscribe(wanted) {
            self.ask(Call::PresenceSubscribe(PresenceSubscribeParams { identities }), Asked::Presence);
        }
    }

    /// Those whose presence is shown: whom the interface names, then participants of the open conversation.
    fn people_shown(&self) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        let roster =
            self.open.as_ref().and_then(|open| open.roster.as_ref()).filter(|roster| roster.is_complete());
        let present = roster.into_iter().flat_map(|roster| roster.present().map(|row| &row.identity));
        for identity in self.looking.people.iter().chain(present) {
            let new = *identity != self.account.identity && !wanted.contains(identity);
            if new && wanted.len() < limits::INTEREST {
                wanted.push(identity.clone());
            }
        }
        wanted
    }
}
