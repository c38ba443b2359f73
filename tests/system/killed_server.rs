//! What a server has acknowledged is there after `kill -9`, whatever it was doing.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use confab_protocol::method::{Direction, MessagePageParams};
use confab_protocol::{Answer, Call, ConversationSid};
use confab_tests::server::Server;
use confab_tests::wire::{self, Wire};

/// Messages under way at any time.
const IN_FLIGHT: usize = 50;
/// The server is killed when this many are acknowledged. With those under way it stays below the burst of one user.
const ACKNOWLEDGED: usize = 300;
/// Lives of the server.
const KILLS: usize = 5;

#[tokio::test]
async fn every_acknowledged_message_is_there_after_the_server_was_killed_under_load() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let mut server = Server::start(&directory.path().join("data"), &directory.path().join("server.log"))?;
    let grant = wire::join(&server.invite(&[])?, "Ingrid")?;
    let mut connection = Wire::connect(server.address(), &grant).await?;
    let conversation = wire::create(&mut connection, "Load").await?;
    let mut acknowledged = BTreeSet::new();
    for life in 0..KILLS {
        load(&mut connection, conversation, life, &mut acknowledged).await?;
        // Up to IN_FLIGHT messages are on their way, in a group, or in the middle of a commit.
        server.kill_and_restart()?;
        connection = Wire::connect(server.address(), &grant).await?;
    }
    let held = everything(&mut connection, conversation).await?;
    let lost: Vec<_> = acknowledged.difference(&held.iter().cloned().collect()).cloned().collect();
    ensure!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    ensure!(held.len() == held.iter().collect::<BTreeSet<_>>().len(), "something is there twice");
    ensure!(held.len() <= acknowledged.len() + KILLS * IN_FLIGHT, "more is there than was sent");
    Ok(())
}

/// Keeps messages under way until enough of them are acknowledged, and leaves the rest where they are.
async fn load(
    connection: &mut Wire,
    conversation: ConversationSid,
    life: usize,
    acknowledged: &mut BTreeSet<String>,
) -> Result<()> {
    let mut sent = std::collections::BTreeMap::new();
    let mut count = 0;
    for number in 0..ACKNOWLEDGED + IN_FLIGHT {
        let body = format!("{life}/{number}");
        let id = connection.request(wire::send(wire::client_id(), conversation, &body)).await?;
        sent.insert(id, body);
        while sent.len() >= IN_FLIGHT && count < ACKNOWLEDGED {
            let (id, outcome) = connection.answer().await?;
            outcome?;
            acknowledged.extend(sent.remove(&id));
            count += 1;
        }
    }
    ensure!(count == ACKNOWLEDGED, "only {count} were acknowledged");
    Ok(())
}

/// The texts of all messages.
async fn everything(connection: &mut Wire, conversation: ConversationSid) -> Result<Vec<String>> {
    let mut held = Vec::new();
    let mut anchor = Some(0);
    while anchor.is_some() {
        let page =
            MessagePageParams { conversation, anchor, direction: Direction::Forward, limit: Some(100) };
        let Answer::MessagePage(page) = connection.call(Call::MessagePage(page)).await? else {
            bail!("another answer than asked for")
        };
        anchor = page.messages.last().filter(|_| page.has_newer).map(|last| last.index + 1);
        held.extend(page.messages.into_iter().filter_map(|message| message.body));
    }
    Ok(held)
}
