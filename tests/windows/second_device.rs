//! One person on two computers: both windows show the same, also what is read.
#![cfg(target_os = "linux")]

use anyhow::Result;
use confab_tests::stage::{Stage, play};

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn the_second_device_of_the_first_person_chats_types_counts_and_reads_along() -> Result<()> {
    play("second_device", second_device).await
}

async fn second_device(stage: &Stage) -> Result<()> {
    let desk = stage.app("desk").start().await?;
    desk.start_workspace_with_password("Fjordline", "Ingrid", PASSWORD).await?;
    let link = desk.invite().await?;

    // A known name with its right password signs in; the invite is not used up by it.
    let laptop = stage.app("laptop").start().await?;
    laptop.join(&link, "ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;

    // What one device makes, the other has.
    desk.new_conversation("Harbour").await?;
    desk.add_participant("Aiko").await?;
    laptop.open("Harbour").await?;
    desk.send("From the desk.").await?;
    laptop.until_sent("From the desk.").await?;
    laptop.send("From the laptop.").await?;
    let seen = desk.until_sent("From the laptop.").await?;
    assert!(seen.messages.iter().all(|message| message.author == "Ingrid"), "one person: {seen:#?}");
    assert_eq!(seen.count("From the laptop."), 1);

    // Own typing is not shown to oneself, that of others on both devices.
    aiko.open("Harbour").await?;
    aiko.press("composer-input", "Hm").await?;
    for device in [&desk, &laptop] {
        device
            .until("that Aiko is typing", |seen| {
                seen.typing.as_deref().is_some_and(|who| who.contains("Aiko"))
            })
            .await?;
    }

    // Unread on both devices; read on one is read on the other.
    desk.new_conversation("Kitchen").await?;
    laptop.open("Kitchen").await?;
    aiko.fill("composer-input", "Anybody there?").await?;
    aiko.click("composer-send").await?;
    for device in [&desk, &laptop] {
        device.until("one unread", |seen| seen.unread("Harbour") == Some(1)).await?;
    }
    laptop.focus().await?;
    laptop.open("Harbour").await?;
    for device in [&laptop, &desk] {
        device.until("nothing unread", |seen| seen.unread("Harbour") == Some(0)).await?;
    }
    Ok(())
}
