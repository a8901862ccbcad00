//! The one thread that writes. It takes what waits in the queue, up to [`GROUP_LENGTH`] appends, into one transaction,
//! commits it, and only then acknowledges each: one flush of the disk serves them all.
//!
//! When a transaction fails, none of its appends is on record, and what was handed in before somebody looked at that
//! failure fails with it: it may follow from facts that are not there.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::error::StoreError;
use super::load::{PROGRAM, digest, to_sql};
use super::pending::{Failure, Pending};
use super::plans::Shown;
use crate::engine::Fact;

/// Most appends in one transaction. Larger groups gain nothing and make the first one wait.
const GROUP_LENGTH: usize = 512;

/// Snapshots that are kept: the newest, and one more should that be unreadable.
const SNAPSHOTS_KEPT: i64 = 2;

/// Something to write, and whom to tell.
#[derive(Debug)]
pub(super) struct Command {
    work: Work,
    /// Failures that were looked at when this was handed in.
    failures_seen: u64,
    reply: oneshot::Sender<Result<u64, Failure>>,
}

/// Something to write.
#[derive(Debug)]
pub(super) enum Work {
    /// Facts as JSON, and those of them that change saved plans.
    Append { bodies: Vec<String>, of_plans: Vec<Fact> },
    /// A state as JSON.
    Snapshot { sequence: u64, body: String },
}

impl Command {
    /// A command, and what tells of its end.
    pub(super) fn new(work: Work, failures_seen: &Arc<AtomicU64>) -> (Command, Pending) {
        let (reply, receiver) = oneshot::channel();
        let command = Command { work, failures_seen: failures_seen.load(Ordering::Acquire), reply };
        (command, Pending::new(receiver, Arc::clone(failures_seen)))
    }
}

/// Starts the thread; it ends when the queue's other end is gone and everything in it is done.
pub(super) fn start(
    connection: Connection,
    path: Arc<PathBuf>,
    standing: Standing,
    commands: Receiver<Command>,
) -> Result<JoinHandle<Result<(), StoreError>>, StoreError> {
    let writer =
        Writer { connection, path: Arc::clone(&path), standing, failures: 0, failure: StoreError::Closed };
    std::thread::Builder::new()
        .name("store".into())
        .spawn(move || writer.run(&commands))
        .map_err(|error| StoreError::of_io(&path, &error))
}

/// What is on record.
#[derive(Debug)]
pub(super) struct Standing {
    /// Number of the last fact.
    pub(super) last: u64,
    /// What the tables of plans show.
    pub(super) plans: Shown,
}

struct Writer {
    connection: Connection,
    path: Arc<PathBuf>,
    standing: Standing,
    /// How many transactions failed.
    failures: u64,
    /// The last of them.
    failure: StoreError,
}

impl Writer {
    fn run(mut self, commands: &Receiver<Command>) -> Result<(), StoreError> {
        let mut group = Vec::new();
        while let Ok(first) = commands.recv() {
            group.push(first);
            while group.len() < GROUP_LENGTH {
                let Ok(next) = commands.try_recv() else { break };
                group.push(next);
            }
            self.write(&mut group);
        }
        let failed = |error| StoreError::of_sqlite(&self.path, &error);
        // Gives a row and no error when a reader stands in the way; the next writer goes on from there.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed)?;
        self.connection.close().map_err(|(_, error)| StoreError::of_sqlite(&self.path, &error))
    }

    /// Writes a group and answers everybody in it.
    fn write(&mut self, group: &mut Vec<Command>) {
        let (late, current): (Vec<_>, Vec<_>) =
            group.drain(..).partition(|command| command.failures_seen < self.failures);
        for command in late {
            self.refuse(command);
        }
        if current.is_empty() {
            return;
        }
        match self.commit(&current) {
            Ok(replies) => {
                for (command, reply) in current.into_iter().zip(replies) {
                    // Nobody has to wait for it.
                    let _ = command.reply.send(reply.map_err(|error| Failure { error, number: 0 }));
                }
            }
            Err(error) => {
                self.failures += 1;
                self.failure = StoreError::of_sqlite(&self.path, &error);
                for command in current {
                    self.refuse(command);
                }
            }
        }
    }

    fn refuse(&self, command: Command) {
        let _ = command.reply.send(Err(Failure { error: self.failure.clone(), number: self.failures }));
    }

    /// Writes a group in one transaction. Gives what to answer to each.
    fn commit(&mut self, group: &[Command]) -> rusqlite::Result<Vec<Result<u64, StoreError>>> {
        let mut last = self.standing.last;
        let mut plans: Option<Shown> = None;
        let mut replies = Vec::with_capacity(group.len());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for command in group {
            replies.push(match &command.work {
                Work::Append { bodies, of_plans } => {
                    let mut insert =
                        transaction.prepare_cached("INSERT INTO facts (sequence, body, digest) VALUES (?1, ?2, ?3)")?;
                    for body in bodies {
                        last += 1;
                        insert.execute((to_sql(last), body, digest(last, body.as_bytes())))?;
                    }
                    let shown = plans.as_ref().unwrap_or(&self.standing.plans).write(&transaction, of_plans)?;
                    plans = shown.or(plans);
                    Ok(last)
                }
                Work::Snapshot { sequence, .. } if *sequence > last => {
                    Err(StoreError::SnapshotAhead { sequence: *sequence, last })
                }
                Work::Snapshot { sequence, body } => {
                    transaction
                        .prepare_cached(
                            "INSERT OR REPLACE INTO snapshots (sequence, program, body, digest) VALUES (?1, ?2, ?3, ?4)",
                        )?
                        .execute((to_sql(*sequence), PROGRAM, body, digest(*sequence, body.as_bytes())))?;
                    transaction
                        .prepare_cached(
                            "DELETE FROM snapshots WHERE sequence NOT IN
                             (SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT ?1)",
                        )?
                        .execute([SNAPSHOTS_KEPT])?;
                    Ok(*sequence)
                }
            });
        }
        transaction.commit()?;
        self.standing.last = last;
        if let Some(plans) = plans {
            self.standing.plans = plans;
        }
        Ok(replies)
    }
}
