//! The keeper as a process: its lock, its detachment from whoever started it, and its last words.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use rustix::io::Errno;
use thiserror::Error;

use super::place::KeeperPlace;
use super::server::Server;
use crate::session::pty::SystemPty;

/// The line on standard output that says the keeper serves. Any other line says why it does not.
pub(super) const READY: &str = "ready";

/// Why a keeper did not start, or stopped.
#[derive(Debug, Error)]
pub enum KeeperError {
    /// One serves this project already.
    #[error("a keeper serves {socket} already; use that one")]
    Running {
        /// Its socket.
        socket: PathBuf,
    },
    /// A file of the keeper cannot be made.
    #[error("the keeper cannot use {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system refused something that a keeper cannot do without.
    #[error("the keeper cannot {what}: {source}; no session was touched")]
    System {
        /// What, as a phrase.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The poll loop failed. The keeper's masters are closed, so its sessions are hung up.
    #[error("the keeper failed and its sessions are hung up: {0}")]
    Loop(io::Error),
}

/// Runs the keeper of `place` in this process: takes its lock, detaches from terminal, session and standard streams, says
/// `ready` (or why not) as one line on standard output, and serves until there is nothing to keep and no supervisor.
///
/// The process must be a fresh one with nothing but this to do: every child of it is the keeper's.
///
/// # Errors
/// [`KeeperError`]; before `ready` nothing has happened, and the line on standard output says the same.
pub fn run(place: &KeeperPlace) -> Result<(), KeeperError> {
    let result = prepare(place);
    let line = match &result {
        Ok(_) => READY.to_owned(),
        Err(error) => error.to_string().replace('\n', " "),
    };
    // A starter that is gone is no reason to stop: somebody else may connect.
    let _ = writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush());
    let (mut server, lock) = result?;
    if let Err(source) = leave_streams(place) {
        return Err(KeeperError::System { what: "leave its standard streams", source });
    }
    let served = server.serve();
    if let Err(error) = &served {
        let _ = writeln!(io::stderr(), "{error}");
    }
    // While the lock is held: what lies there is this keeper's own.
    let _ = std::fs::remove_file(place.socket());
    drop(lock);
    served.map_err(KeeperError::Loop)
}

fn prepare(place: &KeeperPlace) -> Result<(Server<'static>, File), KeeperError> {
    let system = |what| move |source: io::Error| KeeperError::System { what, source };
    match rustix::process::setsid() {
        // Started by hand from a shell it leads a process group already, and stays with that terminal.
        Ok(_) | Err(Errno::PERM) => {}
        Err(error) => return Err(system("leave its terminal")(error.into())),
    }
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| system("adopt orphans of its sessions")(error.into()))?;
    let lock = take_lock(place)?;
    let listener = listen(place.socket())
        .map_err(|source| KeeperError::File { path: place.socket().to_owned(), source })?;
    rustix::process::chdir("/").map_err(|error| system("leave its folder")(error.into()))?;
    let server = Server::new(listener, &SystemPty).map_err(system("watch its children"))?;
    Ok((server, lock))
}

/// Waits for a keeper that holds the lock and serves no more: it is about to go.
fn take_lock(place: &KeeperPlace) -> Result<File, KeeperError> {
    let failed = |source| KeeperError::File { path: place.lock(), source };
    let mut lock = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(place.lock())
        .map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) if is_served(place.socket()) => {
            return Err(KeeperError::Running { socket: place.socket().to_owned() });
        }
        Err(TryLockError::WouldBlock) => lock.lock().map_err(failed)?,
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(failed)?;
    Ok(lock)
}

/// From here on nothing is left of whoever started this process. What a panic says goes to the keeper's log.
fn leave_streams(place: &KeeperPlace) -> io::Result<()> {
    let null = File::options().read(true).write(true).open(OsStr::new("/dev/null"))?;
    let log = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(place.log());
    rustix::stdio::dup2_stdin(null.as_fd())?;
    rustix::stdio::dup2_stdout(null.as_fd())?;
    rustix::stdio::dup2_stderr(log.as_ref().unwrap_or(&null).as_fd())?;
    Ok(())
}

/// A listener at `socket` that only this user can reach, in place of what a dead keeper left there.
fn listen(socket: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // The socket is there with the mode that the mask gives it, so there is no moment in which others could connect.
    let mask = rustix::process::umask(Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(socket);
    rustix::process::umask(mask);
    let listener = listener?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Whether somebody listens at `socket`.
fn is_served(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}
