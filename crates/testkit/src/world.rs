//! A workspace to play with: people act, time passes, and nobody waits for anything.

use confab_domain::account::{self, Grant, Join, Password};
use confab_domain::row::AuditAction;
use confab_domain::{Actor, DomainError, DomainResult, Event, Ids, Outcome, Read};
use confab_protocol::method::{
    ConversationCreateParams, ConversationGetParams, HorizonMode, HorizonSetParams, InviteCreateParams,
    MessageEditParams, MessagePageParams, MessageRef, MessageRemoveParams, MessageSendParams,
    ParticipantAddParams, ParticipantRemoveParams, UnreadGetParams,
};
use confab_protocol::model::{ConversationSummary, Message, Participant, Unread};
use confab_protocol::{Answer, Call, ClientId, ConversationSid, Timestamp, WireError, WorkspaceSid};
use uuid::Uuid;

use crate::{MemoryStore, SeededIds, TestClock};

/// A workspace in memory with its owner.
#[derive(Debug, Clone)]
pub struct World {
    /// What it stands in.
    pub store: MemoryStore,
    /// Where its ids come from.
    pub ids: SeededIds,
    /// What time it is.
    pub clock: TestClock,
    /// Owns the workspace.
    pub owner: Actor,
}

impl Default for World {
    fn default() -> Self {
        Self::new(1)
    }
}

