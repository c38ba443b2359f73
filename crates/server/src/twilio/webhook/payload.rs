//! What hooks are told: the fields of an event by the names that Twilio gives them.

use confab_domain::account::SYSTEM;
use confab_domain::{Event, NonChatChange};
use confab_protocol::model::{
    Conversation, ConversationState, DetailedReceipt, Message, NonChatParticipant, Participant, User,
};
use confab_protocol::{Change, ConversationSid, LogEvent, MessageSid};
use serde_json::{Value, json};

use super::Source;
use crate::twilio::dates::exact;
use crate::twilio::rest::delivery_status;

/// Names and values of a form.
pub(super) type Params = Vec<(String, String)>;

/// Something that happened.
pub(super) struct Happening {
    /// `onMessageAdded` and the like.
    pub(super) event: &'static str,
    /// Where, if it was in a conversation.
    pub(super) conversation: Option<ConversationSid>,
    /// The text of a message.
    pub(super) body: Option<String>,
    /// All there is to say.
    pub(super) params: Params,
}

/// The fields in which a message says what it says, and what it says.
pub(super) fn contents(row: &Message) -> Params {
    let mut form = Form(Vec::new());
    form.contents(row);
    form.done()
}

/// Whose server it is.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) account: String,
    pub(super) service: String,
}

/// Fields that are gathered.
pub(super) struct Form(Params);

impl Form {
    /// Those of every event.
    pub(super) fn new(account: &Account, event: &str, source: Source, who: Option<&str>) -> Self {
        let mut form = Self(Vec::new());
        form.set("AccountSid", &account.account);
        form.set("ChatServiceSid", &account.service);
        form.set("EventType", event);
        form.set("Source", source.as_str());
        form.set("RetryCount", "0");
        form.maybe("ClientIdentity", who.filter(|_| source == Source::Sdk));
        form
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Where somebody is who takes part by other means.
    pub(super) fn binding(&mut self, kind: &str, address: &str, proxy_address: Option<&str>) {
        self.set("MessagingBinding.Type", kind);
        self.set("MessagingBinding.Address", address);
        self.maybe("MessagingBinding.ProxyAddress", proxy_address);
    }

    /// What a message says.
    fn contents(&mut self, row: &Message) {
        self.maybe("Body", row.body.as_deref());
        self.maybe("Subject", row.subject.as_deref());
        self.json("Attributes", Some(&row.attributes));
        self.json("Media", files(row).as_ref());
    }

    /// Free JSON as a text.
    pub(super) fn json(&mut self, name: &str, value: Option<&Value>) {
        self.maybe(name, value.map(Value::to_string).as_deref());
    }

    pub(super) fn done(self) -> Params {
        self.0
    }
}

/// What hooks are told of an event.
pub(super) fn of(event: &Event, source: Source, account: &Account) -> Vec<Happening> {
    match event {
        Event::Log { event, .. } => logged(event, source, account),
        Event::Roster { conversation, rows, .. } => {
            let one = |row: &Participant| {
                let of = Log { account, source, who: None };
                of.participant("onParticipantUpdated", *conversation, row)
            };
            rows.iter().map(one).collect()
        }
        Event::NonChat { conversation, actor, change } => {
            let who = Some(actor.as_str()).filter(|who| *who != SYSTEM);
            vec![Log { account, source, who }.non_chat(*conversation, change)]
        }
        Event::User(user) => vec![self::user(user, source, account)],
        Event::State { .. } | Event::Roles { .. } | Event::DeviceRevoked { .. } => Vec::new(),
    }
}

fn logged(event: &LogEvent, source: Source, account: &Account) -> Vec<Happening> {
    let who = event.actor.as_deref().filter(|who| *who != SYSTEM);
    let source = if event.actor.is_none() { Source::Timer } else { source };
    let of = Log { account, source, who };
    vec![match &event.change {
        // These say only that there is something to ask for; what it is is told on its own.
        Change::ConversationUpdated(_) if event.changed == ["non_chat_participants"] => return Vec::new(),
        Change::MessageEdited(_) if event.changed == ["receipts"] => return Vec::new(),
        Change::ConversationCreated(row) => of.conversation("onConversationAdded", row),
        Change::ConversationUpdated(row) => return of.updated(row, &event.changed),
        Change::ConversationDeleted(row) => {
            let mut form = of.form("onConversationRemoved");
            form.set("ConversationSid", &row.sid.to_string());
            of.happening("onConversationRemoved", Some(row.sid), None, form)
        }
        Change::ParticipantJoined(row) => of.participant("onParticipantAdded", event.conversation, row),
        Change::ParticipantLeft(row) => of.participant("onParticipantRemoved", event.conversation, row),
        Change::MessageAdded(row) => of.message("onMessageAdded", row),
        Change::MessageEdited(row) => of.message("onMessageUpdated", row),
        Change::MessageRemoved(row) => of.message("onMessageRemoved", row),
        Change::Unknown { .. } => return Vec::new(),
    }]
}

/// What all events of one log entry have in common.
struct Log<'a> {
    account: &'a Account,
    source: Source,
    who: Option<&'a str>,
}

