//! The machine: events in, effects out. Its parts are models that know nothing of each other; here they meet.

mod answers;
mod caching;
mod commands;
mod connection;
mod conversations;
mod delivery;
mod files;
mod gaps;
mod loading;
mod log;
mod membership;
mod news;
mod notify;
mod own_state;
mod past_files;
mod people;
mod program;
mod rights;
mod roles;
mod rows;
mod signals;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use confab_protocol::model::{self, User};
use confab_protocol::{
    Answer, Call, ClientId, ConversationSid, Epoch, ErrorCode, Timestamp, WireError, WorkspaceSid,
};
use serde_json::{Map, Value};

use crate::attached::Attached;
use crate::book::{Book, Maker};
use crate::clock::Clock;
use crate::command::CommandAnswer;
use crate::cx::Cx;
use crate::drafts::Drafts;
use crate::effect::{Effect, Timer};
use crate::event::Event;
use crate::key::Key;
use crate::link::{Link, Phase};
use crate::news::News;
use crate::notes::Notes;
use crate::outbox::Outbox;
use crate::people::People;
use crate::requests::Asked;
use crate::roles::Roles;
use crate::roster::Roster;
use crate::settings::Settings;
use crate::shown::Shown;
use crate::stored::{CacheWrite, CachedMeta, Restored, StoredDraft};
use crate::timeline::Window;
use crate::typing::Typing;
use crate::view::{Problem, ViewDiff};
use crate::waiting::{self, Asks, Waiting};

/// Who is signed in where.
#[derive(Debug)]
struct Account {
    workspace: WorkspaceSid,
    workspace_name: String,
    identity: String,
    me: Option<User>,
}

/// Where the local copy stands.
#[derive(Debug, Default)]
struct Standing {
    epoch: Option<Epoch>,
    /// None until all conversations were listed once.
    cursor: Option<u64>,
    /// The cursor to keep when the listing has come to its end.
    first_cursor: Option<u64>,
    state_version: u64,
    /// What is known of all conversations is what the server has, or had when there last was a connection.
    listed: bool,
}

/// The open conversation.
#[derive(Debug)]
struct Open {
    key: Key,
    window: Window,
    /// None until the cache has said what it holds.
    roster: Option<Roster>,
    /// The window has jumped: what was shown of it is void.
    jumped: bool,
    /// Something was refused for now: it is asked for again later, not at once.
    stalled: bool,
}

/// What the person looks at.
#[derive(Debug, Default)]
struct Looking {
    focused: bool,
    rows: Vec<Key>,
    people: Vec<String>,
    /// What the server was told of it.
    told: Option<(Option<ConversationSid>, Vec<ConversationSid>)>,
    /// It was refused for now, or who is there was.
    refused: bool,
}

/// What has to be shown anew.
#[derive(Debug, Default)]
struct Dirty {
    conversations: BTreeSet<Key>,
    people: BTreeSet<String>,
    timeline: bool,
    roster: bool,
    settings: bool,
    roles: bool,
    /// All conversations.
    everything: bool,
}

/// What the event that is being handled asks for.
#[derive(Debug, Default)]
struct Out {
    effects: Vec<Effect>,
    cache: Vec<CacheWrite>,
    /// Conversations that the cache has to hold as they are in the end.
    rows: BTreeSet<Key>,
    /// Where the cache stands has changed.
    meta: bool,
    /// What programs are told.
    news: Vec<News>,
    /// What comes after the view.
    last: Vec<Effect>,
}

