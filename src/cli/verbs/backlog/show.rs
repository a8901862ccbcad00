//! `saga show`, `epic show`, `task show`. `--json`: the record with `"track"` as it is inherited and `"inherited"` whether
//! it is, `"waits_for":[{"id","kind","status","via"}]`, `"needed_by":[ID]`, `"members":[ID]`.

use serde::Serialize;

use super::{backlog, record};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::plan::backlog::{Backlog, Task, TaskId};
use crate::plan::order::{Graph, Wait};

/// A record with what surrounds it.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    task: Task,
    inherited: bool,
    waits_for: Vec<Wait>,
    needed_by: Vec<&'a TaskId>,
    members: Vec<&'a TaskId>,
}

pub(super) fn run(context: &Context, id: &str) -> Result<u8, Failure> {
    let backlog = backlog(context)?;
    let task = record(&backlog, id)?;
    let graph = Graph::of(&backlog);
    let track = backlog.track(&task.id).map(str::to_owned);
    let shown = Shown {
        inherited: task.track.is_none() && track.is_some(),
        task: Task { track, ..task.clone() },
        waits_for: graph.waits(&task.id, |_| true),
        needed_by: graph.needed_by(&task.id),
        members: backlog.children(&task.id).map(|child| &child.id).collect(),
    };
    print(context, &backlog, &shown)?;
    context.console.value(&shown)?;
    Ok(0)
}

fn print(context: &Context, backlog: &Backlog, shown: &Shown<'_>) -> Result<(), Failure> {
    let task = &shown.task;
    let line = |name: &str, text: String| {
        if text.is_empty() { Ok(()) } else { context.console.line(format!("{name:<11} {text}")) }
    };
    let named = |id: &TaskId| match backlog.get(id) {
        Some(task) => format!("{id} ({}) {}", task.status.word(), task.title),
        None => format!("{id} (not in the backlog)"),
    };
    let each = |name: &str, ids: &[&TaskId]| {
        ids.iter().enumerate().try_for_each(|(place, id)| line(if place == 0 { name } else { "" }, named(id)))
    };
    context.console.line(format!("{} {}: {}", task.kind.word(), task.id, task.title))?;
    line("status", format!("{}, priority {}", task.status.word(), task.priority.word()))?;
    let inherited = if shown.inherited { " (inherited)" } else { "" };
    line("track", task.track.as_ref().map(|track| format!("{track}{inherited}")).unwrap_or_default())?;
    each("lies in", &task.parent.iter().collect::<Vec<_>>())?;
    each("depends on", &task.depends.iter().collect::<Vec<_>>())?;
    let waits: Vec<String> = shown
        .waits_for
        .iter()
        .map(|wait| match &wait.via {
            Some(via) => format!("{} over {via}", wait.id),
            None => wait.id.to_string(),
        })
        .collect();
    line("waits for", waits.join(", "))?;
    each("needed by", &shown.needed_by)?;
    each("holds", &shown.members)?;
    line("files", task.files.join(", "))?;
    line("labels", task.labels.join(", "))?;
    task.acceptance.iter().try_for_each(|text| line("acceptance", text.clone()))?;
    line("read from", task.source.clone().unwrap_or_default())?;
    line("", task.description.clone())
}
