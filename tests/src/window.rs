//! A window of the app, as a person sees and uses it.

use std::fmt::Display;
use std::path::Path;

use anyhow::{Context as _, Result};
use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::elements::Element;
use serde_json::Value;

use crate::app::Surroundings;
use crate::display;
use crate::driver::Driver;
use crate::seen::{SCRIPT, Seen};
use crate::wait;

/// A window with its app.
#[derive(Debug)]
pub struct AppWindow {
    driver: Driver,
    surroundings: Surroundings,
    name: String,
}

impl AppWindow {
    pub(crate) fn new(driver: Driver, surroundings: Surroundings, name: &str) -> Self {
        Self { driver, surroundings, name: name.to_owned() }
    }

    /// The id of the app's process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.driver.app()
    }

    /// `kill -9` for the app.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn kill(self) -> Result<()> {
        self.driver.kill_app().await
    }

    /// Asks the app to end, as the system does at logging out.
    ///
    /// # Errors
    /// When it does not.
    pub async fn end(self) -> Result<()> {
        self.driver.end_app().await
    }

    /// What it shows now.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn look(&self) -> Result<Seen> {
        Ok(serde_json::from_value(self.driver.client().execute(SCRIPT, vec![]).await?)?)
    }

    /// Waits until what it shows fulfils `when`.
    ///
    /// # Errors
    /// When it does not; says what is shown instead.
    pub async fn until(&self, what: &str, when: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let mut last = None;
        let found = self.wait(what, async || {
            let seen = self.look().await?;
            let fulfilled = when(&seen);
            last = Some(seen.clone());
            Ok(fulfilled.then_some(seen))
        });
        let found = found.await;
        found.with_context(|| format!("{}'s window shows {last:#?}", self.name))
    }

    /// Waits for an element, by its test id.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn see(&self, id: &str) -> Result<Element> {
        self.wait(id, async || {
            let found = self.driver.client().find(Locator::Css(&selector(id))).await?;
            Ok(found.is_displayed().await?.then_some(found))
        })
        .await
    }

    /// Waits for what a CSS selector finds.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn see_css(&self, css: &str) -> Result<()> {
        self.wait(css, async || {
            Ok((!self.driver.client().find_all(Locator::Css(css)).await?.is_empty()).then_some(()))
        })
        .await
    }

    /// Waits until there is no such element.
    ///
    /// # Errors
    /// When it stays.
    pub async fn see_gone(&self, id: &str) -> Result<()> {
        self.wait(format!("no {id}"), async || {
            let found = self.driver.client().find_all(Locator::Css(&selector(id))).await?;
            Ok(found.is_empty().then_some(()))
        })
        .await
    }

    /// Whether there is such an element now.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn has(&self, id: &str) -> Result<bool> {
        Ok(!self.driver.client().find_all(Locator::Css(&selector(id))).await?.is_empty())
    }

    /// Whether a CSS selector finds something now.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn has_css(&self, css: &str) -> Result<bool> {
        Ok(!self.driver.client().find_all(Locator::Css(css)).await?.is_empty())
    }

    /// Clicks on an element once it is there and enabled.
    ///
    /// # Errors
    /// When it cannot be clicked.
    pub async fn click(&self, id: &str) -> Result<()> {
        self.click_css(&selector(id)).await
    }

    /// Clicks on what a CSS selector finds.
    ///
    /// # Errors
    /// When it cannot be clicked.
    pub async fn click_css(&self, css: &str) -> Result<()> {
        self.wait(format!("{css} to click on"), async || {
            let found = self.driver.client().find(Locator::Css(css)).await?;
            if !found.is_enabled().await? {
                return Ok(None);
            }
            let clicked = if found.is_displayed().await? { found.click().await.map(Some) } else { Ok(None) };
            if !matches!(clicked, Ok(Some(()))) {
                // It may lie further down in a pane, whole or in part.
                let scroll = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
                self.execute(scroll, vec![css.into()]).await?;
            }
            Ok(clicked?)
        })
        .await
    }

    /// Brings the pointer to what a CSS selector finds.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn point_at(&self, css: &str) -> Result<()> {
        self.see_css(css).await?;
        let element = self.driver.client().find(Locator::Css(css)).await?;
        let to = PointerAction::MoveToElement { element, duration: None, x: 0., y: 0. };
        Ok(self.driver.client().perform_actions(MouseActions::new("mouse".to_owned()).then(to)).await?)
    }

    /// Writes into a field what it then holds alone.
    ///
    /// # Errors
    /// When it cannot be written into.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let field = self.see(id).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        self.wait(format!("{id} to hold what was typed"), async || {
            Ok((self.value(id).await? == text).then_some(()))
        })
        .await
    }

    /// Presses keys in a field, on top of what it holds.
    ///
    /// # Errors
    /// When it cannot be written into.
    pub async fn press(&self, id: &str, keys: &str) -> Result<()> {
        Ok(self.see(id).await?.send_keys(keys).await?)
    }

    /// Gives files to a field for files, as its dialog does.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn choose_files(&self, id: &str, files: &[&Path]) -> Result<()> {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let field = self.driver.client().find(Locator::Css(&selector(id))).await?;
        Ok(field.send_keys(&paths.join("\n")).await?)
    }

    /// What a field holds.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn value(&self, id: &str) -> Result<String> {
        let field = self.driver.client().find(Locator::Css(&selector(id))).await?;
        field.prop("value").await?.with_context(|| format!("{id} is no field"))
    }

    /// Text or value of an element, once it has one.
    ///
    /// # Errors
    /// When it stays empty.
    pub async fn text(&self, id: &str) -> Result<String> {
        self.wait(format!("a text in {id}"), async || {
            let found = self.driver.client().find(Locator::Css(&selector(id))).await?;
            let value = found.prop("value").await?.filter(|value| !value.is_empty());
            let text = match value {
                Some(value) => value,
                None => found.text().await?,
            };
            Ok((!text.trim().is_empty()).then(|| text.trim().to_owned()))
        })
        .await
    }

    /// Waits until an element says something.
    ///
    /// # Errors
    /// When it does not.
    pub async fn until_text(&self, id: &str, text: &str) -> Result<()> {
        self.until_text_css(&selector(id), text).await
    }

    /// Waits until what a CSS selector finds says something.
    ///
    /// # Errors
    /// When it does not.
    pub async fn until_text_css(&self, css: &str, text: &str) -> Result<()> {
        self.wait(format!("{text:?} in {css}"), async || {
            let found = self.driver.client().find_all(Locator::Css(css)).await?;
            let Some(found) = found.first() else { return Ok(None) };
            let said = found.prop("textContent").await?.unwrap_or_default();
            Ok(said.contains(text).then_some(()))
        })
        .await
    }

    /// Chooses from a list that the system draws.
    ///
    /// # Errors
    /// When there is no such choice.
    pub async fn choose(&self, id: &str, value: &str) -> Result<()> {
        self.see(id).await?.select_by_value(value).await?;
        self.wait(format!("{value} to be chosen in {id}"), async || {
            Ok((self.value(id).await? == value).then_some(()))
        })
        .await
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.client().execute(script, arguments).await?)
    }

    /// Gives it the keyboard, and waits until it knows.
    ///
    /// # Errors
    /// When it does not get it.
    pub async fn focus(&self) -> Result<()> {
        self.on_display(|display| display.focus(self.process())).await?;
        self.until("the keyboard", |seen| seen.focused).await.map(drop)
    }

    /// Waits until its process has the keyboard, without giving it: the app has raised it.
    ///
    /// # Errors
    /// When it does not get it.
    pub async fn until_focused(&self) -> Result<()> {
        self.until("the keyboard", |seen| seen.focused).await.map(drop)
    }

    /// Waits until the title in the window's frame begins like this.
    ///
    /// # Errors
    /// When it does not.
    pub async fn until_title(&self, beginning: &str) -> Result<()> {
        let what = format!("a title that begins with {beginning:?} on {}'s window", self.name);
        self.wait(what, async || {
            let title = self.surroundings.display.title(self.process())?;
            Ok(title.starts_with(beginning).then_some(()))
        })
        .await
    }

    /// Puts the window at a place of the display, in a size.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub async fn place(&self, at: (u32, u32), size: (u32, u32)) -> Result<()> {
        self.on_display(|display| display.place(self.process(), at, size)).await
    }

    /// Does something with the window as the display has it, as soon as it is shown there.
    async fn on_display(&self, act: impl Fn(&display::Display) -> Result<()>) -> Result<()> {
        self.wait("its frame on the display", async || act(&self.surroundings.display).map(Some)).await
    }

    /// Answers a dialog of the desktop with a text.
    ///
    /// # Errors
    /// When there is none, or it stays.
    pub async fn answer_dialog(&self, title: &str, text: &str) -> Result<()> {
        self.end_dialog(title, text, "Return").await
    }

    /// Takes back a dialog of the desktop.
    ///
    /// # Errors
    /// When there is none, or it stays.
    pub async fn cancel_dialog(&self, title: &str) -> Result<()> {
        self.end_dialog(title, "", "Escape").await
    }

    async fn end_dialog(&self, title: &str, text: &str, key: &str) -> Result<()> {
        let display = &self.surroundings.display;
        self.wait(format!("the dialog {title:?}"), async || Ok(display.has_dialog(title).then_some(())))
            .await?;
        display.answer_dialog(title, text, key)?;
        self.wait(format!("no dialog {title:?}"), async || Ok((!display.has_dialog(title)).then_some(())))
            .await
    }

    /// Keeps a picture of the window.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub fn picture(&self, into: &Path) -> Result<()> {
        self.surroundings.display.picture_of(self.process(), into)
    }

    /// Waits as [`wait::until`] does, and keeps a picture of the display when it was in vain.
    async fn wait<T>(&self, what: impl Display, look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
        let waited = wait::until(format!("{what} in {}'s window", self.name), look).await;
        if waited.is_err() {
            let picture = self.surroundings.evidence.join(format!("{}.png", self.name));
            // What it was waited for is the error to tell; the picture only helps.
            drop(self.surroundings.display.picture(&picture));
        }
        waited
    }
}

fn selector(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}
