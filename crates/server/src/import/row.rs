//! Resources as far as they are taken along.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) sid: String,
    pub(super) identity: String,
    pub(super) friendly_name: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
    pub(super) role_sid: Option<String>,
}

/// A conversation as one of its users has it.
#[derive(Deserialize)]
pub(super) struct Own {
    pub(super) conversation_sid: String,
    pub(super) notification_level: Option<String>,
}

/// A role.
#[derive(Deserialize)]
pub(super) struct Role {
    pub(super) sid: String,
    pub(super) friendly_name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) permissions: Vec<String>,
}

/// What a service gives people.
#[derive(Default, Deserialize)]
pub(super) struct Defaults {
    pub(super) default_conversation_creator_role_sid: Option<String>,
    pub(super) default_conversation_role_sid: Option<String>,
    pub(super) default_chat_service_role_sid: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Conversation {
    pub(super) sid: String,
    pub(super) friendly_name: Option<String>,
    pub(super) unique_name: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
    pub(super) state: String,
    /// When its state changes by itself; by which periods, nobody says.
    pub(super) timers: Option<serde_json::Map<String, serde_json::Value>>,
    /// The service that it belongs to, and its files.
    pub(super) chat_service_sid: Option<String>,
    pub(super) date_created: Option<String>,
    pub(super) date_updated: Option<String>,
}

impl Conversation {
    /// What people call it, or its SID.
    pub(super) fn name(&self) -> String {
        self.friendly_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| self.sid.clone())
    }
}

#[derive(Clone, Deserialize)]
pub(super) struct Participant {
    pub(super) sid: String,
    pub(super) identity: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
    pub(super) messaging_binding: Option<Binding>,
    pub(super) role_sid: Option<String>,
    pub(super) last_read_message_index: Option<u64>,
    pub(super) last_read_timestamp: Option<String>,
    pub(super) date_created: Option<String>,
    pub(super) date_updated: Option<String>,
}

/// By what means somebody takes part.
#[derive(Clone, Deserialize)]
pub(super) struct Binding {
    pub(super) address: Option<String>,
    pub(super) proxy_address: Option<String>,
    pub(super) projected_address: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) sid: String,
    pub(super) index: u64,
    pub(super) author: Option<String>,
    pub(super) body: Option<String>,
    pub(super) subject: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
    pub(super) media: Option<Vec<File>>,
    pub(super) date_created: Option<String>,
    pub(super) date_updated: Option<String>,
}

/// A file, as its message tells of it.
#[derive(Deserialize)]
pub(super) struct File {
    pub(super) sid: String,
    pub(super) category: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) filename: Option<String>,
}

fn nothing() -> String {
    "{}".to_owned()
}

/// Fields of a form.
pub(super) type Form = Vec<(&'static str, String)>;

/// A field that may be missing.
pub(super) fn field(name: &'static str, value: &Option<String>) -> Option<(&'static str, String)> {
    value.clone().map(|value| (name, value))
}

/// Dates as fields of a form.
pub(super) fn stamps(created: &Option<String>, updated: &Option<String>) -> Form {
    field("DateCreated", created).into_iter().chain(field("DateUpdated", updated)).collect()
}

/// Whether one date is behind another; false when either cannot be told.
pub(super) fn is_newer(one: &Option<String>, other: &Option<String>) -> bool {
    let read = |date: &Option<String>| OffsetDateTime::parse(date.as_deref()?, &Rfc3339).ok();
    matches!((read(one), read(other)), (Some(one), Some(other)) if one > other)
}

/// A message by its index there and its index here.
pub(super) type Pair = (u64, u64);

/// Where the last message up to an index there stands here. None before the first.
pub(super) fn index_here(pairs: &[Pair], there: u64) -> Option<u64> {
    pairs.partition_point(|(index, _)| *index <= there).checked_sub(1).map(|place| pairs[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_between_two_messages_is_at_the_one_before_wherever_that_stands_here() {
        let pairs = [(0, 0), (3, 1), (7, 5)];
        assert_eq!(
            [0, 2, 3, 6, 7, 99].map(|there| index_here(&pairs, there)),
            [Some(0), Some(0), Some(1), Some(1), Some(5), Some(5)]
        );
        assert_eq!((index_here(&[(4, 0)], 3), index_here(&[], 0)), (None, None));
    }

    #[test]
    fn of_two_dates_one_is_newer_only_when_both_are_known() {
        let date = |text: &str| Some(text.to_owned());
        let (old, new) = (date("2021-05-06T07:08:09Z"), date("2021-05-06T07:08:10Z"));
        assert!(is_newer(&new, &old) && !is_newer(&old, &new) && !is_newer(&old, &old));
        assert!(!is_newer(&new, &None) && !is_newer(&date("soon"), &old));
    }
}
