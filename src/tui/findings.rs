//! What was found in the authors' files, as a list that can be searched: errors first, then warnings, each with its rule
//! and place; the selected one is read in full beneath, with its way out. Nothing is left out of it: the findings on
//! cards are those of their agent alone.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use super::board::CardId;
use super::layer::first_visible;
use super::paint::Paint;
use super::prompt::{Lines, Prompt};
use super::text::Span;
use super::theme::Role;
use super::told::Told;
use crate::plan::Finding;
use crate::plan::finding::Severity;

/// Rows beneath the list in which the selected finding is read in full, the rule above it included.
const DETAIL_ROWS: u16 = 7;

/// View state of the list.
#[derive(Debug, Clone)]
pub(crate) struct FindingList {
    /// The search.
    pub(crate) prompt: Prompt,
    /// Index of the selected one among those that match.
    pub(crate) selected: usize,
}

impl FindingList {
    /// The whole list.
    pub(crate) fn new() -> FindingList {
        FindingList { prompt: Prompt::new(Lines::One), selected: 0 }
    }

    /// The findings that match the search, errors first, then in the order of their places.
    pub(crate) fn found<'t>(&self, told: &'t Told) -> Vec<&'t Finding> {
        let search = self.prompt.text();
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(&search, CaseMatching::Smart, Normalization::Smart);
        let mut characters = Vec::new();
        let mut found: Vec<&Finding> = told
            .project
            .findings
            .iter()
            .filter(|finding| {
                let line = format!("{} {} {}", finding.rule, place(finding), finding.message);
                pattern.score(Utf32Str::new(&line, &mut characters), &mut matcher).is_some()
            })
            .collect();
        found.sort_by_key(|finding| finding.severity != Severity::Error);
        found
    }

    /// The card that the selected finding speaks of: its agent's, else the first one of its wave. `None` for a finding
    /// that belongs to no wave.
    pub(crate) fn card(&self, told: &Told) -> Option<CardId> {
        let finding = *self.found(told).get(self.selected)?;
        let wave = told.project.waves.values().find(|wave| wave.file == finding.file)?.number;
        let of_wave = || told.cards.iter().filter(|card| card.wave.number == wave);
        let own = of_wave().find(|card| Some(&card.agent) == finding.agent.as_ref());
        own.or_else(|| of_wave().next()).map(CardId::of)
    }
}

/// The part of a list's body that its rows take; the rest is for the selected one.
pub(crate) fn rows(body: Rect) -> Rect {
    let detail = if body.height >= DETAIL_ROWS + 3 { DETAIL_ROWS } else { 0 };
    Rect { height: body.height - detail, ..body }
}

/// Title of the list: how many there are, those that the search hides included.
pub(crate) fn title(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!("findings: {}, {}", counted(errors, "error"), counted(findings.len() - errors, "warning"))
}

/// Draws the list into its body.
pub(crate) fn draw(paint: &mut Paint<'_>, body: Rect, list: &FindingList, told: &Told) {
    let found = list.found(told);
    let rows = rows(body);
    if found.is_empty() {
        let text = if told.project.findings.is_empty() {
            "Nothing was found: every file reads as it was meant."
        } else {
            "No finding matches."
        };
        paint.put(Span::row(body, 0), text, Role::Muted);
        return;
    }
    let selected = list.selected.min(found.len() - 1);
    let first = first_visible(selected, rows.height);
    for (row, (index, finding)) in (0..rows.height).zip(found.iter().enumerate().skip(first)) {
        draw_row(paint, Span::row(rows, row), finding, index == selected);
    }
    if rows.height < body.height {
        let below = Rect { y: rows.bottom(), height: body.height - rows.height, ..body };
        detail(paint, below, found[selected], told.project.findings.len() - found.len());
    }
}

/// Draws one as a row.
pub(crate) fn draw_row(paint: &mut Paint<'_>, line_place: Span, finding: &Finding, here: bool) {
    if here {
        let edge = Rect { x: line_place.x.saturating_sub(1), y: line_place.y, width: 1, height: 1 };
        paint.wall(edge, paint.glyphs.edge, Role::Focus);
    }
    let (word, role) = match finding.severity {
        Severity::Error => ("error", Role::Failed),
        Severity::Warning => ("warning", Role::Muted),
    };
    let text = if here { Role::Focus } else { Role::Text };
    paint.put(Span { width: line_place.width.min(7), ..line_place }, word, role);
    paint.put(Span { width: 4, ..line_place.after(8) }, &finding.rule, Role::Key);
    let line = match &finding.agent {
        Some(agent) => format!("{agent}: {}", finding.message),
        None => finding.message.clone(),
    };
    // A file's name is enough here; its whole path stands beneath.
    let name = finding.file.rsplit('/').next().unwrap_or_default();
    let short = format!("{name}:{}", finding.position.line);
    let taken = paint.put_right(line_place.after(13), &short, Role::Muted);
    paint.put(line_place.after(13).before_last(taken + 1), &line, text);
}

fn detail(paint: &mut Paint<'_>, area: Rect, finding: &Finding, hidden: usize) {
    paint.rule(Rect { height: 1, ..area }, Role::Rule);
    if hidden > 0 {
        paint.put_right(Span::row(area, 0).before_last(1), &format!(" {hidden} hidden "), Role::Muted);
    }
    paint.put(Span::row(area, 1), &place(finding), Role::Muted);
    let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let used = paint.paragraph(below, &finding.message, Role::Text);
    let rest = Rect { y: below.y + used, height: below.height.saturating_sub(used), ..below };
    paint.paragraph(rest, &finding.hint, Role::Title);
}

/// File, line and column, as editors take them.
fn place(finding: &Finding) -> String {
    format!("{}:{}:{}", finding.file, finding.position.line, finding.position.column)
}
