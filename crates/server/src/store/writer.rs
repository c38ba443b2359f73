//! The one thread that writes. It takes whatever waits, as one group: one commit for all, and only then answers and news.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use confab_domain::group::{self, Journal};
use confab_domain::{DomainError, DomainResult, Event, Ids, StoreError, StoreResult, Tx};
use confab_protocol::{ErrorCode, Timestamp, WireError, WorkspaceSid};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::SqliteTx;
use crate::clock::{self, SystemIds};
use crate::error::ServerError;
use crate::hub;
use crate::stats::Stats;

/// Pieces of work that wait before those who bring more have to wait too.
const QUEUE: usize = 1_024;
/// Most pieces of work of one commit.
const GROUP: usize = 256;

/// Something to do in the writing transaction.
pub(crate) trait Work: Send {
    /// Does it; may be called again after a rollback. After an error nothing of it stays.
    fn run(&mut self, tx: &mut dyn Tx, now: Timestamp, ids: &mut dyn Ids) -> DomainResult<()>;
    /// It is on the disk: answer, and hand on what there is to tell.
    fn committed(self: Box<Self>, told: &mut Vec<hub::Input>);
    /// It was refused, or its group could not be committed.
    fn failed(self: Box<Self>, error: WireError);
}

/// Places at which a test makes the store fail; nothing happens there otherwise.
pub(crate) trait Hooks: Send + 'static {
    /// All work of a group is done, nothing is committed.
    fn before_commit(&mut self) -> StoreResult<()> {
        Ok(())
    }

    /// A group is committed, and nobody was answered or told.
    fn after_commit(&mut self) {}
}

impl Hooks for () {}

/// The writer has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writer has ended")]
pub(crate) struct WriterGone;

impl From<WriterGone> for WireError {
    fn from(_: WriterGone) -> Self {
        ErrorCode::Unavailable.into()
    }
}

enum Order {
    Do(Box<dyn Work>),
    /// Leave nothing of what was overwritten.
    Scrub,
    Stop,
}

/// The way to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
}

/// What a call gives besides its value: what to tell once it is committed.
pub(crate) type Committed<T> = (T, Vec<Event>);

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        connection: Connection,
        scope: WorkspaceSid,
        hub: mpsc::Sender<Vec<hub::Input>>,
        stats: Arc<Stats>,
        hooks: impl Hooks,
    ) -> Result<(Self, JoinHandle<()>), ServerError> {
        let (orders, waiting) = mpsc::channel(QUEUE);
        let tx =
            SqliteTx::new(connection, scope).map_err(|error| ServerError::Database(error.to_string()))?;
        let journal = Watched { tx, hooks, commit_micros: 0 };
        let desk = Desk { journal, hub, stats, ids: SystemIds };
        let thread = thread::Builder::new().name("confab-writer".to_owned());
        let thread = thread.spawn(move || desk.work(waiting)).map_err(ServerError::Thread)?;
        Ok((Self { orders }, thread))
    }

    /// Hands work over; waits while the queue is full.
    pub(crate) async fn submit(&self, work: Box<dyn Work>) -> Result<(), WriterGone> {
        self.orders.send(Order::Do(work)).await.map_err(|_| WriterGone)
    }

    /// Runs a function in the transaction and waits for its commit.
    pub(crate) async fn call<T, F>(&self, run: F) -> Result<T, WireError>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn Tx, Timestamp, &mut dyn Ids) -> DomainResult<Committed<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.submit(Box::new(Errand { run, done: None, answer })).await?;
        answered.await.unwrap_or(Err(ErrorCode::Unavailable.into()))
    }

    /// Takes what was overwritten since the last time out of the file of the log, too. Whoever calls this now and then need not
    /// know whether there is anything, nor whether the last attempt succeeded: a reader may have been in the way.
    pub(crate) async fn scrub(&self) {
        // It has ended already when nobody takes the order.
        let _ = self.orders.send(Order::Scrub).await;
    }

    /// Ends the thread after what was handed over before.
    pub(crate) async fn stop(&self) {
        // It has ended already when nobody takes the order.
        let _ = self.orders.send(Order::Stop).await;
    }
}

