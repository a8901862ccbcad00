//! How the driver reaches terminals: a trait that whoever holds them implements.

use std::path::PathBuf;

use crate::engine::AttemptKey;
use crate::engine::input::Exit;
use crate::session::Size;

/// A terminal to open, with the program that runs in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSpec {
    /// Its name: unique in the project, safe as a file name ([`AttemptKey::session`]).
    pub name: String,
    /// What people call it: the agent's id, or the command line.
    pub label: String,
    /// Program and arguments; never empty.
    pub command: Vec<String>,
    /// Folder in which it starts.
    pub directory: PathBuf,
    /// Variables added to those of the one who starts it.
    pub environment: Vec<(String, String)>,
    /// Size to start with.
    pub size: Size,
    /// The attempt that it belongs to, unless it is a plain terminal.
    pub attempt: Option<AttemptKey>,
    /// Folder of its log.
    pub log_directory: PathBuf,
}

/// A terminal that is there: its program runs, or it ended and its exit was not forgotten yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// Its name.
    pub name: String,
    /// Process id of the session leader.
    pub pid: u32,
    /// How it ended; `None` while it runs.
    pub exit: Option<Exit>,
    /// The attempt that it belongs to.
    pub attempt: Option<AttemptKey>,
}

/// The terminals of a project. The driver calls it from its own thread only, and each call may take as long as a local
/// round trip takes.
///
/// When a program ends, the implementer says [`super::Command::SessionExited`] once, after the last byte of its output
/// is in its log; it keeps the exit in [`Sessions::living`] until [`Sessions::forget`].
pub trait Sessions: Send {
    /// Opens a terminal and starts its program; gives the process id of the session leader. A name that is there
    /// already is not opened again: its process id is given, also when it ended meanwhile. Fails with a sentence.
    fn open(&mut self, spec: &SessionSpec) -> Result<u32, String>;

    /// Ends the program and everything it started: asks first, forces after `grace_ms`. Does not wait. A name that is
    /// not there, or that ended, is left alone.
    fn end(&mut self, name: &str, grace_ms: u64);

    /// The exit of this session is committed and needs to be kept no longer. Its log stays.
    fn forget(&mut self, name: &str);

    /// Every terminal that is there, or why nobody can say.
    fn living(&mut self) -> Result<Vec<Living>, String>;
}
