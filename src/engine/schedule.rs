//! What is due: read from the state anew in every step, so that there is no queue that could go stale. Gives the facts
//! that must become true next, and the deadline after which more will be due.
//!
//! Every state of an attempt that is not over has one deadline and one action when it passes: a session that does not
//! start is ended, a process that runs longer than it may is ended, a process that does not end is given up, and a rate
//! limit is followed by another try. Only an attempt that waits for the operator waits as long as it takes.

use super::brief::{AgentBrief, WaveBrief};
use super::fact::{Cause, EndReason, Outcome, Verdict, What};
use super::fallback::{FALLBACK_BLOCKED, Place, current};
use super::gate::component::{ComponentVerdict, PROMOTION_GAP, SIBLING_PENDING, component_gate};
use super::ids::{AttemptKey, RunId, WaveKey};
use super::input::LaunchOptions;
use super::retry::{
    self, LOST, Next, Pass, RATE_LIMIT_EXHAUSTED, SIBLING_WAITS, START_LIMIT_MS, TIMEOUT, ended_by_us,
};
use super::state::{AgentState, Attempt, AttemptStatus, Run, State, WaveState, WaveStatus};
use super::time::Time;
use crate::plan::role::Stage;
use crate::plan::runtime::RuntimeId;

/// Milliseconds within which a process that we end must have ended.
pub const END_LIMIT_MS: u64 = 60 * 1000;

/// The facts that are due. Empty when nothing is; after applying them more may be due.
pub fn due(state: &State, now: Time) -> Vec<What> {
    let expired: Vec<What> =
        live_attempts(state).filter_map(|(key, attempt)| expire(key, attempt, now)).collect();
    if !expired.is_empty() {
        return expired;
    }
    let active = state.runs.iter().filter(|(_, run)| run.outcome.is_none());
    active.flat_map(|(id, run)| due_in_run(state, *id, run, now)).collect()
}

/// When something will be due without anybody saying anything: the nearest deadline.
pub fn next_deadline(state: &State) -> Option<Time> {
    let attempts = live_attempts(state).filter_map(|(_, attempt)| deadline(attempt));
    let rate_limits = state
        .waves
        .values()
        .filter(|wave| wave.status == WaveStatus::Running)
        .flat_map(|wave| wave.agents.values())
        .filter_map(|agent| agent.newest()?.retry_at());
    attempts.chain(rate_limits).min()
}

/// Every attempt that is not over.
pub fn live_attempts(state: &State) -> impl Iterator<Item = (AttemptKey, &Attempt)> {
    state.waves.iter().flat_map(|(wave, wave_state)| {
        wave_state.agents.iter().flat_map(move |(agent, agent_state)| {
            agent_state.attempts.iter().filter(|attempt| attempt.is_live()).map(move |attempt| {
                (AttemptKey { wave: wave.clone(), agent: agent.clone(), number: attempt.number }, attempt)
            })
        })
    })
}

fn deadline(attempt: &Attempt) -> Option<Time> {
    match attempt.status {
        AttemptStatus::Starting => Some(attempt.scheduled_at.plus_ms(START_LIMIT_MS)),
        AttemptStatus::Working => attempt.clock.expires_at(),
        AttemptStatus::Ending { .. } => attempt.ending_since.map(|since| since.plus_ms(END_LIMIT_MS)),
        AttemptStatus::Waiting { .. } | AttemptStatus::Ended => None,
    }
}

/// What happens when an attempt's deadline has passed.
fn expire(key: AttemptKey, attempt: &Attempt, now: Time) -> Option<What> {
    if deadline(attempt)? > now {
        return None;
    }
    match &attempt.status {
        AttemptStatus::Starting | AttemptStatus::Working => {
            Some(What::AttemptEnding { attempt: key, why: EndReason::TimedOut })
        }
        AttemptStatus::Ending { why } => {
            let verdict = match ended_by_us(why, attempt) {
                Verdict::Failed { code, class, detail } => Verdict::Failed {
                    code,
                    class,
                    detail: format!("{detail}; its process was told to end and did not say that it has"),
                },
                other => other,
            };
            Some(What::AttemptEnded { attempt: key, exit: None, evidence: None, verdict })
        }
        AttemptStatus::Waiting { .. } | AttemptStatus::Ended => None,
    }
}

