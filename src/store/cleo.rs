//! Reading stores of CLEO, which are SQLite databases of somebody else: never written to, and no file is left beside
//! them.
//!
//! Merely opening a database with a write-ahead log for reading makes SQLite put files beside it. So a store that no
//! program has open (it has no shared memory file) is read as it stands if its log is empty, and from a copy if not; one
//! that a program has open is read beside that program, whose files are there already. Layouts are those of CLEO from
//! February 2026 on: `tasks` and its companions, and since May 2026 the same with the prefix `tasks_`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use serde_json::{Map, Value};

use super::error::StoreError;
use super::reader::immutable_uri;
use super::{log_of, with_suffix};
use crate::plan::backlog::import::cleo::Rows;

/// Where a project has its store, the newest layout first.
pub const PLACES: [&str; 2] = [".cleo/cleo.db", ".cleo/tasks.db"];

/// How often a store is read again because it changed meanwhile.
const TRIES: u32 = 3;

/// Prefixes of tables, the newest layout first.
const PREFIXES: [&str; 2] = ["tasks_", ""];

/// Why a store could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CleoError {
    /// The database.
    #[error("{}", because(.0))]
    Database(StoreError),
    /// It is a database without a table of tasks.
    #[error("{} holds no tasks of CLEO: it has no table `tasks` and no table `tasks_tasks`", path.display())]
    NoTasks {
        /// The database.
        path: PathBuf,
    },
    /// It changed whenever it was read.
    #[error("{} changes faster than it can be read; try again when it is quiet", path.display())]
    Restless {
        /// The database.
        path: PathBuf,
    },
}

/// Errors of our own database speak of our own database.
fn because(error: &StoreError) -> String {
    match error {
        StoreError::Locked { path } => {
            format!("{} is locked by another program for too long", path.display())
        }
        StoreError::Damaged { path, detail } => format!("{} is damaged: {detail}", path.display()),
        StoreError::Absent { path } => format!("there is no {}", path.display()),
        StoreError::ReadOnly { path, detail } => format!("{} cannot be opened: {detail}", path.display()),
        StoreError::NotADatabase { path, detail } => format!("{} is no database: {detail}", path.display()),
        StoreError::Io { path, detail } => format!("{} cannot be read: {detail}", path.display()),
        StoreError::Full { .. }
        | StoreError::Newer { .. }
        | StoreError::SnapshotAhead { .. }
        | StoreError::Closed => error.to_string(),
    }
}

/// The store of a project folder: of the databases that are there, the first with a task in it, else the first.
/// `None` when there is none.
///
/// # Errors
/// When one that is there cannot be read.
pub fn store_of(project: &Path) -> Result<Option<PathBuf>, CleoError> {
    let mut first = None;
    for path in PLACES.iter().map(|place| project.join(place)).filter(|path| path.is_file()) {
        match read(&path) {
            Ok(rows) if !rows.tasks.is_empty() => return Ok(Some(path)),
            Ok(_) | Err(CleoError::NoTasks { .. }) => first = first.or(Some(path)),
            Err(error) => return Err(error),
        }
    }
    Ok(first)
}

/// What tells one state of a store from another: size and time of the database and of its log.
pub fn stamp(path: &Path) -> Vec<Option<(u64, SystemTime)>> {
    let of = |path: &Path| path.metadata().ok().and_then(|meta| Some((meta.len(), meta.modified().ok()?)));
    vec![of(path), of(&log_of(path))]
}

/// Every task of a store with what belongs to it, as of one moment.
///
/// # Errors
/// [`CleoError`].
pub fn read(path: &Path) -> Result<Rows, CleoError> {
    for _ in 0..TRIES {
        let before = stamp(path);
        let rows = match way_to(path) {
            Way::Beside => rows(path, &open(path, path, OpenFlags::empty())?)?,
            Way::AsItStands => {
                let rows = rows(path, &open(path, immutable_uri(path), OpenFlags::SQLITE_OPEN_URI)?);
                if stamp(path) != before {
                    continue;
                }
                rows?
            }
            Way::Copied => {
                let folder = tempfile::tempdir().map_err(|error| io(path, &error))?;
                let copy = folder.path().join("copy.db");
                fs::copy(path, &copy).map_err(|error| io(path, &error))?;
                fs::copy(log_of(path), log_of(&copy)).map_err(|error| io(path, &error))?;
                if stamp(path) != before {
                    continue;
                }
                rows(path, &open(path, &copy, OpenFlags::empty())?)?
            }
        };
        return Ok(rows);
    }
    Err(CleoError::Restless { path: path.to_owned() })
}

/// How a store can be read without leaving anything behind.
enum Way {
    /// A program has it open.
    Beside,
    /// Nobody has, and everything is in the database itself.
    AsItStands,
    /// Nobody has, and the log holds what the database does not.
    Copied,
}

