//! One user's XMPP stream: signs in by SASL PLAIN, binds a resource, joins group chats, sends and receives.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Duration, timeout};

use super::scanner::Scanner;
use super::{DOMAIN, PASSWORD, user_name};
use crate::recorder::Recorder;
use crate::system::{Connection, Post, number_of};

const OPENING: &str = "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
/// How long any answer may take while a session is set up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A stream, signed in.
#[derive(Debug)]
pub(crate) struct Session {
    user: usize,
    incoming: Scanner<OwnedReadHalf>,
    outgoing: OwnedWriteHalf,
}

impl Session {
    /// Connects, signs in and is available.
    pub(crate) async fn open(address: SocketAddr, user: usize, resource: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (incoming, outgoing) = stream.into_split();
        let mut session = Self { user, incoming: Scanner::new(incoming), outgoing };
        session.write(OPENING).await?;
        session.wait_for("</stream:features>").await?;
        let secret = STANDARD.encode(format!("\0{}\0{PASSWORD}", user_name(user)));
        let auth =
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
        session.write(&auth).await?;
        session.wait_for("<success").await?;
        session.write(OPENING).await?;
        session.wait_for("</stream:features>").await?;
        let bind = format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
            <resource>{resource}</resource></bind></iq>"
        );
        session.write(&bind).await?;
        session.wait_for("<jid>").await?;
        session.write("<presence/>").await?;
        Ok(session)
    }

    /// Joins a group chat, without its history.
    pub(crate) async fn join(&mut self, room: &str) -> anyhow::Result<()> {
        let nick = user_name(self.user);
        let join = format!(
            "<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'>\
            <history maxstanzas='0'/></x></presence>"
        );
        self.write(&join).await?;
        // The own presence, status 110, comes after those of all who are there.
        let own = self.wait_for("code='110'").await?;
        if own.contains("'201'") || own.contains("\"201\"") {
            self.unlock(room).await?;
        }
        Ok(())
    }

    /// Takes a new room's default configuration.
    async fn unlock(&mut self, room: &str) -> anyhow::Result<()> {
        let accept = format!(
            "<iq type='set' id='unlock' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>\
            <x xmlns='jabber:x:data' type='submit'/></query></iq>"
        );
        self.write(&accept).await?;
        self.wait_for("unlock").await?;
        Ok(())
    }

    /// Sends what it is given and reports what comes in.
    pub(crate) fn run(self, rooms: Vec<String>, recorder: Arc<Recorder>) -> Connection {
        let (sender, posts) = mpsc::unbounded_channel();
        let Self { user, incoming, outgoing } = self;
        let writer = tokio::spawn(write(outgoing, rooms, posts));
        let reader = tokio::spawn(read(incoming, user, recorder));
        Connection::new(sender, vec![writer, reader])
    }

    async fn write(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.outgoing.write_all(text.as_bytes()).await?)
    }

    /// Reads until a stanza holds this text.
    async fn wait_for(&mut self, text: &str) -> anyhow::Result<String> {
        loop {
            let stanza = timeout(PATIENCE, self.incoming.next()).await.context("no answer in time")??;
            if stanza.contains(text) {
                return Ok(stanza);
            }
            if stanza.starts_with("<failure")
                || stanza.starts_with("<stream:error")
                || stanza.contains("<error")
            {
                bail!("{DOMAIN} refused: {stanza}");
            }
        }
    }
}

async fn write(mut to: OwnedWriteHalf, rooms: Vec<String>, mut posts: mpsc::UnboundedReceiver<Post>) {
    while let Some(post) = posts.recv().await {
        let stanza = format!(
            "<message type='groupchat' id='{}' to='{}'><body>{}</body></message>",
            post.number,
            rooms[post.place],
            post.body()
        );
        if to.write_all(stanza.as_bytes()).await.is_err() {
            return;
        }
    }
    // Held open until then: closing this half would end the stream.
    drop(to);
}

async fn read(mut from: Scanner<OwnedReadHalf>, user: usize, recorder: Arc<Recorder>) {
    while let Ok(stanza) = from.next().await {
        let Some((_, body)) = stanza.split_once("<body>") else { continue };
        let Some(number) = number_of(body) else { continue };
        if stanza.contains("type='error'") || stanza.contains("type=\"error\"") {
            recorder.answered(number, false);
        } else {
            recorder.arrived(user, number);
            recorder.reflected(user, number);
        }
    }
    recorder.lost();
}
