//! `wavedeck launch --dry-run`: what would run on which runtime, and what stands in the way. Starts nothing, queues
//! nothing, calls nothing; writes previews of every prompt and command line into `dry-run/` of the lane's state folder, as
//! the npm package `@chllming/wave-orchestration` 0.9.15 does, and removes those of agents that are no more.
//!
//! With `--json` `{"waves":[{"wave","file","title","errors":[],"agents":[{"agentId","title","runtime","selectedBy",
//! "prompt","preview"}]}]}`; `prompt` and `preview` are files.

use serde::Serialize;

use super::console::columns;
use super::context::Context;
use super::failure::Failure;
use super::preview::{Preview, Previews};
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::plan::bundles::Selection;
use crate::plan::runtime::Overrides;
use crate::plan::runtime::derive::{Derivation, Derived, derive};
use crate::plan::{Agent, Project, Wave, WaveNumber};

/// Name of the file that says how an agent would be started.
const PREVIEW: &str = "launch-preview.json";

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
    /// `null` where the runtime cannot be started; `notes` say why.
    command: Option<&'a [String]>,
    stdin: Option<&'a str>,
    /// Names of the variables that the agent gets beside those that the supervisor inherits. Values are left out.
    environment: Vec<&'a str>,
    /// Files beside this one that the runtime would be given.
    files: Vec<&'a str>,
    notes: Vec<&'a str>,
    limits: Limits,
    skills: Vec<&'a str>,
    /// What Context7 would be asked; a dry run asks nothing.
    context7: Option<&'a Selection>,
    derivation: &'a [Derived],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    attempt_timeout_minutes: u64,
    known_turn_limit: Option<u64>,
    turn_limit_source: &'static str,
}

impl Limits {
    /// Minutes are the launch's own, or the agent's budget where that is shorter. Turns are counted by claude and opencode
    /// alone.
    fn of(derivation: &Derivation, timeout_minutes: u64) -> Limits {
        let budget = derivation.resolved.budget_minutes.map_or(timeout_minutes, u64::from);
        let id = &derivation.resolved.id;
        let (key, source) = match id.0.as_str() {
            "claude" => ("maxTurns", "claude.maxTurns"),
            "opencode" => ("steps", "opencode.steps"),
            "codex" => ("", "not-set-by-wave"),
            _ => ("", "not-applicable"),
        };
        let turns = derivation.grants.get(id).and_then(|grant| grant.options.get(key)?.as_u64());
        Limits {
            attempt_timeout_minutes: budget.min(timeout_minutes),
            known_turn_limit: turns,
            turn_limit_source: if turns.is_none() && !key.is_empty() { "not-set-by-wave" } else { source },
        }
    }
}

/// What a launch was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// `--executor` and `--codex-sandbox`.
    pub(super) overrides: &'a Overrides,
    /// `--command`.
    pub(super) command: Option<&'a str>,
    /// `--timeout-minutes`.
    pub(super) timeout_minutes: u64,
}

/// Exit code 0, or 1 when a wave could not run.
pub(super) fn run(
    context: &Context,
    paths: &ProjectPaths,
    project: &Project,
    waves: &[WaveNumber],
    asked: Asked<'_>,
) -> Result<u8, Failure> {
    let settings = files::settings(paths);
    let previews = Previews {
        paths,
        lane: &project.lane,
        settings: &settings,
        command: asked.command,
        folder: format!("{}/dry-run", project.config.state_directory()),
    };
    let mut planned = Vec::new();
    for wave in waves.iter().filter_map(|number| project.waves.get(number)) {
        planned.push(plan(&previews, project, wave, asked)?);
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
    asked: Asked<'_>,
) -> Result<Planned, Failure> {
    let (brief, mut errors) = match WaveBrief::from_plan(project, wave, asked.overrides) {
        Ok(brief) => (Some(brief), Vec::new()),
        Err(errors) => (None, errors),
    };
    let mut agents = Vec::new();
    for agent in &wave.agents {
        let derivation = derive(agent, &project.config, asked.overrides);
        let brief = brief
            .as_ref()
            .and_then(|wave| Some((wave, wave.agents.iter().find(|known| known.id == agent.id)?)));
        let mut written = None;
        if let Some((wave, of_agent)) = brief {
            let preview = previews.of(wave, of_agent);
            let limits = Limits::of(&derivation, asked.timeout_minutes);
            written = Some(write(previews, &preview, &derivation, limits, of_agent)?);
            errors.extend(preview.start.err().map(|error| format!("agent {}: {error}", agent.id)));
        }
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
    prune(previews, wave)?;
    Ok(Planned {
        wave: wave.number,
        file: wave.file.clone(),
        title: wave.title.clone().unwrap_or_default(),
        errors,
        agents,
    })
}

/// Writes prompt, files and preview of an agent, and gives the paths of prompt and preview.
fn write(
    previews: &Previews<'_>,
    preview: &Preview,
    derivation: &Derivation,
    limits: Limits,
    agent: &AgentBrief,
) -> Result<(String, String), Failure> {
    let start = preview.start.as_ref();
    let files = start.map(|start| start.files.as_slice()).unwrap_or_default();
    let environment = start.map(|start| start.environment.as_slice()).unwrap_or_default();
    let text = serde_json::to_string_pretty(&LaunchPreview {
        executor_id: &derivation.resolved.id.0,
        command: start.ok().map(|start| start.command.as_slice()),
        stdin: start.ok().and_then(|start| start.stdin.as_deref()),
        environment: environment.iter().map(|(name, _)| name.as_str()).collect(),
        files: files.iter().map(|(path, _)| path.as_str()).collect(),
        notes: match start {
            Ok(start) => start.notes.iter().map(String::as_str).collect(),
            Err(error) => vec![error.as_str()],
        },
        limits,
        skills: agent.skills.iter().map(|skill| skill.id.as_str()).collect(),
        context7: agent.context7.as_ref(),
        derivation: &derivation.values,
    })
    .map_err(std::io::Error::other)?;
    let preview_file = format!("{}/{PREVIEW}", preview.overlay);
    put(previews, &preview.prompt_file, &preview.prompt)?;
    put(previews, &preview_file, &format!("{text}\n"))?;
    for (path, text) in files {
        put(previews, path, text)?;
    }
    Ok((preview.prompt_file.clone(), preview_file))
}

/// Writes a file, given relative to the project or absolute.
fn put(previews: &Previews<'_>, path: &str, text: &str) -> Result<(), Failure> {
    let project = previews.paths.project();
    let path = project.join(path);
    let folder = path.parent().unwrap_or(project);
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, &error))
}

/// Removes previews of agents that the wave has no more. What a dry run wrote is its own to remove.
fn prune(previews: &Previews<'_>, wave: &Wave) -> Result<(), Failure> {
    let project = previews.paths.project();
    let folder = project.join(&previews.folder).join(format!("executors/wave-{}", wave.number));
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_there = wave.agents.iter().any(|agent: &Agent| agent.slug == name);
        if is_there || !entry.path().join(PREVIEW).is_file() {
            continue;
        }
        std::fs::remove_dir_all(entry.path()).map_err(|error| Failure::file(&entry.path(), &error))?;
        let prompt = previews.places(wave.number, &name).0;
        // Gone already is as good.
        let _ = std::fs::remove_file(project.join(prompt));
    }
    Ok(())
}
