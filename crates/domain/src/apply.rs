//! The two doors: mutations inside a writing transaction, reads inside a reading one.

use confab_protocol::{Answer, Call, ErrorCode, Timestamp, WireError};

use crate::{Actor, DomainResult, Ids, Outcome, Read, Tx};

/// Whether [`apply`] takes this call. Neither door takes what concerns a session alone, nor `user.set_password`, whose
/// hashing is too slow for a transaction: see `account::set_password`.
#[must_use]
pub fn is_mutation(call: &Call) -> bool {
    matches!(
        call,
        Call::ConversationCreate(_)
            | Call::ConversationUpdate(_)
            | Call::SetNotificationLevel(_)
            | Call::ParticipantAdd(_)
            | Call::ParticipantUpdate(_)
            | Call::ParticipantRemove(_)
            | Call::MessageSend(_)
            | Call::MessageEdit(_)
            | Call::MessageRemove(_)
            | Call::HorizonSet(_)
            | Call::UserUpdate(_)
            | Call::InviteCreate(_)
            | Call::InviteRevoke(_)
            | Call::DeviceRevoke(_)
    )
}

/// Carries out a mutation. An error means that the transaction must be rolled back to where it stood before the call.
///
/// # Errors
/// What the rules refuse, and failures of the store.
pub fn apply(
    _actor: &Actor,
    call: &Call,
    _now: Timestamp,
    _ids: &mut dyn Ids,
    _tx: &mut dyn Tx,
) -> DomainResult<Outcome> {
    Err(unknown(call).into())
}

/// Answers a read.
///
/// # Errors
/// What the rules refuse, and failures of the store.
pub fn answer(_actor: &Actor, call: &Call, _now: Timestamp, _read: &dyn Read) -> DomainResult<Answer> {
    Err(unknown(call).into())
}

fn unknown(call: &Call) -> WireError {
    WireError::new(ErrorCode::UnknownMethod).with("method", call.method())
}
