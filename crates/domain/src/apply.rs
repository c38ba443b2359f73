//! The two doors: mutations inside a writing transaction, reads inside a reading one.

use confab_protocol::{Answer, Call, ClientId, ErrorCode, Timestamp, WireError};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::cx::{Cx, Done};
use crate::row::{Hash, OutcomeRow, Seen};
use crate::{Actor, DomainResult, Ids, Outcome, Read, Tx, Warrant, broken, command, query};

/// Whether [`apply`] takes this call. Neither door takes what concerns a session alone, nor `user.set_password`, whose
/// hashing is too slow for a transaction: see [`crate::account::set_password`].
#[must_use]
pub fn is_mutation(call: &Call) -> bool {
    client_id(call).is_some()
}

macro_rules! mutations {
    ($($name:ident)*) => {
        /// The id under which a mutation is applied once; none for what is not one.
        #[must_use]
        pub fn client_id(call: &Call) -> Option<ClientId> {
            match call {
                $(Call::$name(params) => Some(params.client_id),)*
                _ => None,
            }
        }

        /// The same, to be replaced.
        pub(crate) fn client_id_mut(call: &mut Call) -> Option<&mut ClientId> {
            match call {
                $(Call::$name(params) => Some(&mut params.client_id),)*
                _ => None,
            }
        }
    };
}

mutations! {
    ConversationCreate ConversationUpdate ConversationJoin ConversationDelete SetNotificationLevel
    ParticipantAdd ParticipantUpdate ParticipantRemove NonChatAdd NonChatUpdate NonChatRemove
    RoleCreate RoleUpdate RoleDelete MessageSend MessageEdit MessageRemove MessageReport HorizonSet
    UserUpdate UserSetStatus InviteCreate InviteRevoke DeviceRevoke PushRegister PushUnregister
    DraftSet SettingSet
}

