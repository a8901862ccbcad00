//! Everything that is true, folded from the facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::brief::{AgentBrief, WaveBrief};
use super::envelope::Envelope;
use super::fact::{Cause, EndReason, Outcome, Verdict};
use super::fallback::Fallback;
use super::ids::{AttemptKey, QuestionId, RunId, WaveKey};
use super::input::{Evidence, Exit, LaunchOptions};
use super::time::Time;
use crate::plan::backlog::Backlog;
use crate::plan::document::Reading;
use crate::plan::edit::{Edit, Rewrite};
use crate::plan::slots::Plans;
use crate::plan::{AgentId, WaveNumber};

/// Everything that is true. Serialised as a snapshot for clients and for a quick opening of the store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Launches, by id.
    #[serde(with = "as_pairs")]
    pub runs: BTreeMap<RunId, Run>,
    /// Waves that ever started or were refused.
    #[serde(with = "as_pairs")]
    pub waves: BTreeMap<WaveKey, WaveState>,
    /// Questions, by id.
    #[serde(with = "as_pairs")]
    pub questions: BTreeMap<QuestionId, Question>,
    /// Edits of authored files, oldest first; those from `edits_standing` on were taken back.
    pub edits: Vec<PlanEdit>,
    /// How many of `edits` stand.
    pub edits_standing: usize,
    /// Sagas, epics and tasks.
    #[serde(default, skip_serializing_if = "Backlog::is_empty")]
    pub backlog: Backlog,
    /// Saved plans.
    #[serde(default)]
    pub plans: Plans,
    /// What the hand-written documents say that plans follow, by path.
    #[serde(default)]
    pub documents: BTreeMap<String, Reading>,
}

/// A launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Lane.
    pub lane: String,
    /// Waves, in order.
    pub waves: Vec<WaveNumber>,
    /// How.
    pub options: LaunchOptions,
    /// Since when.
    pub started_at: Time,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
}

/// A wave that started or was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaveState {
    /// The run that it is in, or was in last.
    pub run: RunId,
    /// Where it stands.
    pub status: WaveStatus,
    /// What it held when it started.
    pub brief: Option<WaveBrief>,
    /// Since when.
    pub started_at: Time,
    /// Until when, once it ended.
    pub ended_at: Option<Time>,
    /// Its agents.
    pub agents: BTreeMap<AgentId, AgentState>,
}

/// Where a wave stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum WaveStatus {
    /// Agents run.
    Running,
    /// Every agent passed. Reopened only by an operator's explicit act.
    Closed,
    /// It ended without closing.
    Failed {
        /// Agents that stand in the way, with the reason code.
        failures: Vec<(String, String)>,
    },
    /// It could not start.
    Refused {
        /// Why, a sentence each.
        reasons: Vec<String>,
    },
}

/// An agent of a started wave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentState {
    /// Its tries over all runs, the first at index 0 with number 1.
    pub attempts: Vec<Attempt>,
    /// Number of the attempt that passed and counts for the current run.
    pub passed: Option<u32>,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// In which run.
    pub run: RunId,
    /// Why it is made.
    pub cause: Cause,
    /// Runtime by name.
    pub runtime: String,
    /// The move that led there, when this try left the runtime of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Name of its terminal session.
    pub session: String,
    /// Fingerprint of the brief that it works on.
    pub fingerprint: String,
    /// Where it stands.
    pub status: AttemptStatus,
    /// Process id of the session leader, once started.
    pub pid: Option<u32>,
    /// When it was scheduled.
    pub scheduled_at: Time,
    /// When its process started.
    pub started_at: Option<Time>,
    /// Since when we end it.
    pub ending_since: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Its stopwatch.
    pub clock: Clock,
    /// Submitted result, last one.
    pub submitted: Option<Envelope>,
    /// How its process ended.
    pub exit: Option<Exit>,
    /// What it left.
    pub evidence: Option<Evidence>,
    /// What that means.
    pub verdict: Option<Verdict>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum AttemptStatus {
    /// Its session is being opened.
    Starting,
    /// It runs.
    Working,
    /// It runs and waits for the operator; its clock stands.
    Waiting {
        /// For the answer to this (the oldest open one).
        question: QuestionId,
    },
    /// We end it.
    Ending {
        /// Why.
        why: EndReason,
    },
    /// It is over.
    Ended,
}

/// A stopwatch: how long an attempt ran, waiting not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it may run.
    pub budget_ms: u64,
    /// What it ran up to `running_since`.
    pub ran_ms: u64,
    /// Since when it runs; `None` while it stands.
    pub running_since: Option<Time>,
}

/// A question of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Wave of the one who asks.
    pub wave: WaveKey,
    /// Who asks.
    pub agent: AgentId,
    /// In which attempt.
    pub attempt: u32,
    /// What.
    pub text: String,
    /// Answers to choose from.
    pub options: Vec<String>,
    /// Since when.
    pub asked_at: Time,
    /// Where it stands.
    pub status: QuestionStatus,
}

