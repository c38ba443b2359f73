//! What a program on a device does: whatever the server takes and the window has no command for.

use confab_core::news::Post;
use confab_core::stored::Action;
use confab_domain::Ids as _;
use confab_domain::name::identity_key;
use confab_domain::row::NonChatRow;
use confab_protocol::method::{
    ConversationUpdateParams, MessageEditParams, MessageRef, MessageReportParams, MessageSendParams,
    NonChatAddParams, NonChatRemoveParams, NonChatUpdateParams, ParticipantUpdateParams, PushRegisterParams,
    PushUnregisterParams, UserUpdateParams,
};
use confab_protocol::model::{DeliveryStatus, MessageType, PushEvent};
use confab_protocol::{Call, ClientId, ConversationSid, MessageSid, UserSid, limits};
use serde_json::{Value, json};

use super::{Person, Wish};

/// How far a message may have come.
const STATUSES: [DeliveryStatus; 6] = [
    DeliveryStatus::Queued,
    DeliveryStatus::Sent,
    DeliveryStatus::Delivered,
    DeliveryStatus::Read,
    DeliveryStatus::Undelivered,
    DeliveryStatus::Failed,
];

impl Person<'_> {
    fn id(&mut self) -> ClientId {
        ClientId(self.world.rng.uuid())
    }

    /// Free JSON that nobody else writes.
    fn note(&mut self) -> Value {
        json!({ "note": self.text("note") })
    }

    /// The user of an identity, whatever its case.
    pub(super) fn user_of(&self, identity: &str) -> Option<UserSid> {
        let user = self.world.server.read().user_by_key(&identity_key(identity));
        user.expect("the store can be read").map(|user| user.sid)
    }

    /// A conversation of the list that the server has.
    fn somewhere(&mut self) -> Option<ConversationSid> {
        self.row()?.sid?.parse().ok()
    }

    /// The open one.
    fn here_by_sid(&self) -> Option<ConversationSid> {
        let open = self.here()?;
        self.rows.iter().find(|row| row.key == open)?.sid.as_ref()?.parse().ok()
    }

    /// A message of the open conversation that the server has.
    fn sent(&mut self) -> Option<MessageSid> {
        self.message(|row| row.sid.is_some())?.sid?.parse().ok()
    }

    pub(super) fn post(&mut self) -> Option<Wish> {
        let (entry, conversation) = (self.id(), self.somewhere()?);
        let subject = (self.choose(2) == 0).then(|| self.text("subject"));
        let attributes = (self.choose(2) == 0).then(|| self.note());
        let body = self.text("message");
        Some(Wish::Post(Post { entry, conversation, body, subject, attributes, files: Vec::new() }))
    }

    /// Takes back one of those that are still on the device.
    pub(super) fn unpost(&mut self) -> Option<Wish> {
        let waiting = self.world.clients[self.device].disk.outbox.waiting();
        let messages = waiting.into_iter().filter(|entry| matches!(entry.action, Action::Send { .. }));
        let messages: Vec<ClientId> = messages.map(|entry| entry.client_id).collect();
        let entry = *messages.get(self.choose(messages.len()))?;
        self.world.withdrawn.insert(entry);
        Some(Wish::Unpost(entry))
    }

    pub(super) fn mention(&mut self) -> Option<Wish> {
        let conversation = self.here_by_sid()?;
        let mut params = MessageSendParams::new(self.id(), conversation, self.text("message"));
        params.mentions = (0..1 + self.choose(2)).map(|_| self.somebody()).collect();
        params.relates_to = if self.choose(2) == 0 { self.sent() } else { None };
        if self.choose(8) == 0 {
            params.kind = MessageType::Encrypted;
        }
        Some(Wish::Call(Call::MessageSend(params)))
    }

    pub(super) fn set_attributes(&mut self) -> Option<Wish> {
        let (client_id, note) = (self.id(), self.note());
        let call = match self.choose(4) {
            0 => Call::ConversationUpdate(ConversationUpdateParams {
                attributes: Some(note),
                ..ConversationUpdateParams::new(client_id, self.somewhere()?)
            }),
            1 => Call::ParticipantUpdate(ParticipantUpdateParams {
                attributes: Some(note),
                identity: Some(self.anybody()),
                ..ParticipantUpdateParams::new(client_id, self.somewhere()?)
            }),
            2 => Call::MessageEdit(MessageEditParams {
                client_id,
                conversation: self.here_by_sid()?,
                message: MessageRef::Sid(self.sent()?),
                body: None,
                subject: (self.choose(2) == 0).then(|| self.text("subject")),
                attributes: Some(note),
            }),
            _ => {
                let whose = self.anybody();
                let user = self.user_of(&whose);
                let params = UserUpdateParams::new(client_id);
                Call::UserUpdate(UserUpdateParams { attributes: Some(note), user, ..params })
            }
        };
        Some(Wish::Call(call))
    }

    /// Mostly oneself.
    fn anybody(&mut self) -> String {
        if self.choose(3) == 0 {
            return self.somebody();
        }
        self.world.clients[self.device].account.user.identity.clone()
    }

    /// Somebody who takes part in a conversation by other means.
    fn outsider(&mut self, conversation: ConversationSid) -> Option<NonChatRow> {
        let rows = self.world.server.read().non_chat(conversation, limits::NON_CHAT_PARTICIPANTS);
        let rows = rows.expect("the store can be read");
        rows.get(self.choose(rows.len())).cloned()
    }

    pub(super) fn change_outsiders(&mut self) -> Option<Wish> {
        let (client_id, conversation) = (self.id(), self.here_by_sid().or_else(|| self.somewhere())?);
        let kind = self.choose(4);
        let call = match self.outsider(conversation).filter(|_| kind > 1) {
            None => Call::NonChatAdd(NonChatAddParams {
                client_id,
                conversation,
                kind: ["sms", "whatsapp"][self.choose(2)].to_owned(),
                // One of few, so that they collide.
                address: format!("+47 {}", self.choose(4)),
                proxy_address: None,
                name: None,
                level: None,
                attributes: (self.choose(2) == 0).then(|| self.note()),
            }),
            Some(row) if kind == 2 => Call::NonChatUpdate(NonChatUpdateParams {
                client_id,
                conversation,
                participant: row.sid,
                attributes: self.note(),
            }),
            Some(row) => {
                Call::NonChatRemove(NonChatRemoveParams { client_id, conversation, participant: row.sid })
            }
        };
        Some(Wish::Call(call))
    }

    pub(super) fn report(&mut self) -> Option<Wish> {
        let conversation = self.here_by_sid()?;
        let Some(outsider) = self.outsider(conversation) else { return self.change_outsiders() };
        let call = Call::MessageReport(MessageReportParams {
            client_id: self.id(),
            conversation,
            message: self.sent()?,
            participant: outsider.sid,
            status: STATUSES[self.choose(STATUSES.len())],
            channel_message_sid: (self.choose(2) == 0).then(|| self.text("SM")),
            error_code: (self.choose(4) == 0).then_some(30_003),
            channel_metadata: None,
        });
        Some(Wish::Call(call))
    }

    pub(super) fn register_for_push(&mut self) -> Wish {
        let client_id = self.id();
        if self.choose(4) == 0 {
            let own = &self.world.clients[self.device].account;
            let (user, device) = (own.user.sid, own.device);
            let others = self.world.clients.iter().map(|client| &client.account);
            let mut others = others.filter(|other| other.user.sid == user && other.device != device);
            let device = others.next().map(|other| other.device).filter(|_| self.pick.is_multiple_of(2));
            return Wish::Call(Call::PushUnregister(PushUnregisterParams { client_id, device }));
        }
        Wish::Call(Call::PushRegister(PushRegisterParams {
            client_id,
            kind: "fcm".to_owned(),
            // One of few: a computer that somebody else signs in on has the token of whoever was there before.
            token: format!("token {}", self.choose(3)),
            events: (self.choose(2) == 0).then(|| vec![PushEvent::MessageAdded]),
        }))
    }
}
