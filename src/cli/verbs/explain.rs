//! `wavedeck explain [AGENT] [--wave N]`: why an agent's state is what it is, and what it runs on, value by value with the
//! layer that said so. `--json`: `{"agents":[{"agentId","wave","title","state","reason","values":[{"key","value","from"}],
//! "skills":[{"id","from","active"}],"executorHistory":[{"attempt","executorId","cause","fallback"}],"command","stdin",
//! "notes"}]}`; `command` is null where the runtime cannot be started, `fallback` where a try stayed on the runtime of the
//! one before, and `executorHistory` has the tries of the wave's newest launch.

use clap::Args;
use serde::Serialize;

use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::preview::{Preview, Previews};
use crate::cli::sandbox::sandbox;
use crate::cli::times::now;
use crate::driver::files;
use crate::engine::brief::WaveBrief;
use crate::engine::fact::Cause;
use crate::engine::fallback::{Fallback, sentence};
use crate::engine::view::{Card, Condition, cards};
use crate::engine::{State, WaveKey};
use crate::plan::bundles::BundleSource;
use crate::plan::runtime::derive::{Derived, derive};
use crate::plan::runtime::{Overrides, RuntimeId, Sandbox};
use crate::plan::{Project, WaveNumber};

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// One agent; by default all of the wave.
    agent: Option<String>,
    /// One wave; by default each that has the agent.
    #[arg(long, value_name = "N")]
    wave: Option<WaveNumber>,
    /// As if launched with this.
    #[arg(long, value_name = "RUNTIME")]
    executor: Option<String>,
    /// As if launched with this.
    #[arg(long, value_name = "SANDBOX", value_parser = sandbox())]
    codex_sandbox: Option<Sandbox>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Explained {
    agent_id: String,
    wave: WaveNumber,
    title: String,
    state: Condition,
    reason: String,
    values: Vec<Derived>,
    skills: Vec<GivenSkill>,
    executor_history: Vec<PastTry>,
    command: Option<Vec<String>>,
    stdin: Option<String>,
    notes: Vec<String>,
}

/// On which runtime a try was made, and why there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PastTry {
    attempt: u32,
    executor_id: String,
    cause: Cause,
    fallback: Option<Fallback>,
}

/// A skill and who gives it; one that is not active is given where its own activation excludes it.
#[derive(Debug, Serialize)]
struct GivenSkill {
    id: String,
    from: String,
    active: bool,
}

pub(super) fn run(context: &Context, arguments: &ExplainArguments) -> Result<u8, Failure> {
    let known = super::status::known(context)?;
    let project = Project::read(&known.sources);
    let runtime = arguments.executor.clone().map(RuntimeId);
    let overrides = Overrides { runtime, codex_sandbox: arguments.codex_sandbox };
    let paths = context.paths()?;
    let settings = files::settings(&paths);
    let folder = format!("{}/dry-run", project.config.state_directory());
    let previews =
        Previews { paths: &paths, lane: &project.lane, settings: &settings, command: None, folder };
    let wanted = |card: &&Card| {
        arguments.wave.is_none_or(|wave| card.wave.number == wave)
            && arguments.agent.as_ref().is_none_or(|agent| card.agent == *agent)
    };
    let shown = cards(&known.state, &project, now());
    let mut explained: Vec<Explained> = shown
        .iter()
        .filter(wanted)
        .filter_map(|card| explain(&previews, &project, card, &overrides))
        .collect();
    for agent in &mut explained {
        agent.executor_history = history(&known.state, &project.lane, agent);
    }
    if explained.is_empty() {
        let what = arguments.agent.as_deref().map_or("agents".to_string(), |agent| format!("agent {agent}"));
        let place = arguments.wave.map_or(String::new(), |wave| format!(" in wave {wave}"));
        let message = format!("Lane {} has no {what}{place}.", context.lane);
        return Err(Failure::new(Kind::NotFound, message, "`wavedeck status` lists waves and agents."));
    }
    for agent in &explained {
        print(context, agent)?;
    }
    context.console.value(&serde_json::json!({ "agents": explained }))?;
    Ok(0)
}

