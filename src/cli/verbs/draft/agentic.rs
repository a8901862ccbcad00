//! `wavedeck draft --agentic`: an agent plans waves, and is asked again with what was found when its plan does not hold.
//! The run stays in a folder; `--show-run ID` shows it, `--apply-run ID` writes its waves once they hold in the lane as it
//! is then. `--json`: `{"runId","state","directory","request","rounds":[{"round","ok","findings"}],"summary",
//! "openQuestions","waves":[{"wave","title","agents"}],"error"}`; state is `planned`, `failed`, `applied` or `unfinished`.
//! Of `--apply-run`: `{"runId","state","waves","files","findings","summary"}`.

use std::io::Read as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::DraftArguments;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind, sentence};
use crate::cli::planner::{Desk, line, views, write};
use crate::cli::times::{iso, now};
use crate::cli::verbs::lint::FindingView;
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::driver::planner::{
    Asking, PlanResult, PlanRound, PlanState, PlannerAgent, PlannerRun, errors_of, plan_sources,
};
use crate::plan::WaveNumber;
use crate::plan::draft::Spec;
use crate::plan::draft::agentic::{PlanRequest, stands_in_the_way, verify_specs};
use crate::plan::edit::Edit;

/// Runs that are named when one is not found.
const KNOWN_MOST: usize = 5;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RunView<'a> {
    run_id: &'a str,
    state: &'static str,
    directory: String,
    request: Option<PlanRequest>,
    rounds: Vec<RoundView<'a>>,
    summary: &'a str,
    open_questions: &'a [String],
    waves: Vec<Value>,
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct RoundView<'a> {
    round: u32,
    ok: bool,
    findings: Vec<FindingView<'a>>,
}

pub(super) fn plan(context: &Context, arguments: &DraftArguments) -> Result<u8, Failure> {
    let desk = Desk::read(context)?;
    let paths = context.paths()?;
    let request = request(context, &desk, arguments)?;
    let settings = files::settings(&paths);
    let program = std::env::current_exe()?;
    let (name, wave) = (&request.executor, request.from_wave);
    let agent = PlannerAgent::of(name, desk.config(), &settings, &paths, &program, wave);
    let Some(agent) = agent else {
        let message = format!("`{}` is neither an executor profile nor a runtime.", request.executor);
        return Err(Failure::usage(message, "Name another one with --planner-executor."));
    };
    let told = plan_sources(&paths, &desk.sources, &desk.project, &request);
    let (run, request) =
        PlannerRun::begin(&paths, request, now()).map_err(|error| Failure::file(paths.project(), &error))?;
    let runtime = agent.runtime();
    context.console.notice(format!("{} plans on {runtime}; Ctrl-C ends it.", run.id()));
    let asking = Asking { sources: &desk.sources, profile: &desk.profile, request: &request, files: &told };
    let asked = run.ask(&agent, asking, |round| say_round(context, round, request.max_rounds));
    let mut result = PlanResult {
        schema_version: 1,
        run_id: run.id().to_owned(),
        state: PlanState::Failed,
        updated_at: iso(now()),
        rounds: run.rounds().map_or(0, |rounds| u32::try_from(rounds.len()).unwrap_or(u32::MAX)),
        summary: String::new(),
        open_questions: Vec::new(),
        waves: Vec::new(),
        applied_waves: Vec::new(),
        error: None,
    };
    let errors = match asked {
        Err(error) => {
            result.error = Some(sentence(&error.to_string()));
            Vec::new()
        }
        Ok((verified, rounds)) => {
            let last = rounds.last();
            let errors: Vec<String> = last.into_iter().flat_map(errors_of).map(line).collect();
            result.summary = verified.planned.summary;
            result.open_questions = verified.planned.open_questions;
            result.waves = verified.planned.specs.iter().map(|spec| spec.wave).collect();
            match errors.is_empty() {
                true => result.state = PlanState::Planned,
                false => {
                    result.error = Some("The planner's last answer does not hold.".to_owned());
                }
            }
            errors
        }
    };
    run.conclude(&result).map_err(|error| Failure::file(run.path(), &error))?;
    if let Some(error) = result.error {
        let found = errors.iter().map(|error| format!("\n  {error}")).collect::<String>();
        let message = format!("{error} Nothing was written.{found}");
        let hint = format!("`wavedeck draft --show-run {}` shows what was asked and answered.", run.id());
        return Err(Failure { errors, ..Failure::new(Kind::Refused, message, hint) });
    }
    show_run(context, &paths, &run)?;
    context.console.line(format!("`wavedeck draft --apply-run {}` writes them.", run.id()))?;
    Ok(0)
}

