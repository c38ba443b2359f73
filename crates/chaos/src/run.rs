//! One run: everybody joins, people act while things break, everything comes to rest, and is compared.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use confab_core::command::Command;
use fastrand::Rng;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep};

use crate::acts::Actor;
use crate::check;
use crate::device::{Device, Life};
use crate::faults::{promised, storm};
use crate::files;
use crate::kinds::Directory;
use crate::notes;
use crate::proxy::Proxy;
use crate::remains;
use crate::secrets::Secrets;
use crate::server::{self, Server};
use crate::tally::Tally;
use crate::truth::Truth;
use crate::words::Order;

/// The longest that anything may take to come to rest: twice the longest wait of a client, and more for a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is looked.
const INTERVAL: Duration = Duration::from_millis(300);

/// Who takes part, in this order; two devices each.
const PEOPLE: [&str; 16] = [
    "Ana", "Bo", "Cleo", "Dag", "Eri", "Finn", "Gro", "Hal", "Ida", "Jon", "Kai", "Liv", "Mia", "Nil", "Ola",
    "Pia",
];

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How long people act and things break.
    pub seconds: Duration,
    /// Where the choices come from. Processes take their own time, so that it repeats what was chosen, not what came of it.
    pub seed: u64,
    /// Devices; two belong to each person.
    pub clients: u32,
    /// The program `confab-server`.
    pub server: PathBuf,
    /// The program `confab-chaos`, which is also the client and the leash.
    pub this: PathBuf,
    /// Where logs and directories of a run that fails are kept.
    pub evidence: PathBuf,
}

/// A seed for a run that was given none.
#[must_use]
pub fn fresh_seed() -> u64 {
    Rng::new().u64(..1_000_000)
}

/// Everything that runs.
pub(crate) struct World {
    pub(crate) server: RefCell<Server>,
    pub(crate) server_life: Cell<Life>,
    pub(crate) devices: Vec<Rc<Device>>,
    pub(crate) people: Vec<String>,
    /// Of each person, by the device that may change them: their first.
    secrets: BTreeMap<String, RefCell<Secrets>>,
    pub(crate) tally: RefCell<Tally>,
    /// When people stop acting and things stop breaking.
    pub(crate) ends: Instant,
}

impl World {
    /// Tells all proxies where the server is.
    pub(crate) fn lead_to(&self, server: Option<std::net::SocketAddr>) {
        self.devices.iter().for_each(|device| device.proxy.lead_to(server));
    }
}

/// Runs a plan. What it leaves is deleted when everything was kept, and named in the error otherwise.
///
/// # Errors
/// When something was lost, doubled, reordered or leaked, does not come to rest, or cannot be run at all.
pub fn run(plan: &Plan) -> Result<Tally> {
    ensure!(plan.server.is_file(), "{} is not there: `cargo xtask build` makes it", plan.server.display());
    std::fs::create_dir_all(&plan.evidence)?;
    let place = tempfile::Builder::new().prefix("run-").tempdir_in(&plan.evidence)?;
    // One thread: a leash is held by the thread that starts a program.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = LocalSet::new().block_on(&runtime, play(plan, place.path()));
    let done = done.and_then(|tally| if tally.is_clean() { Ok(tally) } else { bail!("{}", told(&tally)) });
    done.map_err(|error| {
        let kept = place.keep();
        error.context(format!("seed {}; logs and directories are in {}", plan.seed, kept.display()))
    })
}

fn told(tally: &Tally) -> String {
    format!("{tally}\n{}", tally.broken().join("\n"))
}

async fn play(plan: &Plan, place: &Path) -> Result<Tally> {
    let world = Rc::new(gather(plan, place).await?);
    let mut rng = Rng::with_seed(plan.seed);
    let mut tasks = JoinSet::new();
    for device in &world.devices {
        tasks.spawn_local(act(Rc::clone(&world), Rc::clone(device), rng.fork()));
    }
    tasks.spawn_local(storm(Rc::clone(&world), rng.fork()));
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    // What does not come to rest is told beside what became of the promises, which says more.
    let rested = compare(&world, place).await;
    let settled = settle(&world).await;
    match (rested, settled) {
        (Ok(()), settled) => settled,
        (Err(error), Ok(tally)) => Err(error.context(told(&tally))),
        (Err(error), Err(other)) => Err(error.context(other.to_string())),
    }
}

