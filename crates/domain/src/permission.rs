//! The closed list of permissions, the roles and flags that give them, and the one function that decides.

use confab_protocol::model::{ParticipantFlags, Role, RoleType};
use confab_protocol::{ErrorCode, RoleSid, WireError};

use crate::row::{MembershipRow, UserRow};
use crate::store::{Read, StoreResult};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $place:ident, $ordinary:literal;)*) => {
        /// What one may be allowed to do. The names are those of Twilio Conversations, and some of our own for invites and
        /// roles.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it stands in a refusal.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where it is asked for: roles of that kind may hold it.
            #[must_use]
            pub fn place(self) -> RoleType {
                match self { $(Self::$name => RoleType::$place,)* }
            }

            /// Whether the role of an ordinary participant, or of an ordinary user of a workspace, has it.
            fn is_ordinary(self) -> bool {
                match self { $(Self::$name => $ordinary,)* }
            }
        }
    };
}

permissions! {
    /// Post messages.
    SendMessage = "sendMessage", Conversation, true;
    /// Post messages with files.
    SendMediaMessage = "sendMediaMessage", Conversation, true;
    /// Leave.
    LeaveConversation = "leaveConversation", Conversation, true;
    /// Set one's own notification level.
    EditNotificationLevel = "editNotificationLevel", Conversation, true;
    /// Add a user.
    AddParticipant = "addParticipant", Conversation, true;
    /// Add someone who is no user of the workspace.
    AddNonChatParticipant = "addNonChatParticipant", Conversation, false;
    /// Remove someone else.
    RemoveParticipant = "removeParticipant", Conversation, false;
    /// Delete the conversation.
    DeleteConversation = "deleteConversation", Conversation, false;
    /// Change friendly name and unique name.
    EditConversationName = "editConversationName", Conversation, false;
    /// Change the attributes of the conversation.
    EditConversationAttributes = "editConversationAttributes", Conversation, false;
    /// Change the text of one's own messages.
    EditOwnMessage = "editOwnMessage", Conversation, true;
    /// Change the text of anybody's messages.
    EditAnyMessage = "editAnyMessage", Conversation, false;
    /// Change the attributes of one's own messages.
    EditOwnMessageAttributes = "editOwnMessageAttributes", Conversation, true;
    /// Change the attributes of anybody's messages.
    EditAnyMessageAttributes = "editAnyMessageAttributes", Conversation, false;
    /// Remove one's own messages.
    DeleteOwnMessage = "deleteOwnMessage", Conversation, true;
    /// Remove anybody's messages.
    DeleteAnyMessage = "deleteAnyMessage", Conversation, false;
    /// Change the attributes of one's own participation.
    EditOwnParticipantAttributes = "editOwnParticipantAttributes", Conversation, true;
    /// Change the attributes and the role of any participant.
    EditAnyParticipantAttributes = "editAnyParticipantAttributes", Conversation, false;
    /// Make a conversation.
    CreateConversation = "createConversation", Workspace, true;
    /// Join a conversation that lets anybody in.
    JoinConversation = "joinConversation", Workspace, true;
    /// Change one's own profile.
    EditOwnUserInfo = "editOwnUserInfo", Workspace, true;
    /// Change anybody's profile.
    EditAnyUserInfo = "editAnyUserInfo", Workspace, false;
    /// Make invites, and see those there are.
    CreateInvite = "createInvite", Workspace, false;
    /// End invites.
    RevokeInvite = "revokeInvite", Workspace, false;
    /// Make, change and delete roles, and say who has which in the workspace.
    EditRoles = "editRoles", Workspace, false;
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u64);

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |set, one| set | one.bit()))
    }
}

impl Permission {
    fn bit(self) -> u64 {
        1 << self as u64
    }

    /// The permission of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == name)
    }
}

impl Permissions {
    /// Those of a built-in role.
    #[must_use]
    pub fn of(role: Role) -> Self {
        let has = |permission: &Permission| match role {
            Role::Owner => true,
            Role::Participant => permission.is_ordinary(),
            Role::Unknown => false,
        };
        Permission::ALL.iter().copied().filter(has).collect()
    }

    /// Whether a permission is among them.
    #[must_use]
    pub fn hold(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of others are among them.
    #[must_use]
    pub fn hold_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Their names, in the order of the list.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        let held = Permission::ALL.iter().filter(|permission| self.hold(**permission));
        held.map(|permission| permission.as_str().to_owned()).collect()
    }

