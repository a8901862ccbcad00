//! `wavedeck orchestrate waves|ready`: what follows from the backlog, over any scope. The words are CLEO's.
//!
//! `waves --json`: `{"scope":[],"plan":null,"waves":[{"wave","status":"done"|"in_progress"|"pending","notes":null,
//! "locked_by":null,"tasks":[{"id","title","status","priority","track","depends":[],"waits_for":[{"id","kind":"in-plan"|
//! "outside"|"missing"|"cycle","status","via"}],"unblocks","note":null}]}],"cycles":[[ID]],"unplaced":[{"id","why"}],
//! "archived","cancelled","critical_path":[ID],"rule"}`.
//!
//! `ready --json`: `{"ready":[{"id","title","track","priority","wave","unblocks"}],"not_ready":[{"id","why":[{"kind","id",
//! "detail"}]}],"idle_tracks":[{"track","why"}],"conflicts":[{"a","b","paths":[]}],"conflicts_cut","rule"}`.

use std::collections::BTreeMap;

use clap::{ArgAction, Args, Subcommand};
use serde::Serialize;

use super::backlog::{backlog, unknown};
use crate::cli::console::{Console, columns};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::plan::backlog::{Backlog, Priority, Status, TaskId};
use crate::plan::order::{Balance, Graph, Level, Levels, Members, RULE, Scope, Unplaced, Wait, WaitKind};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrchestrateVerb {
    /// Compute waves: every task one wave after the last of what it depends on.
    Waves(WavesArguments),
    /// List what may start now, and say why the rest may not.
    Ready(ReadyArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct WavesArguments {
    /// Sagas, epics or tasks, each with all that lies in it.
    #[arg(value_name = "SCOPE", required_unless_present = "all")]
    scope: Vec<String>,
    /// The whole backlog.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "scope")]
    all: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReadyArguments {
    /// Only what lies in these sagas, epics or tasks; by default the whole backlog.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    scope: Vec<String>,
    /// Pick so many of each track that are safe together: no dependency either way, no file in common.
    #[arg(long, action = ArgAction::SetTrue)]
    track_balance: bool,
    /// Of these tracks, in the order in which they choose; by default of every one.
    #[arg(long, value_name = "TRACKS", value_delimiter = ',', requires = "track_balance")]
    tracks: Vec<String>,
    /// How many of each.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "track_balance")]
    per_track: usize,
}

#[derive(Debug, Serialize)]
struct WavesView<'a> {
    scope: &'a [TaskId],
    plan: Option<&'a str>,
    waves: Vec<WaveRow<'a>>,
    cycles: &'a [Vec<TaskId>],
    unplaced: &'a [Unplaced],
    archived: usize,
    cancelled: usize,
    critical_path: Vec<TaskId>,
    rule: &'static str,
}

#[derive(Debug, Serialize)]
struct WaveRow<'a> {
    wave: u32,
    status: &'static str,
    notes: Option<&'a str>,
    locked_by: Option<&'a str>,
    tasks: Vec<TaskRow<'a>>,
}

#[derive(Debug, Serialize)]
struct TaskRow<'a> {
    id: &'a TaskId,
    title: &'a str,
    status: Status,
    priority: Priority,
    track: Option<&'a str>,
    depends: &'a [TaskId],
    waits_for: Vec<Wait>,
    unblocks: usize,
    note: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ReadyRow<'a> {
    id: &'a TaskId,
    title: &'a str,
    track: Option<&'a str>,
    priority: Priority,
    wave: Option<u32>,
    unblocks: usize,
}

pub(super) fn run(context: &Context, verb: &OrchestrateVerb) -> Result<u8, Failure> {
    match verb {
        OrchestrateVerb::Waves(arguments) => waves(context, arguments),
        OrchestrateVerb::Ready(arguments) => ready(context, arguments),
    }
}

/// These records with all that lies in them, or everything when none is named.
fn scope(ids: &[String]) -> Scope {
    match ids {
        [] => Scope::All,
        ids => Scope::Of(ids.iter().map(|id| id.as_str().into()).collect()),
    }
}

/// The records of a scope; an id that is not in the backlog is a mistake in the words.
fn members(graph: &Graph<'_>, scope: &Scope) -> Result<Members, Failure> {
    let members = graph.members(scope);
    match members.unknown().first() {
        Some(id) => Err(unknown(id.as_str())),
        None => Ok(members),
    }
}

fn waves(context: &Context, arguments: &WavesArguments) -> Result<u8, Failure> {
    let backlog = backlog(context)?;
    let graph = Graph::of(&backlog);
    let scope = scope(&arguments.scope);
    let members = members(&graph, &scope)?;
    let levels = graph.levels(&scope);
    let rows = levels.waves.iter().map(|wave| wave_row(&backlog, &graph, &members, wave)).collect();
    let view = WavesView {
        scope: scope.ids(),
        plan: None,
        waves: rows,
        cycles: &levels.cycles,
        unplaced: &levels.unplaced,
        archived: levels.archived,
        cancelled: levels.cancelled,
        critical_path: graph.critical_path(&scope),
        rule: RULE,
    };
    print_waves(&context.console, &view)?;
    context.console.value(&view)?;
    Ok(0)
}