/// The client of one person in one workspace.
#[derive(Debug)]
pub struct Machine {
    account: Account,
    standing: Standing,
    clock: Clock,
    link: Link,
    book: Book,
    open: Option<Open>,
    looking: Looking,
    outbox: Outbox,
    drafts: Drafts,
    attached: Attached,
    settings: Settings,
    people: People,
    roles: Roles,
    typing: Typing,
    notes: Notes,
    waiting: Waiting,
    /// What programs are told; none when there are none.
    follower: Option<news::Follower>,
    shown: Shown,
    dirty: Dirty,
    /// Conversations in which something may be missing.
    touched: BTreeSet<Key>,
    /// Questions to the cache and the server for pages, numbered over the life of the machine.
    last_number: u64,
    /// Attempts at sending what was refused for now.
    attempts: u32,
    /// The timer for horizons is set.
    horizons_due_soon: bool,
    /// The timer for sending drafts is set.
    drafts_due_soon: bool,
    /// Drafts are sent in the course of this event.
    drafts_due_now: bool,
    /// A draft was typed in since the timer went off.
    draft_keys_pressed: bool,
    /// Restored entries whose fate is known from the cache.
    delivered: Vec<ClientId>,
    out: Out,
}

impl Machine {
    /// A machine that has what was restored, and has not begun.
    #[must_use]
    pub fn new(restored: Restored) -> Self {
        let Restored { workspace, workspace_name, identity, token, meta, .. } = restored;
        let me = meta.as_ref().map(|meta| meta.me.clone());
        let clock = Clock::restored(meta.as_ref().map_or(0, |meta| meta.ahead_ms));
        let roles = Roles::new(meta.as_ref().map(|meta| meta.roles.clone()).unwrap_or_default());
        let standing = meta.map_or_else(Standing::default, |meta| Standing {
            epoch: Some(meta.epoch),
            cursor: meta.cursor,
            first_cursor: None,
            state_version: meta.state_version,
            listed: false,
        });
        let epoch = standing.epoch;
        let mut machine = Self {
            people: People::new(restored.users.into_iter().chain(me.clone())),
            account: Account { workspace, workspace_name, identity, me },
            standing,
            clock,
            link: Link::new(token),
            book: Book::new(Maker { workspace, user: restored.user }, restored.conversations),
            open: None,
            looking: Looking::default(),
            outbox: Outbox::new(restored.outbox, epoch),
            drafts: Drafts::default(),
            attached: Attached::default(),
            settings: Settings::new(restored.settings),
            roles,
            typing: Typing::default(),
            notes: Notes::default(),
            waiting: Waiting::default(),
            follower: None,
            shown: Shown::default(),
            dirty: Dirty { everything: true, ..Dirty::default() },
            touched: BTreeSet::new(),
            last_number: 0,
            attempts: 0,
            horizons_due_soon: false,
            drafts_due_soon: false,
            drafts_due_now: false,
            draft_keys_pressed: false,
            delivered: restored.delivered,
            out: Out::default(),
        };
        machine.place_everything(restored.drafts, &restored.cached_drafts);
        machine
    }

    /// Takes an event. The effects are to be carried out in their order.
    pub fn handle(&mut self, event: Event, cx: &mut Cx<'_>) -> Vec<Effect> {
        // From here on the time is the server's.
        cx.now = self.clock.read(cx.now);
        match event {
            Event::Start => self.start(cx),
            Event::Command { ticket, command } => self.command(ticket, command, cx),
            Event::Request { ticket, call } => self.request(ticket, *call),
            Event::Post { ticket, post } => self.post(ticket, *post, cx),
            Event::Unpost { ticket, entry } => self.unpost(ticket, entry),
            Event::TokenGiven { ticket, token } => self.token_given(ticket, token),
            Event::Opened => self.opened(),
            Event::Frame(frame) => self.frame(frame, cx),
            Event::Lost => self.lost(cx),
            Event::TokenReady(token) => self.token_ready(token),
            Event::TokenFailed { refusal } => self.token_failed(refusal, cx),
            Event::Timer(timer) => self.timer(timer, cx),
            Event::Persisted { write } => self.persisted(write),
            Event::PersistFailed { problem, .. } => self.persist_failed(problem),
            Event::Uploading { entry, media, bytes } => self.uploading(entry, media, bytes),
            Event::Uploaded { entry, result } => self.uploaded(entry, result, cx),
            Event::CacheRead(page) => self.cache_read(page),
            Event::CacheEmpty => self.cache_emptied(),
            Event::Nudge => self.nudge(),
            Event::Shutdown => self.shutdown(),
        }
        self.settle(cx);
        self.finish(cx.now)
    }

