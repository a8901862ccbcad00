//! A pseudo-terminal with a child process at its other end: how one is started, and how its master is read, written and
//! resized by a poll loop.
//!
//! The library below (portable-pty) stands behind [`StartInPty`]. Its writer is never taken: dropping that writer types
//! a newline and an end of file into the child, which would submit whatever draft stands in an agent's prompt.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use filedescriptor::FileDescriptor;
use portable_pty::{CommandBuilder, NativePtySystem, PtySize, PtySystem};
use rustix::fs::{Access, OFlags};
use rustix::io::Errno;
use rustix::termios::Winsize;
use thiserror::Error;

use super::screen::Size;

/// Variables that speak of the terminal this process was started in, or of an agent it runs for, and so would be lies
/// in a terminal of our own. [`inherited_environment`] leaves them out; a name ending in `*` stands for all that begin so.
const OUTER_VARIABLES: [&str; 20] = [
    "ALACRITTY_*",
    "COLUMNS",
    "GHOSTTY_*",
    "ITERM_*",
    "KITTY_*",
    "KONSOLE_*",
    "LC_TERMINAL*",
    "LINES",
    "STY",
    "TERM",
    "TERMCAP",
    "TERM_PROGRAM*",
    "TERM_SESSION_ID",
    "TMUX*",
    "VTE_VERSION",
    "WAVEDECK_*",
    "WEZTERM_*",
    "WINDOW",
    "WINDOWID",
    "ZELLIJ*",
];

/// What to start in a new pseudo-terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpawnCommand {
    /// Program and arguments, no shell between. A program without a slash is looked up in the `PATH` of `environment`;
    /// one with a slash counts from `directory`.
    pub command: Vec<String>,
    /// Folder to start in.
    pub directory: PathBuf,
    /// The complete environment: nothing is added from this process (see [`inherited_environment`] for a base), except
    /// `SHELL` from the password database when it is not there.
    pub environment: Vec<(String, String)>,
    /// Size of the terminal to begin with.
    pub size: Size,
}

/// A child process in a pseudo-terminal of its own. It leads a session and a process group that bear its process id.
#[derive(Debug)]
pub struct Spawned {
    /// Master end: non-blocking, closed on exec. When its last copy is closed, the child gets a hang-up.
    pub master: OwnedFd,
    /// Process id. It is the caller's to wait for.
    pub pid: u32,
}

/// Why a child could not be started. Nothing is left behind then.
#[derive(Debug, Error)]
pub enum PtyError {
    /// No program was given.
    #[error("the command is empty; give a program")]
    EmptyCommand,
    /// The folder to start in is not there.
    #[error("cannot start `{program}` in {directory}: that folder does not exist")]
    DirectoryMissing {
        /// Program that was to start.
        program: String,
        /// The folder.
        directory: PathBuf,
    },
    /// The program is not there.
    #[error("`{program}` was not found: {searched}; install it, or name its path in the configuration")]
    ProgramNotFound {
        /// What was looked for.
        program: String,
        /// Where it was looked for, as a phrase.
        searched: String,
    },
    /// The program is there and cannot be run.
    #[error("`{program}` cannot be run: {reason}")]
    ProgramNotExecutable {
        /// What was to run.
        program: String,
        /// Why not, as a phrase.
        reason: String,
    },
    /// The system gave no pseudo-terminal or no process.
    #[error("`{program}` could not be started in a pseudo-terminal: {reason}")]
    Refused {
        /// What was to run.
        program: String,
        /// What the system said.
        reason: String,
    },
}

/// What can start a command in a pseudo-terminal. Real: [`SystemPty`].
pub trait StartInPty {
    /// Starts `command` as leader of its own session with a new pseudo-terminal as its controlling terminal.
    ///
    /// # Errors
    /// [`PtyError`], when nothing was started.
    fn spawn(&self, command: &SpawnCommand) -> Result<Spawned, PtyError>;
}

