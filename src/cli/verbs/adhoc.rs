//! `wavedeck adhoc`: a wave from tasks in somebody's words, kept beside the lane's waves, and its way into them. `--json`:
//! of `plan` and `show` `{"runId","status","title","lane","directory","wave","tasks":[{"id","text"}],"agents":[id],
//! "promotedWave","error","findings":[as in `lint`],"spec"}`; of `list` `{"runs":[{"runId","lane","title","status",
//! "taskCount","createdAt","updatedAt","promotedWave"}]}`; of `run` what `launch` prints; of `promote` `{"runId","wave","written","files","findings",
//! "summary"}`.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use crate::cli::console::columns;
use crate::cli::context::{Context, find_adhoc_run};
use crate::cli::failure::{Failure, Kind, sentence};
use crate::cli::planner::{Desk, line, views, write};
use crate::cli::times::{iso, now};
use crate::cli::verbs::launch::{self, LaunchArguments};
use crate::cli::verbs::lint::FindingView;
use crate::cli::verbs::stop;
use crate::driver::adhoc::{AdhocRun, project_name};
use crate::driver::paths::ProjectPaths;
use crate::plan::draft::adhoc::{
    AdhocEntry, AdhocRequest, AdhocResult, AdhocStatus, RUN_KIND, WAVE, adhoc_findings, adhoc_markdown,
    adhoc_sources, adhoc_spec, promoted,
};
use crate::plan::draft::{Ground, RequestedTask, Spec, proposal};
use crate::plan::edit::Edit;
use crate::plan::{Finding, Project, Severity, WaveNumber};
use crate::supervisor::client::Client;
use crate::supervisor::protocol::ClientRole;

