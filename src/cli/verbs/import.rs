//! `wavedeck import cleo|tasks`: somebody else's backlog, read and never written; `import plan`: a plan that somebody
//! writes by hand ([`plan`]). `cleo` and `tasks --json`: `{"source","following",
//! "records","dependencies","added","changed","removed","notes":[{"kind":"not-understood"|"guessed"|"skipped","what",
//! "count","example"}],"odd":[SENTENCE]}`.

mod plan;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::console::columns;
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::Failure;
use crate::plan::backlog::SourceKind;
use crate::plan::backlog::import::Imported;
use crate::supervisor::protocol::{Reply, Request};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImportVerb {
    /// Read the tasks of CLEO: its database of either layout, its JSON files, or what it prints as JSON.
    Cleo(CleoArguments),
    /// Read a JSON file with a list of tasks.
    Tasks(TasksArguments),
    /// Read a markdown document with waves of tasks, make a plan of it, and follow it from then on.
    Plan(plan::PlanArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CleoArguments {
    /// A file, or a folder with `.cleo` in it; by default this project.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// Read it this once, and not again when it changes.
    #[arg(long)]
    no_follow: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TasksArguments {
    /// The file: a list of objects with an `id` each, or an object with such a list under `tasks`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Read it this once, and not again when it changes.
    #[arg(long)]
    no_follow: bool,
}

pub(super) fn run(context: &Context, verb: ImportVerb) -> Result<u8, Failure> {
    let (kind, path, no_follow) = match verb {
        ImportVerb::Cleo(CleoArguments { path, no_follow }) => (SourceKind::Cleo, path, no_follow),
        ImportVerb::Tasks(TasksArguments { file, no_follow }) => (SourceKind::Tasks, Some(file), no_follow),
        ImportVerb::Plan(arguments) => return plan::run(context, arguments),
    };
    let path = path.map(absolute).transpose()?;
    let reply = context.request(Request::Import { kind, path, follow: !no_follow, by: operator() })?;
    let Reply::Imported(imported) = reply else { return Err(odd_reply()) };
    print(context, &imported)?;
    context.console.value(&imported)?;
    Ok(0)
}

/// The supervisor has a working folder of its own.
fn absolute(path: PathBuf) -> Result<String, Failure> {
    let whole = std::path::absolute(&path).map_err(|error| Failure::file(&path, &error))?;
    whole.into_os_string().into_string().map_err(|path| {
        let message = format!("The path {} is no UTF-8.", path.to_string_lossy());
        Failure::usage(message, "Rename the file or a folder above it.")
    })
}

fn print(context: &Context, imported: &Imported) -> Result<(), Failure> {
    let Imported { source, following, records, dependencies, added, changed, removed, notes, odd } = imported;
    let console = &context.console;
    console.line(format!("{source}: {records} records, {dependencies} dependencies."))?;
    console.line(format!("{added} new, {changed} changed, {removed} gone."))?;
    let rows: Vec<Vec<String>> = notes
        .iter()
        .map(|note| {
            let example = note.example.as_ref().map(|example| format!("such as {example}"));
            vec![
                format!("  {:>6}", note.count),
                note.kind.word().to_owned(),
                note.what.clone(),
                example.unwrap_or_default(),
            ]
        })
        .collect();
    columns(&rows).iter().try_for_each(|line| console.line(line))?;
    odd.iter().try_for_each(|odd| console.line(format!("  odd: {odd}")))?;
    console.line(if *following {
        "It is read again whenever it changes."
    } else {
        "It is not read again by itself."
    })
}