impl World {
    /// A workspace whose owner is called Olga; the same seed gives the same ids.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut store = MemoryStore::new(WorkspaceSid(Uuid::from_u128(1)));
        let (mut ids, clock) = (SeededIds::new(seed), TestClock::default());
        account::create_workspace("Fjordline", clock.now(), &mut ids, &mut store).expect("a workspace");
        let grant = account::create_owner("Olga", None, "Laptop", clock.now(), &mut ids, &mut store);
        let owner = actor(&grant.expect("an owner"), &store);
        store.commit();
        Self { store, ids, clock, owner }
    }

    /// A user who joined with an invite; their password hash is `hash of ` and the name.
    pub fn user(&mut self, name: &str) -> Actor {
        let minted = self.write(|now, ids, store| account::mint_invite(None, None, now, ids, store));
        let secret = minted.expect("an invite").secret;
        let grant = self.join(&secret, name, Password::New(&format!("hash of {name}")));
        actor(&grant.expect("a user"), &self.store)
    }

    /// Redeems an invite under a new id.
    ///
    /// # Errors
    /// As [`account::join`].
    pub fn join(&mut self, secret: &str, identity: &str, password: Password<'_>) -> DomainResult<Grant> {
        let join = Join { client_id: self.client_id(), secret, identity, password, device_name: "Laptop" };
        self.write(|now, ids, store| account::join(&join, now, ids, store))
    }

    /// One item of a group: committed, or taken back as a whole.
    ///
    /// # Errors
    /// Those of the work.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(Timestamp, &mut SeededIds, &mut MemoryStore) -> DomainResult<T>,
    ) -> DomainResult<T> {
        self.clock.advance(1);
        let before = self.store.savepoint();
        let result = work(self.clock.now(), &mut self.ids, &mut self.store);
        if result.is_err() {
            self.store.rollback_to(before);
        }
        self.store.commit();
        result
    }

    /// A new id for a mutation.
    pub fn client_id(&mut self) -> ClientId {
        ClientId(self.ids.uuid())
    }

    /// Someone does something: a mutation or a read.
    ///
    /// # Errors
    /// What the rules refuse.
    pub fn call(&mut self, actor: &Actor, call: &Call) -> Result<Answer, WireError> {
        if confab_domain::is_mutation(call) {
            return self.apply(actor, call).map(|outcome| outcome.answer);
        }
        confab_domain::answer(actor, call, self.clock.now(), &self.store).map_err(refusal)
    }

    /// Someone changes something.
    ///
    /// # Errors
    /// What the rules refuse.
    pub fn apply(&mut self, actor: &Actor, call: &Call) -> Result<Outcome, WireError> {
        self.write(|now, ids, store| confab_domain::apply(actor, call, now, ids, store)).map_err(refusal)
    }

    /// The refusal of a call that must be refused, and must change nothing.
    pub fn refused(&mut self, actor: &Actor, call: &Call) -> WireError {
        let before = self.store.clone();
        let refusal = self.call(actor, call).expect_err("the call is refused");
        assert!(self.store == before, "a refused {} changed something", call.method());
        refusal
    }

    /// The events of a change that must succeed.
    pub fn events(&mut self, actor: &Actor, call: &Call) -> Vec<Event> {
        self.apply(actor, call).expect("the change is applied").events
    }

    /// A conversation of an owner and others.
    pub fn conversation(&mut self, owner: &Actor, others: &[&Actor]) -> ConversationSid {
        self.conversation_of_kind(owner, others, false)
    }

    /// A conversation whose participants see only what was posted while they were in it.
    pub fn uber(&mut self, owner: &Actor, others: &[&Actor]) -> ConversationSid {
        self.conversation_of_kind(owner, others, true)
    }

    fn conversation_of_kind(&mut self, owner: &Actor, others: &[&Actor], uber: bool) -> ConversationSid {
        let call = Call::ConversationCreate(ConversationCreateParams {
            friendly_name: Some("Plans".into()),
            uber,
            ..ConversationCreateParams::new(self.client_id())
        });
        let summary = match self.call(owner, &call) {
            Ok(Answer::ConversationCreate(result)) => result.summary,
            other => panic!("no conversation: {other:?}"),
        };
        let sid = summary.me.conversation;
        for other in others {
            self.add(owner, sid, other);
        }
        sid
    }

    /// The call that makes a conversation.
    pub fn creating(&mut self, friendly_name: &str) -> Call {
        Call::ConversationCreate(ConversationCreateParams {
            friendly_name: Some(friendly_name.to_owned()),
            ..ConversationCreateParams::new(self.client_id())
        })
    }

    /// Someone adds someone.
    pub fn add(&mut self, by: &Actor, conversation: ConversationSid, whom: &Actor) -> Participant {
        let call = self.adding(conversation, whom);
        match self.call(by, &call) {
            Ok(Answer::ParticipantAdd(result)) => result.participant,
            other => panic!("not added: {other:?}"),
        }
    }

    /// The call that adds someone.
    pub fn adding(&mut self, conversation: ConversationSid, whom: &Actor) -> Call {
        let (client_id, identity) = (self.client_id(), whom.identity.clone());
        Call::ParticipantAdd(ParticipantAddParams { client_id, conversation, identity, attributes: None })
    }

    /// Someone removes someone, or leaves.
    pub fn remove(&mut self, by: &Actor, conversation: ConversationSid, whom: &Actor) -> Participant {
        let call = self.removing(conversation, whom);
        match self.call(by, &call) {
            Ok(Answer::ParticipantRemove(result)) => result.participant,
            other => panic!("not removed: {other:?}"),
        }
    }

    /// The call that removes someone.
    pub fn removing(&mut self, conversation: ConversationSid, whom: &Actor) -> Call {
        let (client_id, identity) = (self.client_id(), Some(whom.identity.clone()));
        Call::ParticipantRemove(ParticipantRemoveParams {
            client_id,
            conversation,
            participant: None,
            identity,
        })
    }

    /// Someone says something.
    pub fn say(&mut self, by: &Actor, conversation: ConversationSid, body: &str) -> Message {
        let call = Call::MessageSend(self.saying(conversation, body));
        sent(self.call(by, &call))
    }

    /// What it takes to say something.
    pub fn saying(&mut self, conversation: ConversationSid, body: &str) -> MessageSendParams {
        MessageSendParams::new(self.client_id(), conversation, body)
    }

    /// The call that changes the text of a message.
    pub fn editing(&mut self, message: &Message, body: &str) -> Call {
        Call::MessageEdit(MessageEditParams {
            client_id: self.client_id(),
            conversation: message.conversation,
            message: MessageRef::Sid(message.sid),
            body: Some(body.to_owned()),
            subject: None,
            attributes: None,
        })
    }

    /// The call that removes a message.
    pub fn erasing(&mut self, message: &Message) -> Call {
        let (client_id, conversation) = (self.client_id(), message.conversation);
        let message = MessageRef::Sid(message.sid);
        Call::MessageRemove(MessageRemoveParams { client_id, conversation, message })
    }

    /// The call that moves a horizon, based on the own row as it stands.
    pub fn reading(
        &mut self,
        by: &Actor,
        conversation: ConversationSid,
        index: Option<u64>,
        mode: HorizonMode,
    ) -> Call {
        let based_on = self.summary(by, conversation).me.version;
        let client_id = self.client_id();
        Call::HorizonSet(HorizonSetParams { client_id, conversation, index, seq: None, mode, based_on })
    }

    /// The call that makes an invite.
    pub fn inviting(&mut self) -> Call {
        let client_id = self.client_id();
        Call::InviteCreate(InviteCreateParams { client_id, expires_in_ms: None, max_uses: None })
    }

    /// What someone sees of a conversation that they are or were in.
    pub fn summary(&mut self, by: &Actor, conversation: ConversationSid) -> ConversationSummary {
        let params = ConversationGetParams { conversation: Some(conversation), unique_name: None };
        match self.call(by, &Call::ConversationGet(params)) {
            Ok(Answer::ConversationGet(result)) => result.summary,
            other => panic!("no conversation: {other:?}"),
        }
    }

    /// The messages that someone sees, up to a hundred newest.
    pub fn page(&mut self, by: &Actor, conversation: ConversationSid) -> Vec<Message> {
        let params =
            MessagePageParams { conversation, anchor: None, direction: Default::default(), limit: Some(100) };
        match self.call(by, &Call::MessagePage(params)) {
            Ok(Answer::MessagePage(result)) => result.messages,
            other => panic!("no page: {other:?}"),
        }
    }

    /// What is unread for someone.
    pub fn unread(&mut self, by: &Actor, conversation: ConversationSid) -> Unread {
        let params = UnreadGetParams { conversations: vec![conversation] };
        match self.call(by, &Call::UnreadGet(params)) {
            Ok(Answer::UnreadGet(result)) => result.rows.first().expect("a row").unread,
            other => panic!("no counts: {other:?}"),
        }
    }

    /// What the newest lines of the audit table say, newest first.
    #[must_use]
    pub fn audited(&self, lines: usize) -> Vec<AuditAction> {
        let rows = self.store.audit(lines).expect("the audit table");
        rows.into_iter().map(|row| row.action).collect()
    }
}

/// Who signed in with a grant.
///
/// # Panics
/// When the grant is not good.
#[must_use]
pub fn actor(grant: &Grant, read: &dyn Read) -> Actor {
    account::authenticate(grant.user.sid, grant.device, read).expect("someone who is signed in").0
}

/// The message in an answer to sending, editing or removing.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn sent(answer: Result<Answer, WireError>) -> Message {
    match answer {
        Ok(Answer::MessageSend(result) | Answer::MessageEdit(result) | Answer::MessageRemove(result)) => {
            result.message
        }
        other => panic!("no message: {other:?}"),
    }
}

/// The refusal in an error.
///
/// # Panics
/// When the store failed: the one in memory never does.
#[must_use]
pub fn refusal(error: DomainError) -> WireError {
    match error {
        DomainError::Refused(error) => error,
        DomainError::Store(error) => panic!("the store failed: {error}"),
    }
}
