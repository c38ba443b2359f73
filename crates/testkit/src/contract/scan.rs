//! Walks over whole tables.

use confab_domain::row::{CounterRow, MentionRow, ParticipantRow};
use confab_domain::store::{BLOCK, BlockSize, Counted};
use confab_domain::{Scan, StoreResult};
use confab_protocol::MessageSid;

use super::rows::{
    ch, conversation, draft, event, interval, left, media, membership, message, outcome, participant, seed,
    setting, us, user, uuid,
};
use super::{StoreUnderTest, Test, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("every table is walked over by its key, in pages of any size", walks),
    ("a walk gives rows that belong to nothing", strays),
    ("an empty store has nothing to walk over", nothing),
];

/// The way to a page of a table.
type Page<R> = fn(&dyn Scan, Option<&R>, usize) -> StoreResult<Vec<R>>;

/// Walks over a table in pages of each size and gives its rows.
fn all<R: Clone + PartialEq + std::fmt::Debug>(store: &mut dyn StoreUnderTest, page: Page<R>) -> Vec<R> {
    let whole = read(store, |scan| page(scan, None, 1_000));
    for limit in 1..=whole.len() {
        let mut rows: Vec<R> = Vec::new();
        loop {
            let found = read(store, |scan| page(scan, rows.last(), limit));
            assert!(found.len() <= limit);
            if found.is_empty() {
                break;
            }
            rows.extend(found);
        }
        assert_eq!(rows, whole, "in pages of {limit}");
    }
    whole
}

fn walks(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, Some("two")))?;
        for (of, sids) in [(2, 10), (1, 20)] {
            for index in [1, 0] {
                tx.insert_event(&event(ch(of), index + 1))?;
                let sid = MessageSid(uuid(sids + index));
                let client_id = confab_protocol::ClientId(uuid(sids + index));
                let row = confab_domain::row::MessageRow { sid, client_id, ..message(ch(of), index, us(1)) };
                tx.insert_message(&row)?;
                tx.count_message(ch(of), index * BLOCK, us(2), 1)?;
                tx.insert_mention(ch(of), index, us(3 - index))?;
                tx.insert_participant(&participant(ch(of), sids + index, &user(2), index + 1))?;
                tx.put_membership(&membership(us(2 - index), ch(of), 5))?;
                tx.put_draft(&draft(us(2 - index), ch(of), sids + index))?;
                tx.put_setting(&setting(us(2 - index), &format!("key {of}"), sids + index))?;
                tx.insert_interval(&interval(us(2 - index), ch(of), 7))?;
                tx.insert_interval(&interval(us(2 - index), ch(of), 3))?;
                tx.insert_outcome(&outcome(us(2 - index), sids + index, 9))?;
            }
        }
        for number in [3, 1, 2] {
            tx.insert_media(&media(number, us(1), 5))?;
        }
        tx.put_membership(&left(&membership(us(3), ch(1), 6)))
    });
    assert_eq!(all(store, |scan, after, limit| scan.scan_users(after, limit)), [user(1), user(2), user(3)]);
    let rooms = [conversation(1, None), conversation(2, Some("two"))];
    assert_eq!(all(store, |scan, after, limit| scan.scan_conversations(after, limit)), rooms);
    let events = [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(of, seq)| event(ch(of), seq));
    assert_eq!(all(store, |scan, after, limit| scan.scan_events(after, limit)), events);
    let messages = all(store, |scan, after, limit| scan.scan_messages(after, limit));
    let places: Vec<_> = messages.iter().map(|row| (row.conversation, row.index, row.sid)).collect();
    let due = [(1, 0, 20), (1, 1, 21), (2, 0, 10), (2, 1, 11)];
    assert_eq!(places, due.map(|(of, index, sid)| (ch(of), index, MessageSid(uuid(sid)))));
    let mention = |of, index, whom| MentionRow { conversation: ch(of), index, user: us(whom) };
    let mentions = [mention(1, 0, 3), mention(1, 1, 2), mention(2, 0, 3), mention(2, 1, 2)];
    assert_eq!(all(store, |scan, after, limit| scan.scan_mentions(after, limit)), mentions);
    let rosters = all(store, |scan, after, limit| scan.scan_participants(after, limit));
    let seat = |of, number, version| participant(ch(of), number, &user(2), version);
    assert_eq!(rosters, [seat(1, 20, 1), seat(1, 21, 2), seat(2, 10, 1), seat(2, 11, 2)]);
    let own = all(store, |scan, after, limit| scan.scan_memberships(after, limit));
    let joined = |whom, of| membership(us(whom), ch(of), 5);
    let gone = left(&membership(us(3), ch(1), 6));
    assert_eq!(own, [joined(1, 1), joined(1, 2), joined(2, 1), joined(2, 2), gone]);
    let drafts = all(store, |scan, after, limit| scan.scan_drafts(after, limit));
    let due = [(1, 1, 21), (1, 2, 11), (2, 1, 20), (2, 2, 10)];
    assert_eq!(drafts, due.map(|(whom, of, version)| draft(us(whom), ch(of), version)));
    let settings = all(store, |scan, after, limit| scan.scan_settings(after, limit));
    assert_eq!(settings, due.map(|(whom, of, version)| setting(us(whom), &format!("key {of}"), version)));
    let stays = all(store, |scan, after, limit| scan.scan_intervals(after, limit));
    let due = [(1, 1, 3), (1, 1, 7), (1, 2, 3), (1, 2, 7), (2, 1, 3), (2, 1, 7), (2, 2, 3), (2, 2, 7)];
    assert_eq!(stays, due.map(|(whom, of, from)| interval(us(whom), ch(of), from)));
    let files = all(store, |scan, after, limit| scan.scan_media(after, limit));
    assert_eq!(files, [1, 2, 3].map(|number| media(number, us(1), 5)));
    let outcomes = all(store, |scan, after, limit| scan.scan_outcomes(after, limit));
    let due = [(1, 11), (1, 21), (2, 10), (2, 20)];
    assert_eq!(outcomes, due.map(|(whom, number)| outcome(us(whom), number, 9)));
    counters(store);
}

