//! `wavedeck saga`, `epic` and `task`: the backlog. Reading starts no supervisor; editing does, so that every room sees it.

mod edit;
mod fields;
mod list;
mod show;

use clap::{Args, Subcommand};

use super::status::known;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind as FailureKind};
use crate::plan::backlog::{Backlog, Kind, Task, TaskId};

use edit::{CreateArguments, DependsArguments, DoneArguments, UpdateArguments};
use list::ListArguments;

/// What can be done with sagas and with epics.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ContainerVerb {
    /// Add one.
    Create(CreateArguments),
    /// Change one.
    Update(UpdateArguments),
    /// List them, with how much of each is done.
    List(ListArguments),
    /// Show one, with what lies in it.
    Show(ShowArguments),
}

/// What can be done with tasks and subtasks.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TaskVerb {
    /// Add one.
    Add(CreateArguments),
    /// Change one.
    Update(UpdateArguments),
    /// List them.
    List(ListArguments),
    /// Show one, with what it waits for and what waits for it.
    Show(ShowArguments),
    /// Say that tasks are done.
    Done(DoneArguments),
    /// Show or change what a task depends on.
    Depends(DependsArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The id.
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) fn container(context: &Context, kind: Kind, verb: ContainerVerb) -> Result<u8, Failure> {
    match verb {
        ContainerVerb::Create(arguments) => edit::create(context, kind, arguments),
        ContainerVerb::Update(arguments) => edit::update(context, arguments),
        ContainerVerb::List(arguments) => list::run(context, &[kind], &arguments),
        ContainerVerb::Show(arguments) => show::run(context, &arguments.id),
    }
}

pub(super) fn task(context: &Context, verb: TaskVerb) -> Result<u8, Failure> {
    match verb {
        TaskVerb::Add(arguments) => edit::create(context, Kind::Task, arguments),
        TaskVerb::Update(arguments) => edit::update(context, arguments),
        TaskVerb::List(arguments) => list::run(context, &[Kind::Task, Kind::Subtask], &arguments),
        TaskVerb::Show(arguments) => show::run(context, &arguments.id),
        TaskVerb::Done(arguments) => edit::done(context, arguments),
        TaskVerb::Depends(arguments) => edit::depends(context, &arguments),
    }
}

/// The backlog as it is known, without starting anything.
pub(super) fn backlog(context: &Context) -> Result<Backlog, Failure> {
    Ok(known(context)?.state.backlog)
}

/// The record of this id.
pub(super) fn record<'a>(backlog: &'a Backlog, id: &str) -> Result<&'a Task, Failure> {
    backlog.get(&TaskId::from(id)).ok_or_else(|| unknown(id))
}

/// There is no such record.
pub(super) fn unknown(id: &str) -> Failure {
    let hint =
        "`wavedeck task list --all` lists what there is; `wavedeck import cleo` reads a backlog of CLEO.";
    Failure::new(FailureKind::NotFound, format!("There is no {id} in the backlog."), hint)
}
