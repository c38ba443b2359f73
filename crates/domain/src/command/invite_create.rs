//! `invite.create`: only its answer ever holds the secret; the store has a hash of it.

use confab_protocol::method::{InviteCreateParams, InviteCreateResult};
use confab_protocol::{Answer, InviteSid, WireError};
use uuid::Uuid;

use crate::account::Minted;
use crate::cx::{Cx, Done};
use crate::permission::Permission;
use crate::row::AuditAction;
use crate::{DomainResult, Ids, Tx, account, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &InviteCreateParams) -> DomainResult<Done> {
    let user = cx.workspace_user(Permission::CreateInvite)?;
    let terms = account::invite_terms(params.expires_in_ms, params.max_uses)?;
    let minted = account::mint(terms, Some(user.sid), cx.now, cx.ids, cx.tx)?;
    cx.audit(AuditAction::InviteCreated, minted.invite.sid.to_string())?;
    let subject = minted.invite.sid.0;
    Ok(Done { answer: answer(minted), subject })
}

fn answer(minted: Minted) -> Answer {
    Answer::InviteCreate(InviteCreateResult { invite: minted.invite, link: minted.secret })
}

/// Whoever asks again did not get the answer, and with it the only copy of the secret: the invite gets another one.
pub(crate) fn replay(subject: Uuid, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Answer> {
    let mut row = tx.invite(InviteSid(subject))?.ok_or_else(|| WireError::not_found("invite"))?;
    let secret = account::secret_text(ids.secret());
    row.secret_hash = account::hash(&secret);
    tx.update_invite(&row)?;
    Ok(answer(Minted { invite: view::invite(&row), secret }))
}
