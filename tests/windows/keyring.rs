//! The keyring may come and go between two starts: the person stays signed in.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use confab_tests::app::App;
use confab_tests::stage::{Stage, play, play_without_keyring};
use confab_tests::wait;
use confab_tests::window::AppWindow;

#[tokio::test]
async fn without_a_keyring_the_window_says_so_and_the_person_stays_signed_in_when_one_comes_and_goes()
-> Result<()> {
    play_without_keyring("keyring", keyring).await
}

async fn keyring(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let app = stage.app("ingrid");

    let window = app.start().await?;
    window.join(&server.invite(&[])?, "Ingrid", "seven grey herons").await?;
    window.until_refused("keyring_missing").await?;
    // It blocks nothing.
    window.new_conversation("Harbour").await?;
    window.end().await?;

    let keyring = stage.keyring().await?;
    let window = signed_in(&app).await?;
    ensure!(!says_missing(&window).await?, "there is a keyring, and the window says that there is none");
    wait::until("the keyring to take the sign-in", async || {
        Ok(token_file(&app)?.contains("\"in_keyring\":true").then_some(()))
    })
    .await?;
    window.end().await?;
    signed_in(&app).await?.end().await?;

    drop(keyring);
    let window = signed_in(&app).await?;
    window.until_refused("keyring_missing").await?;
    window.end().await
}

#[tokio::test]
async fn with_a_keyring_no_token_lies_in_a_file_and_the_next_start_is_signed_in() -> Result<()> {
    play("keyring_only", async |stage| {
        let server = stage.server()?;
        let app = stage.app("ingrid");
        let window = app.start().await?;
        window.join(&server.invite(&[])?, "Ingrid", "seven grey herons").await?;
        window.new_conversation("Harbour").await?;
        ensure!(!says_missing(&window).await?, "there is a keyring, and the window says that there is none");
        window.end().await?;
        let kept = token_file(&app)?;
        ensure!(
            kept.contains("\"in_keyring\":true") && kept.contains("\"token\":null"),
            "a token lies in a file"
        );
        signed_in(&app).await?.end().await
    })
    .await
}

async fn signed_in(app: &App) -> Result<AppWindow> {
    let window = app.start().await?;
    window.until_connected().await?;
    window.open("Harbour").await?;
    Ok(window)
}

/// What lies in the file for tokens.
fn token_file(app: &App) -> Result<String> {
    let mut files = std::fs::read_dir(app.data().join("tokens"))?;
    let file = files.next().context("there is no file for tokens")??;
    Ok(std::fs::read_to_string(file.path())?)
}

async fn says_missing(window: &AppWindow) -> Result<bool> {
    Ok(window.look().await?.errors.iter().any(|error| error.code == "keyring_missing"))
}
