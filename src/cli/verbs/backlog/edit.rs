//! `create`, `add`, `update`, `done` and `depends`. `--json`: `{"edited":[{"id","message","notes":[SENTENCE]}]}`.

use clap::{ArgAction, Args};
use serde::Serialize;

use super::fields::Fields;
use super::{backlog, record, show};
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::{Failure, sentence};
use crate::plan::backlog::{Kind, Status, TaskChange, TaskEdit, TaskId};
use crate::supervisor::protocol::{Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArguments {
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// Its id; by default the next free one, such as T042.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// It is a part of a task.
    #[arg(long, action = ArgAction::SetTrue, requires = "parent")]
    subtask: bool,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UpdateArguments {
    /// The id.
    #[arg(value_name = "ID")]
    id: String,
    /// What people call it.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// It has the track of what it lies in.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "track")]
    no_track: bool,
    /// It lies in nothing.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "parent")]
    no_parent: bool,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DoneArguments {
    /// The ids.
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DependsArguments {
    /// The task.
    #[arg(value_name = "ID")]
    id: String,
    /// It depends on these, too.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    on: Vec<String>,
    /// It does not depend on these any more.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    not: Vec<String>,
}

/// What became of one record.
#[derive(Debug, Serialize)]
struct Edited {
    id: TaskId,
    message: String,
    notes: Vec<String>,
}

pub(super) fn create(context: &Context, kind: Kind, arguments: CreateArguments) -> Result<u8, Failure> {
    let CreateArguments { title, id, subtask, fields } = arguments;
    let kind = if subtask { Kind::Subtask } else { kind };
    let edit = TaskEdit::Add { id: id.map(Into::into), kind, title, changes: fields.changes() };
    make(context, vec![edit])
}

pub(super) fn update(context: &Context, arguments: UpdateArguments) -> Result<u8, Failure> {
    let UpdateArguments { id, title, no_track, no_parent, fields } = arguments;
    let mut changes = fields.changes();
    changes.extend(title.map(|title| TaskChange::Title { title }));
    changes.extend(no_track.then_some(TaskChange::Track { track: None }));
    changes.extend(no_parent.then_some(TaskChange::Parent { parent: None }));
    if changes.is_empty() {
        return Err(Failure::usage("Nothing to change was named.", "`--help` lists what can be changed."));
    }
    make(context, vec![TaskEdit::Change { id: id.into(), changes }])
}

pub(super) fn done(context: &Context, arguments: DoneArguments) -> Result<u8, Failure> {
    let done = |id: String| {
        let changes = vec![TaskChange::Status { status: Status::Done }];
        TaskEdit::Change { id: id.into(), changes }
    };
    make(context, arguments.ids.into_iter().map(done).collect())
}

pub(super) fn depends(context: &Context, arguments: &DependsArguments) -> Result<u8, Failure> {
    if arguments.on.is_empty() && arguments.not.is_empty() {
        return show::run(context, &arguments.id);
    }
    let backlog = backlog(context)?;
    let mut depends = record(&backlog, &arguments.id)?.depends.clone();
    depends.retain(|id| !arguments.not.iter().any(|not| not == id.as_str()));
    for id in arguments.on.iter().map(|id| TaskId::from(id.as_str())) {
        if !depends.contains(&id) {
            depends.push(id);
        }
    }
    let changes = vec![TaskChange::Depends { depends }];
    make(context, vec![TaskEdit::Change { id: arguments.id.as_str().into(), changes }])
}

/// Makes edits one after the other; the first that is refused ends it, and those before it stand.
fn make(context: &Context, edits: Vec<TaskEdit>) -> Result<u8, Failure> {
    let mut edited = Vec::new();
    for edit in edits {
        let reply = context.request(Request::EditBacklog { edit, by: operator() })?;
        let Reply::Edited { task, message, notes } = reply else { return Err(odd_reply()) };
        context.console.line(sentence(&message))?;
        notes.iter().try_for_each(|note| context.console.line(format!("  {}", sentence(note))))?;
        edited.push(Edited { id: task, message, notes });
    }
    context.console.value(&serde_json::json!({ "edited": edited }))?;
    Ok(0)
}
