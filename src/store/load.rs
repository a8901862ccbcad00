//! Reading facts and snapshots, and folding them into a state.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::error::StoreError;
use crate::engine::{Fact, State};

/// The program that made a snapshot. One of another version is not used, because it may have folded otherwise; facts
/// are the truth and are folded again.
pub(super) const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// What the facts come to.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) state: State,
    pub(super) sequence: u64,
    pub(super) replayed: u64,
    pub(super) notes: Vec<String>,
}

/// Digest of a row: blake3 over its number and its text, the first 16 bytes. SQLite has no checksums of its own; with
/// this one a text that we do not understand is known to be a newer program's and not a damaged one.
pub(super) fn digest(sequence: u64, body: &[u8]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&sequence.to_le_bytes());
    hasher.update(body);
    let mut digest = [0; 16];
    hasher.finalize_xof().fill(&mut digest);
    digest
}

/// SQLite counts in signed numbers; ours never grow so large that it matters.
pub(super) fn to_sql(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

fn from_sql(sequence: i64) -> u64 {
    u64::try_from(sequence).unwrap_or(0)
}

/// Folds what the database holds: the newest usable snapshot, then the facts after it. The caller sees to it that
/// nothing is written meanwhile (the writer) or that it reads in one transaction (a reader).
pub(super) fn load(path: &Path, connection: &Connection) -> Result<Loaded, StoreError> {
    let mut loaded = snapshot(path, connection)?;
    let covered = loaded.sequence;
    each_fact(path, connection, covered + 1, u64::MAX, |sequence, fact| {
        loaded.state.apply(&fact);
        loaded.sequence = sequence;
        loaded.replayed += 1;
    })?;
    if loaded.replayed == 0 && covered > 0 {
        // A snapshot without the fact it ends with: facts were cut off behind it.
        let last = last_sequence(connection).map_err(|error| StoreError::of_sqlite(path, &error))?;
        if last < covered {
            return Err(damaged(path, format!("facts {} to {covered} are missing", last + 1)));
        }
    }
    Ok(loaded)
}

/// Number of the last fact; 0 when there is none.
pub(super) fn last_sequence(connection: &Connection) -> rusqlite::Result<u64> {
    let last: Option<i64> = connection.query_row("SELECT max(sequence) FROM facts", [], |row| row.get(0))?;
    Ok(last.map_or(0, from_sql))
}

/// The newest snapshot that can be used, or an empty state; with a note for each that cannot.
fn snapshot(path: &Path, connection: &Connection) -> Result<Loaded, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of_sqlite(path, &error);
    let mut notes = Vec::new();
    let mut below = i64::MAX;
    loop {
        let row = connection
            .prepare_cached(
                "SELECT sequence, program, body, digest FROM snapshots WHERE sequence < ?1 ORDER BY sequence DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([below], |row| {
                        let bytes = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes()?.to_vec());
                        Ok((row.get(0)?, bytes(1)?, bytes(2)?, bytes(3)?))
                    })
                    .optional()
            })
            .map_err(failed)?;
        let Some((at, program, body, stored)): Option<(i64, _, _, _)> = row else {
            return Ok(Loaded { notes, ..Loaded::default() });
        };
        let sequence = from_sql(at);
        let why = if program != PROGRAM.as_bytes() {
            format!("Wavedeck {} made it", String::from_utf8_lossy(&program))
        } else if stored != digest(sequence, &body) {
            "its bytes were changed".into()
        } else {
            match serde_json::from_slice::<State>(&body) {
                Ok(state) => return Ok(Loaded { state, sequence, replayed: 0, notes }),
                Err(error) => format!("it does not fit this program: {error}"),
            }
        };
        notes.push(format!(
            "The snapshot at fact {sequence} was not used ({why}); its facts were read instead."
        ));
        below = at;
    }
}

/// Gives each fact from number `first` on, at most `limit`, in order and without gaps.
pub(super) fn each_fact(
    path: &Path,
    connection: &Connection,
    first: u64,
    limit: u64,
    mut take: impl FnMut(u64, Fact),
) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of_sqlite(path, &error);
    let mut statement = connection
        .prepare_cached(
            "SELECT sequence, body, digest FROM facts WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2",
        )
        .map_err(failed)?;
    let mut rows = statement.query([to_sql(first), to_sql(limit)]).map_err(failed)?;
    let mut expected = first;
    while let Some(row) = rows.next().map_err(failed)? {
        let sequence = from_sql(row.get(0).map_err(failed)?);
        if sequence != expected {
            return Err(damaged(
                path,
                format!("facts {expected} to {} are missing", sequence.saturating_sub(1)),
            ));
        }
        expected += 1;
        let bytes = |column| {
            row.get_ref(column)
                .map_err(failed)?
                .as_bytes()
                .map_err(|_| damaged(path, format!("the bytes of fact {sequence} were changed")))
        };
        let (body, stored) = (bytes(1)?, bytes(2)?);
        if stored != digest(sequence, body) {
            return Err(damaged(path, format!("the bytes of fact {sequence} were changed")));
        }
        match serde_json::from_slice(body) {
            Ok(fact) => take(sequence, fact),
            Err(error) => {
                let (found, known) =
                    (format!("fact {sequence} ({error})"), format!("the facts of version {PROGRAM}"));
                return Err(StoreError::Newer { path: path.to_owned(), found, known });
            }
        }
    }
    Ok(())
}

fn damaged(path: &Path, detail: String) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), detail }
}