fn explain(
    previews: &Previews<'_>,
    project: &Project,
    card: &Card,
    overrides: &Overrides,
) -> Option<Explained> {
    let wave = project.waves.get(&card.wave.number)?;
    let agent = wave.agents.iter().find(|agent| agent.id == card.agent)?;
    let derivation = derive(agent, &project.config, overrides);
    let brief = WaveBrief::as_planned(project, wave, overrides);
    let of_agent = brief.agents.iter().find(|known| known.id == agent.id)?;
    let Preview { prompt, prompt_file, start, .. } = previews.of(&brief, of_agent);
    let project_folder = format!("{}/", previews.paths.project().display());
    // The prompt itself is left out: it is pages long, and `launch --dry-run` writes it. Programs start in the project.
    let shown = |word: String| match word.strip_prefix(&project_folder) {
        Some(path) if path == prompt_file => "PROMPT".to_owned(),
        Some(path) => path.to_owned(),
        None if word == prompt => "PROMPT".to_owned(),
        None => word,
    };
    let (command, stdin, notes) = match start {
        Ok(start) => {
            (Some(start.command.into_iter().map(shown).collect()), start.stdin.map(shown), start.notes)
        }
        Err(error) => (None, None, vec![error]),
    };
    let runtime = &derivation.resolved.id;
    let skills = project.skills.given(agent, wave, runtime, &project.config).into_iter();
    let skills = skills.map(|given| GivenSkill {
        id: given.skill.id.clone(),
        from: given.from,
        active: given.is_active,
    });
    let mut values = derivation.values;
    if let Some(selection) = &of_agent.context7 {
        let value = |key: &str, value: &str, from: Option<BundleSource>| Derived {
            key: key.to_owned(),
            value: value.into(),
            from: from.map_or("first lines of its prompt", BundleSource::words).to_owned(),
        };
        values.push(value("context7.bundle", &selection.bundle, Some(selection.bundle_from)));
        values.push(value("context7.query", &selection.query, selection.query_from));
    }
    Some(Explained {
        agent_id: agent.id.clone(),
        wave: wave.number,
        title: agent.title.clone(),
        state: card.condition,
        reason: card.reason.clone(),
        skills: skills.collect(),
        executor_history: Vec::new(),
        values,
        command,
        stdin,
        notes,
    })
}

/// The tries of an agent in its wave's newest launch.
fn history(state: &State, lane: &str, agent: &Explained) -> Vec<PastTry> {
    let key = WaveKey { lane: lane.to_owned(), number: agent.wave };
    let Some(wave) = state.waves.get(&key) else { return Vec::new() };
    let attempts =
        wave.agents.get(&agent.agent_id).map(|agent| agent.attempts.as_slice()).unwrap_or_default();
    let of_launch = attempts.iter().filter(|attempt| attempt.run == wave.run);
    let past = of_launch.map(|attempt| PastTry {
        attempt: attempt.number,
        executor_id: attempt.runtime.clone(),
        cause: attempt.cause,
        fallback: attempt.fallback.clone(),
    });
    past.collect()
}

fn print(context: &Context, agent: &Explained) -> Result<(), Failure> {
    let state = context.console.condition(agent.state);
    context.console.line(format!("wave {}  {} {}", agent.wave, agent.agent_id, agent.title))?;
    context.console.line(format!("  {state} {}", agent.reason).trim_end())?;
    let values = agent
        .values
        .iter()
        .map(|derived| vec![format!("  {}", derived.key), derived.value.to_string(), derived.from.clone()]);
    let skills = agent.skills.iter().map(|skill| {
        let word = if skill.active { "  skill" } else { "  skill, not active" };
        vec![word.to_owned(), skill.id.clone(), skill.from.clone()]
    });
    let tries = agent.executor_history.iter().map(|past| {
        let why = past.fallback.as_ref().map(|fallback| {
            let over = sentence(&fallback.passed_over);
            let over = if over.is_empty() { String::new() } else { format!("; not on {over}") };
            format!("{} ({}){over}", fallback.words(), fallback.allowed_by)
        });
        vec![format!("  try {}", past.attempt), past.executor_id.clone(), why.unwrap_or_default()]
    });
    let rows: Vec<Vec<String>> = values.chain(skills).chain(tries).collect();
    for line in columns(&rows) {
        context.console.line(line)?;
    }
    if let Some(command) = &agent.command {
        let line = shlex::try_join(command.iter().map(String::as_str)).unwrap_or_else(|_| command.join(" "));
        let stdin = agent.stdin.as_ref().map(|file| format!(" < {file}")).unwrap_or_default();
        context.console.line(format!("  would run: {line}{stdin}"))?;
    }
    for note in &agent.notes {
        context.console.line(format!("  note: {note}"))?;
    }
    Ok(())
}
