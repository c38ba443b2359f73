//! Whether a frame may leave: nobody receives what `visible` denies at that moment.

use confab_domain::row::{IntervalRow, MembershipRow};
use confab_protocol::{ConversationSid, UserSid};
use serde_json::{Map, Value};

use super::{Leaving, Server};
use crate::network::Conn;
use crate::promise::{Kept, ensure};

type Fields = Map<String, Value>;

/// A frame on its way to a user.
struct Looking<'a> {
    server: &'a Server,
    user: UserSid,
    /// It was not asked for.
    is_push: bool,
}

impl Server {
    /// Looks through a frame for what its receiver may not see.
    pub(crate) fn may_leave(&self, conn: Conn, frame: &Leaving) -> Kept {
        let Some(session) = self.sessions.get(&conn).filter(|_| frame.text.contains("\"conversation")) else {
            return Ok(());
        };
        let Ok(value) = serde_json::from_str::<Value>(&frame.text) else { return Ok(()) };
        let is_push = value.get("event").is_some();
        Looking { server: self, user: session.user(), is_push }.value(&value)
    }
}

impl Looking<'_> {
    fn value(&self, value: &Value) -> Kept {
        match value {
            Value::Object(fields) => {
                self.object(fields)?;
                fields
                    .iter()
                    .filter(|(name, _)| *name != "attributes")
                    .try_for_each(|(_, inner)| self.value(inner))
            }
            Value::Array(all) => all.iter().try_for_each(|inner| self.value(inner)),
            _ => Ok(()),
        }
    }

    fn object(&self, fields: &Fields) -> Kept {
        let number = |name: &str| fields.get(name).and_then(Value::as_u64);
        let place = fields.get("conversation").and_then(Value::as_str).and_then(|text| text.parse().ok());
        if let Some(conversation) = place {
            if let Some(seq) = number("seq").filter(|_| fields.contains_key("event")) {
                return self.event(conversation, seq);
            }
            if let Some(index) = number("index").filter(|_| fields.contains_key("author")) {
                return self.message(conversation, index, fields);
            }
            if fields.get("event").and_then(Value::as_str) == Some("roster.changed") {
                let is_in = self.membership(conversation).is_some_and(|row| row.is_joined());
                ensure!(
                    Private,
                    is_in || self.is_unheard(conversation),
                    "{} gets the roster of {conversation}",
                    self.user
                );
            }
        }
        if let (Some(sid), true) =
            (fields.get("sid").and_then(Value::as_str), fields.contains_key("participants_count"))
            && let Ok(conversation) = sid.parse()
        {
            let found = !self.is_push && self.server.public.contains(&conversation);
            let known = found || !self.intervals(conversation).is_empty();
            ensure!(Private, known, "{} gets {conversation}, in which it never was", self.user);
        }
        Ok(())
    }

    fn membership(&self, conversation: ConversationSid) -> Option<MembershipRow> {
        self.server.read().membership(self.user, conversation).expect("the store can be read")
    }

    fn intervals(&self, conversation: ConversationSid) -> Vec<IntervalRow> {
        self.server.read().intervals(self.user, conversation, 1_000).expect("the store can be read")
    }

    /// The node has not heard yet that the user is out: what it sends until then is from before. It hears of it by the bus,
    /// and by the tail of the database when that loses it.
    fn is_unheard(&self, conversation: ConversationSid) -> bool {
        let hub = &self.server.hub;
        let is_told = |row: MembershipRow| row.version <= hub.state_told(self.user);
        hub.is_member(self.user, conversation) || !self.membership(conversation).is_none_or(is_told)
    }

    /// An event of a log: pushed only to those who are in it at that place, its end included.
    fn event(&self, conversation: ConversationSid, seq: u64) -> Kept {
        let intervals = self.intervals(conversation);
        let during = |row: &IntervalRow| row.joined_seq <= seq && row.left_seq.is_none_or(|left| seq <= left);
        let is_in = intervals.iter().any(|row| row.left_seq.is_none());
        if self.is_push {
            let right = intervals.iter().any(during);
            ensure!(
                Private,
                right,
                "{} is told of {seq} in {conversation}, in which it was not then",
                self.user
            );
            let is_end = intervals.iter().any(|row| row.left_seq == Some(seq));
            ensure!(
                Private,
                is_in || is_end || self.is_unheard(conversation),
                "{} is told of {seq} in {conversation} after it is known to be out",
                self.user
            );
            return Ok(());
        }
        let row = self.server.read().conversation(conversation).expect("the store can be read");
        let hides = row.is_some_and(|row| row.uber);
        let right = if hides { intervals.iter().any(during) } else { is_in };
        ensure!(
            Private,
            right || (self.is_unheard(conversation) && (!hides || intervals.iter().any(during))),
            "{} reads {seq} in {conversation}, which is hidden from it",
            self.user
        );
        Ok(())
    }

    fn message(&self, conversation: ConversationSid, index: u64, fields: &Fields) -> Kept {
        let intervals = self.intervals(conversation);
        let row = self.server.read().conversation(conversation).expect("the store can be read");
        let hides = row.is_some_and(|row| row.uber);
        let during =
            |row: &IntervalRow| row.joined_index <= index && row.left_index.is_none_or(|left| index < left);
        // Read while the user was in it, when a node could not know better.
        let was_in = || !intervals.is_empty() && self.is_unheard(conversation);
        let is_in = intervals.iter().any(|row| row.left_seq.is_none());
        let right = intervals.iter().any(during) || (!hides && (is_in || was_in()));
        let own = fields.get("author").and_then(Value::as_str).is_some_and(|author| self.is_me(author));
        ensure!(
            Private,
            right || own,
            "{} gets message {index} of {conversation}, which is hidden from it",
            self.user
        );
        Ok(())
    }

    fn is_me(&self, identity: &str) -> bool {
        let user = self.server.read().user(self.user).expect("the store can be read");
        user.is_some_and(|user| user.identity == identity)
    }
}