fn due_in_run(state: &State, id: RunId, run: &Run, now: Time) -> Vec<What> {
    let Some(key) = state.current_wave(id) else {
        return vec![What::RunEnded { run: id, outcome: Outcome::Closed }];
    };
    // A wave that this launch did not start yet is being read.
    let Some(wave) = state.waves.get(&key).filter(|wave| wave.run == id) else { return Vec::new() };
    match &wave.status {
        WaveStatus::Running => match &wave.brief {
            Some(brief) => due_in_wave(&Turn { key, wave, brief, run: id, options: &run.options, now }),
            None => Vec::new(),
        },
        WaveStatus::Failed { failures } => {
            vec![What::RunEnded { run: id, outcome: outcome_of(failures) }]
        }
        WaveStatus::Refused { reasons: _ } => vec![What::RunEnded { run: id, outcome: Outcome::Failed }],
        WaveStatus::Closed => Vec::new(),
    }
}

/// How a launch ends whose wave failed: by cont-QA alone, by nothing but what may pass by itself, or otherwise.
fn outcome_of(failures: &[(String, String)]) -> Outcome {
    let all = |test: fn(&str) -> bool| failures.iter().all(|(_, code)| test(code));
    if all(|code| code.starts_with("cont-qa-") || code == "missing-cont-qa-verdict") {
        Outcome::ContQa
    } else if all(|code| {
        matches!(code, TIMEOUT | RATE_LIMIT_EXHAUSTED | LOST | SIBLING_PENDING | FALLBACK_BLOCKED)
    }) {
        Outcome::Blocked
    } else {
        Outcome::Failed
    }
}

/// A running wave and what its agents' turns depend on.
struct Turn<'a> {
    key: WaveKey,
    wave: &'a WaveState,
    brief: &'a WaveBrief,
    run: RunId,
    options: &'a LaunchOptions,
    now: Time,
}

/// Where one stage stands.
enum StageStanding {
    /// These facts are due.
    Due(Vec<What>),
    /// Somebody of it runs, or waits to be tried again.
    Underway,
    /// Nobody runs any more, and these failed.
    Failed(Vec<(String, String)>),
    /// Everybody passed.
    Passed,
}

fn due_in_wave(turn: &Turn<'_>) -> Vec<What> {
    for stage in [Stage::Design, Stage::Implementation] {
        match turn.standing(&turn.together(stage), stage) {
            StageStanding::Due(facts) => return facts,
            StageStanding::Underway => return Vec::new(),
            StageStanding::Failed(failures) => return vec![turn.fail(failures)],
            StageStanding::Passed => {}
        }
    }
    if let Some(facts) = turn.component_gate() {
        return facts;
    }
    for steward in turn.together(Stage::Closure) {
        match turn.standing(&[steward], Stage::Closure) {
            StageStanding::Due(facts) => return facts,
            StageStanding::Underway => return Vec::new(),
            StageStanding::Failed(failures) => return vec![turn.fail(failures)],
            StageStanding::Passed => {}
        }
    }
    vec![What::WaveClosed { wave: turn.key.clone() }]
}

