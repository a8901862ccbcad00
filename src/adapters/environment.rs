//! The variables that every agent process gets, and the file that carries its brief. Agents, the command line and the
//! simulator read what is written here, so the names stand in one place.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{AdapterError, StartContext, text_of};
use crate::engine::brief::AgentBrief;
use crate::engine::{AttemptKey, WaveKey};

/// Socket of the supervisor.
pub const SOCKET: &str = "WAVEDECK_SOCKET";
/// Folder of the project.
pub const PROJECT: &str = "WAVEDECK_PROJECT";
/// Id of the project in `projects` of `wave.config.json`; not set for the one that is taken when none is named.
pub const PROJECT_ID: &str = "WAVEDECK_PROJECT_ID";
/// Id of the agent.
pub const TASK: &str = "WAVEDECK_TASK";
/// The attempt, as [`AttemptKey`] displays: `lane/wave-N/AGENT/K`.
pub const ATTEMPT: &str = "WAVEDECK_ATTEMPT";
/// Proof that the caller is this attempt.
pub const TOKEN: &str = "WAVEDECK_TOKEN";
/// File with the prompt.
pub const PROMPT: &str = "WAVEDECK_PROMPT";
/// File with the brief, JSON of a [`BriefFile`].
pub const BRIEF: &str = "WAVEDECK_BRIEF";
/// Where an envelope file is looked for.
pub const RESULT: &str = "WAVEDECK_RESULT";
/// Set for planners alone: the JSON file with what is to be planned. What a planner prints is its answer.
pub const PLAN: &str = "WAVEDECK_PLAN";
/// This program.
pub const BIN: &str = "WAVEDECK_BIN";

/// Pace of the simulator: `fast` for tests, anything else is the pace of a demonstration. Read where the supervisor runs
/// and handed on, since agents inherit no variable of this program.
pub const LOCAL_PACE: &str = "WAVEDECK_LOCAL_PACE";

/// What stands in the file that [`BRIEF`] names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BriefFile {
    /// Which attempt.
    pub attempt: AttemptKey,
    /// What to do.
    pub brief: AgentBrief,
    /// Components that the wave promotes, with the level; what the stewards close the wave on.
    #[serde(default)]
    pub promotions: BTreeMap<String, String>,
}

/// The variables that every agent process gets. `WAVE_ORCHESTRATOR_ID` and `WAVE_EXECUTOR_MODE` are those of npm
/// `@chllming/wave-orchestration` 0.9.15, for scripts written for it.
///
/// # Errors
/// [`AdapterError::PathNotText`].
pub fn agent_environment(context: &StartContext<'_>) -> Result<Vec<(String, String)>, AdapterError> {
    let path = |path: &Path| text_of(path).map(str::to_owned);
    let attempt = context.attempt;
    let project_id = context.project_id.map(|id| (PROJECT_ID.to_owned(), id.to_owned()));
    let of_every_project = [
        (SOCKET, path(context.socket)?),
        (PROJECT, path(context.project_dir)?),
        (TASK, attempt.agent.clone()),
        (ATTEMPT, attempt.to_string()),
        (TOKEN, context.token.to_owned()),
        (PROMPT, path(context.prompt_file)?),
        (BRIEF, path(context.brief_file)?),
        (RESULT, path(context.result_file)?),
        (BIN, path(context.program)?),
        ("WAVE_ORCHESTRATOR_ID", format!("{}-wavedeck", attempt.wave.lane)),
        ("WAVE_EXECUTOR_MODE", context.brief.executor.id.0.clone()),
        ("TERM", "xterm-256color".to_owned()),
        ("COLORTERM", "truecolor".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    Ok(of_every_project.into_iter().chain(project_id).collect())
}

/// Reads [`ATTEMPT`]'s text, the way [`AttemptKey`] displays. `None` for any other text. An agent's id may hold `/`.
pub fn read_attempt(text: &str) -> Option<AttemptKey> {
    let (lane, rest) = text.split_once('/')?;
    let (wave, rest) = rest.strip_prefix("wave-")?.split_once('/')?;
    let (agent, number) = rest.rsplit_once('/')?;
    let wave = WaveKey { lane: lane.to_owned(), number: wave.parse().ok()? };
    Some(AttemptKey { wave, agent: agent.to_owned(), number: number.parse().ok()? })
}
