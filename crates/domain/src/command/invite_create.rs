//! `invite.create`: only its answer ever holds the secret; the store has a hash of it.

use confab_protocol::method::{InviteCreateParams, InviteCreateResult};
use confab_protocol::{Answer, ErrorCode, InviteSid};
use uuid::Uuid;

use crate::account::Minted;
use crate::cx::{Cx, Done, user_row};
use crate::derived::Made;
use crate::permission::{Permission, in_workspace};
use crate::row::AuditAction;
use crate::{Actor, DomainResult, Ids, Tx, account, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &InviteCreateParams) -> DomainResult<Done> {
    let user = cx.workspace_user(Permission::CreateInvite)?;
    let terms = account::invite_terms(params.expires_in_ms, params.max_uses)?;
    let sid = InviteSid(cx.name(Made::Invite));
    let minted = account::mint(sid, terms, Some(user.sid), cx.now, cx.ids, cx.tx)?;
    cx.audit(AuditAction::InviteCreated, minted.invite.sid.to_string())?;
    let subject = minted.invite.sid.0;
    Ok(Done { answer: answer(minted), subject })
}

fn answer(minted: Minted) -> Answer {
    Answer::InviteCreate(InviteCreateResult { invite: minted.invite, link: minted.secret })
}

/// Whoever asks again did not get the answer, and with it the only copy of the secret: the invite gets another one. That
/// opens the door anew, so that here, unlike elsewhere, the right is looked at once more.
pub(crate) fn replay(
    actor: &Actor,
    subject: Uuid,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Answer> {
    in_workspace(tx, &user_row(tx, actor.user)?)?.require(Permission::CreateInvite)?;
    let mut row = tx.invite(InviteSid(subject))?.ok_or(ErrorCode::InviteUnknown)?;
    let secret = account::secret_text(ids.secret());
    row.secret_hash = account::hash(&secret);
    tx.update_invite(&row)?;
    Ok(answer(Minted { invite: view::invite(&row), secret }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{InviteCreateParams, InviteCreateResult, InviteRevokeParams};
    use confab_protocol::model::Role;
    use confab_protocol::{Answer, Call, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::account::Password;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::{Read as _, Tx as _};

    fn minted(world: &mut World, call: &Call) -> InviteCreateResult {
        let olga = world.owner.clone();
        match world.call(&olga, call) {
            Ok(Answer::InviteCreate(result)) => result,
            other => panic!("no invite: {other:?}"),
        }
    }

    #[test]
    fn the_secret_is_in_the_answer_and_nowhere_else() {
        let mut world = World::default();
        let call = world.inviting();
        let result = minted(&mut world, &call);
        assert_eq!((result.invite.uses, result.invite.max_uses), (0, 100));
        assert_eq!(result.invite.expires_at, world.clock.now().plus(7 * 24 * 60 * 60 * 1_000));
        assert_eq!(result.link.len(), 22);
        assert!(!format!("{:?}", world.store).contains(&result.link));
        assert_eq!(world.audited(1), [AuditAction::InviteCreated]);
        assert!(world.join(&result.link, "Ana", Password::New("hash")).is_ok());
    }

    #[test]
    fn asked_again_the_same_invite_gets_another_secret() {
        let mut world = World::default();
        let call = world.inviting();
        let (lost, found) = (minted(&mut world, &call), minted(&mut world, &call));
        assert_eq!(lost.invite.sid, found.invite.sid);
        assert!(world.join(&lost.link, "Ana", Password::New("hash")).is_err());
        assert!(world.join(&found.link, "Ana", Password::New("hash")).is_ok());
    }

    #[test]
    fn whoever_lost_the_right_gets_no_secret_by_asking_again() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let call = world.inviting();
        minted(&mut world, &call);
        let mut row = world.store.user(olga.user).unwrap().unwrap();
        row.role = Role::Participant;
        world.store.update_user(&row).unwrap();
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::Forbidden);
    }

    #[test]
    fn terms_and_numbers_are_bounded() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let Call::InviteCreate(fine) = world.inviting() else { unreachable!() };
        for (expires_in_ms, max_uses, code) in [
            (Some(0), None, ErrorCode::InvalidParams),
            (Some(limits::INVITE_MS + 1), None, ErrorCode::TooLarge),
            (None, Some(0), ErrorCode::InvalidParams),
            (None, Some(limits::INVITE_USES + 1), ErrorCode::TooLarge),
        ] {
            let call = Call::InviteCreate(InviteCreateParams { expires_in_ms, max_uses, ..fine.clone() });
            assert_eq!(world.refused(&olga, &call).code, code);
        }
        let mut last = None;
        for _ in 0..limits::INVITES {
            let call = world.inviting();
            last = Some(minted(&mut world, &call).invite.sid);
        }
        let call = world.inviting();
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::LimitReached);
        let (client_id, invite) = (world.client_id(), last.expect("one was made"));
        world.events(&olga, &Call::InviteRevoke(InviteRevokeParams { client_id, invite }));
        minted(&mut world, &call);
    }
}
