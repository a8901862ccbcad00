//! `wavedeck launch --dry-run`: what would run on which runtime, and what stands in the way. Starts nothing, queues
//! nothing, calls nothing; writes previews of every prompt and command line into `dry-run/` of the lane's state folder, as
//! the npm package `@chllming/wave-orchestration` 0.9.15 does, and removes those of agents that are no more.
//!
//! With `--json` `{"waves":[{"wave","file","title","errors":[],"agents":[{"agentId","title","runtime","selectedBy",
//! "prompt","preview"}]}]}`; `prompt` and `preview` are files.

use std::path::Path;

use serde::Serialize;

use super::console::columns;
use super::context::Context;
use super::failure::Failure;
use crate::adapters::prompt::{PromptContext, compile};
use crate::driver::paths::ProjectPaths;
use crate::engine::brief::WaveBrief;
use crate::engine::{AttemptKey, WaveKey};
use crate::plan::runtime::RuntimeId;
use crate::plan::runtime::derive::{Derivation, Derived, derive};
use crate::plan::runtime::invocation::{Invocation, Request, invocation};
use crate::plan::{Agent, Project, Wave, WaveNumber};

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
    prompt: Option<String>,
    preview: Option<String>,
}

/// What `launch-preview.json` says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LaunchPreview<'a> {
    executor_id: &'a str,
    command: Option<Vec<String>>,
    stdin: Option<String>,
    env: Vec<(String, String)>,
    notes: Vec<String>,
    limits: Limits,
    derivation: &'a [Derived],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    attempt_timeout_minutes: Option<u32>,
}

/// The command line that an agent would be started with, its prompt in `prompt_file`; `None` for runtimes that have none
/// of their own.
pub(super) fn invocation_of(
    project: &Project,
    wave: &Wave,
    agent: &Agent,
    derivation: &Derivation,
    prompt_file: &str,
    prompt: &str,
) -> Option<Invocation> {
    let runtime = &derivation.resolved.id;
    let folder = project.config.state_directory();
    invocation(
        runtime,
        &Request {
            agent: &agent.id,
            options: derivation.options.get(runtime)?,
            model: derivation.models.get(runtime).map(String::as_str),
            prompt,
            prompt_file,
            overlay: &format!("{folder}/executors/wave-{}/{}", wave.number, agent.slug),
        },
    )
}

/// Exit code 0, or 1 when a wave could not run.
pub(super) fn run(
    context: &Context,
    paths: &ProjectPaths,
    project: &Project,
    waves: &[WaveNumber],
    executor: Option<&str>,
) -> Result<u8, Failure> {
    let forced = executor.map(|name| RuntimeId(name.to_owned()));
    let previews = Previews::new(paths, project);
    let mut planned = Vec::new();
    for wave in waves.iter().filter_map(|number| project.waves.get(number)) {
        planned.push(plan(&previews, project, wave, forced.as_ref())?);
    }
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
    context.console.line(format!("Prompts and command lines are in {}.", previews.folder))?;
    context.console.value(&serde_json::json!({ "waves": planned }))?;
    Ok(u8::from(planned.iter().any(|wave| !wave.errors.is_empty())))
}

fn plan(
    previews: &Previews<'_>,
    project: &Project,
    wave: &Wave,
    forced: Option<&RuntimeId>,
) -> Result<Planned, Failure> {
    let (brief, errors) = match WaveBrief::from_plan(project, wave, forced) {
        Ok(brief) => (Some(brief), Vec::new()),
        Err(errors) => (None, errors),
    };
    let mut agents = Vec::new();
    for agent in &wave.agents {
        let derivation = derive(agent, &project.config, forced);
        let written = match &brief {
            Some(brief) => previews.write(project, wave, agent, brief, &derivation)?,
            None => None,
        };
        let (prompt, preview) = written.unzip();
        agents.push(PlannedAgent {
            agent_id: agent.id.clone(),
            title: agent.title.clone(),
            runtime: derivation.resolved.id.0,
            selected_by: derivation.resolved.selected_by,
            prompt,
            preview,
        });
    }
    previews.prune(wave)?;
    Ok(Planned {
        wave: wave.number,
        file: wave.file.clone(),
        title: wave.title.clone().unwrap_or_default(),
        errors,
        agents,
    })
}

/// Where previews are written.
struct Previews<'a> {
    project: &'a Path,
    lane: &'a str,
    /// The folder, relative to the project.
    folder: String,
}

impl Previews<'_> {
    fn new<'a>(paths: &'a ProjectPaths, project: &'a Project) -> Previews<'a> {
        let folder = format!("{}/dry-run", project.config.state_directory());
        Previews { project: paths.project(), lane: &project.lane, folder }
    }

    /// Writes prompt and preview of an agent, and gives their paths.
    fn write(
        &self,
        project: &Project,
        wave: &Wave,
        agent: &Agent,
        brief: &WaveBrief,
        derivation: &Derivation,
    ) -> Result<Option<(String, String)>, Failure> {
        let Some(of_agent) = brief.agents.iter().find(|known| known.id == agent.id) else { return Ok(None) };
        let key = WaveKey { lane: self.lane.to_owned(), number: wave.number };
        let attempt = AttemptKey { wave: key, agent: agent.id.clone(), number: 1 };
        let prompt =
            compile(&PromptContext { attempt: &attempt, wave: brief, agent: of_agent, previous: None });
        let prompt_file = format!("{}/prompts/wave-{}-{}.prompt.md", self.folder, wave.number, agent.slug);
        let made = invocation_of(project, wave, agent, derivation, &prompt_file, &prompt);
        let (command, stdin, env, notes) = match made {
            Some(made) => (Some(made.command), made.stdin, made.env, made.notes),
            None => (None, None, Vec::new(), Vec::new()),
        };
        let preview = LaunchPreview {
            executor_id: &derivation.resolved.id.0,
            command,
            stdin,
            env,
            notes,
            limits: Limits { attempt_timeout_minutes: derivation.resolved.budget_minutes },
            derivation: &derivation.values,
        };
        let text = serde_json::to_string_pretty(&preview).map_err(std::io::Error::other)?;
        let overlay = format!("{}/executors/wave-{}/{}", self.folder, wave.number, agent.slug);
        let preview_file = format!("{overlay}/launch-preview.json");
        self.put(&prompt_file, &prompt)?;
        self.put(&preview_file, &format!("{text}\n"))?;
        Ok(Some((prompt_file, preview_file)))
    }

    fn put(&self, path: &str, text: &str) -> Result<(), Failure> {
        let path = self.project.join(path);
        let folder = path.parent().unwrap_or(self.project);
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        std::fs::write(&path, text).map_err(|error| Failure::file(&path, &error))
    }

    /// Removes previews of agents that the wave has no more. What a dry run wrote is its own to remove.
    fn prune(&self, wave: &Wave) -> Result<(), Failure> {
        let folder = self.project.join(format!("{}/executors/wave-{}", self.folder, wave.number));
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if wave.agents.iter().any(|agent| agent.slug == name) {
                continue;
            }
            let stale = entry.path().join("launch-preview.json");
            if stale.is_file() {
                std::fs::remove_file(&stale).map_err(|error| Failure::file(&stale, &error))?;
                // The folder goes with it where nothing else lies in it.
                let _ = std::fs::remove_dir(entry.path());
                let prompt = self
                    .project
                    .join(format!("{}/prompts/wave-{}-{name}.prompt.md", self.folder, wave.number));
                let _ = std::fs::remove_file(prompt);
            }
        }
        Ok(())
    }
}
