//! What lies on top of the room, as a stack: help, palette, a page to read, a question of the room itself. Each keeps its
//! own view state and takes every key while it is on top.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use super::board::Board;
use super::drift::{self, DriftList};
use super::findings::{self, FindingList};
use super::hint::{self, Hint};
use super::keymap::{Context, Keymap};
use super::paint::Paint;
use super::plans::{self, PlanList};
use super::prompt::{Lines, Prompt};
use super::text::{Span, wrap};
use super::theme::Role;
use super::told::Told;
use super::verb::Verb;
use super::words::{self, Words};
use crate::supervisor::protocol::Request;

/// One layer.
#[derive(Debug, Clone)]
pub(crate) enum Layer {
    /// The keys, filterable.
    Help {
        /// The filter.
        prompt: Prompt,
        /// First visible line.
        first: usize,
    },
    /// Every verb, searchable.
    Palette {
        /// The search.
        prompt: Prompt,
        /// Index of the selected match.
        selected: usize,
    },
    /// What was found in files.
    Findings(FindingList),
    /// The form of the next wave; it is kept beside the layers, because a draft outlives it.
    Form,
    /// What the board can show.
    Plans(PlanList),
    /// Where document, plan and dependencies disagree.
    Drift(DriftList),
    /// A few words that are asked for.
    Words(Words),
    /// A page to read.
    Page(Page),
    /// Something to be confirmed.
    Confirm(Confirm),
}

/// A page to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its title.
    pub(crate) title: String,
    /// Its lines.
    pub(crate) lines: Vec<Line>,
    /// First visible line.
    pub(crate) first: usize,
}

/// A line of a page or of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// A word or key at its start, may be empty.
    pub(crate) head: String,
    /// The text.
    pub(crate) text: String,
    /// What the text means.
    pub(crate) role: Role,
}

impl Line {
    /// A line of text alone.
    pub(crate) fn plain(text: impl Into<String>, role: Role) -> Line {
        Line { head: String::new(), text: text.into(), role }
    }
}

/// Something that is done only after a yes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Confirm {
    /// The question.
    pub(crate) question: String,
    /// What it means, a sentence each.
    pub(crate) lines: Vec<String>,
    /// What a yes does.
    pub(crate) yes: Yes,
}

/// What a yes does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yes {
    /// Asks this of the supervisor.
    Ask(Request),
    /// Has the draft of the form written.
    WriteDraft,
    /// Throws the draft of the form away.
    DiscardDraft,
}

/// A layer on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// All of it, frame included.
    pub(crate) outer: Rect,
    /// Where a search is typed.
    pub(crate) prompt: Option<Rect>,
    /// Its lines.
    pub(crate) body: Rect,
}

impl Layer {
    /// The keymap's context of this layer.
    pub(crate) fn context(&self) -> Context {
        match self {
            Layer::Help { .. } => Context::Help,
            Layer::Palette { .. } => Context::Palette,
            Layer::Findings(_) => Context::Findings,
            Layer::Form => Context::Form,
            Layer::Plans(_) => Context::Plans,
            Layer::Drift(_) => Context::Drift,
            Layer::Words(_) => Context::Words,
            Layer::Page(_) => Context::Page,
            Layer::Confirm(_) => Context::Confirm,
        }
    }

    /// Where text that names no verb goes.
    pub(crate) fn prompt(&mut self) -> Option<&mut Prompt> {
        match self {
            Layer::Help { prompt, first } => {
                *first = 0;
                Some(prompt)
            }
            Layer::Palette { prompt, selected } => {
                *selected = 0;
                Some(prompt)
            }
            Layer::Findings(list) => {
                list.selected = 0;
                Some(&mut list.prompt)
            }
            Layer::Plans(list) => {
                list.selected = 0;
                Some(&mut list.prompt)
            }
            Layer::Words(words) => Some(&mut words.prompt),
            Layer::Form | Layer::Page(_) | Layer::Confirm(_) | Layer::Drift(_) => None,
        }
    }

