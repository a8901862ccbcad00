//! What is now true. Facts are what the store keeps, what clients fold, and all that a replay needs.

use serde::{Deserialize, Serialize};

use super::Time;
use super::brief::WaveBrief;
use super::envelope::Envelope;
use super::fallback::Fallback;
use super::ids::{AttemptKey, QuestionId, RunId, WaveKey};
use super::input::{Evidence, Exit, LaunchOptions};
use crate::plan::WaveNumber;
use crate::plan::backlog::{Source, Task, TaskChange, TaskId};
use crate::plan::document::Reading;
use crate::plan::edit::{Edit, Rewrite};
use crate::plan::slots::Change;

/// A fact with the time at which it became one. The store adds the sequence number, which alone decides order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// When.
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum What {
    /// A launch was accepted.
    RunStarted {
        /// Its id.
        run: RunId,
        /// Its lane.
        lane: String,
        /// Waves that it runs, in order; closed ones are not among them.
        waves: Vec<WaveNumber>,
        /// How.
        options: LaunchOptions,
    },
    /// A wave's turn came: this is what it holds. From here its agents are fixed.
    WaveStarted {
        /// Which wave.
        wave: WaveKey,
        /// For which run.
        run: RunId,
        /// What it holds.
        brief: WaveBrief,
    },
    /// A wave's turn came and it cannot run.
    WaveRefused {
        /// Which wave.
        wave: WaveKey,
        /// For which run.
        run: RunId,
        /// Why, a sentence each.
        reasons: Vec<String>,
    },
    /// An attempt is to start; its session is opened for it.
    AttemptScheduled {
        /// Which.
        attempt: AttemptKey,
        /// Why it is made.
        cause: Cause,
        /// What it runs on, by name.
        runtime: String,
        /// The move that led there, when this try left the runtime of the one before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<Fallback>,
        /// Fingerprint of the brief that it works on.
        fingerprint: String,
        /// Milliseconds that it may run, waiting not counted.
        budget_ms: u64,
    },
    /// Its process runs.
    SessionStarted {
        /// Which.
        attempt: AttemptKey,
        /// Process id of the session leader.
        pid: u32,
    },
    /// It asked; its clock stands until the answer.
    QuestionAsked {
        /// Id.
        question: QuestionId,
        /// Who asks.
        attempt: AttemptKey,
        /// What.
        text: String,
        /// Answers to choose from.
        options: Vec<String>,
    },
    /// The operator answered; its clock runs again.
    QuestionAnswered {
        /// Which.
        question: QuestionId,
        /// What.
        text: String,
        /// Who.
        by: String,
    },
    /// The question needs no answer any more.
    QuestionWithdrawn {
        /// Which.
        question: QuestionId,
        /// Why.
        why: String,
    },
    /// It submitted a result. The last one before its end counts.
    ResultSubmitted {
        /// Whose.
        attempt: AttemptKey,
        /// What.
        envelope: Box<Envelope>,
    },
    /// We end it; it ends when its process has.
    AttemptEnding {
        /// Which.
        attempt: AttemptKey,
        /// Why.
        why: EndReason,
    },
    /// It ended, and this is the verdict on it.
    AttemptEnded {
        /// Which.
        attempt: AttemptKey,
        /// How; `None` when nobody knows, or when it never started.
        exit: Option<Exit>,
        /// What it left; `None` when nobody could look.
        evidence: Option<Box<Evidence>>,
        /// What that means.
        verdict: Verdict,
    },
    /// A finished agent of an earlier run is taken over, not run again: same fingerprint, still passed.
    AgentReused {
        /// Its wave.
        wave: WaveKey,
        /// Its passed attempt.
        attempt: AttemptKey,
    },
    /// Every agent of the wave passed.
    WaveClosed {
        /// Which.
        wave: WaveKey,
    },
    /// The wave ended without closing.
    WaveFailed {
        /// Which.
        wave: WaveKey,
        /// Agents that stand in the way, with the reason code.
        failures: Vec<(String, String)>,
    },
    /// The launch is over.
    RunEnded {
        /// Which.
        run: RunId,
        /// How.
        outcome: Outcome,
    },
    /// An authored file was edited on the operator's word.
    PlanEdited {
        /// What was asked.
        edit: Edit,
        /// What was written; swapped, it takes the edit back.
        rewrites: Vec<Rewrite>,
        /// Who.
        by: String,
    },
    /// The last standing edit was taken back.
    PlanUndone {
        /// Who.
        by: String,
    },
    /// The last edit that was taken back stands again.
    PlanRedone {
        /// Who.
        by: String,
    },
    /// Somebody else's backlog was read: what it says otherwise than before. A large one is several facts.
    BacklogImported {
        /// Where it was read.
        source: Source,
        /// Records that are new or otherwise, as the source has them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        upserts: Vec<Task>,
        /// Records that the source does not have any more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removals: Vec<TaskId>,
        /// Who.
        by: String,
    },
    /// A saga, epic or task was added here.
    TaskAdded {
        /// It.
        task: Box<Task>,
        /// Who.
        by: String,
    },
    /// A saga, epic or task was changed here.
    TaskChanged {
        /// Which.
        task: TaskId,
        /// In what.
        changes: Vec<TaskChange>,
        /// Who.
        by: String,
    },
    /// A saved plan changed.
    SlotsChanged {
        /// How.
        change: Change,
        /// Who.
        by: String,
    },
    /// The last standing change of the saved plans was taken back.
    SlotsUndone {
        /// Who.
        by: String,
    },
    /// The last change of the saved plans that was taken back stands again.
    SlotsRedone {
        /// Who.
        by: String,
    },
    /// A hand-written document that a plan follows was read and says this now.
    DocumentRead {
        /// Its path relative to the project.
        path: String,
        /// What it says; `None` when it is gone or cannot be read.
        reading: Option<Box<Reading>>,
    },
}

