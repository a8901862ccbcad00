//! What can go wrong with the database, told so that the operator knows what happened, what was not lost and what to
//! do next.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why the store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another writer has the database, or another connection held it for longer than we wait.
    #[error(
        "Another program is writing to {}; nothing was changed. Use that one (`wavedeck` attaches to the supervisor that \
         runs), or stop it and try again.", path.display()
    )]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// Its content contradicts itself.
    #[error(
        "{} is damaged: {detail}. It was left as it is, and plan files and agents' logs are not part of it. Copy it \
         away together with its -wal file, then restore a backup, or move it aside to begin a new record.", path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A newer program wrote it.
    #[error(
        "{} was written by a newer Wavedeck: it has {found}, this program knows {known}. Nothing was changed. Update \
         this program, or run the newer one.", path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// What is in it.
        found: String,
        /// What this program knows.
        known: String,
    },
    /// There is no room to write.
    #[error(
        "There is no room left to write to {}. What was acknowledged before is safe, this was not written. Make room, \
         then try again.", path.display()
    )]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// It may not be written, or not even read.
    #[error(
        "{} may not be opened as needed: {detail}. Nothing was changed. Give yourself the right to write the file and \
         its folder, or run as its owner.", path.display()
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// It is something else.
    #[error(
        "{} is not a Wavedeck database ({detail}). It was left as it is. If it was one, its beginning was overwritten: \
         restore a backup; else move it aside.", path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What it is, as far as we know.
        detail: String,
    },
    /// It is not there, and a reader creates nothing.
    #[error("There is no {}: nothing was run in this project yet.", path.display())]
    Absent {
        /// The database.
        path: PathBuf,
    },
    /// A snapshot was offered for facts that are not on record.
    #[error(
        "A snapshot at fact {sequence} was not kept: the last fact on record is {last}. No fact was lost."
    )]
    SnapshotAhead {
        /// What it claims to cover.
        sequence: u64,
        /// What is on record.
        last: u64,
    },
    /// The writer is gone.
    #[error(
        "The store is closed. What was acknowledged before is safe, this was not written. Open it again."
    )]
    Closed,
    /// The system failed otherwise.
    #[error(
        "{} could not be read or written: {detail}. What was acknowledged before is safe, this was not done. See to \
         the disk, then try again.", path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
}

impl StoreError {
    /// What an error of SQLite means for the database at `path`.
    pub(super) fn of_sqlite(path: &Path, error: &rusqlite::Error) -> StoreError {
        let path = path.to_owned();
        let detail = error.to_string();
        let rusqlite::Error::SqliteFailure(failure, _) = error else {
            // A column that is not of its declared type and the like: our own statements never ask for another.
            return StoreError::Damaged { path, detail };
        };
        if matches!(failure.extended_code, ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS) {
            return StoreError::Damaged { path, detail };
        }
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Locked { path },
            ErrorCode::DatabaseCorrupt => StoreError::Damaged { path, detail },
            ErrorCode::NotADatabase => StoreError::NotADatabase { path, detail },
            ErrorCode::DiskFull => StoreError::Full { path },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::ReadOnly { path, detail },
            // SQLite says no more than "unable to open": the system does.
            ErrorCode::CannotOpen => match std::fs::File::open(&path) {
                Err(error) => StoreError::of_io(&path, &error),
                Ok(_) => StoreError::ReadOnly { path, detail },
            },
            _ => StoreError::Io { path, detail },
        }
    }

    /// What an error of the system means for the file at `path`.
    pub(super) fn of_io(path: &Path, error: &io::Error) -> StoreError {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly { path, detail: error.to_string() }
            }
            io::ErrorKind::NotFound => StoreError::Absent { path },
            _ => StoreError::Io { path, detail: error.to_string() },
        }
    }

    /// Any other failure.
    pub(super) fn io(path: &Path, detail: String) -> StoreError {
        StoreError::Io { path: path.to_owned(), detail }
    }
}
