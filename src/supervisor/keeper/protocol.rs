//! What a supervisor and its keeper say to each other.
//!
//! A frame is a big-endian `u32` length (of what follows) and that many bytes of JSON. A message that hands over a
//! pseudo-terminal carries its master as an `SCM_RIGHTS` descriptor with the frame's first byte. The first frame each way
//! is [`Hello`] and [`Greeting`]. This protocol outlives upgrades of the program: a keeper started by an older version goes
//! on serving newer ones. So fields are only ever added, with a default; [`VERSION`] changes when that is not enough.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::session::Size;

/// Version of this protocol, apart from the program's.
pub const VERSION: u32 = 1;

/// Largest frame in bytes, the header not counted. A longer one ends the connection.
pub const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Set in the environment of every child to the name of its session: by it the keeper knows again what a session
/// started, after processes in between are gone.
pub const SESSION_VARIABLE: &str = "WAVEDECK_SESSION";

/// First frame of a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the supervisor.
    pub version: u32,
    /// Its process id, for messages.
    pub pid: u32,
}

/// First frame of the keeper. A supervisor that was connected before is disconnected first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "greeting", rename_all = "kebab-case")]
pub enum Greeting {
    /// Welcome. From here on the keeper reads no master, until this connection ends.
    Welcome {
        /// [`VERSION`] of the keeper.
        version: u32,
        /// Its process id.
        pid: u32,
        /// `CARGO_PKG_VERSION` of the keeper's program.
        program: String,
    },
    /// Not welcome; the connection is closed, and the keeper is as it was.
    Refused {
        /// [`VERSION`] of the keeper.
        version: u32,
        /// Why, as a sentence.
        reason: String,
    },
}

/// What a supervisor says after the greeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The supervisor's own number for it.
    pub id: u64,
    /// What it wants.
    #[serde(flatten)]
    pub request: Request,
}

/// What a supervisor can want.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Start a session, or have the one that bears this name. Reply: [`Answer::Spawned`] with its master.
    Spawn(Box<SpawnSession>),
    /// Every session. Reply: [`Answer::Session`] with its master for each, then [`Answer::Listed`].
    List,
    /// Give up a session whose child has ended: its exit and its master. Reply: [`Answer::Done`].
    Forget {
        /// Session.
        name: String,
    },
    /// End a session's child and everything it started: SIGTERM now, SIGKILL to what is left when the grace is over.
    /// Reply at once: [`Answer::Ending`]; later come [`Notice::Exited`] and [`Notice::Ended`].
    End {
        /// Session.
        name: String,
        /// From SIGTERM to SIGKILL.
        grace_ms: u64,
    },
    /// End the keeper. Reply: [`Answer::Done`], then the connection ends.
    Shutdown {
        /// What becomes of sessions that still run.
        sessions: OnShutdown,
    },
}

/// What becomes of running sessions when the keeper is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sessions", rename_all = "kebab-case")]
pub enum OnShutdown {
    /// They are ended first, with everything that any session ever started.
    End {
        /// From SIGTERM to SIGKILL.
        grace_ms: u64,
    },
    /// The keeper refuses as long as one runs.
    Refuse,
}

/// A session to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpawnSession {
    /// Its name, unique as long as the keeper holds it, not empty.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Folder to start in.
    pub directory: PathBuf,
    /// The complete environment; the keeper adds [`SESSION_VARIABLE`] and nothing else.
    pub environment: Vec<(String, String)>,
    /// Size of the terminal to begin with.
    pub size: Size,
    /// Folder of its log, absolute. Written by the supervisor, and by the keeper while none is connected.
    pub log_directory: PathBuf,
    /// Whatever the supervisor wants to find again; opaque to the keeper.
    #[serde(default)]
    pub metadata: serde_json::Value,
}

/// A session as the keeper holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Program and arguments it was started with.
    pub command: Vec<String>,
    /// Folder it was started in.
    pub directory: PathBuf,
    /// Folder of its log.
    pub log_directory: PathBuf,
    /// As given when it was started.
    pub metadata: serde_json::Value,
    /// Process id of its child, also after that ended.
    pub pid: u32,
    /// Size that its terminal has.
    pub size: Size,
    /// How its child ended, once it has.
    pub exit: Option<ChildExit>,
    /// Bytes that it printed while no supervisor was connected and that its log did not take, because of a full disk for
    /// instance. They are lost.
    #[serde(default)]
    pub unlogged_bytes: u64,
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exit", rename_all = "kebab-case")]
pub enum ChildExit {
    /// With this code.
    Code {
        /// 0 to 255.
        code: i32,
    },
    /// By this signal.
    Signal {
        /// Signal number.
        signal: i32,
    },
}

/// What the keeper says after the greeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "kebab-case")]
pub enum Message {
    /// To a call.
    Reply {
        /// The call's number.
        id: u64,
        /// What it came to.
        answer: Answer,
    },
    /// Unasked.
    Notice {
        /// What happened.
        notice: Notice,
    },
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// The session is there. Carries its master.
    Spawned {
        /// The session.
        session: Box<SessionRecord>,
        /// Whether it was there before; then nothing was started.
        existed: bool,
    },
    /// One of the sessions of a list. Carries its master.
    Session {
        /// The session.
        session: Box<SessionRecord>,
    },
    /// The list is complete.
    Listed {
        /// How many there were.
        count: usize,
    },
    /// The session is being ended.
    Ending {
        /// How many processes were told to end now.
        signalled: usize,
    },
    /// Done.
    Done,
    /// Not done, and nothing was changed.
    Failed {
        /// Why, as a sentence.
        reason: String,
    },
}

/// What the keeper says unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    /// A session's child ended. What it started may live on and print.
    Exited {
        /// Session.
        name: String,
        /// How.
        exit: ChildExit,
    },
    /// After [`Request::End`]: what the session started is gone.
    Ended {
        /// Session.
        name: String,
        /// Processes that could not be ended, because they run as another user or hang in the kernel. Nearly always 0.
        left: usize,
    },
}
