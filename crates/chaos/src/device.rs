//! One device of a person, from outside: its process, its proxy, and what is asked of it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use confab_core::command::{Command, CommandAnswer};
use confab_core::view::Problem;
use confab_protocol::Link;
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::files::Fetched;
use crate::leash::leashed;
use crate::ledger::Ledger;
use crate::notes::Notes;
use crate::picture::Picture;
use crate::proxy::Proxy;
use crate::remains::HALF_A_LINE;
use crate::words::{Line, Order, Outcome, Said};

/// How long an answer may take before the process counts as one that does not answer now.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the first start may take: it joins, one after the other, and passwords are slow on purpose.
const JOINING: Duration = Duration::from_secs(60);

/// What the process is doing, as far as the harness decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// It runs.
    Up,
    /// It is stopped.
    Paused,
    /// There is none.
    Down,
}

/// Answers that are waited for.
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Outcome>>>>;

struct Running {
    child: Child,
    orders: ChildStdin,
    waiting: Waiting,
    ready: watch::Receiver<bool>,
    /// Takes what the process says, to the end of it.
    reader: std::thread::JoinHandle<()>,
}

/// A device with its data directory, through all lives of its process.
pub(crate) struct Device {
    /// Whose.
    pub(crate) person: String,
    /// Its name.
    pub(crate) name: String,
    /// Its data directory.
    pub(crate) home: PathBuf,
    /// Its way to the server.
    pub(crate) proxy: Proxy,
    /// Its way to the server is bad at present.
    pub(crate) spoiled: Cell<bool>,
    ledger: Arc<Mutex<Ledger>>,
    this: PathBuf,
    link: String,
    /// Where its process says what happens.
    pub(crate) log: PathBuf,
    running: RefCell<Option<Running>>,
    life: Cell<Life>,
    orders: Cell<u64>,
}

impl Device {
    /// A device that is not started yet. Its invite leads through its proxy.
    pub(crate) fn new(
        this: &Path,
        place: &Path,
        person: &str,
        name: &str,
        proxy: Proxy,
        invite: &Link,
    ) -> Self {
        let link = Link { addresses: vec![proxy.address().to_string()], ..invite.clone() };
        Self {
            person: person.to_owned(),
            name: name.to_owned(),
            home: place.join(name),
            proxy,
            spoiled: Cell::new(false),
            ledger: Arc::default(),
            this: this.into(),
            link: link.to_string(),
            log: place.join(format!("{name}.log")),
            running: RefCell::new(None),
            life: Cell::new(Life::Down),
            orders: Cell::new(0),
        }
    }

    /// What its process is doing.
    pub(crate) fn life(&self) -> Life {
        self.life.get()
    }

    /// What it has promised.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// Whether a program runs beside its window: on the first device of each person.
    pub(crate) fn has_program(&self) -> bool {
        self.name.ends_with("-1")
    }

    /// Where its databases are.
    pub(crate) fn databases(&self) -> PathBuf {
        self.home.join("client")
    }

    /// Starts its process.
    pub(crate) fn start(&self) -> Result<()> {
        let errors = File::options().create(true).append(true).open(&self.log)?;
        let mut command = leashed(&self.this, &self.this);
        command.arg("client").arg("--home").arg(&self.home).args(["--link", &self.link]);
        command.args(["--identity", &self.person, "--device", &self.name]);
        if self.has_program() {
            command.arg("--program");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors.try_clone()?);
        let mut child = command.spawn().context("a client cannot be started")?;
        let orders = child.stdin.take().context("invariant: its input is a pipe")?;
        let output = child.stdout.take().context("invariant: its output is a pipe")?;
        let (waiting, (tell, ready)) = (Waiting::default(), watch::channel(false));
        let (answers, ledger) = (Arc::clone(&waiting), Arc::clone(&self.ledger));
        let reader = std::thread::spawn(move || listen(output, errors, &answers, &tell, &ledger));
        self.running.replace(Some(Running { child, orders, waiting, ready, reader }));
        self.life.set(Life::Up);
        Ok(())
    }

    /// Waits until it takes orders.
    pub(crate) async fn ready(&self) -> Result<()> {
        let ready = self.running.borrow().as_ref().map(|running| running.ready.clone());
        let mut ready = ready.with_context(|| format!("{} does not run", self.name))?;
        let became = timeout(JOINING, ready.wait_for(|ready| *ready)).await;
        became
            .with_context(|| format!("{} does not come up", self.name))?
            .map(drop)
            .with_context(|| format!("{} ended instead of coming up", self.name))
    }

    /// `kill -9`. What it had said is taken to the end.
    pub(crate) fn kill(&self) -> Result<()> {
        self.life.set(Life::Down);
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.child.kill()?;
        running.child.wait()?;
        drop(running.orders);
        running.reader.join().map_err(|_| anyhow::anyhow!("the reader of {} panicked", self.name))
    }

