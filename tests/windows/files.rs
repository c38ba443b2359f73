//! Files between two people: attached, seen, looked at, saved, refused when they are too large, kept while there is no connection,
//! and gone from the disk with their message.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use confab_tests::server::Server;
use confab_tests::stage::{Stage, play};
use confab_tests::wait;
use confab_tests::window::AppWindow;
use confab_tests::wire::{self, Wire};
use image::{Rgb, RgbImage};
use serde_json::json;

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn a_picture_and_a_file_arrive_are_looked_at_and_saved_and_go_with_their_message() -> Result<()> {
    play("files", files).await
}

async fn files(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let [ingrid, aiko] = two_in_harbour(stage, &server).await?;
    let (quay, plan) =
        (picture(stage, "quay.png", 7)?, document(stage, "plan.txt", "The plan of the quay.")?);

    // Words and files leave together.
    ingrid.attach(&[&quay, &plan]).await?;
    ingrid.send("From this morning.").await?;
    ingrid.see_gone("attachment").await?;
    ingrid.until_sent("From this morning.").await?;
    aiko.until_sent("From this morning.").await?;
    // In small for whom it was sent to; its sender has it here.
    for (window, width) in [(&ingrid, 640), (&aiko, 512)] {
        until_shown(window, "[data-testid=\"media-image\"] img", width).await?;
        window.see_css("[data-testid=\"media-file\"][data-state=\"ready\"][data-name=\"plan.txt\"]").await?;
    }

    // Large, as it was sent; one goes to the next and back, and away.
    let other = picture(stage, "fog.png", 8)?;
    ingrid.attach(&[&other]).await?;
    ingrid.click("composer-send").await?;
    aiko.see_css("[data-testid=\"media-image\"][data-name=\"fog.png\"]").await?;
    aiko.click_css("[data-testid=\"media-image\"][data-name=\"quay.png\"] button").await?;
    aiko.see("viewer").await?;
    until_shown(&aiko, "[data-testid=\"viewer-picture\"] img", 640).await?;
    press(&aiko, "ArrowRight").await?;
    until_about(&aiko, "fog.png").await?;
    press(&aiko, "ArrowLeft").await?;
    until_about(&aiko, "quay.png").await?;
    press(&aiko, "Escape").await?;
    aiko.see_gone("viewer").await?;

    // Saved, byte for byte.
    aiko.click("media-download").await?;
    aiko.see_css("[data-testid=\"media-file\"][data-state=\"saved\"]").await?;
    let saved = stage.surroundings().home.join("Downloads/plan.txt");
    ensure!(fs::read(&saved)? == fs::read(&plan)?, "{} is another file", saved.display());

    // All of it is listed beside the conversation.
    aiko.click("details-toggle").await?;
    aiko.click("details-tab-media").await?;
    aiko.see_css("[data-testid=\"media-list\"] [data-testid=\"media-thumb\"]:nth-child(2)").await?;
    aiko.click_css("[data-testid=\"media-shelf\"] [data-value=\"files\"]").await?;
    aiko.see_css("[data-testid=\"media-list\"] [data-name=\"plan.txt\"]").await?;
    aiko.click("details-toggle").await?;

    // With the message everything of it goes, from both disks too.
    let disks = ["aiko", "ingrid"].map(|name| stage.directory().join(name));
    for disk in &disks {
        ensure!(!holders(disk, &quay)?.is_empty(), "it is kept nowhere, so nothing is proven");
    }
    ingrid.click_in_message("From this morning.", "message-remove").await?;
    aiko.until("that it is gone", |seen| seen.count("From this morning.") == 0).await?;
    wait::until("that no file holds it", async || {
        let held = disks.iter().map(|disk| holders(disk, &quay)).collect::<Result<Vec<_>>>()?;
        Ok(held.iter().all(Vec::is_empty).then_some(()))
    })
    .await
}

#[tokio::test]
async fn what_is_too_large_is_refused_at_once_and_what_is_attached_offline_leaves_later() -> Result<()> {
    play("files_offline", offline).await
}

