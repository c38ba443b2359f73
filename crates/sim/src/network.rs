//! Connections: what is on its way, in which order, and what becomes of it.

use std::collections::BTreeMap;

use confab_protocol::Timestamp;

/// A connection; never used twice.
pub(crate) type Conn = u64;

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the server.
    Up,
    /// To the client.
    Down,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) client: usize,
    /// When the last frame of each direction arrives: what is not reordered on purpose stays in order.
    up: u64,
    down: u64,
    /// Nothing gets through any more, and nobody is told.
    pub(crate) dead: bool,
    /// The client has given it up; the server may not know.
    pub(crate) left: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Network {
    lines: BTreeMap<Conn, Line>,
    last: Conn,
}

impl Network {
    /// A new connection of a client.
    pub(crate) fn connect(&mut self, client: usize) -> Conn {
        self.last += 1;
        self.lines.insert(self.last, Line { client, up: 0, down: 0, dead: false, left: false });
        self.last
    }

    pub(crate) fn get(&self, conn: Conn) -> Option<&Line> {
        self.lines.get(&conn)
    }

    pub(crate) fn get_mut(&mut self, conn: Conn) -> Option<&mut Line> {
        self.lines.get_mut(&conn)
    }

    /// Forgets a connection: what is on its way is lost.
    pub(crate) fn remove(&mut self, conn: Conn) -> Option<Line> {
        self.lines.remove(&conn)
    }

    pub(crate) fn all(&self) -> Vec<Conn> {
        self.lines.keys().copied().collect()
    }

    /// When a frame arrives that takes so long; `overtakes`: it is not held to the order of the others.
    pub(crate) fn arrival(
        &mut self,
        conn: Conn,
        way: Way,
        now: Timestamp,
        delay: u64,
        overtakes: bool,
    ) -> u64 {
        let soonest = now.0 + delay;
        let Some(line) = self.lines.get_mut(&conn) else { return soonest };
        if overtakes {
            return soonest;
        }
        let last = match way {
            Way::Up => &mut line.up,
            Way::Down => &mut line.down,
        };
        *last = soonest.max(*last);
        *last
    }
}
