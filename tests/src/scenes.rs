//! What people do in a window, step by step, as they would.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::seen::Seen;
use crate::window::AppWindow;

impl AppWindow {
    /// From the first-run screen into an own workspace.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn start_workspace(&self, workspace: &str, name: &str) -> Result<()> {
        self.click("start-workspace").await?;
        self.fill("workspace-name", workspace).await?;
        self.fill("display-name", name).await?;
        self.click("start-submit").await?;
        self.until_connected().await
    }

    /// From the first-run screen into an own workspace, with a password for other computers.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn start_workspace_with_password(
        &self,
        workspace: &str,
        name: &str,
        password: &str,
    ) -> Result<()> {
        self.click("start-workspace").await?;
        self.fill("workspace-name", workspace).await?;
        self.fill("display-name", name).await?;
        self.fill("start-password", password).await?;
        self.click("start-submit").await?;
        self.until_connected().await
    }

    /// From the first-run screen into somebody's workspace.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn join(&self, link: &str, name: &str, password: &str) -> Result<()> {
        self.try_to_join(link, name, password).await?;
        self.until_connected().await
    }

    /// Fills the form for joining and sends it, whatever comes of it.
    ///
    /// # Errors
    /// When there is no such form.
    pub async fn try_to_join(&self, link: &str, name: &str, password: &str) -> Result<()> {
        self.click("join-workspace").await?;
        self.fill("join-link", link).await?;
        self.fill("join-name", name).await?;
        self.fill("join-password", password).await?;
        self.click("join-submit").await
    }

    /// Fills the form for signing in and sends it, whatever comes of it.
    ///
    /// # Errors
    /// When there is no such form.
    pub async fn try_to_sign_in(&self, address: &str, name: &str, password: &str) -> Result<()> {
        self.click("sign-in").await?;
        self.fill("signin-address", address).await?;
        self.fill("signin-name", name).await?;
        self.fill("signin-password", password).await?;
        self.click("signin-submit").await
    }

    /// Waits until it is in a workspace and in step with its server.
    ///
    /// # Errors
    /// When it is not.
    pub async fn until_connected(&self) -> Result<()> {
        self.see("conversation-list").await?;
        let connected = |seen: &Seen| seen.connection.as_deref() == Some("connected");
        self.until("the state `connected`", connected).await.map(drop)
    }

    /// Makes an invite and closes its dialog again.
    ///
    /// # Errors
    /// When there is none.
    pub async fn invite(&self) -> Result<String> {
        self.click("invite-open").await?;
        let link = self.text("invite-link").await?;
        self.click("invite-done").await?;
        self.see_gone("invite-link").await?;
        link.starts_with("confab://join/").then_some(link).context("the invite is no link")
    }

    /// Makes a conversation, which opens it.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn new_conversation(&self, name: &str) -> Result<()> {
        self.click("new-conversation").await?;
        self.fill("new-conversation-name", name).await?;
        self.click("new-conversation-submit").await?;
        let made = |seen: &Seen| seen.row(name).is_some_and(|row| row.open && row.sid.starts_with("CH"));
        self.until("the new conversation", made).await.map(drop)
    }

    /// Opens the conversation with one person, by that person's name.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn open_direct(&self, identity: &str) -> Result<()> {
        self.click("new-conversation").await?;
        self.click_css("[data-testid=conversation-kind] [data-value=direct]").await?;
        self.fill("new-conversation-person", identity).await?;
        self.click_css(&format!(
            "[data-testid=new-conversation-person-option][data-identity=\"{identity}\" i]"
        ))
        .await?;
        self.click("new-conversation-submit").await?;
        self.see_gone("new-conversation-submit").await?;
        let open = |seen: &Seen| seen.rows.iter().any(|row| row.open && row.sid.starts_with("CH"));
        self.until("the conversation of two", open).await.map(drop)
    }

    /// Leaves the open conversation.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn leave(&self) -> Result<()> {
        self.settings().await?;
        self.click("leave-conversation").await?;
        self.click("leave-confirm").await
    }

    /// Shows the settings of the open conversation.
    ///
    /// # Errors
    /// When there are none.
    pub async fn settings(&self) -> Result<()> {
        if !self.has("details").await? {
            self.click("details-toggle").await?;
        }
        self.click("details-tab-settings").await?;
        self.see("mute").await.map(drop)
    }

    /// Opens the menu of the open conversation's row with the keyboard.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn row_menu(&self) -> Result<()> {
        let shift_f10 = "\u{e008}\u{e03a}\u{e000}";
        self.press("conversation-item", shift_f10).await?;
        self.see("row-mute").await.map(drop)
    }

    /// Adds somebody to the open conversation.
    ///
    /// # Errors
    /// When a step does not lead on.
    pub async fn add_participant(&self, identity: &str) -> Result<()> {
        self.try_to_add(identity).await?;
        self.see_css(&format!("[data-testid=\"participant\"][data-identity=\"{identity}\" i]")).await
    }

    /// The same, whatever comes of it.
    ///
    /// # Errors
    /// When there is no such form.
    pub async fn try_to_add(&self, identity: &str) -> Result<()> {
        for (needed, way) in
            [("add-participant", "details-toggle"), ("add-participant-identity", "add-participant")]
        {
            if !self.has(needed).await? {
                self.click(way).await?;
            }
            self.see(needed).await?;
        }
        self.fill("add-participant-identity", identity).await?;
        self.click("add-participant-submit").await
    }

    /// Clicks on something within the one message with this text.
    ///
    /// # Errors
    /// When there is no such message.
    pub async fn click_in_message(&self, body: &str, id: &str) -> Result<()> {
        let seen = self.until(&format!("the message {body:?}"), |seen| seen.count(body) == 1).await?;
        let at = seen.messages.iter().position(|message| message.body == body).unwrap_or_default();
        let mark = "document.querySelectorAll('[data-testid=\"message\"]')[arguments[0]].id = 'wanted'";
        self.execute(mark, vec![at.into()]).await?;
        self.point_at("#wanted").await?;
        self.click_css(&format!("#wanted [data-testid=\"{id}\"]")).await?;
        let unmark = "document.getElementById('wanted')?.removeAttribute('id')";
        self.execute(unmark, vec![]).await.map(drop)
    }

    /// Opens a conversation by a click on its row.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open(&self, name: &str) -> Result<()> {
        let there = |seen: &Seen| seen.row(name).is_some_and(|row| row.sid.starts_with("CH"));
        let seen = self.until("the conversation's row", there).await?;
        let sid = &seen.row(name).context("invariant: the row is there")?.sid;
        self.click_css(&format!("[data-conversation-sid=\"{sid}\"]")).await?;
        let open = |seen: &Seen| seen.row(name).is_some_and(|row| row.open);
        self.until("the open conversation", open).await.map(drop)
    }

    /// Chooses files to go with what is being written, and waits until they are kept.
    ///
    /// # Errors
    /// When they are not taken.
    pub async fn attach(&self, files: &[&Path]) -> Result<()> {
        self.choose_files("attach-input", files).await?;
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let kept = format!("[data-testid=\"attachment\"][data-state=\"ready\"][data-name=\"{name}\"]");
            self.see_css(&kept).await?;
        }
        Ok(())
    }

    /// Writes a message and sends it, without waiting for what comes of it.
    ///
    /// # Errors
    /// When there is no composer.
    pub async fn send(&self, text: &str) -> Result<()> {
        self.fill("composer-input", text).await?;
        self.click("composer-send").await
    }

    /// Waits until a message stands in the timeline and the server has it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn until_sent(&self, text: &str) -> Result<Seen> {
        self.until(&format!("the message {text:?}"), |seen| seen.has_sent(text)).await
    }

    /// Waits for the sentence of a refusal, and gives it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn until_refused(&self, code: &str) -> Result<String> {
        let refused =
            |seen: &Seen| seen.errors.iter().any(|error| error.code == code && !error.text.is_empty());
        let seen = self.until(&format!("the refusal {code}"), refused).await?;
        let notice = seen.errors.into_iter().find(|error| error.code == code);
        Ok(notice.context("invariant: the refusal is there")?.text)
    }
}