    /// Checks that a permission is among them.
    ///
    /// # Errors
    /// `forbidden` with the permission that is missing.
    pub fn require(self, permission: Permission) -> Result<(), WireError> {
        if self.hold(permission) {
            return Ok(());
        }
        Err(WireError::new(ErrorCode::Forbidden).with("permission", permission.as_str()))
    }

    /// The same where flags decide some of them, whatever the role says.
    #[must_use]
    pub fn with_flags(self, flags: Option<ParticipantFlags>) -> Self {
        let Some(flags) = flags else { return self };
        governed(flags).into_iter().fold(self, |set, (is_set, given)| {
            let given: Self = given.iter().copied().collect();
            Self(if is_set { set.0 | given.0 } else { set.0 & !given.0 })
        })
    }
}

/// Each flag, and the permissions that it stands for.
fn governed(flags: ParticipantFlags) -> [(bool, &'static [Permission]); 7] {
    use Permission as P;
    [
        (flags.can_write, &[P::SendMessage, P::SendMediaMessage]),
        (flags.can_edit, &[P::EditOwnMessage, P::EditOwnMessageAttributes]),
        (flags.can_edit_all, &[P::EditAnyMessage, P::EditAnyMessageAttributes]),
        (flags.can_remove, &[P::DeleteOwnMessage]),
        (flags.can_remove_all, &[P::DeleteAnyMessage]),
        (
            flags.can_manage_participants,
            &[P::AddParticipant, P::RemoveParticipant, P::EditAnyParticipantAttributes],
        ),
        (flags.owner, &[P::EditConversationName, P::EditConversationAttributes, P::DeleteConversation]),
    ]
}

/// What a user may do in the workspace. Whoever was deactivated may do nothing.
///
/// # Errors
/// Failures of the store.
pub fn in_workspace(read: &(impl Read + ?Sized), user: &UserRow) -> StoreResult<Permissions> {
    if user.deactivated {
        return Ok(Permissions::default());
    }
    of_role(read, user.role, user.custom_role)
}

/// What the user of an own row may do in that conversation; nothing when they are not in it. An owner of the workspace has no
/// power over conversations of others.
///
/// # Errors
/// Failures of the store.
pub fn in_conversation(read: &(impl Read + ?Sized), me: &MembershipRow) -> StoreResult<Permissions> {
    if !me.is_joined() {
        return Ok(Permissions::default());
    }
    Ok(of_role(read, me.role, me.custom_role)?.with_flags(me.flags))
}

/// What a role gives: one that somebody made, or a built-in one.
///
/// # Errors
/// Failures of the store.
pub fn of_role(read: &(impl Read + ?Sized), role: Role, custom: Option<RoleSid>) -> StoreResult<Permissions> {
    match custom {
        None => Ok(Permissions::of(role)),
        Some(sid) => Ok(read.role(sid)?.map_or(Permissions::default(), |row| row.permissions)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_each_has_its_bit() {
        let all: Permissions = Permission::ALL.iter().copied().collect();
        assert_eq!(all.names().len(), Permission::ALL.len());
        assert!(Permission::ALL.iter().all(|one| Permission::parse(one.as_str()) == Some(*one)));
        assert_eq!(
            (Permissions::of(Role::Owner), Permissions::of(Role::Unknown)),
            (all, Permissions::default())
        );
    }

    #[test]
    fn flags_decide_what_they_stand_for_and_nothing_else() {
        let none = ParticipantFlags::default();
        let ordinary = Permissions::of(Role::Participant);
        let left = ordinary.with_flags(Some(none)).names();
        let untouched = ["leaveConversation", "editNotificationLevel", "editOwnParticipantAttributes"];
        assert!(untouched.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
        assert!(!left.contains(&"sendMessage".to_owned()) && !left.contains(&"addParticipant".to_owned()));
        let writes = ParticipantFlags { can_write: true, owner: true, ..none };
        let held = Permissions::default().with_flags(Some(writes)).names();
        let expected = [
            "sendMessage",
            "sendMediaMessage",
            "deleteConversation",
            "editConversationName",
            "editConversationAttributes",
        ];
        assert_eq!(held, expected);
        assert_eq!(ordinary.with_flags(None), ordinary);
    }
}
