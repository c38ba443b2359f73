//! Names of Sync objects. Their SIDs say whose they are and change with the epoch: whatever a client keeps of an object is
//! void in another epoch, and so it does not find the object again under what it kept.

use confab_protocol::{ConversationSid, Epoch, UserSid};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// One of the objects as which the chat is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Object {
    /// A map: the conversations that a user is in.
    Conversations(UserSid),
    /// A map: the profile of a user, and whether they are there.
    User(UserSid),
    /// A document: a conversation.
    Conversation(ConversationSid),
    /// A list: its messages.
    Messages(ConversationSid),
    /// A map: its participants.
    Roster(ConversationSid),
}

/// The three forms that objects have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Map,
    List,
    Document,
}

impl Form {
    /// As it stands in a subscription.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::List => "list",
            Self::Document => "document",
        }
    }

    /// As it stands in an address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Map => "Maps",
            Self::List => "Lists",
            Self::Document => "Documents",
        }
    }
}

impl Object {
    /// Which form it has.
    pub(super) fn form(self) -> Form {
        match self {
            Self::Conversations(_) | Self::User(_) | Self::Roster(_) => Form::Map,
            Self::Messages(_) => Form::List,
            Self::Conversation(_) => Form::Document,
        }
    }

    /// The conversation that it is of.
    pub(super) fn conversation(self) -> Option<ConversationSid> {
        match self {
            Self::Conversation(sid) | Self::Messages(sid) | Self::Roster(sid) => Some(sid),
            Self::Conversations(_) | Self::User(_) => None,
        }
    }

    /// The name under which it is opened; the same in every epoch. Those of a conversation are what the client falls back to.
    pub(super) fn unique_name(self) -> String {
        match self {
            Self::Conversations(user) => format!("{user}.conversations"),
            Self::User(user) => format!("{user}.info"),
            Self::Conversation(sid) => format!("{sid}.channel"),
            Self::Messages(sid) => format!("{sid}.messages"),
            Self::Roster(sid) => format!("{sid}.roster"),
        }
    }

    /// Its SID in an epoch.
    pub(super) fn sid(self, epoch: Epoch) -> String {
        let (prefix, id) = self.parts();
        format!("{prefix}{}", masked(id, prefix, epoch).simple())
    }

    /// The object of a SID of this epoch, or of a unique name. What is neither, or of another epoch, names nothing.
    pub(super) fn read(text: &str, epoch: Epoch) -> Option<Self> {
        if let Some((owner, what)) = text.split_once('.') {
            return Self::of(what, owner);
        }
        let (prefix, digits) = text.split_at_checked(2)?;
        let id = Uuid::try_parse(digits).ok().filter(|_| digits.len() == 32)?;
        let id = masked(id, prefix, epoch);
        Some(match prefix {
            "MC" => Self::Conversations(UserSid(id)),
            "MU" => Self::User(UserSid(id)),
            "ET" => Self::Conversation(ConversationSid(id)),
            "ES" => Self::Messages(ConversationSid(id)),
            "MP" => Self::Roster(ConversationSid(id)),
            _ => return None,
        })
    }

    fn of(what: &str, owner: &str) -> Option<Self> {
        Some(match what {
            "conversations" => Self::Conversations(owner.parse().ok()?),
            "info" => Self::User(owner.parse().ok()?),
            "channel" => Self::Conversation(owner.parse().ok()?),
            "messages" => Self::Messages(owner.parse().ok()?),
            "roster" => Self::Roster(owner.parse().ok()?),
            _ => return None,
        })
    }

    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Conversations(user) => ("MC", user.0),
            Self::User(user) => ("MU", user.0),
            Self::Conversation(sid) => ("ET", sid.0),
            Self::Messages(sid) => ("ES", sid.0),
            Self::Roster(sid) => ("MP", sid.0),
        }
    }
}

/// There and back: nothing is hidden by this, it only differs from epoch to epoch.
fn masked(id: Uuid, prefix: &str, epoch: Epoch) -> Uuid {
    let mut hasher = Sha256::new();
    hasher.update(prefix);
    hasher.update(epoch.0.as_bytes());
    let mask: [u8; 32] = hasher.finalize().into();
    let mut bytes = id.into_bytes();
    bytes.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_by_both_its_names_and_not_by_a_sid_of_another_epoch() {
        let (user, conversation) = (UserSid(Uuid::from_u128(5)), ConversationSid(Uuid::from_u128(6)));
        let (now, then) = (Epoch(Uuid::from_u128(1)), Epoch(Uuid::from_u128(2)));
        for object in [
            Object::Conversations(user),
            Object::User(user),
            Object::Conversation(conversation),
            Object::Messages(conversation),
            Object::Roster(conversation),
        ] {
            assert_eq!(Object::read(&object.unique_name(), now), Some(object));
            assert_eq!(Object::read(&object.sid(now), now), Some(object));
            assert_ne!(Object::read(&object.sid(then), now), Some(object));
            assert_eq!(object.sid(now).len(), 34);
        }
        for nothing in ["", "M", "MP1", "é", "US5.info", "CH.channel", "MP0000000000000000000000000000000g"]
        {
            assert_eq!(Object::read(nothing, now), None, "{nothing}");
        }
    }
}
