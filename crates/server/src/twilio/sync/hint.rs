//! What the hub says to a session, as far as it matters here: which objects it may concern.

use confab_protocol::model::{Head, Presence};
use confab_protocol::{ConversationSid, UserSid};
use serde::Deserialize;
use serde_json::Value;

/// What is to be said at once.
pub(in crate::twilio) enum Hint {
    /// A notification of this kind.
    Say(&'static str, Value),
    /// A sign of life.
    Beat,
    /// The token ends soon.
    AboutToExpire,
    /// The token has ended.
    Expired,
}

/// A frame of the hub, without what it carries: that is read when it is sent.
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) event: String,
    #[serde(default)]
    pub(super) conversation: Option<ConversationSid>,
    #[serde(default)]
    pub(super) identity: Option<String>,
    #[serde(default)]
    pub(super) timeout_ms: u64,
    #[serde(default)]
    pub(super) rows: Vec<Row>,
    #[serde(default)]
    pub(super) users: Vec<Named>,
    #[serde(default)]
    pub(super) people: People,
    #[serde(default)]
    pub(super) heads: Vec<Head>,
}

/// What a frame says of people.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum People {
    /// Whose presence changed.
    Changed(Vec<Presence>),
    /// How many frames about people this session was sent so far: a heartbeat counts them.
    Sent(u64),
}

impl Default for People {
    fn default() -> Self {
        Self::Changed(Vec::new())
    }
}

/// A row of the own state, or of a roster, of which only the former names a conversation.
#[derive(Deserialize)]
pub(super) struct Row {
    #[serde(default)]
    pub(super) conversation: Option<ConversationSid>,
}

/// A profile.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) sid: UserSid,
}

#[cfg(test)]
mod tests {
    use confab_protocol::event::{Push, Signal};

    use super::*;

    fn told(signal: Signal) -> Told {
        serde_json::from_str(&Push::Signal(signal).encode()).unwrap()
    }

    #[test]
    fn what_is_said_of_people_is_read_in_both_its_forms() {
        let beat = Signal::Heartbeat {
            heads: Vec::new(),
            number: 7,
            state_version: Some(3),
            roles_version: Some(2),
            people: Some(5),
        };
        let beat = told(beat);
        assert!(beat.event == "heartbeat" && matches!(beat.people, People::Sent(5)));
        let went = Presence { identity: "Ana".to_owned(), online: false, profile_version: 0 };
        let went = told(Signal::PresenceChanged { people: vec![went] });
        assert!(matches!(&went.people, People::Changed(people) if people[0].identity == "Ana"));
    }
}
