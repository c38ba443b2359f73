//! Requests that can be read, given to the server's rules: cursors, ids and numbers of any size, from an owner and from a stranger.

use std::cell::RefCell;

use confab_domain::{Actor, Read as _};
use confab_protocol::{ConversationSid, Request, limits};
use confab_testkit::World;
use uuid::Uuid;

/// Requests of one input.
const REQUESTS: usize = 8;

/// The conversation that the protocol's examples speak of.
const EXAMPLE: ConversationSid = ConversationSid(Uuid::from_u128(0x0199_c2d4_7e00_7000_8000_0000_0000_0001));

thread_local! {
    static WORLD: RefCell<(World, [Actor; 2], ConversationSid)> = RefCell::new(world());
}

fn world() -> (World, [Actor; 2], ConversationSid) {
    let mut world = World::default();
    let (owner, stranger) = (world.owner.clone(), world.user("Aiko"));
    let other = world.user("Ingrid");
    let conversation = world.conversation(&owner, &[&other]);
    for number in 0..9 {
        world.say(&owner, conversation, &format!("message {number}"));
    }
    (world, [owner, stranger], conversation)
}

/// Lines, each a request; each is made by the owner of a conversation and by somebody who is not in it.
pub(crate) fn rules(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    WORLD.with_borrow(|(world, actors, conversation)| {
        let mut world = world.clone();
        // The examples name a conversation of their own; here it is the one that there is.
        let text = text.replace(&EXAMPLE.to_string(), &conversation.to_string());
        for line in text.lines().take(REQUESTS) {
            let Ok(request) = Request::decode(line) else { continue };
            for actor in actors {
                match world.call(actor, &request.call) {
                    Ok(answer) => {
                        let written = serde_json::to_vec(&answer).expect("invariant: an answer is JSON");
                        assert!(
                            written.len() <= limits::ANSWER_BYTES,
                            "an answer of {} bytes",
                            written.len()
                        );
                    }
                    Err(error) => assert!(error.code.status() >= 400),
                }
            }
        }
        let stranger = &actors[1];
        let own = world.store.membership(stranger.user, *conversation).expect("memory can be read");
        if own.is_none_or(|own| !own.is_joined()) {
            assert!(
                world.store.joined(stranger.user, None, 1_000).is_ok_and(|held| !held.contains(conversation))
            );
        }
    });
}