    /// An empty palette.
    pub(crate) fn palette() -> Layer {
        Layer::Palette { prompt: Prompt::new(Lines::One), selected: 0 }
    }

    /// The help.
    pub(crate) fn help() -> Layer {
        Layer::Help { prompt: Prompt::new(Lines::One), first: 0 }
    }
}

/// Lays a layer into the screen.
pub(crate) fn arrange(area: Rect, layer: &Layer) -> Sheet {
    let (wide, high) = match layer {
        // The form lies where the room does.
        Layer::Form => return Sheet::default(),
        Layer::Help { .. } => (92, area.height.saturating_sub(4)),
        Layer::Findings(_) | Layer::Drift(_) => (116, area.height.saturating_sub(4)),
        Layer::Plans(_) => (92, area.height.saturating_sub(4).min(22)),
        Layer::Words(_) => (76, 7),
        Layer::Page(page) => {
            let lines = u16::try_from(page.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
            (92, area.height.saturating_sub(4).min(lines.max(6)))
        }
        Layer::Palette { .. } => (76, area.height.saturating_sub(4).min(22)),
        Layer::Confirm(confirm) => {
            (64, u16::try_from(confirm.lines.len()).unwrap_or(u16::MAX).saturating_add(5))
        }
    };
    let columns = wide.min(area.width.saturating_sub(2)).max(2);
    let rows = high.min(area.height.saturating_sub(2)).max(2);
    let outer = Rect {
        x: area.x + (area.width.saturating_sub(columns)) / 2,
        y: area.y + (area.height.saturating_sub(rows)) / 3,
        width: columns.min(area.width),
        height: rows.min(area.height),
    };
    let inner = Rect {
        x: outer.x + 2,
        y: outer.y + 1,
        width: outer.width.saturating_sub(4),
        height: outer.height.saturating_sub(2),
    };
    match layer {
        Layer::Help { .. } | Layer::Palette { .. } | Layer::Findings(_) | Layer::Plans(_) => Sheet {
            outer,
            prompt: Some(Rect { height: inner.height.min(1), ..inner }),
            body: Rect { y: inner.y + 2.min(inner.height), height: inner.height.saturating_sub(2), ..inner },
        },
        Layer::Form | Layer::Page(_) | Layer::Confirm(_) | Layer::Drift(_) | Layer::Words(_) => {
            Sheet { outer, prompt: None, body: inner }
        }
    }
}

/// What a question of the room offers, in its last line.
pub(crate) fn offers(sheet: &Sheet, layer: &Layer, keymap: &Keymap) -> Vec<Hint> {
    let Layer::Confirm(_) = layer else { return Vec::new() };
    let line = Span::row(sheet.body, sheet.body.height.saturating_sub(1));
    hint::along(keymap, &[Context::Confirm], line, |_| true)
}

/// Verbs that match a search, best first; all of them in their order for an empty one.
pub(crate) fn found(search: &str) -> Vec<Verb> {
    if search.trim().is_empty() {
        return Verb::all().collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(search, CaseMatching::Smart, Normalization::Smart);
    let mut scored: Vec<(u32, Verb)> = Verb::all()
        .filter_map(|verb| {
            let line = format!("{} {}", verb.name(), verb.help());
            let mut characters = Vec::new();
            let score = pattern.score(Utf32Str::new(&line, &mut characters), &mut matcher)?;
            Some((score, verb))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, verb)| verb).collect()
}

/// First visible row of a list so that the selected one is in view.
pub(crate) fn first_visible(selected: usize, rows: u16) -> usize {
    (selected + 1).saturating_sub(usize::from(rows.max(1)))
}

/// The help as lines, only those that hold every word of the filter.
pub(crate) fn help_lines(keymap: &Keymap, filter: &str) -> Vec<Line> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let mut lines = Vec::new();
    for context in Context::ALL {
        let mut section = Vec::new();
        let mut verbs = keymap.by_verb(*context);
        let run = verbs.iter().filter(|(verb, _)| numbered(*verb)).count();
        let last_of_run = verbs.iter().rfind(|(verb, _)| numbered(*verb)).map(|(_, chords)| chords.clone());
        let mut first_of_run = true;
        verbs.retain(|(verb, _)| !numbered(*verb) || std::mem::take(&mut first_of_run));
        for (verb, chords) in verbs {
            let keys: Vec<String> = chords.iter().map(ToString::to_string).collect();
            let mut keys = keys.join(" ");
            if let (true, Some(last)) =
                (numbered(verb) && run > 1, last_of_run.as_ref().and_then(|last| last.first()))
            {
                keys = format!("{keys} to {last}");
            }
            let whole = format!("{keys} {} {} {}", verb.help(), verb.name(), context.title()).to_lowercase();
            if !words.iter().all(|word| whole.contains(word)) {
                continue;
            }
            section.push(Line { head: keys, text: verb.help().to_string(), role: Role::Text });
        }
        if section.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::plain("", Role::Text));
        }
        lines.push(Line::plain(context.title(), Role::Title));
        lines.append(&mut section);
    }
    lines
}

