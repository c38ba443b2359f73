//! Either of the server's stores.

use confab_domain::group::Journal;
use confab_domain::{Read, Scan, Tx};
use confab_protocol::WorkspaceSid;
use confab_server::simulation::Database;
use confab_testkit::MemoryStore;

use crate::plan::StoreKind;

/// A store of one workspace.
pub(crate) enum Db {
    Memory(Box<MemoryStore>),
    Sqlite(Box<Database>),
}

impl Db {
    /// An empty one.
    pub(crate) fn new(kind: StoreKind, scope: WorkspaceSid) -> Self {
        match kind {
            StoreKind::Memory => Self::Memory(Box::new(MemoryStore::new(scope))),
            StoreKind::Sqlite => {
                Self::Sqlite(Box::new(Database::in_memory(scope).expect("a database can be made")))
            }
        }
    }

    pub(crate) fn read(&self) -> &dyn Read {
        match self {
            Self::Memory(store) => &**store,
            Self::Sqlite(database) => database.read(),
        }
    }

    pub(crate) fn scan(&self) -> &dyn Scan {
        match self {
            Self::Memory(store) => &**store,
            Self::Sqlite(database) => database.scan(),
        }
    }

    pub(crate) fn journal(&mut self) -> &mut dyn Journal {
        match self {
            Self::Memory(store) => &mut **store,
            Self::Sqlite(database) => database.journal(),
        }
    }

    /// One transaction of its own.
    pub(crate) fn write<T>(&mut self, run: impl FnOnce(&mut dyn Tx) -> T) -> T {
        let journal = self.journal();
        journal.begin().expect("a transaction can begin");
        let done = run(journal.tx());
        journal.commit().expect("a transaction can be committed");
        done
    }

    /// The power goes: what was not committed is gone.
    pub(crate) fn power_cut(&mut self) {
        match self {
            Self::Memory(store) => store.crash(),
            Self::Sqlite(database) => database.power_cut().expect("a database can be opened again"),
        }
    }

    /// A copy of what is committed.
    pub(crate) fn backup(&self) -> Self {
        match self {
            Self::Memory(store) => Self::Memory(store.clone()),
            Self::Sqlite(database) => {
                Self::Sqlite(Box::new(database.backup().expect("a database can be copied")))
            }
        }
    }
}
