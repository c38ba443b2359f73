//! Requests on their way on one connection, and what each was for.

use std::collections::BTreeMap;

use confab_protocol::{Answer, Call, ClientId, ConversationSid, Request, WireError};
use serde_json::Value;

use crate::key::Key;

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The greeting.
    Hello,
    /// A renewed token was put to use.
    Renew,
    /// A page of the conversations; the first one's cursor counts.
    List { first: bool },
    /// What moved since the cursor.
    Resume,
    /// One conversation; this version of the own row was the newest that had been heard of.
    Get { conversation: ConversationSid, heard: u64 },
    /// Messages for the window, under its number.
    Page { place: Key, number: u64 },
    /// Messages that changed in an unknown way.
    Rows(Key),
    /// Events that are missing.
    Range(Key),
    /// Rows of a roster.
    Roster(Key),
    /// Roles that people made.
    Roles,
    /// Profiles, by the number of the question.
    Users { question: u64 },
    /// A subscription to presence.
    Presence,
    /// What the person looks at was told.
    Interest,
    /// An entry of the outbox.
    Entry(ClientId),
    /// Something that the person waits for.
    Command { ticket: u64 },
    /// Something that a program waits for.
    Request { ticket: u64 },
    /// A token that a program brought was put to use.
    Given { ticket: u64 },
    /// A sign of life; the answer says what time it is there.
    Ping,
    /// A sign of life because the network may have changed: it is answered soon, or the connection is dead.
    Probe,
    /// Something whose answer says nothing.
    Signal,
}

impl Asked {
    /// It is what a token is shown with, not what is done with one.
    pub(crate) fn brings_token(self) -> bool {
        matches!(self, Self::Hello | Self::Renew | Self::Given { .. })
    }
}

/// The requests of one connection.
#[derive(Debug, Default)]
pub(crate) struct Line {
    last: u64,
    waiting: BTreeMap<u64, Waiting>,
}

/// A request without an answer.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    method: &'static str,
    asked: Asked,
    /// Signs of life given since.
    beats: u64,
}

impl Line {
    /// Makes a request.
    pub(crate) fn ask(&mut self, call: Call, asked: Asked) -> Request {
        self.last += 1;
        self.waiting.insert(self.last, Waiting { method: call.method(), asked, beats: 0 });
        Request { id: self.last, call }
    }

    /// Reads an answer. None when nothing was asked under this id.
    pub(crate) fn answered(
        &mut self,
        id: u64,
        outcome: Result<Value, WireError>,
    ) -> Option<(Asked, Result<Answer, WireError>)> {
        let Waiting { method, asked, .. } = self.waiting.remove(&id)?;
        Some((asked, outcome.and_then(|result| Answer::decode(method, result))))
    }

    /// A sign of life is given: so many of them does the request wait that waits longest.
    pub(crate) fn beat(&mut self) -> u64 {
        self.waiting.values_mut().for_each(|waiting| waiting.beats += 1);
        self.waiting.values().map(|waiting| waiting.beats).max().unwrap_or(0)
    }

    /// Whether an answer of this kind is still to come.
    pub(crate) fn waits_for(&self, asked: Asked) -> bool {
        self.waiting.values().any(|waiting| waiting.asked == asked)
    }

    /// The connection is gone: what will not be answered.
    pub(crate) fn abandon(self) -> impl Iterator<Item = Asked> {
        self.waiting.into_values().map(|waiting| waiting.asked)
    }
}
