//! The supervisor's process: takes the project's lock, reaches or starts the keeper, adopts what lives, and joins the
//! driver's thread with the switchboard's.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc as tokio_mpsc;

use super::client::READY;
use super::errand::{ERRANDS_MAX, Errands};
use super::keeper::place::KeeperPlace;
use super::opening::OpeningSize;
use super::publish::Publisher;
use super::sessions::KeptSessions;
use super::switchboard::{Order, Switchboard};
use crate::driver::paths::ProjectPaths;
use crate::driver::{DriverError, DriverSetup};
use crate::session::Size;

/// Commands that may wait for the driver.
const COMMANDS_MAX: usize = 256;

/// How long a supervisor that is ending is waited for.
const LOCK_PATIENCE: Duration = Duration::from_secs(15);

/// Size of a terminal that nobody has looked at yet.
const SIZE_UNSEEN: Size = Size { columns: 100, rows: 30 };

/// Why a supervisor does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another one runs for this project.
    #[error("a supervisor runs already for {project} (its process is {pid}); nothing was changed")]
    Running {
        /// The project's folder.
        project: PathBuf,
        /// What the lock file says.
        pid: String,
    },
    /// The state folder, a socket or a lock cannot be used.
    #[error("{what}: {error}; nothing was changed")]
    State {
        /// What was to be done.
        what: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// The keeper cannot be reached or started.
    #[error("the keeper cannot be reached: {0}; agents that run are not concerned")]
    Keeper(String),
    /// The driver cannot start.
    #[error(transparent)]
    Driver(#[from] DriverError),
}

fn state(what: &'static str) -> impl FnOnce(io::Error) -> ServeError {
    move |error| ServeError::State { what, error }
}

/// Runs the supervisor of a project until it is told to stop. `program` is this program, for the keeper and for agents.
/// Says [`READY`] on standard output once clients may connect, then lets go of standard output.
///
/// # Errors
/// When it cannot start; each message says what was not changed. Once it serves, only the kernel's poll can fail.
pub fn serve(paths: &ProjectPaths, program: &Path, lane: &str) -> Result<(), ServeError> {
    paths.prepare().map_err(state("the project's state folder cannot be made"))?;
    let _lock = take_lock(paths)?;

    let (commands, command_receiver) = tokio_mpsc::channel(COMMANDS_MAX);
    let (errands, errand_receiver) = sync_channel(ERRANDS_MAX);
    let logs = paths.session_log("any").parent().map(Path::to_owned).unwrap_or_default();
    let listener =
        bind(&paths.supervisor_socket()).map_err(state("the supervisor's socket cannot be made"))?;
    let opening = OpeningSize::default();
    let (switchboard, handle) = Switchboard::new(listener, commands.clone(), errands, logs, opening.clone())
        .map_err(state("the switchboard cannot be made"))?;

    let place = KeeperPlace::new(&paths.state_directory(), &paths.keeper_socket());
    let (sessions, keeper_events) =
        KeptSessions::new(place, program, handle.clone(), opening).map_err(ServeError::Keeper)?;
    let setup = DriverSetup {
        paths: paths.clone(),
        lane: lane.to_owned(),
        program: program.to_owned(),
        size: SIZE_UNSEEN,
        context7: crate::driver::context7::ADDRESS.to_owned(),
    };
    let publisher = Publisher::new(handle.clone());
    let driver =
        crate::driver::spawn(setup, Box::new(sessions.clone()), Box::new(publisher), command_receiver)?;

    let hearing = sessions.clone();
    spawn_thread("keeper events", move || hearing.hear(&keeper_events))?;
    let ends_everything = Arc::new(AtomicBool::new(false));
    let errand_runner = Errands {
        stopping: Arc::clone(&ends_everything),
        paths: paths.clone(),
        sessions: sessions.clone(),
        switchboard: handle.clone(),
        driver: commands,
    };
    spawn_thread("errands", move || errand_runner.run(&errand_receiver))?;
    let ending = handle.clone();
    spawn_thread("driver's end", move || {
        // However the driver ends, the process ends with it: the next client starts another.
        let _ = driver.join();
        if ends_everything.load(Ordering::Acquire) {
            sessions.end_everything();
        }
        ending.order(Order::Stop);
    })?;

    say_ready();
    let served = switchboard.run().map_err(state("the sockets cannot be polled"));
    let _ = std::fs::remove_file(paths.supervisor_socket());
    served
}

fn spawn_thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), ServeError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
        .map_err(state("a thread cannot be started"))
}

/// The lock is held as long as the file is open; the kernel lets go of it however this process ends.
fn take_lock(paths: &ProjectPaths) -> Result<File, ServeError> {
    let path = paths.supervisor_lock();
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(state("the supervisor's lock cannot be opened"))?;
    let mut file = match file.try_lock() {
        Ok(()) => file,
        Err(TryLockError::WouldBlock) => match wait_for_lock(paths, file)? {
            Some(file) => file,
            None => {
                let pid = std::fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
                return Err(ServeError::Running { project: paths.project().to_owned(), pid });
            }
        },
        Err(TryLockError::Error(error)) => return Err(state("the supervisor's lock cannot be taken")(error)),
    };
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(state("the supervisor's lock cannot be written"))?;
    Ok(file)
}

/// Another process has the lock. One that takes clients keeps it; one that is about to end is waited for, so that whoever
/// comes right after a stop is served.
fn wait_for_lock(paths: &ProjectPaths, file: File) -> Result<Option<File>, ServeError> {
    if UnixStream::connect(paths.supervisor_socket()).is_ok() {
        return Ok(None);
    }
    let (sender, receiver) = sync_channel(1);
    // The thread ends with the lock, or with this process when that comes first.
    spawn_thread("supervisor's lock", move || {
        let _ = sender.send(file.lock().map(|()| file));
    })?;
    match receiver.recv_timeout(LOCK_PATIENCE) {
        Ok(locked) => locked.map(Some).map_err(state("the supervisor's lock cannot be taken")),
        Err(_) => Ok(None),
    }
}

/// Binds the socket; whoever holds the lock may take the place of one that was left behind.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Tells whoever started this process, then closes standard output so that they see its end too.
fn say_ready() {
    let mut out = io::stdout();
    // Whoever started us may be gone already; then nobody needs to hear it.
    let _ = writeln!(out, "{READY}").and_then(|()| out.flush());
    if let Ok(null) = OpenOptions::new().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(&null);
    }
}
