//! Conversations of every kind in real windows: found, joined, made twice, closed, woken, left and deleted.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use confab_tests::seen::Seen;
use confab_tests::server::Server;
use confab_tests::stage::{Stage, play};
use confab_tests::wait;
use confab_tests::window::AppWindow;

const PASSWORD: &str = "seven grey herons";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";

/// Ingrid's window and Aiko's, in one workspace on a server of its own, which lives as long as they do.
async fn two(stage: &Stage) -> Result<(Server, AppWindow, AppWindow)> {
    let server = stage.server()?;
    let link = server.invite(&[])?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    Ok((server, ingrid, aiko))
}

#[tokio::test]
async fn a_public_conversation_is_found_looked_at_and_joined() -> Result<()> {
    play("public", public).await
}

async fn public(stage: &Stage) -> Result<()> {
    let (_server, ingrid, aiko) = two(stage).await?;

    ingrid.click("new-conversation").await?;
    ingrid.click_css("[data-testid=conversation-kind] [data-value=public]").await?;
    ingrid.fill("new-conversation-name", "Harbour").await?;
    ingrid.click("new-conversation-more").await?;
    ingrid.fill("new-conversation-unique-name", "harbour").await?;
    ingrid.click("new-conversation-submit").await?;
    ingrid.see_gone("new-conversation-submit").await?;
    ingrid.send("Before anybody came.").await?;
    ingrid.until_sent("Before anybody came.").await?;

    // A short name that is taken is said at its field, and everything typed stands there still.
    ingrid.click("new-conversation").await?;
    ingrid.fill("new-conversation-name", "Second harbour").await?;
    ingrid.click("new-conversation-more").await?;
    ingrid.fill("new-conversation-unique-name", "harbour").await?;
    ingrid.click("new-conversation-submit").await?;
    ingrid.until_refused("unique_name_taken").await?;
    ensure!(ingrid.value("new-conversation-name").await? == "Second harbour", "the name is gone");
    ingrid.until("no second row", |seen| seen.row("Second harbour").is_none()).await?;
    ingrid.until("nothing stuck", |seen| seen.stuck.is_empty()).await?;
    ingrid.fill("new-conversation-unique-name", "harbour-2").await?;
    ingrid.click("new-conversation-submit").await?;
    ingrid.until("the second one", |seen| seen.row("Second harbour").is_some_and(|row| row.open)).await?;
    ingrid.see_gone("new-conversation-submit").await?;

    // The private one is not in the directory; the public one is looked at before it is joined.
    aiko.click("empty-directory").await?;
    aiko.see_css("[data-testid=directory-item][data-name=Harbour][data-joined=false]").await?;
    ensure!(!aiko.has_css("[data-name=\"Second harbour\"]").await?, "a private one is in the directory");
    // The keyboard is enough: from the search down to the one that is found, to its facts, and in.
    aiko.fill("directory-search", "harb").await?;
    aiko.press("directory-search", DOWN).await?;
    aiko.press("directory-peek", ENTER).await?;
    aiko.until_text("directory-facts", "Ingrid").await?;
    ensure!(aiko.look().await?.row("Harbour").is_none(), "looking is not joining");
    aiko.press("directory-join", ENTER).await?;
    aiko.see_gone("directory").await?;
    aiko.until_sent("Before anybody came.").await?;
    ingrid.open("Harbour").await?;
    ingrid.click("details-toggle").await?;
    ingrid.until("Aiko in the roster", |seen| seen.people.iter().any(|one| one == "Aiko")).await?;

    // Left, it says how one comes back; and so one does.
    aiko.leave().await?;
    aiko.until("no row", |seen| seen.row("Harbour").is_none()).await?;
    aiko.click("empty-directory").await?;
    aiko.click_css("[data-testid=directory-shelf] [data-value=left]").await?;
    aiko.click("directory-peek").await?;
    aiko.click("directory-join").await?;
    aiko.until_sent("Before anybody came.").await.map(drop)
}

#[tokio::test]
async fn a_conversation_of_two_is_one_whoever_makes_it() -> Result<()> {
    play("direct", direct).await
}

