//! What becomes of one agent in one pass of its wave: it passed, runs, waits, is tried again, or has failed. A pure
//! reading of its attempts, asked anew in every step.
//!
//! Every cause of a further try has a budget of its own, counted within one launch: a rate limit uses up no rework, a
//! lost process uses up nothing but its own three tries, and a report that could not be read is asked for once more
//! before it counts as bad work. A failure of the runtime itself uses up no rework where [`super::fallback`] finds another.

use super::brief::{AgentBrief, WaveBrief};
use super::fact::{Cause, EndReason, FailureClass, Verdict};
use super::fallback::{FALLBACK_BLOCKED, Fallbacks, Place, current, fallbacks, is_of_runtime};
use super::gate::required_artifacts;
use super::ids::RunId;
use super::input::{Exit, LaunchOptions};
use super::state::{AgentState, Attempt, WaveState};
use super::time::{Time, duration};
use crate::plan::role::Stage;
use crate::plan::runtime::RuntimeId;

/// Milliseconds within which a session must have started.
pub const START_LIMIT_MS: u64 = 2 * 60 * 1000;
/// Code of an attempt whose session could not be started.
pub const START_FAILED: &str = "start-failed";
/// Code of an attempt that ran longer than it may, or did not start in time.
pub const TIMEOUT: &str = "timeout";
/// Code of an attempt that somebody ended; it is not tried again in the same launch.
pub const CANCELLED: &str = "cancelled";
/// Code of an agent that met more rate limits than it may.
pub const RATE_LIMIT_EXHAUSTED: &str = "rate-limit-exhausted";
/// Code of an agent whose process was lost more often than it may.
pub const LOST: &str = "lost";
/// Tries after a try whose process was lost together with keeper and supervisor.
pub const LOST_RETRIES: u32 = 3;
/// Times that an agent is asked to restate a report that could not be read.
pub const TRANSPORT_REASKS: u32 = 1;
/// Times that a landed owner is run again because its component is shared with others.
pub const SIBLING_WAITS: u32 = 1;

/// What is to become of an agent in one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Its newest try of this pass opened its gate, or an earlier launch's pass counts.
    Passed,
    /// This attempt of an earlier launch is taken over.
    Reuse(u32),
    /// A try is to be made.
    Start {
        /// Why.
        cause: Cause,
        /// Where.
        place: Place,
    },
    /// A try runs.
    Running,
    /// A rate limit passes; then it is tried again.
    WaitUntil(Time),
    /// It failed with this code and no try is left.
    Failed(String),
}

/// In which pass of its wave an attempt is: the stage of its agent, except that a design agent that also builds does so
/// in its attempts from the one that was made for it.
pub fn pass_of(brief: &AgentBrief, agent: &AgentState, attempt: &Attempt) -> Stage {
    let builds = brief.builds_after_design
        && agent.attempts.iter().any(|other| {
            other.run == attempt.run && other.number <= attempt.number && other.cause == Cause::DesignPass
        });
    if builds { Stage::Implementation } else { brief.stage }
}

/// One agent in one pass of its wave, within the wave's launch.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a> {
    /// The wave, which runs or ran in that launch.
    pub wave: &'a WaveState,
    /// What the wave holds.
    pub wave_brief: &'a WaveBrief,
    /// The agent.
    pub brief: &'a AgentBrief,
    /// Its tries.
    pub agent: &'a AgentState,
    /// How the launch runs.
    pub options: &'a LaunchOptions,
    /// The pass.
    pub stage: Stage,
    /// The time.
    pub now: Time,
}

impl Pass<'_> {
    /// What is to become of the agent.
    pub fn next(&self) -> Next {
        let tries = tries(self.brief, self.agent, self.wave.run, self.stage);
        let Some(newest) = tries.last() else { return self.first() };
        if newest.is_live() {
            return Next::Running;
        }
        let used = |cause: Cause| count(&tries, cause);
        match &newest.verdict {
            Some(Verdict::Passed) => Next::Passed,
            Some(Verdict::RateLimited { until }) if self.now < *until => Next::WaitUntil(*until),
            Some(Verdict::RateLimited { .. }) => self.here(Cause::RateLimit),
            Some(Verdict::Lost { .. }) | None if used(Cause::Lost) < LOST_RETRIES => self.here(Cause::Lost),
            Some(Verdict::Lost { .. }) | None => Next::Failed(LOST.to_owned()),
            Some(Verdict::Failed { code, .. }) if code == CANCELLED => Next::Failed(code.clone()),
            Some(Verdict::Failed { code, .. }) if is_of_runtime(code) => self.elsewhere(&tries, code),
            Some(Verdict::Failed { class, .. })
                if may_restate(self.brief, newest, *class)
                    && used(Cause::TransportReask) < TRANSPORT_REASKS =>
            {
                self.here(Cause::TransportReask)
            }
            Some(Verdict::Failed { code, .. }) => self.rework(&tries, code),
        }
    }

    /// Where its fallbacks stand after a try that failed with `code`.
    pub fn fallbacks(&self, code: &str) -> Fallbacks {
        fallbacks(self.wave, self.wave_brief, self.brief, self.agent, code)
    }

    /// A try on the runtime that it is on.
    fn here(&self, cause: Cause) -> Next {
        let runtime = RuntimeId(current(self.wave, self.brief).to_owned());
        Next::Start { cause, place: Place { runtime, moved: None } }
    }

    /// After a failure of its runtime.
    fn elsewhere(&self, tries: &[&Attempt], code: &str) -> Next {
        match self.fallbacks(code) {
            Fallbacks::Open(place) => Next::Start { cause: Cause::Fallback, place },
            Fallbacks::Shut(_) => Next::Failed(FALLBACK_BLOCKED.to_owned()),
            Fallbacks::None if code == RATE_LIMIT_EXHAUSTED => Next::Failed(code.to_owned()),
            Fallbacks::None => self.rework(tries, code),
        }
    }

    /// After a failure of its work, while tries are left.
    fn rework(&self, tries: &[&Attempt], code: &str) -> Next {
        if count(tries, Cause::Rework) >= self.options.max_retries {
            return Next::Failed(code.to_owned());
        }
        match self.fallbacks(code) {
            Fallbacks::Open(place) => Next::Start { cause: Cause::Rework, place },
            Fallbacks::None | Fallbacks::Shut(_) => self.here(Cause::Rework),
        }
    }

    fn first(&self) -> Next {
        let Pass { brief, agent, .. } = *self;
        let taken_over = agent.passed.and_then(|number| agent.attempt(number));
        if taken_over.is_some_and(|attempt| attempt.run != self.wave.run) {
            return Next::Passed;
        }
        if brief.builds_after_design && self.stage == Stage::Implementation {
            return self.here(Cause::DesignPass);
        }
        match reusable(brief, agent) {
            Some(number) => Next::Reuse(number),
            None => self.here(Cause::First),
        }
    }
}