/// The pseudo-terminals of this system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemPty;

impl StartInPty for SystemPty {
    fn spawn(&self, command: &SpawnCommand) -> Result<Spawned, PtyError> {
        let Some(program) = command.command.first().filter(|program| !program.is_empty()) else {
            return Err(PtyError::EmptyCommand);
        };
        if !command.directory.is_dir() {
            return Err(PtyError::DirectoryMissing {
                program: program.clone(),
                directory: command.directory.clone(),
            });
        }
        check_program(program, command)?;
        spawn_checked(command).map_err(|error| PtyError::Refused {
            program: program.clone(),
            reason: one_line(&format!("{error:#}")),
        })
    }
}

/// This process's environment as a base for [`SpawnCommand::environment`], with `additions` put in or replaced. Leaves out
/// what speaks of the terminal this process itself runs in, and variables that are not UTF-8.
pub fn inherited_environment(additions: &[(String, String)]) -> Vec<(String, String)> {
    let mut environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| !speaks_of_outer_terminal(name))
        .filter(|(name, _)| !additions.iter().any(|(added, _)| added == name))
        .collect();
    environment.extend_from_slice(additions);
    environment
}

fn speaks_of_outer_terminal(name: &str) -> bool {
    OUTER_VARIABLES.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *pattern,
    })
}

/// Tells the terminal its size; the child's foreground process group gets SIGWINCH when it changed.
///
/// # Errors
/// What the system says; the terminal keeps its size.
pub fn resize(master: impl AsFd, size: Size) -> io::Result<()> {
    let winsize = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(rustix::termios::tcsetwinsize(master, winsize)?)
}

/// Size that the terminal has.
///
/// # Errors
/// What the system says.
pub fn size(master: impl AsFd) -> io::Result<Size> {
    let winsize = rustix::termios::tcgetwinsize(master)?;
    Ok(Size { columns: winsize.ws_col, rows: winsize.ws_row })
}

/// What a read of a master gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PtyRead {
    /// So many bytes, at least one. Linux gives about 4 KB at most, however large the buffer.
    Bytes(usize),
    /// Nothing now; poll.
    Nothing,
    /// Nobody holds the other end any more.
    End,
}

/// Reads what the child printed, without waiting. `buffer` must not be empty.
///
/// # Errors
/// What the system says, other than "try again" and the end.
pub fn read(master: impl AsFd, buffer: &mut [u8]) -> io::Result<PtyRead> {
    loop {
        return match rustix::io::read(&master, &mut *buffer) {
            Ok(0) | Err(Errno::IO) => Ok(PtyRead::End),
            Ok(count) => Ok(PtyRead::Bytes(count)),
            Err(Errno::AGAIN) => Ok(PtyRead::Nothing),
            Err(Errno::INTR) => continue,
            Err(error) => Err(error.into()),
        };
    }
}

/// What a write to a master came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PtyWrite {
    /// So many bytes were taken, at least one when there were any.
    Bytes(usize),
    /// The child does not read and the terminal is full; poll for writing.
    Full,
    /// Nobody holds the other end any more.
    End,
}

/// Types `bytes` into the terminal, without waiting; may take only a part.
///
/// # Errors
/// What the system says, other than "try again" and the end.
pub fn write(master: impl AsFd, bytes: &[u8]) -> io::Result<PtyWrite> {
    loop {
        return match rustix::io::write(&master, bytes) {
            Ok(count) => Ok(PtyWrite::Bytes(count)),
            Err(Errno::AGAIN) => Ok(PtyWrite::Full),
            Err(Errno::IO) => Ok(PtyWrite::End),
            Err(Errno::INTR) => continue,
            Err(error) => Err(error.into()),
        };
    }
}

