//! Whether a frame may leave: nobody receives what `visible` denies at that moment.

use confab_domain::row::{IntervalRow, MembershipRow};
use confab_protocol::method::MessageReceiptsParams;
use confab_protocol::{Call, ConversationSid, UserSid};
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
        let Some(session) = self.sessions.get(&conn) else { return Ok(()) };
        let call = self.answered_by(conn, frame);
        let place = call.and_then(shown_by);
        if place.is_none() && !frame.text.contains("\"conversation") {
            return Ok(());
        }
        let Ok(value) = serde_json::from_str::<Value>(&frame.text) else { return Ok(()) };
        let is_push = value.get("event").is_some();
        let looking = Looking { server: self, user: session.user(), is_push };
        place.map_or(Ok(()), |(conversation, what)| looking.is_in(conversation, what))?;
        match call {
            Some(Call::MessageReceipts(params)) => looking.receipts(params)?,
            Some(Call::UnreadGet(_)) => looking.counts(&value["result"]["rows"])?,
            _ => {}
        }
        looking.value(&value)
    }
}

/// The one conversation that an answer shows something of to those alone who are in it, and what: such answers do not name it.
fn shown_by(call: &Call) -> Option<(ConversationSid, &'static str)> {
    match call {
        Call::ParticipantList(params) => Some((params.conversation, "the roster")),
        Call::NonChatList(params) => Some((params.conversation, "those who take part by other means")),
        Call::MessageReceipts(params) => Some((params.conversation, "receipts")),
        Call::ConversationCounts(params) => Some((params.conversation, "counts")),
        Call::MessagePage(params) => Some((params.conversation, "a page")),
        Call::EventRange(params) => Some((params.conversation, "a range")),
        _ => None,
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
                self.text(fields)?;
                return self.message(conversation, index, fields);
            }
            match fields.get("event").and_then(Value::as_str) {
                Some("roster.changed") => self.is_in(conversation, "the roster")?,
                Some("typing.started") => self.is_in(conversation, "who types")?,
                // A head, as heartbeats carry them. One from within a stay may wait behind its end: it says nothing that was not
                // known then.
                None if self.is_push && number("roster_version").is_some() => {
                    let version = number("version").unwrap_or(u64::MAX);
                    if !self.intervals(conversation).iter().any(|row| is_during(row, version)) {
                        self.is_in(conversation, "the head")?;
                    }
                }
                _ => {}
            }
            self.own_row(conversation, fields)?;
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
        let known = |row: MembershipRow| {
            row.is_joined() || self.server.hearing.is_known(self.user, conversation, row.version)
        };
        !self.membership(conversation).is_none_or(known)
    }

    /// What only those get who are in a conversation.
    fn is_in(&self, conversation: ConversationSid, what: &str) -> Kept {
        let is_in = self.membership(conversation).is_some_and(|row| row.is_joined());
        ensure!(
            Private,
            is_in || self.is_unheard(conversation),
            "{} gets {what} of {conversation}, in which it is not",
            self.user
        );
        Ok(())
    }

    /// Receipts are of a message that may be seen.
    fn receipts(&self, params: &MessageReceiptsParams) -> Kept {
        let row = self.server.read().message(params.message).expect("the store can be read");
        row.map_or(Ok(()), |row| self.message(row.conversation, row.index, &Fields::new()))
    }

    fn counts(&self, rows: &Value) -> Kept {
        let places = rows.as_array().into_iter().flatten().filter_map(|row| row["conversation"].as_str());
        places.filter_map(|place| place.parse().ok()).try_for_each(|place| self.is_in(place, "counts"))
    }

    /// An own row is of a conversation that one is or was in, and counts nothing of one that one is out of.
    fn own_row(&self, conversation: ConversationSid, fields: &Fields) -> Kept {
        let (Some(status), Some(unread)) = (fields.get("status"), fields.get("unread")) else {
            return Ok(());
        };
        let was_in = !self.intervals(conversation).is_empty();
        ensure!(Private, was_in, "{} gets a row of {conversation}, in which it never was", self.user);
        let counted = unread["unread"].as_u64().unwrap_or(0) + unread["mentions"].as_u64().unwrap_or(0);
        let is_out = status.as_str() == Some("not_participating");
        ensure!(
            Private,
            !is_out || counted == 0,
            "{} gets counts of {conversation}, out of which it is",
            self.user
        );
        Ok(())
    }

    /// An event of a log: pushed only to those who are in it at that place, its end included.
    fn event(&self, conversation: ConversationSid, seq: u64) -> Kept {
        let intervals = self.intervals(conversation);
        let is_in = intervals.iter().any(|row| row.left_seq.is_none());
        if self.is_push {
            let right = intervals.iter().any(|row| is_during(row, seq));
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
        let right = if hides { intervals.iter().any(|row| is_during(row, seq)) } else { is_in };
        ensure!(
            Private,
            right
                || (self.is_unheard(conversation)
                    && (!hides || intervals.iter().any(|row| is_during(row, seq)))),
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

    /// Nothing is pushed of a message that is known to be removed.
    fn text(&self, fields: &Fields) -> Kept {
        let sid = fields.get("sid").and_then(Value::as_str).and_then(|sid| sid.parse().ok());
        let has_text = fields.get("body").is_some_and(|body| !body.is_null());
        let gone = sid.is_some_and(|sid| self.server.hearing.is_removed(sid));
        ensure!(
            Private,
            !(self.is_push && has_text && gone),
            "{} is told the text of {sid:?} after its removal",
            self.user
        );
        Ok(())
    }

    fn is_me(&self, identity: &str) -> bool {
        let user = self.server.read().user(self.user).expect("the store can be read");
        user.is_some_and(|user| user.identity == identity)
    }
}

/// Whether a place of the log is within a stay.
fn is_during(stay: &IntervalRow, seq: u64) -> bool {
    stay.joined_seq <= seq && stay.left_seq.is_none_or(|left| seq <= left)
}
