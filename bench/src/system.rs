//! The servers under measurement, seen alike: people who are connected, places where they talk.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::confab::Confab;
use crate::process::Process;
use crate::recorder::Recorder;
use crate::xmpp::Xmpp;

/// Who talks where: for each conversation its members, by the number of the user.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Names the layout; servers make their conversations under it.
    pub(crate) name: String,
    /// Members of each conversation.
    pub(crate) places: Vec<Vec<usize>>,
}

impl Layout {
    /// One conversation of so many members.
    pub(crate) fn one(members: usize) -> Self {
        Self { name: format!("one of {members}"), places: vec![(0..members).collect()] }
    }

    /// So many conversations of two members each, every user in one.
    pub(crate) fn pairs(count: usize) -> Self {
        let places = (0..count).map(|pair| vec![2 * pair, 2 * pair + 1]).collect();
        Self { name: format!("{count} of 2"), places }
    }

    /// Number of users, from 0.
    pub(crate) fn users(&self) -> usize {
        self.places.iter().flatten().max().map_or(0, |user| user + 1)
    }

    /// Where a user talks.
    pub(crate) fn place_of(&self, user: usize) -> usize {
        self.places.iter().position(|members| members.contains(&user)).unwrap_or_default()
    }
}

/// A message to send.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// The conversation, by its number in the layout.
    pub(crate) place: usize,
    /// The number that the recorder gave it; its body begins with it.
    pub(crate) number: u64,
}

impl Post {
    /// The text: the number and a sentence of usual length, the same for every server.
    pub(crate) fn body(&self) -> String {
        format!("{} The ferry leaves at a quarter past eight, see you at the landing.", self.number)
    }
}

/// The number with which a body begins.
pub(crate) fn number_of(body: &str) -> Option<u64> {
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    body.get(..digits)?.parse().ok()
}

/// A user's live connection. It closes when this is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    outgoing: mpsc::UnboundedSender<Post>,
    tasks: Vec<JoinHandle<()>>,
}

impl Connection {
    /// A connection that sends what comes out of the channel's other end, by these tasks.
    pub(crate) fn new(outgoing: mpsc::UnboundedSender<Post>, tasks: Vec<JoinHandle<()>>) -> Self {
        Self { outgoing, tasks }
    }

    /// Sends a message. On a dead connection it is simply never acknowledged; the recorder knows of the loss.
    pub(crate) fn send(&self, post: Post) {
        let _ = self.outgoing.send(post);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What the server says of its own work, where it does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Groups {
    /// Commits so far.
    pub(crate) commits: u64,
    /// Mutations in them.
    pub(crate) items: u64,
}

/// A server under measurement.
#[derive(Debug)]
pub(crate) enum System {
    /// Ours.
    Confab(Confab),
    /// A peer.
    Xmpp(Xmpp),
}

impl System {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Confab(_) => "confab",
            Self::Xmpp(server) => server.name(),
        }
    }

    /// Its version.
    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Confab(server) => server.version(),
            Self::Xmpp(server) => server.version(),
        }
    }

    /// Its process.
    pub(crate) fn process(&self) -> &Process {
        match self {
            Self::Confab(server) => server.process(),
            Self::Xmpp(server) => server.process(),
        }
    }

    /// Makes the conversations of a layout, where the server wants them made.
    pub(crate) async fn prepare(&mut self, layout: &Layout) -> anyhow::Result<()> {
        match self {
            Self::Confab(server) => server.prepare(layout).await,
            Self::Xmpp(_) => Ok(()),
        }
    }

    /// Connects every user of a layout, each in their conversations.
    pub(crate) async fn open(
        &mut self,
        layout: &Layout,
        recorder: &Arc<Recorder>,
    ) -> anyhow::Result<Vec<Connection>> {
        match self {
            Self::Confab(server) => server.open(layout, recorder).await,
            Self::Xmpp(server) => server.open(layout, recorder).await,
        }
    }

    /// Connects so many times, signed in and in no conversation, the users taking turns.
    pub(crate) async fn open_idle(
        &mut self,
        count: usize,
        recorder: &Arc<Recorder>,
    ) -> anyhow::Result<Vec<Connection>> {
        match self {
            Self::Confab(server) => server.open_idle(count, recorder).await,
            Self::Xmpp(server) => server.open_idle(count, recorder).await,
        }
    }

    /// Group commits, where the server tells of them.
    pub(crate) async fn groups(&self) -> anyhow::Result<Option<Groups>> {
        match self {
            Self::Confab(server) => server.groups().await.map(Some),
            Self::Xmpp(_) => Ok(None),
        }
    }
}
