//! What is known of one task of a plan, as lines to read: why it stands where it does, what it waits for and what waits
//! for it, and where the hand-written document speaks of it.

use super::subject::Viewed;
use crate::plan::backlog::{Task, TaskId};
use crate::plan::order::Graph;
use crate::plan::slots::Plan;
use crate::tui::layer::{Line, Page, wrapped};
use crate::tui::theme::Role;
use crate::tui::told::Told;

/// What is known of a task; the most important first.
pub(crate) fn about(told: &Told, viewed: &Viewed, reason: &str, id: &TaskId) -> Vec<Line> {
    let backlog = &told.state.backlog;
    let graph = Graph::of(backlog);
    let plan = viewed.plan(told, &graph);
    let mut lines = Lines(Vec::new());
    lines.add("why", reason, Role::Text);
    let slot = plan.slot(id);
    lines.add(
        "held",
        &slot.and_then(|slot| slot.lock.as_ref()).map(|lock| format!("by {}", lock.by)).unwrap_or_default(),
        Role::Text,
    );
    for need in graph.needs(id) {
        lines.add("needs", &named(told, &plan, need), role(backlog.get(need)));
    }
    let missing =
        backlog.get(id).into_iter().flat_map(|task| &task.depends).filter(|need| backlog.get(need).is_none());
    for need in missing {
        lines.add("needs", &format!("{need} (not in the backlog)"), Role::NeedsLook);
    }
    for other in graph.needed_by(id) {
        lines.add("unblocks", &named(told, &plan, other), role(backlog.get(other)));
    }
    document(&mut lines, told, viewed, id);
    if let Some(task) = backlog.get(id) {
        described(&mut lines, told, task);
    }
    lines.0
}

/// The same as a page, wrapped to columns.
pub(super) fn page(title: String, lines: &[Line], columns: u16) -> Page {
    let mut wide = Vec::new();
    for line in lines {
        for (index, text) in
            wrapped(&line.text, columns.saturating_sub(16), line.role).into_iter().enumerate()
        {
            let head = if index == 0 { line.head.clone() } else { " ".to_owned() };
            wide.push(Line { head, ..text });
        }
    }
    Page { title, lines: wide, first: 0 }
}

/// Where the hand-written document has it.
fn document(lines: &mut Lines, told: &Told, viewed: &Viewed, id: &TaskId) {
    let path = viewed.named(told).and_then(|named| named.plan.document.as_ref());
    let slot = viewed.reading(told).and_then(|reading| reading.slot(id));
    if let (Some(path), Some(slot)) = (path, slot) {
        let ticked = if slot.ticked { ", ticked off" } else { "" };
        let text = format!("{path}:{} says wave {}{ticked}", slot.position.line, slot.wave);
        lines.add("document", &text, Role::Text);
    }
}

fn described(lines: &mut Lines, told: &Told, task: &Task) {
    let around: Vec<String> = told
        .state
        .backlog
        .ancestors(&task.id)
        .into_iter()
        .map(|around| format!("{} {}", around.id, around.title))
        .collect();
    lines.add("in", &around.join(" · "), Role::Muted);
    lines.add("track", told.state.backlog.track(&task.id).unwrap_or_default(), Role::Muted);
    lines.add("files", &task.files.join(", "), Role::Muted);
    lines.add("priority", task.priority.word(), Role::Muted);
    for sentence in &task.acceptance {
        lines.add("done when", sentence, Role::Muted);
    }
    lines.add("about", &task.description, Role::Muted);
}

/// `T151 Search index (wave 3, pending)`.
fn named(told: &Told, plan: &Plan, id: &TaskId) -> String {
    let wave = plan.place(id).map_or("no wave".to_owned(), |place| format!("wave {}", place.wave));
    match told.state.backlog.get(id) {
        Some(task) => format!("{id} {} ({wave}, {})", task.title, task.status.word()),
        None => format!("{id} ({wave}, not in the backlog)"),
    }
}

fn role(task: Option<&Task>) -> Role {
    match task.map(|task| task.status.is_finished()) {
        Some(true) => Role::Passed,
        Some(false) => Role::Text,
        None => Role::NeedsLook,
    }
}

/// Lines to read; a head stands only where it is another than above.
struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, head: &str, text: &str, role: Role) {
        if text.is_empty() {
            return;
        }
        let repeated =
            self.0.iter().rfind(|line| !line.head.trim().is_empty()).is_some_and(|line| line.head == head);
        let head = if repeated { " " } else { head };
        self.0.push(Line { head: head.to_owned(), text: text.to_owned(), role });
    }
}
