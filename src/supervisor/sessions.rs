//! The driver's sessions, kept by the keeper and shown by the switchboard.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use super::keeper::client::{KeeperClient, KeeperEvent, KeeperEvents};
use super::keeper::protocol::{ChildExit, OnShutdown, SessionRecord, SpawnSession};
use super::rebuild::{Rebuilt, terminal_from_log};
use super::switchboard::{Handle, NewLine, Order, exit_word};
use crate::driver::sessions::{Living, SessionSpec, Sessions};
use crate::engine::AttemptKey;
use crate::engine::input::Exit;
use crate::session::Size;
use crate::session::log::{LogLimits, LogReader, LogWriter};
use crate::session::pty::{self, PtyRead};
use crate::session::terminal::{Terminal, TerminalOptions};

/// Bytes of its log from which the screen and the near past of an adopted terminal are found again.
const ADOPT_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes that are still taken from a terminal whose program has ended while something else keeps printing into it.
const LAST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long programs have to end by themselves when everything ends.
const GRACE: Duration = Duration::from_secs(2);

/// The sessions of a project. Clones speak to the same keeper and the same switchboard.
#[derive(Clone)]
pub(super) struct KeptSessions {
    keeper: Arc<KeeperClient>,
    switchboard: Handle,
}

impl KeptSessions {
    pub(super) fn new(keeper: KeeperClient, switchboard: Handle) -> KeptSessions {
        KeptSessions { keeper: Arc::new(keeper), switchboard }
    }

    /// Ends the keeper, after every session that it holds and everything that those started.
    pub(super) fn end_everything(&self) {
        let grace_ms = u64::try_from(GRACE.as_millis()).unwrap_or(u64::MAX);
        if let Err(error) = self.keeper.shutdown(OnShutdown::End { grace_ms }) {
            tracing::warn!(%error, "the keeper could not be ended");
        }
    }

    /// Puts a session on the switchboard: with an empty grid when it is new, else with the one that its log gives.
    fn show(&self, record: &SessionRecord, master: OwnedFd) -> io::Result<()> {
        let mut log = LogWriter::open(&record.log_directory, LogLimits::default())?;
        if record.exit.is_some() {
            log_last_words(&master, &mut log)?;
        }
        let reader = LogReader::new(&record.log_directory);
        let is_new = reader.extent()?.end == 0;
        let Rebuilt { terminal, from_the_middle } = match is_new {
            true => Rebuilt {
                terminal: Terminal::new(record.size, TerminalOptions::default()),
                from_the_middle: false,
            },
            false => terminal_from_log(&reader, ADOPT_BYTES)?,
        };
        if from_the_middle && record.exit.is_none() {
            redraw(&master, record.size);
        }
        log.note_size(record.size)?;
        let has_ended = record.exit.is_some();
        self.switchboard.order(Order::Attach(Box::new(NewLine {
            name: record.name.clone(),
            label: record.label.clone(),
            attempt: attempt_of(record),
            pid: record.pid,
            master: (!has_ended).then_some(master),
            ended: record.exit.map(|exit| exit_word(exit_of(exit))),
            terminal,
            log: (!has_ended).then_some(log),
        })));
        Ok(())
    }
}

/// What a program that has ended still left in its terminal goes into its log before anyone judges it by that.
fn log_last_words(master: &OwnedFd, log: &mut LogWriter) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut taken = 0;
    while taken < LAST_BYTES_MAX
        && let PtyRead::Bytes(count) = pty::read(master, &mut buffer)?
    {
        log.append(buffer.get(..count).unwrap_or_default())?;
        taken += count;
    }
    Ok(())
}

/// A full-screen program draws itself anew when its size changes: one row less, then as it was.
fn redraw(master: &OwnedFd, size: Size) {
    if size.rows > 1 {
        let _ = pty::resize(master, Size { rows: size.rows - 1, ..size });
        let _ = pty::resize(master, size);
    }
}

fn attempt_of(record: &SessionRecord) -> Option<AttemptKey> {
    serde_json::from_value(record.metadata.get("attempt")?.clone()).ok()
}

fn exit_of(exit: ChildExit) -> Exit {
    match exit {
        ChildExit::Code { code } => Exit::Code { code },
        ChildExit::Signal { signal } => Exit::Signal { signal },
    }
}

impl Sessions for KeptSessions {
    fn open(&mut self, spec: &SessionSpec) -> Result<u32, String> {
        let spawn = SpawnSession {
            name: spec.name.clone(),
            label: spec.label.clone(),
            command: spec.command.clone(),
            directory: spec.directory.clone(),
            environment: pty::inherited_environment(&spec.environment),
            size: spec.size,
            log_directory: spec.log_directory.clone(),
            metadata: serde_json::json!({ "attempt": spec.attempt }),
        };
        let spawned = self.keeper.spawn(spawn).map_err(|error| error.to_string())?;
        let pid = spawned.session.record.pid;
        self.show(&spawned.session.record, spawned.session.master)
            .map_err(|error| format!("the terminal runs, but its log cannot be used: {error}"))?;
        Ok(pid)
    }

    fn end(&mut self, name: &str, grace_ms: u64) {
        if let Err(error) = self.keeper.end(name, Duration::from_millis(grace_ms)) {
            tracing::warn!(%error, name, "a session could not be ended");
        }
    }

    fn forget(&mut self, name: &str) {
        if let Err(error) = self.keeper.forget(name) {
            tracing::debug!(%error, name, "a session could not be forgotten");
        }
    }

    /// Also puts every session on the switchboard that is not there yet: this is how a new supervisor adopts them.
    fn living(&mut self) -> Result<Vec<Living>, String> {
        let sessions = self.keeper.list().map_err(|error| error.to_string())?;
        let mut living = Vec::with_capacity(sessions.len());
        for adopted in sessions {
            let record = adopted.record;
            if let Err(error) = self.show(&record, adopted.master) {
                tracing::error!(%error, name = record.name, "a session's log cannot be used");
            }
            living.push(Living {
                name: record.name.clone(),
                pid: record.pid,
                exit: record.exit.map(exit_of),
                attempt: attempt_of(&record),
            });
        }
        Ok(living)
    }
}

/// Hands what the keeper says unasked to the switchboard, until the keeper is gone.
pub(super) fn hear_keeper(events: &KeeperEvents, switchboard: &Handle) {
    while let Some(event) = events.wait() {
        match event {
            KeeperEvent::Exited { name, exit } => {
                switchboard.order(Order::Ended { session: name, exit: exit_of(exit) });
            }
            KeeperEvent::Ended { .. } => {}
            KeeperEvent::Gone => {
                let text = "The keeper is gone. Terminals go on while this supervisor runs; nothing new can be \
                            started until it is restarted with `wavedeck stop` and `wavedeck`.";
                switchboard.order(Order::Notice { text: text.to_owned(), wrong: true });
            }
        }
    }
}
