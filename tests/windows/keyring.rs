//! The keyring may come and go between two starts: the person stays signed in.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::app::App;
use confab_tests::stage::{Stage, play_without_keyring};
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
    window.end().await?;
    signed_in(&app).await?.end().await?;

    drop(keyring);
    let window = signed_in(&app).await?;
    window.until_refused("keyring_missing").await?;
    window.end().await
}

async fn signed_in(app: &App) -> Result<AppWindow> {
    let window = app.start().await?;
    window.until_connected().await?;
    window.open("Harbour").await?;
    Ok(window)
}

async fn says_missing(window: &AppWindow) -> Result<bool> {
    Ok(window.look().await?.errors.iter().any(|error| error.code == "keyring_missing"))
}
