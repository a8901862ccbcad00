//! `wavedeck orchestrate spawn TASK`: one task of the backlog is given to an agent, with what the plan says about it. The
//! agent runs in a plain terminal of the supervisor, outside of any wave file; the task is active from then on, and the
//! agent says when it is done.
//!
//! `--json`: `{"task","title","track","plan","wave","note","siblings":[{"id","title","track","status","wave","files":[],
//! "shared":[]}],"merge_order":[ID],"breaks":[{"id","title","status","wave"}],"waits_for":[{"id","kind","status","via"}],
//! "prompt","started","session","runtime","prompt_file","notes":[SENTENCE]}`; session, runtime and prompt_file are null
//! when nothing was started.

use clap::{ArgAction, Args};
use serde::Serialize;

use crate::adapters::prompt::task::compile;
use crate::adapters::{Start, environment};
use crate::cli::context::{Context, accepted, odd_reply, operator};
use crate::cli::failure::{Failure, Kind, sentence};
use crate::cli::preview::Previews;
use crate::cli::verbs::backlog::record;
use crate::cli::verbs::room::SIZE_UNSEEN;
use crate::cli::verbs::status::{Known, known};
use crate::cli::verbs::wave::chosen;
use crate::driver::disk::{Sync, SystemDisk, replace};
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::{AttemptKey, State, WaveKey};
use crate::plan::backlog::{Status, Task, TaskChange, TaskEdit, TaskId};
use crate::plan::order::{Graph, Scope, Wait};
use crate::plan::project::SourceFile;
use crate::plan::runtime::Overrides;
use crate::plan::slots::book::slug_of;
use crate::plan::slots::surroundings::{Need, Sibling, Surroundings, Waves};
use crate::plan::{Project, Sources, WaveNumber};
use crate::supervisor::protocol::{ClientRole, Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct SpawnArguments {
    /// The task.
    #[arg(value_name = "TASK")]
    task: String,
    /// The saved plan whose waves count; by default the active one, and without any what is computed.
    #[arg(long, value_name = "SLUG")]
    plan: Option<String>,
    /// What the agent runs on; by default executors.default of wave.config.json.
    #[arg(long, value_name = "RUNTIME")]
    runtime: Option<String>,
    /// What the runtime `command` runs.
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// Print the prompt and start nothing.
    #[arg(long, action = ArgAction::SetTrue)]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct Spawned<'a> {
    task: &'a TaskId,
    title: &'a str,
    track: Option<&'a str>,
    plan: Option<&'a str>,
    wave: Option<WaveNumber>,
    note: &'a str,
    siblings: &'a [Sibling<'a>],
    merge_order: &'a [&'a TaskId],
    breaks: &'a [Need<'a>],
    waits_for: &'a [Wait],
    prompt: &'a str,
    started: bool,
    session: Option<String>,
    runtime: Option<String>,
    prompt_file: Option<String>,
    notes: Vec<String>,
}

pub(super) fn run(context: &Context, arguments: &SpawnArguments) -> Result<u8, Failure> {
    let known = known(context)?;
    let backlog = &known.state.backlog;
    let task = record(backlog, &arguments.task)?;
    let graph = Graph::of(backlog);
    let around = Surroundings::of(&graph, &task.id, waves(&known.state, arguments.plan.as_deref())?)
        .ok_or_else(|| super::unknown(task.id.as_str()))?;
    let prompt = compile(&around);
    let running = match arguments.dry_run {
        true => None,
        false => {
            check(&around)?;
            Some(start(context, &known, &around, &prompt, arguments)?)
        }
    };
    match &running {
        None => context.console.line(prompt.trim_end())?,
        Some(running) => {
            let Running { session, runtime, prompt_file, notes } = running;
            context.console.line(format!(
                "{} runs on {runtime} in {session}; its prompt is in {prompt_file}.",
                task.id
            ))?;
            notes.iter().try_for_each(|note| context.console.line(sentence(note)))?;
        }
    }
    let started = running.is_some();
    let Running { session, runtime, prompt_file, notes } = running.unwrap_or_default();
    let given = |text: String| started.then_some(text);
    context.console.value(&Spawned {
        task: &task.id,
        title: &task.title,
        track: around.track,
        plan: around.plan,
        wave: around.wave,
        note: around.note,
        siblings: &around.siblings,
        merge_order: &around.merge_order,
        breaks: &around.breaks,
        waits_for: &around.waits_for,
        prompt: &prompt,
        started,
        session: given(session),
        runtime: given(runtime),
        prompt_file: given(prompt_file),
        notes,
    })?;
    Ok(0)
}

/// The waves that count: those of the named plan or of the active one, else computed ones.
pub(in crate::cli::verbs) fn waves<'a>(state: &'a State, plan: Option<&str>) -> Result<Waves<'a>, Failure> {
    if plan.is_none() && state.plans.active().is_none() {
        return Ok(Waves::Computed(&Scope::All));
    }
    let (slug, named) = chosen(state, plan)?;
    Ok(Waves::Saved { slug, plan: &named.plan })
}

