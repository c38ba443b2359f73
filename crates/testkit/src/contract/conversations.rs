//! Conversations and their logs.

use confab_domain::row::{ConversationRow, EventRow, HeadRow, MediaRow, MediaState, MessageRow, TimersRow};
use confab_domain::store::{BlockSize, Counted, Order};
use confab_protocol::Timestamp;
use confab_protocol::model::ConversationState;

use super::rows::{GREATEST, ch, conversation, event, media, message, seed, us, uuid};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("conversations are kept with every field", conversations),
    ("a unique name stands for one conversation at a time", unique_names),
    ("a head is changed alone", heads),
    ("events of a log come back in order", events),
    ("conversations that let anybody in come in pages", directory),
    ("what is due is found, the longest due first", due),
    ("what was deleted is emptied", erased),
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
        state_at: Timestamp(98),
        timers: TimersRow::default(),
        state_due: None,
        deleted_at: None,
        erase_from: None,
        direct: false,
        public_join: true,
        uber: false,
        head: HeadRow::default(),
        ..conversation(2, None)
    };
    write(store, |tx| tx.update_conversation(&bare));
    let found = read(store, |read| read.conversation(ch(2))).expect("it is there");
    // What was fixed when the conversation was made may be written or not: nothing ever changes it.
    let found = ConversationRow { direct: bare.direct, uber: bare.uber, ..found };
    assert_eq!(found, bare);
    conflict(store, |tx| tx.update_conversation(&conversation(3, None)));
}

/// A conversation that stands.
fn standing(number: u64) -> ConversationRow {
    ConversationRow { deleted_at: None, erase_from: None, ..conversation(number, None) }
}

fn directory(store: &mut dyn StoreUnderTest) {
    let open = |number| ConversationRow { public_join: true, ..standing(number) };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&ConversationRow { deleted_at: Some(Timestamp(1)), ..open(2) })?;
        tx.insert_conversation(&standing(3))?;
        (4..=6).try_for_each(|number| tx.insert_conversation(&open(number)))
    });
    let page = |store: &mut dyn StoreUnderTest, after, limit| {
        read(store, |read| read.public_conversations(after, limit))
    };
    assert_eq!(page(store, None, 2), [open(4), open(5)]);
    assert_eq!(page(store, Some(ch(5)), 9), [open(6)]);
    write(store, |tx| tx.update_conversation(&ConversationRow { public_join: false, ..open(5) }));
    assert_eq!(page(store, Some(ch(4)), 9), [open(6)]);
}

fn due(store: &mut dyn StoreUnderTest) {
    let at = |number, at: Option<u64>| ConversationRow { state_due: at.map(Timestamp), ..standing(number) };
    write(store, |tx| {
        seed(tx)?;
        for row in [at(2, Some(300)), at(3, None), at(4, Some(200)), at(5, Some(301)), at(6, Some(200))] {
            tx.insert_conversation(&row)?;
        }
        tx.update_conversation(&at(1, None))
    });
    let due = |store: &mut dyn StoreUnderTest, limit| {
        let rows = read(store, |read| read.state_due(Timestamp(300), limit));
        rows.into_iter().map(|row| row.sid).collect::<Vec<_>>()
    };
    assert_eq!(due(store, 9), [ch(4), ch(6), ch(2)]);
    assert_eq!(due(store, 1), [ch(4)]);
    write(store, |tx| tx.update_conversation(&at(4, Some(400))));
    assert_eq!(due(store, 9), [ch(6), ch(2)]);
}

/// A file of the message with this index.
fn in_message(index: u64) -> MediaRow {
    MediaRow { message: Some(message(ch(1), index, us(1)).sid), ..media(index, us(1), 5) }
}

fn erased(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.update_conversation(&standing(1))?;
        tx.insert_conversation(&standing(2))?;
        tx.insert_conversation(&ConversationRow { erase_from: Some(0), ..standing(3) })?;
        for (room, index) in [(1, 5), (1, 6), (1, 7), (2, 8)] {
            tx.insert_message(&message(ch(room), index, us(1)))?;
            tx.count_message(ch(room), index, us(1), 1)?;
            tx.insert_mention(ch(room), index, us(2))?;
        }
        for number in 5..9 {
            tx.insert_media(&in_message(number))?;
        }
        tx.erase_messages(ch(1), 6..8)
    });
    for number in 5..9 {
        let left = match number {
            6 | 7 => MediaRow { state: MediaState::Gone, message: None, ..in_message(number) },
            _ => in_message(number),
        };
        assert_eq!(read(store, |read| read.media(left.sid)), Some(left));
    }
    assert_eq!(read(store, |read| read.next_to_erase()).map(|row| row.sid), Some(ch(3)));
    let found = read(store, |read| read.messages(ch(1), 0..9, Order::Ascending, 9));
    assert_eq!(found[0], message(ch(1), 5, us(1)));
    for row in &found[1..] {
        let whole = message(ch(1), row.index, us(1));
        let (attributes, mentions) = ("{}".to_owned(), Vec::new());
        let bare = MessageRow {
            subject: None,
            body: None,
            media: Vec::new(),
            relates_to: None,
            removed: true,
            attributes,
            mentions,
            ..whole
        };
        assert_eq!(*row, bare);
    }
    let mentioning = |store: &mut dyn StoreUnderTest, room| {
        read(store, |read| read.count_rows(ch(room), Counted::Mentioning(us(2)), 0..9))
    };
    assert_eq!((mentioning(store, 1), mentioning(store, 2)), (1, 1));
    // All, by one, mentioning one: each in blocks of two sizes.
    write(store, |tx| {
        assert_eq!(tx.erase_counters(ch(1), 4)?, 4);
        assert_eq!(tx.erase_counters(ch(1), 4)?, 2);
        Ok(())
    });
    let counted = |store: &mut dyn StoreUnderTest, room| {
        read(store, |read| read.count_blocks(ch(room), Counted::All, BlockSize::Small, 0..9))
    };
    assert_eq!((counted(store, 1), counted(store, 2)), (0, 1));
    write(store, |tx| tx.update_conversation(&standing(3)));
    assert_eq!(read(store, |read| read.next_to_erase()), None);
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