fn counters(store: &mut dyn StoreUnderTest) {
    let rows = all(store, |scan, after, limit| scan.scan_counters(after, limit));
    let of = |number, counted, size, block, live| CounterRow {
        conversation: ch(number),
        counted,
        size,
        block,
        live,
    };
    let due = [1, 2].map(|number| {
        let (all, by) = (Counted::All, Counted::By(us(2)));
        let (two, three) = (Counted::Mentioning(us(2)), Counted::Mentioning(us(3)));
        [
            of(number, all, BlockSize::Small, 0, 1),
            of(number, all, BlockSize::Small, 1, 1),
            of(number, all, BlockSize::Large, 0, 2),
            of(number, by, BlockSize::Small, 0, 1),
            of(number, by, BlockSize::Small, 1, 1),
            of(number, by, BlockSize::Large, 0, 2),
            of(number, two, BlockSize::Small, 0, 1),
            of(number, two, BlockSize::Large, 0, 1),
            of(number, three, BlockSize::Small, 0, 1),
            of(number, three, BlockSize::Large, 0, 1),
        ]
    });
    assert_eq!(rows, due.concat());
}

fn strays(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_event(&event(ch(8), 1))?;
        tx.insert_participant(&participant(ch(8), 1, &user(9), 1))
    });
    assert_eq!(all(store, |scan, after, limit| scan.scan_events(after, limit)), [event(ch(8), 1)]);
    let rows = all(store, |scan, after, limit| scan.scan_participants(after, limit));
    let nobody = participant(ch(8), 1, &user(9), 1);
    assert_eq!(rows, [ParticipantRow { identity: String::new(), profile_version: 0, ..nobody }]);
}

fn nothing(store: &mut dyn StoreUnderTest) {
    assert_eq!(all(store, |scan, after, limit| scan.scan_users(after, limit)), []);
    assert_eq!(all(store, |scan, after, limit| scan.scan_conversations(after, limit)), []);
    assert_eq!(all(store, |scan, after, limit| scan.scan_counters(after, limit)), []);
    assert_eq!(all(store, |scan, after, limit| scan.scan_outcomes(after, limit)), []);
}
