//! The contract that every store keeps, on SQLite.

use confab_domain::{Read, StoreResult};
use confab_protocol::WorkspaceSid;
use confab_testkit::contract::{self, Item, StoreUnderTest};
use rusqlite::Connection;
use uuid::Uuid;

use super::codec::failure;
use super::{SqliteStore, SqliteTx, sql};

struct OnDisk {
    place: tempfile::TempDir,
    connection: Connection,
}

impl OnDisk {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let connection = open(&place);
        Self { place, connection }
    }

    fn step(&self, sql: &str) -> StoreResult<()> {
        self.connection.execute_batch(sql).map_err(failure)
    }
}

fn open(place: &tempfile::TempDir) -> Connection {
    SqliteStore::open(&place.path().join("confab.db")).unwrap().writing().unwrap()
}

impl StoreUnderTest for OnDisk {
    fn scope(&self) -> WorkspaceSid {
        WorkspaceSid(Uuid::from_u128(1))
    }

    fn write(&mut self, items: &mut [Item<'_>]) -> StoreResult<Vec<StoreResult<()>>> {
        self.step(sql::BEGIN)?;
        let mut tx = SqliteTx::new(&self.connection, self.scope())?;
        let mut results = Vec::new();
        for item in items {
            self.step(sql::SAVEPOINT)?;
            let result = item(&mut tx);
            if result.is_err() {
                self.step(sql::ROLLBACK_TO)?;
            }
            self.step(sql::RELEASE)?;
            results.push(result);
        }
        self.step(sql::COMMIT)?;
        Ok(results)
    }

    fn read(&mut self, look: &mut dyn FnMut(&dyn Read)) {
        self.step(sql::BEGIN_READ).unwrap();
        look(&SqliteTx::new(&self.connection, self.scope()).unwrap());
        self.step(sql::COMMIT).unwrap();
    }

    fn reopen(&mut self) {
        self.connection = open(&self.place);
    }
}

#[test]
fn sqlite_keeps_the_contract() {
    for (name, test) in contract::all() {
        println!("{name}");
        test(&mut OnDisk::new());
    }
}
