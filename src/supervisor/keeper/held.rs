//! One session as the keeper holds it: its child, its master, and its log while no supervisor reads.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::protocol::{ChildExit, SessionRecord, SpawnSession};
use crate::session::Size;
use crate::session::log::{LogLimits, LogWriter};
use crate::session::pty::{self, PtyRead, Spawned};

/// Reads of one master before the others get their turn; about 4 KB each.
const READS_PER_TURN: usize = 16;

#[derive(Debug)]
pub(super) struct HeldSession {
    label: String,
    command: Vec<String>,
    directory: PathBuf,
    log_directory: PathBuf,
    metadata: serde_json::Value,
    size: Size,
    pid: u32,
    exit: Option<ChildExit>,
    master: Arc<OwnedFd>,
    log: Option<LogWriter>,
    unlogged_bytes: u64,
    /// Nobody holds the other end of the terminal. Polling it would wake at once for nothing.
    hung_up: bool,
}

impl HeldSession {
    pub(super) fn new(session: SpawnSession, spawned: Spawned) -> Self {
        Self {
            label: session.label,
            command: session.command,
            directory: session.directory,
            log_directory: session.log_directory,
            metadata: session.metadata,
            size: session.size,
            pid: spawned.pid,
            exit: None,
            master: Arc::new(spawned.master),
            log: None,
            unlogged_bytes: 0,
            hung_up: false,
        }
    }

    pub(super) fn record(&self, name: &str) -> SessionRecord {
        SessionRecord {
            name: name.to_owned(),
            label: self.label.clone(),
            command: self.command.clone(),
            directory: self.directory.clone(),
            log_directory: self.log_directory.clone(),
            metadata: self.metadata.clone(),
            pid: self.pid,
            size: pty::size(&self.master).unwrap_or(self.size),
            exit: self.exit,
            unlogged_bytes: self.unlogged_bytes,
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn exit(&self) -> Option<ChildExit> {
        self.exit
    }

    /// Its child has ended, and the state folder around its log folder is gone, with the project: nobody will ever take its exit.
    pub(super) fn is_abandoned(&self) -> bool {
        self.exit.is_some() && !self.log_directory.ancestors().nth(2).is_some_and(Path::exists)
    }

    pub(super) fn ended(&mut self, exit: ChildExit) {
        self.exit = Some(exit);
        self.hung_up = false;
    }

    pub(super) fn master(&self) -> &Arc<OwnedFd> {
        &self.master
    }

    /// Whether there may be something to drain.
    pub(super) fn may_print(&self) -> bool {
        !self.hung_up
    }

    /// No supervisor reads any more.
    pub(super) fn begin_draining(&mut self) {
        self.hung_up = false;
    }

    /// A supervisor is there: it reads and it writes the log from here on.
    pub(super) fn stop_draining(&mut self) {
        self.log = None;
    }

    /// Moves what the child printed into the log. What the log does not take is dropped and counted: a child that waits
    /// for a disk to be emptied would be worse.
    pub(super) fn drain(&mut self) {
        let mut buffer = [0; 8192];
        for _ in 0..READS_PER_TURN {
            match pty::read(&self.master, &mut buffer) {
                Ok(PtyRead::Bytes(count)) => self.log(buffer.get(..count).unwrap_or_default()),
                Ok(PtyRead::Nothing) => return,
                Ok(PtyRead::End) | Err(_) => {
                    self.hung_up = true;
                    return;
                }
            }
        }
    }

    fn log(&mut self, bytes: &[u8]) {
        if self.log.is_none() {
            self.log = LogWriter::open(&self.log_directory, LogLimits::default()).ok();
        }
        let Some(log) = &mut self.log else {
            self.unlogged_bytes += bytes.len() as u64;
            return;
        };
        let before = log.end();
        if log.append(bytes).is_err() {
            self.unlogged_bytes += bytes.len() as u64 - (log.end() - before);
            self.log = None;
        }
    }
}