/// Starts the server and lets everybody join.
async fn gather(plan: &Plan, place: &Path) -> Result<World> {
    let mut server = Server::new(&plan.this, &plan.server, place);
    let output = server.spawn()?;
    let address = server::address(output).await?;
    let invite = server.invite()?;
    let people: Vec<String> =
        PEOPLE.iter().take(plan.clients.div_ceil(2) as usize).map(ToString::to_string).collect();
    let (mut devices, mut secrets) = (Vec::new(), BTreeMap::new());
    for number in 0..plan.clients as usize {
        let person = people.get(number / 2).context("more clients than there are people for")?;
        let name = format!("{person}-{}", number % 2 + 1);
        let device = Device::new(&plan.this, place, person, &name, Proxy::start().await?, &invite);
        device.proxy.lead_to(Some(address));
        device.start()?;
        device.ready().await?;
        if number % 2 == 0 {
            secrets.insert(device.name.clone(), RefCell::new(Secrets::new(&device, number == 0).await?));
        }
        devices.push(Rc::new(device));
    }
    Ok(World {
        server: RefCell::new(server),
        server_life: Cell::new(Life::Up),
        devices,
        people,
        secrets,
        tally: RefCell::new(Tally { seed: plan.seed, ..Tally::default() }),
        ends: Instant::now() + plan.seconds,
    })
}

/// What one person does on one device until the end.
async fn act(world: Rc<World>, device: Rc<Device>, mut rng: Rng) -> Result<()> {
    let mut actor = Actor {
        device: &device.name,
        person: &device.person,
        people: &world.people,
        has_program: device.has_program(),
        directory: Directory::default(),
    };
    while Instant::now() < world.ends {
        sleep(Duration::from_millis(rng.u64(40..300))).await;
        device.must_live()?;
        world.server.borrow_mut().must_live()?;
        let Some(picture) = device.look().await? else { continue };
        let secrets = world.secrets.get(&device.name);
        let order = {
            let mut secrets = secrets.map(RefCell::borrow_mut);
            actor.choose(&picture, &mut device.ledger(), secrets.as_deref_mut(), &mut rng)
        };
        let answer = device.carry_out(order.clone()).await?;
        if let (Some(secrets), Order::Do(command)) = (secrets, &order) {
            secrets.borrow_mut().learn(command, &answer);
        }
        if let Some(Ok(answer)) = &answer {
            actor.learn(answer, &mut rng);
        }
        let mut tally = world.tally.borrow_mut();
        match answer {
            Some(Ok(_)) => tally.commands += 1,
            Some(Err(_)) => tally.refusals += 1,
            None => {}
        }
    }
    Ok(())
}

/// Holds everything that is shown, held and fetched against what the server has; then once more what is shown after a new start.
async fn compare(world: &World, place: &Path) -> Result<()> {
    rest(world).await?;
    for device in &world.devices {
        timelines(world, device).await?;
    }
    programs(world).await?;
    fetch(world).await?;
    doors(world, place).await?;
    // What a client keeps for nobody, such as a file that was chosen and never sent, goes when it starts.
    for device in &world.devices {
        device.leave().await?;
        device.start()?;
    }
    rest(world).await?;
    let data = world.server.borrow().data().to_owned();
    until(async || files::stray(&data, &truth(world)?)).await
}

/// Waits until everything is as the server has it.
async fn rest(world: &World) -> Result<()> {
    ensure!(world.server_life.get() == Life::Up, "the server is not up again");
    for device in &world.devices {
        device.ready().await?;
        device.command(Command::Reconnect).await?;
        device.command(Command::Interest { rows: Vec::new(), people: world.people.clone() }).await?;
    }
    until(async || {
        let truth = truth(world)?;
        for device in &world.devices {
            let Some(picture) = device.look().await? else {
                return Ok(Some(format!("{} is silent", device.name)));
            };
            let differs = check::list(device, &picture, &truth)
                .or_else(|| check::people(device, &picture, &world.people, &truth))
                .map_or_else(|| check::outbox(device), |d| Ok(Some(d)))?;
            if differs.is_some() {
                return Ok(differs);
            }
        }
        Ok(None)
    })
    .await
}

