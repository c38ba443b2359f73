//! Clocks that are hours off, or are set while the program runs: nothing differs but the time of day that is shown.

use confab_protocol::event::Signal;
use serde_json::json;

use super::rig::{Rig, added, conversation, epoch, mine, summary};
use super::sending::{message, send};
use crate::command::Command;
use crate::stored::{Action, EntryState};
use crate::testing::{CONVERSATION, user};
use crate::{Event, Timer};

const HOUR: i64 = 60 * 60 * 1_000;

/// A clock of the server that goes on evenly, and one of this computer beside it.
struct Clocks {
    there: u64,
    ahead_there: i64,
}

impl Clocks {
    /// Some seconds go by on both sides.
    fn pass(&mut self, rig: &mut Rig) {
        self.there += 4_000;
        rig.now += 4_000;
    }

    /// A sign of life, and its answer by the server's clock.
    fn beat(&mut self, rig: &mut Rig) {
        self.pass(rig);
        rig.timer(Timer::Heartbeat);
        rig.reply("ping", json!({ "now": self.there.strict_add_signed(self.ahead_there) }));
    }
}

/// A day's work in small. `here` and `there`: by how much the clocks are off; `set` and `set_there`: by how much they are put
/// forward or back in the middle of it.
fn transcript(here: i64, there: i64, set: i64, set_there: i64) -> String {
    let mut rig = Rig::new();
    rig.now = 100_000_000_u64.strict_add_signed(here);
    let mut clocks = Clocks { there: 100_000_000, ahead_there: there };
    rig.there = Some(clocks.there.strict_add_signed(there));
    rig.connect();
    rig.open();
    clocks.beat(&mut rig);
    send(&mut rig, "first");
    clocks.pass(&mut rig);
    rig.reply("message.send", message(mine(0xa01, 3, 6, "first")));
    rig.log(6, added(mine(0xa01, 3, 6, "first")));
    rig.signal(Signal::TypingStarted {
        conversation: CONVERSATION,
        identity: "Aiko".into(),
        timeout_ms: 6_000,
    });
    clocks.pass(&mut rig);
    rig.now = rig.now.strict_add_signed(set);
    clocks.ahead_there += set_there;
    rig.timer(Timer::Acknowledged);
    rig.command(Command::Typing { conversation: conversation() });
    send(&mut rig, "second");
    rig.timer(Timer::Typing);
    rig.timer(Timer::Acknowledged);
    clocks.beat(&mut rig);
    rig.note("offline for a while, with something to send");
    rig.lose();
    send(&mut rig, "third");
    rig.command(Command::create("Plans", None));
    clocks.pass(&mut rig);
    rig.timer(Timer::Acknowledged);
    rig.there = Some(clocks.there.strict_add_signed(clocks.ahead_there));
    rig.reconnect(&[summary()]);
    rig.signal(Signal::UserChanged { users: vec![user("Aiko", "Aiko M.", 2)] });
    clocks.beat(&mut rig);
    rig.feed(Event::Timer(Timer::Acknowledged));
    rig.take()
}

/// The same without the times of day.
fn timeless(transcript: &str) -> String {
    let shown = |line: &str| match line.split_once("Timestamp(") {
        Some((before, _)) => before.to_owned(),
        None => line.to_owned(),
    };
    transcript.lines().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn skew_and_jumps_of_hours_change_nothing_but_the_time_shown() {
    let straight = timeless(&transcript(0, 0, 0, 0));
    assert!(straight.contains("third"), "{straight}");
    for (here, there, set, set_there) in [
        (5, 0, 0, 0),
        (-5, 0, 0, 0),
        (0, 5, 0, 0),
        (0, -5, 0, 0),
        (5, -5, 0, 0),
        (0, 0, 5, 0),
        (0, 0, -5, 0),
        (0, 0, 0, 5),
        (0, 0, 0, -5),
        (-5, 5, 7, -3),
        (3, 0, -9, 9),
    ] {
        let skewed = timeless(&transcript(here * HOUR, there * HOUR, set * HOUR, set_there * HOUR));
        assert_eq!(skewed, straight, "{here} h here, {there} h there, set by {set} h and {set_there} h");
    }
}

#[test]
fn what_is_written_here_is_dated_by_the_server_wherever_this_clock_stands() {
    for (here, set) in [(0, 0), (5, 0), (-5, 0), (0, 5), (0, -5)] {
        let mut rig = Rig::new();
        rig.now = 100_000_000_u64.strict_add_signed(here * HOUR);
        rig.there = Some(200_000_000);
        rig.connect();
        rig.now = rig.now.strict_add_signed(set * HOUR);
        send(&mut rig, "hello");
        let entries: Vec<_> = rig.machine.entries().collect();
        assert!(matches!(entries[0].action, Action::Send { .. }));
        assert_eq!(entries[0].at.0, 200_000_000, "{here} h off, set by {set} h");
        rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
        let state = rig.machine.entries().next().map(|entry| entry.state.clone());
        assert!(
            matches!(state, Some(EntryState::Acknowledged { at, .. }) if at.0 == 200_000_000),
            "{state:?}"
        );
        assert_eq!(rig.machine.meta().map(|meta| (meta.epoch, meta.ahead_ms)).unwrap().0, epoch(8));
    }
}
