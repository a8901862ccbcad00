//! The client's side of the socket: what the room and the command line use to reach the supervisor, and to start it when
//! none runs.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::frame::{FrameError, FrameKind, encode_json, read_frame, write_json};
use super::protocol::{ClientMessage, ClientRole, Greeting, Hello, Reply, Request, ServerMessage, VERSION};
use crate::driver::paths::ProjectPaths;
use crate::session::{ScreenUpdate, wire};

/// Variables of ours that a supervisor takes over from whoever starts it.
const PASSED_ON: [&str; 2] = ["WAVEDECK_LOG", "WAVEDECK_LOCAL_PACE"];

/// The word with which a supervisor says on its standard output that clients may connect.
pub const READY: &str = "ready";

/// Why the supervisor cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// None runs, and none was to be started.
    #[error("no supervisor runs for {project}; `wavedeck` starts one")]
    NotRunning {
        /// The project's folder.
        project: PathBuf,
    },
    /// It could not be started; its own words follow.
    #[error("the supervisor could not be started: {0}")]
    NotStarted(String),
    /// It speaks another version of the protocol.
    #[error("{0}")]
    Refused(String),
    /// The connection broke. Agents are not concerned.
    #[error("the supervisor is gone ({0}); agents go on, and the next client starts a new one")]
    Gone(#[from] FrameError),
    /// A sandbox lets this process speak to nobody.
    #[error("the supervisor cannot be reached from here: {0}")]
    Forbidden(io::Error),
    /// The state folder cannot be used.
    #[error("the project's state folder cannot be used: {0}")]
    State(#[from] io::Error),
    /// It answered something that this request never gets.
    #[error("the supervisor gave an answer that does not fit the request")]
    OddReply,
}

/// What comes from the supervisor.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// A control message.
    Message(ServerMessage),
    /// A new state of a pane that this client watches.
    Screen(ScreenUpdate),
}

/// A connection to the supervisor.
pub struct Client {
    reader: BufReader<UnixStream>,
    sender: Sender,
    next_request: u64,
}

/// The writing half of a connection; clones write to the same one.
#[derive(Clone)]
pub struct Sender {
    stream: Arc<Mutex<UnixStream>>,
}

impl Sender {
    /// Sends a message. Waits only while the supervisor does not read. Fails when it is gone.
    pub fn send(&self, message: &ClientMessage) -> Result<(), ClientError> {
        let frame = encode_json(FrameKind::Control, message)?;
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        io::Write::write_all(&mut *stream, &frame).map_err(FrameError::Io)?;
        Ok(())
    }

    /// Ends the connection from this side, so that a thread in [`Client::receive`] returns.
    pub fn close(&self) {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
}

impl Client {
    /// Connects to the supervisor that runs. Fails with [`ClientError::NotRunning`] when none does.
    pub fn connect(paths: &ProjectPaths, role: ClientRole) -> Result<Client, ClientError> {
        Client::connect_to(&paths.supervisor_socket(), role)?
            .ok_or_else(|| ClientError::NotRunning { project: paths.project().to_owned() })
    }

