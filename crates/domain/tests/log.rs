//! What is told live, held to what the store gives afterwards: no number is left out or given twice, and whoever follows
//! the events ends where whoever asks ends.

use std::collections::BTreeMap;

use confab_domain::{Actor, Event};
use confab_protocol::method::{EventRangeParams, ParticipantListParams};
use confab_protocol::model::{MembershipStatus, Message, Participant};
use confab_protocol::{Answer, Call, Change, LogEvent, UserSid};
use confab_testkit::Talk;

/// One who follows everything that a node tells of one conversation.
#[derive(Default)]
struct Follower {
    log: Vec<LogEvent>,
    roster: BTreeMap<UserSid, Participant>,
    roster_version: u64,
    states: BTreeMap<UserSid, u64>,
    messages: BTreeMap<u64, Message>,
    members: Vec<UserSid>,
}

impl Follower {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Log { event, joined, left, only } => {
                self.members.extend(joined);
                if let Some(only) = only {
                    assert!(only.iter().all(|user| self.members.contains(user)), "told to somebody outside");
                }
                self.members.retain(|user| Some(*user) != left);
                self.log_event(*event);
            }
            Event::Roster { from, to, rows, participants_count, .. } => {
                assert_eq!((from, to), (self.roster_version, from + 1));
                assert_eq!(participants_count, self.members.len() as u64);
                rows.into_iter().for_each(|row| self.roster_row(row));
                self.roster_version = to;
            }
            Event::State { user, from, to, rows, .. } => {
                let before = self.states.insert(user, to).unwrap_or_default();
                assert_eq!((from, to), (before, from + 1));
                assert!(rows.iter().all(|row| row.version == to));
            }
            Event::NonChat { .. } | Event::User(_) | Event::Roles { .. } | Event::DeviceRevoked { .. } => {}
        }
    }

    fn log_event(&mut self, event: LogEvent) {
        match &event.change {
            Change::ParticipantJoined(row) | Change::ParticipantLeft(row) => self.roster_row(*row.clone()),
            Change::MessageAdded(row) | Change::MessageEdited(row) | Change::MessageRemoved(row) => {
                assert_eq!(row.version, event.seq);
                self.messages.insert(row.index, *row.clone());
            }
            _ => {}
        }
        self.log.push(event);
    }

    fn roster_row(&mut self, row: Participant) {
        assert_eq!(row.version, self.roster_version + 1);
        self.roster_version = row.version;
        self.roster.insert(row.user, row);
    }
}

/// The events of the log as they are read afterwards.
fn replayed(talk: &mut Talk, by: &Actor) -> Vec<LogEvent> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let params = EventRangeParams { conversation: talk.conversation, after, limit: None };
        let Ok(Answer::EventRange(range)) = talk.world.call(by, &Call::EventRange(params)) else {
            panic!("no range");
        };
        found.extend(range.events);
        after = range.to;
        if !range.more {
            return found;
        }
    }
}

fn followed(seed: u64, uber: bool, steps: usize) -> (Talk, Follower) {
    let mut talk = Talk::new(seed, uber);
    let mut follower = Follower::default();
    // What was told while everybody came in is not at hand any more: start from what stands.
    let owner = talk.people[0].clone();
    follower.log = replayed(&mut talk, &owner);
    follower.members = talk.people.iter().map(|person| person.user).collect();
    for person in talk.people.clone() {
        let version = talk.world.summary(&person, talk.conversation).me.version;
        follower.states.insert(person.user, version);
    }
    follower.roster_version = talk.people.len() as u64;
    for _ in 0..steps {
        talk.step().into_iter().for_each(|event| follower.hear(event));
    }
    (talk, follower)
}

#[test]
fn numbers_are_consecutive_and_a_replay_tells_the_same() {
    for seed in 0..4 {
        let (mut talk, follower) = followed(seed, seed % 2 == 1, 600);
        let owner = talk.people[0].clone();
        let seqs: Vec<u64> = follower.log.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
        let indexes: Vec<u64> = follower.messages.keys().copied().collect();
        assert_eq!(indexes, (0..talk.messages.len() as u64).collect::<Vec<_>>());
        let heads = |log: &[LogEvent]| -> Vec<_> {
            log.iter()
                .map(|event| (event.seq, event.at, event.actor.clone(), event.device, event.changed.clone()))
                .collect()
        };
        let again = replayed(&mut talk, &owner);
        assert_eq!(heads(&again), heads(&follower.log));
    }
}

#[test]
fn whoever_follows_ends_where_whoever_asks_ends() {
    for seed in 4..8 {
        let (mut talk, follower) = followed(seed, false, 600);
        let owner = talk.people[0].clone();
        let newest: Vec<Message> = follower.messages.into_values().rev().take(100).collect();
        let mut page = talk.world.page(&owner, talk.conversation);
        page.reverse();
        assert_eq!(newest, page);
        let params = ParticipantListParams {
            conversation: talk.conversation,
            after_version: Some(0),
            after: None,
            limit: None,
        };
        let Ok(Answer::ParticipantList(found)) = talk.world.call(&owner, &Call::ParticipantList(params))
        else {
            panic!("no roster");
        };
        assert_eq!((found.as_of, found.more), (follower.roster_version, false));
        for row in follower.roster.into_values() {
            assert!(found.participants.contains(&row), "{row:?} is not in the roster");
        }
        let mut joined: Vec<UserSid> = found
            .participants
            .iter()
            .filter(|row| row.status == MembershipStatus::Joined)
            .map(|row| row.user)
            .collect();
        let mut members = follower.members;
        joined.sort_unstable();
        members.sort_unstable();
        assert_eq!(joined, members);
    }
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    let run = || followed(9, true, 300).0.world.store;
    assert!(run() == run());
}