fn way_to(path: &Path) -> Way {
    let log = log_of(path).metadata();
    match log {
        Ok(log) if log.len() > 0 && with_suffix(path, "-shm").exists() => Way::Beside,
        Ok(log) if log.len() > 0 => Way::Copied,
        Ok(_) | Err(_) => Way::AsItStands,
    }
}

/// Opens `place` for reading; errors speak of `path`.
fn open(path: &Path, place: impl AsRef<Path>, flags: OpenFlags) -> Result<Connection, CleoError> {
    if let Err(error) = path.metadata() {
        return Err(io(path, &error));
    }
    let failed = |error| CleoError::Database(StoreError::of_sqlite(path, &error));
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(place, flags).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(failed)?;
    connection.pragma_update(None, "query_only", true).map_err(failed)?;
    Ok(connection)
}

fn rows(path: &Path, connection: &Connection) -> Result<Rows, CleoError> {
    let failed = |error| CleoError::Database(StoreError::of_sqlite(path, &error));
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(failed)?;
    let tables = tables(&transaction).map_err(failed)?;
    let mut best: Option<Rows> = None;
    for prefix in PREFIXES.iter().filter(|prefix| tables.contains(&format!("{prefix}tasks"))) {
        let found = layout(&transaction, prefix, &tables).map_err(failed)?;
        // A store that was moved over only in part has both layouts: the one that holds something counts.
        if best.as_ref().is_none_or(|best| best.tasks.is_empty() && !found.tasks.is_empty()) {
            best = Some(found);
        }
    }
    best.ok_or_else(|| CleoError::NoTasks { path: path.to_owned() })
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Everything in the tables with this prefix.
fn layout(connection: &Connection, prefix: &str, tables: &[String]) -> rusqlite::Result<Rows> {
    let mut known = Vec::new();
    let mut columns = |table: &str, wanted: [&str; 3]| -> rusqlite::Result<Vec<(String, String, String)>> {
        let table = format!("{prefix}{table}");
        if !tables.contains(&table) {
            return Ok(Vec::new());
        }
        let rows = texts(connection, &table, wanted)?;
        known.push(table);
        Ok(rows)
    };
    let dependencies = columns("task_dependencies", ["task_id", "depends_on", "''"])?;
    let relations = columns("task_relations", ["task_id", "related_to", "relation_type"])?;
    let acceptance = columns("task_acceptance_criteria", ["task_id", "text", "''"])?;
    let tasks_table = format!("{prefix}tasks");
    let tasks = records(connection, &tasks_table)?;
    known.push(tasks_table);
    let mut other_tables = Vec::new();
    for table in tables.iter().filter(|table| !known.contains(table)) {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if count > 0 {
            other_tables.push((table.clone(), usize::try_from(count).unwrap_or_default()));
        }
    }
    other_tables.sort();
    let pair = |(one, other, _): (String, String, String)| (one, other);
    Ok(Rows {
        tasks,
        dependencies: dependencies.into_iter().map(pair).collect(),
        relations,
        acceptance: acceptance.into_iter().map(pair).collect(),
        other_tables,
    })
}

/// Three columns of a table as texts, in the order in which it has its rows.
fn texts(
    connection: &Connection,
    table: &str,
    columns: [&str; 3],
) -> rusqlite::Result<Vec<(String, String, String)>> {
    let columns = columns.map(|column| format!("coalesce({column}, '')")).join(", ");
    let mut statement = connection.prepare(&format!("SELECT {columns} FROM {}", quoted(table)))?;
    statement.query_map([], |row| Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?)))?.collect()
}

fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match value(row.get_ref(column)?) {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

/// Every row of a table, whatever columns it has.
fn records(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Map<String, Value>>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {}", quoted(table)))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let mut record = Map::new();
        for (column, name) in names.iter().enumerate() {
            record.insert(name.clone(), value(row.get_ref(column)?));
        }
        records.push(record);
    }
    Ok(records)
}

/// A value of SQLite as JSON; bytes that are no text are told by their number.
fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::from(number),
        ValueRef::Real(number) => Value::from(number),
        ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => Value::from(format!("{} bytes", bytes.len())),
    }
}

fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}

