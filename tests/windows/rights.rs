//! Rights, status and what was read reach other windows at once: an owner makes somebody a reader and takes it back.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::server::Server;
use confab_tests::stage::{Stage, play};
use confab_tests::window::AppWindow;

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn rights_status_and_reading_are_seen_in_the_other_window() -> Result<()> {
    play("rights", rights).await
}

async fn rights(stage: &Stage) -> Result<()> {
    let (_server, [ingrid, aiko]) = two_in_harbour(stage).await?;

    // What was read is told to whoever wrote it, with the time.
    ingrid.focus().await?;
    ingrid.send("The ferry is late.").await?;
    ingrid.until_sent("The ferry is late.").await?;
    aiko.until_sent("The ferry is late.").await?;
    aiko.focus().await?;
    ingrid.see_css("[data-testid=\"message-mark\"][data-read=\"all\"]").await?;
    ingrid.click("seen-by").await?;
    ingrid
        .see_css("[data-testid=\"seen-by-person\"][data-identity=\"Aiko\"][data-read=\"true\"] time")
        .await?;
    ingrid.click("details-toggle").await?;
    ingrid.see_gone("seen-by-list").await?;

    // Without the right to write there is no place to write, and the reason stands there instead.
    open_rights(&ingrid, "Aiko").await?;
    ingrid.click("flag-can_write").await?;
    aiko.see("composer-closed").await?;
    aiko.see_gone("composer-input").await?;
    ingrid.see_css("[data-testid=\"flag-can_write\"][aria-checked=\"false\"]").await?;
    ingrid.click("rights-reset").await?;
    aiko.see("composer-input").await?;
    ingrid.click("rights-done").await?;
    aiko.send("I may again.").await?;
    ingrid.until_sent("I may again.").await?;

    // How one shows oneself is seen in the list of people.
    aiko.click("own-status").await?;
    aiko.click("status-busy").await?;
    aiko.see_css("[data-testid=\"own-status\"][data-state=\"busy\"]").await?;
    ingrid.see_css("[data-testid=\"participant\"][data-identity=\"Aiko\"] [data-is=\"busy\"]").await?;
    ingrid.click_css("[data-testid=\"participant\"][data-identity=\"Aiko\"] .person__face").await?;
    ingrid.see_css("[data-testid=\"profile-card\"] [data-testid=\"presence\"][data-state=\"busy\"]").await
}

#[tokio::test]
async fn a_role_that_somebody_makes_is_given_and_changes_for_whoever_has_it() -> Result<()> {
    play("roles", roles).await
}

async fn roles(stage: &Stage) -> Result<()> {
    let (_server, [ingrid, aiko]) = two_in_harbour(stage).await?;
    ingrid.click("settings-open").await?;
    ingrid.click("settings-roles").await?;
    ingrid.click_css("[data-testid=\"role-new\"][data-place=\"conversation\"]").await?;
    ingrid.fill("role-name", "Guest").await?;
    ingrid.click_css("[data-permission=\"leaveConversation\"]").await?;
    ingrid.click("role-save").await?;
    ingrid.see_css("[data-testid=\"role\"][data-built-in=\"false\"]").await?;
    ingrid.click("settings-close").await?;

    ingrid.click("details-toggle").await?;
    open_rights(&ingrid, "Aiko").await?;
    let guest = "[data-testid=\"rights\"] label:last-of-type [data-testid=\"role-choice\"]";
    ingrid.click_css(guest).await?;
    aiko.see("composer-closed").await?;
    ingrid.click("rights-done").await?;

    // The role gives more: whoever has it may at once.
    ingrid.click("settings-open").await?;
    ingrid.click("settings-roles").await?;
    ingrid.click_css("[data-testid=\"role\"][data-built-in=\"false\"]").await?;
    ingrid.click_css("[data-permission=\"sendMessage\"]").await?;
    ingrid.click("role-save").await?;
    aiko.see("composer-input").await?;
    ensure!(!aiko.has("attach").await?, "files are offered to somebody who may send none");
    aiko.send("Guests write too.").await?;

    // One that somebody has stays.
    ingrid.click_css("[data-testid=\"role\"][data-built-in=\"false\"]").await?;
    ingrid.click("role-delete").await?;
    ingrid.click("role-delete").await?;
    ingrid.until_refused("role_in_use").await.map(drop)
}

async fn open_rights(window: &AppWindow, identity: &str) -> Result<()> {
    let person = format!("[data-testid=\"participant\"][data-identity=\"{identity}\"]");
    window.point_at(&person).await?;
    window.click_css(&format!("{person} [data-testid=\"person-menu\"]")).await?;
    window.click("participant-rights").await?;
    window.see("rights").await.map(drop)
}

/// Two people who both look at a conversation that the first of them owns.
async fn two_in_harbour(stage: &Stage) -> Result<(Server, [AppWindow; 2])> {
    let server = stage.server()?;
    let link = server.invite(&[])?;
    let (ingrid, aiko) = (stage.app("ingrid").start().await?, stage.app("aiko").start().await?);
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    ingrid.click("details-toggle").await?;
    aiko.open("Harbour").await?;
    Ok((server, [ingrid, aiko]))
}
