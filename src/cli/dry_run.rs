//! `wavedeck launch --dry-run`: what would run on which runtime, and what stands in the way. Starts and writes nothing.
//! With `--json` `{"waves":[{"wave","file","title","errors":[],"agents":[{"agentId","title","runtime","selectedBy"}]}]}`.

use serde::Serialize;

use super::console::columns;
use super::context::Context;
use super::failure::Failure;
use crate::engine::brief::WaveBrief;
use crate::plan::runtime::RuntimeId;
use crate::plan::{Project, WaveNumber};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    wave: WaveNumber,
    file: String,
    title: String,
    errors: Vec<String>,
    agents: Vec<PlannedAgent>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlannedAgent {
    agent_id: String,
    title: String,
    runtime: String,
    selected_by: String,
}

/// Exit code 0, or 1 when a wave could not run.
pub(super) fn run(
    context: &Context,
    project: &Project,
    waves: &[WaveNumber],
    executor: Option<&str>,
) -> Result<u8, Failure> {
    let forced = executor.map(|name| RuntimeId(name.to_owned()));
    let planned: Vec<Planned> = waves
        .iter()
        .filter_map(|number| project.waves.get(number))
        .map(|wave| Planned {
            wave: wave.number,
            file: wave.file.clone(),
            title: wave.title.clone().unwrap_or_default(),
            errors: WaveBrief::from_plan(project, wave, forced.as_ref()).err().unwrap_or_default(),
            agents: wave
                .agents
                .iter()
                .map(|agent| {
                    let runtime = project.resolve_executor(wave, agent, forced.as_ref());
                    PlannedAgent {
                        agent_id: agent.id.clone(),
                        title: agent.title.clone(),
                        runtime: runtime.id.0,
                        selected_by: runtime.selected_by,
                    }
                })
                .collect(),
        })
        .collect();
    for wave in &planned {
        context.console.line(format!("wave {}  {}  ({})", wave.wave, wave.title, wave.file))?;
        let row = |agent: &PlannedAgent| {
            vec![
                format!("  {}", agent.agent_id),
                agent.runtime.clone(),
                agent.title.clone(),
                agent.selected_by.clone(),
            ]
        };
        for line in columns(&wave.agents.iter().map(row).collect::<Vec<_>>()) {
            context.console.line(line)?;
        }
        for error in &wave.errors {
            context.console.line(format!("  cannot run: {error}"))?;
        }
    }
    context.console.value(&serde_json::json!({ "waves": planned }))?;
    Ok(u8::from(planned.iter().any(|wave| !wave.errors.is_empty())))
}