fn spawn_checked(command: &SpawnCommand) -> Result<Spawned, Box<dyn std::error::Error + Send + Sync>> {
    let mut builder = CommandBuilder::from_argv(command.command.iter().map(Into::into).collect());
    builder.cwd(&command.directory);
    builder.env_clear();
    for (name, value) in &command.environment {
        builder.env(name, value);
    }
    let size =
        PtySize { rows: command.size.rows, cols: command.size.columns, pixel_width: 0, pixel_height: 0 };
    let pair = NativePtySystem::default().openpty(size)?;
    // The master is copied before the child starts, so that nothing that may fail stands between a running child and
    // the descriptor that keeps it running.
    let raw = pair.master.as_raw_fd().ok_or("the pseudo-terminal has no descriptor")?;
    let master = OwnedFd::from(FileDescriptor::dup(&raw)?.as_file()?);
    let flags = rustix::fs::fcntl_getfl(&master)?;
    rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
    let child = pair.slave.spawn_command(builder)?;
    let pid = child.process_id().ok_or("the child has no process id")?;
    Ok(Spawned { master, pid })
}

/// The library closes every descriptor before exec, the one that would report a failed exec included; so what can be
/// known to fail is found out before.
fn check_program(program: &str, command: &SpawnCommand) -> Result<(), PtyError> {
    let candidates = candidates(program, command)?;
    let mut unusable = None;
    for candidate in &candidates {
        match usable(candidate) {
            Ok(()) => return Ok(()),
            Err(None) => {}
            Err(Some(reason)) => unusable = unusable.or(Some(format!("{} {reason}", candidate.display()))),
        }
    }
    if let Some(reason) = unusable {
        return Err(PtyError::ProgramNotExecutable { program: program.to_owned(), reason });
    }
    let searched = match candidates.as_slice() {
        [only] if program.contains('/') => format!("{} does not exist", only.display()),
        _ => format!("PATH was searched ({})", path_of(command).unwrap_or_default()),
    };
    Err(PtyError::ProgramNotFound { program: program.to_owned(), searched })
}

fn candidates(program: &str, command: &SpawnCommand) -> Result<Vec<PathBuf>, PtyError> {
    if program.contains('/') {
        // As the library has it: a relative name must begin with `./` or `../` to be looked for in the folder.
        let path = Path::new(program);
        return if path.is_absolute() || program.starts_with("./") || program.starts_with("../") {
            Ok(vec![command.directory.join(path)])
        } else {
            Err(PtyError::ProgramNotFound {
                program: program.to_owned(),
                searched: format!("write `./{program}` for a program in {}", command.directory.display()),
            })
        };
    }
    let Some(path) = path_of(command) else {
        return Err(PtyError::ProgramNotFound {
            program: program.to_owned(),
            searched: "its environment has no PATH to search".to_owned(),
        });
    };
    Ok(std::env::split_paths(path).map(|folder| command.directory.join(folder).join(program)).collect())
}

fn path_of(command: &SpawnCommand) -> Option<&str> {
    command.environment.iter().rev().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str())
}

/// `Err(None)`: not there. `Err(Some(..))`: there, and cannot be run for this reason.
fn usable(candidate: &Path) -> Result<(), Option<String>> {
    let Ok(metadata) = candidate.metadata() else { return Err(None) };
    if metadata.is_dir() {
        return Err(Some("is a folder".to_owned()));
    }
    if rustix::fs::access(candidate, Access::EXEC_OK).is_err() {
        return Err(Some("is not executable".to_owned()));
    }
    match interpreter(candidate) {
        Some(interpreter) if !interpreter.exists() => Err(Some(format!(
            "names the interpreter {} in its first line, which does not exist",
            interpreter.display()
        ))),
        _ => Ok(()),
    }
}

/// The interpreter that a script's `#!` line names by an absolute path.
fn interpreter(script: &Path) -> Option<PathBuf> {
    let mut head = Vec::with_capacity(256);
    File::open(script).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let name = line.trim_ascii_start().split(u8::is_ascii_whitespace).next()?;
    let path = PathBuf::from(OsStr::from_bytes(name));
    path.is_absolute().then_some(path)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