    /// Stops it where it is.
    pub(crate) fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)?;
        self.life.set(Life::Paused);
        Ok(())
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)?;
        self.life.set(Life::Up);
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let running = self.running.borrow();
        let running = running.as_ref().with_context(|| format!("{} does not run", self.name))?;
        signal_process(running.child.id(), signal)
    }

    /// Fails when it has ended though nobody ended it.
    pub(crate) fn must_live(&self) -> Result<()> {
        if let Some(running) = self.running.borrow_mut().as_mut()
            && let Some(status) = running.child.try_wait()?
        {
            bail!("{} ended by itself ({status})", self.name);
        }
        Ok(())
    }

    /// Tells it something and waits for what comes of it; none when it does not answer now.
    async fn order(&self, order: Order) -> Result<Option<Outcome>> {
        let id = self.orders.replace(self.orders.get() + 1);
        let Some(answer) = self.tell(id, order)? else { return Ok(None) };
        match timeout(PATIENCE, answer).await {
            Ok(Ok(outcome)) => Ok(Some(outcome)),
            // Killed, paused, or too slow to be waited for.
            Ok(Err(_)) | Err(_) => Ok(None),
        }
    }

    fn tell(&self, id: u64, order: Order) -> Result<Option<oneshot::Receiver<Outcome>>> {
        let mut running = self.running.borrow_mut();
        let Some(running) = running.as_mut().filter(|_| self.life.get() == Life::Up) else { return Ok(None) };
        let (tell, answer) = oneshot::channel();
        lock(&running.waiting).insert(id, tell);
        let mut line = serde_json::to_vec(&Line { id, order })?;
        line.push(b'\n');
        // Whoever has just been killed reads nothing; that it was is seen elsewhere.
        Ok(running.orders.write_all(&line).is_ok().then_some(answer))
    }

    /// What it shows now; none when it does not answer now.
    pub(crate) async fn look(&self) -> Result<Option<Picture>> {
        match self.order(Order::Look).await? {
            Some(Outcome::Shown(picture)) => Ok(Some(*picture)),
            Some(other) => bail!("{} answered a look with {other:?}", self.name),
            None => Ok(None),
        }
    }

    /// Carries out a command; none when it does not answer now, which leaves open whether it was taken.
    pub(crate) async fn command(&self, command: Command) -> Result<Option<Result<CommandAnswer, Problem>>> {
        self.carry_out(Order::Do(command)).await
    }

    /// Carries out an order that is answered like a command.
    pub(crate) async fn carry_out(&self, order: Order) -> Result<Option<Result<CommandAnswer, Problem>>> {
        match self.order(order).await? {
            Some(Outcome::Done(answer)) => Ok(Some(Ok(answer))),
            Some(Outcome::Refused(problem)) => Ok(Some(Err(problem))),
            Some(other) => bail!("{} answered a command with {other:?}", self.name),
            None => Ok(None),
        }
    }

    /// Fetches files; none when it does not answer now.
    pub(crate) async fn fetch(&self, media: Vec<String>) -> Result<Option<Vec<Fetched>>> {
        match self.order(Order::Fetch(media)).await? {
            Some(Outcome::Fetched(fetched)) => Ok(Some(fetched)),
            Some(other) => bail!("{} fetched {other:?}", self.name),
            None => Ok(None),
        }
    }

    /// What its program holds; none when it does not answer now.
    pub(crate) async fn held(&self, people: &[String]) -> Result<Option<Notes>> {
        match self.order(Order::Held(people.to_vec())).await? {
            Some(Outcome::Held(notes)) => Ok(Some(notes)),
            Some(Outcome::Refused(_)) | None => Ok(None),
            Some(other) => bail!("{} holds {other:?}", self.name),
        }
    }

    /// Lets it end in good order.
    pub(crate) async fn leave(&self) -> Result<()> {
        let left = self.order(Order::Leave).await?;
        ensure!(matches!(left, Some(Outcome::Leaving)), "{} does not leave", self.name);
        self.kill()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Nobody is left to tell; one that has ended already is what is wanted.
        drop(self.kill());
    }
}

/// Sends a signal to one process.
pub(crate) fn signal_process(id: u32, signal: Signal) -> Result<()> {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw).context("not an id of a process")?;
    Ok(kill_process(id, signal)?)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes what a process says, and writes what matters for later into its log too.
fn listen(
    output: ChildStdout,
    mut log: File,
    waiting: &Waiting,
    ready: &watch::Sender<bool>,
    ledger: &Mutex<Ledger>,
) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Said::Ready) => drop(ready.send_replace(true)),
            Ok(Said::Answer { id, outcome }) => {
                // Whoever waited may have given up.
                drop(lock(waiting).remove(&id).map(|answer| answer.send(outcome)));
            }
            Ok(Said::Acknowledged { key, body }) => lock(ledger).acknowledged(&key, &body),
            // The last line of somebody killed may be half a line.
            Err(_) => drop(writeln!(log, "{HALF_A_LINE}{line}")),
        }
    }
    lock(waiting).clear();
}
