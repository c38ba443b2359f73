//! What a run is made of. Everything follows from a plan, so that a saved one can be run again, and a part of it alone.

use confab_testkit::SeededIds;
use serde::{Deserialize, Serialize};

use crate::act::{Act, Weather};

/// Devices of a run at most: their people are those of [`PEOPLE`].
pub(crate) const DEVICES: usize = 5;
/// Which person each device belongs to.
pub(crate) const PEOPLE: [(&str, &str); DEVICES] =
    [("ann", "Ann"), ("ben", "Ben"), ("ann-two", "Ann"), ("cleo", "Cleo"), ("ben-two", "Ben")];

/// Where the server keeps its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// Ordered maps with a journal.
    #[default]
    Memory,
    /// The real database.
    Sqlite,
}

/// One program of a run: a device, or the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// How far its clock is from the true time, in milliseconds.
    pub skew_ms: i64,
    /// It speaks the next level of the protocol.
    pub next_level: bool,
}

/// How often something goes wrong by itself: once in so many opportunities, never for 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chances {
    /// A client crashes, at every effect.
    pub crash_between_effects: u64,
    /// The server crashes with everything applied and nothing committed, at every group.
    pub crash_before_commit: u64,
    /// The server crashes with everything committed and nothing told, at every group.
    pub crash_after_commit: u64,
    /// A group cannot be committed.
    pub commit_fails: u64,
    /// A mutation fails after it has written.
    #[serde(default)]
    pub work_fails: u64,
    /// A write to the outbox does not get to the disk.
    pub outbox_write_fails: u64,
    /// A frame is lost.
    pub drop: u64,
    /// A frame arrives twice.
    pub duplicate: u64,
    /// A frame overtakes others, or is overtaken.
    pub reorder: u64,
    /// A frame takes long, or a session to read what waits for it.
    pub delay: u64,
    /// What one group has to tell does not get to the hub.
    pub lose_bus: u64,
    /// The answer to a renewal of a token is lost.
    pub lose_token: u64,
}

/// Something that happens at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Milliseconds since the step before.
    pub after_ms: u64,
    /// On which device, or to which.
    pub device: usize,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// Chooses among what there is at that time.
    pub pick: u64,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A person does something.
    Act(Act),
    /// Something happens to a person's computer, to the network or to the server.
    Weather(Weather),
}

/// All of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Ids, delays and chances follow from it.
    pub seed: u64,
    /// Where the server keeps its rows.
    #[serde(default)]
    pub store: StoreKind,
    /// The devices.
    pub devices: Vec<Program>,
    /// The server.
    pub server: Program,
    /// What goes wrong by itself.
    pub chances: Chances,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// What a plan is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Devices, 2 to 5; 0 lets the seed decide.
    pub devices: usize,
    /// Steps.
    pub steps: usize,
    /// Whether anything goes wrong.
    pub faults: bool,
}

impl Default for Size {
    fn default() -> Self {
        Self { devices: 0, steps: 140, faults: true }
    }
}

impl Plan {
    /// Draws a plan: the same seed and size give the same one.
    #[must_use]
    pub fn draw(seed: u64, size: Size) -> Self {
        let mut dice = Dice(SeededIds::new(seed ^ 0x51a7));
        let count =
            if size.devices == 0 { 2 + dice.below(4) as usize } else { size.devices.clamp(2, DEVICES) };
        let weather = size.faults;
        let devices = (0..count).map(|_| dice.program(weather)).collect();
        let server = dice.program(weather);
        let chances = if weather { dice.chances() } else { Chances::default() };
        let steps = (0..size.steps).map(|_| dice.step(count, weather)).collect();
        Self { seed, store: StoreKind::Memory, devices, server, chances, steps }
    }
}

struct Dice(SeededIds);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.number() % bound.max(1)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn program(&mut self, weather: bool) -> Program {
        let hours = self.below(11).cast_signed() - 5;
        let skewed = self.one_in(3) && weather;
        let next_level = self.one_in(4) && weather;
        Program { skew_ms: if skewed { hours * 3_600_000 } else { 0 }, next_level }
    }

    /// Most runs know a few kinds of faults, so that each kind also has calm around it.
    fn chances(&mut self) -> Chances {
        let mut some = |n: u64| if self.one_in(2) { n } else { 0 };
        let mut chances = Chances {
            crash_between_effects: some(1_200),
            crash_before_commit: some(60),
            crash_after_commit: some(60),
            commit_fails: some(60),
            work_fails: some(50),
            outbox_write_fails: some(100),
            lose_bus: some(25),
            lose_token: some(4),
            delay: some(60),
            ..Chances::default()
        };
        // A WebSocket neither loses nor reorders; a run in three has something in between that does.
        if self.one_in(3) {
            let mut some = |n: u64| if self.one_in(2) { n } else { 0 };
            (chances.drop, chances.duplicate, chances.reorder) = (some(80), some(40), some(25));
        }
        chances
    }

    fn step(&mut self, devices: usize, weather: bool) -> Step {
        let after_ms = match self.below(12) {
            0..=6 => 1 + self.below(400),
            7..=10 => 1 + self.below(2_500),
            _ => self.below(20_000),
        };
        let device = self.below(devices as u64) as usize;
        let what = if weather && self.one_in(7) {
            What::Weather(Weather::draw(self.0.number()))
        } else {
            What::Act(Act::draw(self.0.number()))
        };
        Step { after_ms, device, what, pick: self.0.number() >> 16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_comes_back_from_its_file_as_it_was() {
        let plan = Plan::draw(7, Size::default());
        let text = serde_json::to_string(&plan).expect("a plan can be written");
        assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan can be read"), plan);
        assert_eq!(plan, Plan::draw(7, Size::default()));
        assert_ne!(plan, Plan::draw(8, Size::default()));
    }
}
