//! `wavedeck wave diff A [B]` and `orchestrate waves --diff A`: what became of a plan. `--json`: `{"baseline",
//! "against":"computed"|SLUG,"added":[{"id","wave"}],"removed":[..],"moved":[{"id","from","to"}],"illegal":[{"id","wave",
//! "needs","needs_wave"}],"done_early":[{"id","wave"}],"unchanged":N}`, each row with `file` and `line` where the
//! baseline's document names the task. Exit 1 with `--exit-code` when there is a difference.

use std::collections::BTreeMap;

use clap::{ArgAction, Args};
use serde::Serialize;

use super::print::break_words;
use super::{chosen, looked};
use crate::cli::console::Console;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::engine::State;
use crate::plan::WaveNumber;
use crate::plan::backlog::TaskId;
use crate::plan::order::Graph;
use crate::plan::slots::drift::{Moved, Placed};
use crate::plan::slots::{Broken, Drift, Named, drift};

/// What a difference is with, when it is with no plan.
const COMPUTED: &str = "computed";

#[derive(Debug, Args)]
pub(in crate::cli) struct DiffArguments {
    /// The plan that is the baseline.
    #[arg(value_name = "A")]
    baseline: String,
    /// The plan that it is compared with; by default the waves that are computed now.
    #[arg(value_name = "B")]
    against: Option<String>,
    /// Exit with 1 when there is a difference.
    #[arg(long, action = ArgAction::SetTrue)]
    exit_code: bool,
}

/// What a plan is compared with.
pub(super) struct Against<'a> {
    pub(super) name: &'a str,
    pub(super) placement: BTreeMap<TaskId, WaveNumber>,
}

#[derive(Debug, Serialize)]
struct DiffView<'a> {
    baseline: &'a str,
    against: &'a str,
    added: Vec<Row<'a, Placed>>,
    removed: Vec<Row<'a, Placed>>,
    moved: Vec<Row<'a, Moved>>,
    illegal: Vec<Row<'a, Broken>>,
    done_early: Vec<Row<'a, Placed>>,
    unchanged: usize,
}

/// A row with its line in the baseline's document.
#[derive(Debug, Serialize)]
struct Row<'a, T> {
    #[serde(flatten)]
    row: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

pub(super) fn run(context: &Context, arguments: &DiffArguments) -> Result<u8, Failure> {
    let state = looked(context)?;
    let graph = Graph::of(&state.backlog);
    let against = match &arguments.against {
        Some(name) => {
            let (name, named) = chosen(&state, Some(name))?;
            Some(Against { name, placement: named.plan.placement() })
        }
        None => None,
    };
    diff(context, &state, &graph, &arguments.baseline, against, arguments.exit_code)
}

/// Compares a plan with something else, by default with the waves that are computed for it.
pub(super) fn diff(
    context: &Context,
    state: &State,
    graph: &Graph<'_>,
    baseline: &str,
    against: Option<Against<'_>>,
    exit_code: bool,
) -> Result<u8, Failure> {
    let (baseline, named) = chosen(state, Some(baseline))?;
    let against = against
        .unwrap_or_else(|| Against { name: COMPUTED, placement: named.plan.computed_placement(graph) });
    let found = drift(&named.plan, &against.placement, graph);
    let differs = !found.is_empty();
    let view = view(state, baseline, named, against.name, found);
    print(&context.console, &view)?;
    context.console.value(&view)?;
    Ok(u8::from(exit_code && differs))
}

impl Against<'_> {
    /// The waves that are computed for a scope.
    pub(super) fn computed(placement: BTreeMap<TaskId, WaveNumber>) -> Against<'static> {
        Against { name: COMPUTED, placement }
    }
}

fn view<'a>(
    state: &'a State,
    baseline: &'a str,
    named: &'a Named,
    against: &'a str,
    found: Drift,
) -> DiffView<'a> {
    let file = named.plan.document.as_deref();
    let reading = file.and_then(|path| state.documents.get(path));
    let lines: BTreeMap<&TaskId, u32> = reading
        .into_iter()
        .flat_map(|reading| &reading.slots)
        .map(|slot| (&slot.id, slot.position.line))
        .collect();
    let line = |id: &TaskId| lines.get(id).copied();
    fn rows<'a, T>(
        rows: Vec<T>,
        file: Option<&'a str>,
        line: impl Fn(&TaskId) -> Option<u32>,
        id: impl Fn(&T) -> &TaskId,
    ) -> Vec<Row<'a, T>> {
        let with_line = |row: T| {
            let line = line(id(&row));
            Row { row, file: file.filter(|_| line.is_some()), line }
        };
        rows.into_iter().map(with_line).collect()
    }
    DiffView {
        baseline,
        against,
        added: rows(found.added, file, line, |row| &row.id),
        removed: rows(found.removed, file, line, |row| &row.id),
        moved: rows(found.moved, file, line, |row| &row.id),
        illegal: rows(found.illegal, file, line, |row| &row.id),
        done_early: rows(found.done_early, file, line, |row| &row.id),
        unchanged: found.unchanged,
    }
}

fn print(console: &Console, view: &DiffView<'_>) -> Result<(), Failure> {
    fn tell<T>(console: &Console, rows: &[Row<'_, T>], words: impl Fn(&T) -> String) -> Result<(), Failure> {
        rows.iter().try_for_each(|row| {
            let place = match (row.file, row.line) {
                (Some(file), Some(line)) => format!("  {file}:{line}"),
                _ => String::new(),
            };
            console.line(format!("{}{place}", words(&row.row)))
        })
    }
    let DiffView { baseline, against, .. } = view;
    tell(console, &view.added, |row| format!("+ {} in wave {} of {against}", row.id, row.wave))?;
    tell(console, &view.removed, |row| format!("- {} in wave {} of {baseline}", row.id, row.wave))?;
    tell(console, &view.moved, |row| format!("~ {} from wave {} to {}", row.id, row.from, row.to))?;
    tell(console, &view.illegal, |row| format!("! {} in wave {}: {}", row.id, row.wave, break_words(row)))?;
    tell(console, &view.done_early, |row| {
        format!("✓ {} in wave {} is done while an earlier wave is not", row.id, row.wave)
    })?;
    console.line(format!("{} tasks are in the same wave of {baseline} and {against}.", view.unchanged))
}
