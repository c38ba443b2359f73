//! What the server refuses for good stays where it was asked for, with its reason, until the person says what becomes of it.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use confab_tests::seen::Seen;
use confab_tests::server::Server;
use confab_tests::stage::{Stage, play};
use confab_tests::window::AppWindow;
use confab_tests::wire;

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn messages_of_somebody_who_was_removed_stand_refused_and_go_when_they_may_or_are_deleted() -> Result<()>
{
    play("stuck_messages", stuck_messages).await
}

async fn stuck_messages(stage: &Stage) -> Result<()> {
    let mut server = stage.server()?;
    let [ingrid, aiko] = two_in_harbour(stage, &server).await?;

    // Written while nobody listens, and its author is removed before it is sent.
    server.process().kill()?;
    aiko.until("that it is not connected", |seen| seen.connection.as_deref() == Some("connecting")).await?;
    aiko.send("Keep this.").await?;
    aiko.send("Forget this.").await?;
    aiko.until("both on their way", |seen| {
        seen.is("Keep this.", "sending") && seen.is("Forget this.", "sending")
    })
    .await?;
    aiko.end().await?;
    server.kill_and_restart()?;
    ingrid.until_connected().await?;
    let aiko_there = "[data-testid=\"participant\"][data-identity=\"Aiko\"]";
    ingrid.point_at(aiko_there).await?;
    ingrid.click_css(&format!("{aiko_there} [data-testid=\"person-menu\"]")).await?;
    ingrid.click("participant-remove").await?;
    ingrid.until("that she is removed", |seen| !seen.people.iter().any(|person| person == "Aiko")).await?;

    let aiko = stage.app("aiko").start().await?;
    let refused = |seen: &Seen, body: &str| {
        let rows = seen.messages.iter().filter(|message| message.body == body);
        rows.filter(|message| message.state == "failed" && message.problem.is_some()).count() == 1
    };
    aiko.open("Harbour").await?;
    let seen = aiko
        .until("both refused", |seen| refused(seen, "Keep this.") && refused(seen, "Forget this."))
        .await?;
    for message in seen.messages.iter().filter_map(|message| message.problem.as_ref()) {
        ensure!(message.code == "not_found" && message.text.contains("not in it"), "a reason: {message:?}");
    }

    // As long as the reason stands, it is refused again; nothing comes of it twice.
    aiko.click_in_message("Keep this.", "message-retry").await?;
    aiko.until("the refusal again", |seen| refused(seen, "Keep this.")).await?;
    aiko.click_in_message("Forget this.", "message-discard").await?;
    aiko.until("that it is gone", |seen| seen.count("Forget this.") == 0).await?;

    ingrid.add_participant("Aiko").await?;
    aiko.see("composer-input").await?;
    aiko.click_in_message("Keep this.", "message-retry").await?;
    for window in [&aiko, &ingrid] {
        let seen = window.until_sent("Keep this.").await?;
        ensure!(seen.count("Keep this.") == 1 && seen.count("Forget this.") == 0, "{seen:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_refused_and_has_no_row_is_said_until_it_is_tried_again_or_deleted() -> Result<()> {
    play("stuck_elsewhere", stuck_elsewhere).await
}

async fn stuck_elsewhere(stage: &Stage) -> Result<()> {
    let mut server = stage.server()?;
    let [ingrid, aiko] = two_in_harbour(stage, &server).await?;
    wire::join(&server.invite(&[])?, "Bo")?;

    // Asked for while nobody listens: somebody whom another adds meanwhile, and somebody whom nobody knows.
    server.process().kill()?;
    ingrid.until("that it is not connected", |seen| seen.connection.as_deref() == Some("connecting")).await?;
    for identity in ["Bo", "Samira"] {
        ingrid.try_to_add(identity).await?;
    }
    ingrid.end().await?;
    server.kill_and_restart()?;
    aiko.until_connected().await?;
    aiko.add_participant("Bo").await?;

    let ingrid = stage.app("ingrid").start().await?;
    let seen = ingrid.until("both refused", |seen| seen.stuck.len() == 2).await?;
    for (identity, code) in [("Bo", "already_participant"), ("Samira", "not_found")] {
        let said = seen.stuck.iter().find(|stuck| stuck.code == code).map(|stuck| stuck.text.as_str());
        ensure!(said.is_some_and(|said| said.contains(identity) && said.contains("Harbour")), "{said:?}");
    }
    // They outlive the app.
    ingrid.kill().await?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.until_connected().await?;
    ingrid.until("both still there", |seen| seen.stuck.len() == 2).await?;

    ingrid
        .click_css(
            "[data-testid=\"stuck\"][data-code=\"already_participant\"] [data-testid=\"stuck-discard\"]",
        )
        .await?;
    ingrid.until("one left", |seen| seen.stuck.len() == 1).await?;
    // She comes, and is added by another try.
    wire::join(&server.invite(&[])?, "Samira")?;
    ingrid
        .click_css("[data-testid=\"stuck\"][data-code=\"not_found\"] [data-testid=\"stuck-retry\"]")
        .await?;
    ingrid.until("nothing left", |seen| seen.stuck.is_empty()).await?;
    ingrid.open("Harbour").await?;
    ingrid.see_css("[data-testid=\"participant\"][data-identity=\"Samira\"]").await
}

/// Ingrid and Aiko, both with the same conversation open.
async fn two_in_harbour(stage: &Stage, server: &Server) -> Result<[AppWindow; 2]> {
    let link = server.invite(&[])?;
    let ingrid = stage.app("ingrid").start().await?;
    ingrid.join(&link, "Ingrid", PASSWORD).await?;
    let aiko = stage.app("aiko").start().await?;
    aiko.join(&link, "Aiko", PASSWORD).await?;
    ingrid.new_conversation("Harbour").await?;
    ingrid.add_participant("Aiko").await?;
    aiko.open("Harbour").await?;
    ingrid.send("Before.").await?;
    aiko.until_sent("Before.").await?;
    Ok([ingrid, aiko])
}
