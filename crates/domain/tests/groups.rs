//! Rights are looked at inside the writing transaction: what an earlier piece of work of the same group has done counts.

#[cfg(test)]
mod tests {
    use confab_domain::{Actor, apply, group};
    use confab_protocol::{Call, ConversationSid, ErrorCode, WireError};
    use confab_testkit::{World, world::refusal};

    /// Carries out calls as one group; gives what became of each.
    fn together(world: &mut World, works: &[(&Actor, Call)]) -> Vec<Result<(), WireError>> {
        let (now, World { store, ids, .. }) = (world.clock.now(), world);
        let mut works: Vec<_> = works.iter().collect();
        let done = group::commit(store, &mut works, &mut |(actor, call), tx| {
            apply(actor, call, now, ids, tx).map(drop)
        });
        let results = done.expect("the group is committed").results;
        results.into_iter().map(|result| result.map_err(refusal)).collect()
    }

    fn three(world: &mut World) -> (Actor, Actor, ConversationSid) {
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        (olga, ana, room)
    }

    #[test]
    fn who_is_removed_in_a_group_can_send_nothing_behind_it() {
        let mut world = World::default();
        let (olga, ana, room) = three(&mut world);
        let before = Call::MessageSend(world.saying(room, "before"));
        let remove = world.removing(room, &ana);
        let after = Call::MessageSend(world.saying(room, "after"));
        let other = Call::MessageSend(world.saying(room, "by another"));
        let results = together(&mut world, &[(&ana, before), (&olga, remove), (&ana, after), (&olga, other)]);
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!(results[2].as_ref().unwrap_err().code, ErrorCode::NotFound);
        let bodies: Vec<_> = world.page(&olga, room).into_iter().filter_map(|message| message.body).collect();
        assert_eq!(bodies, ["before", "by another"]);
    }

    #[test]
    fn who_comes_in_in_a_group_can_send_behind_it() {
        let mut world = World::default();
        let (olga, _, room) = three(&mut world);
        let ben = world.user("Ben");
        let early = Call::MessageSend(world.saying(room, "early"));
        let add = world.adding(room, &ben);
        let late = Call::MessageSend(world.saying(room, "late"));
        let results = together(&mut world, &[(&ben, early), (&olga, add), (&ben, late)]);
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true]);
    }
}