/// Why an attempt is made. Each cause has a budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The first try in a run.
    First,
    /// The one before failed its gate or its process.
    Rework,
    /// The one before met a rate limit.
    RateLimit,
    /// The runtime of the one before failed it, and a fallback is open. Each runtime is tried once in a launch.
    Fallback,
    /// The work was good but its report could not be read: asked to restate.
    TransportReask,
    /// A hybrid design agent builds after its design pass.
    DesignPass,
    /// Sibling owners of a component were not there yet.
    SiblingWait,
    /// The one before was lost with keeper and supervisor; nobody's fault, counted apart.
    Lost,
}

/// Why we end an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum EndReason {
    /// It ran longer than it may.
    TimedOut,
    /// Somebody said so.
    Cancelled {
        /// Who.
        by: String,
    },
}

/// What an ended attempt means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Its gate is open.
    Passed,
    /// Its gate is shut.
    Failed {
        /// Code such as `missing-wave-proof`, `exit-1`, `timeout`, `cancelled`.
        code: String,
        /// What kind of failure.
        class: FailureClass,
        /// A sentence for the operator.
        detail: String,
    },
    /// A rate limit; tried again when it has passed.
    RateLimited {
        /// When to try again.
        until: Time,
    },
    /// Lost with keeper and supervisor.
    Lost {
        /// A sentence for the operator.
        detail: String,
    },
}

/// Kinds of gate failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// The process itself failed, or was ended.
    Process,
    /// There is no state to judge.
    State,
    /// The report did not arrive in a readable form.
    Transport,
    /// The report says that the work is not there.
    Semantic,
    /// A file is not there.
    Artifact,
}

/// How a launch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every wave is closed. Exit code 0.
    Closed,
    /// A wave failed. Exit code 1.
    Failed,
    /// Every failure is cont-QA's. Exit code 42.
    ContQa,
    /// A wave is blocked or waits. Exit code 43.
    Blocked,
}