impl Log<'_> {
    fn form(&self, event: &str) -> Form {
        Form::new(self.account, event, self.source, self.who)
    }

    fn happening(
        &self,
        event: &'static str,
        conversation: Option<ConversationSid>,
        body: Option<String>,
        form: Form,
    ) -> Happening {
        Happening { event, conversation, body, params: form.done() }
    }

    fn conversation(&self, event: &'static str, row: &Conversation) -> Happening {
        let mut form = self.form(event);
        form.set("ConversationSid", &row.sid.to_string());
        form.maybe("FriendlyName", row.friendly_name.as_deref());
        form.maybe("UniqueName", row.unique_name.as_deref());
        form.json("Attributes", Some(&row.attributes));
        form.set("State", state(row.state));
        form.set("CreatedBy", &row.created_by);
        form.set("DateCreated", &exact(row.date_created));
        form.set("DateUpdated", &exact(row.date_updated));
        self.happening(event, Some(row.sid), None, form)
    }

    /// A state is told of on its own, beside what else changed with it.
    fn updated(&self, row: &Conversation, changed: &[String]) -> Vec<Happening> {
        let is_state = changed.iter().any(|field| field == "state");
        let is_more = !is_state || changed.len() > 1;
        let more = is_more.then(|| self.conversation("onConversationUpdated", row));
        let state = is_state.then(|| self.state(row));
        more.into_iter().chain(state).collect()
    }

    fn state(&self, row: &Conversation) -> Happening {
        let event = "onConversationStateUpdated";
        let mut form = self.form(event);
        form.set("ConversationSid", &row.sid.to_string());
        form.set("StateTo", state(row.state));
        form.set("Reason", if self.source == Source::Timer { "TIMER" } else { "API" });
        form.set("DateUpdated", &exact(row.date_updated));
        self.happening(event, Some(row.sid), None, form)
    }

    fn participant(
        &self,
        event: &'static str,
        conversation: ConversationSid,
        row: &Participant,
    ) -> Happening {
        let mut form = self.form(event);
        form.set("ConversationSid", &conversation.to_string());
        form.set("ParticipantSid", &row.sid.to_string());
        form.set("Identity", &row.identity);
        form.maybe("RoleSid", row.role_sid.map(|sid| sid.to_string()).as_deref());
        form.json("Attributes", Some(&row.attributes));
        form.maybe(
            "LastReadMessageIndex",
            row.last_read_message_index.map(|index| index.to_string()).as_deref(),
        );
        form.set("DateCreated", &exact(row.date_created));
        form.set("DateUpdated", &exact(row.date_updated));
        self.happening(event, Some(conversation), None, form)
    }

    fn non_chat(&self, conversation: ConversationSid, change: &NonChatChange) -> Happening {
        match change {
            NonChatChange::Added(row) => self.contact("onParticipantAdded", conversation, row),
            NonChatChange::Updated(row) => self.contact("onParticipantUpdated", conversation, row),
            NonChatChange::Removed(row) => self.contact("onParticipantRemoved", conversation, row),
            NonChatChange::Reported { message, receipt } => self.delivery(conversation, *message, receipt),
        }
    }

    fn contact(
        &self,
        event: &'static str,
        conversation: ConversationSid,
        row: &NonChatParticipant,
    ) -> Happening {
        let mut form = self.form(event);
        form.set("ConversationSid", &conversation.to_string());
        form.set("ParticipantSid", &row.sid.to_string());
        form.binding(&row.kind, &row.address, row.proxy_address.as_deref());
        form.json("Attributes", Some(&row.attributes));
        form.set("DateCreated", &exact(row.date_created));
        form.set("DateUpdated", &exact(row.date_updated));
        self.happening(event, Some(conversation), None, form)
    }

    fn delivery(
        &self,
        conversation: ConversationSid,
        message: MessageSid,
        receipt: &DetailedReceipt,
    ) -> Happening {
        let event = "onDeliveryUpdated";
        let mut form = self.form(event);
        form.set("ConversationSid", &conversation.to_string());
        form.set("MessageSid", &message.to_string());
        form.set("DeliveryReceiptSid", &receipt.sid.to_string());
        form.maybe("ChannelMessageSid", receipt.channel_message_sid.as_deref());
        form.set("ParticipantSid", &receipt.participant.to_string());
        form.set("Status", delivery_status(receipt.status));
        form.set("ErrorCode", &receipt.error_code.to_string());
        form.set("DateCreated", &exact(receipt.date_created));
        form.set("DateUpdated", &exact(receipt.date_updated));
        self.happening(event, Some(conversation), None, form)
    }

    fn message(&self, event: &'static str, row: &Message) -> Happening {
        let mut form = self.form(event);
        form.set("ConversationSid", &row.conversation.to_string());
        form.set("MessageSid", &row.sid.to_string());
        form.set("Index", &row.index.to_string());
        form.set("Author", &row.author);
        form.maybe("ParticipantSid", row.participant.map(|sid| sid.to_string()).as_deref());
        form.contents(row);
        form.set("DateCreated", &exact(row.date_created));
        form.set("DateUpdated", &exact(row.date_updated));
        self.happening(event, Some(row.conversation), row.body.clone(), form)
    }
}

fn user(row: &User, source: Source, account: &Account) -> Happening {
    let event = if row.version == 1 { "onUserAdded" } else { "onUserUpdated" };
    let mut form = Form::new(account, event, source, Some(&row.identity));
    form.set("UserSid", &row.sid.to_string());
    form.set("Identity", &row.identity);
    form.set("FriendlyName", &row.friendly_name);
    form.maybe("RoleSid", row.role_sid.map(|sid| sid.to_string()).as_deref());
    form.json("Attributes", Some(&row.attributes));
    Happening { event, conversation: None, body: None, params: form.done() }
}

fn files(row: &Message) -> Option<Value> {
    let one = |file: &confab_protocol::model::Media| json!({"Sid": file.sid, "Filename": file.file_name, "ContentType": file.content_type, "Size": file.size});
    (!row.media.is_empty()).then(|| row.media.iter().map(one).collect())
}

fn state(state: ConversationState) -> &'static str {
    match state {
        ConversationState::Active | ConversationState::Unknown => "active",
        ConversationState::Inactive => "inactive",
        ConversationState::Closed => "closed",
    }
}