fn io(path: &Path, error: &std::io::Error) -> CleoError {
    CleoError::Database(StoreError::of_io(path, error))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use rusqlite::Connection;

    use super::{CleoError, read, store_of};

    const OLD: &str = "
        CREATE TABLE tasks (id TEXT PRIMARY KEY, title TEXT, status TEXT, type TEXT, parent_id TEXT, files_json TEXT);
        CREATE TABLE task_dependencies (task_id TEXT, depends_on TEXT);
        CREATE TABLE schema_meta (key TEXT, value TEXT);
        INSERT INTO tasks VALUES ('T1', 'One', 'done', 'task', NULL, '[\"a.rs\"]'), ('T2', 'Two', 'pending', NULL, 'T1', NULL);
        INSERT INTO task_dependencies VALUES ('T2', 'T1');
        INSERT INTO schema_meta VALUES ('schemaVersion', '1'), ('x', 'y');
    ";

    const NEW: &str = "
        CREATE TABLE tasks_tasks (id TEXT PRIMARY KEY, title TEXT, status TEXT, priority TEXT, type TEXT, parent_id TEXT);
        CREATE TABLE tasks_task_dependencies (task_id TEXT, depends_on TEXT);
        CREATE TABLE tasks_task_relations (task_id TEXT, related_to TEXT, relation_type TEXT);
        CREATE TABLE tasks_task_acceptance_criteria (task_id TEXT, ordinal INTEGER, text TEXT);
        INSERT INTO tasks_tasks VALUES ('S1', 'Saga', 'pending', 'high', 'saga', NULL);
        INSERT INTO tasks_task_relations VALUES ('S1', 'S1', 'related');
        INSERT INTO tasks_task_acceptance_criteria VALUES ('S1', 1, 'It holds');
    ";

    fn make(path: &Path, sql: &str) -> Connection {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let connection = Connection::open(path).unwrap();
        connection.execute_batch(sql).unwrap();
        connection
    }

    fn listing(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn both_layouts_are_read_with_whatever_columns_they_have() {
        let folder = tempfile::tempdir().unwrap();
        drop(make(&folder.path().join("old.db"), OLD));
        drop(make(&folder.path().join("new.db"), NEW));
        let old = read(&folder.path().join("old.db")).unwrap();
        assert_eq!((old.tasks.len(), old.dependencies.len()), (2, 1));
        assert_eq!(old.tasks[0]["files_json"], "[\"a.rs\"]");
        assert_eq!(old.other_tables, [("schema_meta".to_owned(), 2)]);
        let new = read(&folder.path().join("new.db")).unwrap();
        assert_eq!((new.tasks.len(), new.relations.len()), (1, 1));
        assert_eq!(new.acceptance, [("S1".to_owned(), "It holds".to_owned())]);
        assert_eq!(listing(folder.path()), ["new.db", "old.db"]);
    }

    #[test]
    fn no_file_is_left_beside_a_store_whoever_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tasks.db");
        let writer = make(&path, &format!("PRAGMA journal_mode = WAL; {OLD}"));
        let open = listing(folder.path());
        assert_eq!(open, ["tasks.db", "tasks.db-shm", "tasks.db-wal"]);
        // Beside the program that has it open: what it committed last is seen.
        assert_eq!(read(&path).unwrap().tasks.len(), 2);
        assert_eq!(listing(folder.path()), open);

        // As a killed program leaves it: a log with everything in it, and nobody there.
        let left = tempfile::tempdir().unwrap();
        for name in ["tasks.db", "tasks.db-wal"] {
            fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
        }
        let log = fs::read(left.path().join("tasks.db-wal")).unwrap();
        assert_eq!(read(&left.path().join("tasks.db")).unwrap().tasks.len(), 2);
        assert_eq!(listing(left.path()), ["tasks.db", "tasks.db-wal"]);
        assert_eq!(fs::read(left.path().join("tasks.db-wal")).unwrap(), log);

        // Closed: the database alone, still with the header of one that has a log.
        writer.close().unwrap();
        assert_eq!(listing(folder.path()), ["tasks.db"]);
        assert_eq!(read(&path).unwrap().tasks.len(), 2);
        assert_eq!(listing(folder.path()), ["tasks.db"]);
    }

    #[test]
    fn of_two_stores_the_one_that_holds_tasks_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(store_of(folder.path()).unwrap(), None);
        let (old, new) = (folder.path().join(".cleo/tasks.db"), folder.path().join(".cleo/cleo.db"));
        drop(make(&old, OLD));
        assert_eq!(store_of(folder.path()).unwrap().as_ref(), Some(&old));
        let moved = make(&new, &NEW.replace("INSERT INTO tasks_tasks", "-- "));
        assert_eq!(store_of(folder.path()).unwrap().as_ref(), Some(&old));
        moved.execute("INSERT INTO tasks_tasks (id) VALUES ('T1')", []).unwrap();
        drop(moved);
        assert_eq!(store_of(folder.path()).unwrap(), Some(new));
    }

    #[test]
    fn what_is_no_store_is_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let text = |error: CleoError| error.to_string().replace(&path.display().to_string(), "x.db");
        assert_eq!(text(read(&path).unwrap_err()), "there is no x.db");
        fs::write(&path, "not a database, but long enough to look at").unwrap();
        assert!(text(read(&path).unwrap_err()).starts_with("x.db is no database"));
        fs::remove_file(&path).unwrap();
        drop(make(&path, "CREATE TABLE other (id TEXT)"));
        assert_eq!(
            text(read(&path).unwrap_err()),
            "x.db holds no tasks of CLEO: it has no table `tasks` and no table `tasks_tasks`"
        );
    }
}
