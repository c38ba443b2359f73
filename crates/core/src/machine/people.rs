//! Commands that have to do with people: looking for them, their roles, how far they have read.

use confab_protocol::method::{
    ConversationParams, HorizonMode, MessageReceiptsParams, RoleCreateParams, RoleDeleteParams,
    RoleUpdateParams, UserUpdateParams,
};
use confab_protocol::{Call, WireError, limits};

use super::commands::{Given, identity, message_key};
use super::{Machine, problem, refused};
use crate::command::Command;
use crate::cx::Cx;
use crate::key::Key;
use crate::stored::Action;
use crate::view::Problem;

impl Machine {
    /// What is asked of the server while the person waits, and is stored nowhere: a form shows what comes of it.
    pub(super) fn ask_of_people(&mut self, ticket: u64, command: Command, cx: &mut Cx<'_>) -> Given {
        let call = match command {
            Command::ListReceipts { conversation, message, after } => {
                Call::MessageReceipts(self.receipts_of(&conversation, &message, after)?)
            }
            Command::ListOutsiders { conversation } => {
                let sid = self.book.sid_of(self.known(&conversation)?);
                let conversation = sid.ok_or_else(|| problem("not_found", "what", "conversation"))?;
                Call::NonChatList(ConversationParams { conversation })
            }
            Command::CreateRole { name, place, permissions } => Call::RoleCreate(RoleCreateParams {
                client_id: cx.client_id(),
                friendly_name: role_name(&name)?,
                kind: place,
                permissions,
            }),
            Command::UpdateRole { role, name, permissions } => Call::RoleUpdate(RoleUpdateParams {
                client_id: cx.client_id(),
                role: sid(&role, "role")?,
                friendly_name: Some(role_name(&name)?),
                permissions: Some(permissions),
            }),
            Command::DeleteRole { role } => {
                Call::RoleDelete(RoleDeleteParams { client_id: cx.client_id(), role: sid(&role, "role")? })
            }
            Command::SetUserRole { user, role } => Call::UserUpdate(UserUpdateParams {
                user: Some(sid(&user, "user")?),
                role: Some(sid(&role, "role")?),
                ..UserUpdateParams::new(cx.client_id())
            }),
            _ => return Err(problem("not_found", "what", "command")),
        };
        self.ask_now(ticket, call)
    }

    fn receipts_of(
        &self,
        conversation: &str,
        message: &str,
        after: Option<String>,
    ) -> Result<MessageReceiptsParams, Problem> {
        let (key, row) = (self.known(conversation)?, message_key(message)?);
        let open = self.open.as_ref().filter(|open| open.key == key);
        let message = open.and_then(|open| open.window.get(row)).map(|message| message.sid);
        let conversation = self.book.sid_of(key);
        let (Some(conversation), Some(message)) = (conversation, message) else {
            return Err(problem("not_found", "what", "message"));
        };
        let after = after.map(|after| sid(&after, "participant")).transpose()?;
        Ok(MessageReceiptsParams { conversation, message, after, limit: None })
    }

    /// What an entry of the outbox does to a participant.
    pub(super) fn rights_action(&self, command: Command) -> Result<Action, Problem> {
        match command {
            Command::GiveRole { conversation, identity, role } => Ok(Action::GiveRole {
                place: self.known(&conversation)?,
                identity: self::identity(&identity)?,
                role: sid(&role, "role")?,
            }),
            Command::SetFlags { conversation, identity, flags } => Ok(Action::SetFlags {
                place: self.known(&conversation)?,
                identity: self::identity(&identity)?,
                flags,
            }),
            _ => Err(problem("not_found", "what", "command")),
        }
    }

    /// Puts the horizon behind the newest message.
    pub(super) fn mark_read(&mut self, key: Key, cx: &mut Cx<'_>) {
        let Some(held) = self.book.get(key).filter(|held| held.is_joined()) else { return };
        let newest = held.row.as_ref().and_then(|row| row.last_message).map(|last| last.index);
        let newest = newest.max(held.last.as_ref().map(|last| last.index));
        if newest.is_some() && held.tracker.counts().0 > 0 {
            self.move_horizon(key, newest, HorizonMode::Advance, cx);
        }
    }

    /// The same wherever anything is unread.
    pub(super) fn mark_all_read(&mut self, cx: &mut Cx<'_>) {
        for key in self.book.keys() {
            self.mark_read(key, cx);
        }
    }
}

/// An identifier that the interface was given.
fn sid<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| problem("not_found", "what", what))
}

fn role_name(name: &str) -> Result<String, Problem> {
    let (name, actual) = (name.trim(), name.trim().chars().count());
    if name.is_empty() {
        return Err(refused(WireError::invalid("friendly_name", "empty")));
    }
    if actual > limits::FRIENDLY_NAME_CHARS {
        return Err(refused(WireError::too_large("friendly_name", limits::FRIENDLY_NAME_CHARS, actual)));
    }
    Ok(name.to_owned())
}