/// Where a question stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum QuestionStatus {
    /// Nobody answered yet.
    Open,
    /// Answered.
    Answered {
        /// What.
        text: String,
        /// Who.
        by: String,
        /// When.
        at: Time,
    },
    /// Needs no answer any more.
    Withdrawn {
        /// Why.
        why: String,
        /// When.
        at: Time,
    },
}

/// An edit of authored files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEdit {
    /// What was asked.
    pub edit: Edit,
    /// What was written.
    pub rewrites: Vec<Rewrite>,
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
}

impl State {
    /// The attempt of this key.
    pub fn attempt(&self, key: &AttemptKey) -> Option<&Attempt> {
        self.waves.get(&key.wave)?.agents.get(&key.agent)?.attempt(key.number)
    }

    /// What the attempt's agent was told when its wave started.
    pub fn brief_of(&self, key: &AttemptKey) -> Option<&AgentBrief> {
        self.waves.get(&key.wave)?.brief_of(&key.agent)
    }

    /// The launch of a lane that is not over, if there is one. There is never more than one.
    pub fn active_run(&self, lane: &str) -> Option<(RunId, &Run)> {
        self.runs
            .iter()
            .find(|(_, run)| run.lane == lane && run.outcome.is_none())
            .map(|(id, run)| (*id, run))
    }

    /// The wave whose turn it is in a launch: the first that is not closed by it. `None` when all are.
    pub fn current_wave(&self, id: RunId) -> Option<WaveKey> {
        let run = self.runs.get(&id)?;
        run.waves.iter().map(|number| WaveKey { lane: run.lane.clone(), number: *number }).find(|key| {
            !self.waves.get(key).is_some_and(|wave| wave.run == id && wave.status == WaveStatus::Closed)
        })
    }

    /// Open questions of one attempt, oldest first.
    pub fn open_questions<'a>(&'a self, key: &'a AttemptKey) -> impl Iterator<Item = QuestionId> + 'a {
        self.questions
            .iter()
            .filter(move |(_, question)| question.is_of(key) && question.status == QuestionStatus::Open)
            .map(|(id, _)| *id)
    }

    /// The files to write to take the last standing edit back (each from `before` to `after`), or `None` when no edit
    /// stands.
    pub fn edit_to_undo(&self) -> Option<Vec<Rewrite>> {
        let edit = self.edits.get(self.edits_standing.checked_sub(1)?)?;
        Some(edit.rewrites.iter().rev().map(Rewrite::swapped).collect())
    }

    /// The files to write to make the last edit that was taken back stand again, or `None` when there is none.
    pub fn edit_to_redo(&self) -> Option<Vec<Rewrite>> {
        self.edits.get(self.edits_standing).map(|edit| edit.rewrites.clone())
    }
}

impl WaveState {
    /// What one of its agents was told when the wave started.
    pub fn brief_of(&self, agent: &str) -> Option<&AgentBrief> {
        self.brief.as_ref()?.agents.iter().find(|brief| brief.id == agent)
    }
}

impl AgentState {
    /// The attempt of this number.
    pub fn attempt(&self, number: u32) -> Option<&Attempt> {
        self.attempts.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The newest attempt.
    pub fn newest(&self) -> Option<&Attempt> {
        self.attempts.last()
    }
}

impl Attempt {
    /// Whether its process may speak: it is being opened, runs, or waits for an answer.
    pub fn is_running(&self) -> bool {
        match self.status {
            AttemptStatus::Starting | AttemptStatus::Working | AttemptStatus::Waiting { .. } => true,
            AttemptStatus::Ending { .. } | AttemptStatus::Ended => false,
        }
    }

    /// Whether it is not over.
    pub fn is_live(&self) -> bool {
        self.status != AttemptStatus::Ended
    }

    /// When it is tried again, after a rate limit.
    pub fn retry_at(&self) -> Option<Time> {
        match self.verdict {
            Some(Verdict::RateLimited { until }) => Some(until),
            Some(Verdict::Passed | Verdict::Failed { .. } | Verdict::Lost { .. }) | None => None,
        }
    }

    /// Whether its gate opened.
    pub fn has_passed(&self) -> bool {
        self.verdict == Some(Verdict::Passed)
    }
}

impl Clock {
    /// When the budget is used up; `None` while the clock stands.
    pub fn expires_at(&self) -> Option<Time> {
        self.running_since.map(|since| since.plus_ms(self.budget_ms.saturating_sub(self.ran_ms)))
    }

    /// Lets it run from `now` on. A clock that runs goes on running.
    pub fn start(&mut self, now: Time) {
        self.running_since.get_or_insert(now);
    }

    /// Stops it at `now`, keeping what it counted.
    pub fn stop(&mut self, now: Time) {
        if let Some(since) = self.running_since.take() {
            self.ran_ms = self.ran_ms.saturating_add(now.since_ms(since));
        }
    }
}

impl Question {
    /// Whether this attempt asked it.
    pub fn is_of(&self, key: &AttemptKey) -> bool {
        self.wave == key.wave && self.agent == key.agent && self.attempt == key.number
    }
}

/// JSON has no maps with structured keys, and keys that are numbers do not survive serde's tagged enums: written as a
/// list of pairs.
mod as_pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter())
    }

    pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}