/// Carries out a mutation. An error means that the transaction must be rolled back to where it stood before the call.
///
/// # Errors
/// What the rules refuse, and failures of the store.
pub fn apply(
    actor: &Actor,
    call: &Call,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Outcome> {
    apply_under(actor, &Warrant::default(), call, now, ids, tx)
}

/// The same under a warrant.
pub(crate) fn apply_under(
    actor: &Actor,
    warrant: &Warrant,
    call: &Call,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Outcome> {
    let client_id = client_id(call).ok_or_else(|| unknown(call))?;
    check_scope(actor, tx)?;
    let payload_hash = payload_hash(warrant.asked.as_deref().unwrap_or(call))?;
    // Before any right is looked at: what was applied once stays applied, whatever its author has lost since.
    if let Some(seen) = tx.seen(actor.user, client_id)? {
        if let Some(other) = broken::taken_for_another(call, tx)? {
            return apply_under(actor, warrant, &other, now, ids, tx);
        }
        let subject = same(&seen, payload_hash)?;
        let answer = replay(actor, call, subject, ids, tx)?;
        return Ok(Outcome { answer, events: Vec::new() });
    }
    let commit = tx.next_commit()?;
    let events = Vec::new();
    let mut cx = Cx { actor, warrant, now, client_id, ids, tx, payload_hash, commit, events, made: 0 };
    let Done { answer, subject } = run(&mut cx, call)?;
    let events = cx.events;
    if !matches!(call, Call::MessageSend(_)) {
        keep(actor, client_id, call.method(), payload_hash, subject, now, tx)?;
    }
    Ok(Outcome { answer, events })
}

/// Keeps that a mutation was applied. A message is its own proof.
pub(crate) fn keep(
    actor: &Actor,
    client_id: ClientId,
    method: &str,
    payload_hash: Hash,
    subject: Uuid,
    at: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<()> {
    let (user, method) = (actor.user, method.to_owned());
    tx.insert_outcome(&OutcomeRow { user, client_id, method, payload_hash, subject, at })?;
    Ok(())
}

/// What was made under a `client_id`, if it was made with the same parameters.
pub(crate) fn same(seen: &Seen, payload_hash: Hash) -> Result<Uuid, WireError> {
    let (stored, subject) = match seen {
        Seen::Message(row) => (row.payload_hash, row.sid.0),
        Seen::Outcome(row) => (row.payload_hash, row.subject),
    };
    if stored == payload_hash { Ok(subject) } else { Err(ErrorCode::ClientIdReused.into()) }
}

fn payload_hash(call: &Call) -> Result<Hash, WireError> {
    let mut hasher = Sha256::new();
    hasher.update(call.method());
    hasher.update([0]);
    hasher.update(serde_json::to_vec(call).map_err(|_| WireError::new(ErrorCode::Internal))?);
    Ok(hasher.finalize().into())
}

fn check_scope(actor: &Actor, read: &(impl Read + ?Sized)) -> Result<(), WireError> {
    if read.scope() == actor.workspace { Ok(()) } else { Err(ErrorCode::Unauthenticated.into()) }
}

fn run(cx: &mut Cx<'_>, call: &Call) -> DomainResult<Done> {
    match call {
        Call::ConversationCreate(params) => command::conversation_create::run(cx, params),
        Call::ConversationUpdate(params) => command::conversation_update::run(cx, params),
        Call::ConversationJoin(params) => command::conversation_join::run(cx, params),
        Call::ConversationDelete(params) => command::conversation_delete::run(cx, params),
        Call::SetNotificationLevel(params) => command::set_notification_level::run(cx, params),
        Call::ParticipantAdd(params) => command::participant_add::run(cx, params),
        Call::ParticipantUpdate(params) => command::participant_update::run(cx, params),
        Call::ParticipantRemove(params) => command::participant_remove::run(cx, params),
        Call::NonChatAdd(params) => command::non_chat::add(cx, params),
        Call::NonChatUpdate(params) => command::non_chat::update(cx, params),
        Call::NonChatRemove(params) => command::non_chat::remove(cx, params),
        Call::RoleCreate(params) => command::role_create::run(cx, params),
        Call::RoleUpdate(params) => command::role_update::run(cx, params),
        Call::RoleDelete(params) => command::role_delete::run(cx, params),
        Call::MessageSend(params) => command::message_send::run(cx, params),
        Call::MessageEdit(params) => command::message_edit::run(cx, params),
        Call::MessageRemove(params) => command::message_remove::run(cx, params),
        Call::MessageReport(params) => command::message_report::run(cx, params),
        Call::HorizonSet(params) => command::horizon_set::run(cx, params),
        Call::UserUpdate(params) => command::user_update::run(cx, params),
        Call::UserSetStatus(params) => command::user_set_status::run(cx, params),
        Call::InviteCreate(params) => command::invite_create::run(cx, params),
        Call::InviteRevoke(params) => command::invite_revoke::run(cx, params),
        Call::DeviceRevoke(params) => command::device_revoke::run(cx, params),
        Call::PushRegister(params) => command::push::register(cx, params),
        Call::PushUnregister(params) => command::push::unregister(cx, params),
        Call::DraftSet(params) => command::draft_set::run(cx, params),
        Call::SettingSet(params) => command::setting_set::run(cx, params),
        _ => Err(unknown(call).into()),
    }
}

/// The answer to a mutation that was applied before, read from what it made as that stands now.
fn replay(
    actor: &Actor,
    call: &Call,
    subject: Uuid,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Answer> {
    match call {
        Call::ConversationCreate(_) => command::conversation_create::replay(actor, subject, tx),
        Call::ConversationUpdate(_) => command::conversation_update::replay(actor, subject, tx),
        Call::ConversationJoin(_) => command::conversation_join::replay(actor, subject, tx),
        Call::ConversationDelete(_) => Ok(command::conversation_delete::answer()),
        Call::SetNotificationLevel(_) => command::set_notification_level::replay(actor, subject, tx),
        Call::ParticipantAdd(params) => {
            command::participant_add::replay(actor, params.conversation, subject, tx)
        }
        Call::ParticipantUpdate(params) => {
            command::participant_update::replay(actor, params.conversation, subject, tx)
        }
        Call::ParticipantRemove(params) => {
            command::participant_remove::replay(actor, params.conversation, subject, tx)
        }
        Call::NonChatAdd(params) => command::non_chat::replay_add(actor, params.conversation, subject, tx),
        Call::NonChatUpdate(params) => {
            command::non_chat::replay_update(actor, params.conversation, subject, tx)
        }
        Call::NonChatRemove(_) => Ok(command::non_chat::removed()),
        Call::RoleCreate(_) => command::role_create::replay(subject, tx),
        Call::RoleUpdate(_) => command::role_update::replay(subject, tx),
        Call::RoleDelete(_) => Ok(command::role_delete::answer()),
        Call::MessageSend(_) => command::message_send::replay(actor, subject, tx),
        Call::MessageEdit(_) => command::message_edit::replay(actor, subject, tx),
        Call::MessageRemove(_) => command::message_remove::replay(actor, subject, tx),
        Call::MessageReport(params) => command::message_report::replay(actor, params, tx),
        Call::HorizonSet(_) => command::horizon_set::replay(actor, subject, tx),
        Call::UserSetStatus(_) => command::user_set_status::replay(subject, tx),
        Call::UserUpdate(_) => command::user_update::replay(subject, tx),
        Call::InviteCreate(_) => command::invite_create::replay(actor, subject, ids, tx),
        Call::InviteRevoke(_) => Ok(command::invite_revoke::answer()),
        Call::DeviceRevoke(_) => Ok(command::device_revoke::answer()),
        Call::PushRegister(_) => command::push::replay(subject, tx),
        Call::PushUnregister(_) => Ok(command::push::unregistered()),
        Call::DraftSet(params) => command::draft_set::replay(actor, params.conversation, tx),
        Call::SettingSet(params) => command::setting_set::replay(actor, &params.key, tx),
        _ => Err(unknown(call).into()),
    }
}

/// Answers a read.
///
/// # Errors
/// What the rules refuse, and failures of the store.
pub fn answer(actor: &Actor, call: &Call, now: Timestamp, read: &dyn Read) -> DomainResult<Answer> {
    check_scope(actor, read)?;
    match call {
        Call::Resume(params) => query::resume::answer(actor, params, read),
        Call::ConversationList(params) => query::conversation_list::answer(actor, params, read),
        Call::ConversationGet(params) => query::conversation_get::answer(actor, params, read),
        Call::ConversationGetMany(params) => query::conversation_get_many::answer(actor, params, read),
        Call::ConversationPeek(params) => query::conversation_peek::answer(actor, params, read),
        Call::ConversationListPublic(params) => query::conversation_list_public::answer(actor, params, read),
        Call::ConversationListLeft(params) => query::conversation_list_left::answer(actor, params, read),
        Call::ConversationCounts(params) => query::conversation_counts::answer(actor, params, read),
        Call::ParticipantList(params) => query::participant_list::answer(actor, params, read),
        Call::NonChatList(params) => query::non_chat_list::answer(actor, params, read),
        Call::RoleList(_) => query::role_list::answer(read),
        Call::MessagePage(params) => query::message_page::answer(actor, params, read),
        Call::MessageReceipts(params) => query::message_receipts::answer(actor, params, read),
        Call::EventRange(params) => query::event_range::answer(actor, params, read),
        Call::UnreadGet(params) => query::unread_get::answer(actor, params, read),
        Call::EventReplay(params) => query::event_replay::answer(actor, params, read),
        Call::UserList(params) => query::user_list::answer(params, read),
        Call::UserGet(params) => query::user_get::answer(params, read),
        Call::InviteList(_) => query::invite_list::answer(actor, now, read),
        Call::DeviceList(_) => query::device_list::answer(actor, read),
        _ => Err(unknown(call).into()),
    }
}

fn unknown(call: &Call) -> WireError {
    WireError::new(ErrorCode::UnknownMethod).with("method", call.method())
}
