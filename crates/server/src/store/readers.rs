//! A few connections that only read, each read in a transaction of its own that sees one state.

use std::sync::{Arc, Mutex, PoisonError};

use confab_domain::{DomainError, DomainResult, Read};
use confab_protocol::{ErrorCode, WireError, WorkspaceSid};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::codec::failure;
use super::{SqliteStore, SqliteTx, StoreOpenError, sql};

/// The pool; cheap to clone.
#[derive(Clone)]
pub(crate) struct Readers {
    scope: WorkspaceSid,
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    /// Opens `count` connections.
    pub(crate) fn open(
        store: &SqliteStore,
        scope: WorkspaceSid,
        count: usize,
    ) -> Result<Self, StoreOpenError> {
        let idle = (0..count).map(|_| store.reading()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { scope, turns: Arc::new(Semaphore::new(count)), idle: Arc::new(Mutex::new(idle)) })
    }

    /// The workspace that is read.
    pub(crate) fn scope(&self) -> WorkspaceSid {
        self.scope
    }

    /// Runs a read off the async threads, when a connection is free.
    pub(crate) async fn read<T, F>(&self, run: F) -> Result<T, WireError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> DomainResult<T> + Send + 'static,
    {
        let unavailable = || WireError::new(ErrorCode::Unavailable);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| unavailable())?;
        let pool = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let connection = pool.lock().pop();
            let Some(connection) = connection else { return Err(unavailable()) };
            let result = within(&connection, pool.scope, run);
            pool.lock().push(connection);
            drop(turn);
            result.map_err(|error| error.to_wire())
        });
        task.await.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within<T>(
    connection: &Connection,
    scope: WorkspaceSid,
    run: impl FnOnce(&dyn Read) -> DomainResult<T>,
) -> DomainResult<T> {
    let step = |sql| connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    step(sql::BEGIN_READ).map_err(failure)?;
    // A defect in a read must not keep the connection, nor its view of the database, for ever.
    let run = std::panic::AssertUnwindSafe(|| run(&SqliteTx::new(connection, scope)?));
    let result = std::panic::catch_unwind(run).unwrap_or_else(|_| Err(ErrorCode::Internal.into()));
    step(sql::COMMIT).map_err(failure).map_err(DomainError::from)?;
    result
}
