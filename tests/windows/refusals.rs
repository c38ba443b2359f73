//! Everything that can go wrong on the way in has its sentence in the window, and what was typed is still there.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use confab_protocol::Link;
use confab_tests::stage::{Stage, play};
use confab_tests::window::AppWindow;
use confab_tests::{wait, wire};

const PASSWORD: &str = "seven grey herons";

#[tokio::test]
async fn a_join_that_is_refused_says_why_and_keeps_what_was_typed() -> Result<()> {
    play("refused_join", refused_join).await
}

async fn refused_join(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    let good = server.invite(&[])?;
    wire::join(&good, "Ingrid")?;
    let used_up = server.invite(&["--max-uses", "1"])?;
    wire::join(&used_up, "Aiko")?;
    let expired = server.invite(&["--expires-in", "1s"])?;
    // Its second began before this one.
    let over = Instant::now() + Duration::from_secs(1);
    wait::until("the end of the invite", async || Ok((Instant::now() > over).then_some(()))).await?;
    let port = closed_port()?;
    let nobody = altered(&good, |link| link.addresses = vec![format!("127.0.0.1:{port}")])?;
    let stranger = altered(&good, |link| link.fingerprint = "ab".repeat(32))?;

    let window = stage.app("guest").start().await?;
    window.click("join-workspace").await?;
    let cases = [
        (expired.as_str(), "Bo", "invite_expired"),
        (&used_up, "Bo", "invite_used_up"),
        (&good, "ingrid", "name_taken"),
        (&nobody, "Bo", "unreachable"),
        (&stranger, "Bo", "fingerprint_mismatch"),
        ("https://example.org/hello", "Bo", "not_an_invite"),
    ];
    let mut sentences = BTreeSet::new();
    for (link, name, code) in cases {
        let password = "another password";
        for (field, text) in [("join-link", link), ("join-name", name), ("join-password", password)] {
            window.fill(field, text).await?;
        }
        window.click("join-submit").await?;
        sentences.insert(sentence(&window, code).await?);
        for (field, text) in [("join-link", link), ("join-name", name), ("join-password", password)] {
            ensure!(window.value(field).await? == text, "{code}: {field} is no longer what was typed");
        }
    }
    ensure!(sentences.len() == cases.len(), "each has a sentence of its own: {sentences:?}");

    // The form still works: the right link leads in.
    window.fill("join-link", &good).await?;
    window.click("join-submit").await?;
    window.until_connected().await
}

#[tokio::test]
async fn a_sign_in_that_is_refused_says_why_and_keeps_what_was_typed() -> Result<()> {
    play("refused_sign_in", refused_sign_in).await
}

async fn refused_sign_in(stage: &Stage) -> Result<()> {
    let server = stage.server()?;
    wire::join(&server.invite(&[])?, "Ingrid")?;
    let nobody = format!("127.0.0.1:{}", closed_port()?);
    let window = stage.app("guest").start().await?;
    window.click("sign-in").await?;
    let cases = [
        (server.address(), "Ingrid", "wrong_password"),
        (server.address(), "Nobody", "wrong_password"),
        (nobody.as_str(), "Ingrid", "unreachable"),
        ("not an address", "Ingrid", "not_an_address"),
    ];
    for (address, name, code) in cases {
        let password = "another password";
        for (field, text) in
            [("signin-address", address), ("signin-name", name), ("signin-password", password)]
        {
            window.fill(field, text).await?;
        }
        window.click("signin-submit").await?;
        sentence(&window, code).await?;
        for (field, text) in
            [("signin-address", address), ("signin-name", name), ("signin-password", password)]
        {
            ensure!(window.value(field).await? == text, "{code}: {field} is no longer what was typed");
        }
    }
    for (field, text) in [("signin-address", server.address()), ("signin-password", PASSWORD)] {
        window.fill(field, text).await?;
    }
    window.click("signin-submit").await?;
    window.until_connected().await
}

#[tokio::test]
async fn a_workspace_whose_directory_cannot_be_written_says_so_and_starts_once_it_can() -> Result<()> {
    play("refused_directory", refused_directory).await
}

async fn refused_directory(stage: &Stage) -> Result<()> {
    let app = stage.app("ingrid");
    fs::create_dir_all(app.data())?;
    // A file in the way stops even a person who may write everywhere.
    let in_the_way = app.data().join("server");
    fs::write(&in_the_way, "")?;
    let window = app.start().await?;
    window.click("start-workspace").await?;
    window.fill("workspace-name", "Fjordline").await?;
    window.fill("display-name", "Ingrid").await?;
    window.click("start-submit").await?;
    sentence(&window, "data_dir_unwritable").await?;
    ensure!(window.value("workspace-name").await? == "Fjordline", "the workspace's name is gone");
    ensure!(window.value("display-name").await? == "Ingrid", "the person's name is gone");

    fs::remove_file(&in_the_way)?;
    window.click("start-submit").await?;
    window.until_connected().await
}

#[tokio::test]
async fn a_port_that_another_program_took_is_named_and_the_workspace_comes_back_with_it() -> Result<()> {
    play("refused_port", refused_port).await
}

async fn refused_port(stage: &Stage) -> Result<()> {
    let app = stage.app("ingrid");
    let window = app.start().await?;
    window.start_workspace("Fjordline", "Ingrid").await?;
    let link: Link = window.invite().await?.parse()?;
    let port: u16 =
        link.addresses.first().and_then(|address| address.rsplit_once(':')).context("no port")?.1.parse()?;
    window.new_conversation("Harbour").await?;
    window.end().await?;

    let other = wait::until("the port", async || Ok(Some(TcpListener::bind(("127.0.0.1", port))?))).await?;
    let window = app.start().await?;
    let said = sentence(&window, "port_in_use").await?;
    ensure!(said.contains(&port.to_string()), "it names the port: {said}");
    // What is known of the workspace is shown all the same.
    window.open("Harbour").await?;
    window.end().await?;

    drop(other);
    app.start().await?.until_connected().await
}

/// A sentence for people: more than the code, and without it.
async fn sentence(window: &AppWindow, code: &str) -> Result<String> {
    let text = window.until_refused(code).await?;
    ensure!(text.split_whitespace().count() >= 4 && !text.contains(code), "no sentence for {code}: {text:?}");
    Ok(text)
}

fn altered(link: &str, change: impl FnOnce(&mut Link)) -> Result<String> {
    let mut link: Link = link.parse()?;
    change(&mut link);
    Ok(link.to_string())
}

/// A port on which nobody listens: it was free a moment ago.
fn closed_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
