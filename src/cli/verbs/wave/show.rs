//! `wavedeck wave show [SLUG]` and `wave list`. `show --json` as `orchestrate waves --json`, with `version`, `document` and
//! `gates`, and of each task `locked_by`, `breaks`, `line` and `column`; `list --json`: `{"plans":[{"plan","version",
//! "active","scope":[],"document","waves","tasks","done","locked","broken","drift"}]}`.

use clap::Args;
use serde::Serialize;

use super::document::drift_of;
use super::{chosen, looked, print, view};
use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::engine::State;
use crate::plan::backlog::{Status, TaskId};
use crate::plan::order::Graph;
use crate::plan::slots::{Named, broken};

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The plan; by default the active one, or the only one.
    #[arg(value_name = "SLUG")]
    slug: Option<String>,
}

/// A plan in the list.
#[derive(Debug, Serialize)]
struct PlanRow<'a> {
    plan: &'a str,
    version: u64,
    active: bool,
    scope: &'a [TaskId],
    document: Option<&'a str>,
    waves: usize,
    tasks: usize,
    done: usize,
    locked: usize,
    broken: usize,
    /// Disagreements with its document; `None` without a document.
    drift: Option<usize>,
}

pub(super) fn run(context: &Context, arguments: &ShowArguments) -> Result<u8, Failure> {
    show(context, &looked(context)?, arguments.slug.as_deref())
}

/// Shows a plan of a state.
pub(super) fn show(context: &Context, state: &State, slug: Option<&str>) -> Result<u8, Failure> {
    let (slug, named) = chosen(state, slug)?;
    let graph = Graph::of(&state.backlog);
    let view = view::of_plan(state, &graph, slug, named);
    let row = row(state, &graph, slug, named);
    let console = &context.console;
    let document = row.document.map_or_else(String::new, |path| format!(", follows {path}"));
    console.line(format!(
        "Plan {slug}, version {}: {} waves, {} of {} tasks done{document}",
        row.version, row.waves, row.done, row.tasks
    ))?;
    print::print(console, &view)?;
    if row.broken > 0 {
        console.line(format!("Dependencies that slots break: {}.", row.broken))?;
    }
    if let Some(drift) = row.drift.filter(|drift| *drift > 0) {
        console.line(format!(
            "Rows of drift between plan, document and backlog: {drift}; `wavedeck wave drift` lists them."
        ))?;
    }
    console.value(&view)?;
    Ok(0)
}

pub(super) fn list(context: &Context) -> Result<u8, Failure> {
    let state = looked(context)?;
    let graph = Graph::of(&state.backlog);
    let rows: Vec<PlanRow<'_>> =
        state.plans.iter().map(|(slug, named)| row(&state, &graph, slug, named)).collect();
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    columns(&cells).iter().try_for_each(|line| context.console.line(line))?;
    if rows.is_empty() {
        context.console.line("No plan is saved.")?;
    }
    context.console.value(&serde_json::json!({ "plans": rows }))?;
    Ok(0)
}

fn row<'a>(state: &'a State, graph: &Graph<'_>, slug: &'a str, named: &'a Named) -> PlanRow<'a> {
    let plan = &named.plan;
    let status = |id: &TaskId| state.backlog.get(id).map(|task| task.status);
    PlanRow {
        plan: slug,
        version: named.version,
        active: state.plans.active() == Some(slug),
        scope: &plan.scope,
        document: plan.document.as_deref(),
        waves: plan.waves().len(),
        tasks: plan.slots().count(),
        done: plan.slots().filter(|(_, slot)| status(&slot.task).is_some_and(Status::is_finished)).count(),
        locked: plan.slots().filter(|(_, slot)| slot.lock.is_some()).count()
            + plan.waves().iter().filter(|wave| wave.lock.is_some()).count(),
        broken: broken(plan, graph).len(),
        drift: drift_of(state, graph, named).map(|rows| rows.len()),
    }
}

fn cells(row: &PlanRow<'_>) -> Vec<String> {
    let scope: Vec<&str> = row.scope.iter().map(TaskId::as_str).collect();
    let told = |count: usize, words: &str| if count > 0 { format!("{count} {words}") } else { String::new() };
    vec![
        if row.active { "*" } else { " " }.to_owned(),
        row.plan.to_owned(),
        format!("version {}", row.version),
        format!("{} waves", row.waves),
        format!("{} of {} done", row.done, row.tasks),
        scope.join(","),
        row.document.unwrap_or("-").to_owned(),
        told(row.locked, "locked"),
        told(row.broken, "broken"),
        told(row.drift.unwrap_or(0), "drift"),
    ]
}
