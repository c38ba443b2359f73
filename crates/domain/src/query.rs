//! The reads, a file for each.

pub(crate) mod conversation_counts;
pub(crate) mod conversation_get;
pub(crate) mod conversation_get_many;
pub(crate) mod conversation_list;
pub(crate) mod conversation_list_left;
pub(crate) mod conversation_list_public;
pub(crate) mod conversation_peek;
pub(crate) mod device_list;
pub(crate) mod event_range;
pub(crate) mod event_replay;
pub(crate) mod invite_list;
pub(crate) mod message_page;
pub(crate) mod message_receipts;
pub(crate) mod non_chat_list;
pub(crate) mod participant_list;
pub(crate) mod resume;
pub(crate) mod role_list;
pub(crate) mod unread_get;
pub(crate) mod user_get;
pub(crate) mod user_list;

mod state_page;