impl<'a> Turn<'a> {
    /// The agents that have a pass in this stage.
    fn together(&self, stage: Stage) -> Vec<&'a AgentBrief> {
        let has_pass = |agent: &&AgentBrief| {
            agent.stage == stage || (stage == Stage::Implementation && agent.builds_after_design)
        };
        self.brief.agents.iter().filter(has_pass).collect()
    }

    fn standing(&self, agents: &[&AgentBrief], stage: Stage) -> StageStanding {
        let (mut facts, mut failures, mut underway) = (Vec::new(), Vec::new(), false);
        for brief in agents {
            let Some(agent) = self.wave.agents.get(&brief.id) else { continue };
            let Turn { wave, brief: wave_brief, options, now, .. } = *self;
            match (Pass { wave, wave_brief, brief, agent, options, stage, now }).next() {
                Next::Passed => {}
                Next::Running | Next::WaitUntil(_) => underway = true,
                Next::Failed(code) => failures.push((brief.id.clone(), code)),
                // A move takes room that the next one may want: it becomes true alone, then the others are asked again.
                Next::Start { cause, place } if place.moved.is_some() => {
                    return StageStanding::Due(vec![self.start(brief, agent, cause, place)]);
                }
                Next::Start { cause, place } => facts.push(self.start(brief, agent, cause, place)),
                Next::Reuse(number) => facts
                    .push(What::AgentReused { wave: self.key.clone(), attempt: self.attempt(brief, number) }),
            }
        }
        if !facts.is_empty() {
            StageStanding::Due(facts)
        } else if underway {
            StageStanding::Underway
        } else if !failures.is_empty() {
            StageStanding::Failed(failures)
        } else {
            StageStanding::Passed
        }
    }

    /// What the gate over the promoted components asks for, once everybody who builds passed; `None` when it is open.
    fn component_gate(&self) -> Option<Vec<What>> {
        match component_gate(self.brief, self.wave) {
            ComponentVerdict::Passed => None,
            ComponentVerdict::SiblingPending { waiting_on } => {
                let again: Vec<What> = self
                    .brief
                    .agents
                    .iter()
                    .filter(|brief| waiting_on.contains_key(&brief.id))
                    .filter_map(|brief| {
                        let agent = self.wave.agents.get(&brief.id)?;
                        let tries = retry::tries(brief, agent, self.run, Stage::Implementation);
                        let runtime = RuntimeId(current(self.wave, brief).to_owned());
                        let place = Place { runtime, moved: None };
                        (retry::count(&tries, Cause::SiblingWait) < SIBLING_WAITS)
                            .then(|| self.start(brief, agent, Cause::SiblingWait, place))
                    })
                    .collect();
                if !again.is_empty() {
                    return Some(again);
                }
                let pending = |agent: &String| (agent.clone(), SIBLING_PENDING.to_owned());
                Some(vec![self.fail(waiting_on.keys().map(pending).collect())])
            }
            ComponentVerdict::PromotionGap { components } => {
                let mut failures = Vec::new();
                for (component, owners) in components {
                    // Where nobody owns it, the component itself stands in the way.
                    let blamed = if owners.is_empty() { vec![component] } else { owners };
                    for name in blamed {
                        let failure = (name, PROMOTION_GAP.to_owned());
                        if !failures.contains(&failure) {
                            failures.push(failure);
                        }
                    }
                }
                Some(vec![self.fail(failures)])
            }
        }
    }

    fn start(&self, brief: &AgentBrief, agent: &AgentState, cause: Cause, place: Place) -> What {
        let own_ms = brief.executor.budget_minutes.map(|minutes| u64::from(minutes) * 60 * 1000);
        let made = u32::try_from(agent.attempts.len()).unwrap_or(u32::MAX);
        What::AttemptScheduled {
            attempt: self.attempt(brief, made.saturating_add(1)),
            cause,
            runtime: place.runtime.0,
            fallback: place.moved,
            fingerprint: brief.fingerprint.clone(),
            budget_ms: own_ms.map_or(self.options.timeout_ms, |own_ms| own_ms.min(self.options.timeout_ms)),
        }
    }

    fn attempt(&self, brief: &AgentBrief, number: u32) -> AttemptKey {
        AttemptKey { wave: self.key.clone(), agent: brief.id.clone(), number }
    }

    fn fail(&self, failures: Vec<(String, String)>) -> What {
        What::WaveFailed { wave: self.key.clone(), failures }
    }
}
