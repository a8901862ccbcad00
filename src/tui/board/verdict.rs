//! What a drop would do, in the words of the room: of an agent's section and of a task's slot alike.

use crate::engine::Refused;
use crate::plan::backlog::TaskId;
use crate::plan::slots::preview::Preview;
use crate::plan::{edit, order};
use crate::tui::board::subject::names;
use crate::tui::theme::Role;

/// Most tasks that are named in a line; the others are counted.
const NAMED_MOST: usize = 6;

/// Whether a drop would be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Legality {
    /// Yes.
    Allowed,
    /// Only with the reason why it is to be so all the same.
    WithReason,
    /// No.
    Refused,
}

/// What a drop would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether it would be made.
    pub(crate) legality: Legality,
    /// Why not, or what comes of it: the most important first.
    pub(crate) lines: Vec<(String, Role)>,
}

impl Verdict {
    fn refused(reason: &str, hint: &str) -> Verdict {
        let lines = vec![(reason.to_owned(), Role::Refused), (hint.to_owned(), Role::Muted)];
        Verdict { legality: Legality::Refused, lines }
    }

    /// Of a card of computed waves.
    pub(crate) fn computed() -> Verdict {
        Verdict::refused(
            "These waves are computed from the dependencies; a card stays where they put it.",
            "Save them as a plan first, then its cards can be moved.",
        )
    }

    /// Of an agent's section.
    pub(crate) fn of_agents(checked: Result<edit::Preview, Refused>) -> Verdict {
        match checked {
            Ok(preview) => {
                let lines = preview.consequences.into_iter().enumerate();
                let role = |index: usize| if index == 0 { Role::Allowed } else { Role::Text };
                let lines = lines.map(|(index, line)| (line, role(index))).collect();
                Verdict { legality: Legality::Allowed, lines }
            }
            Err(refused) => Verdict::refused(&refused.reason, &refused.hint),
        }
    }

    /// Of slots of a plan.
    pub(crate) fn of_slots(preview: &Preview) -> Verdict {
        if let Some(refusal) = &preview.refusal {
            return Verdict::refused(&refusal.reason, &refusal.hint);
        }
        let mut lines: Vec<(String, Role)> = preview
            .broken
            .iter()
            .map(|broken| {
                let text =
                    format!("{} needs {}, which is in wave {}.", broken.id, broken.needs, broken.needs_wave);
                (text, Role::Refused)
            })
            .collect();
        lines.extend(consequences(preview));
        if lines.is_empty() {
            lines.push(("Nothing else changes by it.".to_owned(), Role::Allowed));
        }
        let legality = if preview.broken.is_empty() { Legality::Allowed } else { Legality::WithReason };
        Verdict { legality, lines }
    }
}

/// What comes of an edit that can be made.
fn consequences(preview: &Preview) -> Vec<(String, Role)> {
    let mut lines = Vec::new();
    let mut tasks = |head: &str, ids: &[TaskId], role: Role| {
        if !ids.is_empty() {
            lines.push((format!("{head}: {}", listed(ids)), role));
        }
    };
    tasks("runnable now", &preview.runnable, Role::Allowed);
    let turn = preview.turn.map_or("an earlier wave".to_owned(), |wave| format!("wave {wave}"));
    tasks(&format!("has to wait for {turn}"), &preview.held, Role::NeedsLook);
    tasks("no longer blocked", &preview.freed, Role::Allowed);
    for blocked in &preview.blocked {
        lines.push((format!("{} is blocked by {}", blocked.id, listed(&blocked.by)), Role::NeedsLook));
    }
    for overlap in &preview.overlaps {
        lines.push((shared(overlap), Role::NeedsLook));
    }
    if preview.overlaps_cut {
        lines.push(("and more shared files".to_owned(), Role::NeedsLook));
    }
    for mended in &preview.mended {
        lines.push((format!("{} is no longer too early for {}", mended.id, mended.needs), Role::Text));
    }
    for pair in &preview.renumbered {
        lines.push((format!("wave {} becomes wave {}", pair.from, pair.to), Role::Text));
    }
    lines.extend(preview.opened.iter().map(|wave| (format!("wave {wave} begins to be"), Role::Text)));
    lines.extend(
        preview.emptied.iter().map(|wave| (format!("wave {wave} is empty then and goes"), Role::Text)),
    );
    lines
}

fn shared(conflict: &order::Conflict) -> String {
    format!("{} and {} touch the same files: {}", conflict.a, conflict.b, conflict.paths.join(", "))
}

fn listed(ids: &[TaskId]) -> String {
    match ids.len().checked_sub(NAMED_MOST) {
        None | Some(0) => names(ids),
        Some(more) => format!("{} and {more} more", names(ids.get(..NAMED_MOST).unwrap_or(ids))),
    }
}
