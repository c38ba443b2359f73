//! `participant.update`: attributes, role and flags. A change of the roster, not of the log.

use confab_protocol::method::{ParticipantResult, ParticipantUpdateParams};
use confab_protocol::model::{ParticipantFlags, Role};
use confab_protocol::{Answer, ConversationSid, ErrorCode, RoleSid, WireError, limits};
use uuid::Uuid;

use super::{role, roster_row};
use crate::cx::{Cx, Done, Member, limit_reached, user_row};
use crate::permission::{Permission, of_role};
use crate::row::{AuditAction, ConversationRow, MembershipRow, ParticipantRow, owns};
use crate::store::StoreError;
use crate::{Actor, DomainResult, Tx, check, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ParticipantUpdateParams) -> DomainResult<Done> {
    let attributes = attributes(params)?;
    let (participant, identity) = (params.participant, params.identity.as_deref());
    roster_row::check_named(participant, identity)?;
    let member = cx.member(params.conversation)?;
    let found = roster_row::named(cx.tx, params.conversation, participant, identity);
    let own = matches!(&found, Ok(row) if row.user == cx.actor.user);
    let of_rights = params.role.is_some() || params.role_sid.is_some() || params.flags.is_some();
    member.authorise(if own && !of_rights {
        Permission::EditOwnParticipantAttributes
    } else {
        Permission::EditAnyParticipantAttributes
    })?;
    member.open()?;
    let mut row = found?;
    let before = row.clone();
    give_rights(cx, params, &member, &mut row)?;
    row.attributes = attributes.unwrap_or(row.attributes);
    let Member { mut conversation, .. } = member;
    if row != before {
        let rights_changed = rights(&row) != rights(&before);
        write(cx, &mut conversation, &mut row, rights_changed)?;
    }
    let answer = Answer::ParticipantUpdate(ParticipantResult { participant: view::participant(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

fn attributes(params: &ParticipantUpdateParams) -> Result<Option<String>, WireError> {
    let of_rights = params.role.is_some() || params.role_sid.is_some() || params.flags.is_some();
    if params.attributes.is_none() && !of_rights {
        return Err(WireError::invalid("params", "nothing to change"));
    }
    if params.role == Some(Role::Unknown) {
        return Err(WireError::invalid("role", "no such role"));
    }
    if params.role.is_some() && params.role_sid.is_some() {
        return Err(WireError::invalid("role", "name either role or role_sid"));
    }
    params.attributes.as_ref().map(|value| check::attributes(value, limits::ATTRIBUTES_BYTES)).transpose()
}

/// What decides what a participant may do.
type Rights = (Role, Option<RoleSid>, Option<ParticipantFlags>);

fn rights(row: &ParticipantRow) -> Rights {
    (row.role, row.custom_role, row.flags)
}

/// Puts role and flags. Nobody gives or takes what they may not do themselves.
fn give_rights(
    cx: &Cx<'_>,
    params: &ParticipantUpdateParams,
    member: &Member,
    row: &mut ParticipantRow,
) -> DomainResult<()> {
    let (before, after) = (rights(row), wanted(cx, params, row)?);
    if before == after {
        return Ok(());
    }
    for (role, custom, flags) in [before, after] {
        let given = of_role(cx.tx, role, custom)?.with_flags(flags);
        if !member.may.hold_all(given) {
            return Err(WireError::new(ErrorCode::Forbidden).with("permission", "allOfThatRole").into());
        }
    }
    keep_an_owner(cx, row, after)?;
    (row.role, row.custom_role, row.flags) = after;
    Ok(())
}

/// A role given anew ends the flags, unless they are given with it.
fn wanted(cx: &Cx<'_>, params: &ParticipantUpdateParams, row: &ParticipantRow) -> DomainResult<Rights> {
    let (role, custom, flags) = match (params.role, params.role_sid) {
        (Some(role), _) => (role, None, None),
        (None, Some(sid)) => {
            let (role, custom) = role::of_conversation(cx.tx, sid)?;
            (role, custom, None)
        }
        (None, None) => rights(row),
    };
    Ok((role, custom, params.flags.or(flags)))
}

/// A conversation without an owner could never be administered again.
fn keep_an_owner(cx: &Cx<'_>, row: &ParticipantRow, (role, _, flags): Rights) -> DomainResult<()> {
    if !row.is_owner() || owns(role, flags) {
        return Ok(());
    }
    let another = cx.tx.owners(row.conversation, 2)?.into_iter().any(|owner| owner.sid != row.sid);
    if another { Ok(()) } else { Err(limit_reached("owners", 1).into()) }
}

fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    row: &mut ParticipantRow,
    rights_changed: bool,
) -> DomainResult<()> {
    roster_row::write(cx, conversation, row)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    cx.tell_roster(conversation, row)?;
    if rights_changed {
        put_role(cx, conversation, row)?;
        cx.audit(AuditAction::RoleChanged, row.sid.to_string())?;
    }
    Ok(())
}

/// Copies a role from the roster into the own row of its user, where every permission is looked up.
pub(super) fn put_role(
    cx: &mut Cx<'_>,
    conversation: &ConversationRow,
    row: &ParticipantRow,
) -> DomainResult<MembershipRow> {
    let mut user = user_row(cx.tx, row.user)?;
    let mut membership = cx
        .tx
        .membership(row.user, row.conversation)?
        .ok_or_else(|| StoreError::Corrupt(format!("no own row for {}", row.sid)))?;
    (membership.role, membership.custom_role, membership.flags) = rights(row);
    cx.put_membership(&mut user, &mut membership)?;
    cx.tell_state(&membership, conversation)?;
    Ok(membership)
}

pub(crate) fn replay(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<Answer> {
    let participant = roster_row::replayed(actor, conversation, subject, tx)?;
    Ok(Answer::ParticipantUpdate(ParticipantResult { participant }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::ParticipantUpdateParams;
    use confab_protocol::model::{ParticipantFlags, Role};
    use confab_protocol::{Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::{Actor, Event, verify};
    use serde_json::json;

    #[test]
    fn attributes_are_a_change_of_the_roster_alone() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[]);
        let participant = world.add(&olga, room, &ana);
        let update = |world: &mut World, attributes| {
            let client_id = world.client_id();
            Call::ParticipantUpdate(ParticipantUpdateParams {
                participant: Some(participant.sid),
                attributes,
                ..ParticipantUpdateParams::new(client_id, room)
            })
        };
        let call = update(&mut world, Some(json!({"nick": "A"})));
        let events = world.events(&ana, &call);
        let [Event::Roster { from: 2, to: 3, rows, .. }] = &events[..] else { panic!("not one: {events:?}") };
        assert_eq!(rows[0].attributes, json!({"nick": "A"}));
        let call = update(&mut world, Some(json!({"nick": "A"})));
        assert_eq!(world.events(&olga, &call), []);
        let call = update(&mut world, None);
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::InvalidParams);
    }

    #[test]
    fn an_owner_gives_roles_and_the_last_one_stays() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[]);
        let anas = world.add(&olga, room, &ana).sid;
        let olgas = world.summary(&olga, room).me.participant.expect("she is in it");
        let role = |world: &mut World, participant, role| {
            let client_id = world.client_id();
            Call::ParticipantUpdate(ParticipantUpdateParams {
                participant: Some(participant),
                role: Some(role),
                ..ParticipantUpdateParams::new(client_id, room)
            })
        };
        let resign = role(&mut world, olgas, Role::Participant);
        let refusal = world.refused(&olga, &resign);
        assert_eq!((refusal.code, &refusal.params["what"]), (ErrorCode::LimitReached, &"owners".into()));
        let grab = role(&mut world, anas, Role::Owner);
        assert_eq!(world.refused(&ana, &grab).code, ErrorCode::Forbidden);
        let unknown = role(&mut world, anas, Role::Unknown);
        assert_eq!(world.refused(&olga, &unknown).code, ErrorCode::InvalidParams);
        let give = role(&mut world, anas, Role::Owner);
        let events = world.events(&olga, &give);
        assert!(matches!(&events[..], [Event::Roster { .. }, Event::State { user, rows, .. }]
            if *user == ana.user && rows[0].role == Role::Owner));
        assert_eq!(world.audited(1), [AuditAction::RoleChanged]);
        world.events(&olga, &resign);
        assert_eq!(world.summary(&olga, room).me.role, Role::Participant);
        // Also by name, and in one way only.
        let Call::ParticipantUpdate(back) = role(&mut world, olgas, Role::Owner) else { unreachable!() };
        let twice = ParticipantUpdateParams { identity: Some("olga".into()), ..back.clone() };
        let refusal = world.refused(&ana, &Call::ParticipantUpdate(twice.clone()));
        assert_eq!(refusal.code, ErrorCode::InvalidParams);
        let nobody = ParticipantUpdateParams { participant: None, ..back };
        let refusal = world.refused(&ana, &Call::ParticipantUpdate(nobody));
        assert_eq!(refusal.code, ErrorCode::InvalidParams);
        let named = ParticipantUpdateParams { participant: None, ..twice };
        world.events(&ana, &Call::ParticipantUpdate(named));
        assert_eq!(world.summary(&olga, room).me.role, Role::Owner);
    }

    /// An owner from whom flags took what an owner is for cannot stand in for the last one.
    #[test]
    fn flags_that_leave_nothing_of_an_owner_do_not_count_as_one() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let change = |world: &mut World, whom: &Actor, role, flags| {
            let client_id = world.client_id();
            Call::ParticipantUpdate(ParticipantUpdateParams {
                identity: Some(whom.identity.clone()),
                role,
                flags,
                ..ParticipantUpdateParams::new(client_id, room)
            })
        };
        let call = change(&mut world, &ana, Some(Role::Owner), None);
        world.events(&olga, &call);
        let nothing = Some(ParticipantFlags::default());
        let call = change(&mut world, &ana, None, nothing);
        world.events(&olga, &call);
        for (role, flags) in [(Some(Role::Participant), None), (None, nothing)] {
            let call = change(&mut world, &olga, role, flags);
            let refusal = world.refused(&olga, &call);
            assert_eq!((refusal.code, &refusal.params["what"]), (ErrorCode::LimitReached, &"owners".into()));
        }
        // Whoever is no owner any more can lose the name of one, and whoever is one again can stand in.
        let call = change(&mut world, &ana, Some(Role::Participant), None);
        world.events(&olga, &call);
        let call = change(&mut world, &ana, Some(Role::Owner), None);
        world.events(&olga, &call);
        let call = change(&mut world, &olga, Some(Role::Participant), None);
        world.events(&olga, &call);
        assert_eq!(verify(&world.store), []);
    }
}
