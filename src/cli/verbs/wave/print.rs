//! Waves as text for people.

use super::view::{TaskRow, WaveRow, WavesView};
use crate::cli::console::{Console, columns};
use crate::cli::failure::Failure;
use crate::plan::backlog::TaskId;
use crate::plan::order::{Wait, WaitKind};
use crate::plan::slots::Broken;

pub(super) fn print(console: &Console, view: &WavesView<'_>) -> Result<(), Failure> {
    for wave in &view.waves {
        print_wave(console, view, wave)?;
    }
    if view.waves.is_empty() {
        console.line("There is nothing to do.")?;
    }
    for gate in view.gates {
        let wave = gate.wave.map_or_else(String::new, |wave| format!(" of wave {wave}"));
        let document = view.document.unwrap_or_default();
        console.line(format!("Gate{wave}: {}  {document}:{}", gate.text, gate.position.line))?;
    }
    for cycle in &view.cycles {
        let ids: Vec<&str> = cycle.iter().chain(cycle.first()).map(TaskId::as_str).collect();
        console.line(format!("These wait for each other: {}", ids.join(" → ")))?;
    }
    for row in &view.unplaced {
        console.line(format!("{} stands in no wave: {}", row.id, row.why))?;
    }
    let (archived, cancelled) = (view.archived.unwrap_or(0), view.cancelled.unwrap_or(0));
    if archived + cancelled > 0 {
        console.line(format!("{archived} archived and {cancelled} cancelled tasks stand in no wave."))?;
    }
    if view.critical_path.len() > 1 {
        let path: Vec<&str> = view.critical_path.iter().map(TaskId::as_str).collect();
        console.line(format!("Longest chain of open tasks: {}", path.join(" → ")))?;
    }
    console.line(view.rule)
}

fn print_wave(console: &Console, view: &WavesView<'_>, wave: &WaveRow<'_>) -> Result<(), Failure> {
    let locked = wave.locked_by.map_or_else(String::new, |by| format!(", locked by {by}"));
    let notes = wave.notes.map_or_else(String::new, |notes| format!(": {notes}"));
    let (finished, all) = (wave.finished(), wave.tasks.len());
    console.line(format!("Wave {}: {finished} of {all} done{locked}{notes}", wave.wave))?;
    let rows: Vec<Vec<String>> = wave.tasks.iter().map(|task| cells(view, task)).collect();
    for (line, task) in columns(&rows).iter().zip(&wave.tasks) {
        console.line(line)?;
        if let Some(note) = task.note {
            console.line(format!("      why: {note}"))?;
        }
        if let Some(by) = task.locked_by {
            console.line(format!("      locked by {by}"))?;
        }
        for fault in &task.breaks {
            console.line(format!("      breaks: {}", break_words(fault)))?;
        }
    }
    Ok(())
}

fn cells(view: &WavesView<'_>, task: &TaskRow<'_>) -> Vec<String> {
    let mut cells = vec![
        format!("  {}", task.id),
        task.status.map_or("not in the backlog", |status| status.word()).to_owned(),
        task.priority.map_or("-", |priority| priority.word()).to_owned(),
        task.track.unwrap_or("-").to_owned(),
        format!("unblocks {}", task.unblocks),
    ];
    if let Some(document) = view.document {
        cells.push(task.position.map_or_else(|| "-".to_owned(), |at| format!("{document}:{}", at.line)));
    }
    cells.push(format!("{}{}", task.title, waiting(&task.waits_for)));
    cells
}

/// What a slot breaks: `it needs T200, which comes in wave 3`.
pub(super) fn break_words(fault: &Broken) -> String {
    match fault.needs_wave == fault.wave {
        true => format!("it needs {}, which stands beside it", fault.needs),
        false => format!("it needs {}, which comes in wave {}", fault.needs, fault.needs_wave),
    }
}

/// What a task waits for, behind its title. What lies in an earlier wave goes without saying.
fn waiting(waits: &[Wait]) -> String {
    let told: Vec<String> = waits
        .iter()
        .filter_map(|wait| match wait.kind {
            WaitKind::InPlan => None,
            WaitKind::Outside => Some(format!("{} outside", wait.id)),
            WaitKind::Missing => Some(format!("{}, which is missing", wait.id)),
            WaitKind::Cycle => Some(format!("{}, which waits for itself", wait.id)),
        })
        .collect();
    if told.is_empty() { String::new() } else { format!("  [waits for {}]", told.join("; ")) }
}