    /// Connects to a socket by its path, as agents do that know nothing else. `None` when nobody listens there.
    pub fn connect_to(socket: &Path, role: ClientRole) -> Result<Option<Client>, ClientError> {
        let stream = match UnixStream::connect(socket) {
            Ok(stream) => stream,
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                return Ok(None);
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(ClientError::Forbidden(error));
            }
            Err(error) => return Err(ClientError::State(error)),
        };
        match Client::greet(stream, role) {
            // It ended between our connecting and its greeting: as good as not there.
            Err(ClientError::Gone(FrameError::Closed)) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Connects to the supervisor, starting it with `program` (this program) when none runs. Several clients that start
    /// at the same time start one. Fails with the supervisor's own words when it cannot start.
    pub fn connect_or_start(
        paths: &ProjectPaths,
        program: &Path,
        lane: &str,
        role: ClientRole,
    ) -> Result<Client, ClientError> {
        if let Some(client) = Client::connect_to(&paths.supervisor_socket(), role.clone())? {
            return Ok(client);
        }
        paths.prepare()?;
        // Whoever holds this lock starts it; the others find it running when they get the lock.
        let starting = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(paths.state_directory().join("starting.lock"))?;
        starting.lock()?;
        if let Some(client) = Client::connect_to(&paths.supervisor_socket(), role.clone())? {
            return Ok(client);
        }
        start(paths, program, lane)?;
        Client::connect(paths, role)
    }

    fn greet(mut stream: UnixStream, role: ClientRole) -> Result<Client, ClientError> {
        write_json(&mut stream, FrameKind::Greeting, &Hello { version: VERSION, role })?;
        let mut reader = BufReader::with_capacity(256 * 1024, stream.try_clone()?);
        let frame = read_frame(&mut reader)?;
        let greeting =
            serde_json::from_slice(&frame.payload).map_err(|error| FrameError::Payload(error.to_string()))?;
        match greeting {
            Greeting::Welcome { .. } => {
                let sender = Sender { stream: Arc::new(Mutex::new(stream)) };
                Ok(Client { reader, sender, next_request: 1 })
            }
            Greeting::Refused { reason, .. } => Err(ClientError::Refused(reason)),
        }
    }

    /// The writing half.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Waits for what comes next.
    pub fn receive(&mut self) -> Result<Incoming, ClientError> {
        let frame = read_frame(&mut self.reader)?;
        match frame.kind {
            FrameKind::Screen => wire::decode_update(&frame.payload)
                .map(Incoming::Screen)
                .map_err(|error| FrameError::Payload(error.to_string()).into()),
            FrameKind::Control => serde_json::from_slice(&frame.payload)
                .map(Incoming::Message)
                .map_err(|error| FrameError::Payload(error.to_string()).into()),
            FrameKind::Greeting => Err(ClientError::OddReply),
        }
    }

    /// Asks and waits for the reply. What else comes meanwhile is dropped: for commands, not for rooms.
    pub fn request(&mut self, request: Request) -> Result<Reply, ClientError> {
        let id = self.next_request;
        self.next_request += 1;
        self.sender.send(&ClientMessage::Request { id, request })?;
        loop {
            if let Incoming::Message(ServerMessage::Reply { id: replied, reply }) = self.receive()?
                && replied == id
            {
                return Ok(reply);
            }
        }
    }
}

/// Starts a supervisor and waits until it is ready, or until it says why it is not.
fn start(paths: &ProjectPaths, program: &Path, lane: &str) -> Result<(), ClientError> {
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(paths.supervisor_log())?;
    let mut command = Command::new(program);
    // Who starts it may be an agent: its token, and the mark by which the keeper knows an agent's processes, are its own.
    for (name, _) in std::env::vars_os() {
        let ours =
            name.to_str().is_some_and(|name| name.starts_with("WAVEDECK_") && !PASSED_ON.contains(&name));
        if ours {
            command.env_remove(name);
        }
    }
    let mut child = command
        .arg("--project-dir")
        .arg(paths.project())
        .args(paths.project_id().into_iter().flat_map(|project| ["--project", project]))
        .args(paths.adhoc_run().into_iter().flat_map(|run| ["--run", run]))
        .args(["--lane", lane, "serve"])
        .current_dir(paths.project())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .process_group(0)
        .spawn()
        .map_err(|error| ClientError::NotStarted(format!("{}: {error}", program.display())))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    if line.trim_end() == READY {
        return Ok(());
    }
    let _ = child.wait();
    let words = line.trim_end();
    Err(ClientError::NotStarted(match words.is_empty() {
        true => format!("it ended without a word; see {}", paths.supervisor_log().display()),
        false => words.to_owned(),
    }))
}
