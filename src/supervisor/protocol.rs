//! What clients and supervisor say to each other.
//!
//! A frame is a big-endian `u32` length (of what follows), a kind byte and a payload. Kind 0 is the greeting and kind 1
//! control, both JSON; kind 2 is a [`crate::session::ScreenUpdate`] in its compact binary form. The first frame each way
//! is a greeting with [`VERSION`]; another version is refused with a sentence and the connection is closed.

mod mapping;

use serde::{Deserialize, Serialize};

use crate::engine::envelope::Envelope;
use crate::engine::input::LaunchOptions;
use crate::engine::{AttemptKey, Fact, QuestionId, Refused, RunId, State, Time};
use crate::plan::backlog::import::Imported;
use crate::plan::backlog::{SourceKind, TaskEdit, TaskId};
use crate::plan::document::Imported as DocumentImported;
use crate::plan::edit::Edit;
use crate::plan::slots::Change;
use crate::plan::{AgentId, Sources, WaveNumber};
use crate::session::Size;
use crate::session::keys::TerminalInput;

/// Version of this protocol. Changes with every change of a message.
pub const VERSION: u32 = 1;

/// Largest frame in bytes, the header not counted. A longer one ends the connection.
pub const FRAME_BYTES_MAX: usize = 64 * 1024 * 1024;

/// First frame of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the client.
    pub version: u32,
    /// Who it is.
    pub role: ClientRole,
}

/// Who a client is; decides what it is told unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum ClientRole {
    /// A control room or `watch`: gets a snapshot, then every fact, sources and sessions as they change.
    Room,
    /// A command: gets replies to its requests only.
    Command,
    /// An agent's process: may ask, submit and look for its own attempt only.
    Agent {
        /// Its attempt.
        attempt: AttemptKey,
        /// The attempt's token.
        token: String,
    },
}

/// First frame of the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "greeting", rename_all = "kebab-case")]
pub enum Greeting {
    /// Welcome.
    Welcome {
        /// [`VERSION`] of the supervisor.
        version: u32,
        /// `CARGO_PKG_VERSION` of the supervisor.
        program: String,
        /// Its process id.
        pid: u32,
    },
    /// Not welcome; the connection is closed.
    Refused {
        /// [`VERSION`] of the supervisor.
        version: u32,
        /// Why, as a sentence with a hint.
        reason: String,
    },
}

/// What a client says after the greeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum ClientMessage {
    /// Wants something; gets [`ServerMessage::Reply`] with the same number.
    Request {
        /// The client's own number for it.
        id: u64,
        /// What.
        request: Request,
    },
    /// The panes that the client shows from now on, instead of those it showed before.
    Watch {
        /// Panes, the focused one first.
        panes: Vec<WatchedPane>,
        /// Size that it would give to a terminal that is not there yet; terminals are opened in the one that was told
        /// last, so that what a program draws first needs no reflow. `None` says nothing about it.
        #[serde(default)]
        opening: Option<Size>,
    },
    /// The operator does something to a terminal. No reply: what comes of it is on the screen.
    Input {
        /// Session.
        session: String,
        /// What.
        input: TerminalInput,
    },
    /// The client has drawn this state of a session and can take the next.
    Drawn {
        /// Session.
        session: String,
        /// [`crate::session::ScreenUpdate::generation`].
        generation: u64,
    },
}

/// A pane that a client shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedPane {
    /// Session.
    pub session: String,
    /// Size that the client has for it; `None` looks on without resizing. The client that acted last decides.
    pub size: Option<Size>,
}

