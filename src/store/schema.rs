//! The layout of the database: numbered migrations, counted by `PRAGMA user_version`, and the settings of a connection.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// `PRAGMA application_id` of our databases: "WvDk".
pub(super) const APPLICATION_ID: i32 = 0x5776_446B;

/// Each brings the layout from its index to its index + 1, in one transaction. Never changed once released.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE facts (
        sequence INTEGER PRIMARY KEY,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT;
    CREATE TABLE snapshots (
        sequence INTEGER PRIMARY KEY,
        program TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE wave_plans (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        epic_id TEXT,
        wave_number INTEGER NOT NULL,
        task_ids TEXT NOT NULL,
        notes TEXT NOT NULL,
        locked_by TEXT,
        locked_at TEXT,
        created_at TEXT NOT NULL,
        slug TEXT NOT NULL,
        document TEXT,
        UNIQUE (slug, wave_number)
    ) STRICT;
    CREATE TABLE wave_plan_slots (
        slug TEXT NOT NULL,
        task_id TEXT NOT NULL,
        wave_number INTEGER NOT NULL,
        position INTEGER NOT NULL,
        note TEXT NOT NULL,
        locked_by TEXT,
        locked_at TEXT,
        document_line INTEGER,
        document_column INTEGER,
        PRIMARY KEY (slug, task_id)
    ) STRICT, WITHOUT ROWID;
",
];

/// Number of the layout that this program knows.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Whether the file is ours and not from a newer program. Gives the number of its layout; 0 when it is empty.
pub(super) fn check(path: &Path, connection: &Connection) -> Result<i64, StoreError> {
    let pragma = |name: &str| -> Result<i64, StoreError> {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(|error| StoreError::of_sqlite(path, &error))
    };
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| StoreError::of_sqlite(path, &error))?;
    let (owner, found) = (pragma("application_id")?, pragma("user_version")?);
    let empty = owner == 0 && found == 0 && tables == 0;
    if !empty && owner != i64::from(APPLICATION_ID) {
        let detail = "it is a database of another program".into();
        return Err(StoreError::NotADatabase { path: path.to_owned(), detail });
    }
    if found > KNOWN {
        let (found, known) = (format!("layout {found}"), format!("layouts up to {KNOWN}"));
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Sets up the writer's connection.
pub(super) fn configure(connection: &Connection, notes: &mut Vec<String>) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        // Some network file systems cannot; facts are as safe, readers may have to wait for the writer.
        notes.push(format!(
            "The database works in journal mode `{mode}`: this file system has no shared memory."
        ));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

/// Brings the layout up to date, one transaction a step. Does nothing when it is.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(migration) = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found)) else {
            return Ok(());
        };
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", found + 1)?;
        transaction.commit()?;
    }
}
