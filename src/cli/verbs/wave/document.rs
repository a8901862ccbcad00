//! `wavedeck wave drift|accept|write`: a plan and the document that it follows. `drift --json`: `{"plan","document",
//! "rows":[{"id","kind":"added"|"removed"|"moved"|"unknown"|"illegal"|"unknown-need"|"ticked-open","document","plan",
//! "computed","needs","file","line","column","why"}],"not_understood":[{"text","id","why","line","column"}]}`, where
//! `document`, `plan` and `computed` are wave numbers.

use clap::{ArgAction, Args};
use serde::Serialize;

use super::edit::{PlanFlags, make_known};
use super::{chosen, looked};
use crate::cli::console::{Console, columns};
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::{Failure, Kind, sentence};
use crate::cli::verbs::status::known;
use crate::engine::State;
use crate::plan::WaveNumber;
use crate::plan::backlog::TaskId;
use crate::plan::document::{Row, Unread, drift as disagreements};
use crate::plan::order::Graph;
use crate::plan::slots::Named;
use crate::supervisor::protocol::{Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct DriftArguments {
    /// The plan; by default the active one, or the only one.
    #[arg(value_name = "SLUG")]
    slug: Option<String>,
    /// Exit with 1 when there is a disagreement.
    #[arg(long, action = ArgAction::SetTrue)]
    exit_code: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AcceptArguments {
    #[command(flatten)]
    rows: RowArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct WriteArguments {
    #[command(flatten)]
    rows: RowArguments,
}

/// Which rows of a drift.
#[derive(Debug, Args)]
struct RowArguments {
    /// The rows of these tasks.
    #[arg(value_name = "TASK", required_unless_present = "all")]
    tasks: Vec<String>,
    /// Every row.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "tasks")]
    all: bool,
    #[command(flatten)]
    plan: PlanFlags,
}

/// A disagreement with its file, and in words.
#[derive(Debug, Serialize)]
pub(in crate::cli::verbs) struct DriftRow<'a> {
    #[serde(flatten)]
    row: &'a Row,
    file: &'a str,
    why: &'static str,
}

#[derive(Debug, Serialize)]
struct DriftView<'a> {
    plan: &'a str,
    document: &'a str,
    rows: Vec<DriftRow<'a>>,
    not_understood: &'a [Unread],
}

/// Where a plan, its document and the backlog disagree; `None` for a plan without a document that can be read.
pub(super) fn drift_of(state: &State, graph: &Graph<'_>, named: &Named) -> Option<Vec<Row>> {
    let reading = state.documents.get(named.plan.document.as_ref()?)?;
    Some(disagreements(reading, &named.plan, graph, &named.plan.computed_placement(graph)))
}

pub(super) fn drift(context: &Context, arguments: &DriftArguments) -> Result<u8, Failure> {
    let state = looked(context)?;
    let (slug, named) = chosen(&state, arguments.slug.as_deref())?;
    let Some(document) = named.plan.document.as_deref() else {
        let hint = "`wavedeck wave diff` compares a plan with what is computed; `wavedeck import plan` imports a document.";
        return Err(Failure::new(Kind::Refused, format!("Plan {slug} follows no document."), hint));
    };
    let Some(reading) = state.documents.get(document) else {
        let hint = "Put it back; it is read again at once.";
        let failure = Failure::new(Kind::NotFound, format!("{document} could not be read."), hint);
        return Err(Failure { file: Some(document.to_owned()), ..failure });
    };
    let rows = drift_of(&state, &Graph::of(&state.backlog), named).unwrap_or_default();
    let view = DriftView {
        plan: slug,
        document,
        rows: drift_rows(&rows, document),
        not_understood: &reading.unread,
    };
    print(&context.console, &view)?;
    context.console.value(&view)?;
    Ok(u8::from(arguments.exit_code && !rows.is_empty()))
}

/// Rows as they are told.
pub(in crate::cli::verbs) fn drift_rows<'a>(rows: &'a [Row], file: &'a str) -> Vec<DriftRow<'a>> {
    rows.iter().map(|row| DriftRow { row, file, why: row.kind.words() }).collect()
}

fn print(console: &Console, view: &DriftView<'_>) -> Result<(), Failure> {
    drift_lines(&view.rows).iter().try_for_each(|line| console.line(line))?;
    let DriftView { plan, document, .. } = view;
    if view.rows.is_empty() {
        console.line(format!("Plan {plan}, {document} and the backlog agree."))?;
    }
    for unread in view.not_understood {
        let place = unread.position.line;
        console.line(format!("{document}:{place}  not understood: {} ({})", unread.text, unread.why))?;
    }
    let settled = view.rows.iter().filter(|row| row.row.kind.is_about_slots()).count();
    if settled > 0 {
        console.line(format!(
            "`wavedeck wave accept TASK` takes a row into the plan, `wavedeck wave write TASK` the plan's into {document}."
        ))?;
    }
    Ok(())
}

/// A line for each row: where, which task, what, and its waves.
pub(in crate::cli::verbs) fn drift_lines(rows: &[DriftRow<'_>]) -> Vec<String> {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|DriftRow { row, file, why }| {
            let needs = row.needs.as_ref().map_or_else(String::new, |needs| format!(": {needs}"));
            vec![
                format!("{file}:{}", row.position.line),
                row.id.to_string(),
                format!("{why}{needs}"),
                waves(row),
            ]
        })
        .collect();
    columns(&cells)
}

/// `document 1, plan 2, computed -`.
fn waves(row: &Row) -> String {
    let number = |wave: Option<WaveNumber>| wave.map_or_else(|| "-".to_owned(), |wave| wave.to_string());
    format!("document {}, plan {}, computed {}", number(row.document), number(row.plan), number(row.computed))
}

pub(super) fn accept(context: &Context, arguments: &AcceptArguments) -> Result<u8, Failure> {
    let RowArguments { tasks, all: _, plan } = &arguments.rows;
    make_known(context, plan, |slug, expected| Request::AcceptDocument {
        slug: slug.to_owned(),
        tasks: ids(tasks),
        expected,
        by: operator(),
    })
}

pub(super) fn write(context: &Context, arguments: &WriteArguments) -> Result<u8, Failure> {
    let RowArguments { tasks, all: _, plan } = &arguments.rows;
    let state = known(context)?.state;
    let (slug, named) = chosen(&state, plan.plan())?;
    let request = Request::WriteDocument {
        slug: slug.to_owned(),
        tasks: ids(tasks),
        expected: plan.expected(named),
        by: operator(),
    };
    let Reply::Done { message } = context.request(request)? else { return Err(odd_reply()) };
    let message = sentence(&message);
    context.console.line(&message)?;
    context.console.value(&serde_json::json!({
        "plan": slug, "document": named.plan.document, "version": named.version, "message": message,
    }))?;
    Ok(0)
}

fn ids(words: &[String]) -> Vec<TaskId> {
    words.iter().map(|id| id.as_str().into()).collect()
}
