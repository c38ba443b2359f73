//! The schema, as migrations that are only ever appended to.

use rusqlite::Connection;

use super::StoreOpenError;

/// Each takes the database one level up; the level stands in `user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
    include_str!("schema/0005.sql"),
    include_str!("schema/0006.sql"),
    include_str!("schema/0007.sql"),
    include_str!("schema/0008.sql"),
    include_str!("schema/0009.sql"),
    include_str!("schema/0010.sql"),
    include_str!("schema/0011.sql"),
    include_str!("schema/0012.sql"),
    include_str!("schema/0013.sql"),
    include_str!("schema/0014.sql"),
    include_str!("schema/0015.sql"),
    include_str!("schema/0016.sql"),
    include_str!("schema/0017.sql"),
];

/// The level of a database, and the newest one known here.
fn levels(connection: &Connection) -> Result<(u32, u32), StoreOpenError> {
    let known = u32::try_from(MIGRATIONS.len()).expect("invariant: few migrations");
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known { Err(StoreOpenError::Newer { found, known }) } else { Ok((found, known)) }
}

/// Whether a database that may not be changed is of the newest level.
pub(super) fn is_newest(connection: &Connection) -> Result<(), StoreOpenError> {
    let (found, known) = levels(connection)?;
    if found < known { Err(StoreOpenError::Older { found, known }) } else { Ok(()) }
}

/// The newest level known here.
#[cfg(test)]
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("invariant: few migrations")
}

/// Brings a database to the newest level known here.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreOpenError> {
    migrate_with(connection, |_| {})
}

/// The same, with a place at which a test breaks off: a level is written, and not committed.
pub(super) fn migrate_with(
    connection: &mut Connection,
    mut written: impl FnMut(u32),
) -> Result<(), StoreOpenError> {
    let (found, known) = levels(connection)?;
    for (level, migration) in (1..=known).zip(MIGRATIONS).skip(found as usize) {
        let step = connection.transaction()?;
        step.execute_batch(migration)?;
        step.pragma_update(None, "user_version", level)?;
        written(level);
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_database_reaches_the_newest_level_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        let level: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(level as usize, MIGRATIONS.len());
    }

    #[test]
    fn a_device_of_the_first_level_keeps_its_token() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO workspaces (sid, epoch, name, date_created) VALUES (x'01', x'02', 'Harbour', 3);
                 INSERT INTO devices (workspace, sid, user, family_hash, refresh_hash, date_created, last_seen)
                 VALUES (1, x'03', x'04', x'05', x'06', 7, 8)",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let sql = "SELECT generation, refresh_hash FROM devices";
        let kept: (i64, [u8; 1]) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(kept, (0, [6]));
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(matches!(refused, StoreOpenError::Newer { found: 99, .. }));
    }

    #[test]
    fn every_table_is_strict_and_keyed_by_workspace() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let mut tables =
            connection.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").unwrap();
        let rows =
            tables.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))).unwrap();
        for (table, strict) in rows.map(Result::unwrap).filter(|(name, _)| !name.starts_with("sqlite_")) {
            assert!(strict, "{table}");
            let sql = format!("SELECT count(*) FROM pragma_table_info('{table}') WHERE name = 'workspace'");
            let keyed: u32 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(keyed, 1, "{table}");
        }
    }
}
