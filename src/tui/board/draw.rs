//! Drawing the board.

use ratatui::layout::Rect;

use super::Board;
use super::arrange::{Column, Grid, Slot, heading_rows};
use super::deck::{DeckCard, Standing};
use crate::engine::Time;
use crate::engine::view::Condition;
use crate::tui::glyph::word;
use crate::tui::paint::Paint;
use crate::tui::text::{Span, coarse, short};
use crate::tui::theme::Role;
use crate::tui::told::Told;

/// Columns of a card from which its state is a word, too.
const WORDS_FROM: u16 = 34;

/// What the board is drawn from.
pub(crate) struct Scene<'a> {
    /// What was told.
    pub(crate) told: &'a Told,
    /// Its view state.
    pub(crate) board: &'a Board,
    /// Whether the keyboard is here.
    pub(crate) focused: bool,
    /// The clock.
    pub(crate) now: Time,
}

/// Draws the board.
pub(crate) fn draw(paint: &mut Paint<'_>, area: Rect, grid: &Grid, scene: &Scene<'_>) {
    let deck = &scene.board.deck;
    if deck.columns.is_empty() {
        return draw_empty(paint, area, scene);
    }
    for column in &grid.columns {
        heading(paint, column, scene);
    }
    beyond(paint, area, grid);
    for (index, rect) in &grid.headings {
        track_heading(paint, *rect, *index, grid, scene);
    }
    for slot in &grid.slots {
        if let Some(card) = deck.cards.get(slot.card) {
            draw_card(paint, *slot, card, scene);
        }
    }
    if let (Some(rect), Some(held)) = (grid.ghost, &scene.board.held) {
        let role = if held.allowed() { Role::Allowed } else { Role::Refused };
        paint.wall(Rect { width: 1, ..rect }, paint.glyphs.edge, role);
        if let Some(card) = deck.card(&held.card) {
            let line = format!("{} {}", card.id.agent, card.title);
            paint.put(Span::row(rect, 0).after(1), &line, role);
        }
        let word = if held.allowed() { "would go here" } else { "refused here" };
        paint.put(Span::row(rect, 1).after(2), word, role);
    }
    outside(paint, grid);
    if let Some(rect) = grid.preview {
        preview(paint, rect, scene);
    }
    if let Some(rect) = grid.detail {
        detail(paint, rect, scene);
    }
    if let Some(rect) = grid.filter {
        filter(paint, rect, scene);
    }
}

fn draw_empty(paint: &mut Paint<'_>, area: Rect, scene: &Scene<'_>) {
    let text = if scene.told.complete {
        "No waves yet. Wave files live in docs/plans/waves as wave-0.md, wave-1.md and so on; they appear here as soon as they are saved."
    } else {
        "Asking the supervisor what there is."
    };
    let inner = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    paint.paragraph(inner, text, Role::Muted);
}

/// The name of a track and how much of it is done; where its cards are folded away, how much in each wave.
fn track_heading(paint: &mut Paint<'_>, rect: Rect, index: usize, grid: &Grid, scene: &Scene<'_>) {
    let (track, row) = (&scene.board.deck.rows[index], &scene.board.plot.rows[index]);
    let count = format!("  {}/{}", track.count.passed, track.count.total);
    let fold = if row.folded { paint.glyphs.more_right.to_string() } else { " ".to_string() };
    let place = Span::row(rect, 0);
    if !row.folded {
        let pieces = [(fold.as_str(), Role::Key), (&track.name, Role::Muted), (&count, Role::Muted)];
        paint.pieces(place, &pieces);
        return;
    }
    // The counts of a folded track stand in its waves; its name is short enough to leave the first one its place.
    let room = grid.columns.first().map_or(rect.width, |column| column.rect.width.saturating_sub(5));
    let name = Span { width: place.width.min(room), ..place };
    paint.pieces(name, &[(fold.as_str(), Role::Key), (&track.name, Role::Muted)]);
    for column in &grid.columns {
        let count = row.counts[column.index];
        if count.total > 0 {
            let text = format!("{}/{}", count.passed, count.total);
            paint.put_right(
                Span::row(Rect { y: rect.y, ..column.rect }, 0).before_last(1),
                &text,
                Role::Muted,
            );
        }
    }
}