async fn direct(stage: &Stage) -> Result<()> {
    let (_server, ingrid, aiko) = two(stage).await?;

    ingrid.open_direct("Aiko").await?;
    ingrid.send("Only for you.").await?;
    ingrid.until_sent("Only for you.").await?;
    ingrid.until_text("conversation-title", "Aiko").await?;
    let sid = ingrid.look().await?.row("Aiko").context("no row for Aiko")?.sid.clone();

    // The other one sees it under Ingrid's name, and asking for it opens the same.
    aiko.until("Ingrid's row", |seen| seen.row("Ingrid").is_some_and(|row| row.sid == sid)).await?;
    aiko.open_direct("ingrid").await?;
    let seen = aiko.until_sent("Only for you.").await?;
    ensure!(seen.rows.len() == 1 && seen.rows[0].sid == sid, "another one: {seen:#?}");
    ingrid.open_direct("Aiko").await?;
    ensure!(ingrid.look().await?.rows.len() == 1, "made twice");

    // Whether the other one is there shows in the list.
    ingrid.see_css("[data-testid=conversation-item] .presence[data-is=online]").await?;
    aiko.end().await?;
    ingrid.see_css("[data-testid=conversation-item] .presence[data-is=offline]").await
}

#[tokio::test]
async fn a_conversation_sleeps_wakes_and_closes_for_good() -> Result<()> {
    play("closing", closing).await
}

async fn closing(stage: &Stage) -> Result<()> {
    let (_server, ingrid, aiko) = two(stage).await?;
    ingrid.new_conversation("Regatta").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Regatta").await?;

    ingrid.settings().await?;
    ingrid.click("conversation-sleep").await?;
    aiko.see_css("[data-testid=header-state][data-state=inactive]").await?;
    ingrid.click("conversation-reopen").await?;
    aiko.see_gone("header-state").await?;
    // Whoever is no owner sees how it stands, and no way to change it.
    aiko.settings().await?;
    aiko.see_css("[data-testid=conversation-state][data-state=active]").await?;
    ensure!(!aiko.has("conversation-close").await?, "a participant is offered to close it");
    // A message wakes it too.
    ingrid.click("conversation-sleep").await?;
    aiko.see_css("[data-testid=header-state][data-state=inactive]").await?;
    aiko.send("Wind from the west.").await?;
    aiko.until_sent("Wind from the west.").await?;
    ingrid.see_css("[data-testid=conversation-state][data-state=active]").await?;

    ingrid.choose("timer-inactive", "P7D").await?;
    aiko.until_text("details", "7 days").await?;

    aiko.fill("composer-input", "And then").await?;
    ingrid.click("conversation-close").await?;
    ingrid.click("close-confirm").await?;
    for window in [&ingrid, &aiko] {
        window.see_css("[data-testid=header-state][data-state=closed]").await?;
        window.see("composer-closed").await?;
        window.until("no composer", |seen| seen.composer.is_none()).await?;
        window.until_sent("Wind from the west.").await?;
    }
    // What she was writing is not lost, and goes when she says so; the keyboard has a place.
    aiko.until_text("composer-kept", "And then").await?;
    until_on(&aiko, "[data-testid=timeline]").await?;
    aiko.click("composer-discard").await?;
    aiko.see_gone("composer-kept").await?;
    ensure!(!ingrid.has("conversation-reopen").await?, "it can be opened again");
    Ok(())
}

#[tokio::test]
async fn a_deletion_takes_the_conversation_out_of_every_window() -> Result<()> {
    play("deleting", deleting).await
}

async fn deleting(stage: &Stage) -> Result<()> {
    let (_server, ingrid, aiko) = two(stage).await?;
    ingrid.new_conversation("Dredging").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Dredging").await?;
    ingrid.send("The mooring code is 4711.").await?;
    aiko.until_sent("The mooring code is 4711.").await?;

    // Somebody else is asked something about it at this moment.
    aiko.settings().await?;
    aiko.click("leave-conversation").await?;
    aiko.see("leave-confirm").await?;

    // Asked first; a step back deletes nothing.
    ingrid.settings().await?;
    ingrid.click("conversation-delete").await?;
    ingrid.press("delete-confirm", ESCAPE).await?;
    ingrid.see_gone("delete-confirm").await?;
    ensure!(ingrid.look().await?.row("Dredging").is_some(), "deleted without a yes");
    ingrid.click("conversation-delete").await?;
    ingrid.click("delete-confirm").await?;
    let gone = |seen: &Seen| seen.row("Dredging").is_none() && seen.messages.is_empty();
    ingrid.until("nothing of it", gone).await?;
    aiko.until("nothing of it", gone).await?;
    aiko.until_refused("conversation_deleted").await?;
    aiko.see("empty-new-conversation").await?;
    // The question is gone too, and the window takes keys as before.
    aiko.see_gone("leave-confirm").await?;
    until_on(&aiko, ".jump").await?;
    aiko.click("settings-open").await?;
    aiko.press("settings-close", ESCAPE).await?;
    aiko.see_gone("settings").await?;

    // Nothing of it stays in the files of whoever read it.
    aiko.end().await?;
    let held = holding(&stage.directory().join("aiko"), "mooring code")?;
    ensure!(held.is_empty(), "it is still in {held:?}");
    Ok(())
}

