//! What breaks: chosen by chance, one after the other, several at a time; each is mended after a while.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use rustix::process::Signal;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::device::{Device, Life};
use crate::files;
use crate::outbox;
use crate::proxy::Weather;
use crate::run::World;
use crate::server;
use crate::truth::Truth;

/// The longest that a process is paused, or a connection bad: long enough for either side to give the other up.
const LONGEST: Duration = Duration::from_secs(20);
/// The longest that somebody who was killed stays away.
const AWAY: Duration = Duration::from_secs(3);

/// Breaks things until the end of the run, and comes back when everything is mended.
pub(crate) async fn storm(world: Rc<World>, mut rng: Rng) -> Result<()> {
    let mut mending = JoinSet::new();
    while Instant::now() < world.ends {
        sleep(Duration::from_millis(rng.u64(150..900))).await;
        let device = Rc::clone(&world.devices[rng.usize(..world.devices.len())]);
        let (world, rng) = (Rc::clone(&world), rng.fork());
        match fault(&world, &device, rng.clone()) {
            Some(Fault::KillServer) => drop(mending.spawn_local(kill_server(world, rng))),
            Some(Fault::PauseServer) => drop(mending.spawn_local(pause_server(world, rng))),
            Some(Fault::Kill) => drop(mending.spawn_local(kill(world, device, rng))),
            Some(Fault::Pause) => drop(mending.spawn_local(pause(world, device, rng))),
            Some(Fault::Weather(weather)) => {
                drop(mending.spawn_local(spoil(world, device, weather, rng)));
            }
            Some(Fault::Cut) => {
                world.tally.borrow_mut().cuts += 1;
                device.proxy.cut();
            }
            None => {}
        }
        while let Some(mended) = mending.try_join_next() {
            mended??;
        }
    }
    while let Some(mended) = mending.join_next().await {
        mended??;
    }
    Ok(())
}

enum Fault {
    KillServer,
    PauseServer,
    Kill,
    Pause,
    Weather(Weather),
    Cut,
}

/// What breaks next; nothing when that which it would concern is broken already.
fn fault(world: &World, device: &Device, mut rng: Rng) -> Option<Fault> {
    let (server, client) = (world.server_life.get() == Life::Up, device.life() == Life::Up);
    let bad = [Weather::Stalled, Weather::DeafClient, Weather::MuteClient, Weather::Slow, Weather::Offline];
    match rng.u8(..20) {
        0..3 if server => Some(Fault::KillServer),
        3 if server => Some(Fault::PauseServer),
        4..8 if client => Some(Fault::Kill),
        8..11 if client => Some(Fault::Pause),
        11..15 => Some(Fault::Cut),
        15.. if !device.spoiled.get() => Some(Fault::Weather(bad[rng.usize(..bad.len())])),
        _ => None,
    }
}

/// Mostly short, now and then up to `longest`, never far beyond the end of the run.
async fn a_while(world: &World, longest: Duration, rng: &mut Rng) {
    let part = rng.f64();
    let until = Instant::now() + longest.mul_f64(part * part * part);
    sleep_until(until.min(world.ends.max(Instant::now()) + Duration::from_secs(1))).await;
}

async fn kill_server(world: Rc<World>, mut rng: Rng) -> Result<()> {
    world.tally.borrow_mut().kills += 1;
    world.server_life.set(Life::Down);
    world.server.borrow_mut().kill()?;
    world.lead_to(None);
    let data = world.server.borrow().data().to_owned();
    files::bare(&data, &Truth::read_copy(&data)?, &mut world.tally.borrow_mut())?;
    a_while(&world, AWAY, &mut rng).await;
    start_server(&world).await
}

/// Starts the server and leads everybody to it.
pub(crate) async fn start_server(world: &World) -> Result<()> {
    let output = world.server.borrow_mut().spawn()?;
    world.lead_to(Some(server::address(output).await?));
    world.server_life.set(Life::Up);
    Ok(())
}

async fn pause_server(world: Rc<World>, mut rng: Rng) -> Result<()> {
    world.tally.borrow_mut().pauses += 1;
    world.server_life.set(Life::Paused);
    world.server.borrow().signal(Signal::STOP)?;
    a_while(&world, LONGEST, &mut rng).await;
    world.server.borrow().signal(Signal::CONT)?;
    world.server_life.set(Life::Up);
    Ok(())
}

async fn kill(world: Rc<World>, device: Rc<Device>, mut rng: Rng) -> Result<()> {
    world.tally.borrow_mut().kills += 1;
    device.kill()?;
    promised(&device)?;
    a_while(&world, AWAY, &mut rng).await;
    device.start()
}

/// Writes down what the outbox of a device holds: from here on it must not be lost.
pub(crate) fn promised(device: &Device) -> Result<()> {
    let entries = outbox::entries(&device.databases())?;
    let mut ledger = device.ledger();
    for entry in &entries {
        if let Some(body) = outbox::sends(entry) {
            ledger.persisted(&entry.client_id.to_string(), body);
        }
    }
    Ok(())
}

async fn pause(world: Rc<World>, device: Rc<Device>, mut rng: Rng) -> Result<()> {
    world.tally.borrow_mut().pauses += 1;
    device.pause()?;
    a_while(&world, LONGEST, &mut rng).await;
    device.resume()
}

async fn spoil(world: Rc<World>, device: Rc<Device>, weather: Weather, mut rng: Rng) -> Result<()> {
    count(&world.tally, weather);
    device.spoiled.set(true);
    device.proxy.turn(weather);
    a_while(&world, LONGEST, &mut rng).await;
    device.proxy.turn(Weather::Fair);
    device.spoiled.set(false);
    Ok(())
}

fn count(tally: &RefCell<crate::tally::Tally>, weather: Weather) {
    let mut tally = tally.borrow_mut();
    if weather == Weather::Offline {
        tally.cuts += 1;
    } else {
        tally.stalls += 1;
    }
}
