//! The hooks there are: one for everything, and some of single conversations.

use std::collections::BTreeMap;

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::{Read, StoreError, StoreResult, Tx};
use confab_protocol::{ConversationSid, Timestamp, WireError};
use serde::{Deserialize, Serialize};

use super::Pages;
use crate::twilio::rest::settings;

/// The setting that holds the hook for everything.
const EVERYTHING: &str = "webhooks";
/// Hooks that one conversation may have: Twilio's bound.
pub(crate) const OF_ONE: usize = 5;

/// How a hook is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verb {
    /// With the parameters in the address.
    #[serde(rename = "GET")]
    Get,
    /// With the parameters as a form.
    #[default]
    #[serde(rename = "POST")]
    Post,
}

/// The hook for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceHook {
    /// Asked before something is done.
    pub(crate) pre_webhook_url: Option<String>,
    /// Told after it was.
    pub(crate) post_webhook_url: Option<String>,
    /// How it is called.
    pub(crate) method: Verb,
    /// Of which events; none: of all.
    pub(crate) filters: Option<Vec<String>>,
    /// The key whose secret signs: the one with which this was set.
    pub(crate) key_sid: String,
}

/// A hook of one conversation, told after something was done there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConversationHook {
    /// `WH…`
    pub(crate) sid: String,
    /// The conversation.
    pub(crate) conversation: ConversationSid,
    /// `webhook`, or `trigger`: only messages with certain words.
    pub(crate) target: String,
    /// Where it is.
    pub(crate) url: String,
    /// How it is called.
    pub(crate) method: Verb,
    /// Of which events it is told.
    pub(crate) filters: Vec<String>,
    /// The words of a trigger.
    pub(crate) triggers: Vec<String>,
    /// The key whose secret signs: the one with which this was set.
    pub(crate) key_sid: String,
    /// When it was made.
    pub(crate) date_created: Timestamp,
    /// When it last changed.
    pub(crate) date_updated: Timestamp,
}

impl ConversationHook {
    fn wants(&self, event: &str, body: Option<&str>) -> bool {
        if self.target == "trigger" {
            let body = body.unwrap_or_default();
            return event == "onMessageAdded" && self.triggers.iter().any(|word| body.contains(word));
        }
        self.filters.iter().any(|filter| filter == event)
    }
}

/// Somewhere to tell something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) method: Verb,
    pub(super) key_sid: String,
}

/// All hooks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HookTable {
    pub(crate) service: ServiceHook,
    conversations: BTreeMap<ConversationSid, Vec<ConversationHook>>,
}

impl HookTable {
    /// Reads them from the database.
    pub(super) fn read(read: &dyn Read) -> StoreResult<Self> {
        let service = settings::get(EVERYTHING, read)?.unwrap_or_default();
        let mut conversations: BTreeMap<ConversationSid, Vec<ConversationHook>> = BTreeMap::new();
        let mut pages = Pages::of(GatewayKind::Hook);
        while let Some(rows) = pages.next(read)? {
            for row in &rows {
                let hook = parsed(row)?;
                conversations.entry(hook.conversation).or_default().push(hook);
            }
        }
        Ok(Self { service, conversations })
    }

    /// There are none.
    pub(super) fn is_empty(&self) -> bool {
        self.conversations.is_empty()
            && self.service.pre_webhook_url.is_none()
            && self.service.post_webhook_url.is_none()
    }

    /// Whether the hook for everything is of an event.
    fn holds(&self, event: &str) -> bool {
        self.service.filters.as_ref().is_none_or(|filters| filters.iter().any(|filter| filter == event))
    }

    /// Whom to ask before something is done.
    pub(super) fn asked(&self, event: &str) -> Option<Target> {
        let url = self.service.pre_webhook_url.clone().filter(|_| self.holds(event))?;
        Some(Target { url, method: self.service.method, key_sid: self.service.key_sid.clone() })
    }

    /// Whom to tell of something that was done.
    pub(super) fn told(
        &self,
        event: &str,
        conversation: Option<ConversationSid>,
        body: Option<&str>,
    ) -> Vec<Target> {
        let url = self.service.post_webhook_url.clone().filter(|_| self.holds(event));
        let (method, key_sid) = (self.service.method, self.service.key_sid.clone());
        let service = url.map(|url| Target { url, method, key_sid });
        let own = conversation.and_then(|sid| self.conversations.get(&sid)).into_iter().flatten();
        let own = own.filter(|hook| hook.wants(event, body)).map(|hook| Target {
            url: hook.url.clone(),
            method: hook.method,
            key_sid: hook.key_sid.clone(),
        });
        service.into_iter().chain(own).collect()
    }
}

/// The hook for everything as it stands in the database.
pub(crate) fn service(read: &dyn Read) -> StoreResult<ServiceHook> {
    settings::get(EVERYTHING, read).map(Option::unwrap_or_default)
}

/// Sets the hook for everything.
pub(crate) fn put_service(hook: &ServiceHook, tx: &mut dyn Tx) -> StoreResult<()> {
    settings::put(EVERYTHING, hook, tx)
}

/// Hooks of a conversation, oldest first.
pub(crate) fn of(conversation: ConversationSid, read: &dyn Read) -> StoreResult<Vec<ConversationHook>> {
    let prefix = conversation.to_string();
    let rows = read.gateway_rows(GatewayKind::Hook, Some(&prefix), OF_ONE + 1)?;
    rows.iter().filter(|row| row.key.starts_with(&prefix)).map(parsed).collect()
}

/// A hook of a conversation.
pub(crate) fn one(
    conversation: ConversationSid,
    sid: &str,
    read: &dyn Read,
) -> Result<ConversationHook, confab_domain::DomainError> {
    let row = read.gateway_row(GatewayKind::Hook, &key(conversation, sid))?;
    Ok(parsed(&row.ok_or_else(|| WireError::not_found("webhook"))?)?)
}

/// Adds or changes a hook of a conversation.
pub(crate) fn put(hook: &ConversationHook, tx: &mut dyn Tx) -> StoreResult<()> {
    let value = serde_json::to_string(hook).expect("invariant: a hook has only string keys");
    let key = key(hook.conversation, &hook.sid);
    tx.put_gateway_row(&GatewayRow { kind: GatewayKind::Hook, key, value })
}

/// Forgets a hook of a conversation.
pub(crate) fn delete(conversation: ConversationSid, sid: &str, tx: &mut dyn Tx) -> StoreResult<bool> {
    tx.delete_gateway_row(GatewayKind::Hook, &key(conversation, sid))
}

/// Those of one conversation stand together.
fn key(conversation: ConversationSid, sid: &str) -> String {
    format!("{conversation}.{sid}")
}

fn parsed(row: &GatewayRow) -> StoreResult<ConversationHook> {
    serde_json::from_str(&row.value)
        .map_err(|error| StoreError::Corrupt(format!("hook {}: {error}", row.key)))
}