/// What is asked, from the words of the command line.
fn request(context: &Context, desk: &Desk, arguments: &DraftArguments) -> Result<PlanRequest, Failure> {
    let mut task = arguments.task.clone().unwrap_or_default();
    if task == "-" {
        task.clear();
        std::io::stdin().read_to_string(&mut task)?;
    }
    if task.trim().is_empty() {
        return Err(Failure::usage(
            "There is nothing to plan.",
            "Say it with --task \"...\", or with --task - on standard input.",
        ));
    }
    let config = desk.config();
    let last = desk.project.waves.keys().next_back();
    let from_wave = arguments.from_wave.or(arguments.wave).unwrap_or_else(|| last.map_or(0, |last| last + 1));
    if let Some(closed) = desk.sources.completed.range(from_wave..).next_back() {
        let message =
            format!("Wave {closed} is closed, and a plan from wave {from_wave} on would change it.");
        return Err(Failure::new(Kind::Refused, message, format!("Plan with --from-wave {}.", closed + 1)));
    }
    let profile = &config.planner.executor_profile;
    let executor = match &arguments.planner_executor {
        Some(named) => named.clone(),
        None if config.executors.profiles.contains_key(profile) => profile.clone(),
        None => {
            let default = config.executors.default.to_string();
            context.console.notice(format!("There is no profile `{profile}`; {default} plans."));
            default
        }
    };
    Ok(PlanRequest {
        schema_version: 1,
        run_id: String::new(),
        created_at: iso(now()),
        project: desk.sources.project.clone(),
        lane: desk.sources.lane.clone(),
        task,
        from_wave,
        max_waves: arguments.max_waves.unwrap_or(config.planner.waves_max).max(1),
        max_rounds: config.planner.replans_max.saturating_add(1),
        executor,
    })
}

fn say_round(context: &Context, round: &PlanRound, most: u32) {
    let errors: Vec<String> = errors_of(round).map(line).collect();
    let number = round.round;
    match errors.len() {
        0 => context.console.notice(format!("Round {number}: the plan holds.")),
        count => {
            let next = if number < most { "; it is asked again" } else { "" };
            context.console.notice(format!("Round {number}: {count} found{next}."));
            for error in errors {
                context.console.notice(format!("  {error}"));
            }
        }
    }
}

pub(super) fn show(context: &Context, id: &str) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let run = find(&paths, id)?;
    show_run(context, &paths, &run)?;
    Ok(0)
}

fn find(paths: &ProjectPaths, id: &str) -> Result<PlannerRun, Failure> {
    PlannerRun::find(paths, id).ok_or_else(|| {
        let known: Vec<String> = PlannerRun::all(paths).into_iter().rev().take(KNOWN_MOST).collect();
        let hint = match known.is_empty() {
            true => "`wavedeck draft --agentic --task \"...\"` makes one.".to_owned(),
            false => format!("The newest are: {}.", known.join(", ")),
        };
        Failure::new(Kind::NotFound, format!("There is no run {id}."), hint)
    })
}

fn show_run(context: &Context, paths: &ProjectPaths, run: &PlannerRun) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::file(run.path(), &error);
    let result = run.result().map_err(broken)?;
    let rounds = run.rounds().map_err(broken)?;
    let specs = run.specs().map_err(broken)?;
    let request = run.request().map_err(broken)?;
    let directory = run.path().strip_prefix(paths.project()).unwrap_or(run.path()).display().to_string();
    let state = match result.as_ref().map(|result| result.state) {
        Some(PlanState::Planned) => "planned",
        Some(PlanState::Failed) => "failed",
        Some(PlanState::Applied) => "applied",
        None => "unfinished",
    };
    let view = RunView {
        run_id: run.id(),
        state,
        directory,
        rounds: rounds
            .iter()
            .map(|round| RoundView { round: round.round, ok: round.ok, findings: views(&round.findings) })
            .collect(),
        summary: result.as_ref().map_or("", |result| &result.summary),
        open_questions: result.as_ref().map_or(&[], |result| &result.open_questions),
        waves: specs.iter().map(wave_view).collect(),
        error: result.as_ref().and_then(|result| result.error.as_deref()),
        request,
    };
    say(context, &view, &specs, &rounds)?;
    context.console.value(&view)
}

fn wave_view(spec: &Spec) -> Value {
    let agents: Vec<&str> = spec.agents.iter().map(|agent| agent.agent_id.as_str()).collect();
    json!({ "wave": spec.wave, "title": spec.title, "agents": agents })
}

fn say(context: &Context, view: &RunView<'_>, specs: &[Spec], rounds: &[PlanRound]) -> Result<(), Failure> {
    let console = &context.console;
    console.line(format!("{}  {}", view.run_id, view.state))?;
    if let Some(request) = &view.request {
        console.line(format!("  asked    {}", request.task.lines().next().unwrap_or_default()))?;
    }
    if !view.summary.is_empty() {
        console.line(format!("  summary  {}", view.summary))?;
    }
    for question in view.open_questions {
        console.line(format!("  open     {question}"))?;
    }
    for spec in specs {
        let agents: Vec<&str> = spec.agents.iter().map(|agent| agent.agent_id.as_str()).collect();
        console.line(format!("  wave {}  {}  ({})", spec.wave, spec.title, agents.join(" ")))?;
    }
    for round in rounds {
        let count = errors_of(round).count();
        let word = if count == 0 { "holds".to_owned() } else { format!("{count} found") };
        console.line(format!("  round {}  {word}", round.round))?;
        for error in errors_of(round) {
            console.line(format!("    {}", line(error)))?;
        }
    }
    if let Some(error) = view.error {
        console.line(format!("  failed   {error}"))?;
    }
    console.line(format!("  files    {}", view.directory))
}

