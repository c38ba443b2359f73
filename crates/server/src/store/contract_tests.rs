//! The contract that every store keeps, on SQLite.

use confab_domain::Scan;
use confab_domain::group::Journal;
use confab_protocol::WorkspaceSid;
use confab_testkit::contract::{self, StoreUnderTest};
use rusqlite::Connection;
use uuid::Uuid;

use super::{SqliteStore, SqliteTx};

const SCOPE: WorkspaceSid = WorkspaceSid(Uuid::from_u128(1));

struct OnDisk {
    store: SqliteStore,
    tx: SqliteTx<Connection>,
    _place: tempfile::TempDir,
}

impl OnDisk {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&place.path().join("confab.db")).unwrap();
        Self { tx: begun(&store), store, _place: place }
    }
}

fn begun(store: &SqliteStore) -> SqliteTx<Connection> {
    SqliteTx::new(store.writing().unwrap(), SCOPE).unwrap()
}

impl StoreUnderTest for OnDisk {
    fn scope(&self) -> WorkspaceSid {
        SCOPE
    }

    fn journal(&mut self) -> &mut dyn Journal {
        &mut self.tx
    }

    fn read(&mut self, look: &mut dyn FnMut(&dyn Scan)) {
        look(&SqliteTx::new(self.store.reading().unwrap(), SCOPE).unwrap());
    }

    fn reopen(&mut self) {
        self.tx = begun(&self.store);
    }
}

#[test]
fn sqlite_keeps_the_contract() {
    for (name, test) in contract::all() {
        println!("{name}");
        test(&mut OnDisk::new());
    }
}
