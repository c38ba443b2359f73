//! The closed list of permissions, the two built-in roles, and the one function that decides.

use confab_protocol::model::Role;
use confab_protocol::{ErrorCode, WireError};

use crate::row::{MembershipRow, UserRow};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $ordinary:literal;)*) => {
        /// What one may be allowed to do. The names are those of Twilio Conversations, and two of our own for invites.
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

            /// Whether the role of an ordinary participant, or of an ordinary user of a workspace, has it.
            fn is_ordinary(self) -> bool {
                match self { $(Self::$name => $ordinary,)* }
            }
        }
    };
}

permissions! {
    /// Post messages.
    SendMessage = "sendMessage", true;
    /// Post messages with files.
    SendMediaMessage = "sendMediaMessage", true;
    /// Leave.
    LeaveConversation = "leaveConversation", true;
    /// Set one's own notification level.
    EditNotificationLevel = "editNotificationLevel", true;
    /// Add a user.
    AddParticipant = "addParticipant", true;
    /// Add someone who is no user of the workspace.
    AddNonChatParticipant = "addNonChatParticipant", false;
    /// Remove someone else.
    RemoveParticipant = "removeParticipant", false;
    /// Delete the conversation.
    DeleteConversation = "deleteConversation", false;
    /// Change friendly name and unique name.
    EditConversationName = "editConversationName", false;
    /// Change the attributes of the conversation.
    EditConversationAttributes = "editConversationAttributes", false;
    /// Change the text of one's own messages.
    EditOwnMessage = "editOwnMessage", true;
    /// Change the text of anybody's messages.
    EditAnyMessage = "editAnyMessage", false;
    /// Change the attributes of one's own messages.
    EditOwnMessageAttributes = "editOwnMessageAttributes", true;
    /// Change the attributes of anybody's messages.
    EditAnyMessageAttributes = "editAnyMessageAttributes", false;
    /// Remove one's own messages.
    DeleteOwnMessage = "deleteOwnMessage", true;
    /// Remove anybody's messages.
    DeleteAnyMessage = "deleteAnyMessage", false;
    /// Change the attributes of one's own participation.
    EditOwnParticipantAttributes = "editOwnParticipantAttributes", true;
    /// Change the attributes and the role of any participant.
    EditAnyParticipantAttributes = "editAnyParticipantAttributes", false;
    /// Make a conversation.
    CreateConversation = "createConversation", true;
    /// Join a conversation that lets anybody in.
    JoinConversation = "joinConversation", true;
    /// Change one's own profile.
    EditOwnUserInfo = "editOwnUserInfo", true;
    /// Change anybody's profile.
    EditAnyUserInfo = "editAnyUserInfo", false;
    /// Make invites, and see those there are.
    CreateInvite = "createInvite", false;
    /// End invites.
    RevokeInvite = "revokeInvite", false;
}

/// Where a permission is asked for: the role that counts stands in the row.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// The workspace.
    Workspace(&'a UserRow),
    /// A conversation. An owner of the workspace has no power over conversations of others.
    Conversation(&'a MembershipRow),
}

impl Place<'_> {
    fn role(self) -> Role {
        match self {
            Self::Workspace(user) if user.deactivated => Role::Unknown,
            Self::Workspace(user) => user.role,
            Self::Conversation(me) if me.is_joined() => me.role,
            Self::Conversation(_) => Role::Unknown,
        }
    }
}

/// Whether the user or participant of a row may do something there.
///
/// # Errors
/// `forbidden` with the permission that is missing.
pub fn authorise(permission: Permission, place: Place<'_>) -> Result<(), WireError> {
    let allowed = match place.role() {
        Role::Owner => true,
        Role::Participant => permission.is_ordinary(),
        Role::Unknown => false,
    };
    if allowed {
        return Ok(());
    }
    Err(WireError::new(ErrorCode::Forbidden).with("permission", permission.as_str()))
}
