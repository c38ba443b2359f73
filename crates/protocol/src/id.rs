//! Identifiers and instants. UUIDv7 inside; on the wire a two-letter prefix and 32 hex digits, as Twilio's SIDs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A string that is not an identifier of the kind expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {prefix} and 32 hex digits")]
pub struct SidError {
    /// The prefix that was expected; empty for identifiers without one.
    pub prefix: &'static str,
}

macro_rules! sid {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What stands before the 32 hex digits on the wire.
            pub const PREFIX: &'static str = $prefix;
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = SidError;

            fn from_str(text: &str) -> Result<Self, SidError> {
                let wrong = SidError { prefix: $prefix };
                let digits = text.strip_prefix($prefix).ok_or_else(|| wrong.clone())?;
                if digits.len() != 32 {
                    return Err(wrong);
                }
                Uuid::try_parse(digits).map(Self).map_err(|_| wrong)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

sid!(
    /// A conversation.
    ConversationSid,
    "CH"
);
sid!(
    /// A message.
    MessageSid,
    "IM"
);
sid!(
    /// One person's participation in one conversation.
    ParticipantSid,
    "MB"
);
sid!(
    /// A user of a workspace.
    UserSid,
    "US"
);
sid!(
    /// A file attached to a message.
    MediaSid,
    "ME"
);
sid!(
    /// A workspace; Twilio calls it a service.
    WorkspaceSid,
    "IS"
);
sid!(
    /// One sign-in of a user on one computer.
    DeviceSid,
    "DV"
);
sid!(
    /// An invitation to a workspace.
    InviteSid,
    "IV"
);
sid!(
    /// A role.
    RoleSid,
    "RL"
);
sid!(
    /// A receipt: how far one message has come with one participant.
    ReceiptSid,
    "DY"
);
sid!(
    /// Made by the client before anything else, one per mutation; the server applies each once.
    ClientId,
    ""
);
sid!(
    /// Random, renewed whenever the numbering of a workspace may have gone back. Another epoch voids all versions.
    Epoch,
    ""
);

impl RoleSid {
    /// The owner of a workspace.
    pub const WORKSPACE_OWNER: Self = Self(Uuid::from_u128(1));
    /// An ordinary user of a workspace.
    pub const WORKSPACE_USER: Self = Self(Uuid::from_u128(2));
    /// The owner of a conversation.
    pub const OWNER: Self = Self(Uuid::from_u128(3));
    /// An ordinary participant of a conversation.
    pub const PARTICIPANT: Self = Self(Uuid::from_u128(4));
}

/// Milliseconds since 1970-01-01 UTC. For show only: nothing is ordered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Timestamp(#[cfg_attr(feature = "ts", ts(type = "number"))] pub u64);

impl Timestamp {
    /// This instant and `millis` more.
    #[must_use]
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; 0 when it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_reads_back_what_it_writes_and_refuses_another_kind() {
        let sid = ConversationSid(Uuid::from_u128(7));
        let text = sid.to_string();
        assert_eq!(text, "CH00000000000000000000000000000007");
        assert_eq!(text.parse::<ConversationSid>(), Ok(sid));
        assert!(text.parse::<MessageSid>().is_err());
        assert!("CH7".parse::<ConversationSid>().is_err());
        assert!("CH00000000-0000-0000-0000-000000000007".parse::<ConversationSid>().is_err());
    }
}
