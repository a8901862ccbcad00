//! Finding the keeper of a project, and starting it when there is none.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use thiserror::Error;

use super::channel::{Channel, Received};
use super::client::{KeeperClient, KeeperEvents};
use super::place::KeeperPlace;
use super::protocol::{Greeting, Hello, VERSION};
use super::run::READY;

/// How long a keeper may take to greet, and a new one to be ready.
const PATIENCE: Duration = Duration::from_secs(10);

/// A keeper may be about to go when we connect; the next one is not.
const TRIES: usize = 3;

/// Why there is no connection to a keeper. No session was touched.
#[derive(Debug, Error)]
pub enum KeeperStartError {
    /// A file cannot be used.
    #[error("the keeper's file {path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program cannot be started.
    #[error("the keeper could not be started as `{program} keep`: {source}")]
    Spawn {
        /// Program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The new keeper said why it does not serve.
    #[error("the keeper did not start: {reason}")]
    NotReady {
        /// What it said.
        reason: String,
    },
    /// The keeper speaks another protocol.
    #[error("the keeper refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// It listens and does not answer.
    #[error(
        "the keeper at {socket} does not answer: {source}; its sessions go on, see keeper.log and keeper.lock there"
    )]
    Silent {
        /// Its socket.
        socket: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

/// Connects to the keeper of `place`; `None` when there is none. A supervisor that was connected is disconnected, so call
/// this from the one supervisor of the project only. Blocks until the keeper greets, 10 seconds at most.
///
/// # Errors
/// [`KeeperStartError`].
pub fn connect(place: &KeeperPlace) -> Result<Option<(KeeperClient, KeeperEvents)>, KeeperStartError> {
    for _ in 0..TRIES {
        match UnixStream::connect(place.socket()) {
            Ok(stream) => match greet(place, stream, None)? {
                Some(connection) => return Ok(Some(connection)),
                None => continue,
            },
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(source) => return Err(KeeperStartError::File { path: place.socket().to_owned(), source }),
        }
    }
    Ok(None)
}

/// Connects to the keeper of `place`, or starts `program keep --state-dir DIR --socket PATH` and connects to that. When
/// this returns, the keeper serves. Two that start at once get the same keeper. Blocks, some 20 seconds at most.
///
/// # Errors
/// [`KeeperStartError`]; a keeper that was started and did not get ready is ended.
pub fn connect_or_start(
    place: &KeeperPlace,
    program: &Path,
) -> Result<(KeeperClient, KeeperEvents), KeeperStartError> {
    let _turn = take_turn(place)?;
    if let Some(connection) = connect(place)? {
        return Ok(connection);
    }
    let keeper = start(place, program)?;
    let silent = |source| KeeperStartError::Silent { socket: place.socket().to_owned(), source };
    let stream = UnixStream::connect(place.socket()).map_err(silent)?;
    greet(place, stream, Some(keeper))?.ok_or_else(|| silent(ErrorKind::UnexpectedEof.into()))
}

/// One at a time looks and starts, so nobody meets a keeper that is starting.
fn take_turn(place: &KeeperPlace) -> Result<File, KeeperStartError> {
    let path = place.start_lock();
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    opened
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|source| KeeperStartError::File { path, source })
}

fn start(place: &KeeperPlace, program: &Path) -> Result<Child, KeeperStartError> {
    let mut child = Command::new(program)
        .arg("keep")
        .arg("--state-dir")
        .arg(place.state_directory())
        .arg("--socket")
        .arg(place.socket())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| KeeperStartError::Spawn { program: program.to_owned(), source })?;
    let line = match child.stdout.take() {
        Some(mut stdout) => first_line(&mut stdout),
        None => Err(ErrorKind::BrokenPipe.into()),
    };
    let reason = match line {
        Ok(line) if line == READY => return Ok(child),
        Ok(line) if line.is_empty() => "it ended without a word".to_owned(),
        Ok(line) => line,
        Err(error) => error.to_string(),
    };
    // It holds no session yet.
    let _ = child.kill();
    let _ = child.wait();
    Err(KeeperStartError::NotReady { reason })
}

fn first_line(stdout: &mut ChildStdout) -> io::Result<String> {
    let until = Instant::now() + PATIENCE;
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now()))
            .map_err(|_| io::Error::from(ErrorKind::TimedOut))?;
        if poll(&mut [PollFd::new(stdout, PollFlags::IN)], Some(&left))? == 0 {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "it was not ready in time; another keeper may hold keeper.lock without serving",
            ));
        }
        let mut buffer = [0; 1024];
        let count = stdout.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        line.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// `None`: the keeper went before it greeted.
fn greet(
    place: &KeeperPlace,
    stream: UnixStream,
    keeper: Option<Child>,
) -> Result<Option<(KeeperClient, KeeperEvents)>, KeeperStartError> {
    let silent = |source| KeeperStartError::Silent { socket: place.socket().to_owned(), source };
    stream.set_read_timeout(Some(PATIENCE)).map_err(silent)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(silent)?;
    let mut channel = Channel::new(stream);
    let hello = Hello { version: VERSION, pid: std::process::id() };
    let frame = match channel.queue(&hello, None).and_then(|()| channel.flush()) {
        Ok(()) => first_frame(&mut channel),
        Err(error) => Err(error),
    };
    let frame = match frame {
        Ok(Some(frame)) => frame,
        Ok(None) => return Ok(None),
        Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
            return Ok(None);
        }
        Err(error) => return Err(silent(error)),
    };
    match serde_json::from_slice::<Greeting>(&frame).map_err(|error| silent(error.into()))? {
        Greeting::Welcome { pid, program, version: _ } => {
            channel.stream().set_read_timeout(None).map_err(silent)?;
            KeeperClient::over(channel, pid, program, keeper).map(Some).map_err(silent)
        }
        Greeting::Refused { reason, version: _ } => Err(KeeperStartError::Refused { reason }),
    }
}

fn first_frame(channel: &mut Channel) -> io::Result<Option<Vec<u8>>> {
    loop {
        if let Some(frame) = channel.next_frame()? {
            return Ok(Some(frame));
        }
        match channel.receive()? {
            Received::Something => {}
            Received::Nothing => return Err(ErrorKind::TimedOut.into()),
            Received::End => return Ok(None),
        }
    }
}
