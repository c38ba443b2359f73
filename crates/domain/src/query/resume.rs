//! `resume`: what moved since a cursor. Costs what changed, not what exists.

use confab_protocol::method::{ResumeParams, ResumeResult};
use confab_protocol::{Answer, ErrorCode, WireError, limits};

use super::state_page;
use crate::cx::user_row;
use crate::row::WorkspaceRow;
use crate::{Actor, DomainResult, Read, StoreError, check, view};

pub(crate) fn answer(actor: &Actor, params: &ResumeParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::CONVERSATION_PAGE, limits::CONVERSATION_PAGE)?;
    let workspace = workspace(read)?;
    // A cursor from the future is as void as one of another epoch: the numbering has gone back.
    if params.epoch != workspace.epoch || params.cursor > workspace.commit {
        let epoch = workspace.epoch.to_string();
        return Err(WireError::new(ErrorCode::EpochChanged).with("epoch", epoch).into());
    }
    let user = user_row(read, actor.user)?;
    let (state, more_state) = state_page::since(read, &workspace, &user, params.state_version)?;
    let mut moved = read.moved(actor.user, params.cursor, limit + 1)?;
    let more_moved = moved.len() > limit;
    moved.truncate(limit);
    let cursor = moved.last().filter(|_| more_moved).map_or(workspace.commit, |last| last.stamp);
    let mut summaries = Vec::with_capacity(moved.len());
    for found in moved {
        summaries.extend(view::summary_of(read, actor.user, found.conversation)?);
    }
    let (epoch, state_version, more) = (workspace.epoch, user.state_version, more_moved || more_state);
    Ok(Answer::Resume(ResumeResult { epoch, cursor, more, state_version, summaries, state }))
}