pub(super) fn apply(context: &Context, id: &str, arguments: &DraftArguments) -> Result<u8, Failure> {
    let desk = Desk::read(context)?;
    let paths = context.paths()?;
    let run = find(&paths, id)?;
    let broken = |error: std::io::Error| Failure::file(run.path(), &error);
    let result = run.result().map_err(broken)?;
    let refused = |message: String, hint: &str| Failure::new(Kind::Refused, message, hint);
    let Some(mut result) = result else {
        return Err(refused(format!("{id} was interrupted; there is nothing to write."), "Plan again."));
    };
    if result.state == PlanState::Failed {
        return Err(refused(
            format!("{id} failed; there is nothing to write."),
            "Look at it with --show-run.",
        ));
    }
    let request = run.request().map_err(broken)?.unwrap_or_default();
    if (&request.lane, &request.project) != (&desk.sources.lane, &desk.sources.project) {
        let message = format!("{id} was planned for lane {} of another project or lane.", request.lane);
        return Err(refused(message, "Name it with --lane and --project."));
    }
    let specs = chosen(run.specs().map_err(broken)?, arguments)?;
    if !arguments.force {
        refuse_a_lane_that_moved_on(&desk, &run, &specs)?;
    }
    let (proposal, findings) = verify_specs(&desk.sources, &desk.profile, &specs);
    let errors: Vec<String> = findings.iter().filter(|found| stands_in_the_way(found)).map(line).collect();
    if !errors.is_empty() {
        let message =
            format!("The plan does not hold any more; nothing was written.\n  {}", errors.join("\n  "));
        let failure = refused(message, "Plan again: the lane is another one now.");
        return Err(Failure { errors, ..failure });
    }
    let waves: Vec<WaveNumber> = specs.iter().map(|spec| spec.wave).collect();
    let summary = match waves.as_slice() {
        [wave] => format!("wave {wave} planned by {id}"),
        waves => format!("{} waves planned by {id}", waves.len()),
    };
    let change =
        |spec: &Spec| format!("wave {} ({}) has {} agents", spec.wave, spec.title, spec.agents.len());
    let edit = Edit::WriteWaves {
        summary: summary.clone(),
        changes: specs.iter().map(change).collect(),
        waves: waves.clone(),
        writes: proposal.writes.clone(),
    };
    write(context, edit)?;
    result.applied_waves.extend(&waves);
    result.applied_waves.sort_unstable();
    result.applied_waves.dedup();
    if result.applied_waves.len() == result.waves.len() {
        result.state = PlanState::Applied;
    }
    result.updated_at = iso(now());
    run.conclude(&result).map_err(broken)?;
    // What is written now is what the rest of the plan stands on.
    run.stand_on(&context.sources(&paths)).map_err(broken)?;
    context.console.line(sentence(&summary))?;
    let files: Vec<&str> = proposal.writes.iter().map(|write| write.path.as_str()).collect();
    for file in &files {
        context.console.line(format!("  {file}"))?;
    }
    context.console.line("`wavedeck undo` takes it back.")?;
    context.console.value(&json!({
        "runId": id, "state": result.state, "waves": waves, "files": files,
        "findings": views(&findings), "summary": summary,
    }))?;
    Ok(0)
}

/// The waves of `--waves`; all of them without it.
fn chosen(specs: Vec<Spec>, arguments: &DraftArguments) -> Result<Vec<Spec>, Failure> {
    let Some(wanted) = arguments.waves.as_deref().filter(|wanted| *wanted != "all") else { return Ok(specs) };
    let mut numbers: Vec<WaveNumber> = Vec::new();
    for word in wanted.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let number = word.parse().ok().filter(|number| specs.iter().any(|spec| spec.wave == *number));
        let Some(number) = number else {
            let known: Vec<String> = specs.iter().map(|spec| spec.wave.to_string()).collect();
            let hint = format!("The plan has: {}.", known.join(", "));
            return Err(Failure::usage(format!("`{word}` is no wave of the plan."), hint));
        };
        numbers.push(number);
    }
    Ok(specs.into_iter().filter(|spec| numbers.contains(&spec.wave)).collect())
}

fn refuse_a_lane_that_moved_on(desk: &Desk, run: &PlannerRun, specs: &[Spec]) -> Result<(), Failure> {
    for spec in specs {
        desk.refuse_what_is_there(spec.wave, false)?;
    }
    let moved = run.moved_on(&desk.sources).map_err(|error| Failure::file(run.path(), &error))?;
    if moved.is_empty() {
        return Ok(());
    }
    let message =
        format!("The lane has moved on since it was planned: {}. Nothing was written.", moved.join(", "));
    let hint = "Plan again, or write it all the same with --force, if it still validates.";
    Err(Failure { errors: moved, ..Failure::new(Kind::Refused, message, hint) })
}
