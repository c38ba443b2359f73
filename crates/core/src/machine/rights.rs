//! What oneself may do, and others: derived from roles and flags in the way the server does, which decides again.

use confab_protocol::model::{ConversationState, Participant};
use confab_protocol::permission::{Permission, Permissions};

use super::Machine;
use crate::book::Conversation;
use crate::key::Key;
use crate::outbox::RightsOf;
use crate::view::{Rights, WorkspaceRights};

impl Machine {
    /// What oneself may do in a conversation; nothing where one is not.
    pub(super) fn may(&self, key: Key) -> Permissions {
        let Some(held) = self.book.get(key).filter(|held| held.is_joined()) else {
            return Permissions::default();
        };
        let (sid, flags) = held.me.as_ref().map_or((None, None), |me| (me.role_sid, me.flags));
        self.roles.give(held.role(), sid, flags)
    }

    /// The same where the conversation takes changes: in one that is closed nobody may change anything.
    pub(super) fn may_change(&self, key: Key) -> Permissions {
        let closed = |held: &Conversation| self.kind(key, held).state == ConversationState::Closed;
        if self.book.get(key).is_some_and(closed) { Permissions::default() } else { self.may(key) }
    }

    /// What oneself may do in a conversation, as the interface needs it. One of two people stays theirs.
    pub(super) fn rights(&self, key: Key) -> Rights {
        let (may, change) = (self.may(key), self.may_change(key));
        let several = self.book.get(key).is_some_and(|held| !self.kind(key, held).direct);
        let shapes = change.hold(Permission::EditConversationName)
            && change.hold(Permission::EditConversationAttributes);
        Rights {
            send: change.hold(Permission::SendMessage),
            send_media: change.hold(Permission::SendMediaMessage),
            add_participant: change.hold(Permission::AddParticipant) && several,
            remove_participant: change.hold(Permission::RemoveParticipant) && several,
            rename: change.hold(Permission::EditConversationName) && several,
            set_role: change.hold(Permission::EditAnyParticipantAttributes) && several,
            configure: shapes && several,
            leave: may.hold(Permission::LeaveConversation) && several,
            delete: may.hold(Permission::DeleteConversation) && several,
        }
    }

    /// What oneself may do in the workspace.
    pub(super) fn workspace_rights(&self) -> WorkspaceRights {
        let Some(me) = &self.account.me else { return WorkspaceRights::default() };
        let may = self.roles.give(me.role, me.role_sid, None);
        WorkspaceRights {
            create_conversation: may.hold(Permission::CreateConversation),
            join_conversation: may.hold(Permission::JoinConversation),
            edit_profile: may.hold(Permission::EditOwnUserInfo),
            create_invite: may.hold(Permission::CreateInvite),
            edit_roles: may.hold(Permission::EditRoles),
        }
    }

    /// Whether oneself may change and remove a message.
    pub(super) fn may_change_message(&self, key: Key, own: bool) -> (bool, bool) {
        let may = self.may_change(key);
        let (edit, remove) = if own {
            (Permission::EditOwnMessage, Permission::DeleteOwnMessage)
        } else {
            (Permission::EditAnyMessage, Permission::DeleteAnyMessage)
        };
        let remove_any = may.hold(Permission::DeleteAnyMessage);
        (may.hold(edit), may.hold(remove) || remove_any)
    }

    /// What decides what a participant may do, as oneself wishes it now.
    pub(super) fn rights_of(&self, place: Option<Key>, row: &Participant) -> RightsOf {
        let entries = place.into_iter().flat_map(|place| self.outbox.open_in(place));
        let held = (row.role, row.role_sid, row.flags);
        entries.fold(held, |rights, entry| entry.give_rights(&row.identity, rights))
    }
}