/// Verbs that differ in their number only; nine lines would say one thing.
fn numbered(verb: Verb) -> bool {
    match verb {
        Verb::FocusPane(_) | Verb::Choose(_) => true,
        Verb::Plain(_) => false,
    }
}

/// Draws a layer. `contexts` are those beneath it, for the keys that the palette shows.
pub(crate) fn draw(
    paint: &mut Paint<'_>,
    sheet: &Sheet,
    layer: &Layer,
    keymap: &Keymap,
    contexts: &[Context],
    told: &Told,
    board: &Board,
) {
    paint.clear(sheet.outer, Role::Layer);
    frame(paint, sheet.outer);
    match layer {
        Layer::Help { prompt, first } => {
            search(paint, sheet, prompt, "keys");
            draw_lines(paint, sheet.body, &help_lines(keymap, &prompt.text()), *first, 28);
        }
        Layer::Palette { prompt, selected } => {
            search(paint, sheet, prompt, "actions");
            draw_verbs(paint, sheet.body, &found(&prompt.text()), *selected, keymap, contexts);
        }
        Layer::Findings(list) => {
            search(paint, sheet, &list.prompt, "findings");
            label(paint, sheet.outer, &findings::title(&told.project.findings));
            findings::draw(paint, sheet.body, list, told);
        }
        Layer::Form => {}
        Layer::Plans(list) => {
            search(paint, sheet, &list.prompt, "plans");
            plans::draw(paint, sheet.body, list, told);
        }
        Layer::Drift(list) => {
            label(paint, sheet.outer, &drift::title(board));
            drift::draw(paint, sheet.body, list, board, told);
        }
        Layer::Words(asked) => {
            label(paint, sheet.outer, &asked.question);
            words::draw(paint, sheet.body, asked);
        }
        Layer::Page(page) => {
            label(paint, sheet.outer, &page.title);
            draw_lines(paint, sheet.body, &page.lines, page.first, 14);
        }
        Layer::Confirm(confirm) => {
            label(paint, sheet.outer, &confirm.question);
            for (row, line) in (1..).zip(&confirm.lines) {
                paint.put(Span::row(sheet.body, row), line, Role::Text);
            }
            for hint in offers(sheet, layer, keymap) {
                let pieces = [(hint.key.as_str(), Role::Key), (" ", Role::Hint), (hint.word, Role::Hint)];
                paint.pieces(Span::row(hint.place, 0), &pieces);
            }
        }
    }
}

/// A frame, because what lies beneath goes on beside it.
fn frame(paint: &mut Paint<'_>, outer: Rect) {
    let (right, bottom) = (outer.right().saturating_sub(1), outer.bottom().saturating_sub(1));
    let sign = paint.glyphs.vertical;
    paint.wall(Rect { width: 1, ..outer }, sign, Role::Rule);
    paint.wall(Rect { x: right, width: 1, ..outer }, sign, Role::Rule);
    paint.rule(Rect { height: 1, ..outer }, Role::Rule);
    paint.rule(Rect { y: bottom, height: 1, ..outer }, Role::Rule);
    let corners = [(outer.x, outer.y), (right, outer.y), (outer.x, bottom), (right, bottom)];
    for ((x, y), sign) in corners.into_iter().zip(paint.glyphs.corners) {
        paint.wall(Rect { x, y, width: 1, height: 1 }, sign, Role::Rule);
    }
}

