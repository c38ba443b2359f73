//! What is watched while a run goes on: acknowledged writes, texts that go back, horizons that are undone.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use confab_core::command::Command;
use confab_core::view::{MessageState, ViewDiff};
use confab_domain::Event;
use confab_protocol::method::HorizonMode;
use confab_protocol::{Change, ClientId, ConversationSid, UserSid};
use serde_json::Value;

use values::Values;

use crate::client::Client;
use crate::network::Conn;
use crate::promise::{Kept, ensure};
use crate::screen::Screen;
use crate::server::{Happened, HorizonMove, Leaving, Server, client_id};

/// A place up to which somebody has read, and what their device knew of the horizon then.
#[derive(Debug, Clone, Copy)]
struct Reading {
    index: u64,
    known_version: u64,
}

/// What one device has seen and done.
#[derive(Debug, Default)]
struct Device {
    /// Versions of the texts that it has shown, by message.
    shown: BTreeMap<String, u64>,
    /// Versions of the own rows that have reached it.
    known: BTreeMap<ConversationSid, u64>,
    readings: BTreeMap<ConversationSid, Vec<Reading>>,
}

/// The watch over a run.
#[derive(Debug)]
pub(crate) struct Watch {
    devices: Vec<Device>,
    /// The versions in which each text of each message stood.
    texts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Mutations that somebody knows to be applied.
    acknowledged: BTreeSet<(UserSid, ClientId)>,
    restores: u64,
    /// Which device put a horizon somewhere last.
    put_by: BTreeMap<(UserSid, ConversationSid), usize>,
    values: Values,
}

impl Watch {
    pub(crate) fn new(devices: usize) -> Self {
        Self {
            devices: std::iter::repeat_with(Device::default).take(devices).collect(),
            texts: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            put_by: BTreeMap::new(),
            values: Values::default(),
            restores: 0,
        }
    }

    /// A device begins anew: what it showed before was another window.
    pub(crate) fn restarted(&mut self, client: usize) {
        self.devices[client].shown.clear();
    }

    /// The server has gone back in time: versions begin anew, and acknowledgements are void.
    pub(crate) fn restored(&mut self) {
        self.texts.clear();
        self.acknowledged.clear();
        self.put_by.clear();
        self.values = Values::default();
        self.restores += 1;
        for device in &mut self.devices {
            *device = Device::default();
        }
    }

    /// The server has gone back in time at least once.
    pub(crate) fn has_gone_back(&self) -> bool {
        self.restores > 0
    }

    /// A person asks for something. Whoever marks something as read has seen no message there that the server has not.
    pub(crate) fn asked(&mut self, client: usize, of: &Client, command: &Command, server: &Server) {
        let newest = |sid| server.newest(sid);
        match command {
            Command::Read { conversation, index } => self.reads(client, of, conversation, |_| Some(*index)),
            Command::MarkRead { conversation } => self.reads(client, of, conversation, newest),
            Command::MarkAllRead => {
                of.screen.rows.keys().for_each(|conversation| self.reads(client, of, conversation, newest));
            }
            _ => {}
        }
    }

    fn reads(
        &mut self,
        client: usize,
        of: &Client,
        conversation: &str,
        index: impl Fn(ConversationSid) -> Option<u64>,
    ) {
        let sid = of.screen.rows.get(conversation).and_then(|row| row.sid.as_ref()?.parse().ok());
        let Some((sid, index)) = sid.and_then(|sid| Some((sid, index(sid)?))) else { return };
        let device = &mut self.devices[client];
        let known_version = device.known.get(&sid).copied().unwrap_or(0);
        device.readings.entry(sid).or_default().push(Reading { index, known_version });
    }

    /// A frame has reached a device.
    pub(crate) fn heard(&mut self, client: usize, text: &str) {
        if text.contains("\"unread\":")
            && let Ok(value) = serde_json::from_str::<Value>(text)
        {
            own_rows(&value, &mut self.devices[client].known);
        }
    }

