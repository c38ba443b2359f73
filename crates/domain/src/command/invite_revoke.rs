//! `invite.revoke`: nobody can use it after this.

use confab_protocol::method::{InviteRevokeParams, Nothing};
use confab_protocol::{Answer, ErrorCode};

use crate::DomainResult;
use crate::cx::{Cx, Done};
use crate::permission::Permission;
use crate::row::AuditAction;

pub(crate) fn run(cx: &mut Cx<'_>, params: &InviteRevokeParams) -> DomainResult<Done> {
    cx.workspace_user(Permission::RevokeInvite)?;
    let mut row = cx.tx.invite(params.invite)?.ok_or(ErrorCode::InviteUnknown)?;
    if row.revoked_at.is_none() {
        row.revoked_at = Some(cx.now);
        cx.tx.update_invite(&row)?;
        cx.audit(AuditAction::InviteRevoked, row.sid.to_string())?;
    }
    Ok(Done { answer: answer(), subject: row.sid.0 })
}

/// There is nothing to say.
pub(crate) fn answer() -> Answer {
    Answer::InviteRevoke(Nothing {})
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{InviteRevokeParams, Nothing};
    use confab_protocol::{Answer, Call, ErrorCode, InviteSid};
    use confab_testkit::World;
    use confab_testkit::domain::account::Password;

    #[test]
    fn an_ended_invite_lets_nobody_in_and_is_not_listed() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let call = world.inviting();
        let Ok(Answer::InviteCreate(made)) = world.call(&olga, &call) else { panic!("no invite") };
        let list = |world: &mut World| match world.call(&olga, &Call::InviteList(Nothing {})) {
            Ok(Answer::InviteList(result)) => result.invites,
            other => panic!("no list: {other:?}"),
        };
        assert_eq!(list(&mut world), std::slice::from_ref(&made.invite));
        let (client_id, invite) = (world.client_id(), made.invite.sid);
        world.events(&olga, &Call::InviteRevoke(InviteRevokeParams { client_id, invite }));
        assert_eq!(list(&mut world), []);
        let refusal = world.join(&made.link, "Ana", Password::New("hash")).expect_err("it is ended");
        assert_eq!(refusal.to_wire().code, ErrorCode::InviteUnknown);
        let (client_id, invite) = (world.client_id(), InviteSid(uuid::Uuid::max()));
        let unknown = Call::InviteRevoke(InviteRevokeParams { client_id, invite });
        assert_eq!(world.refused(&olga, &unknown).code, ErrorCode::InviteUnknown);
    }
}