fn wave_row<'a>(backlog: &'a Backlog, graph: &Graph<'a>, members: &Members, wave: &'a Level) -> WaveRow<'a> {
    let tasks: Vec<TaskRow<'_>> = wave
        .tasks
        .iter()
        .filter_map(|id| backlog.get(id))
        .map(|task| TaskRow {
            id: &task.id,
            title: &task.title,
            status: task.status,
            priority: task.priority,
            track: backlog.track(&task.id),
            depends: &task.depends,
            waits_for: graph.waits(&task.id, |id| graph.holds(members, id)),
            unblocks: graph.unblocks(&task.id),
            note: None,
        })
        .collect();
    let done = tasks.iter().filter(|task| task.status == Status::Done).count();
    let begun = done > 0 || tasks.iter().any(|task| task.status == Status::Active);
    let status = match (done == tasks.len(), begun) {
        (true, _) => "done",
        (false, true) => "in_progress",
        (false, false) => "pending",
    };
    WaveRow { wave: wave.number, status, notes: None, locked_by: None, tasks }
}

fn print_waves(console: &Console, view: &WavesView<'_>) -> Result<(), Failure> {
    for wave in &view.waves {
        let done = wave.tasks.iter().filter(|task| task.status == Status::Done).count();
        console.line(format!("Wave {}: {} of {} done", wave.wave, done, wave.tasks.len()))?;
        let cells: Vec<Vec<String>> = wave
            .tasks
            .iter()
            .map(|task| {
                vec![
                    format!("  {}", task.id),
                    task.status.word().to_owned(),
                    task.priority.word().to_owned(),
                    task.track.unwrap_or("-").to_owned(),
                    format!("unblocks {}", task.unblocks),
                    format!("{}{}", task.title, waiting(&task.waits_for)),
                ]
            })
            .collect();
        columns(&cells).iter().try_for_each(|line| console.line(line))?;
    }
    if view.waves.is_empty() {
        console.line("There is nothing to do.")?;
    }
    for cycle in view.cycles {
        let ids: Vec<&str> = cycle.iter().chain(cycle.first()).map(TaskId::as_str).collect();
        console.line(format!("These wait for each other: {}", ids.join(" → ")))?;
    }
    for row in view.unplaced {
        console.line(format!("{} stands in no wave: {}", row.id, row.why))?;
    }
    if view.archived + view.cancelled > 0 {
        let text =
            format!("{} archived and {} cancelled tasks stand in no wave.", view.archived, view.cancelled);
        console.line(text)?;
    }
    if view.critical_path.len() > 1 {
        let path: Vec<&str> = view.critical_path.iter().map(TaskId::as_str).collect();
        console.line(format!("Longest chain of open tasks: {}", path.join(" → ")))?;
    }
    console.line(view.rule)
}

/// What a task waits for, behind its title. What lies in an earlier wave goes without saying.
fn waiting(waits: &[Wait]) -> String {
    let told: Vec<String> = waits
        .iter()
        .filter_map(|wait| match wait.kind {
            WaitKind::InPlan => None,
            WaitKind::Outside => Some(format!("{} outside", wait.id)),
            WaitKind::Missing => Some(format!("{}, which is missing", wait.id)),
            WaitKind::Cycle => Some(format!("{}, which waits for itself", wait.id)),
        })
        .collect();
    if told.is_empty() { String::new() } else { format!("  [waits for {}]", told.join("; ")) }
}

fn ready(context: &Context, arguments: &ReadyArguments) -> Result<u8, Failure> {
    let backlog = backlog(context)?;
    let graph = Graph::of(&backlog);
    let scope = scope(&arguments.scope);
    members(&graph, &scope)?;
    let balance = arguments
        .track_balance
        .then(|| Balance { tracks: arguments.tracks.clone(), per_track: arguments.per_track });
    let found = graph.ready(&scope, balance.as_ref());
    let levels = graph.levels(&scope);
    let waves = wave_numbers(&levels);
    let rows: Vec<ReadyRow<'_>> = found
        .ready
        .iter()
        .filter_map(|id| backlog.get(id))
        .map(|task| ReadyRow {
            id: &task.id,
            title: &task.title,
            track: backlog.track(&task.id),
            priority: task.priority,
            wave: waves.get(&task.id).copied(),
            unblocks: graph.unblocks(&task.id),
        })
        .collect();
    let console = &context.console;
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.id.to_string(),
                row.wave.map(|wave| format!("wave {wave}")).unwrap_or_default(),
                row.priority.word().to_owned(),
                row.track.unwrap_or("-").to_owned(),
                format!("unblocks {}", row.unblocks),
                row.title.to_owned(),
            ]
        })
        .collect();
    console.line(format!("{} may start now.", rows.len()))?;
    columns(&cells).iter().try_for_each(|line| console.line(line))?;
    for row in &found.idle_tracks {
        console.line(format!("Track {} idles: {}.", row.track, row.why))?;
    }
    for row in &found.conflicts {
        console.line(format!(
            "{} and {} would touch the same files: {}",
            row.a,
            row.b,
            row.paths.join(", ")
        ))?;
    }
    if found.conflicts_cut {
        console.line("More pairs would touch the same files than are listed here.")?;
    }
    if !found.not_ready.is_empty() {
        console.line(format!("{} may not start:", found.not_ready.len()))?;
    }
    for row in &found.not_ready {
        let why: Vec<&str> = row.why.iter().map(|why| why.detail.as_str()).collect();
        console.line(format!("  {} {}", row.id, why.join("; ")))?;
    }
    console.line(RULE)?;
    console.value(&serde_json::json!({
        "ready": rows, "not_ready": found.not_ready, "idle_tracks": found.idle_tracks,
        "conflicts": found.conflicts, "conflicts_cut": found.conflicts_cut, "rule": RULE,
    }))?;
    Ok(0)
}

fn wave_numbers(levels: &Levels) -> BTreeMap<&TaskId, u32> {
    levels.waves.iter().flat_map(|wave| wave.tasks.iter().map(|id| (id, wave.number))).collect()
}
