//! `wavedeck update --from-wave N`: plans again from a wave on. Closed waves stay; what changes and why is printed and put
//! on record with the edit, which one `undo` takes back. `--json`:
//! `{"from","written","waves":[{"wave","changes"}],"closed":[N],"files":[path],"findings":[as in `lint`]}`.

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::planner::{Desk, check, views, write};
use crate::cli::times::{iso, now};
use crate::plan::WaveNumber;
use crate::plan::draft::{Proposal, Replan, proposal, replan};
use crate::plan::edit::Edit;

#[derive(Debug, Args)]
pub(in crate::cli) struct UpdateArguments {
    /// The first wave that may change.
    #[arg(long, value_name = "N")]
    from_wave: WaveNumber,
    /// Say what would change, and write nothing.
    #[arg(long)]
    preview: bool,
}

pub(super) fn run(context: &Context, arguments: &UpdateArguments) -> Result<u8, Failure> {
    let desk = Desk::read(context)?;
    let from = arguments.from_wave;
    let mut found = replan(&desk.sources, &desk.project, from);
    if found.specs.is_empty() && found.closed.is_empty() && desk.project.waves.range(from..).next().is_none()
    {
        let message = format!("Lane {} has no wave from {from} on.", desk.project.lane);
        return Err(Failure::new(Kind::NotFound, message, "`wavedeck lint` lists the waves."));
    }
    for spec in &mut found.specs {
        spec.generated_at = Some(iso(now()));
    }
    let proposal = proposal(&desk.sources, &found.specs);
    let written = !arguments.preview && !proposal.writes.is_empty();
    if written {
        check(&proposal)?;
        write(context, edit(&found, &proposal, from))?;
    }
    say(context, &found, written)?;
    let files: Vec<&str> = proposal.writes.iter().map(|write| write.path.as_str()).collect();
    context.console.value(&json!({
        "from": from,
        "written": written,
        "waves": found.changes,
        "closed": found.closed,
        "files": files,
        "findings": views(&proposal.findings),
    }))?;
    Ok(u8::from(arguments.preview && proposal.errors().next().is_some()))
}

fn edit(found: &Replan, proposal: &Proposal, from: WaveNumber) -> Edit {
    let sentences = found
        .changes
        .iter()
        .flat_map(|change| change.changes.iter().map(|sentence| format!("wave {}: {sentence}", change.wave)));
    let count = match found.changes.len() {
        1 => "1 wave".to_string(),
        count => format!("{count} waves"),
    };
    Edit::WriteWaves {
        summary: format!("planned again from wave {from} on: {count} changed"),
        changes: sentences.collect(),
        waves: proposal.waves.clone(),
        writes: proposal.writes.clone(),
    }
}

fn say(context: &Context, found: &Replan, written: bool) -> Result<(), Failure> {
    for wave in &found.closed {
        context.console.line(format!("wave {wave}  closed, stays as it is"))?;
    }
    for change in &found.changes {
        for sentence in &change.changes {
            context.console.line(format!("wave {}  {sentence}", change.wave))?;
        }
    }
    match (found.changes.is_empty(), written) {
        (true, _) => context.console.line("Every open wave is as it should be; nothing was written."),
        (false, true) => context.console.line("`wavedeck undo` takes all of it back."),
        (false, false) => context.console.line("Nothing was written."),
    }
}
