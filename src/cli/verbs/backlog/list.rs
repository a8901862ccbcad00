//! `saga list`, `epic list`, `task list`. `--json`: `{"records":[{"id","kind","title","status","priority","parent",
//! "track","depends":[],"done","total"}],"hidden":N}`, or with `--odd` `{"odd":[{"fault",..}]}`; `hidden` counts what is
//! cancelled or archived and not listed.

use std::collections::BTreeMap;

use clap::{ArgAction, Args};
use serde::Serialize;

use super::fields::status;
use super::{backlog, unknown};
use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::plan::backlog::{Backlog, Kind, Priority, Status, Task, TaskId};
use crate::plan::order::{Graph, Scope};

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    /// Only what lies in this saga, epic or task.
    #[arg(long, value_name = "ID")]
    scope: Option<String>,
    /// Only of this track, its own or inherited.
    #[arg(long, value_name = "TRACK")]
    track: Option<String>,
    /// Only of this status.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
    /// Also what is cancelled or archived.
    #[arg(long, action = ArgAction::SetTrue)]
    all: bool,
    /// What is odd in the whole backlog, instead: missing parents and dependencies, circles.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with_all = ["scope", "track", "status", "all"])]
    odd: bool,
}

/// A record in a list.
#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a TaskId,
    kind: Kind,
    title: &'a str,
    status: Status,
    priority: Priority,
    parent: Option<&'a TaskId>,
    track: Option<&'a str>,
    depends: &'a [TaskId],
    /// Tasks in it that are done; of a task the number of its subtasks.
    done: usize,
    /// Tasks in it that are not cancelled or archived.
    total: usize,
}

pub(super) fn run(context: &Context, kinds: &[Kind], arguments: &ListArguments) -> Result<u8, Failure> {
    let backlog = backlog(context)?;
    let graph = Graph::of(&backlog);
    if arguments.odd {
        return odd(context, &graph);
    }
    let scope = arguments.scope.as_ref().map_or(Scope::All, |id| Scope::Of(vec![id.as_str().into()]));
    let members = graph.members(&scope);
    if let Some(id) = members.unknown().first() {
        return Err(unknown(id.as_str()));
    }
    let progress = progress(&backlog);
    let wanted = |task: &&Task| {
        kinds.contains(&task.kind)
            && graph.holds(&members, &task.id)
            && arguments.status.is_none_or(|status| task.status == status)
            && arguments.track.as_ref().is_none_or(|track| backlog.track(&task.id) == Some(track))
    };
    let shown = |task: &&Task| arguments.all || arguments.status.is_some() || !task.status.is_put_away();
    let (listed, hidden): (Vec<&Task>, Vec<&Task>) = backlog.tasks().filter(wanted).partition(shown);
    let rows: Vec<Row<'_>> = listed.into_iter().map(|task| row(&backlog, task, &progress)).collect();
    print(context, &rows, hidden.len())?;
    context.console.value(&serde_json::json!({ "records": rows, "hidden": hidden.len() }))?;
    Ok(0)
}

fn row<'a>(backlog: &'a Backlog, task: &'a Task, progress: &BTreeMap<&TaskId, (usize, usize)>) -> Row<'a> {
    let (done, total) = progress.get(&task.id).copied().unwrap_or_default();
    Row {
        id: &task.id,
        kind: task.kind,
        title: &task.title,
        status: task.status,
        priority: task.priority,
        parent: task.parent.as_ref(),
        track: backlog.track(&task.id),
        depends: &task.depends,
        done,
        total,
    }
}

/// Of every record how many of the tasks in it, at any depth, are done, and how many there are.
fn progress(backlog: &Backlog) -> BTreeMap<&TaskId, (usize, usize)> {
    let mut progress: BTreeMap<&TaskId, (usize, usize)> = BTreeMap::new();
    for task in backlog.tasks().filter(|task| task.is_work()) {
        for holder in backlog.ancestors(&task.id) {
            let (done, total) = progress.entry(&holder.id).or_default();
            *done += usize::from(task.status == Status::Done);
            *total += 1;
        }
    }
    progress
}

fn print(context: &Context, rows: &[Row<'_>], hidden: usize) -> Result<(), Failure> {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let progress = if row.total > 0 { format!("{}/{}", row.done, row.total) } else { String::new() };
            vec![
                row.id.to_string(),
                row.status.word().to_owned(),
                row.priority.word().to_owned(),
                row.track.unwrap_or("-").to_owned(),
                progress,
                row.title.to_owned(),
            ]
        })
        .collect();
    columns(&cells).iter().try_for_each(|line| context.console.line(line))?;
    match (rows.len(), hidden) {
        (0, 0) => context.console.line("Nothing."),
        (_, 0) => Ok(()),
        (_, hidden) => {
            context.console.line(format!("{hidden} more are cancelled or archived; --all lists them."))
        }
    }
}

fn odd(context: &Context, graph: &Graph<'_>) -> Result<u8, Failure> {
    let faults = graph.faults();
    faults.iter().try_for_each(|fault| context.console.line(fault.to_string()))?;
    if faults.is_empty() {
        context.console.line("Nothing is odd.")?;
    }
    context.console.value(&serde_json::json!({ "odd": faults }))?;
    Ok(0)
}
