//! What somebody says to the engine: the operator, an agent, a session, the clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::brief::WaveBrief;
use super::envelope::{Envelope, ResultReading};
use super::ids::{AttemptKey, QuestionId, WaveKey};
use crate::plan::WaveNumber;
use crate::plan::backlog::{Source, Task, TaskEdit};
use crate::plan::document::Reading;
use crate::plan::edit::{Edit, Rewrite};
use crate::plan::matrix::Standing;
use crate::plan::runtime::{Overrides, RuntimeId, Sandbox};
use crate::plan::slots::Change;

/// One thing said to the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// Time passed: a deadline may have been reached.
    Tick,
    /// Run these waves of a lane, in this order. Closed waves are left alone, with a word why.
    Launch {
        /// Lane.
        lane: String,
        /// Wave numbers, ascending.
        waves: Vec<WaveNumber>,
        /// How.
        options: LaunchOptions,
    },
    /// The driver read the wave that [`super::Effect::BriefWave`] asked for.
    WaveBriefed {
        /// Which wave.
        wave: WaveKey,
        /// What it holds, or why it cannot run (findings as sentences, one each).
        brief: Result<WaveBrief, Vec<String>>,
    },
    /// End an attempt: the operator said so. The agent is not retried in this run.
    Cancel {
        /// Which attempt.
        attempt: AttemptKey,
        /// Who said so.
        by: String,
    },
    /// An agent asks the operator. Asking the same text again while it is open gives the same question.
    Ask {
        /// Whose words these are; the driver checked the token.
        attempt: AttemptKey,
        /// The question.
        text: String,
        /// Answers to choose from; free text is always possible.
        options: Vec<String>,
    },
    /// The operator answers.
    Answer {
        /// Which question.
        question: QuestionId,
        /// The answer.
        text: String,
        /// Who.
        by: String,
    },
    /// The agent (or the operator) takes a question back.
    Withdraw {
        /// Which question.
        question: QuestionId,
        /// Why.
        why: String,
    },
    /// An agent submits its result; the driver checked token and shape.
    Submit {
        /// Whose.
        attempt: AttemptKey,
        /// The result.
        envelope: Envelope,
    },
    /// The attempt's process runs. Said again after a supervisor's restart: adopting is not an event.
    SessionStarted {
        /// Which attempt.
        attempt: AttemptKey,
        /// Process id of the session leader.
        pid: u32,
    },
    /// The attempt's process could not be started.
    SessionFailed {
        /// Which attempt.
        attempt: AttemptKey,
        /// Why, as a sentence.
        error: String,
    },
    /// The attempt's process ended, and this is what it left.
    SessionEnded {
        /// Which attempt.
        attempt: AttemptKey,
        /// How it ended.
        exit: Exit,
        /// What it left.
        evidence: Evidence,
    },
    /// The attempt's process is gone and nobody knows how it ended (keeper and supervisor were killed together).
    SessionLost {
        /// Which attempt.
        attempt: AttemptKey,
        /// What is known, as a sentence.
        detail: String,
    },
    /// An authored file was edited on the operator's word; the files are written.
    PlanEdited {
        /// What was asked.
        edit: Edit,
        /// What was written.
        rewrites: Vec<Rewrite>,
        /// Who.
        by: String,
    },
    /// The last edit that stands was taken back; the files are written.
    PlanUndone {
        /// Who.
        by: String,
    },
    /// The last edit that was taken back stands again; the files are written.
    PlanRedone {
        /// Who.
        by: String,
    },
    /// Somebody else's backlog was read. What it says otherwise than before becomes a fact, or nothing.
    BacklogRead {
        /// Where.
        source: Source,
        /// Everything that it says.
        records: Vec<Task>,
        /// Who wants it.
        by: String,
    },
    /// The operator edits the backlog.
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
        /// Who.
        by: String,
        /// The version of the plan that they have seen; without one they do not care.
        expected: Option<u64>,
    },
    /// Take back the last standing change of the saved plans.
    UndoSlots {
        /// Who.
        by: String,
    },
    /// Make the change of the saved plans again that was taken back last.
    RedoSlots {
        /// Who.
        by: String,
    },
    /// A document was read.
    DocumentRead {
        /// Its path relative to the project.
        path: String,
        /// What it says; `None` when it is gone or cannot be read.
        reading: Option<Box<Reading>>,
    },
}

/// How a launch runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchOptions {
    /// `--executor`: overrides every agent's choice.
    pub executor: Option<RuntimeId>,
    /// `--codex-sandbox`: what codex may touch, whatever is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codex_sandbox: Option<Sandbox>,
    /// `--command`: what the runtime `command` runs in this launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// `--max-retries-per-wave`: retries for rework of each agent, 1 by default.
    pub max_retries: u32,
    /// `--timeout-minutes` for each attempt in milliseconds, 240 minutes by default. An agent's own budget may be less.
    pub timeout_ms: u64,
    /// `--agent-rate-limit-retries`, 2 by default.
    pub rate_limit_retries: u32,
    /// `--agent-rate-limit-base-delay-seconds` in milliseconds, 20,000 by default; doubles with each retry.
    pub rate_limit_base_delay_ms: u64,
    /// `--agent-rate-limit-max-delay-seconds` in milliseconds, 180,000 by default.
    pub rate_limit_max_delay_ms: u64,
    /// `--no-context7`: prompts are made without documentation from outside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_context7: bool,
}

impl Default for LaunchOptions {
    fn default() -> Self {
        LaunchOptions {
            executor: None,
            codex_sandbox: None,
            command: None,
            max_retries: 1,
            timeout_ms: 240 * 60 * 1000,
            rate_limit_retries: 2,
            rate_limit_base_delay_ms: 20_000,
            rate_limit_max_delay_ms: 180_000,
            without_context7: false,
        }
    }
}

impl LaunchOptions {
    /// What the launch says over the plan.
    pub fn overrides(&self) -> Overrides {
        Overrides { runtime: self.executor.clone(), codex_sandbox: self.codex_sandbox }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exit", rename_all = "kebab-case")]
pub enum Exit {
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

/// What an attempt left behind, gathered by the driver when its process ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its result.
    pub result: ResultReading,
    /// Those of its deliverables that are there.
    pub deliverables_present: Vec<String>,
    /// Those of its proof artifacts that are there.
    pub proof_artifacts_present: Vec<String>,
    /// Deliverables and proof artifacts at which nobody could look (no permission, a broken disk): neither there nor
    /// missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// Whether its output speaks of a rate limit.
    pub rate_limited: bool,
    /// What the component matrix says of what the wave promotes; only for the agent that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixReading>,
}

/// What the component matrix says of what a wave promotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MatrixReading {
    /// It is not there, or nothing of it can be used.
    Unreadable {
        /// The reason, as a clause.
        why: String,
    },
    /// It could be read.
    Read {
        /// Each promoted component.
        standings: BTreeMap<String, Standing>,
    },
}
