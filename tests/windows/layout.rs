//! Words that are longer than a line, in the window.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::stage::{Stage, play};

#[tokio::test]
async fn a_word_longer_than_a_line_can_be_written_and_sent() -> Result<()> {
    play("long_word", long_word).await
}

async fn long_word(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let window = stage.app("ingrid").start().await?;
    window.join(&server.invite(&[])?, "Ingrid", "seven grey herons").await?;
    window.new_conversation("Harbour").await?;
    let word = "Donaudampfschifffahrtsgesellschaft".repeat(6);
    window.send(&word).await?;
    let seen = window.until_sent(&word).await?;
    ensure!(seen.count(&word) == 1, "not once: {seen:#?}");
    Ok(())
}
