//! The built-in agent simulator: a program of its own in a terminal of its own, started like any other runtime. It takes
//! no shortcut into the product: it reads its prompt and brief from files, asks and submits by running this program's
//! `ask` and `done`, and draws for a terminal as agents do. A `Local script:` list in its prompt steers it.
//!
//! Files it touches: `workspace` holds the rules.

mod agent;
mod face;
mod pace;
mod planner;
mod report;
mod script;
mod terminal;
mod typed;
mod workspace;

use std::path::PathBuf;

use super::environment::{self, BriefFile, agent_environment};
use super::prompt::role_word;
use super::{Adapter, AdapterError, Start, StartContext, text_of};
use agent::{Agent, World};
use face::Face;
use pace::Pace;
use terminal::Terminal;

/// The hidden subcommand of this program that is the simulator.
pub const SUBCOMMAND: &str = "local-agent";

/// Exit code when the simulator cannot begin: its environment, brief or script is not as it must be.
const EXIT_CANNOT_BEGIN: u8 = 2;

/// Starts the simulator.
#[derive(Debug, Clone, Default)]
pub struct LocalAdapter {
    /// What [`environment::LOCAL_PACE`] says here; handed on to the simulator.
    pace: Option<String>,
}

impl LocalAdapter {
    /// Starts the simulator at the pace that this process's environment asks for.
    pub fn from_environment() -> LocalAdapter {
        LocalAdapter { pace: std::env::var(environment::LOCAL_PACE).ok() }
    }
}

impl Adapter for LocalAdapter {
    fn name(&self) -> &str {
        "local"
    }

    fn start(&self, context: &StartContext<'_>) -> Result<Start, AdapterError> {
        let mut variables = agent_environment(context)?;
        variables.extend(self.pace.iter().map(|pace| (environment::LOCAL_PACE.to_owned(), pace.clone())));
        let command = vec![text_of(context.program)?.to_owned(), SUBCOMMAND.to_owned()];
        Ok(Start { command, environment: variables, ..Start::default() })
    }
}

/// Why the simulator cannot begin.
#[derive(Debug, thiserror::Error)]
enum CannotBegin {
    #[error(
        "this is the agent simulator; wavedeck starts it, and it needs {0} from there. To see it, run `wavedeck demo`"
    )]
    NoVariable(&'static str),
    #[error("the simulator cannot read {path}: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("the brief in {path} is not understood: {error}")]
    BadBrief { path: PathBuf, error: serde_json::Error },
    #[error(transparent)]
    BadScript(#[from] script::UnknownStep),
    #[error("the simulator cannot use its terminal: {0}")]
    Terminal(std::io::Error),
}

/// The body of the simulator's process, on the terminal that it was started in, with what its environment says. Gives 0
/// when it reported, 1 when it failed, 2 when it could not begin; ended by a signal, it exits with 128 and its number.
pub fn run_agent() -> u8 {
    let begun = match std::env::var_os(environment::PLAN) {
        Some(request) => plan(PathBuf::from(request)),
        None => begin().map(Agent::run),
    };
    match begun {
        Ok(code) => code,
        Err(error) => {
            // The sentence is for whoever looks at this terminal.
            eprintln!("wavedeck local agent: {error}");
            EXIT_CANNOT_BEGIN
        }
    }
}

/// A path that the environment names.
fn path(name: &'static str) -> Result<PathBuf, CannotBegin> {
    std::env::var_os(name).map(PathBuf::from).ok_or(CannotBegin::NoVariable(name))
}

fn read(path: PathBuf) -> Result<(PathBuf, String), CannotBegin> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) => Err(CannotBegin::Unreadable { path, error }),
    }
}

/// The simulator as a planner: its answer is what it prints.
fn plan(request: PathBuf) -> Result<u8, CannotBegin> {
    let (request_path, request) = read(request)?;
    let request = serde_json::from_str(&request)
        .map_err(|error| CannotBegin::BadBrief { path: request_path, error })?;
    let (_, prompt) = read(path(environment::PROMPT)?)?;
    let (brief_path, brief) = read(path(environment::BRIEF)?)?;
    let brief: BriefFile =
        serde_json::from_str(&brief).map_err(|error| CannotBegin::BadBrief { path: brief_path, error })?;
    let round = brief.attempt.number;
    let (out, code) = planner::answer(&request, round, script::read(&prompt)?);
    println!("{out}");
    Ok(code)
}

fn begin() -> Result<Agent, CannotBegin> {
    let (_, prompt) = read(path(environment::PROMPT)?)?;
    let (brief_path, brief) = read(path(environment::BRIEF)?)?;
    let brief: BriefFile =
        serde_json::from_str(&brief).map_err(|error| CannotBegin::BadBrief { path: brief_path, error })?;
    let world = World {
        script: script::read(&prompt)?,
        prompt_lines: prompt.lines().count(),
        project: path(environment::PROJECT)?,
        result: path(environment::RESULT)?,
        program: path(environment::BIN)?,
        brief,
    };
    let fast = std::env::var(environment::LOCAL_PACE).is_ok_and(|pace| pace == "fast");
    let pace = Pace::new(fast, &world.brief.attempt.to_string());
    let agent = &world.brief.brief;
    let name = format!("{} {}", agent.id, agent.title);
    let attempt = &world.brief.attempt;
    let about = vec![
        format!(
            "wave {} \u{b7} {} \u{b7} try {}",
            attempt.wave.number,
            role_word(agent.role),
            attempt.number
        ),
        "local agent, its work is simulated".to_owned(),
    ];
    let terminal = Terminal::open(pace.sender()).map_err(CannotBegin::Terminal)?;
    let face = Face::open(terminal, name, about).map_err(CannotBegin::Terminal)?;
    Ok(Agent::new(world, face, pace))
}
