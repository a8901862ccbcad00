//! Terminals on the switchboard: in which order they are read, and what happens when they come, end and go.

use std::os::fd::AsRawFd;

use mio::unix::SourceFd;
use mio::{Interest, Token};

use super::line::{Line, NewLine};
use super::{Source, Switchboard, now_time};
use crate::driver::Command;
use crate::engine::input::Exit;
use crate::session::log::LogReader;
use crate::supervisor::rebuild::terminal_from_log;

/// Bytes read in one turn from the pane that has the focus.
const FOCUSED_BYTES: usize = 16 * 1024;
/// Bytes read in one turn from each other pane that somebody sees.
const VISIBLE_BYTES: usize = 8 * 1024;
/// Bytes read in one turn from all hidden terminals together. One turn of the loop stays below a millisecond or so of
/// parsing, and between two turns keys are served.
const HIDDEN_BYTES: usize = 16 * 1024;
/// Least that is read from a hidden terminal whose turn it is.
const HIDDEN_BYTES_EACH: usize = 8 * 1024;
/// Terminals that ended and are still held; older ones are rebuilt from their logs when somebody looks.
const ENDED_LINES_MAX: usize = 32;
/// Bytes of a log from which an ended terminal is shown again.
const REVIVE_BYTES: u64 = 1024 * 1024;
/// Bytes that are still taken from a terminal whose program ended while something else keeps printing into it.
const LAST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Who is read before whom.
#[derive(Debug, Default)]
pub(super) struct Rank {
    focused: Vec<String>,
    visible: Vec<String>,
    /// Hidden terminal that was read last.
    last_hidden: Option<String>,
}

/// How a program ended, as a word.
pub(in crate::supervisor) fn exit_word(exit: Exit) -> String {
    match exit {
        Exit::Code { code } => format!("exit {code}"),
        Exit::Signal { signal } => format!("signal {signal}"),
    }
}

impl Switchboard {
    /// Works out again who is focused and who is visible.
    pub(super) fn rank_again(&mut self) {
        let mut rank = Rank { last_hidden: self.rank.last_hidden.take(), ..Rank::default() };
        for guest in self.guests.values() {
            for (index, watched) in guest.watched.iter().enumerate() {
                let list = if index == 0 { &mut rank.focused } else { &mut rank.visible };
                if !list.contains(&watched.session) {
                    list.push(watched.session.clone());
                }
            }
        }
        self.rank = rank;
    }

    /// Reads terminals by rank, each under its part of the turn's budget.
    pub(super) fn read_lines(&mut self) {
        let rank = std::mem::take(&mut self.rank);
        for name in &rank.focused {
            self.read_line(name, FOCUSED_BYTES);
        }
        for name in &rank.visible {
            if !rank.focused.contains(name) {
                self.read_line(name, VISIBLE_BYTES);
            }
        }
        let seen = |name: &String| rank.focused.contains(name) || rank.visible.contains(name);
        let hidden: Vec<String> = self
            .lines
            .iter()
            .filter(|(name, line)| line.readable && !seen(name))
            .map(|(name, _)| name.clone())
            .collect();
        let start = hidden.iter().position(|name| Some(name) > rank.last_hidden.as_ref()).unwrap_or(0);
        let mut left = HIDDEN_BYTES;
        let mut last_hidden = rank.last_hidden.clone();
        for name in hidden.iter().cycle().skip(start).take(hidden.len()) {
            if left == 0 {
                break;
            }
            let read = self.read_line(name, HIDDEN_BYTES_EACH.min(left));
            left = left.saturating_sub(read.max(1024));
            last_hidden = Some(name.clone());
        }
        self.rank = Rank { last_hidden, ..rank };
    }

    fn read_line(&mut self, name: &str, budget_bytes: usize) -> usize {
        let Some(line) = self.lines.get_mut(name).filter(|line| line.readable) else { return 0 };
        let outcome = line.read(&mut self.buffer, budget_bytes, now_time());
        self.sessions_changed |= outcome.told;
        if outcome.log_failed {
            self.notice(&format!(
                "The log of {name} could not be written; what it prints now is on screen only."
            ));
        }
        if outcome.hung_up {
            self.hang_up(name);
        }
        outcome.bytes
    }

