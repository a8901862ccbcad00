//! The plans that the board can show, as a list that can be searched: those that were saved, and what follows from the
//! dependencies of the whole backlog, of a saga or of an epic.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use super::board::subject::Viewed;
use super::layer::first_visible;
use super::paint::Paint;
use super::prompt::{Lines, Prompt};
use super::text::Span;
use super::theme::Role;
use super::told::Told;

/// View state of the list.
#[derive(Debug, Clone)]
pub(crate) struct PlanList {
    /// The search.
    pub(crate) prompt: Prompt,
    /// Index of the selected one among those that match.
    pub(crate) selected: usize,
}

impl PlanList {
    /// The whole list.
    pub(crate) fn new() -> PlanList {
        PlanList { prompt: Prompt::new(Lines::One), selected: 0 }
    }

    /// What has every word of the search in it.
    pub(crate) fn found(&self, told: &Told) -> Vec<Viewed> {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let text = self.prompt.text();
        let pattern = Pattern::new(&text, CaseMatching::Smart, Normalization::Smart, AtomKind::Substring);
        let mut characters = Vec::new();
        let mut matches = |viewed: &Viewed| {
            let line = format!("{} {}", viewed.words(), about(told, viewed));
            pattern.score(Utf32Str::new(&line, &mut characters), &mut matcher).is_some()
        };
        Viewed::all(told).into_iter().filter(|viewed| matches(viewed)).collect()
    }
}

/// What is known of a plan: of a saved one its size and its document, of a computed one its title.
fn about(told: &Told, viewed: &Viewed) -> String {
    match viewed {
        Viewed::Saved(_) => {
            let Some(named) = viewed.named(told) else { return String::new() };
            let (tasks, waves) = (named.plan.slots().count(), named.plan.waves().len());
            let document = named.plan.document.as_ref().map(|path| format!(", follows {path}"));
            let active = if told.state.plans.active() == viewed.slug() { ", the active one" } else { "" };
            format!("{tasks} tasks in {waves} waves{}{active}", document.unwrap_or_default())
        }
        Viewed::Computed(scope) => {
            let title =
                scope.first().and_then(|id| told.state.backlog.get(id)).map(|task| task.title.clone());
            title.unwrap_or_else(|| format!("{} records", told.state.backlog.len()))
        }
    }
}

/// Draws the list into its body.
pub(crate) fn draw(paint: &mut Paint<'_>, body: Rect, list: &PlanList, told: &Told) {
    let found = list.found(told);
    if found.is_empty() {
        let text = if Viewed::all(told).is_empty() {
            "No plan and no backlog yet: `wavedeck import` reads them, `wavedeck task add` begins one."
        } else {
            "No plan matches."
        };
        paint.paragraph(body, text, Role::Muted);
        return;
    }
    let selected = list.selected.min(found.len() - 1);
    let first = first_visible(selected, body.height);
    for (row, (index, viewed)) in (0..body.height).zip(found.iter().enumerate().skip(first)) {
        let place = Span::row(body, row);
        let here = index == selected;
        if here {
            let edge = Rect { x: place.x.saturating_sub(1), y: place.y, width: 1, height: 1 };
            paint.wall(edge, paint.glyphs.edge, Role::Focus);
        }
        let role = if here { Role::Focus } else { Role::Text };
        paint.put(Span { width: place.width.min(32), ..place }, &viewed.words(), role);
        paint.put(place.after(34), &about(told, viewed), Role::Muted);
    }
}
