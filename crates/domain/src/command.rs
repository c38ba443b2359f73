//! The mutations, a file for each.

pub(crate) mod conversation_create;
pub(crate) mod conversation_delete;
pub(crate) mod conversation_join;
pub(crate) mod conversation_update;
pub(crate) mod device_revoke;
pub(crate) mod draft_set;
pub(crate) mod horizon_set;
pub(crate) mod invite_create;
pub(crate) mod invite_revoke;
pub(crate) mod message_edit;
pub(crate) mod message_remove;
pub(crate) mod message_report;
pub(crate) mod message_send;
pub(crate) mod non_chat;
pub(crate) mod participant_add;
pub(crate) mod participant_remove;
pub(crate) mod participant_update;
pub(crate) mod push;
pub(crate) mod role_create;
pub(crate) mod role_delete;
pub(crate) mod role_update;
pub(crate) mod set_notification_level;
pub(crate) mod setting_set;
pub(crate) mod user_set_status;
pub(crate) mod user_update;

mod message_media;
mod message_ref;
mod role;
mod roster_row;