fn label(paint: &mut Paint<'_>, outer: Rect, title: &str) {
    paint.put(Span::row(outer, 0).after(1).before_last(1), &format!(" {title} "), Role::Focus);
}

fn search(paint: &mut Paint<'_>, sheet: &Sheet, prompt: &Prompt, title: &str) {
    label(paint, sheet.outer, title);
    let Some(rect) = sheet.prompt else { return };
    let sign = format!("{} ", paint.glyphs.prompt);
    paint.put(Span::row(rect, 0), &sign, Role::Key);
    let inner = Rect { x: rect.x + 2, width: rect.width.saturating_sub(2), ..rect };
    prompt.draw(inner, paint.buffer, paint.theme, Role::Layer);
    if prompt.text().is_empty() {
        paint.put(Span::row(inner, 0).after(2), &format!("type to filter the {title}"), Role::Hint);
    }
}

fn draw_lines(paint: &mut Paint<'_>, body: Rect, lines: &[Line], first: usize, head: u16) {
    let first = first.min(lines.len().saturating_sub(usize::from(body.height)));
    for (row, line) in (0..body.height).zip(lines.iter().skip(first)) {
        let place = Span::row(body, row);
        if line.head.is_empty() {
            paint.put(place, &line.text, line.role);
        } else {
            paint.put(Span { width: head.min(place.width), ..place }, &line.head, Role::Key);
            paint.put(place.after(head + 1), &line.text, line.role);
        }
    }
    let below = lines.len().saturating_sub(first + usize::from(body.height));
    if below > 0 && body.height > 0 {
        let row = Span { y: body.bottom(), ..Span::row(body, 0) }.before_last(1);
        paint.put_right(row, &format!(" {below} more {} ", paint.glyphs.more_down), Role::Muted);
    }
}

fn draw_verbs(
    paint: &mut Paint<'_>,
    body: Rect,
    verbs: &[Verb],
    selected: usize,
    keymap: &Keymap,
    contexts: &[Context],
) {
    let first = first_visible(selected, body.height);
    for (row, (index, verb)) in (0..body.height).zip(verbs.iter().enumerate().skip(first)) {
        let place = Span::row(body, row);
        let here = index == selected;
        let role = if here { Role::Focus } else { Role::Text };
        if here {
            paint.wall(
                Rect { x: body.x.saturating_sub(1), y: place.y, width: 1, height: 1 },
                paint.glyphs.edge,
                Role::Focus,
            );
        }
        let key = key_of(*verb, keymap, contexts);
        let taken = paint.put_right(place, &key, Role::Key);
        let left = place.before_last(taken + 1);
        paint.put(Span { width: left.width.min(20), ..left }, verb.name(), role);
        paint.put(left.after(21), verb.help(), if here { Role::Text } else { Role::Muted });
    }
    if verbs.is_empty() {
        paint.put(Span::row(body, 0), "No action has such a name.", Role::Muted);
    }
}

/// The key for a verb: where the operator is, else where it has one, with the place named.
fn key_of(verb: Verb, keymap: &Keymap, contexts: &[Context]) -> String {
    if let Some(chord) = keymap.chord(contexts, verb) {
        return chord.to_string();
    }
    Context::ALL
        .iter()
        .find_map(|context| {
            let chord = keymap.chord(&[*context], verb)?;
            Some(format!("{} {chord}", context.name()))
        })
        .unwrap_or_default()
}

/// Text as lines of a page, wrapped.
pub(crate) fn wrapped(text: &str, columns: u16, role: Role) -> Vec<Line> {
    wrap(text, columns).into_iter().map(|line| Line::plain(line, role)).collect()
}