fn heading(paint: &mut Paint<'_>, shown: &Column, scene: &Scene<'_>) {
    let (rect, column) = (shown.rect, &scene.board.deck.columns[shown.index]);
    let targeted = scene.board.held.as_ref().is_some_and(|held| held.target == column.wave);
    let selected = scene.board.selected.as_ref().is_some_and(|card| card.wave == column.wave);
    let (condition, role) = match column.standing {
        Standing::Next => (Condition::NotStarted, Role::Muted),
        Standing::Running => (Condition::Working, Role::Title),
        Standing::Closed => (Condition::Passed, Role::Passed),
        Standing::Failed => (Condition::Failed, Role::Failed),
        Standing::Refused => (Condition::NeedsLook, Role::NeedsLook),
    };
    let name_role = match (targeted, selected && scene.focused) {
        (true, _) => Role::Focus,
        (false, true) => Role::Title,
        (false, false) => role,
    };
    let place = Span::row(rect, 0).before_last(1);
    let sign = paint.glyphs.condition(condition).to_string();
    if scene.board.plot.folded[shown.index] {
        let name = format!("{}", column.wave);
        paint.pieces(place, &[(" ", role), (&name, name_role), (" ", role), (&sign, Role::of(condition))]);
        return;
    }
    let name = format!("wave {}", column.wave);
    let standing = match column.standing {
        Standing::Next => "next",
        Standing::Running => "running",
        Standing::Closed => "closed",
        Standing::Failed => "failed",
        Standing::Refused => "look",
    };
    let count = format!("{}/{}", column.count.passed, column.count.total);
    let taken = paint.put_right(place, &count, Role::Muted);
    paint.pieces(
        place.before_last(taken + 1),
        &[
            (" ", role),
            (&name, name_role),
            ("  ", role),
            (&sign, Role::of(condition)),
            (" ", role),
            (standing, role),
        ],
    );
    if heading_rows(rect.height) > 1 {
        paint.put(Span::row(rect, 1).after(1).before_last(1), &column.title, Role::Muted);
    }
}

fn beyond(paint: &mut Paint<'_>, area: Rect, grid: &Grid) {
    let (left, right) = grid.beyond;
    if left == 0 && right == 0 {
        return;
    }
    let mut words = String::new();
    if left > 0 {
        words.push_str(&format!("{}{left} ", paint.glyphs.more_left));
    }
    if right > 0 {
        words.push_str(&format!("{right}{} ", paint.glyphs.more_right));
    }
    let rows = heading_rows(area.height);
    let row = if rows > 1 { 1 } else { 0 };
    paint.put_right(Span::row(area, row), &words, Role::Key);
}

/// What is scrolled away is counted in a line of its own.
fn outside(paint: &mut Paint<'_>, grid: &Grid) {
    let (above, below) = grid.outside;
    let (Some(first), Some(last)) = (grid.columns.first(), grid.columns.last()) else { return };
    let body = Rect { width: last.rect.right().saturating_sub(first.rect.x), ..first.rect };
    let mut words = String::new();
    if above > 0 {
        words.push_str(&format!(" {above} above "));
    }
    if below > 0 {
        words.push_str(&format!(" {below} below {} ", paint.glyphs.more_down));
    }
    paint.put_right(Span::row(body, body.height.saturating_sub(1)), &words, Role::Key);
}

fn draw_card(paint: &mut Paint<'_>, slot: Slot, card: &DeckCard, scene: &Scene<'_>) {
    let board = scene.board;
    let selected = board.selected.as_ref().and_then(|id| board.plot.place(board.deck.find(id)?));
    let selected = selected.is_some_and(|place| place.card == slot.card);
    let lifted = scene.board.held.as_ref().is_some_and(|held| held.card == card.id);
    let role = Role::of(card.condition);
    let place = Span::row(slot.rect, 0);
    if selected {
        let edge = if scene.focused { Role::Focus } else { Role::Muted };
        paint.wall(Rect { width: 1, ..slot.rect }, paint.glyphs.edge, edge);
    }
    if board.plot.rows[card.row].folded {
        // The heading of its track counts it.
        return;
    }
    let place = place.after(1);
    if lifted && scene.board.held.as_ref().is_some_and(|held| held.target != card.id.wave) {
        let line = format!("{} {} ", card.id.agent, card.title);
        let used = paint.put(place, &line, Role::Shadow);
        let rest = place.after(used);
        paint.wall(
            Rect { x: rest.x, y: rest.y, width: rest.width, height: 1 },
            paint.glyphs.shadow,
            Role::Shadow,
        );
        return;
    }
    let quiet = matches!(card.condition, Condition::Passed | Condition::NotStarted);
    let name_role = match (selected && scene.focused, card.condition) {
        (true, _) => Role::Selected,
        (false, Condition::Passed) => Role::Passed,
        (false, _) if quiet => Role::Muted,
        (false, _) => Role::Text,
    };
    let sign = paint.glyphs.condition(card.condition);
    if slot.narrow {
        paint.pieces(place, &[(&format!("{sign} "), role), (&card.id.agent, name_role)]);
        return;
    }
    let state = state_words(card, sign, scene.now, place.width >= WORDS_FROM);
    let state = if card.condition == Condition::Waiting { format!(" {state} ") } else { state };
    let taken = paint.put_right(place, &state, role);
    let id_role = if name_role == Role::Text { Role::Title } else { name_role };
    paint.pieces(
        place.before_last(taken + 1),
        &[(&card.id.agent, id_role), (" ", name_role), (&card.title, name_role)],
    );
    if slot.rect.height > 1 {
        second_line(paint, Span::row(slot.rect, 1).after(3), card, scene.now);
    }
}

