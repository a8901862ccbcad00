//! What the driver is asked and what it answers, without a word about sockets.

use crate::engine::envelope::Envelope;
use crate::engine::input::{Exit, LaunchOptions};
use crate::engine::state::QuestionStatus;
use crate::engine::{AttemptKey, QuestionId, Refused, RunId, State, Time};
use crate::plan::backlog::import::Imported;
use crate::plan::backlog::{SourceKind, TaskEdit, TaskId};
use crate::plan::document::Imported as DocumentImported;
use crate::plan::edit::Edit;
use crate::plan::slots::Change;
use crate::plan::{Sources, WaveNumber};

/// What reaches the driver over its bounded channel. Full means: the sender waits, so clients are held back, never
/// sessions (their output does not come this way).
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A client wants something. It gets exactly one reply, at once or (for [`Request::AwaitAnswer`]) later.
    Request {
        /// Who, and where the reply goes.
        from: Caller,
        /// What.
        request: Box<Request>,
    },
    /// A client is gone: replies that it still waits for are dropped.
    ClientGone {
        /// Its number.
        client: u64,
    },
    /// A session's terminal was closed, and nobody will ever say how its program ended: its keeper is gone.
    SessionLost {
        /// Name of the session; one that belongs to no attempt is ignored.
        name: String,
    },
    /// A session's program ended, and its last output is in its log.
    SessionExited {
        /// Name of the session; one that belongs to no attempt is ignored.
        name: String,
        /// How.
        exit: Exit,
    },
    /// Stop. The driver's thread ends once the store is closed.
    Stop {
        /// Whether running attempts are cancelled and awaited first.
        agents: Agents,
    },
}

/// What becomes of running agents when the driver stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agents {
    /// They go on; the next driver adopts them.
    GoOn,
    /// They are cancelled.
    End,
}

/// Who wants something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Where the reply goes.
    pub reply_to: ReplyTo,
    /// In what role.
    pub role: Role,
}

/// Where a reply goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplyTo {
    /// The client's number; never used again for another.
    pub client: u64,
    /// The client's own number for its request.
    pub request: u64,
}

/// In what role somebody speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The operator, in a room or on a command line.
    Operator,
    /// An agent's process: may ask, look, wait and submit for its own running attempt only.
    Agent {
        /// Its attempt.
        attempt: AttemptKey,
        /// The attempt's token ([`super::token`]).
        token: String,
    },
}

/// What a client can want of the driver.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Run waves.
    Launch {
        /// Waves, ascending.
        waves: Vec<WaveNumber>,
        /// How.
        options: LaunchOptions,
        /// What the runtime `command` runs in this launch.
        command: Option<String>,
    },
    /// End an attempt.
    Cancel {
        /// Which.
        attempt: AttemptKey,
        /// Who says so.
        by: String,
    },
    /// Answer a question.
    Answer {
        /// Which.
        question: QuestionId,
        /// What.
        text: String,
        /// Who.
        by: String,
    },
    /// Edit authored files.
    EditPlan {
        /// What.
        edit: Edit,
        /// Who.
        by: String,
    },
    /// Take back the last edit that stands, of authored files or of a saved plan.
    Undo {
        /// Who.
        by: String,
    },
    /// Make the last edit again that was taken back.
    Redo {
        /// Who.
        by: String,
    },
    /// Read somebody else's backlog.
    Import {
        /// What it is.
        kind: SourceKind,
        /// A file, or a folder in which CLEO keeps one; the project's by default.
        path: Option<String>,
        /// Whether it is read again by itself when it changes.
        follow: bool,
        /// Who.
        by: String,
    },
    /// Edit the backlog.
    EditBacklog {
        /// How.
        edit: TaskEdit,
        /// Who.
        by: String,
    },
    /// Change a saved plan.
    ChangeSlots {
        /// How. Locks are signed with `by` and the time.
        change: Change,
        /// The version of the plan that they have seen; without one they do not care.
        expected: Option<u64>,
        /// Who.
        by: String,
    },
    /// Read a hand-written document, make a plan of it, and read it again whenever it changes.
    ImportDocument {
        /// Its path, absolute or relative to the project; it lies in the project.
        path: String,
        /// The name of the plan; made from that of the file by default.
        slug: Option<String>,
        /// Who.
        by: String,
    },
    /// Make a plan say what its document says.
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
    /// Make a plan's document say what the plan says, changing only the lines concerned.
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
    /// An agent asks.
    Ask {
        /// What.
        text: String,
        /// Answers to choose from.
        options: Vec<String>,
    },
    /// Replied to when the question is answered or withdrawn.
    AwaitAnswer {
        /// Which.
        question: QuestionId,
    },
    /// Where a question stands.
    LookQuestion {
        /// Which.
        question: QuestionId,
    },
    /// An agent submits its result.
    Submit {
        /// What.
        envelope: Box<Envelope>,
    },
    /// State and sources now.
    Snapshot,
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq)]
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
        status: QuestionStatus,
    },
    /// State and sources.
    Snapshot(Box<Snapshot>),
    /// Not done.
    Refused(Refused),
    /// Not done: the driver failed. Nothing that was committed is lost.
    Failed {
        /// Why, as a sentence.
        message: String,
    },
}

/// State and sources at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Sequence number of the last fact in `state`.
    pub sequence: u64,
    /// The state.
    pub state: State,
    /// What authors wrote.
    pub sources: Sources,
    /// The driver's clock.
    pub now: Time,
}
