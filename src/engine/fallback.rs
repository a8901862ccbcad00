//! On which runtime the next try of an agent is made. A try after a failure moves to the first of the agent's fallbacks
//! that was not tried in this launch, is on this machine, and has room under its ceiling (`runtimeMixTargets`); any other
//! try stays where the one before was.
//!
//! The order and the conditions are those of the npm package `@chllming/wave-orchestration` 0.9.15, with two differences.
//! A move has its model (`executors.NAME.model`, or `models` of the profile), which there was lost. And where no fallback
//! is open, work that was judged wanting is reworked where it is, while there the whole wave stopped; only an agent whose
//! runtime failed it has nowhere to go then.

use serde::{Deserialize, Serialize};

use super::brief::{AgentBrief, WaveBrief};
use super::retry::{RATE_LIMIT_EXHAUSTED, START_FAILED};
use super::state::{AgentState, WaveState};
use crate::plan::runtime::RuntimeId;

/// Code of an agent whose runtime failed it and none of whose fallbacks is open.
pub const FALLBACK_BLOCKED: &str = "retry-fallback-blocked";

/// What selected the runtime of a try that moved, beside the words of [`crate::plan::runtime::ResolvedExecutor`].
pub const SELECTED_BY: &str = "retry-fallback";

/// A move to another runtime: what a try that moved keeps of why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    /// The runtime that it left.
    pub from: String,
    /// `retry:` and the code of the try before, such as `retry:rate-limit-exhausted`.
    pub reason: String,
    /// The layer that allows the runtime, such as `runtimePolicy.fallbackExecutorOrder`.
    pub allowed_by: String,
    /// Fallbacks that stand before it and were not open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
}

/// A fallback that was not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// The runtime.
    pub runtime: String,
    /// Why not, as words: `tried in this launch`.
    pub why: String,
}

/// Where a try is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The runtime.
    pub runtime: RuntimeId,
    /// The move that led there, when this try made one.
    pub moved: Option<Fallback>,
}

/// What an agent's fallbacks come to after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallbacks {
    /// It has none, or is to stay.
    None,
    /// The next try is made there.
    Open(Place),
    /// None of them is open now.
    Shut(Vec<PassedOver>),
}

/// The runtime that an agent is on: that of its newest try in the wave's launch, else the one that the plan gives it.
pub fn current<'a>(wave: &'a WaveState, brief: &'a AgentBrief) -> &'a str {
    let agent = wave.agents.get(&brief.id);
    let newest = agent.and_then(|agent| agent.attempts.iter().rev().find(|attempt| attempt.run == wave.run));
    newest.map_or(brief.executor.id.0.as_str(), |attempt| attempt.runtime.as_str())
}

/// Where the try after one that failed with `code` may move.
pub fn fallbacks(
    wave: &WaveState,
    wave_brief: &WaveBrief,
    brief: &AgentBrief,
    agent: &AgentState,
    code: &str,
) -> Fallbacks {
    if brief.executor.fallbacks.is_empty() {
        return Fallbacks::None;
    }
    let here = current(wave, brief);
    let mut passed_over = Vec::new();
    for runtime in &brief.executor.fallbacks {
        match shut(wave, wave_brief, brief, agent, runtime) {
            Some(why) => passed_over.push(PassedOver { runtime: runtime.0.clone(), why }),
            None => {
                let moved = Fallback {
                    from: here.to_owned(),
                    reason: format!("retry:{code}"),
                    allowed_by: brief.fallback.allowed_by.clone(),
                    passed_over,
                };
                return Fallbacks::Open(Place { runtime: runtime.clone(), moved: Some(moved) });
            }
        }
    }
    Fallbacks::Shut(passed_over)
}

/// Whether a failure is the runtime's own, so that the same work may pass elsewhere and no rework is used up: it could
/// not start, its program was not found (126 and 127 of a shell), or it met more rate limits than it may.
pub fn is_of_runtime(code: &str) -> bool {
    matches!(code, START_FAILED | RATE_LIMIT_EXHAUSTED | "exit-126" | "exit-127")
}

/// Fallbacks that are not open, as a sentence: `claude: 2 of 2 agents run there; opencode: tried in this launch`.
pub fn sentence(passed_over: &[PassedOver]) -> String {
    let one = |over: &PassedOver| format!("{}: {}", over.runtime, over.why);
    passed_over.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl Fallback {
    /// Why it moved, as words: `after rate-limit-exhausted on codex`.
    pub fn words(&self) -> String {
        let code = self.reason.strip_prefix("retry:").unwrap_or(&self.reason);
        format!("after {code} on {}", self.from)
    }
}

/// Why a fallback is not open; `None` when it is.
fn shut(
    wave: &WaveState,
    wave_brief: &WaveBrief,
    brief: &AgentBrief,
    agent: &AgentState,
    runtime: &RuntimeId,
) -> Option<String> {
    let runs_there = |other: &AgentBrief| current(wave, other) == runtime.0;
    let tried = agent.attempts.iter().any(|attempt| attempt.run == wave.run && attempt.runtime == runtime.0);
    if tried || runs_there(brief) {
        return Some("tried in this launch".to_owned());
    }
    if brief.fallback.absent.contains(runtime) {
        return Some("its program is not on this machine".to_owned());
    }
    let ceiling = *wave_brief.ceilings.get(runtime)?;
    // Every agent counts, those that are through and those whose turn has not come.
    let there = wave_brief.agents.iter().filter(|other| runs_there(other)).count();
    let is_full = there >= usize::try_from(ceiling).unwrap_or(usize::MAX);
    is_full.then(|| format!("{there} of {ceiling} agents that may run there do (runtimeMixTargets)"))
}