/// What a client can want.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Run waves. Reply: [`Reply::Launched`].
    Launch {
        /// Waves, ascending.
        waves: Vec<WaveNumber>,
        /// How.
        options: LaunchOptions,
        /// `--command`: what the runtime `command` runs in this launch.
        command: Option<String>,
    },
    /// End an attempt. Reply: [`Reply::Done`].
    Cancel {
        /// Which.
        attempt: AttemptKey,
        /// Who says so.
        by: String,
    },
    /// Answer a question. Reply: [`Reply::Done`].
    Answer {
        /// Which.
        question: QuestionId,
        /// What.
        text: String,
        /// Who.
        by: String,
    },
    /// Edit authored files. Reply: [`Reply::Done`], or a refusal.
    EditPlan {
        /// What.
        edit: Edit,
        /// Who.
        by: String,
    },
    /// Take back the last edit that stands, of authored files or of a saved plan. Reply: [`Reply::Done`] with what was taken back.
    Undo {
        /// Who.
        by: String,
    },
    /// Make the last edit again that was taken back.
    Redo {
        /// Who.
        by: String,
    },
    /// Read somebody else's backlog. Reply: [`Reply::Imported`].
    Import {
        /// What it is.
        kind: SourceKind,
        /// A file, or a folder in which CLEO keeps one, absolute; the project's by default.
        path: Option<String>,
        /// Whether it is read again by itself when it changes.
        follow: bool,
        /// Who.
        by: String,
    },
    /// Edit the backlog. Reply: [`Reply::Edited`].
    EditBacklog {
        /// How.
        edit: TaskEdit,
        /// Who.
        by: String,
    },
    /// Change a saved plan. Reply: [`Reply::SlotsChanged`], or a refusal that says who changed it since.
    ChangeSlots {
        /// How. Locks are signed with `by` and the time.
        change: Change,
        /// The version of the plan that they have seen; without one they do not care.
        expected: Option<u64>,
        /// Who.
        by: String,
    },
    /// Read a hand-written document, make a plan of it, and read it again whenever it changes. Reply:
    /// [`Reply::DocumentImported`].
    ImportDocument {
        /// Its path, absolute or relative to the project; it lies in the project.
        path: String,
        /// The name of the plan; made from that of the file by default.
        slug: Option<String>,
        /// Who.
        by: String,
    },
    /// Make a plan say what its document says. Reply: [`Reply::SlotsChanged`].
    AcceptDocument {
        /// Which plan.
        slug: String,
        /// About these tasks; about all that differ when none is named.
        tasks: Vec<TaskId>,
        /// The version of the plan that they have seen; without one they do not care.
        expected: Option<u64>,
        /// Who.
        by: String,
    },
    /// Make a plan's document say what the plan says, changing only the lines concerned. Reply:
    /// [`Reply::Done`], or a refusal when the document changed since it was read.
    WriteDocument {
        /// Which plan.
        slug: String,
        /// About these tasks; about all that differ when none is named.
        tasks: Vec<TaskId>,
        /// The version of the plan that they have seen; without one they do not care.
        expected: Option<u64>,
        /// Who.
        by: String,
    },
    /// An agent asks. Reply at once: [`Reply::Asked`].
    Ask {
        /// What.
        text: String,
        /// Answers to choose from.
        options: Vec<String>,
    },
    /// Waits until a question is answered or withdrawn. Reply then: [`Reply::Question`].
    AwaitAnswer {
        /// Which.
        question: QuestionId,
    },
    /// Where a question stands. Reply at once: [`Reply::Question`].
    LookQuestion {
        /// Which.
        question: QuestionId,
    },
    /// An agent submits its result. Reply: [`Reply::Done`].
    Submit {
        /// What.
        envelope: Box<Envelope>,
    },
    /// The state and sources now. Reply: [`Reply::Snapshot`].
    Snapshot,
    /// A plain terminal with a command line, outside any plan. Reply: [`Reply::Session`].
    OpenShell {
        /// Program and arguments.
        command: Vec<String>,
        /// Folder; the project's by default.
        directory: Option<String>,
        /// Size to start with.
        size: Size,
    },
    /// End a plain terminal.
    CloseShell {
        /// Session.
        session: String,
    },
    /// The screen of a session. Reply: [`Reply::Screen`].
    Screen {
        /// Session.
        session: String,
        /// With escape sequences for colours.
        ansi: bool,
    },
    /// Rows of scrollback. Reply: [`Reply::History`].
    History {
        /// Session.
        session: String,
        /// First row wanted, counted from the oldest kept one.
        first: u64,
        /// How many, at most 1,000.
        count: u32,
    },
    /// Type into a session. Reply: [`Reply::Done`] once it was written to the terminal.
    Send {
        /// Session.
        session: String,
        /// What, one after the other.
        inputs: Vec<TerminalInput>,
    },
    /// Turn every room to this terminal. Reply: [`Reply::Done`].
    Focus {
        /// Session.
        session: String,
    },
    /// End the supervisor. Reply: [`Reply::Done`], then the connection ends.
    Stop {
        /// End agents and keeper, too.
        agents: bool,
    },
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// Done; a sentence for people.
    Done {
        /// What was done.
        message: String,
    },
    /// The launch was accepted, or there was nothing to start.
    Launched {
        /// The run; `None` when every wave is closed already.
        run: Option<RunId>,
        /// A sentence for each wave that is not started, with the reason.
        notes: Vec<String>,
    },
    /// A backlog was read.
    Imported(Box<Imported>),
    /// A saved plan changed, or agreed already.
    SlotsChanged {
        /// The plan, under its new name if it got one; `None` for a change that is about no plan.
        slug: Option<String>,
        /// Its version now; `None` when it is gone.
        version: Option<u64>,
        /// What was done, as a sentence.
        message: String,
    },
    /// A document was read.
    DocumentImported(Box<DocumentImported>),
    /// The backlog was edited, or was so already.
    Edited {
        /// The record.
        task: TaskId,
        /// What was done, as a sentence.
        message: String,
        /// What is odd now because of it, a sentence each.
        notes: Vec<String>,
    },
    /// The question is with the operator.
    Asked {
        /// Its ticket.
        question: QuestionId,
    },
    /// Where a question stands.
    Question {
        /// Which.
        question: QuestionId,
        /// Where it stands.
        status: crate::engine::state::QuestionStatus,
    },
    /// State and sources.
    Snapshot(Box<Snapshot>),
    /// A session was opened.
    Session {
        /// Its name.
        session: String,
    },
    /// A screen.
    Screen {
        /// Its rows as text, with escape sequences when asked for.
        rows: Vec<String>,
        /// Columns and rows.
        size: Size,
    },
    /// Scrollback.
    History {
        /// First row given.
        first: u64,
        /// Rows kept in all.
        total: u64,
        /// The rows as [`crate::session::wire::encode_rows`] writes them, in base 64.
        rows: String,
    },
    /// Not done.
    Refused(Refused),
    /// Not done: the supervisor failed.
    Failed {
        /// Why, as a sentence.
        message: String,
    },
}

