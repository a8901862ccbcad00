//! One terminal on the switchboard: its pseudo-terminal, its grid, its log, and what is still to be written to it.

use std::collections::VecDeque;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use crate::engine::{AttemptKey, Time};
use crate::session::Size;
use crate::session::event::TerminalEvent;
use crate::session::keys::TerminalInput;
use crate::session::log::LogWriter;
use crate::session::pty::{self, PtyRead, PtyWrite};
use crate::session::terminal::Terminal;

use crate::supervisor::protocol::SessionInfo;

/// Bytes that may wait for a child that does not read. What is more is not delivered, and the sender is told.
const UNREAD_INPUT_BYTES_MAX: usize = 1024 * 1024;

/// A terminal and what belongs to it.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) attempt: Option<AttemptKey>,
    pub(super) pid: u32,
    /// `None` once the child's side is closed, and for terminals that were rebuilt from their log only.
    pub(super) master: Option<OwnedFd>,
    pub(super) terminal: Terminal,
    log: Option<LogWriter>,
    /// Grows with everything that may have changed the screen.
    pub(super) changes: u64,
    /// The descriptor may have more to read.
    pub(super) readable: bool,
    printed_at: Option<Instant>,
    unwritten: VecDeque<u8>,
    /// The keeper that would say how it ends is gone.
    pub(super) orphaned: bool,
    /// How it ended, as a word.
    pub(super) ended: Option<String>,
    pub(super) last_output_at: Option<Time>,
    pub(super) bell: bool,
}

/// What came of reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ReadOutcome {
    /// Bytes that were read.
    pub(super) bytes: usize,
    /// The child's side is closed.
    pub(super) hung_up: bool,
    /// The log could not be written.
    pub(super) log_failed: bool,
    /// Title, bell or the like changed, so lists of sessions are to be told.
    pub(super) told: bool,
}

/// Everything that a line starts with.
pub struct NewLine {
    /// Name of the session.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The attempt it belongs to.
    pub attempt: Option<AttemptKey>,
    /// Process id of the session leader.
    pub pid: u32,
    /// Master side of its pseudo-terminal, non-blocking; `None` for a terminal that has ended.
    pub master: Option<OwnedFd>,
    /// How it ended, as a word; `None` while it runs.
    pub ended: Option<String>,
    /// Its grid, rebuilt from the log where there was one.
    pub terminal: Terminal,
    /// Its log; `None` for a terminal that has ended.
    pub log: Option<LogWriter>,
}

impl Line {
    pub(super) fn new(new: NewLine) -> Line {
        Line {
            name: new.name,
            label: new.label,
            attempt: new.attempt,
            pid: new.pid,
            readable: new.master.is_some(),
            master: new.master,
            terminal: new.terminal,
            log: new.log,
            changes: 1,
            printed_at: None,
            unwritten: VecDeque::new(),
            orphaned: false,
            ended: new.ended,
            last_output_at: None,
            bell: false,
        }
    }

    pub(super) fn info(&self) -> SessionInfo {
        SessionInfo {
            session: self.name.clone(),
            label: self.label.clone(),
            attempt: self.attempt.clone(),
            agent: self.attempt.as_ref().map(|attempt| attempt.agent.clone()),
            pid: self.pid,
            title: self.terminal.title().to_owned(),
            running: self.ended.is_none(),
            ended: self.ended.clone(),
            last_output_at: self.last_output_at,
            bell: self.bell,
        }
    }

    /// Reads up to `budget_bytes`, logs them, then feeds the grid. The log comes first: what was read and then lost with
    /// this process would be lost for good.
    pub(super) fn read(&mut self, buffer: &mut [u8], budget_bytes: usize, now: Time) -> ReadOutcome {
        let mut outcome = ReadOutcome::default();
        let Some(master) = &self.master else {
            self.readable = false;
            return outcome;
        };
        let limit = budget_bytes.min(buffer.len());
        while let Some(space) = buffer.get_mut(outcome.bytes..limit).filter(|space| !space.is_empty()) {
            match pty::read(master, space) {
                Ok(PtyRead::Bytes(bytes)) => outcome.bytes += bytes,
                Ok(PtyRead::Nothing) => {
                    self.readable = false;
                    break;
                }
                Ok(PtyRead::End) | Err(_) => {
                    outcome.hung_up = true;
                    break;
                }
            }
        }
        if outcome.bytes > 0 {
            let read = buffer.get(..outcome.bytes).unwrap_or_default();
            if let Some(log) = &mut self.log {
                outcome.log_failed = log.append(read).is_err();
            }
            self.terminal.feed(read);
            self.after_feed(now, &mut outcome);
        }
        if outcome.hung_up {
            self.readable = false;
        }
        outcome
    }

    fn after_feed(&mut self, now: Time, outcome: &mut ReadOutcome) {
        self.changes += 1;
        self.printed_at = Some(Instant::now());
        let second = Time(now.0 / 1000 * 1000);
        if self.last_output_at != Some(second) {
            self.last_output_at = Some(second);
            outcome.told = true;
        }
        let replies = self.terminal.take_replies();
        if !replies.is_empty() {
            self.write(&replies);
        }
        for event in self.terminal.take_events() {
            match event {
                TerminalEvent::Bell => {
                    outcome.told |= !self.bell;
                    self.bell = true;
                }
                TerminalEvent::Title(_) => outcome.told = true,
                _ => {}
            }
        }
    }

    /// When it last printed; `None` while it has more to read.
    pub(super) fn silent_since(&self) -> Option<Instant> {
        self.printed_at.filter(|_| !self.readable)
    }

    /// Encodes what the operator did by the child's modes and writes it. Returns whether all of it was taken.
    pub(super) fn input(&mut self, input: &TerminalInput) -> bool {
        self.bell = false;
        let bytes = self.terminal.encode(input);
        self.write(&bytes)
    }

    /// Writes bytes to the child, at once as far as it takes them. `false` when it takes so little that they had to be
    /// refused.
    pub(super) fn write(&mut self, bytes: &[u8]) -> bool {
        if self.master.is_none() || self.unwritten.len() + bytes.len() > UNREAD_INPUT_BYTES_MAX {
            return bytes.is_empty();
        }
        self.unwritten.extend(bytes);
        self.flush();
        true
    }

    /// Writes what is waiting, as far as the child takes it.
    pub(super) fn flush(&mut self) {
        let Some(master) = &self.master else {
            self.unwritten.clear();
            return;
        };
        while !self.unwritten.is_empty() {
            let (front, _) = self.unwritten.as_slices();
            match pty::write(master, front) {
                Ok(PtyWrite::Bytes(bytes)) => drop(self.unwritten.drain(..bytes)),
                Ok(PtyWrite::Full) => break,
                Ok(PtyWrite::End) | Err(_) => self.unwritten.clear(),
            }
        }
    }

    /// Gives grid, child and log a new size. Nothing happens when it has it already.
    pub(super) fn resize(&mut self, size: Size) {
        if self.terminal.size() == size {
            return;
        }
        self.terminal.resize(size);
        self.changes += 1;
        if let Some(log) = &mut self.log {
            // A lost size only makes a later rebuilding less exact.
            let _ = log.note_size(size);
        }
        if let Some(master) = &self.master {
            let _ = pty::resize(master.as_fd(), size);
        }
    }

    /// Ends a synchronized update whose time is up; gives the time that is still to wait for otherwise.
    pub(super) fn end_synchronized(&mut self, now: Instant) -> Option<Instant> {
        let until = self.terminal.synchronized_until()?;
        if until > now {
            return Some(until);
        }
        self.terminal.end_synchronized();
        self.changes += 1;
        None
    }
}
