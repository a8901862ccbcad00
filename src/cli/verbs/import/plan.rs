//! `wavedeck import plan FILE.md`. `--json`: `{"document","plan","version","created","waves","tasks","counts":{"text",
//! "slotted","not_understood","prose"},"gates":[{"wave","text","line","column"}],"not_understood":[{"text","id","why","line",
//! "column"}],"drift":[as in `wave drift`],"following":true}`.

use std::path::PathBuf;

use clap::Args;

use super::absolute;
use crate::cli::console::Console;
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::Failure;
use crate::cli::verbs::wave::{drift_lines, drift_rows};
use crate::plan::document::Imported;
use crate::supervisor::protocol::{Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArguments {
    /// The document; it lies in the project.
    #[arg(value_name = "FILE.md")]
    file: PathBuf,
    /// The name of the plan; made from that of the file by default.
    #[arg(long, value_name = "SLUG")]
    name: Option<String>,
}

pub(super) fn run(context: &Context, arguments: PlanArguments) -> Result<u8, Failure> {
    let PlanArguments { file, name } = arguments;
    let request = Request::ImportDocument { path: absolute(file)?, slug: name, by: operator() };
    let Reply::DocumentImported(imported) = context.request(request)? else { return Err(odd_reply()) };
    print(&context.console, &imported)?;
    let Imported { document, slug, version, created, counts, reading, drift } = imported.as_ref();
    context.console.value(&serde_json::json!({
        "document": document,
        "plan": slug,
        "version": version,
        "created": created,
        "waves": reading.waves.len(),
        "tasks": reading.slots.len(),
        "counts": counts,
        "gates": reading.gates,
        "not_understood": reading.unread,
        "drift": drift_rows(drift, document),
        "following": true,
    }))?;
    Ok(0)
}

fn print(console: &Console, imported: &Imported) -> Result<(), Failure> {
    let Imported { document, slug, version: _, created, counts, reading, drift } = imported;
    let (waves, tasks) = (reading.waves.len(), reading.slots.len());
    console.line(if *created {
        format!("{document} is plan {slug}: {tasks} tasks in {waves} waves.")
    } else {
        format!(
            "{document} has {tasks} tasks in {waves} waves; plan {slug}, which follows it, stays as it is."
        )
    })?;
    console.line(format!(
        "{} ids in the text: {} in waves, {} not understood, {} in sentences.",
        counts.text, counts.slotted, counts.not_understood, counts.prose
    ))?;
    for gate in &reading.gates {
        console.line(format!("{document}:{}  gate: {}", gate.position.line, gate.text))?;
    }
    for unread in &reading.unread {
        let place = unread.position.line;
        console.line(format!("{document}:{place}  not understood: {} ({})", unread.text, unread.why))?;
    }
    drift_lines(&drift_rows(drift, document)).iter().try_for_each(|line| console.line(line))?;
    console.line("It is read again whenever it changes.")
}