/// The workspace, which must be there as long as anybody is in it.
pub(crate) fn workspace(read: &dyn Read) -> DomainResult<WorkspaceRow> {
    Ok(read.workspace()?.ok_or_else(|| StoreError::Corrupt("no workspace".to_owned()))?)
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ConversationListParams, DraftSetParams, HorizonMode, ResumeParams, ResumeResult, SettingSetParams,
    };
    use confab_protocol::model::StatePage;
    use confab_protocol::{Answer, Call, ConversationSid, Epoch, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, account};

    fn resume(world: &mut World, by: &Actor, epoch: Epoch, cursor: u64, limit: u32) -> ResumeResult {
        match world
            .call(by, &Call::Resume(ResumeParams { epoch, cursor, limit: Some(limit), state_version: None }))
        {
            Ok(Answer::Resume(result)) => result,
            other => panic!("not resumed: {other:?}"),
        }
    }

    fn start(world: &mut World, by: &Actor) -> (Epoch, u64) {
        match world.call(by, &Call::ConversationList(ConversationListParams::default())) {
            Ok(Answer::ConversationList(result)) => (result.epoch, result.cursor),
            other => panic!("no list: {other:?}"),
        }
    }

    fn moved(result: &ResumeResult) -> Vec<ConversationSid> {
        result.summaries.iter().map(|summary| summary.me.conversation).collect()
    }

    #[test]
    fn only_what_moved_comes_back() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let (one, two) = (world.conversation(&olga, &[&ana]), world.conversation(&olga, &[&ana]));
        let (three, four) = (world.conversation(&olga, &[&ana]), world.conversation(&olga, &[]));
        let (epoch, cursor) = start(&mut world, &ana);
        assert_eq!(moved(&resume(&mut world, &ana, epoch, cursor, 50)), []);
        world.say(&olga, two, "new");
        let read = world.reading(&olga, one, Some(0), HorizonMode::Advance);
        assert_eq!(world.events(&olga, &read), []);
        world.remove(&olga, three, &ana);
        world.say(&olga, four, "not hers");
        let all = resume(&mut world, &ana, epoch, cursor, 50);
        assert_eq!((moved(&all), all.more), (vec![two, three], false));
        assert_eq!(all.summaries[0].me.unread.unread, 1);
        // At the end the cursor is past what others did elsewhere, too.
        assert_eq!(all.cursor, start(&mut world, &olga).1);
        assert!(all.summaries[1].conversation.is_none() && all.summaries[1].me.left_at.is_some());
        // A conversation that was left moves no more.
        world.say(&olga, three, "among us");
        assert_eq!(moved(&resume(&mut world, &ana, epoch, all.cursor, 50)), []);
    }

    #[test]
    fn it_comes_in_pages_and_misses_nothing_between_them() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let (epoch, mut cursor) = start(&mut world, &olga);
        let rooms: Vec<_> = (0..5).map(|_| world.conversation(&olga, &[])).collect();
        let mut found = Vec::new();
        let mut pages = 0;
        loop {
            let page = resume(&mut world, &olga, epoch, cursor, 2);
            found.extend(moved(&page));
            cursor = page.cursor;
            pages += 1;
            // What moves while it pages comes again at the end.
            if pages == 1 {
                world.say(&olga, rooms[0], "moved meanwhile");
            }
            if !page.more {
                break;
            }
        }
        assert_eq!(found, [&rooms[..], &rooms[..1]].concat());
        assert_eq!(moved(&resume(&mut world, &olga, epoch, cursor, 2)), []);
    }

    /// Drafts and settings in turn, `count` of them, each under its own name.
    fn write(world: &mut World, by: &Actor, count: usize) {
        for number in 0..count {
            let client_id = world.client_id();
            let call = if number % 2 == 0 {
                let conversation = world.conversation(by, &[]);
                let body = number.to_string();
                Call::DraftSet(DraftSetParams { client_id, conversation, body, based_on: None })
            } else {
                let (key, value) = (format!("k{number}"), number.into());
                Call::SettingSet(SettingSetParams { client_id, key, value })
            };
            world.events(by, &call);
        }
    }

    fn since(world: &mut World, by: &Actor, cursor: (Epoch, u64), state: u64) -> ResumeResult {
        let params =
            ResumeParams { epoch: cursor.0, cursor: cursor.1, limit: None, state_version: Some(state) };
        match world.call(by, &Call::Resume(params)) {
            Ok(Answer::Resume(result)) => result,
            other => panic!("not resumed: {other:?}"),
        }
    }

    #[test]
    fn drafts_and_settings_come_in_pages_by_version_each_once() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        write(&mut world, &olga, 2 * limits::STATE_PAGE + 3);
        write(&mut world, &ana, 2);
        let cursor = start(&mut world, &olga);
        let (mut state, mut versions, mut pages) = (0, Vec::new(), 0);
        loop {
            let page = since(&mut world, &olga, cursor, state);
            assert!(page.state.drafts.len() + page.state.settings.len() <= limits::STATE_PAGE);
            let drafts = page.state.drafts.iter().map(|row| row.version);
            let mut found: Vec<u64> =
                drafts.chain(page.state.settings.iter().map(|row| row.version)).collect();
            found.sort_unstable();
            versions.extend(found);
            state = page.state.state_to.expect("asked for");
            pages += 1;
            if !page.more {
                assert_eq!(state, page.state_version);
                break;
            }
        }
        assert_eq!((pages, versions.len()), (3, 2 * limits::STATE_PAGE + 3));
        assert!(versions.is_sorted_by(|one, next| one < next));
        let end = since(&mut world, &olga, cursor, state);
        assert_eq!((end.state.drafts.len(), end.state.settings.len(), end.more), (0, 0, false));
        // Who does not ask gets none.
        assert_eq!(resume(&mut world, &olga, cursor.0, cursor.1, 50).state, StatePage::default());
        let ahead =
            ResumeParams { epoch: cursor.0, cursor: cursor.1, limit: None, state_version: Some(state + 1) };
        assert_eq!(world.refused(&olga, &Call::Resume(ahead)).code, ErrorCode::EpochChanged);
    }

    #[test]
    fn another_epoch_or_a_cursor_from_the_future_is_void() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let (epoch, cursor) = start(&mut world, &olga);
        let call =
            |epoch, cursor| Call::Resume(ResumeParams { epoch, cursor, limit: None, state_version: None });
        assert_eq!(world.refused(&olga, &call(epoch, cursor + 1)).code, ErrorCode::EpochChanged);
        let renewed = world.write(|_, ids, store| account::renew_epoch(ids, store)).expect("renewed");
        let refusal = world.refused(&olga, &call(epoch, cursor));
        assert_eq!(
            (refusal.code, &refusal.params["epoch"]),
            (ErrorCode::EpochChanged, &renewed.to_string().into())
        );
        assert!(world.call(&olga, &call(renewed, cursor)).is_ok());
    }
}