async fn offline(stage: &Stage) -> Result<()> {
    // It takes less than others do, and says so.
    let mut server = stage.server_with(&["--max-file", "1"])?;
    let [ingrid, aiko] = two_in_harbour(stage, &server).await?;
    let large = stage.directory().join("film.bin");
    fs::File::create(&large)?.set_len(2 * 1024 * 1024)?;
    let note = document(stage, "note.txt", "Written without a connection.")?;
    ingrid.choose_files("attach-input", &[&large, &note]).await?;
    let said = ingrid.until_refused("too_large").await?;
    ensure!(said.contains("film.bin") && said.contains("1 MB"), "it says neither which nor how much: {said}");
    ingrid.see_css("[data-testid=\"attachment\"][data-state=\"ready\"][data-name=\"note.txt\"]").await?;
    ensure!(!ingrid.has_css("[data-testid=\"attachment\"][data-name=\"film.bin\"]").await?, "it is attached");

    // A row without words says what there is to see.
    let quay = picture(stage, "quay.png", 9)?;
    aiko.new_conversation("Elsewhere").await?;
    ingrid.click("attachment-remove").await?;
    ingrid.see_gone("attachment").await?;
    ingrid.attach(&[&quay]).await?;
    ingrid.click("composer-send").await?;
    let photo = |seen: &confab_tests::seen::Seen| {
        seen.row("Harbour").is_some_and(|row| row.text.contains("Photo") && row.unread > 0)
    };
    aiko.until("a photo in the list", photo).await?;
    aiko.open("Harbour").await?;

    server.process().kill()?;
    ingrid.until("that it is not connected", |seen| seen.connection.as_deref() == Some("connecting")).await?;
    ingrid.attach(&[&note]).await?;
    // What was chosen outlives the page.
    ingrid.execute("location.reload()", vec![]).await?;
    ingrid.see_css("[data-testid=\"attachment\"][data-state=\"ready\"][data-name=\"note.txt\"]").await?;
    ingrid.send("For later.").await?;
    ingrid.until("that it waits", |seen| seen.is("For later.", "sending")).await?;
    ingrid.see_css("[data-testid=\"media-file\"][data-state=\"uploading\"]").await?;
    ingrid.kill().await?;
    server.kill_and_restart()?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.until_connected().await?;
    aiko.until_sent("For later.").await?;
    aiko.see_css("[data-testid=\"media-file\"][data-state=\"ready\"][data-name=\"note.txt\"]").await?;
    aiko.click("media-download").await?;
    aiko.see_css("[data-testid=\"media-file\"][data-state=\"saved\"]").await?;
    let saved = fs::read_to_string(stage.surroundings().home.join("Downloads/note.txt"))?;
    ensure!(saved == "Written without a connection.", "{saved}");
    Ok(())
}

#[tokio::test]
async fn files_long_before_what_is_shown_are_listed_and_go_when_they_are_removed() -> Result<()> {
    play("files_past", past).await
}

async fn past(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let link = server.invite(&[])?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    let quay = picture(stage, "quay.png", 11)?;
    ingrid.attach(&[&quay]).await?;
    ingrid.send("From the first day.").await?;
    ingrid.until_sent("From the first day.").await?;

    // More than a page of words on top of it.
    let mut bo = Wire::connect(server.address(), &wire::join(&link, "bo")?).await?;
    ingrid.add_participant("bo").await?;
    let row = ingrid.look().await?.row("Harbour").context("it is there")?.sid.parse()?;
    for number in 0..130 {
        bo.call(wire::send(wire::client_id(), row, &format!("Day {number}"))).await?;
    }
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Harbour").await?;
    aiko.until_sent("Day 129").await?;
    ensure!(aiko.look().await?.count("From the first day.") == 0, "it is shown, so nothing is proven");

    // It is found, looked at large, and the timeline stays where it is.
    aiko.click("details-toggle").await?;
    aiko.click("details-tab-media").await?;
    aiko.click("media-thumb").await?;
    until_shown(&aiko, "[data-testid=\"viewer-picture\"] img", 640).await?;
    press(&aiko, "Escape").await?;
    aiko.see_gone("viewer").await?;
    ensure!(aiko.look().await?.count("Day 129") == 1, "the timeline moved");

    // With its message it goes from the list too.
    ingrid.execute("document.querySelector('[data-testid=timeline]').scrollTop = 0", vec![]).await?;
    ingrid.click_in_message("From the first day.", "message-remove").await?;
    aiko.see_gone("media-thumb").await?;
    aiko.see_css("[data-testid=\"media-list\"][data-whole=\"true\"]").await
}

/// A picture of 640 by 400 points, nowhere the same.
fn picture(stage: &Stage, name: &str, seed: u32) -> Result<PathBuf> {
    let mut state = seed;
    let mut step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let path = stage.directory().join(name);
    RgbImage::from_fn(640, 400, |_, _| Rgb([step(), step(), step()])).save(&path)?;
    Ok(path)
}

fn document(stage: &Stage, name: &str, text: &str) -> Result<PathBuf> {
    let path = stage.directory().join(name);
    fs::write(&path, text)?;
    Ok(path)
}

/// The files below a directory that hold the middle of a file.
fn holders(below: &Path, file: &Path) -> Result<Vec<PathBuf>> {
    let bytes = fs::read(file)?;
    let middle = bytes.get(bytes.len() / 2..bytes.len() / 2 + 64).context("too short")?;
    let mut found = Vec::new();
    let mut folders = vec![below.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path).unwrap_or_default().windows(middle.len()).any(|part| part == middle) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Waits until a picture is there, in its width.
async fn until_shown(window: &AppWindow, css: &str, width: u32) -> Result<()> {
    wait::until(format!("a picture of {width} points"), async || {
        let script = "return document.querySelector(arguments[0])?.naturalWidth ?? null";
        Ok((window.execute(script, vec![json!(css)]).await? == json!(width)).then_some(()))
    })
    .await
}

async fn until_about(window: &AppWindow, name: &str) -> Result<()> {
    window.see_css(&format!("[data-testid=\"viewer\"][aria-label*=\"{name}\"]")).await
}

async fn press(window: &AppWindow, key: &str) -> Result<()> {
    let script = "document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }))";
    window.execute(script, vec![json!(key)]).await.map(drop)
}

/// Ingrid and Aiko, both with the same conversation open.
async fn two_in_harbour(stage: &Stage, server: &Server) -> Result<[AppWindow; 2]> {
    let link = server.invite(&[])?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Harbour").await?;
    Ok([ingrid, aiko])
}
