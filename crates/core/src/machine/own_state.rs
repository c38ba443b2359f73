//! Drafts and settings: the same on all devices of the person.

use std::collections::BTreeMap;

use confab_protocol::model::{Draft, Setting};
use confab_protocol::{WireError, limits};
use serde_json::Value;

use super::{Machine, refused, stored_place};
use crate::book::{Book, Conversation};
use crate::cx::Cx;
use crate::drafts;
use crate::effect::Timer;
use crate::key::Key;
use crate::news::News;
use crate::stored::{Action, CacheWrite};
use crate::view::Problem;

impl Machine {
    /// The server has drafts and settings like these.
    pub(super) fn own_state(&mut self, drafts: &[Draft], settings: &[Setting]) {
        for row in drafts {
            let key = self.book.key_of(Key::Sid(row.conversation));
            if self.drafts.told(key, row) {
                self.draft_changed(key, row);
            }
        }
        for row in settings {
            self.setting_told(row);
        }
    }

    fn draft_changed(&mut self, key: Key, row: &Draft) {
        self.out.cache.push(CacheWrite::Draft(Box::new(row.clone())));
        self.outbox.draft_overtaken(key, &row.body);
        self.dirty.conversations.insert(key);
        if self.book.get(key).is_some_and(Conversation::is_left) {
            self.drop_if_empty(key);
        }
    }

    pub(super) fn setting_told(&mut self, row: &Setting) {
        if self.settings.told(row) {
            self.news(News::Setting { key: row.key.clone(), value: row.value.clone() });
            self.out.cache.push(CacheWrite::Setting(Box::new(row.clone())));
            self.outbox.setting_overtaken(&row.key, &row.value);
        }
        self.dirty.settings = true;
    }

    /// Shown at once, on its way to the other devices.
    pub(super) fn set_setting(&mut self, key: String, value: Value, cx: &mut Cx<'_>) -> Result<(), Problem> {
        check_setting(&key, &value).map_err(refused)?;
        if self.settings_shown().get(&key).unwrap_or(&Value::Null) != &value {
            self.outbox.set_setting(key, value, cx.client_id(), cx.now);
            self.dirty.settings = true;
        }
        Ok(())
    }

    /// Settings as the person wants them now.
    pub(super) fn settings_shown(&self) -> BTreeMap<String, Value> {
        let mut values = self.settings.values();
        for (key, value) in self.outbox.settings_on_their_way() {
            if value.is_null() {
                values.remove(key);
            } else {
                values.insert(key.to_owned(), value.clone());
            }
        }
        values
    }

    /// Sets the timer for drafts that wait to be sent, also those from before a restart, unless it is set.
    pub(super) fn wait_for_drafts(&mut self) {
        if !self.drafts_due_soon && self.drafts.has_unsent(|key, text| takes_draft(&self.book, key, text)) {
            self.drafts_due_in(limits::DRAFT_DEBOUNCE_MS);
        }
    }

    fn drafts_due_in(&mut self, after_ms: u64) {
        self.drafts_due_soon = true;
        self.out.timer(Timer::SendDrafts, after_ms);
    }

    /// A key was pressed: the pause after it begins anew.
    pub(super) fn draft_typed(&mut self, key: Key) {
        let here = self.looking.focused && self.open_at(key).is_some();
        self.drafts.edit(here.then_some(key));
        self.draft_keys_pressed = true;
        self.drafts_due_in(limits::DRAFT_DEBOUNCE_MS);
    }

    /// The person turns away from what they were writing: it is written and sent without a pause.
    pub(super) fn leave_drafts(&mut self) {
        self.drafts.edit(None);
        self.drafts_due_now = true;
    }

    /// The pause has lasted long enough to send drafts; after that, to be none any more.
    pub(super) fn drafts_due(&mut self, cx: &mut Cx<'_>) {
        self.drafts_due_soon = false;
        if std::mem::take(&mut self.draft_keys_pressed) {
            self.drafts_due_in(drafts::PAUSE_MS);
        } else {
            // Whatever comes in meanwhile does not put this off: two computers would send each other theirs without end.
            self.drafts.edit(None);
        }
        self.send_drafts(cx);
    }

    /// Gives drafts to the outbox.
    pub(super) fn send_drafts(&mut self, cx: &mut Cx<'_>) {
        self.drafts_due_now = false;
        let unsent = self.drafts.take_unsent(|key, text| takes_draft(&self.book, key, text));
        for (key, mine) in unsent {
            // A conversation that one has left may be forgotten before this is sent.
            let left = self.book.get(key).is_some_and(Conversation::is_left);
            let place = if left { stored_place(&self.book, key) } else { key };
            let on_its_way = self.outbox.draft_on_its_way(place);
            if on_its_way.is_none() && self.drafts.theirs(key) == mine.text {
                self.drafts.settled(key);
            } else if on_its_way != Some(mine.text.as_str()) && mine.text.len() <= limits::BODY_BYTES {
                self.outbox.set_draft(place, mine, cx.client_id(), cx.now);
            }
        }
        self.write_drafts();
    }

    pub(super) fn draft_acknowledged(&mut self, action: &Action, row: &Draft) {
        let Action::SetDraft { place, body, .. } = action else { return };
        let key = self.book.key_of(*place);
        if self.drafts.acknowledged(key, body, row) {
            self.draft_changed(key, row);
        }
        if row.body == *body {
            self.outbox.rebase_drafts(*place, row.version);
        }
        self.dirty.conversations.insert(key);
        self.write_drafts();
    }

    /// The server does not take a draft: it stays here. That it is gone needs no keeping.
    pub(super) fn draft_refused(&mut self, place: Key, body: &str) {
        let key = self.book.key_of(place);
        if body.is_empty() && self.drafts.typed(key).is_some_and(|mine| mine.text.is_empty()) {
            self.drafts.settled(key);
            self.write_drafts();
        }
    }

    /// What the outbox sends again was typed here, as far as the server is concerned.
    pub(super) fn resume_drafts(&mut self) {
        for (place, body) in self.outbox.drafts_on_their_way() {
            let key = self.book.key_of(place);
            if self.drafts.typed(key).is_none() {
                self.drafts.resume(key, body);
            }
        }
    }
}

fn check_setting(key: &str, value: &Value) -> Result<(), WireError> {
    let known = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
    if key.is_empty() || key.len() > limits::SETTING_KEY_CHARS || !key.chars().all(known) {
        return Err(WireError::invalid("key", "not 1 to 64 of a-z, 0-9, '.', '_' and '-'"));
    }
    match value.to_string().len() {
        fits if fits <= limits::SETTING_BYTES => Ok(()),
        actual => Err(WireError::too_large("value", limits::SETTING_BYTES, actual)),
    }
}

/// Whether the server would take a draft: of conversations that one is in, and that one of any other is gone.
fn takes_draft(book: &Book, key: Key, text: &str) -> bool {
    let Some(held) = book.get(key).filter(|held| held.sid.is_some()) else { return false };
    held.is_joined() || (held.is_left() && text.is_empty())
}
