//! Tests of the machine: events in, effects out, as a transcript.

mod alive;
mod coming_back;
mod conversing;
mod devices;
mod entering;
mod files;
mod following;
mod keeping;
mod kinds;
mod making;
mod own_state;
mod past_files;
mod print;
mod racing;
mod reading;
mod removing;
mod restoring;
mod rig;
mod rights;
mod sending;
mod skewed;
mod stuck;
mod two_devices;

use expect_test::Expect;

use rig::Rig;

/// Plays a script and compares the transcript of its effects.
fn check(script: impl FnOnce(&mut Rig), expected: &Expect) {
    let mut rig = Rig::new();
    script(&mut rig);
    expected.assert_eq(&rig.take());
}

/// Plays a script on a machine that is in step with a server, in which one conversation is known.
fn check_connected(script: impl FnOnce(&mut Rig), expected: &Expect) {
    let mut rig = Rig::new();
    rig.connect();
    rig.take();
    script(&mut rig);
    expected.assert_eq(&rig.take());
}

/// The same with the conversation open, and three messages of Aiko's in it.
fn check_open(script: impl FnOnce(&mut Rig), expected: &Expect) {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    rig.take();
    script(&mut rig);
    expected.assert_eq(&rig.take());
}
