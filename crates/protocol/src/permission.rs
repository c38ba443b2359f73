//! The closed list of permissions, and what the built-in roles and the flags of a participant give of them. The server decides by
//! it, and a client shows by it what one may do.

use crate::error::{ErrorCode, WireError};
use crate::id::RoleSid;
use crate::model::{NamedRole, ParticipantFlags, Role, RoleType};

/// The roles that are always there, with their names in English: clients have names of their own for them.
pub const BUILT_IN_ROLES: [(RoleSid, RoleType, Role, &str); 4] = [
    (RoleSid::WORKSPACE_OWNER, RoleType::Workspace, Role::Owner, "workspace owner"),
    (RoleSid::WORKSPACE_USER, RoleType::Workspace, Role::Participant, "workspace user"),
    (RoleSid::OWNER, RoleType::Conversation, Role::Owner, "owner"),
    (RoleSid::PARTICIPANT, RoleType::Conversation, Role::Participant, "participant"),
];

/// The roles that are always there and never change.
#[must_use]
pub fn built_in_roles() -> Vec<NamedRole> {
    let role = |&(sid, kind, role, name): &(RoleSid, RoleType, Role, &str)| {
        let given = Permissions::of(role);
        let held = Permission::ALL.iter().copied().filter(|one| one.place() == kind && given.hold(*one));
        let permissions = held.collect::<Permissions>().names();
        NamedRole { sid, kind, friendly_name: name.to_owned(), permissions, built_in: true }
    };
    BUILT_IN_ROLES.iter().map(role).collect()
}

/// The built-in role that an identifier stands for.
#[must_use]
pub fn built_in(sid: RoleSid) -> Option<Role> {
    BUILT_IN_ROLES.iter().find(|(built_in, ..)| *built_in == sid).map(|(_, _, role, _)| *role)
}

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

    /// Those of these names. What is not known is left out: a newer server may name more.
    #[must_use]
    pub fn named(names: &[String]) -> Self {
        names.iter().filter_map(|name| Permission::parse(name)).collect()
    }

    /// The flags that say as much, each set where all that it stands for is held.
    #[must_use]
    pub fn flags(self) -> ParticipantFlags {
        let all = governed(ParticipantFlags::default());
        let bits = all
            .iter()
            .enumerate()
            .map(|(place, (_, given))| u8::from(self.hold_all(given.iter().copied().collect())) << place);
        ParticipantFlags::from_bits(bits.sum())
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

    #[test]
    fn flags_are_read_off_what_one_may_do() {
        for bits in 0..128 {
            let flags = ParticipantFlags::from_bits(bits);
            assert_eq!(Permissions::of(Role::Participant).with_flags(Some(flags)).flags(), flags);
        }
        let writes = Permissions::named(&["sendMessage".into(), "fly".into()]);
        assert!(!writes.flags().can_write, "files are a part of writing");
    }

    #[test]
    fn built_in_roles_hold_permissions_of_their_place() {
        let roles = built_in_roles();
        let all: usize = roles.iter().step_by(2).map(|role| role.permissions.len()).sum();
        assert_eq!(all, Permission::ALL.len(), "the two owners hold all of them");
        assert_eq!(built_in(RoleSid::OWNER), Some(Role::Owner));
        assert_eq!(built_in(RoleSid(uuid::Uuid::from_u128(9))), None);
    }
}