/// Everything a room needs to begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Sequence number of the last fact in `state`.
    pub sequence: u64,
    /// The state.
    pub state: State,
    /// What authors wrote.
    pub sources: Sources,
    /// Terminals that are there.
    pub sessions: Vec<SessionInfo>,
    /// The supervisor's clock.
    pub now: Time,
}

/// What the supervisor says after the greeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "kebab-case")]
pub enum ServerMessage {
    /// To a request.
    Reply {
        /// The request's number.
        id: u64,
        /// What it came to.
        reply: Reply,
    },
    /// To a room, first.
    Snapshot(Box<Snapshot>),
    /// To a room: a fact was committed.
    Fact {
        /// Its sequence number, one more than the last.
        sequence: u64,
        /// The fact.
        fact: Box<Fact>,
    },
    /// To a room: authored files changed.
    Sources(Box<Sources>),
    /// To a room: of the authored files this wave file alone changed. Goes over the sources that the room has.
    WaveFile {
        /// Its path, relative to the project.
        path: String,
        /// Its text; `None` when it is gone.
        text: Option<String>,
    },
    /// To a room: terminals came, went or changed their title or state.
    Sessions {
        /// Those that are there now.
        sessions: Vec<SessionInfo>,
    },
    /// To a room: turn to this terminal, somebody said so from outside.
    Focus {
        /// Session.
        session: String,
    },
    /// To a room: somebody stopped this supervisor on purpose, so it is not to be started again unasked. The connection
    /// ends next.
    Stopping {
        /// What happens to agents, as a sentence.
        text: String,
    },
    /// To a room: something that the operator should know, such as a lost agent or a full disk.
    Notice {
        /// A sentence.
        text: String,
        /// Whether something went wrong.
        wrong: bool,
    },
}

/// A terminal, for lists and badges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Its name.
    pub session: String,
    /// What people call it: the agent's id, or the command line.
    pub label: String,
    /// The attempt it belongs to, unless it is a plain terminal.
    pub attempt: Option<AttemptKey>,
    /// The agent it belongs to, unless it is a plain terminal.
    pub agent: Option<AgentId>,
    /// Process id of the session leader.
    pub pid: u32,
    /// Window title as the child set it.
    pub title: String,
    /// Whether it still runs.
    pub running: bool,
    /// How it ended, as a word: `exit 0`, `signal 9`.
    pub ended: Option<String>,
    /// When it last printed something, to the second.
    pub last_output_at: Option<Time>,
    /// Whether the bell rang since a room last showed it.
    pub bell: bool,
}

#[cfg(test)]
mod tests;