/// Work that is a function, with somebody waiting for its value.
struct Errand<T, F> {
    run: F,
    done: Option<Committed<T>>,
    answer: oneshot::Sender<Result<T, WireError>>,
}

impl<T, F> Work for Errand<T, F>
where
    T: Send,
    F: FnMut(&mut dyn Tx, Timestamp, &mut dyn Ids) -> DomainResult<Committed<T>> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx, now: Timestamp, ids: &mut dyn Ids) -> DomainResult<()> {
        self.done = Some((self.run)(tx, now, ids)?);
        Ok(())
    }

    fn committed(self: Box<Self>, told: &mut Vec<hub::Input>) {
        let (value, events) = self.done.expect("invariant: committed work was run");
        if !events.is_empty() {
            told.push(hub::Input::Told(events));
        }
        // Whoever asked may have gone; what is committed stands.
        let _ = self.answer.send(Ok(value));
    }

    fn failed(self: Box<Self>, error: WireError) {
        let _ = self.answer.send(Err(error));
    }
}

/// What the thread owns.
struct Desk<H> {
    journal: Watched<H>,
    hub: mpsc::Sender<Vec<hub::Input>>,
    stats: Arc<Stats>,
    ids: SystemIds,
}

impl<H: Hooks> Desk<H> {
    fn work(mut self, mut waiting: mpsc::Receiver<Order>) {
        let mut orders = Vec::with_capacity(GROUP);
        while waiting.blocking_recv_many(&mut orders, GROUP) > 0 {
            let mut group = Vec::with_capacity(orders.len());
            let (mut stop, mut scrub) = (false, false);
            for order in orders.drain(..) {
                match order {
                    Order::Do(work) => group.push(work),
                    Order::Scrub => scrub = true,
                    Order::Stop => stop = true,
                }
            }
            self.take_group(group);
            if scrub {
                self.journal.tx.scrub();
            }
            if stop {
                break;
            }
        }
        self.close();
    }

    fn take_group(&mut self, mut group: Vec<Box<dyn Work>>) {
        if group.is_empty() {
            return;
        }
        let (ids, written) = (&mut self.ids, self.journal.written());
        match group::commit(&mut self.journal, &mut group, &mut |work, tx| run(&mut **work, tx, ids)) {
            Ok(done) => {
                self.stats.committed(group.len(), self.journal.commit_micros);
                self.note_room(&done.results, written);
                self.tell(group.into_iter().zip(done.results));
            }
            Err(error) => {
                tracing::error!(%error, items = group.len(), "a group could not be committed");
                self.stats.commits_failed_total.fetch_add(1, Relaxed);
                if matches!(error, StoreError::Full) {
                    self.stats.disk_full.store(1, Relaxed);
                }
                let error = DomainError::Store(error).to_wire();
                let error = if error.code.is_passing() { error } else { ErrorCode::Unavailable.into() };
                group.into_iter().for_each(|work| work.failed(error.clone()));
            }
        }
    }

    /// Whether the disk is full, as far as anything was written that could tell.
    fn note_room(&self, results: &[DomainResult<()>], written: u64) {
        let is_full = |result: &DomainResult<()>| matches!(result, Err(DomainError::Store(StoreError::Full)));
        if results.iter().any(is_full) {
            self.stats.disk_full.store(1, Relaxed);
        } else if self.journal.written() != written {
            self.stats.disk_full.store(0, Relaxed);
        }
    }

    fn tell(&self, done: impl ExactSizeIterator<Item = (Box<dyn Work>, DomainResult<()>)>) {
        let mut told = Vec::with_capacity(done.len());
        for (work, result) in done {
            match result {
                Ok(()) => work.committed(&mut told),
                Err(error) => work.failed(refusal(&error)),
            }
        }
        if !told.is_empty() {
            // Without a hub the server is stopping, and nobody is left to be told.
            let _ = self.hub.blocking_send(told);
        }
    }