/// Waits until each program holds the profiles and attributes that stand.
async fn programs(world: &World) -> Result<()> {
    for device in world.devices.iter().filter(|device| device.has_program()) {
        until(async || {
            let truth = truth(world)?;
            let stands = truth.notes.of(&device.person, &world.people, &truth);
            let Some(held) = device.held(&world.people).await? else {
                return Ok(Some(format!("the program of {} is silent", device.name)));
            };
            let differs = stands.differ(&held);
            Ok(differs.map(|differs| format!("the program of {} holds {differs}", device.name)))
        })
        .await?;
    }
    Ok(())
}

/// Lets clients fetch the files that stand.
async fn fetch(world: &World) -> Result<()> {
    let mut tally = Tally::default();
    files::fetch(&world.devices, &truth(world)?, &mut tally).await?;
    let mut all = world.tally.borrow_mut();
    all.fetched = tally.fetched;
    all.bare.append(&mut tally.bare);
    Ok(())
}

/// Tries out who may come in.
#[expect(clippy::await_holding_refcell_ref, reason = "nobody acts any more")]
async fn doors(world: &World, place: &Path) -> Result<()> {
    let mut tally = Tally::default();
    for device in &world.devices {
        if let Some(secrets) = world.secrets.get(&device.name) {
            secrets.borrow().check(device, place, &mut tally).await?;
        }
    }
    let mut all = world.tally.borrow_mut();
    (all.ended, all.untrue) = (tally.ended, tally.untrue);
    Ok(())
}

fn truth(world: &World) -> Result<Truth> {
    Truth::read(world.server.borrow().data())
}

/// Opens every conversation, reads it back to its beginning, and compares.
async fn timelines(world: &World, device: &Device) -> Result<()> {
    let truth = truth(world)?;
    let picture = device.look().await?.with_context(|| format!("{} is silent", device.name))?;
    for row in picture.joined() {
        let Some(sid) = &row.sid else { continue };
        device.command(Command::Open { conversation: None }).await?;
        device.command(Command::Open { conversation: Some(row.key.clone()) }).await?;
        until(async || {
            let Some(picture) = device.look().await? else { return Ok(Some("silence".to_owned())) };
            if picture.ends.has_older {
                device.command(Command::LoadOlder).await?;
            }
            Ok(check::timeline(device, &picture, &row.key, sid, &truth))
        })
        .await?;
    }
    Ok(())
}

/// Looks until nothing differs any more.
async fn until(mut look: impl AsyncFnMut() -> Result<Option<String>>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while let Some(differs) = look().await? {
        ensure!(Instant::now() < deadline, "it does not come to rest: {differs}");
        sleep(INTERVAL).await;
    }
    Ok(())
}

/// Ends everything in good order, and holds what was promised against what stands.
async fn settle(world: &World) -> Result<Tally> {
    for device in &world.devices {
        device.leave().await?;
        promised(device)?;
    }
    let stopping = world.server.borrow_mut().stop()?;
    server::ended(stopping).await?;
    let truth = truth(world)?;
    let mut tally = world.tally.borrow().clone();
    tally.messages = truth.messages.len() as u64;
    check::doubles(&truth, &mut tally);
    for device in &world.devices {
        check::promises(device, &device.ledger(), &truth, &mut tally)?;
        check::leaks(device, &truth, &mut tally)?;
        notes::kept(device, &world.people, &truth, &mut tally)?;
        remains::of_device(device, &truth, &mut tally)?;
    }
    let server = world.server.borrow();
    files::stand(server.data(), &truth, &mut tally)?;
    remains::of_server(server.data(), server.log(), &truth, &mut tally)?;
    tally.removed = remains::count(&world.devices, &truth);
    server.verify()?;
    Ok(tally)
}
