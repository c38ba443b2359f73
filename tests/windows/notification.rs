//! A message in another conversation calls its reader through the desktop, and a click leads there.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::stage::{Stage, play};
use confab_tests::wait;

#[tokio::test]
async fn a_notification_is_shown_leads_to_its_conversation_and_goes_when_read() -> Result<()> {
    play("notification", notification).await
}

async fn notification(stage: &Stage) -> Result<()> {
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.start_workspace("Fjordline", "Ingrid").await?;
    let link = ingrid.invite().await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", "seven grey herons").await?;
    for name in ["Harbour", "Kitchen"] {
        ingrid.new_conversation(name).await?;
        ingrid.add_participant("Aiko").await?;
    }
    aiko.open("Kitchen").await?;
    aiko.focus().await?;

    // None for the conversation that is being looked at.
    ingrid.open("Kitchen").await?;
    ingrid.send("Soup is ready.").await?;
    aiko.until_sent("Soup is ready.").await?;
    ingrid.focus().await?;
    ingrid.open("Harbour").await?;
    ingrid.send("The ferry is in.").await?;
    let shown = stage.notifications().with("The ferry is in.").await?;
    ensure!(shown.actions.iter().any(|action| action == "default"), "a click on it does nothing");
    ensure!(
        shown.summary.contains("Harbour") || shown.summary.contains("Ingrid"),
        "it says whose it is: {shown:?}"
    );
    let quiet = stage.notifications().all().iter().all(|shown| !shown.body.contains("Soup"));
    ensure!(quiet, "what is on screen in the focused window calls nobody");

    stage.notifications().click(&shown).await?;
    let opened = |seen: &confab_tests::seen::Seen| seen.row("Harbour").is_some_and(|row| row.open);
    aiko.until("the conversation of the notification", opened).await?;
    aiko.until_sent("The ferry is in.").await?;
    aiko.until_focused().await?;

    // One that is read in the window is withdrawn.
    ingrid.focus().await?;
    aiko.open("Kitchen").await?;
    ingrid.send("It leaves at nine.").await?;
    let shown = stage.notifications().with("It leaves at nine.").await?;
    aiko.focus().await?;
    aiko.open("Harbour").await?;
    wait::until("the notification to be withdrawn", async || {
        let gone = stage.notifications().all().iter().any(|other| other.id == shown.id && other.closed);
        Ok(gone.then_some(()))
    })
    .await
}