    /// Everything that is shown, for a window that knows nothing. Begins with `Reset`.
    #[must_use]
    pub fn snapshot(&self) -> Vec<ViewDiff> {
        self.shown.snapshot()
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        for id in std::mem::take(&mut self.delivered) {
            self.outbox.delivered(id, cx.now);
        }
        self.show_wishes();
        self.tell_everything();
        self.out.timer(Timer::Acknowledged, delivery::FORGET_MS);
        self.connect();
    }

    fn timer(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        match timer {
            Timer::Reconnect => self.reconnect_due(),
            Timer::Heartbeat => self.heartbeat(cx),
            Timer::Typing => self.typing_due(),
            Timer::Drafts => self.write_drafts(),
            Timer::SendDrafts => self.drafts_due(cx),
            Timer::Horizons => self.horizons_due(),
            Timer::Outbox => self.outbox.try_again(),
            Timer::Refetch => self.refetch(),
            Timer::Persist => self.persist_again(),
            Timer::Waiting => self.waited(),
            Timer::Acknowledged => {
                self.forget_old();
                self.out.timer(Timer::Acknowledged, delivery::FORGET_MS);
            }
        }
    }

    /// Whoever has waited for a minute is not kept any longer.
    fn waited(&mut self) {
        let (tickets, more) = self.waiting.look();
        for (ticket, asks) in tickets {
            self.nobody_answers(ticket, asks);
        }
        if more {
            self.out.timer(Timer::Waiting, waiting::TICK_MS);
        }
    }

    fn nobody_answers(&mut self, ticket: u64, asks: Asks) {
        match asks {
            Asks::Person => self.out.answer(ticket, Err(offline())),
            Asks::Program => self.out.answered(ticket, None),
        }
    }

    /// What follows from what happened: whatever can go goes, whatever is missing is asked for.
    fn settle(&mut self, cx: &mut Cx<'_>) {
        if self.drafts_due_now {
            self.send_drafts(cx);
        }
        self.deliver();
        if self.link.is_online() {
            self.wait_for_horizons();
            self.wait_for_drafts();
            self.mend_gaps();
            self.fetch_roles();
            self.fetch_roster();
            self.fetch_people();
            self.tell_interest();
        }
        if let Some(after_ms) = self.typing.wait(cx.now) {
            self.out.timer(Timer::Typing, after_ms);
        }
    }

    fn finish(&mut self, now: Timestamp) -> Vec<Effect> {
        self.show(now);
        let mut effects = Vec::new();
        if let Some((write, writes)) = self.outbox.take_writes(|place| self.book.sid_of(place)) {
            effects.push(Effect::OutboxWrite { write, writes });
        }
        self.tell_programs();
        let Out { effects: middle, mut cache, rows, meta, news, last } = std::mem::take(&mut self.out);
        let rows = rows.into_iter().filter_map(|key| self.book.get(key)?.cached());
        cache.extend(rows.map(|row| CacheWrite::Conversation(Box::new(row))));
        // Last: a cursor must not be ahead of what it stands for.
        cache.extend(self.meta().filter(|_| meta).map(|meta| CacheWrite::Meta(Box::new(meta))));
        if !cache.is_empty() {
            effects.push(Effect::CacheWrite(cache));
        }
        effects.extend(middle);
        let diffs = self.shown.take();
        if !diffs.is_empty() {
            effects.push(Effect::View(diffs));
        }
        if !news.is_empty() {
            effects.push(Effect::News(news));
        }
        effects.extend(last);
        effects
    }