#[tokio::test]
async fn a_row_is_muted_marked_unread_and_left_from_its_menu() -> Result<()> {
    play("row_menu", row_menu).await
}

async fn row_menu(stage: &Stage) -> Result<()> {
    let (_server, ingrid, aiko) = two(stage).await?;
    ingrid.new_conversation("Lunch").await?;
    ingrid.add_participant("Aiko").await?;
    ingrid.send("Ramen?").await?;
    ingrid.until_sent("Ramen?").await?;
    ingrid.new_conversation("Berths").await?;
    aiko.focus().await?;
    aiko.open("Lunch").await?;
    aiko.until("all of it read", |seen| seen.unread("Lunch") == Some(0)).await?;

    // With the keys alone.
    aiko.row_menu().await?;
    aiko.press("row-mute", ENTER).await?;
    aiko.see_css("[data-testid=conversation-item].row--muted").await?;
    aiko.row_menu().await?;
    aiko.press("row-mark-unread", ENTER).await?;
    aiko.until("one unread", |seen| seen.unread("Lunch") == Some(1)).await?;
    aiko.row_menu().await?;
    aiko.press("row-mute", UP).await?;
    aiko.press("row-leave", ENTER).await?;
    aiko.click("leave-confirm").await?;
    aiko.until("no row", |seen| seen.rows.is_empty() && seen.errors.is_empty()).await.map(drop)
}

/// Waits until the keys of a window go to what a CSS selector finds.
async fn until_on(window: &AppWindow, css: &str) -> Result<()> {
    wait::until(format!("the keyboard on {css}"), async || {
        let script = "return document.activeElement?.matches(arguments[0]) ?? false";
        Ok((window.execute(script, vec![css.into()]).await? == true).then_some(()))
    })
    .await
}

/// Files below a directory that hold a text.
fn holding(directory: &Path, text: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(holding(&path, text)?);
        } else if fs::read(&path)?.windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path);
        }
    }
    Ok(found)
}

#[tokio::test]
async fn of_an_uber_conversation_one_sees_what_was_written_while_one_was_there() -> Result<()> {
    play("uber", uber).await
}

async fn uber(stage: &Stage) -> Result<()> {
    let (_server, ingrid, aiko) = two(stage).await?;
    ingrid.click("new-conversation").await?;
    ingrid.fill("new-conversation-name", "Quay").await?;
    ingrid.fill("new-conversation-people", "Aiko").await?;
    ingrid.click_css("[data-testid=new-conversation-people-option][data-identity=\"Aiko\"]").await?;
    ingrid.click("new-conversation-more").await?;
    ingrid.click("new-conversation-uber").await?;
    ingrid.click("new-conversation-submit").await?;
    ingrid.see_gone("new-conversation-submit").await?;
    aiko.open("Quay").await?;
    ingrid.send("While she is here.").await?;
    aiko.until_sent("While she is here.").await?;

    // She goes, and comes back.
    ingrid.click("details-toggle").await?;
    person(&ingrid, "Aiko", "participant-remove").await?;
    aiko.until("that she is out", |seen| seen.composer.is_none()).await?;
    ingrid.send("While she is away.").await?;
    ingrid.until_sent("While she is away.").await?;
    ingrid.add_participant("Aiko").await?;
    ingrid.send("And back.").await?;
    aiko.open("Quay").await?;
    let seen = aiko.until_sent("And back.").await?;
    ensure!(seen.count("While she is away.") == 0 && seen.count("While she is here.") == 1, "{seen:?}");

    // Another owner, and what somebody is called, are seen by everybody.
    person(&ingrid, "Aiko", "make-owner").await?;
    ingrid.see_css("[data-testid=\"participant\"][data-identity=\"Aiko\"][data-role=\"owner\"]").await?;
    aiko.click("settings-open").await?;
    aiko.click("settings-profile").await?;
    aiko.fill("friendly-name", "Aiko of the quay").await?;
    aiko.click("friendly-name-submit").await?;
    let name = "[data-testid=\"participant\"][data-identity=\"Aiko\"] [data-testid=\"participant-name\"]";
    ingrid.until_text_css(name, "Aiko of the quay").await
}

/// Chooses from the menu of somebody in the open list of people.
async fn person(window: &AppWindow, identity: &str, item: &str) -> Result<()> {
    let row = format!("[data-testid=\"participant\"][data-identity=\"{identity}\"]");
    window.point_at(&row).await?;
    window.click_css(&format!("{row} [data-testid=\"person-menu\"]")).await?;
    window.click(item).await
}
