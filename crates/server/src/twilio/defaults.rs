//! What the configuration of the service gives to people who come through this side.

use confab_domain::account::{admit, system_user};
use confab_domain::row::UserRow;
use confab_domain::store::StoreError;
use confab_domain::{Actor, DomainError, DomainResult, Event, Ids, Tx, Warrant, apply_with};
use confab_protocol::method::{ParticipantUpdateParams, UserUpdateParams};
use confab_protocol::{Call, ClientId, ConversationSid, ParticipantSid, Timestamp};

use super::rest::settings;

/// The user of an identity. One who is new gets the role that the service gives.
///
/// # Errors
/// As [`admit`].
pub(super) fn admitted(
    identity: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<(UserRow, Vec<Event>)> {
    let (row, mut events) = admit(identity, now, tx)?;
    let role = settings::service(tx)?.default_chat_service_role_sid;
    if events.is_empty() || role.is_none() {
        return Ok((row, events));
    }
    let (client_id, user) = (ClientId(ids.uuid()), Some(row.sid));
    let params = UserUpdateParams { client_id, user, friendly_name: None, attributes: None, role };
    events.extend(given(&Call::UserUpdate(params), now, ids, tx)?);
    let row = tx.user(row.sid)?;
    Ok((row.ok_or_else(|| StoreError::Corrupt(format!("no user {identity}")))?, events))
}

/// Gives a participant who has just been added the role that the service gives; gives what there is to tell.
///
/// # Errors
/// Failures of the store.
pub(super) fn seated(
    conversation: ConversationSid,
    participant: ParticipantSid,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Vec<Event>> {
    let Some(role) = settings::service(tx)?.default_conversation_role_sid else { return Ok(Vec::new()) };
    let params = ParticipantUpdateParams::new(ClientId(ids.uuid()), conversation);
    let params = ParticipantUpdateParams { participant: Some(participant), role_sid: Some(role), ..params };
    given(&Call::ParticipantUpdate(params), now, ids, tx)
}

/// Gives a role with every right. One that is none any more, or of another kind, is not given: nobody is kept out by that.
fn given(call: &Call, now: Timestamp, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Vec<Event>> {
    let UserRow { sid: user, identity, role, .. } = system_user(now, tx)?;
    let system = Actor { workspace: tx.scope(), user, identity, role, device: None };
    let warrant = Warrant { everything: true, ..Warrant::default() };
    match apply_with(&system, &warrant, call, now, ids, tx) {
        Ok(outcome) => Ok(outcome.events),
        Err(DomainError::Refused(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
