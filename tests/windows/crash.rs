//! Nothing is lost and nothing is doubled when the app or its server is killed.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::seen::Seen;
use confab_tests::stage::{Stage, play};
use rustix::process::Signal;

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn a_message_whose_app_was_killed_before_the_answer_arrives_exactly_once() -> Result<()> {
    play("killed_app", killed_app).await
}

async fn killed_app(stage: &Stage) -> Result<()> {
    let mut server = stage.server()?;
    let app = stage.app("ingrid");
    let ingrid = app.start().await?;
    ingrid.join(&server.invite(&[])?, "Ingrid", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.send("Before.").await?;
    ingrid.until_sent("Before.").await?;

    // The server takes everything and answers nothing.
    server.process().signal(Signal::STOP)?;
    ingrid.send("Did this arrive?").await?;
    let echo = |seen: &Seen| {
        seen.messages.iter().any(|message| message.body == "Did this arrive?" && message.state == "sending")
    };
    ingrid.until("the echo", echo).await?;
    ingrid.kill().await?;
    server.process().signal(Signal::CONT)?;

    let ingrid = app.start().await?;
    ingrid.until_connected().await?;
    ingrid.open("Harbour").await?;
    let seen = ingrid.until_sent("Did this arrive?").await?;
    ensure!(seen.count("Did this arrive?") == 1, "shown more than once: {seen:#?}");

    // The server has it once, too: another device that starts from nothing sees one.
    let other = stage.app("other").start().await?;
    other.try_to_sign_in(server.address(), "Ingrid", PASSWORD).await?;
    other.until_connected().await?;
    other.open("Harbour").await?;
    let seen = other.until_sent("Did this arrive?").await?;
    ensure!(seen.count("Did this arrive?") == 1, "stored more than once: {seen:#?}");
    Ok(())
}

#[tokio::test]
async fn after_a_restart_of_the_server_the_window_recovers_by_itself() -> Result<()> {
    play("killed_server", killed_server).await
}

async fn killed_server(stage: &Stage) -> Result<()> {
    let mut server = stage.server()?;
    let link = server.invite(&[])?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Harbour").await?;

    server.process().kill()?;
    ingrid.until("that it is not connected", |seen| seen.connection.as_deref() == Some("connecting")).await?;
    ingrid.send("Written while nobody listens.").await?;
    server.kill_and_restart()?;

    aiko.until_sent("Written while nobody listens.").await?;
    ingrid.until_connected().await?;
    let seen = ingrid.until_sent("Written while nobody listens.").await?;
    ensure!(seen.count("Written while nobody listens.") == 1, "shown more than once: {seen:#?}");
    Ok(())
}

#[tokio::test]
async fn after_a_restart_of_the_hosting_app_both_windows_recover() -> Result<()> {
    play("restarted_host", restarted_host).await
}

async fn restarted_host(stage: &Stage) -> Result<()> {
    let host = stage.app("ingrid");
    let ingrid = host.start().await?;
    ingrid.start_workspace("Fjordline", "Ingrid").await?;
    let link = ingrid.invite().await?;
    let guest = stage.app("aiko");
    let aiko = guest.start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Harbour").await?;
    ingrid.send("One.").await?;
    aiko.until_sent("One.").await?;

    ingrid.kill().await?;
    let ingrid = host.start().await?;
    ingrid.until_connected().await?;
    aiko.until_connected().await?;
    aiko.send("Two.").await?;
    ingrid.open("Harbour").await?;
    ingrid.until_sent("Two.").await?;

    // Asked to end, it says good-bye; what was half written is still there afterwards.
    aiko.fill("composer-input", "Half a sen").await?;
    aiko.new_conversation("Kitchen").await?;
    let kept = |seen: &Seen| seen.row("Harbour").is_some_and(|row| row.text.contains("Half a sen"));
    aiko.until("the draft in its row", kept).await?;
    aiko.end().await?;
    let aiko = guest.start().await?;
    aiko.until_connected().await?;
    aiko.open("Harbour").await?;
    aiko.until_sent("Two.").await?;
    confab_tests::wait::until("the draft", async || {
        Ok((aiko.value("composer-input").await? == "Half a sen").then_some(()))
    })
    .await
}
