//! Resources as far as they are taken along.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) identity: String,
    pub(super) friendly_name: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
}

#[derive(Deserialize)]
pub(super) struct Conversation {
    pub(super) sid: String,
    pub(super) friendly_name: Option<String>,
    pub(super) unique_name: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
    pub(super) state: String,
    /// The service that it belongs to, and its files.
    pub(super) chat_service_sid: Option<String>,
    pub(super) date_created: Option<String>,
    pub(super) date_updated: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Participant {
    pub(super) sid: String,
    pub(super) identity: Option<String>,
    #[serde(default = "nothing")]
    pub(super) attributes: String,
    pub(super) last_read_message_index: Option<u64>,
    pub(super) date_created: Option<String>,
    pub(super) date_updated: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) sid: String,
    pub(super) index: u64,
    pub(super) author: Option<String>,
    pub(super) body: Option<String>,
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

/// Dates as fields of a form.
pub(super) fn stamps(created: &Option<String>, updated: &Option<String>) -> Vec<(&'static str, String)> {
    let created = created.clone().map(|date| ("DateCreated", date));
    created.into_iter().chain(updated.clone().map(|date| ("DateUpdated", date))).collect()
}

/// Where a message stands here that had an index there: indexes have no gaps here. None before the first.
pub(super) fn index_in(indexes: &[u64], there: u64) -> Option<usize> {
    indexes.partition_point(|index| *index <= there).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_between_two_messages_is_at_the_one_before() {
        let indexes = [0, 3, 7];
        assert_eq!(
            [0, 2, 3, 6, 7, 99].map(|there| index_in(&indexes, there)),
            [Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)]
        );
        assert_eq!((index_in(&[4], 3), index_in(&[], 0)), (None, None));
    }
}