/// The selected card in full, where cards lie too close to say anything.
fn detail(paint: &mut Paint<'_>, rect: Rect, scene: &Scene<'_>) {
    let deck = &scene.board.deck;
    let Some(card) = scene.board.selected.as_ref().and_then(|id| deck.card(id)) else { return };
    paint.rule(Rect { height: 1, ..rect }, Role::Rule);
    let state = state_words(card, paint.glyphs.condition(card.condition), scene.now, true);
    let place = Span::row(rect, 1).after(1).before_last(1);
    let taken = paint.put_right(place, &state, Role::of(card.condition));
    let name = format!("{} {}", card.id.agent, card.title);
    paint.put(place.before_last(taken + 1), &name, Role::Title);
    second_line(paint, Span::row(rect, 2).after(3).before_last(1), card, scene.now);
}

/// Sign, word where there is room for one, and the time of what runs, which keeps its place while it grows.
fn state_words(card: &DeckCard, sign: char, now: Time, roomy: bool) -> String {
    let timed = matches!(card.condition, Condition::Working | Condition::Waiting);
    let since = card.since.filter(|_| timed).map(|since| now.since_ms(since));
    match (since, roomy) {
        (Some(since), true) => format!("{sign} {} {:>6}", word(card.condition), short(since)),
        (Some(since), false) => format!("{sign} {:>3}", coarse(since)),
        (None, true) => format!("{sign} {}", word(card.condition)),
        (None, false) => sign.to_string(),
    }
}

fn second_line(paint: &mut Paint<'_>, place: Span, card: &DeckCard, now: Time) {
    let mut tries = String::new();
    let (used, allowed) = card.tries;
    if used > 1 {
        tries = format!("try {used}/{allowed}");
    }
    let taken = paint.put_right(place, &tries, Role::Muted);
    let left = if taken > 0 { place.before_last(taken + 1) } else { place };
    let reason = match card.until {
        Some(until) => {
            let what = card.reason.strip_suffix(" until").unwrap_or(&card.reason);
            format!("{what}, {} left", short(until.since_ms(now)))
        }
        None => card.reason.clone(),
    };
    let (text, role) = match card.condition {
        Condition::Failed | Condition::NeedsLook => (reason, Role::Failed),
        Condition::Waiting => (reason, Role::Text),
        Condition::Working if reason.is_empty() => (card.runtime.clone(), Role::Muted),
        Condition::Working => (format!("{} {} {reason}", card.runtime, paint.glyphs.dot), Role::Muted),
        Condition::NotStarted | Condition::Held | Condition::RateLimited | Condition::Passed => {
            (reason, Role::Muted)
        }
    };
    paint.put(left, &text, role);
}

fn preview(paint: &mut Paint<'_>, rect: Rect, scene: &Scene<'_>) {
    let Some(held) = &scene.board.held else { return };
    paint.rule(Rect { height: 1, ..rect }, Role::Rule);
    let inner = Rect { x: rect.x + 1, width: rect.width.saturating_sub(2), ..rect };
    let from = held.card.wave;
    let title = match held.edit() {
        Some(_) => format!("{}  wave {from} {} wave {}", held.card.agent, paint.glyphs.arrow, held.target),
        None => format!("{}  in the hand", held.card.agent),
    };
    paint.put(Span::row(inner, 1), &title, Role::Title);
    let below = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    match &held.verdict {
        None => {
            let text = format!("It stays in wave {from}.");
            paint.put(Span::row(below, 0), &text, Role::Muted);
        }
        Some(Ok(preview)) => {
            let room = usize::from(below.height);
            for (row, line) in (0..).zip(preview.consequences.iter().take(room)) {
                paint.put(Span::row(below, row), line, if row == 0 { Role::Allowed } else { Role::Text });
            }
            if preview.consequences.len() > room {
                let more = format!(" +{} more", preview.consequences.len() - room);
                paint.put_right(Span::row(inner, 1), &more, Role::Muted);
            }
        }
        Some(Err(refusal)) => {
            let used = paint.paragraph(below, &refusal.reason, Role::Refused);
            let rest = Rect { y: below.y + used, height: below.height.saturating_sub(used), ..below };
            paint.paragraph(rest, &refusal.hint, Role::Muted);
        }
    }
}

fn filter(paint: &mut Paint<'_>, rect: Rect, scene: &Scene<'_>) {
    let Some(filter) = &scene.board.filter else { return };
    let place = Span::row(rect, 0).after(1);
    let hidden = format!("{} hidden ", scene.board.plot.filtered);
    let taken = paint.put_right(place, &hidden, Role::Muted);
    let place = place.before_last(taken + 1);
    let label = format!("/{}", paint.glyphs.prompt);
    let used = paint.put(place, &label, Role::Key) + 1;
    let rest = place.after(used);
    if filter.editing {
        let area = Rect { x: rest.x, y: rest.y, width: rest.width, height: 1 };
        filter.prompt.draw(area, paint.buffer, paint.theme, Role::Text);
    } else {
        paint.put(rest, &filter.prompt.text(), Role::Text);
    }
}
