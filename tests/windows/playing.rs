//! Films played where they stand, and files saved where a person says in the dialog of the desktop.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use confab_tests::stage::{Stage, play};
use confab_tests::wait;
use serde_json::json;

/// Two seconds without a sound: no machine that tests need have a loudspeaker.
const FILM: &[u8] = include_bytes!("../fixtures/ball.webm");

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn a_film_is_played_in_its_message_and_saved_where_one_says() -> Result<()> {
    play("playing", playing).await
}

async fn playing(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let link = server.invite(&[])?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Harbour").await?;

    // One is a sound by its head only.
    let ball = file(stage, "ball.webm", FILM)?;
    let broken = file(stage, "broken.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0")?;
    let note = file(stage, "note.txt", b"No film at all.")?;
    ingrid.attach(&[&ball, &broken, &note]).await?;
    ingrid.send("Look at the ball.").await?;
    aiko.until_sent("Look at the ball.").await?;

    // It comes over the server's connection whole, and its length is known.
    let card = |name: &str| format!("[data-testid=\"media-file\"][data-name=\"{name}\"]");
    aiko.see_css(&format!("{}[data-state=\"ready\"]", card("note.txt"))).await?;
    ensure!(
        !aiko.has_css(&format!("{} [data-testid=\"media-play\"]", card("note.txt"))).await?,
        "a text plays"
    );
    aiko.click_css(&format!("{} [data-testid=\"media-play\"]", card("ball.webm"))).await?;
    wait::until("a film of two seconds", async || {
        let script =
            "return Math.round(document.querySelector('[data-testid=media-player] video')?.duration ?? 0)";
        Ok((aiko.execute(script, vec![]).await? == json!(2)).then_some(()))
    })
    .await?;
    aiko.click_css(&format!("{} [data-testid=\"media-play\"]", card("ball.webm"))).await?;
    aiko.see_gone("media-player").await?;

    // What cannot be played after all is a file again, and says so.
    aiko.click_css(&format!("{} [data-testid=\"media-play\"]", card("broken.wav"))).await?;
    aiko.until_text_css(&card("broken.wav"), "cannot be played here").await?;
    ensure!(
        !aiko.has_css(&format!("{} [data-testid=\"media-play\"]", card("broken.wav"))).await?,
        "it is offered"
    );

    // Saved elsewhere, under another name; the one that has it is replaced, for that was asked.
    let elsewhere = stage.directory().join("elsewhere");
    fs::create_dir(&elsewhere)?;
    let place = elsewhere.join("fog.txt");
    aiko.click_css(&format!("{} [data-testid=\"media-save-as\"]", card("note.txt"))).await?;
    aiko.answer_dialog("Save as", &place.display().to_string()).await?;
    aiko.see_css(&format!("{}[data-state=\"saved\"]", card("note.txt"))).await?;
    ensure!(fs::read(&place)? == b"No film at all.", "another file is there");
    ensure!(!stage.surroundings().home.join("Downloads").exists(), "it is among the downloads too");

    // Who changes their mind has saved nothing.
    aiko.click_css(&format!("{} [data-testid=\"media-save-as\"]", card("ball.webm"))).await?;
    aiko.cancel_dialog("Save as").await?;
    aiko.see_css(&format!("{}[data-state=\"ready\"]", card("ball.webm"))).await?;
    ensure!(fs::read_dir(&elsewhere)?.count() == 1, "something was saved");
    Ok(())
}

fn file(stage: &Stage, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = stage.directory().join(name);
    fs::write(&path, bytes)?;
    Ok(path)
}