    /// The child's side is closed: nothing comes any more.
    fn hang_up(&mut self, name: &str) {
        if let Some(token) = self.line_tokens.remove(name) {
            self.sources.remove(&token);
        }
        if let Some(master) = self.lines.get_mut(name).and_then(|line| line.master.take()) {
            let _ = self.poll.registry().deregister(&mut SourceFd(&master.as_raw_fd()));
        }
        if let Some(line) = self.lines.get_mut(name).filter(|line| line.orphaned && line.ended.is_none()) {
            line.ended = Some("lost".to_owned());
            line.changes += 1;
            self.sessions_changed = true;
            self.send_to_driver(None, Command::SessionLost { name: name.to_owned() });
        }
    }

    /// A terminal comes: a new one, or one that was adopted.
    pub(super) fn attach(&mut self, new: NewLine) {
        let name = new.name.clone();
        if self.lines.get(&name).is_some_and(|line| line.master.is_some()) {
            return;
        }
        if let Some(master) = &new.master {
            let token = self.token();
            let both = Interest::READABLE | Interest::WRITABLE;
            match self.poll.registry().register(&mut SourceFd(&master.as_raw_fd()), token, both) {
                Ok(()) => self.register(token, &name),
                Err(error) => {
                    tracing::error!(%error, name, "a terminal could not be registered");
                    self.notice(&format!("The terminal {name} cannot be read: {error}."));
                }
            }
        }
        let mut line = Line::new(new);
        if let Some(size) = self.wanted_size(&name) {
            line.resize(size);
        }
        self.lines.insert(name, line);
        self.sessions_changed = true;
        self.sessions_told_at = None;
    }

    fn register(&mut self, token: Token, name: &str) {
        self.sources.insert(token, Source::Line(name.to_owned()));
        self.line_tokens.insert(name.to_owned(), token);
    }

    /// The keeper says that a terminal's program ended. Its last words are read before the driver hears of it, so that
    /// what the driver looks at is whole.
    pub(super) fn ended(&mut self, name: &str, exit: Exit) {
        let mut taken = 0;
        while taken < LAST_BYTES_MAX && self.lines.get(name).is_some_and(|line| line.master.is_some()) {
            if let Some(line) = self.lines.get_mut(name) {
                line.readable = true;
            }
            let read = self.read_line(name, VISIBLE_BYTES);
            if read == 0 {
                break;
            }
            taken += read;
        }
        if let Some(line) = self.lines.get_mut(name) {
            line.ended = Some(exit_word(exit));
            line.changes += 1;
        }
        self.hang_up(name);
        self.sessions_changed = true;
        self.sessions_told_at = None;
        self.forget_old_lines();
        self.send_to_driver(None, Command::SessionExited { name: name.to_owned(), exit });
    }

    fn forget_old_lines(&mut self) {
        let watched = |name: &String| {
            self.guests.values().any(|guest| guest.watched.iter().any(|watched| watched.session == *name))
        };
        let ended: Vec<String> = self
            .lines
            .iter()
            .filter(|(name, line)| line.ended.is_some() && line.attempt.is_some() && !watched(name))
            .map(|(name, _)| name.clone())
            .collect();
        for name in ended.iter().take(ended.len().saturating_sub(ENDED_LINES_MAX)) {
            self.lines.remove(name);
        }
    }

    /// Shows a terminal again that ended and is not held any more, from its log. `false` when there is no log.
    pub(super) fn revive(&mut self, name: &str) -> bool {
        if self.lines.contains_key(name) {
            return true;
        }
        let safe = !name.is_empty()
            && !name.starts_with('.')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if !safe {
            return false;
        }
        let folder = self.log_root.join(name);
        if !folder.is_dir() {
            return false;
        }
        let Ok(rebuilt) = terminal_from_log(&LogReader::new(&folder), REVIVE_BYTES) else { return false };
        self.lines.insert(
            name.to_owned(),
            Line::new(NewLine {
                name: name.to_owned(),
                label: name.to_owned(),
                attempt: None,
                pid: 0,
                master: None,
                ended: Some("ended".to_owned()),
                terminal: rebuilt.terminal,
                log: None,
            }),
        );
        true
    }
}
