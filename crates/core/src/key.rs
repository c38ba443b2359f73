//! Keys of conversations: stable from the first sight of a conversation that is still being made to its last message.

use std::fmt;
use std::str::FromStr;

use confab_protocol::{ClientId, ConversationSid};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// Names a conversation on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// One that was met on the server.
    Sid(ConversationSid),
    /// One that was made here, by the id of its making; it keeps this key when its SID becomes known.
    Made(ClientId),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sid(sid) => sid.fmt(f),
            Self::Made(client_id) => client_id.fmt(f),
        }
    }
}

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of a conversation")]
pub struct KeyError;

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if let Ok(sid) = text.parse() {
            return Ok(Self::Sid(sid));
        }
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == 32 => Ok(Self::Made(ClientId(uuid))),
            _ => Err(KeyError),
        }
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_what_it_writes() {
        for key in
            [Key::Sid(ConversationSid(Uuid::from_u128(7))), Key::Made(ClientId(Uuid::from_u128(0xc001)))]
        {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for text in ["", "CH7", "00000000-0000-0000-0000-000000000007", "IM00000000000000000000000000000007"]
        {
            assert_eq!(text.parse::<Key>(), Err(KeyError), "{text}");
        }
    }
}
