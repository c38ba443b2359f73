//! `participant.update`: attributes and role. A change of the roster, not of the log.

use confab_protocol::method::{ParticipantResult, ParticipantUpdateParams};
use confab_protocol::model::Role;
use confab_protocol::{Answer, ConversationSid, ErrorCode, WireError, limits};
use uuid::Uuid;

use super::roster_row;
use crate::cx::{Cx, Done, Member, user_row};
use crate::permission::Permission;
use crate::row::{AuditAction, ConversationRow, MembershipRow, ParticipantRow};
use crate::store::StoreError;
use crate::{Actor, DomainResult, Tx, check, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ParticipantUpdateParams) -> DomainResult<Done> {
    let attributes = attributes(params)?;
    let (participant, identity) = (params.participant, params.identity.as_deref());
    roster_row::check_named(participant, identity)?;
    let member = cx.member(params.conversation)?;
    let found = roster_row::named(cx.tx, params.conversation, participant, identity);
    let own = matches!(&found, Ok(row) if row.user == cx.actor.user);
    member.authorise(if own && params.role.is_none() {
        Permission::EditOwnParticipantAttributes
    } else {
        Permission::EditAnyParticipantAttributes
    })?;
    member.open()?;
    let Member { mut conversation, .. } = member;
    let mut row = found?;
    let role = params.role.filter(|role| *role != row.role);
    let attributes = attributes.filter(|text| *text != row.attributes);
    if role.is_some() || attributes.is_some() {
        if let Some(role) = role {
            keep_an_owner(cx, &row, role)?;
            row.role = role;
        }
        row.attributes = attributes.unwrap_or(row.attributes);
        write(cx, &mut conversation, &mut row, role.is_some())?;
    }
    let answer = Answer::ParticipantUpdate(ParticipantResult { participant: view::participant(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

fn attributes(params: &ParticipantUpdateParams) -> Result<Option<String>, WireError> {
    if params.attributes.is_none() && params.role.is_none() {
        return Err(WireError::invalid("params", "nothing to change"));
    }
    if params.role == Some(Role::Unknown) {
        return Err(WireError::invalid("role", "no such role"));
    }
    params.attributes.as_ref().map(|value| check::attributes(value, limits::ATTRIBUTES_BYTES)).transpose()
}

/// A conversation without an owner could never be administered again.
fn keep_an_owner(cx: &Cx<'_>, row: &ParticipantRow, role: Role) -> DomainResult<()> {
    let last = row.role == Role::Owner && role != Role::Owner && cx.tx.owners(row.conversation, 2)?.len() < 2;
    if !last {
        return Ok(());
    }
    Err(WireError::new(ErrorCode::LimitReached).with("what", "owners").with("limit", 1).into())
}

fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    row: &mut ParticipantRow,
    role_changed: bool,
) -> DomainResult<()> {
    roster_row::write(cx, conversation, row)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    cx.tell_roster(conversation, row)?;
    if role_changed {
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
    membership.role = row.role;
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
    use confab_protocol::model::Role;
    use confab_protocol::{Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::domain::row::AuditAction;
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
                client_id,
                conversation: room,
                participant: Some(participant.sid),
                identity: None,
                attributes,
                role: None,
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
            let (attributes, role) = (None, Some(role));
            Call::ParticipantUpdate(ParticipantUpdateParams {
                client_id,
                conversation: room,
                participant: Some(participant),
                identity: None,
                attributes,
                role,
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
}
