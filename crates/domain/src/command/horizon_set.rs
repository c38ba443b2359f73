//! `horizon.set`: how far someone has read. A change of the roster and of the own row, never of the log.

use confab_protocol::method::{HorizonMode, HorizonResult, HorizonSetParams};
use confab_protocol::model::UserConversation;
use confab_protocol::{Answer, WireError};
use uuid::Uuid;

use super::{roster_row, set_notification_level};
use crate::cx::{Cx, Done, Member, user_row};
use crate::row::{ConversationRow, MembershipRow};
use crate::{Actor, DomainResult, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &HorizonSetParams) -> DomainResult<Done> {
    if params.mode == HorizonMode::Advance && params.index.is_none() {
        return Err(WireError::invalid("index", "an advance needs an index").into());
    }
    let Member { mut conversation, mut me } = cx.member(params.conversation)?;
    let own = match moved_to(params, &me, &conversation) {
        None => view::own_row(cx.tx, &me, &conversation)?,
        Some(horizon) => write(cx, &mut conversation, &mut me, horizon, params.mode)?,
    };
    Ok(Done { answer: Answer::HorizonSet(HorizonResult { me: own }), subject: conversation.sid.0 })
}

/// Where the horizon goes; none when nothing changes. It never points past the newest message, because what is posted
/// later has not been read.
fn moved_to(
    params: &HorizonSetParams,
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> Option<Option<u64>> {
    let newest = conversation.head.next_index.checked_sub(1);
    let wanted = params.index.and_then(|index| newest.map(|newest| index.min(newest)));
    let moves = match params.mode {
        // A wish from before a `set` would undo it: somebody may just have marked this as unread.
        HorizonMode::Advance => params.based_on >= me.horizon_set_version && wanted > me.horizon,
        HorizonMode::Set => wanted != me.horizon,
    };
    moves.then_some(wanted)
}

fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    me: &mut MembershipRow,
    horizon: Option<u64>,
    mode: HorizonMode,
) -> DomainResult<UserConversation> {
    let mut participant = roster_row::present(cx.tx, conversation.sid, me.participant)?;
    (participant.horizon, participant.horizon_at) = (horizon, Some(cx.now));
    roster_row::write(cx, conversation, &mut participant)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let mut user = user_row(cx.tx, cx.actor.user)?;
    me.horizon = horizon;
    if mode == HorizonMode::Set {
        me.horizon_set_version = user.state_version + 1;
    }
    cx.put_membership(&mut user, me)?;
    cx.tell_roster(conversation, &participant)?;
    cx.tell_state(me, conversation)
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let me = set_notification_level::own_row(actor, subject, tx)?;
    Ok(Answer::HorizonSet(HorizonResult { me }))
}
