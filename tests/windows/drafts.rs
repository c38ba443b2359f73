//! What one device of a person leaves half written, and chooses, is on the other one too; what is older undoes nothing.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::server::Server;
use confab_tests::stage::{Stage, play};
use confab_tests::window::AppWindow;

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn a_draft_goes_on_on_the_other_device_and_a_stale_one_undoes_no_newer_one() -> Result<()> {
    play("drafts", drafts).await
}

async fn drafts(stage: &Stage) -> Result<()> {
    let mut server = stage.server()?;
    let [desk, laptop] = two_devices(stage, &server).await?;
    desk.focus().await?;
    desk.fill("composer-input", "Half a sen").await?;
    laptop.focus().await?;
    until_written(&laptop, "Half a sen").await?;

    // It goes on there, and is gone on both when it is sent.
    laptop.press("composer-input", "tence.").await?;
    desk.focus().await?;
    until_written(&desk, "Half a sentence.").await?;
    desk.click("composer-send").await?;
    laptop.until_sent("Half a sentence.").await?;
    for device in [&desk, &laptop] {
        until_written(device, "").await?;
    }

    // A device that knew nothing of it does not bring back what it had.
    desk.fill("composer-input", "Old, from the desk").await?;
    laptop.focus().await?;
    until_written(&laptop, "Old, from the desk").await?;
    desk.end().await?;
    laptop.fill("composer-input", "New, from the laptop").await?;
    let desk = stage.app("desk").start().await?;
    desk.until_connected().await?;
    desk.open("Harbour").await?;
    desk.focus().await?;
    until_written(&desk, "New, from the laptop").await?;
    until_written(&laptop, "New, from the laptop").await?;

    // What was emptied elsewhere while this one was away is not sent again by it.
    desk.end().await?;
    laptop.focus().await?;
    laptop.click("composer-send").await?;
    laptop.until_sent("New, from the laptop").await?;
    until_written(&laptop, "").await?;
    server.kill_and_restart()?;
    let desk = stage.app("desk").start().await?;
    desk.until_connected().await?;
    desk.open("Harbour").await?;
    let seen = desk.until_sent("New, from the laptop").await?;
    ensure!(seen.count("New, from the laptop") == 1, "sent twice: {seen:#?}");
    until_written(&desk, "").await?;
    until_written(&laptop, "").await
}

#[tokio::test]
async fn a_theme_that_is_chosen_on_one_device_is_chosen_on_the_other_and_stays() -> Result<()> {
    play("settings", settings).await
}

async fn settings(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let [desk, laptop] = two_devices(stage, &server).await?;
    choose(&desk, "dark").await?;
    until_theme(&laptop, "dark").await?;
    // Chosen while it was away, it is what the other one has when it comes back, and not the other way round.
    desk.end().await?;
    choose(&laptop, "light").await?;
    let desk = stage.app("desk").start().await?;
    desk.until_connected().await?;
    until_theme(&desk, "light").await?;
    until_theme(&laptop, "light").await
}

/// A person's two devices, with the same conversation open.
async fn two_devices(stage: &Stage, server: &Server) -> Result<[AppWindow; 2]> {
    let desk = stage.app("desk").start().await?;
    desk.join(&server.invite(&[])?, "Ingrid", PASSWORD).await?;
    desk.new_conversation("Harbour").await?;
    let laptop = stage.app("laptop").start().await?;
    laptop.try_to_sign_in(server.address(), "Ingrid", PASSWORD).await?;
    laptop.until_connected().await?;
    laptop.open("Harbour").await?;
    laptop.see("composer-input").await?;
    Ok([desk, laptop])
}

async fn choose(window: &AppWindow, theme: &str) -> Result<()> {
    window.click("workspace-menu").await?;
    window.click("menu-settings").await?;
    window.click("settings-appearance").await?;
    window
        .execute(
            "document.querySelector(arguments[0]).click()",
            vec![format!("[data-testid=theme-{theme}]").into()],
        )
        .await?;
    until_theme(window, theme).await?;
    window.click("settings-close").await
}

async fn until_theme(window: &AppWindow, theme: &str) -> Result<()> {
    window.until(&format!("the theme {theme}"), |seen| seen.theme == theme).await.map(drop)
}

async fn until_written(window: &AppWindow, text: &str) -> Result<()> {
    window
        .until(&format!("{text:?} in the composer"), |seen| seen.composer.as_deref() == Some(text))
        .await
        .map(drop)
}