/// Ad-hoc runs.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AdhocVerb {
    /// Make a wave from tasks, beside the lane's waves, and start nothing.
    Plan(TaskArguments),
    /// Run tasks at once, beside the lane's waves: planned, shown, confirmed, launched.
    Run(Box<RunArguments>),
    /// List ad-hoc runs, newest first.
    List,
    /// Show the ad-hoc run that --run names: what was asked for, its agents, and where it stands.
    Show,
    /// Make the ad-hoc run that --run names a wave of the lane, when it validates there.
    Promote(PromoteArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TaskArguments {
    /// What is to be done, in plain words; may be given several times.
    #[arg(long, value_name = "TEXT", required = true)]
    task: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArguments {
    /// What is to be done, in plain words; may be given several times. Without it --run names a run that is planned.
    #[arg(long, value_name = "TEXT")]
    task: Vec<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    launch: LaunchArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PromoteArguments {
    /// The number that it gets; by default the one after the last wave.
    #[arg(long, value_name = "N")]
    wave: Option<WaveNumber>,
    /// Replace a wave file or a spec that is there.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RunView<'a> {
    run_id: &'a str,
    status: AdhocStatus,
    title: &'a str,
    lane: &'a str,
    directory: String,
    wave: String,
    tasks: &'a [RequestedTask],
    agents: Vec<&'a str>,
    promoted_wave: Option<WaveNumber>,
    error: Option<&'a str>,
    findings: Vec<FindingView<'a>>,
    spec: Option<&'a Spec>,
}

pub(super) fn perform(context: &Context, verb: AdhocVerb) -> Result<u8, Failure> {
    let of_lane = context.of_lane();
    match verb {
        AdhocVerb::Plan(TaskArguments { task }) => {
            let desk = Desk::read(&of_lane)?;
            let run = plan(&desk, &of_lane.paths()?, &task)?;
            say_run(context, &desk, &run)
        }
        AdhocVerb::Run(arguments) => launched(context, *arguments),
        AdhocVerb::List => list(&of_lane),
        AdhocVerb::Show => {
            let run = named(context, &of_lane.paths()?)?;
            say_run(context, &Desk::read(&of_lane)?, &run)
        }
        AdhocVerb::Promote(arguments) => promote(context, &arguments),
    }
}

/// Plans where tasks are given, shows what would run, and launches it when it is confirmed.
fn launched(context: &Context, arguments: RunArguments) -> Result<u8, Failure> {
    let RunArguments { task, yes, launch } = arguments;
    let launch = launch.of_wave(WAVE)?;
    let of_lane = context.of_lane();
    let (desk, paths) = (Desk::read(&of_lane)?, of_lane.paths()?);
    let run = match (&context.named.run, task.as_slice()) {
        (Some(_), []) => named(context, &paths)?,
        (None, tasks) => plan(&desk, &paths, tasks)?,
        (Some(run), _) => {
            let message = format!("{run} is planned already; it takes no other tasks.");
            return Err(Failure::usage(message, "Leave --run or --task out."));
        }
    };
    let id = run.id();
    let found = findings(&desk, &run)?;
    let errors: Vec<String> =
        found.iter().filter(|finding| finding.severity == Severity::Error).map(line).collect();
    if !errors.is_empty() {
        let message = format!("{id} does not validate; nothing was started.\n  {}", errors.join("\n  "));
        let hint = format!("Mend {}, then `wavedeck adhoc run --run {id}`.", run.file("wave-0.md"));
        return Err(Failure { errors, ..Failure::new(Kind::Refused, message, hint) });
    }
    tell_run(context, &run, &found)?;
    if !launch.is_dry() && !yes && !confirmed(id)? {
        context.console.line(format!("Nothing was started. `wavedeck adhoc run --run {id}` starts it."))?;
        return Ok(1);
    }
    let of_run = context.of_adhoc_run(id);
    let code = launch::run(&of_run, &launch)?;
    // Nobody comes back to a run that is over: its supervisor has nothing left to do.
    let is_over = run
        .result()
        .is_ok_and(|result| matches!(result.status, AdhocStatus::Completed | AdhocStatus::Failed));
    if is_over && let Ok(client) = Client::connect(&of_run.paths()?, ClientRole::Command) {
        stop::end(client, false)?;
    }
    Ok(code)
}

/// Asks on a terminal; elsewhere nobody can answer.
fn confirmed(id: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let hint = format!("Add --yes, or start it with `wavedeck adhoc run --run {id} --yes`.");
        return Err(Failure::usage(format!("{id} is planned; running it needs your word."), hint));
    }
    let mut output = io::stderr().lock();
    write!(output, "Run it? [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Makes a run of tasks.
fn plan(desk: &Desk, paths: &ProjectPaths, tasks: &[String]) -> Result<AdhocRun, Failure> {
    let texts: Vec<&str> = tasks.iter().map(|task| task.trim()).filter(|task| !task.is_empty()).collect();
    if texts.is_empty() {
        return Err(Failure::usage("There is nothing to do.", "Say it with --task \"...\"."));
    }
    let broken = |error: io::Error| Failure::file(paths.project(), &error);
    let run = AdhocRun::create(paths, now()).map_err(broken)?;
    let tasks = texts
        .iter()
        .enumerate()
        .map(|(index, text)| RequestedTask { id: format!("task-{}", index + 1), text: (*text).to_owned() });
    let request = AdhocRequest {
        schema_version: 1,
        run_kind: RUN_KIND.to_owned(),
        run_id: run.id().to_owned(),
        project: project_name(paths).to_owned(),
        lane: desk.sources.lane.clone(),
        created_at: iso(now()),
        oversight_mode: desk.profile.default_oversight_mode.word().to_owned(),
        default_terminal_surface: Some(desk.profile.default_terminal_surface.clone()),
        tasks: tasks.collect(),
        launcher_args: json!([]),
        ..AdhocRequest::default()
    };
    let of_run = adhoc_sources(&desk.sources, run.place(), String::new());
    let project = Project::read(&of_run);
    let spec = adhoc_spec(&ground(desk, &project, WAVE), &request);
    run.write_plan(&request, &spec, &adhoc_markdown(&spec)).map_err(broken)?;
    let state = project.config.state_directory();
    let result = AdhocResult {
        schema_version: 1,
        run_kind: request.run_kind,
        run_id: request.run_id,
        project: request.project,
        lane: request.lane,
        title: spec.title.clone(),
        updated_at: request.created_at.clone(),
        created_at: request.created_at,
        task_count: request.tasks.len(),
        traces_dir: format!("{state}/traces"),
        launcher_state_dir: state,
        ..AdhocResult::default()
    };
    run.conclude(paths, result).map_err(broken)?;
    Ok(run)
}

fn ground<'g>(desk: &'g Desk, project: &'g Project, wave: WaveNumber) -> Ground<'g> {
    Ground { config: &project.config, ..desk.ground(wave) }
}

/// The run that `--run` names.
fn named(context: &Context, paths: &ProjectPaths) -> Result<AdhocRun, Failure> {
    match &context.named.run {
        Some(id) => find_adhoc_run(paths, id),
        None => {
            let hint = "Name it with --run ID; `wavedeck adhoc list` lists them.";
            Err(Failure::usage("There is no run to do this with.", hint))
        }
    }
}

/// What is found in the wave file of a run as it is now.
fn findings(desk: &Desk, run: &AdhocRun) -> Result<Vec<Finding>, Failure> {
    let text = run.wave().map_err(|error| Failure::file(run.path(), &error))?;
    let Some(text) = text else {
        let message = format!("{} is not there.", run.file("wave-0.md"));
        return Err(Failure::new(Kind::NotFound, message, "Plan the run again."));
    };
    Ok(adhoc_findings(&adhoc_sources(&desk.sources, run.place(), text)))
}

/// Shows a run. Exit code 1 when its wave would not run.
fn say_run(context: &Context, desk: &Desk, run: &AdhocRun) -> Result<u8, Failure> {
    let found = findings(desk, run)?;
    tell_run(context, run, &found)?;
    let broken = |error: io::Error| Failure::file(run.path(), &error);
    let request = run.request().map_err(broken)?.unwrap_or_default();
    let result = run.result().map_err(broken)?;
    let spec = run.spec().map_err(broken)?;
    let agents = spec.iter().flat_map(|spec| &spec.agents);
    context.console.value(&RunView {
        run_id: run.id(),
        status: result.status,
        title: &result.title,
        lane: &result.lane,
        directory: run.place().folder,
        wave: run.file("wave-0.md"),
        tasks: &request.tasks,
        agents: agents.map(|agent| agent.agent_id.as_str()).collect(),
        promoted_wave: result.promoted_wave,
        error: result.error.as_deref().or(result.promotion_validation_error.as_deref()),
        findings: views(&found),
        spec: spec.as_ref(),
    })?;
    Ok(u8::from(found.iter().any(|finding| finding.severity == Severity::Error)))
}

/// A run in lines for people.
fn tell_run(context: &Context, run: &AdhocRun, found: &[Finding]) -> Result<(), Failure> {
    let broken = |error: io::Error| Failure::file(run.path(), &error);
    let request = run.request().map_err(broken)?.unwrap_or_default();
    let result = run.result().map_err(broken)?;
    let spec = run.spec().map_err(broken)?;
    let console = &context.console;
    console.line(format!("{}  {}  {}", run.id(), result.status.word(), result.title))?;
    for task in &request.tasks {
        console.line(format!("  asked  {}", task.text.lines().next().unwrap_or_default()))?;
    }
    let agents = spec.iter().flat_map(|spec| &spec.agents);
    let rows: Vec<Vec<String>> = agents
        .map(|agent| vec![agent.agent_id.clone(), agent.title.clone(), agent.owned_paths.join(", ")])
        .collect();
    for row in columns(&rows) {
        console.line(format!("  {row}"))?;
    }
    if let Some(wave) = result.promoted_wave {
        console.line(format!("  promoted to wave {wave}"))?;
    }
    if let Some(error) = result.error.or(result.promotion_validation_error) {
        console.line(format!("  {error}"))?;
    }
    for finding in found {
        console.line(format!("  {}", line(finding)))?;
    }
    console.line(format!("  files  {}", run.place().folder))
}

fn list(context: &Context) -> Result<u8, Failure> {
    let runs = AdhocRun::all(&context.paths()?);
    let mut entries: Vec<AdhocEntry> = Vec::new();
    for run in &runs {
        match run.result() {
            Ok(result) => entries.push(result.entry()),
            Err(error) => context.console.notice(format!("{} cannot be read: {error}.", run.id())),
        }
    }
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let promoted = entry.promoted_wave.map(|wave| format!("wave {wave}")).unwrap_or_default();
            vec![entry.run_id.clone(), entry.status.word().to_owned(), promoted, entry.title.clone()]
        })
        .collect();
    for row in columns(&rows) {
        context.console.line(row)?;
    }
    if entries.is_empty() {
        context.console.line("There are no ad-hoc runs.")?;
    }
    context.console.value(&json!({ "runs": entries }))?;
    Ok(0)
}

fn promote(context: &Context, arguments: &PromoteArguments) -> Result<u8, Failure> {
    let of_lane = context.of_lane();
    let paths = of_lane.paths()?;
    let run = named(context, &paths)?;
    let desk = Desk::read(&of_lane)?;
    let id = run.id();
    let broken = |error: io::Error| Failure::file(run.path(), &error);
    let Some(spec) = run.spec().map_err(broken)? else {
        let message = format!("{} is not there.", run.file("spec.json"));
        return Err(Failure::new(Kind::NotFound, message, "Plan the run again."));
    };
    let mut result = run.result().map_err(broken)?;
    let last = desk.project.waves.keys().next_back();
    let wave = arguments.wave.unwrap_or_else(|| last.map_or(0, |last| last + 1));
    desk.refuse_what_is_there(wave, arguments.force)?;
    // An `undo` takes the wave back; the run is free again.
    let stands = |wave: &WaveNumber| desk.project.waves.contains_key(wave);
    if let Some(before) = result.promoted_wave.filter(stands).filter(|_| !arguments.force) {
        let message = format!("{id} is wave {before} already; nothing was written.");
        return Err(Failure::new(Kind::Refused, message, "Promote it again with --force."));
    }
    let mut spec = promoted(&desk.ground(wave), &spec);
    spec.generated_at = Some(iso(now()));
    let proposal = proposal(&desk.sources, std::slice::from_ref(&spec));
    result.updated_at = iso(now());
    let errors: Vec<String> = proposal.errors().map(line).collect();
    if !errors.is_empty() {
        result.promotion_validation_error = Some(errors.join("\n"));
        run.conclude(&paths, result).map_err(broken)?;
        let message =
            format!("{id} does not validate as wave {wave}; nothing was written.\n  {}", errors.join("\n  "));
        let hint = format!("Mend {}, or what the findings name.", run.file("spec.json"));
        return Err(Failure { errors, ..Failure::new(Kind::Refused, message, hint) });
    }
    let summary = format!("ad-hoc run {id} promoted to wave {wave}");
    let changes = vec![format!("wave {wave} ({}) has {} agents", spec.title, spec.agents.len())];
    let writes = proposal.writes.clone();
    write(&of_lane, Edit::WriteWaves { summary: summary.clone(), changes, waves: vec![wave], writes })?;
    result.promoted_wave = Some(wave);
    result.promotion_validation_error = None;
    run.conclude(&paths, result).map_err(broken)?;
    context.console.line(sentence(&summary))?;
    let files: Vec<&str> = proposal.writes.iter().map(|write| write.path.as_str()).collect();
    for file in &files {
        context.console.line(format!("  {file}"))?;
    }
    context.console.line("`wavedeck undo` takes it back.")?;
    context.console.value(&json!({
        "runId": id, "wave": wave, "written": true, "files": files,
        "findings": views(&proposal.findings), "summary": summary,
    }))?;
    Ok(0)
}
