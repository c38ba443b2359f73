//! One horizon, two devices: whatever they wish and learn in whatever order, nobody undoes a "mark unread" unknowingly.

use confab_protocol::ClientId;
use confab_protocol::method::HorizonMode;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::{Outbox, Wish};
use super::server::Horizon;
use super::{NOW, PLACE, SID};
use crate::stored::{Action, OutboxEntry};

#[derive(Debug, Clone)]
enum Step {
    /// The person reads up to there.
    Read { device: usize, index: u64 },
    /// The person puts the horizon there.
    Mark { device: usize, index: Option<u64> },
    /// What waits goes out, and is on the disk at once.
    Send { device: usize },
    /// The server takes the oldest frame.
    Serve { device: usize },
    /// The oldest answer arrives, with the own row as it stood then.
    Hear { device: usize },
    /// A push of the own row arrives, as it stands now.
    Learn { device: usize },
    /// The connection is lost: frames and answers with it.
    Lose { device: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let device = 0..2usize;
    let step = prop_oneof![
        4 => (device.clone(), 0..12u64).prop_map(|(device, index)| Step::Read { device, index }),
        2 => (device.clone(), prop::option::of(0..12u64)).prop_map(|(device, index)| Step::Mark { device, index }),
        5 => device.clone().prop_map(|device| Step::Send { device }),
        5 => device.clone().prop_map(|device| Step::Serve { device }),
        5 => device.clone().prop_map(|device| Step::Hear { device }),
        2 => device.clone().prop_map(|device| Step::Learn { device }),
        1 => device.prop_map(|device| Step::Lose { device }),
    ];
    prop::collection::vec(step, 0..80)
}

/// What a device knows and what it has done.
#[derive(Debug, Default)]
struct Device {
    outbox: Outbox,
    /// Version of the own row that it holds.
    version: u64,
    /// The places that were read, each with the version that was known then.
    reads: Vec<(Option<u64>, u64)>,
    wire: Vec<OutboxEntry>,
    answers: Vec<(ClientId, Option<u64>, u64)>,
}

struct World {
    devices: [Device; 2],
    server: Horizon,
    /// Who put the horizon somewhere last.
    set_by: Option<usize>,
    seen: Vec<ClientId>,
    last_id: u128,
}

impl World {
    fn new() -> Self {
        let server = Horizon::new(None);
        let mut devices = [Device::default(), Device::default()];
        devices.iter_mut().for_each(|device| device.version = server.version);
        Self { devices, server, set_by: None, seen: Vec::new(), last_id: 0 }
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Read { device, index } => self.wish(device, Some(index), HorizonMode::Advance),
            Step::Mark { device, index } => self.wish(device, index, HorizonMode::Set),
            Step::Send { device } => self.send(device),
            Step::Serve { device } => return self.serve(device),
            Step::Hear { device } => self.hear(device),
            Step::Learn { device } => {
                self.devices[device].version = self.devices[device].version.max(self.server.version);
            }
            Step::Lose { device } => {
                let device = &mut self.devices[device];
                device.wire.clear();
                device.answers.clear();
                device.outbox.connection_lost();
            }
        }
        Ok(())
    }

    fn wish(&mut self, at: usize, index: Option<u64>, mode: HorizonMode) {
        self.last_id += 1;
        let device = &mut self.devices[at];
        if mode == HorizonMode::Advance {
            device.reads.push((index, device.version));
        }
        let wish = Wish { index, mode, based_on: device.version };
        device.outbox.wish(PLACE, wish, ClientId(Uuid::from_u128(self.last_id)), NOW);
    }

    fn send(&mut self, at: usize) {
        let device = &mut self.devices[at];
        device.outbox.release_horizons(true);
        while let Some((write, _)) = device.outbox.take_writes(|_| Some(SID)) {
            device.outbox.persisted(write);
        }
        device.wire.extend(device.outbox.transmit(|_| Some(SID)));
    }

    fn serve(&mut self, at: usize) -> Result<(), TestCaseError> {
        if self.devices[at].wire.is_empty() {
            return Ok(());
        }
        let entry = self.devices[at].wire.remove(0);
        let Action::Horizon { index, mode, based_on, .. } = entry.action else { panic!("{entry:?}") };
        if !self.seen.contains(&entry.client_id) {
            self.seen.push(entry.client_id);
            let before = self.server.index;
            self.server.apply(Wish { index, mode, based_on });
            if mode == HorizonMode::Set {
                self.set_by = Some(at);
            }
            if mode == HorizonMode::Advance && self.server.index != before {
                self.assert_known(at, index)?;
            }
        }
        self.devices[at].answers.push((entry.client_id, self.server.index, self.server.version));
        Ok(())
    }

    /// Somebody went forward: a place that they had read knowing where the horizon was put last, or having put it there.
    fn assert_known(&self, at: usize, index: Option<u64>) -> Result<(), TestCaseError> {
        let known = |(read, version): &(Option<u64>, u64)| {
            *read == index && (*version >= self.server.set_at || self.set_by == Some(at))
        };
        prop_assert!(
            self.devices[at].reads.iter().any(known),
            "device {} went to {:?} over what was put there at {}, having read {:?}",
            at,
            index,
            self.server.set_at,
            self.devices[at].reads
        );
        Ok(())
    }

    fn hear(&mut self, at: usize) {
        let device = &mut self.devices[at];
        if device.answers.is_empty() {
            return;
        }
        let (id, _, version) = device.answers.remove(0);
        let first = device.outbox.is_first_answer(id);
        let Some(action) = device.outbox.acknowledge(id, None, NOW) else { return };
        if first && matches!(action, Action::Horizon { mode: HorizonMode::Set, .. }) {
            device.outbox.rebase_horizons(PLACE, version);
        }
        device.version = device.version.max(version);
    }
}

proptest! {
    #[test]
    fn no_stale_device_undoes_a_mark_unread(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step)?;
        }
        // In the end everybody hears everybody, and nothing is left over.
        for _ in 0..40 {
            for device in 0..2 {
                for step in [Step::Send { device }, Step::Serve { device }, Step::Hear { device }] {
                    world.step(&step)?;
                }
            }
        }
        for device in &world.devices {
            prop_assert_eq!(device.outbox.entries().count(), 0);
        }
    }
}
