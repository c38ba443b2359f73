//! What a session asks before and beside its calls.

use confab_protocol::model::User;
use confab_protocol::{ConversationSid, DeviceSid, ErrorCode, UserSid};

use crate::cx::member;
use crate::permission::Permission;
use crate::row::UserRow;
use crate::{Actor, DomainResult, Read, name, view};

/// The user of this name, to verify a password against.
///
/// # Errors
/// Failures of the store.
pub fn find(identity: &str, read: &dyn Read) -> DomainResult<Option<UserRow>> {
    Ok(read.user_by_key(&name::identity_key(identity))?)
}

/// Who stands behind a token whose signature is good.
///
/// # Errors
/// `denied` when there is no such user or device, or when the device was signed out; `deactivated`.
pub fn authenticate(user: UserSid, device: DeviceSid, read: &dyn Read) -> DomainResult<(Actor, User)> {
    let user = read.user(user)?.ok_or(ErrorCode::Denied)?;
    let device = read.device(device)?.filter(|row| row.user == user.sid && row.revoked_at.is_none());
    let device = device.ok_or(ErrorCode::Denied)?;
    if user.deactivated {
        return Err(ErrorCode::Deactivated.into());
    }
    let profile = view::user(&user)?;
    let UserRow { sid, identity, role, .. } = user;
    let actor = Actor { workspace: read.scope(), user: sid, identity, role, device: Some(device.sid) };
    Ok((actor, profile))
}

/// Whether someone may say that they type, which takes the right to send. Gives how many participants there are.
///
/// # Errors
/// `not_found`, `forbidden`, `conversation_closed`.
pub fn may_type(actor: &Actor, conversation: ConversationSid, read: &dyn Read) -> DomainResult<u64> {
    let member = member(read, actor.user, conversation)?;
    member.authorise(Permission::SendMessage)?;
    member.open()?;
    Ok(member.conversation.head.participants_count)
}