    /// What was committed.
    pub(crate) fn committed(&mut self, events: &[Event]) {
        for event in events {
            let Event::Log { event, .. } = event else { continue };
            let (Change::MessageAdded(row) | Change::MessageEdited(row)) = &event.change else { continue };
            if let Some(body) = &row.body {
                self.texts.entry(row.sid.to_string()).or_default().insert(body.clone(), row.version);
            }
        }
    }

    /// A device shows something else.
    pub(crate) fn seen(&mut self, client: usize, screen: &Screen, diffs: &[ViewDiff]) -> Kept {
        let device = &mut self.devices[client];
        for diff in diffs {
            let ViewDiff::Timeline { upsert, .. } = diff else { continue };
            for row in upsert.iter().filter(|row| row.state == MessageState::Sent) {
                let Some(sid) = &row.sid else { continue };
                let Some(version) = self.texts.get(sid).and_then(|texts| texts.get(&row.body)) else {
                    continue;
                };
                let before = device.shown.insert(sid.clone(), *version).unwrap_or(0);
                ensure!(
                    Fresh,
                    before <= *version,
                    "in {:?} message {sid} goes back from version {before} to {version}",
                    screen.open
                );
            }
        }
        Ok(())
    }

    /// A frame leaves the server: from here on somebody may know that a mutation was applied.
    pub(crate) fn acknowledged(&mut self, server: &Server, conn: Conn, frame: &Leaving) {
        let Some(session) = server.session(conn) else { return };
        let id = server.answered_by(conn, frame).and_then(client_id);
        self.acknowledged.extend(id.map(|id| (session.user(), id)));
    }

    /// Something was committed, in this order.
    pub(crate) fn happened(&mut self, all: &[Happened]) {
        all.iter().for_each(|what| self.values.happened(what));
    }

    /// Everything has the value that was set last.
    pub(crate) fn what_was_set_stands(&self, server: &Server) -> Kept {
        self.values.stand(server)
    }

    /// Whatever the server has acknowledged it still has.
    pub(crate) fn what_was_acknowledged_is_there(&self, server: &Server) -> Kept {
        for (user, id) in &self.acknowledged {
            let seen = server.read().seen(*user, *id).expect("the store can be read");
            ensure!(Durable, seen.is_some(), "{id} of {user} was acknowledged and is gone");
        }
        Ok(())
    }

    /// Horizons were advanced: somebody who knew of the last time that they were put has read that far. A device knows of
    /// what it did itself.
    pub(crate) fn horizons(&mut self, moves: &[HorizonMove]) -> Kept {
        for moved in moves {
            let place = (moved.user, moved.conversation);
            if moved.mode == HorizonMode::Set {
                self.put_by.insert(place, moved.client);
                continue;
            }
            if self.put_by.get(&place) == Some(&moved.client) {
                continue;
            }
            let readings = self.devices[moved.client].readings.get(&moved.conversation);
            let knew = |reading: &&Reading| reading.known_version >= moved.set_version;
            let furthest = readings.into_iter().flatten().filter(knew).map(|reading| reading.index).max();
            ensure!(
                HorizonKept,
                moved.index <= furthest || moved.set_version == 0,
                "a device advances {} to {:?}, and has read to {furthest:?} since it was put back",
                moved.conversation,
                moved.index
            );
        }
        Ok(())
    }
}

/// Versions of own rows anywhere in a frame.
fn own_rows(value: &Value, known: &mut BTreeMap<ConversationSid, u64>) {
    match value {
        Value::Object(fields) => {
            let sid = fields.get("conversation").and_then(Value::as_str).and_then(|text| text.parse().ok());
            let version = fields.get("version").and_then(Value::as_u64);
            if let (Some(sid), Some(version), true) = (sid, version, fields.contains_key("unread")) {
                let held = known.entry(sid).or_default();
                *held = version.max(*held);
            }
            fields.values().for_each(|inner| own_rows(inner, known));
        }
        Value::Array(all) => all.iter().for_each(|inner| own_rows(inner, known)),
        _ => {}
    }
}