/// The verdict on an attempt that met a rate limit: try again after `base * 2^(n-1)`, at most the maximum, where n counts
/// the rate limits of this agent on this runtime in this launch; or a failure when its retries are used up. The predecessor adds up to
/// four seconds by chance; we add nothing, so that a replay gives the same times.
pub fn rate_limited(
    brief: &AgentBrief,
    agent: &AgentState,
    attempt: &Attempt,
    options: &LaunchOptions,
    now: Time,
) -> Verdict {
    let tries = tries(brief, agent, attempt.run, pass_of(brief, agent, attempt));
    let used = used_on(&tries, Cause::RateLimit, &attempt.runtime);
    if used >= options.rate_limit_retries {
        return Verdict::Failed {
            code: RATE_LIMIT_EXHAUSTED.to_owned(),
            class: FailureClass::Process,
            detail: format!("met a rate limit {} times; no retry is left for that", used + 1),
        };
    }
    let factor = 1_u64.checked_shl(used).unwrap_or(u64::MAX);
    let delay_ms =
        options.rate_limit_base_delay_ms.saturating_mul(factor).min(options.rate_limit_max_delay_ms);
    Verdict::RateLimited { until: now.plus_ms(delay_ms) }
}

/// Why an attempt is being ended, as a sentence: `timed out after 45m`, `cancelled by olga`.
pub fn end_sentence(why: &EndReason, attempt: &Attempt) -> String {
    match why {
        EndReason::TimedOut if attempt.started_at.is_none() => {
            format!("its session did not start within {}", duration(START_LIMIT_MS))
        }
        EndReason::TimedOut => format!("timed out after {}", duration(attempt.clock.budget_ms)),
        EndReason::Cancelled { by } => format!("cancelled by {by}"),
    }
}

/// The verdict on an attempt that we ended: what it left does not count.
pub fn ended_by_us(why: &EndReason, attempt: &Attempt) -> Verdict {
    let code = match why {
        EndReason::TimedOut => TIMEOUT,
        EndReason::Cancelled { by: _ } => CANCELLED,
    };
    let detail = end_sentence(why, attempt);
    Verdict::Failed { code: code.to_owned(), class: FailureClass::Process, detail }
}

/// The attempts of one pass of one launch, in order.
pub fn tries<'a>(brief: &AgentBrief, agent: &'a AgentState, run: RunId, stage: Stage) -> Vec<&'a Attempt> {
    agent
        .attempts
        .iter()
        .filter(|attempt| attempt.run == run && pass_of(brief, agent, attempt) == stage)
        .collect()
}

/// How many of these attempts were made for this cause.
pub fn count(tries: &[&Attempt], cause: Cause) -> u32 {
    tries.iter().map(|attempt| u32::from(attempt.cause == cause)).sum()
}

/// How many of these attempts were made for this cause on one runtime.
pub fn used_on(tries: &[&Attempt], cause: Cause, runtime: &str) -> u32 {
    tries.iter().map(|attempt| u32::from(attempt.cause == cause && attempt.runtime == runtime)).sum()
}

/// The passed attempt of an earlier launch that still counts: the newest that passed, when it worked on the same brief.
/// Stewards always run again, because what they judge may have changed.
fn reusable(brief: &AgentBrief, agent: &AgentState) -> Option<u32> {
    let last_pass = match (brief.stage, brief.builds_after_design) {
        (Stage::Closure, _) => return None,
        (Stage::Design, true) => Stage::Implementation,
        (stage, _) => stage,
    };
    let newest = agent
        .attempts
        .iter()
        .rev()
        .find(|attempt| attempt.has_passed() && pass_of(brief, agent, attempt) == last_pass)?;
    (newest.fingerprint == brief.fingerprint).then_some(newest.number)
}

/// Whether the agent is asked to restate its report instead of doing its work again: the report is what is wrong, the
/// process ended well, and every file that must be there is there.
fn may_restate(brief: &AgentBrief, attempt: &Attempt, class: FailureClass) -> bool {
    let report_is_wrong = match class {
        FailureClass::Transport | FailureClass::State => true,
        FailureClass::Process | FailureClass::Semantic | FailureClass::Artifact => false,
    };
    let Some(evidence) = &attempt.evidence else { return false };
    report_is_wrong
        && attempt.exit == Some(Exit::Code { code: 0 })
        && brief.deliverables.iter().all(|path| evidence.deliverables_present.contains(path))
        && required_artifacts(brief).all(|artifact| evidence.proof_artifacts_present.contains(&artifact.path))
}
