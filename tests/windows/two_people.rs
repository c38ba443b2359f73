//! Two people, two windows, one embedded server: from the first start to reading what was written.
#![cfg(target_os = "linux")]

use anyhow::Result;
use confab_tests::stage::{Stage, play};

#[tokio::test]
async fn two_people_start_join_chat_and_read() -> Result<()> {
    play("two_people", chat).await
}

async fn chat(stage: &Stage) -> Result<()> {
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.start_workspace("Fjordline", "Ingrid").await?;
    let link = ingrid.invite().await?;

    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", "seven grey herons").await?;

    // Added without regard to case.
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("aiko").await?;
    aiko.open("Harbour").await?;

    // Both ways.
    ingrid.send("The ferry is late.").await?;
    ingrid.until_sent("The ferry is late.").await?;
    let seen = aiko.until_sent("The ferry is late.").await?;
    assert_eq!(seen.messages.iter().map(|message| message.author.as_str()).collect::<Vec<_>>(), ["Ingrid"]);
    aiko.send("I see it coming in.").await?;
    ingrid.until_sent("I see it coming in.").await?;

    // Typing is seen, with the friendly name, and ends when the message arrives.
    aiko.fill("composer-input", "Pier sev").await?;
    ingrid
        .until("that Aiko is typing", |seen| seen.typing.as_deref().is_some_and(|text| text.contains("Aiko")))
        .await?;
    aiko.press("composer-input", "en!").await?;
    aiko.click("composer-send").await?;
    ingrid.until("the message instead", |seen| seen.has_sent("Pier seven!") && seen.typing.is_none()).await?;

    // Another conversation is open on both sides: the badge counts up, and clears on reading.
    ingrid.new_conversation("Kitchen").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Kitchen").await?;
    counts_and_clears(&ingrid, &aiko, "from Ingrid").await?;
    counts_and_clears(&aiko, &ingrid, "from Aiko").await
}

/// One writes into "Harbour" while the other looks at "Kitchen".
async fn counts_and_clears(
    writer: &confab_tests::window::AppWindow,
    reader: &confab_tests::window::AppWindow,
    text: &str,
) -> Result<()> {
    // What is on screen in a window with the keyboard is read.
    reader.focus().await?;
    reader.open("Harbour").await?;
    reader.until("all of it read", |seen| seen.unread("Harbour") == Some(0)).await?;
    reader.open("Kitchen").await?;
    writer.focus().await?;
    writer.open("Harbour").await?;
    for count in 1..=3 {
        writer.send(&format!("{count} {text}")).await?;
        reader.until(&format!("{count} unread"), |seen| seen.unread("Harbour") == Some(count)).await?;
    }
    reader.until_title("(3) ").await?;
    reader.focus().await?;
    reader.open("Harbour").await?;
    reader.until("nothing unread", |seen| seen.unread("Harbour") == Some(0)).await?;
    reader.until_title("Confab").await
}
