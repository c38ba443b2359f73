//! Settings of the account and its one service: what is kept of `Configuration`.

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::{Read, StoreError, StoreResult, Tx};
use confab_protocol::RoleSid;
use confab_protocol::model::Timers;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `Configuration`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConversationDefaults {
    /// After this time without a message a conversation made by a program or a stock client becomes inactive.
    pub(crate) default_inactive_timer: Option<String>,
    /// After this time more it is closed.
    pub(crate) default_closed_timer: Option<String>,
}

impl ConversationDefaults {
    /// The timers of a conversation that is made without a word of them.
    pub(crate) fn timers(self) -> Option<Timers> {
        let timers = Timers { inactive: self.default_inactive_timer, closed: self.default_closed_timer };
        (timers.inactive.is_some() || timers.closed.is_some()).then_some(timers)
    }
}

/// `Services/{service}/Configuration`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceDefaults {
    /// Kept and given back: whoever makes a conversation comes in as its owner.
    pub(crate) default_conversation_creator_role_sid: Option<RoleSid>,
    /// The role of a participant whom a program or a stock client adds.
    pub(crate) default_conversation_role_sid: Option<RoleSid>,
    /// The role of a user whom a program makes, or who comes with a token for the first time.
    pub(crate) default_chat_service_role_sid: Option<RoleSid>,
    /// Stock clients and programs are told whether people are there and can be notified.
    pub(crate) reachability_enabled: bool,
}

impl Default for ServiceDefaults {
    /// Roles are the built-in ones, and people see who is there, as they do natively.
    fn default() -> Self {
        Self {
            default_conversation_creator_role_sid: None,
            default_conversation_role_sid: None,
            default_chat_service_role_sid: None,
            reachability_enabled: true,
        }
    }
}

const CONVERSATIONS: &str = "conversations";
const SERVICE: &str = "service";
const NOTIFICATIONS: &str = "notifications";

/// What new conversations begin with.
pub(crate) fn conversations(read: &dyn Read) -> StoreResult<ConversationDefaults> {
    get(CONVERSATIONS, read).map(Option::unwrap_or_default)
}

pub(crate) fn put_conversations(value: &ConversationDefaults, tx: &mut dyn Tx) -> StoreResult<()> {
    put(CONVERSATIONS, value, tx)
}

/// What the service gives people.
pub(crate) fn service(read: &dyn Read) -> StoreResult<ServiceDefaults> {
    get(SERVICE, read).map(Option::unwrap_or_default)
}

pub(crate) fn put_service(value: &ServiceDefaults, tx: &mut dyn Tx) -> StoreResult<()> {
    put(SERVICE, value, tx)
}

/// What is said of notifications. It is kept and given back.
pub(crate) fn notifications(read: &dyn Read) -> StoreResult<Value> {
    let nothing = json!({ "enabled": false, "template": null, "sound": null });
    let new_message = json!({
        "enabled": false,
        "template": null,
        "sound": null,
        "badge_count_enabled": false,
        "with_media": { "enabled": false, "template": null },
    });
    Ok(get(NOTIFICATIONS, read)?.unwrap_or_else(|| {
        json!({
            "log_enabled": false,
            "new_message": new_message,
            "added_to_conversation": nothing,
            "removed_from_conversation": nothing,
        })
    }))
}

pub(crate) fn put_notifications(value: &Value, tx: &mut dyn Tx) -> StoreResult<()> {
    put(NOTIFICATIONS, value, tx)
}

/// A setting by its name.
pub(crate) fn get<T: DeserializeOwned>(name: &str, read: &dyn Read) -> StoreResult<Option<T>> {
    let Some(row) = read.gateway_row(GatewayKind::Setting, name)? else { return Ok(None) };
    let read = serde_json::from_str(&row.value);
    read.map(Some).map_err(|error| StoreError::Corrupt(format!("setting {name}: {error}")))
}

/// Keeps a setting.
pub(crate) fn put(name: &str, value: &impl Serialize, tx: &mut dyn Tx) -> StoreResult<()> {
    let value = serde_json::to_string(value).expect("invariant: settings have only string keys");
    tx.put_gateway_row(&GatewayRow { kind: GatewayKind::Setting, key: name.to_owned(), value })
}
