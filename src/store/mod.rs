//! What we remember: facts with sequence numbers in SQLite (`.wavedeck/wavedeck.db`), written by one thread, with
//! snapshots of the state so that opening is quick. It is not a place for terminal output, which goes to files of its
//! own, and it decides nothing. Uses plan and engine.
//!
//! A fact is acknowledged once its transaction is on disk (WAL, `synchronous=FULL`); appends that wait together share
//! one transaction. A database has one writer: [`Store::open`] holds an advisory lock on `wavedeck.db.lock` beside it,
//! which the system lets go when the process ends, however it ends. [`Reader`] needs no lock and works beside a writer.

pub mod cleo;
mod error;
mod load;
mod pending;
mod plans;
mod reader;
mod schema;
mod writer;

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::engine::{Fact, State};

pub use error::StoreError;
pub use pending::Pending;
pub use reader::Reader;

/// Appends and snapshots that may wait for the writer. When as many wait, [`Store::append`] blocks until the writer has
/// taken some: the one who makes facts is slowed to the speed of the disk, and nothing is dropped.
const QUEUE_LENGTH: usize = 1024;

/// The writer's side of a project's database. Dropping it finishes what was accepted and ends the writer's thread.
#[derive(Debug)]
pub struct Store {
    /// `None` only while the store is being closed.
    queue: Option<SyncSender<writer::Command>>,
    writer: Option<JoinHandle<Result<(), StoreError>>>,
    /// How many failures somebody has looked at; see [`writer`].
    failures_seen: Arc<AtomicU64>,
    path: Arc<PathBuf>,
    /// Held until the writer is gone.
    lock: File,
}

/// A database that was opened, and what is in it.
#[derive(Debug)]
pub struct Opened {
    /// To go on with.
    pub store: Store,
    /// Every fact, folded.
    pub state: State,
    /// Number of the last fact; 0 when there is none.
    pub sequence: u64,
    /// How many facts were folded one by one, because the newest snapshot does not cover them.
    pub replayed: u64,
    /// What the operator should know, a sentence each: a snapshot that could not be used, a database that was empty.
    pub notes: Vec<String>,
}

/// What tests set otherwise than the product does.
#[derive(Debug, Clone, Copy)]
struct Settings {
    /// How long a lock of another connection is waited for.
    busy_timeout: Duration,
    /// Largest number of pages, for want of a disk that is really full.
    pages_max: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { busy_timeout: Duration::from_secs(5), pages_max: None }
    }
}

impl Store {
    /// Opens a project's database for writing, or creates it (mode 0600, its folder must exist), brings its layout up to
    /// date and folds its facts: newest usable snapshot first, then what came after it.
    ///
    /// Opening checks what it reads, so damage among facts that a snapshot covers is found by
    /// [`Reader::integrity_check`] and not here.
    ///
    /// # Errors
    /// [`StoreError`]; the file is never deleted, replaced or repaired.
    pub fn open(path: &Path) -> Result<Opened, StoreError> {
        Store::open_with(path, Settings::default())
    }

    fn open_with(path: &Path, settings: Settings) -> Result<Opened, StoreError> {
        let lock = lock(path)?;
        let mut notes = Vec::new();
        if !create(path)?
            && path.metadata().is_ok_and(|metadata| metadata.len() == 0)
            && !log_of(path).exists()
        {
            notes.push(format!("{} was there but empty; a new record begins in it.", path.display()));
        }
        let failed = |error| StoreError::of_sqlite(path, &error);
        let mut connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(failed)?;
        connection.busy_timeout(settings.busy_timeout).map_err(failed)?;
        schema::check(path, &connection)?;
        schema::configure(&connection, &mut notes).map_err(failed)?;
        schema::migrate(&mut connection).map_err(failed)?;
        if let Some(pages_max) = settings.pages_max {
            connection.pragma_update(None, "max_page_count", pages_max).map_err(failed)?;
        }
        let loaded = load::load(path, &connection)?;
        notes.extend(loaded.notes);

        let (queue, commands) = sync_channel(QUEUE_LENGTH);
        let failures_seen = Arc::new(AtomicU64::new(0));
        let path = Arc::new(path.to_owned());
        let writer = writer::start(
            connection,
            Arc::clone(&path),
            writer::Standing { last: loaded.sequence, plans: plans::Shown::of(&loaded.state) },
            commands,
        )?;
        let store = Store { queue: Some(queue), writer: Some(writer), failures_seen, path, lock };
        Ok(Opened { store, state: loaded.state, sequence: loaded.sequence, replayed: loaded.replayed, notes })
    }

    /// Appends facts, all or none, after everything appended before. Gives the number of the last one once they are on
    /// disk. Blocks only while the writer's queue is full.
    ///
    /// An append that was made before the failure of an earlier one was looked at fails like that one, so that no fact
    /// is ever on record without those it followed from. After a failure the facts of the failed appends are not on
    /// record and the database is as it was; appending again may succeed.
    pub fn append(&self, facts: Vec<Fact>) -> Pending {
        let bodies = facts.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let of_plans = facts.into_iter().filter(plans::concerns).collect();
        match bodies {
            Ok(bodies) => self.submit(writer::Work::Append { bodies, of_plans }),
            Err(error) => Pending::failed(StoreError::io(&self.path, error.to_string())),
        }
    }

    /// Keeps a state so that the next opening is quick: `state` must be the fold of the facts up to `sequence`, which
    /// must be on record. The newest two snapshots are kept.
    pub fn snapshot(&self, sequence: u64, state: &State) -> Pending {
        match serde_json::to_string(state) {
            Ok(body) => self.submit(writer::Work::Snapshot { sequence, body }),
            Err(error) => Pending::failed(StoreError::io(&self.path, error.to_string())),
        }
    }

    /// Finishes what was accepted, moves the write-ahead log into the database and closes it. Dropping does the same
    /// without telling of errors.
    ///
    /// # Errors
    /// When the log could not be moved; nothing is lost, the next opening does it.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.finish()
    }

    fn submit(&self, work: writer::Work) -> Pending {
        let (command, pending) = writer::Command::new(work, &self.failures_seen);
        match &self.queue {
            // A writer that is gone drops the command, and the pending one learns of it.
            Some(queue) => drop(queue.send(command)),
            None => drop(command),
        }
        pending
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        self.queue = None;
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let closed = writer.join().unwrap_or(Err(StoreError::Closed));
        // Said aloud, because a child that is being started holds a copy of the descriptor until it runs its program.
        self.lock.unlock().map_err(|error| StoreError::of_io(&self.path, &error))?;
        closed
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`; the next opening finishes what could not be finished here.
        let _ = self.finish();
    }
}

/// Takes the one writer's lock. A lock file beside the database and not the database itself: closing any descriptor of
/// a file lets go of the POSIX locks that SQLite holds on it.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = with_suffix(path, ".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&lock_path)
        .map_err(|error| StoreError::of_io(&lock_path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(StoreError::of_io(&lock_path, &error)),
    }
}

/// Creates the file, readable by its owner alone, unless it is there. Says whether it was created. SQLite gives the
/// mode of the database to the files that it puts beside it.
fn create(path: &Path) -> Result<bool, StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(StoreError::of_io(path, &error)),
    }
}

/// The write-ahead log of a database.
fn log_of(path: &Path) -> PathBuf {
    with_suffix(path, "-wal")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
