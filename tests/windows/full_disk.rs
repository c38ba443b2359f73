//! A disk that is really full, in the window: it is said, nothing is lost or doubled, and all goes on when there is room.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use confab_tests::small_disk::{self, SmallDisk};
use confab_tests::stage::Stage;
use confab_tests::wait;
use confab_tests::window::AppWindow;

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn what_is_written_while_this_computers_disk_is_full_stays_and_arrives_once() -> Result<()> {
    small_disk::play("full_disk_here", full_disk_here).await
}

async fn full_disk_here(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let link = server.invite(&[])?;
    let mut disk = SmallDisk::mount(&stage.directory().join("small"))?;
    let app = stage.app_in("ingrid", &stage.directory().join("small/data"));
    let ingrid = app.start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    for name in ["Kitchen", "Harbour"] {
        ingrid.new_conversation(name).await?;
        ingrid.add_participant("Aiko").await?;
        ingrid.send(&format!("Before, in {name}.")).await?;
        ingrid.until_sent(&format!("Before, in {name}.")).await?;
    }
    aiko.open("Harbour").await?;

    fill(&mut disk, &ingrid).await?;
    ingrid.send("One, on a full disk.").await?;
    ingrid.send("Two, on a full disk.").await?;
    let said = until_said(&ingrid, "disk_full").await?;
    ensure!(said.contains("Make room"), "it says what to do: {said}");
    ingrid
        .until("both messages, not kept", |seen| {
            seen.is("One, on a full disk.", "unsaved") && seen.is("Two, on a full disk.", "unsaved")
        })
        .await?;
    // What others write still comes in, and what is known is still there.
    aiko.send("Can you read this?").await?;
    ingrid.until_sent("Can you read this?").await?;
    ingrid.open("Kitchen").await?;
    ingrid.until_sent("Before, in Kitchen.").await?;
    ingrid.fill("composer-input", "Half a sen").await?;
    ingrid.open("Harbour").await?;
    ingrid.until_sent("Before, in Harbour.").await?;
    let seen = ingrid.until_sent("Can you read this?").await?;
    ensure!(seen.count("One, on a full disk.") == 1 && seen.storage.is_some(), "it stays: {seen:#?}");
    // Nothing is transmitted that is not on the disk.
    let seen = aiko.look().await?;
    ensure!(seen.count("One, on a full disk.") == 0, "sent before it was safe: {seen:#?}");

    disk.free()?;
    for window in [&aiko, &ingrid] {
        window.until_sent("Two, on a full disk.").await?;
        let seen = window.until_sent("One, on a full disk.").await?;
        ensure!(once(&seen, &["One, on a full disk.", "Two, on a full disk."]), "not once: {seen:#?}");
    }
    ingrid.until("that the notice is gone", |seen| seen.storage.is_none()).await?;
    ingrid.open("Kitchen").await?;
    wait::until("the draft", async || {
        Ok((ingrid.value("composer-input").await? == "Half a sen").then_some(()))
    })
    .await?;

    // What was kept in memory is on the disk now.
    ingrid.kill().await?;
    let ingrid = app.start().await?;
    ingrid.until_connected().await?;
    ingrid.open("Harbour").await?;
    let seen = ingrid.until_sent("Two, on a full disk.").await?;
    ensure!(once(&seen, &["One, on a full disk.", "Two, on a full disk."]), "not once: {seen:#?}");
    ingrid.open("Kitchen").await?;
    wait::until("the draft", async || {
        Ok((ingrid.value("composer-input").await? == "Half a sen").then_some(()))
    })
    .await
}

#[tokio::test]
async fn an_app_that_starts_on_a_full_disk_shows_what_it_has_and_goes_on_when_there_is_room() -> Result<()> {
    small_disk::play("full_disk_start", full_disk_start).await
}

async fn full_disk_start(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let mut disk = SmallDisk::mount(&stage.directory().join("small"))?;
    let app = stage.app_in("ingrid", &stage.directory().join("small/data"));
    let ingrid = app.start().await?;
    ingrid.join(&server.invite(&[])?, "Ingrid", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.send("Before.").await?;
    ingrid.until_sent("Before.").await?;
    fill(&mut disk, &ingrid).await?;
    ingrid.end().await?;

    let ingrid = app.start().await?;
    ingrid.open("Harbour").await?;
    ingrid.until_sent("Before.").await?;
    ingrid.send("On a full disk.").await?;
    until_said(&ingrid, "disk_full").await?;
    ingrid.until("the message, not kept", |seen| seen.is("On a full disk.", "unsaved")).await?;

    disk.free()?;
    let seen = ingrid.until_sent("On a full disk.").await?;
    ensure!(once(&seen, &["On a full disk."]), "not once: {seen:#?}");
    ingrid.until("that the notice is gone", |seen| seen.storage.is_none()).await.map(drop)
}

#[tokio::test]
async fn what_is_written_while_the_workspaces_disk_is_full_waits_and_arrives_once() -> Result<()> {
    small_disk::play("full_disk_there", full_disk_there).await
}

async fn full_disk_there(stage: &Stage) -> Result<()> {
    let host = stage.app("ingrid");
    let mut disk = SmallDisk::mount(&host.data().join("server"))?;
    let ingrid = host.start().await?;
    ingrid.start_workspace("Fjordline", "Ingrid").await?;
    let link = ingrid.invite().await?;
    let guest = stage.app("aiko");
    let aiko = guest.start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    ingrid.send("Before.").await?;
    aiko.open("Harbour").await?;
    aiko.until_sent("Before.").await?;

    fill(&mut disk, &ingrid).await?;
    ingrid.send("From the host.").await?;
    aiko.send("From the guest.").await?;
    for window in [&ingrid, &aiko] {
        let said = until_said(window, "storage_full").await?;
        ensure!(said.contains("Make room"), "it says what to do: {said}");
    }
    // It stays over a restart, and what is known is still there.
    aiko.kill().await?;
    let aiko = guest.start().await?;
    aiko.open("Harbour").await?;
    aiko.until_sent("Before.").await?;
    aiko.until("the message, waiting", |seen| seen.is("From the guest.", "sending")).await?;
    until_said(&aiko, "storage_full").await?;

    disk.free()?;
    for window in [&ingrid, &aiko] {
        window.until_sent("From the host.").await?;
        let seen = window.until_sent("From the guest.").await?;
        ensure!(once(&seen, &["From the host.", "From the guest."]), "not once: {seen:#?}");
        window.until("that the notice is gone", |seen| seen.storage.is_none()).await?;
    }
    Ok(())
}

/// Fills the disk. What is removed is emptied from the logs of all databases soon after, so that nothing in them makes room later.
async fn fill(disk: &mut SmallDisk, window: &AppWindow) -> Result<()> {
    window.send("Never mind.").await?;
    window.until_sent("Never mind.").await?;
    window.click_in_message("Never mind.", "message-remove").await?;
    window.until("that it is removed", |seen| seen.count("Never mind.") == 0).await?;
    disk.fill().await
}

fn once(seen: &confab_tests::seen::Seen, bodies: &[&str]) -> bool {
    bodies.iter().all(|body| seen.count(body) == 1)
}

/// Waits for the notice that nothing can be kept, or taken, and gives its sentence.
async fn until_said(window: &AppWindow, code: &str) -> Result<String> {
    let seen =
        window.until(code, |seen| seen.storage.as_ref().is_some_and(|notice| notice.code == code)).await?;
    Ok(seen.storage.context("invariant: it is said")?.text)
}
