//! `participant.list`: the roster in pages, or what changed after a version.

use confab_protocol::method::{ParticipantListParams, ParticipantListResult};
use confab_protocol::{Answer, WireError, limits};

use crate::cx::member;
use crate::{Actor, DomainResult, Read, check, view};

pub(crate) fn answer(actor: &Actor, params: &ParticipantListParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::PARTICIPANT_PAGE, limits::PARTICIPANT_PAGE)?;
    let conversation = member(read, actor.user, params.conversation)?.conversation;
    let mut rows = match (params.after_version, params.after) {
        (Some(version), None) => {
            let version = version.min(conversation.head.roster_version);
            read.roster_changes(conversation.sid, version, limit + 1)?
        }
        (None, after) => read.participants(conversation.sid, after, limit + 1)?,
        (Some(_), Some(_)) => {
            return Err(WireError::invalid("after", "go on after the last version instead").into());
        }
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let participants = rows.iter().map(view::participant).collect::<Result<_, _>>()?;
    let as_of = conversation.head.roster_version;
    Ok(Answer::ParticipantList(ParticipantListResult { as_of, participants, more }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{ParticipantListParams, ParticipantListResult};
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;

    #[test]
    fn the_roster_comes_in_pages_or_as_what_changed() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let people: Vec<_> = ["Ana", "Bo", "Cy"].into_iter().map(|name| world.user(name)).collect();
        for person in &people {
            world.add(&olga, room, person);
        }
        world.remove(&olga, room, &people[0]);
        let list =
            ParticipantListParams { conversation: room, after_version: None, after: None, limit: Some(2) };
        let ask = |world: &mut World, params: ParticipantListParams| -> ParticipantListResult {
            match world.call(&world.owner.clone(), &Call::ParticipantList(params)) {
                Ok(Answer::ParticipantList(result)) => result,
                other => panic!("no roster: {other:?}"),
            }
        };
        let names = |page: &ParticipantListResult| -> Vec<String> {
            page.participants.iter().map(|row| row.identity.clone()).collect()
        };
        let first = ask(&mut world, list.clone());
        assert_eq!((names(&first), first.more, first.as_of), (vec!["Olga".into(), "Bo".into()], true, 5));
        let after = first.participants.last().map(|row| row.sid);
        let rest = ask(&mut world, ParticipantListParams { after, ..list.clone() });
        assert_eq!((names(&rest), rest.more), (vec!["Cy".into()], false));
        let changed = ask(&mut world, ParticipantListParams { after_version: Some(3), ..list.clone() });
        let versions: Vec<u64> = changed.participants.iter().map(|row| row.version).collect();
        assert_eq!((names(&changed), versions), (vec!["Cy".into(), "Ana".into()], vec![4, 5]));
        let both = Call::ParticipantList(ParticipantListParams { after_version: Some(3), after, ..list });
        assert_eq!(world.refused(&olga, &both).code, ErrorCode::InvalidParams);
    }
}