/// Whether the task may be started now.
fn check(around: &Surroundings<'_>) -> Result<(), Failure> {
    let task = around.task;
    let id = &task.id;
    let refuse = |message: String, hint: String| Err(Failure::new(Kind::Refused, message, hint));
    if task.kind.is_container() {
        let hint = format!("`wavedeck orchestrate ready --scope {id}` lists what of it may start.");
        return refuse(format!("{id} is no task: it holds others."), hint);
    }
    match task.status {
        Status::Pending => {}
        Status::Active => {
            let hint =
                format!("`wavedeck task update {id} --status pending` says that nobody does any more.");
            return refuse(format!("Somebody works on {id} already."), hint);
        }
        Status::Proposed | Status::Blocked | Status::Done | Status::Cancelled | Status::Archived => {
            let hint = format!("`wavedeck task update {id} --status pending` opens it.");
            return refuse(format!("{id} is {}; nothing was started.", task.status.word()), hint);
        }
    }
    let undecided: Vec<&str> = around.undecided().into_iter().map(|wait| wait.id.as_str()).collect();
    if !undecided.is_empty() {
        let wave = around.wave.unwrap_or(1);
        let hint = format!(
            "Wait for them, or decide that it starts all the same by a slot beside them: `wavedeck wave assign {id} --wave {wave} \
             --note REASON`."
        );
        return refuse(format!("{id} waits for {}; nothing was started.", undecided.join(", ")), hint);
    }
    Ok(())
}

/// What was started.
#[derive(Debug, Default)]
struct Running {
    session: String,
    runtime: String,
    prompt_file: String,
    notes: Vec<String>,
}

fn start(
    context: &Context,
    known: &Known,
    around: &Surroundings<'_>,
    prompt: &str,
    arguments: &SpawnArguments,
) -> Result<Running, Failure> {
    let (paths, task) = (context.paths()?, around.task);
    let overrides = arguments.runtime.as_deref().map(Overrides::on).unwrap_or_default();
    let number = around.wave.unwrap_or_default();
    let agent = brief(&known.sources, task, number, &overrides).ok_or_else(odd_reply)?;
    let runtime = agent.executor.id.clone();
    if runtime.is_local() {
        let hint = "Name one with --runtime, such as codex, claude or one of .wavedeck/config.toml.";
        return Err(Failure::new(
            Kind::Refused,
            "The simulator `local` plays agents of wave files alone.",
            hint,
        ));
    }
    let folder = paths.attempt(&format!("task-{}", agent.id));
    let prompt_file = folder.join("prompt.md");
    let settings = files::settings(&paths);
    let previews = Previews {
        paths: &paths,
        lane: &context.lane,
        settings: &settings,
        command: arguments.command.as_deref(),
        folder: String::new(),
    };
    let wave = WaveKey { lane: context.lane.clone(), number };
    let attempt = AttemptKey { wave, agent: agent.id.clone(), number: 1 };
    let start = previews
        .start(&attempt, &agent, prompt, &prompt_file, &folder)
        .map_err(|error| Failure::new(Kind::Refused, sentence(&error.to_string()), ""))?;
    replace(&SystemDisk, &prompt_file, prompt.as_bytes(), Sync::Later)?;
    for (file, text) in &start.files {
        replace(&SystemDisk, file.as_ref(), text.as_bytes(), Sync::Later)?;
    }
    let mut client = context.client_of(&paths, ClientRole::Command)?;
    let directory = paths.project().to_str().map(str::to_owned);
    let opening =
        Request::OpenShell { command: words(&start, &paths, &task.id), directory, size: SIZE_UNSEEN };
    let Reply::Session { session } = accepted(client.request(opening)?)? else { return Err(odd_reply()) };
    let changes = vec![TaskChange::Status { status: Status::Active }];
    let edit = TaskEdit::Change { id: task.id.clone(), changes };
    if let Err(failure) = accepted(client.request(Request::EditBacklog { edit, by: operator() })?) {
        // Nobody works on what the backlog does not call active.
        client.request(Request::CloseShell { session })?;
        return Err(failure);
    }
    let prompt_file = prompt_file.strip_prefix(paths.project()).unwrap_or(&prompt_file).display().to_string();
    let mut notes = start.notes.clone();
    notes.extend(around.in_the_way().map(|other| {
        format!("{} is being worked on and declares {}, too", other.id, other.shared.join(", "))
    }));
    Ok(Running { session, runtime: runtime.0, prompt_file, notes })
}

/// The task as the only agent of a wave, so that what it runs on is derived as for every other; `None` never comes of the
/// text that is read here.
fn brief(sources: &Sources, task: &Task, wave: WaveNumber, overrides: &Overrides) -> Option<AgentBrief> {
    let id = slug_of(task.id.as_str());
    let text = format!("# Wave {wave}\n\n## Agent {id}: task\n\n### Prompt\n\n```text\n```\n");
    let waves = vec![SourceFile { path: format!("wave-{wave}.md"), text }];
    let project = Project::read(&Sources { waves, ..sources.clone() });
    let brief = WaveBrief::as_planned(&project, project.waves.values().next()?, overrides);
    let agent = brief.agents.into_iter().next()?;
    Some(AgentBrief { title: task.title.clone(), owned_paths: task.files.clone(), ..agent })
}

/// The command line with its variables. What proves that somebody is an attempt of a wave is left out: this is none.
fn words(start: &Start, paths: &ProjectPaths, task: &TaskId) -> Vec<String> {
    let of_attempts = [
        environment::SOCKET,
        environment::ATTEMPT,
        environment::TOKEN,
        environment::BRIEF,
        environment::RESULT,
        environment::TASK,
        environment::PROJECT,
    ];
    let mut words = vec!["/usr/bin/env".to_owned()];
    words.extend(
        start
            .environment
            .iter()
            .filter(|(name, _)| !of_attempts.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}={value}")),
    );
    words.push(format!("{}={task}", environment::TASK));
    words.extend(paths.project().to_str().map(|folder| format!("{}={folder}", environment::PROJECT)));
    words.extend(start.words());
    words
}
