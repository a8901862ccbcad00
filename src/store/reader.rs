//! Looking on: for programs that want to know what happened while another one writes, or none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::StoreError;
use super::{load, log_of, schema};
use crate::engine::{Fact, State};

/// A database opened for reading. Never creates, migrates or changes one, and holds up no writer.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    /// A file without any table: there are no facts.
    empty: bool,
}

impl Reader {
    /// Opens a database that is there. Works without the right to write where SQLite can: beside a live writer, or after
    /// one that closed.
    ///
    /// # Errors
    /// [`StoreError::Absent`] when there is none, and the others as they come.
    pub fn open(path: &Path) -> Result<Reader, StoreError> {
        if let Err(error) = path.metadata() {
            return Err(StoreError::of_io(path, &error));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = connect(path, Connection::open_with_flags(path, flags));
        let (connection, layout) = match opened {
            // Without a log, nobody writes and nothing is pending: the file can be read as it stands. SQLite has to be
            // told so, because otherwise it needs the right to create the log's index.
            Err(StoreError::ReadOnly { .. }) if !log_of(path).exists() => {
                let flags = flags | OpenFlags::SQLITE_OPEN_URI;
                connect(path, Connection::open_with_flags(immutable_uri(path), flags))?
            }
            other => other?,
        };
        Ok(Reader { connection, path: path.to_owned(), empty: layout == 0 })
    }

    /// Facts from number `sequence` on (the first fact is 1), at most `limit`, in order.
    ///
    /// # Errors
    /// When one is damaged or from a newer program.
    pub fn facts_from(&self, sequence: u64, limit: usize) -> Result<Vec<(u64, Fact)>, StoreError> {
        let mut facts = Vec::new();
        if !self.empty {
            let limit = u64::try_from(limit).unwrap_or(u64::MAX);
            load::each_fact(&self.path, &self.connection, sequence.max(1), limit, |number, fact| {
                facts.push((number, fact));
            })?;
        }
        Ok(facts)
    }

    /// Number of the last fact and the fold of all, as of one moment.
    ///
    /// # Errors
    /// When a fact is damaged or from a newer program.
    pub fn state(&mut self) -> Result<(u64, State), StoreError> {
        if self.empty {
            return Ok((0, State::default()));
        }
        let path = &self.path;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .map_err(|error| StoreError::of_sqlite(path, &error))?;
        let loaded = load::load(path, &transaction)?;
        Ok((loaded.sequence, loaded.state))
    }

    /// Checks the whole file: SQLite's own check, then that every fact is there with its bytes unchanged. Gives a
    /// sentence for each fault; none when it is sound.
    ///
    /// # Errors
    /// When it could not be checked.
    pub fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        let failed = |error: rusqlite::Error| StoreError::of_sqlite(&self.path, &error);
        let mut faults = Vec::new();
        let mut statement = self.connection.prepare("PRAGMA integrity_check").map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        loop {
            match rows.next() {
                Ok(None) => break,
                Ok(Some(row)) => {
                    let line: String = row.get(0).map_err(failed)?;
                    if line != "ok" {
                        faults.push(line);
                    }
                }
                // Some damage ends the check itself.
                Err(error) => match failed(error) {
                    StoreError::Damaged { detail, .. } => {
                        faults.push(detail);
                        break;
                    }
                    other => return Err(other),
                },
            }
        }
        if !self.empty {
            match load::each_fact(&self.path, &self.connection, 1, u64::MAX, |_, _| ()) {
                Ok(()) => (),
                Err(StoreError::Damaged { detail, .. }) => faults.push(detail),
                Err(other) => return Err(other),
            }
        }
        Ok(faults)
    }
}

/// Makes a fresh connection ready and checks that the file is ours. Gives the number of its layout.
fn connect(path: &Path, connection: rusqlite::Result<Connection>) -> Result<(Connection, i64), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of_sqlite(path, &error);
    let connection = connection.map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(failed)?;
    let layout = schema::check(path, &connection)?;
    Ok((connection, layout))
}

/// `file:` address of a database that nobody writes. Bytes outside the unreserved set of RFC 3986 are escaped.
pub(super) fn immutable_uri(path: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;

    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri.push_str("?immutable=1");
    uri
}
