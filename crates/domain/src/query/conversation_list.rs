//! `conversation.list`: the conversations one is in, by last activity.

use confab_protocol::method::{ConversationListParams, ConversationListResult};
use confab_protocol::{Answer, WireError, limits};

use super::resume::workspace;
use super::state_page;
use crate::cx::user_row;
use crate::{Actor, DomainResult, Read, check, view};

/// Above every commit: numbers stay below 2^53.
const END: u64 = 1 << 53;

pub(crate) fn answer(
    actor: &Actor,
    params: &ConversationListParams,
    read: &dyn Read,
) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::CONVERSATION_PAGE, limits::CONVERSATION_PAGE)?;
    let before = match params.after.as_deref() {
        None => END,
        Some(text) => text
            .parse()
            .ok()
            .filter(|&stamp: &u64| stamp < END)
            .ok_or_else(|| WireError::invalid("after", "not from an answer"))?,
    };
    let mut rows = read.by_activity(actor.user, before, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.stamp.to_string());
    let mut summaries = Vec::with_capacity(rows.len());
    for row in rows {
        summaries.extend(view::summary_of(read, actor.user, row.conversation)?);
    }
    let (workspace, user) = (workspace(read)?, user_row(read, actor.user)?);
    let (state, _) = state_page::since(read, &workspace, &user, params.state_version)?;
    Ok(Answer::ConversationList(ConversationListResult {
        epoch: workspace.epoch,
        cursor: workspace.commit,
        state_version: user.state_version,
        summaries,
        next,
        state,
    }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::ConversationListParams;
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;

    #[test]
    fn the_newest_activity_comes_first_in_pages() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let rooms: Vec<_> = (0..5).map(|_| world.conversation(&olga, &[&ana])).collect();
        world.say(&olga, rooms[1], "hello");
        world.remove(&ana, rooms[3], &ana);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let call =
                Call::ConversationList(ConversationListParams { after, limit: Some(3), state_version: None });
            let Ok(Answer::ConversationList(page)) = world.call(&ana, &call) else { panic!("no list") };
            assert!(page.summaries.len() <= 3);
            found.extend(page.summaries.into_iter().map(|summary| summary.me.conversation));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, [rooms[1], rooms[4], rooms[2], rooms[0]]);
        for after in ["x", "-1", "18446744073709551615"] {
            let after = Some(after.to_owned());
            let call =
                Call::ConversationList(ConversationListParams { after, limit: None, state_version: Some(0) });
            assert_eq!(world.refused(&ana, &call).code, ErrorCode::InvalidParams);
        }
    }

    #[test]
    fn previews_show_the_newest_live_message() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let (first, second) = (world.say(&olga, room, "first"), world.say(&olga, room, "second"));
        let erase = world.erasing(&second);
        world.events(&olga, &erase);
        assert_eq!(world.summary(&olga, room).last_message, Some(first));
    }
}