    fn close(self) {
        let connection = self.journal.tx.connection;
        let emptied = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        if let Err(error) = emptied.and_then(|()| connection.close().map_err(|(_, error)| error)) {
            tracing::warn!(%error, "the database was not closed cleanly; the next start recovers it");
        }
    }
}

/// Runs one piece of work. A defect in it must not take the others of its group with it, nor the server.
fn run(work: &mut dyn Work, tx: &mut dyn Tx, ids: &mut SystemIds) -> DomainResult<()> {
    let run = AssertUnwindSafe(|| work.run(tx, clock::now(), ids));
    catch_unwind(run).unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
}

fn refusal(error: &DomainError) -> WireError {
    if let DomainError::Store(error) = error {
        tracing::error!(%error, "work failed");
    }
    error.to_wire()
}

/// The database, with its commits timed and the hooks before them.
struct Watched<H> {
    tx: SqliteTx<Connection>,
    hooks: H,
    /// How long the last commit took.
    commit_micros: u64,
}

impl<H: Hooks> Journal for Watched<H> {
    fn begin(&mut self) -> StoreResult<()> {
        self.tx.begin()
    }

    fn commit(&mut self) -> StoreResult<()> {
        let started = Instant::now();
        self.hooks.before_commit()?;
        self.tx.commit()?;
        self.hooks.after_commit();
        self.commit_micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn rollback(&mut self) -> StoreResult<()> {
        self.tx.rollback()
    }

    fn savepoint(&mut self) -> StoreResult<()> {
        self.tx.savepoint()
    }

    fn release(&mut self) -> StoreResult<()> {
        self.tx.release()
    }

    fn rollback_to(&mut self) -> StoreResult<()> {
        self.tx.rollback_to()
    }

    fn written(&self) -> u64 {
        self.tx.written()
    }

    fn broke_off(&self) -> bool {
        self.tx.broke_off()
    }

    fn tx(&mut self) -> &mut dyn Tx {
        self.tx.tx()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use confab_protocol::Epoch;
    use uuid::Uuid;

    use super::*;
    use crate::store::SqliteStore;

    struct FailOnce(Arc<AtomicBool>);

    impl Hooks for FailOnce {
        fn before_commit(&mut self) -> StoreResult<()> {
            if self.0.swap(false, Ordering::SeqCst) { Err(StoreError::Full) } else { Ok(()) }
        }
    }

    fn workspace(scope: WorkspaceSid) -> confab_domain::row::WorkspaceRow {
        confab_domain::row::WorkspaceRow {
            sid: scope,
            epoch: Epoch(Uuid::from_u128(1)),
            name: "Fjordline".into(),
            commit: 0,
            owner: None,
            participants_limit: 1_000,
            roles_version: 0,
            date_created: Timestamp(0),
        }
    }

    struct Bench {
        writer: Writer,
        stats: Arc<Stats>,
        connection: Connection,
        news: mpsc::Receiver<Vec<hub::Input>>,
        fail: Arc<AtomicBool>,
        _place: tempfile::TempDir,
    }

    async fn bench() -> Bench {
        bench_with(|_| {}).await
    }

    async fn bench_with(prepare: impl FnOnce(&Connection)) -> Bench {
        let place = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&place.path().join("confab.db")).unwrap();
        let (hub, news) = mpsc::channel(16);
        let fail = Arc::new(AtomicBool::new(false));
        let scope = WorkspaceSid(Uuid::from_u128(9));
        let hooks = FailOnce(Arc::clone(&fail));
        let (stats, connection) = (Arc::new(Stats::default()), store.writing().unwrap());
        prepare(&connection);
        let (writer, _) = Writer::start(connection, scope, hub, Arc::clone(&stats), hooks).unwrap();
        writer.call(move |tx, _, _| Ok((tx.insert_workspace(&workspace(scope))?, Vec::new()))).await.unwrap();
        Bench { writer, stats, connection: store.reading().unwrap(), news, fail, _place: place }
    }

    async fn commits(writer: &Writer) -> u64 {
        writer.call(|tx, _, _| Ok((tx.workspace()?.unwrap().commit, Vec::new()))).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_refused_leaves_nothing_and_the_rest_of_its_group_stands() {
        let bench = bench().await;
        let refused = bench.writer.call(|tx, _, _| {
            tx.next_commit()?;
            Err::<Committed<()>, _>(ErrorCode::Forbidden.into())
        });
        let kept = bench.writer.call(|tx, _, _| Ok((tx.next_commit()?, Vec::new())));
        let (refused, kept) = tokio::join!(refused, kept);
        assert_eq!(refused.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(kept.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_failed_commit_fails_its_group_and_tells_nobody() {
        let mut bench = bench().await;
        assert_eq!(commits(&bench.writer).await, 0);
        while bench.news.try_recv().is_ok() {}
        bench.fail.store(true, Ordering::SeqCst);
        let failed = bench.writer.call(|tx, _, _| Ok((tx.next_commit()?, Vec::new()))).await;
        assert_eq!(failed.unwrap_err().code, ErrorCode::StorageFull);
        assert!(bench.news.try_recv().is_err());
        assert_eq!(commits(&bench.writer).await, 0);
    }

    fn outcome(number: u128) -> confab_domain::row::OutcomeRow {
        confab_domain::row::OutcomeRow {
            user: confab_protocol::UserSid(Uuid::from_u128(1)),
            client_id: confab_protocol::ClientId(Uuid::from_u128(number)),
            method: "m".repeat(2_000),
            payload_hash: [0; 32],
            subject: Uuid::nil(),
            at: Timestamp(5),
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_said_reads_go_on_and_writes_resume_when_there_is_room() {
        let fill = |connection: &Connection| {
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
            connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 20), [], |_| Ok(())).unwrap();
        };
        let bench = bench_with(fill).await;
        let put = |number| {
            bench.writer.call(move |tx, _, _| Ok((tx.insert_outcome(&outcome(number))?, Vec::new())))
        };
        let mut kept = 0;
        let refused = loop {
            match put(kept).await {
                Ok(()) => kept += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(refused.code, ErrorCode::StorageFull);
        assert_eq!(bench.stats.disk_full.load(Ordering::Relaxed), 1);
        assert_eq!(commits(&bench.writer).await, 0);
        assert_eq!(bench.stats.disk_full.load(Ordering::Relaxed), 1, "what writes nothing does not know");
        let there = |bench: &Bench| {
            let count = "SELECT count(*) FROM outcomes";
            bench.connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(there(&bench), i64::try_from(kept).unwrap());
        let freed = bench.writer.call(|tx, _, _| Ok((tx.delete_outcomes(Timestamp(9), 10)?, Vec::new())));
        assert_eq!(freed.await, Ok(10));
        assert_eq!(put(kept).await, Ok(()));
        assert_eq!(bench.stats.disk_full.load(Ordering::Relaxed), 0);
        assert_eq!(there(&bench), i64::try_from(kept).unwrap() - 9);
    }

    #[tokio::test]
    async fn one_piece_of_work_that_finds_no_room_says_so_too() {
        let bench = bench().await;
        let full = bench.writer.call(|_, _, _| Err::<Committed<()>, _>(StoreError::Full.into()));
        assert_eq!(full.await.unwrap_err().code, ErrorCode::StorageFull);
        assert_eq!(bench.stats.disk_full.load(Ordering::Relaxed), 1);
        bench.writer.call(|tx, _, _| Ok((tx.next_commit()?, Vec::new()))).await.unwrap();
        assert_eq!(bench.stats.disk_full.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_defect_is_answered_and_the_writer_goes_on() {
        let bench = bench().await;
        let broken = bench.writer.call(|tx, _, _| -> DomainResult<Committed<()>> {
            tx.next_commit()?;
            panic!("a defect, on purpose")
        });
        assert_eq!(broken.await.unwrap_err().code, ErrorCode::Internal);
        assert_eq!(commits(&bench.writer).await, 0);
    }
}
