//! Conversations and their logs.

use confab_domain::row::{ConversationRow, EventRow, HeadRow};
use confab_protocol::Timestamp;
use confab_protocol::model::ConversationState;

use super::rows::{GREATEST, ch, conversation, event, seed, uuid};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("conversations are kept with every field", conversations),
    ("a unique name stands for one conversation at a time", unique_names),
    ("a head is changed alone", heads),
    ("events of a log come back in order", events),
];

fn conversations(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, Some("Plans")))
    });
    assert_eq!(read(store, |read| read.conversation(ch(2))), Some(conversation(2, Some("Plans"))));
    assert_eq!(read(store, |read| read.conversation(ch(3))), None);
    conflict(store, |tx| tx.insert_conversation(&conversation(2, None)));
    let bare = ConversationRow {
        friendly_name: None,
        unique_name: None,
        attributes: "{}".into(),
        date_updated: Timestamp(99),
        state: ConversationState::Closed,
        direct: false,
        public_join: true,
        uber: false,
        head: HeadRow::default(),
        ..conversation(2, None)
    };
    write(store, |tx| tx.update_conversation(&bare));
    let found = read(store, |read| read.conversation(ch(2))).expect("it is there");
    // What was fixed when the conversation was made may be written or not: nothing ever changes it.
    let fixed = (bare.direct, bare.public_join, bare.uber);
    let found = ConversationRow { direct: fixed.0, public_join: fixed.1, uber: fixed.2, ..found };
    assert_eq!(found, bare);
    conflict(store, |tx| tx.update_conversation(&conversation(3, None)));
}

fn unique_names(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, Some("plans")))?;
        tx.insert_conversation(&conversation(3, None))?;
        tx.insert_conversation(&conversation(4, None))
    });
    let named = |store: &mut dyn StoreUnderTest, name: &str| {
        read(store, |read| read.conversation_by_unique_name(name)).map(|row| row.sid)
    };
    assert_eq!(named(store, "plans"), Some(ch(2)));
    assert_eq!(named(store, "Plans"), None);
    conflict(store, |tx| tx.insert_conversation(&conversation(5, Some("plans"))));
    conflict(store, |tx| tx.update_conversation(&conversation(3, Some("plans"))));
    assert_eq!(named(store, "plans"), Some(ch(2)));
    write(store, |tx| {
        tx.update_conversation(&conversation(2, Some("done")))?;
        tx.update_conversation(&conversation(3, Some("plans")))
    });
    assert_eq!((named(store, "plans"), named(store, "done")), (Some(ch(3)), Some(ch(2))));
}

fn heads(store: &mut dyn StoreUnderTest) {
    let head = HeadRow {
        last_seq: GREATEST,
        roster_version: GREATEST,
        next_index: GREATEST,
        last_message_at: Some(Timestamp(GREATEST)),
        participants_count: 1,
        activity: GREATEST,
        moved: GREATEST,
    };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, Some("plans")))?;
        tx.update_head(ch(2), &head)
    });
    let expected = ConversationRow { head, ..conversation(2, Some("plans")) };
    assert_eq!(read(store, |read| read.conversation(ch(2))), Some(expected));
    assert_eq!(read(store, |read| read.conversation(ch(1))), Some(conversation(1, None)));
    conflict(store, |tx| tx.update_head(ch(9), &head));
}

fn events(store: &mut dyn StoreUnderTest) {
    let bare = EventRow { actor: None, device: None, changed: Vec::new(), ..event(ch(1), 8) };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        tx.insert_event(&event(ch(2), 3))?;
        for seq in 1..=7 {
            tx.insert_event(&event(ch(1), seq))?;
        }
        tx.insert_event(&bare)
    });
    let range = |store: &mut dyn StoreUnderTest, after, to| read(store, |read| read.events(ch(1), after, to));
    assert_eq!(range(store, 0, 2), [event(ch(1), 1), event(ch(1), 2)]);
    assert_eq!(range(store, 6, 100), [event(ch(1), 7), bare.clone()]);
    assert_eq!(range(store, 3, 3), []);
    conflict(store, |tx| tx.insert_event(&EventRow { subject: uuid(5), ..event(ch(1), 3) }));
}
