//! The driver's sessions, kept by the keeper and shown by the switchboard.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::keeper::client::{KeeperCallError, KeeperClient, KeeperEvent, KeeperEvents};
use super::keeper::place::KeeperPlace;
use super::keeper::protocol::{ChildExit, OnShutdown, SessionRecord, SpawnSession};
use super::keeper::start::connect_or_start;
use super::opening::OpeningSize;
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

/// The sessions of a project. Clones share one keeper and one switchboard.
#[derive(Clone)]
pub(super) struct KeptSessions {
    shared: Arc<Shared>,
}

struct Shared {
    place: KeeperPlace,
    program: PathBuf,
    switchboard: Handle,
    opening: OpeningSize,
    keeper: Mutex<Arc<KeeperClient>>,
    /// Sessions that are on the switchboard. Each has one log and one writer of it, so none is shown twice.
    shown: Mutex<BTreeMap<String, Shown>>,
}

/// A session on the switchboard.
struct Shown {
    living: Living,
    /// Its keeper is gone: it runs as long as the switchboard holds its terminal, and how it ends nobody will know.
    orphaned: bool,
}

impl KeptSessions {
    /// Reaches the keeper of `place`, or starts it with `program`.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn new(
        place: KeeperPlace,
        program: &Path,
        switchboard: Handle,
        opening: OpeningSize,
    ) -> Result<(KeptSessions, KeeperEvents), String> {
        let (keeper, events) = connect_or_start(&place, program).map_err(|error| error.to_string())?;
        let shared = Shared {
            place,
            program: program.to_owned(),
            switchboard,
            opening,
            keeper: Mutex::new(Arc::new(keeper)),
            shown: Mutex::default(),
        };
        Ok((KeptSessions { shared: Arc::new(shared) }, events))
    }

    /// Ends the keeper, after every session that it holds and everything that those started.
    pub(super) fn end_everything(&self) {
        let grace_ms = u64::try_from(GRACE.as_millis()).unwrap_or(u64::MAX);
        if let Err(error) = locked(&self.shared.keeper).shutdown(OnShutdown::End { grace_ms }) {
            tracing::warn!(%error, "the keeper could not be ended");
        }
    }

    /// Hands what the keeper says unasked to the switchboard, until the keeper is gone.
    pub(super) fn hear(&self, events: &KeeperEvents) {
        while let Some(event) = events.wait() {
            match event {
                KeeperEvent::Exited { name, exit } => {
                    let exit = exit_of(exit);
                    if let Some(shown) = locked(&self.shared.shown).get_mut(&name) {
                        shown.living.exit = Some(exit);
                    }
                    self.shared.switchboard.order(Order::Ended { session: name, exit });
                }
                KeeperEvent::Ended { .. } => {}
                KeeperEvent::Gone => self.orphan(),
            }
        }
    }

    /// The keeper is gone. What runs goes on in our hands alone.
    fn orphan(&self) {
        let mut orphans = 0;
        for shown in locked(&self.shared.shown).values_mut().filter(|shown| shown.living.exit.is_none()) {
            orphans += usize::from(!std::mem::replace(&mut shown.orphaned, true));
        }
        if orphans > 0 {
            self.shared.switchboard.order(Order::KeeperGone);
            let text = "The keeper is gone. Agents go on as long as this supervisor runs; what is started from now on \
                        gets a new keeper.";
            self.shared.switchboard.order(Order::Notice { text: text.to_owned(), wrong: true });
        }
    }

    /// Calls the keeper; when it is gone, starts another and calls that.
    fn call<T>(&self, call: impl Fn(&KeeperClient) -> Result<T, KeeperCallError>) -> Result<T, String> {
        let keeper = Arc::clone(&locked(&self.shared.keeper));
        match call(&keeper) {
            Err(KeeperCallError::Gone) => {
                let another = self.another_keeper(&keeper)?;
                call(&another).map_err(|error| error.to_string())
            }
            other => other.map_err(|error| error.to_string()),
        }
    }

    fn another_keeper(&self, gone: &Arc<KeeperClient>) -> Result<Arc<KeeperClient>, String> {
        let mut keeper = locked(&self.shared.keeper);
        if Arc::ptr_eq(&keeper, gone) {
            self.orphan();
            let (client, events) = connect_or_start(&self.shared.place, &self.shared.program)
                .map_err(|error| error.to_string())?;
            *keeper = Arc::new(client);
            let hearing = self.clone();
            thread::Builder::new()
                .name("keeper events".to_owned())
                .spawn(move || hearing.hear(&events))
                .map_err(|error| error.to_string())?;
        }
        Ok(Arc::clone(&keeper))
    }

    /// Puts a session on the switchboard: with an empty grid when it is new, else with the one that its log gives.
    fn show(&self, record: &SessionRecord, master: OwnedFd) -> io::Result<()> {
        let living = living_of(record);
        match locked(&self.shared.shown).entry(record.name.clone()) {
            Entry::Occupied(_) => return Ok(()),
            Entry::Vacant(vacant) => vacant.insert(Shown { living, orphaned: false }),
        };
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
        self.shared.switchboard.order(Order::Attach(Box::new(NewLine {
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

fn living_of(record: &SessionRecord) -> Living {
    Living {
        name: record.name.clone(),
        pid: record.pid,
        exit: record.exit.map(exit_of),
        attempt: attempt_of(record),
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
            size: self.shared.opening.or(spec.size),
            log_directory: spec.log_directory.clone(),
            metadata: serde_json::json!({ "attempt": spec.attempt }),
        };
        let spawned = self.call(|keeper| keeper.spawn(spawn.clone()))?;
        let pid = spawned.session.record.pid;
        self.show(&spawned.session.record, spawned.session.master)
            .map_err(|error| format!("the terminal runs, but its log cannot be used: {error}"))?;
        Ok(pid)
    }

    fn end(&mut self, name: &str, grace_ms: u64) {
        let orphan = locked(&self.shared.shown)
            .get(name)
            .filter(|shown| shown.orphaned)
            .and_then(|shown| Pid::from_raw(i32::try_from(shown.living.pid).unwrap_or(0)));
        let ended = match orphan {
            // Nobody is left who knows its descendants: its own process group is told to end, and its terminal closes.
            Some(pid) => kill_process_group(pid, Signal::TERM).map_err(|error| error.to_string()),
            None => self.call(|keeper| keeper.end(name, Duration::from_millis(grace_ms))).map(drop),
        };
        if let Err(error) = ended {
            tracing::warn!(%error, name, "a session could not be ended");
        }
    }

    fn forget(&mut self, name: &str) {
        let orphaned = locked(&self.shared.shown).remove(name).is_some_and(|shown| shown.orphaned);
        if !orphaned && let Err(error) = self.call(|keeper| keeper.forget(name)) {
            tracing::debug!(%error, name, "a session could not be forgotten");
        }
    }

    /// Also puts every session on the switchboard that is not there yet: this is how a new supervisor adopts them.
    fn living(&mut self) -> Result<Vec<Living>, String> {
        let mut living = Vec::new();
        for adopted in self.call(KeeperClient::list)? {
            let record = adopted.record;
            if let Err(error) = self.show(&record, adopted.master) {
                tracing::error!(%error, name = record.name, "a session's log cannot be used");
            }
            living.push(living_of(&record));
        }
        let shown = locked(&self.shared.shown);
        living.extend(shown.values().filter(|shown| shown.orphaned).map(|shown| shown.living.clone()));
        Ok(living)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
