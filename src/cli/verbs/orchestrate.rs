//! `wavedeck orchestrate waves|ready|spawn`: what follows from the backlog, over any scope. The words are CLEO's.
//! `waves` is told of in [`super::wave::compute`], `spawn` in [`spawn`].
//!
//! `ready --json`: `{"ready":[{"id","title","track","priority","wave","unblocks"}],"not_ready":[{"id","why":[{"kind","id",
//! "detail"}]}],"idle_tracks":[{"track","why"}],"conflicts":[{"a","b","paths":[]}],"conflicts_cut","rule","plan"}`. With a saved
//! plan `wave` is that of the plan.

pub(super) mod spawn;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use clap::{ArgAction, Args, Subcommand};
use serde::Serialize;

use super::backlog::unknown;
use super::status::known;
use super::wave::compute::{self, WavesArguments};
use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::plan::backlog::{Priority, TaskId};
use crate::plan::order::{Balance, Graph, Levels, Members, RULE, Scope};
use crate::plan::slots::{Turn, Waves};

use spawn::SpawnArguments;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrchestrateVerb {
    /// Compute waves: every task one wave after the last of what it depends on. Save them, load them, compare them.
    Waves(WavesArguments),
    /// List what may start now, and say why the rest may not.
    Ready(ReadyArguments),
    /// Give a task to an agent, with its wave, its track, and who works beside it on which files.
    Spawn(SpawnArguments),
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
    #[arg(long, value_name = "N", default_value = "1", requires = "track_balance")]
    per_track: NonZeroUsize,
    /// The saved plan whose waves come one after the other; by default the active one.
    #[arg(long, value_name = "SLUG")]
    plan: Option<String>,
    /// By dependencies alone, whatever plans say.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "plan")]
    no_plan: bool,
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
        OrchestrateVerb::Waves(arguments) => compute::run(context, arguments),
        OrchestrateVerb::Ready(arguments) => ready(context, arguments),
        OrchestrateVerb::Spawn(arguments) => spawn::run(context, arguments),
    }
}

/// These records with all that lies in them, or everything when none is named.
pub(super) fn scope(ids: &[String]) -> Scope {
    match ids {
        [] => Scope::All,
        ids => Scope::Of(ids.iter().map(|id| id.as_str().into()).collect()),
    }
}

/// The records of a scope; an id that is not in the backlog is a mistake in the words.
pub(super) fn members(graph: &Graph<'_>, scope: &Scope) -> Result<Members, Failure> {
    let members = graph.members(scope);
    match members.unknown().first() {
        Some(id) => Err(unknown(id.as_str())),
        None => Ok(members),
    }
}

fn ready(context: &Context, arguments: &ReadyArguments) -> Result<u8, Failure> {
    let state = known(context)?.state;
    let backlog = &state.backlog;
    let graph = Graph::of(backlog);
    let scope = scope(&arguments.scope);
    members(&graph, &scope)?;
    let planned = match arguments.no_plan {
        true => Waves::Computed(&scope),
        false => spawn::waves(&state, arguments.plan.as_deref())?,
    };
    let (slug, turn) = match planned {
        Waves::Saved { slug, plan } => (Some(slug), Turn::of(plan, &graph)),
        Waves::Computed(_) => (None, Turn::default()),
    };
    let balance = arguments
        .track_balance
        .then(|| Balance { tracks: arguments.tracks.clone(), per_track: arguments.per_track.get() });
    let found = graph.ready_in_turn(&scope, balance.as_ref(), |id| turn.holds_back(id));
    let levels = graph.levels(&scope);
    let waves = wave_numbers(&levels);
    let wave_of = |id: &TaskId| if slug.is_some() { turn.wave_of(id) } else { waves.get(id).copied() };
    let rows: Vec<ReadyRow<'_>> = found
        .ready
        .iter()
        .filter_map(|id| backlog.get(id))
        .map(|task| ReadyRow {
            id: &task.id,
            title: &task.title,
            track: backlog.track(&task.id),
            priority: task.priority,
            wave: wave_of(&task.id),
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
    let of_plan = slug.map_or_else(String::new, |slug| match turn.wave() {
        Some(wave) => format!(" Plan {slug} is at wave {wave}."),
        None => format!(" Every wave of plan {slug} is finished."),
    });
    console.line(format!("{} may start now.{of_plan}", rows.len()))?;
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
        "conflicts": found.conflicts, "conflicts_cut": found.conflicts_cut, "rule": RULE, "plan": slug,
    }))?;
    Ok(0)
}

fn wave_numbers(levels: &Levels) -> BTreeMap<&TaskId, u32> {
    levels.waves.iter().flat_map(|wave| wave.tasks.iter().map(|id| (id, wave.number))).collect()
}
