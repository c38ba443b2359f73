//! The peers: XMPP servers with an archived group chat, each started from a configuration of our own.

mod ejabberd;
mod prosody;
mod scanner;
mod session;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::Context as _;

use crate::process::Process;
use crate::recorder::Recorder;
use crate::system::{Connection, Layout};
use session::Session;

/// The domain that both serve.
const DOMAIN: &str = "localhost";
/// Everybody's password: the servers listen on loopback, for as long as the run lasts.
const PASSWORD: &str = "bench-password";

/// A peer.
#[derive(Debug)]
pub(crate) struct Xmpp {
    name: &'static str,
    version: String,
    address: SocketAddr,
    process: Process,
}

impl Xmpp {
    /// ejabberd with that many users, its data below `directory`.
    pub(crate) async fn ejabberd(directory: &Path, users: usize) -> anyhow::Result<Self> {
        ejabberd::start(directory, users).await.context("starting ejabberd")
    }

    /// Prosody with that many users, its data below `directory`.
    pub(crate) async fn prosody(directory: &Path, users: usize) -> anyhow::Result<Self> {
        prosody::start(directory, users).await.context("starting Prosody")
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Version of its package.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Its process.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// Connects every user of a layout and has them join their conversations.
    pub(crate) async fn open(
        &self,
        layout: &Layout,
        recorder: &Arc<Recorder>,
    ) -> anyhow::Result<Vec<Connection>> {
        let mut connections = Vec::new();
        for user in 0..layout.users() {
            let mut session = Session::open(self.address, user, "work").await?;
            let rooms: Vec<String> = (0..layout.places.len()).map(|place| room(layout, place)).collect();
            for (place, room) in rooms.iter().enumerate() {
                if layout.places[place].contains(&user) {
                    session.join(room).await?;
                }
            }
            connections.push(session.run(rooms, Arc::clone(recorder)));
        }
        Ok(connections)
    }

    /// Connects so many times, the users taking turns, each time as another resource.
    pub(crate) async fn open_idle(
        &self,
        count: usize,
        recorder: &Arc<Recorder>,
    ) -> anyhow::Result<Vec<Connection>> {
        let mut connections = Vec::new();
        for number in 0..count {
            let session =
                Session::open(self.address, number % crate::USERS, &format!("idle{number}")).await?;
            connections.push(session.run(Vec::new(), Arc::clone(recorder)));
        }
        Ok(connections)
    }
}

fn user_name(user: usize) -> String {
    format!("user{user}")
}

fn room(layout: &Layout, place: usize) -> String {
    format!("{}-{place}@conference.{DOMAIN}", layout.name.replace(' ', "-"))
}

/// Version of an installed Debian package.
fn package_version(package: &str) -> anyhow::Result<String> {
    let out = Command::new("dpkg-query").args(["-W", "-f=${Version}", package]).output()?;
    Ok(String::from_utf8(out.stdout)?)
}