    /// Makes a request when there is a connection that takes any.
    fn ask(&mut self, call: Call, asked: Asked) -> bool {
        let line = match &mut self.link.phase {
            Phase::Greeting(line) => line,
            Phase::Online(session) => &mut session.line,
            _ => return false,
        };
        let request = line.ask(call, asked);
        self.out.effects.push(Effect::Send(Box::new(request)));
        true
    }

    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Shows a conversation anew.
    fn changed(&mut self, key: Key) {
        self.dirty.conversations.insert(key);
        if self.open.as_ref().is_some_and(|open| open.key == key) {
            (self.dirty.timeline, self.dirty.roster) = (true, true);
        }
    }

    /// The same, and the cache has to know.
    fn learned(&mut self, key: Key) {
        self.changed(key);
        self.touched.insert(key);
        self.out.rows.insert(key);
    }

    fn meta(&self) -> Option<CachedMeta> {
        let (cursor, state_version) = (self.standing.cursor, self.standing.state_version);
        let (epoch, me) = (self.standing.epoch?, self.account.me.clone()?);
        let (ahead_ms, roles) = (self.clock.ahead_ms(), self.roles.cached());
        Some(CachedMeta { epoch, cursor, state_version, me, ahead_ms, roles })
    }

    /// The open conversation, if it is this one.
    fn open_at(&mut self, key: Key) -> Option<&mut Open> {
        self.open.as_mut().filter(|open| open.key == key)
    }

    /// Conversations of which only the outbox or the drafts know get their row.
    fn place_everything(&mut self, typed: Vec<StoredDraft>, cached: &[model::Draft]) {
        for (id, sid) in self.outbox.made() {
            self.book.made(id, sid);
        }
        for id in self.outbox.makings() {
            self.book.making(id);
        }
        self.outbox.rekey(|place| self.book.key_of(place));
        self.drafts = Drafts::new(typed, cached, |place| self.book.key_of(place));
        self.place(self.drafts.places().collect());
        self.place_entries();
    }

    /// Those of which only the outbox knows.
    fn place_entries(&mut self) {
        let entries = self.outbox.entries().filter(|entry| entry.is_open());
        self.place(entries.filter_map(crate::outbox::Entry::place).collect());
    }

    fn place(&mut self, places: Vec<Key>) {
        for place in places {
            match place {
                Key::Sid(sid) => self.book.met(sid),
                Key::Made(id) => self.book.making(id),
            };
        }
    }

    #[cfg(test)]
    fn entries(&self) -> impl Iterator<Item = &crate::stored::OutboxEntry> {
        self.outbox.entries().map(|entry| &entry.stored)
    }

    fn say(&mut self, problem: Problem) {
        self.shown.say(ViewDiff::Notice { problem });
    }
}

impl Out {
    fn timer(&mut self, timer: Timer, after_ms: u64) {
        self.effects.push(Effect::SetTimer { timer, after_ms });
    }

    fn answered(&mut self, ticket: u64, result: Option<Result<Answer, WireError>>) {
        self.last.push(Effect::Answered { ticket, result: result.map(Box::new) });
    }

    fn answer(&mut self, ticket: u64, result: Result<CommandAnswer, Problem>) {
        self.last.push(Effect::Answer { ticket, result });
    }
}

/// A problem with one parameter.
fn problem(code: &str, name: &str, value: impl Into<Value>) -> Problem {
    Problem { code: code.to_owned(), params: Map::from_iter([(name.to_owned(), value.into())]) }
}

/// Whether the same question may be answered a little later. A token that has ended is being replaced.
fn passes(error: &WireError) -> bool {
    error.code.is_passing() || error.code == ErrorCode::TokenExpired
}

/// A problem of the wire.
fn refused(error: WireError) -> Problem {
    error.into()
}

/// What needs a connection and has none.
fn offline() -> Problem {
    Problem { code: "offline".to_owned(), params: Map::new() }
}

/// A draft as the disk holds it, by the key that stays good without the cache.
fn stored_place(book: &Book, key: Key) -> Key {
    book.sid_of(key).map_or(key, Key::Sid)
}
