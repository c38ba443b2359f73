//! A person in a window and one with a stock Twilio client chat with each other.
#![cfg(target_os = "linux")]

use std::fs;

use anyhow::{Context as _, Result, ensure};
use confab_tests::server::Server;
use confab_tests::stage::{Stage, play};
use confab_tests::stock;
use confab_tests::window::AppWindow;
use serde_json::json;

#[tokio::test]
async fn a_window_and_a_stock_client_chat() -> Result<()> {
    play("stock", chat).await
}

async fn chat(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let olga = stage.app("olga").start().await?;
    olga.join(&server.invite(&[])?, "Olga", "seven grey herons").await?;
    let (stock, native) = tokio::join!(play_stock(&server), play_native(stage, &olga));
    stock.context("the stock client")?;
    native.context("the window")
}

async fn play_stock(server: &Server) -> Result<()> {
    stock::run("client/native.mjs", server, &json!({})).await.map(drop)
}

/// The other half of `native.mjs`, with mouse and keyboard.
async fn play_native(stage: &Stage, olga: &AppWindow) -> Result<()> {
    olga.focus().await?;
    olga.open("Harbour").await?;
    let seen = olga.until_sent("from stock").await?;
    ensure!(seen.messages.iter().any(|message| message.author == "Ana"), "it has another author: {seen:?}");
    olga.send("from native").await?;
    let types = |text: &str| text.contains("Ana");
    olga.until("that Ana is typing", |seen| seen.typing.as_deref().is_some_and(types)).await?;
    olga.fill("composer-input", "Somebody types he").await?;
    olga.press("composer-input", "re").await?;
    // What she has read is seen at the message, and what is on the screen is read.
    olga.see_css("[data-testid=\"message\"][data-message-index=\"1\"] [data-testid=\"message-mark\"][data-read=\"all\"]")
        .await?;
    olga.until_sent("from stock, changed").await?;
    olga.click_in_message("from native", "message-edit").await?;
    olga.fill("edit-input", "from native, changed").await?;
    olga.click("edit-submit").await?;
    olga.until_sent("from native, changed").await?;
    files(stage, olga).await?;
    olga.send("native is done").await?;
    olga.until_sent("stock is done").await.map(drop)
}

/// Saves the file of the stock client, and sends one.
async fn files(stage: &Stage, olga: &AppWindow) -> Result<()> {
    olga.see_css("[data-testid=\"media-file\"][data-name=\"stock.txt\"]").await?;
    olga.click("media-download").await?;
    olga.see_css("[data-testid=\"media-file\"][data-state=\"saved\"]").await?;
    let saved = stage.surroundings().home.join("Downloads/stock.txt");
    ensure!(fs::read(&saved)? == b"from stock", "{} is another file", saved.display());
    let own = stage.directory().join("native.txt");
    fs::write(&own, "from native")?;
    olga.attach(&[&own]).await?;
    olga.send("with a file").await
}
