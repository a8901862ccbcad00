//! `wavedeck explain [AGENT] [--wave N]`: why an agent's state is what it is, and what it runs on, value by value with the
//! layer that said so. `--json`: `{"agents":[{"agentId","wave","title","state","reason","values":[{"key","value","from"}],
//! "command","stdin","notes"}]}`; `command` is null for runtimes that have no command line of their own.

use clap::Args;
use serde::Serialize;

use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::dry_run::invocation_of;
use crate::cli::failure::{Failure, Kind};
use crate::cli::times::now;
use crate::engine::view::{Card, Condition, cards};
use crate::plan::runtime::RuntimeId;
use crate::plan::runtime::derive::{Derived, derive};
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
    command: Option<Vec<String>>,
    stdin: Option<String>,
    notes: Vec<String>,
}

pub(super) fn run(context: &Context, arguments: &ExplainArguments) -> Result<u8, Failure> {
    let known = super::status::known(context)?;
    let project = Project::read(&known.sources);
    let forced = arguments.executor.as_ref().map(|name| RuntimeId(name.clone()));
    let wanted = |card: &&Card| {
        arguments.wave.is_none_or(|wave| card.wave.number == wave)
            && arguments.agent.as_ref().is_none_or(|agent| card.agent == *agent)
    };
    let shown = cards(&known.state, &project, now());
    let explained: Vec<Explained> =
        shown.iter().filter(wanted).filter_map(|card| explain(&project, card, forced.as_ref())).collect();
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

fn explain(project: &Project, card: &Card, forced: Option<&RuntimeId>) -> Option<Explained> {
    let wave = project.waves.get(&card.wave.number)?;
    let agent = wave.agents.iter().find(|agent| agent.id == card.agent)?;
    let derivation = derive(agent, &project.config, forced);
    let invocation = invocation_of(project, wave, agent, &derivation, "PROMPT", &agent.prompt);
    let (command, stdin, notes) = match invocation {
        Some(made) => (Some(made.command), made.stdin, made.notes),
        None => (None, None, Vec::new()),
    };
    Some(Explained {
        agent_id: agent.id.clone(),
        wave: wave.number,
        title: agent.title.clone(),
        state: card.condition,
        reason: card.reason.clone(),
        values: derivation.values,
        command,
        stdin,
        notes,
    })
}

fn print(context: &Context, agent: &Explained) -> Result<(), Failure> {
    let state = context.console.condition(agent.state);
    let dash = if agent.reason.is_empty() { "" } else { ": " };
    context.console.line(format!("wave {}  {} {}", agent.wave, agent.agent_id, agent.title))?;
    context.console.line(format!("  {state}{dash}{}", agent.reason))?;
    let rows: Vec<Vec<String>> = agent
        .values
        .iter()
        .map(|derived| vec![format!("  {}", derived.key), derived.value.to_string(), derived.from.clone()])
        .collect();
    for line in columns(&rows) {
        context.console.line(line)?;
    }
    if let Some(command) = &agent.command {
        // The prompt itself is left out: it is pages long, and `launch --dry-run` writes it.
        let words: Vec<String> = command
            .iter()
            .map(|word| if word.contains('\n') || word.len() > 200 { "PROMPT".into() } else { word.clone() })
            .collect();
        let line = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "));
        let stdin = agent.stdin.as_ref().map(|file| format!(" < {file}")).unwrap_or_default();
        context.console.line(format!("  would run: {line}{stdin}"))?;
    }
    for note in &agent.notes {
        context.console.line(format!("  note: {note}"))?;
    }
    Ok(())
}
