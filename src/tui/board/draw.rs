//! Drawing the board.

use ratatui::layout::Rect;

use super::arrange::{self, Column, Grid, Slot, heading_rows};
use super::deck::{DeckCard, Standing};
use super::drag::{Held, Spot};
use super::verdict::Legality;
use super::{Board, ColumnKey, detail};
use crate::engine::Time;
use crate::engine::view::Condition;
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
    /// First row of what belongs to waves: what lies further down lies below them.
    pub(crate) board_top: u16,
}

/// Draws the board.
pub(crate) fn draw(paint: &mut Paint<'_>, area: Rect, grid: &Grid, scene: &Scene<'_>) {
    let deck = &scene.board.deck;
    if deck.columns.is_empty() {
        return draw_empty(paint, area, scene);
    }
    if let Some(rect) = grid.headline {
        headline(paint, rect, scene);
    }
    for column in &grid.columns {
        heading(paint, column, scene);
    }
    let waves = arrange::waves(area, scene.board);
    beyond(paint, Rect { height: area.height, ..waves }, grid);
    for (index, rect) in &grid.headings {
        track_heading(paint, *rect, *index, grid, scene);
    }
    for slot in &grid.slots {
        if let Some(card) = deck.cards.get(slot.card) {
            draw_card(paint, *slot, card, scene);
        }
    }
    if let (Some(rect), Some(held)) = (grid.ghost, &scene.board.held) {
        ghost(paint, rect, held, scene);
    }
    for (count, rect) in &grid.further {
        let text = format!("+{count} more, / finds them");
        paint.put(Span::row(*rect, 0).after(1), &text, Role::Muted);
    }
    outside(paint, grid);
    if let Some(rect) = grid.preview {
        preview(paint, rect, scene);
    }
    if let Some(rect) = grid.detail {
        detail::draw(paint, rect, scene);
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

/// What is to be known of the whole board, parted by dots; what finds no room is counted by nobody, so the weightiest
/// stands first.
fn headline(paint: &mut Paint<'_>, rect: Rect, scene: &Scene<'_>) {
    let mut place = Span::row(rect, 0).after(1).before_last(1);
    let dot = format!(" {} ", paint.glyphs.dot);
    for (index, (text, role)) in scene.board.deck.headline.iter().enumerate() {
        let lead = if index > 0 { dot.as_str() } else { "" };
        let used = paint.pieces(place, &[(lead, Role::Rule), (text, *role)]);
        place = place.after(used);
    }
}

/// The held cards where they would come to lie.
fn ghost(paint: &mut Paint<'_>, rect: Rect, held: &Held, scene: &Scene<'_>) {
    let (role, word) = match held.verdict.as_ref().map(|verdict| verdict.legality) {
        Some(Legality::Allowed) => (Role::Allowed, "would go here"),
        Some(Legality::WithReason) => (Role::Refused, "needs a reason here"),
        Some(Legality::Refused) | None => (Role::Refused, "refused here"),
    };
    paint.wall(Rect { width: 1, ..rect }, paint.glyphs.edge, role);
    let title = scene.board.deck.card(&held.card).map(|card| card.title.as_str()).unwrap_or_default();
    let line = match held.cards.len() {
        0 | 1 => format!("{} {title}", held.card.name),
        _ => held.words(),
    };
    paint.put(Span::row(rect, 0).after(1), &line, role);
    paint.put(Span::row(rect, 1).after(2), word, role);
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
    let targeted = scene.board.held.as_ref().is_some_and(|held| held.target == column.key);
    let selected = scene.board.selected.as_ref().is_some_and(|card| card.column == column.key);
    let (condition, role) = match column.standing {
        Standing::Next => (Condition::NotStarted, Role::Muted),
        Standing::Running => (Condition::Working, Role::Title),
        Standing::Closed => (Condition::Passed, Role::Passed),
        Standing::Failed => (Condition::Failed, Role::Failed),
        Standing::Refused => (Condition::NeedsLook, Role::NeedsLook),
        Standing::Apart => (Condition::NotStarted, Role::Muted),
    };
    let name_role = match (targeted, selected && scene.focused) {
        (true, _) => Role::Focus,
        (false, true) => Role::Title,
        (false, false) => role,
    };
    let place = Span::row(rect, 0).before_last(1);
    let sign = paint.glyphs.condition(condition).to_string();
    if scene.board.plot.folded[shown.index] {
        let name = match column.key {
            ColumnKey::Wave(wave) => wave.to_string(),
            ColumnKey::Unslotted => "none".into(),
        };
        paint.pieces(place, &[(" ", role), (&name, name_role), (" ", role), (&sign, Role::of(condition))]);
        return;
    }
    let name = column.key.words();
    let standing = match column.standing {
        Standing::Next => Some("next"),
        Standing::Running => Some("running"),
        Standing::Closed => Some("closed"),
        Standing::Failed => Some("failed"),
        Standing::Refused => Some("look"),
        Standing::Apart => None,
    };
    let count = match column.standing {
        Standing::Apart => column.count.total.to_string(),
        Standing::Next | Standing::Running | Standing::Closed | Standing::Failed | Standing::Refused => {
            format!("{}/{}", column.count.passed, column.count.total)
        }
    };
    let taken = paint.put_right(place, &count, Role::Muted);
    let place = place.before_last(taken + 1);
    let used = paint.pieces(place, &[(" ", role), (&name, name_role)]);
    if let Some(standing) = standing {
        let pieces = [("  ", role), (&sign, Role::of(condition)), (" ", role), (standing, role)];
        paint.pieces(place.after(used), &pieces);
    }
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
    let row = if heading_rows(area.height) > 1 { 1 } else { 0 };
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
    let lifted = scene.board.held.as_ref().is_some_and(|held| !held.is_at_home() && held.has(&card.id));
    let role = Role::of(card.condition);
    let place = Span::row(slot.rect, 0);
    if selected {
        let edge = if scene.focused { Role::Focus } else { Role::Muted };
        paint.wall(Rect { width: 1, ..slot.rect }, paint.glyphs.edge, edge);
    } else if board.marked.contains(&card.id.name) {
        paint.wall(Rect { width: 1, height: 1, ..slot.rect }, paint.glyphs.pin, Role::Focus);
    }
    if board.plot.rows[card.row].folded {
        // The heading of its track counts it.
        return;
    }
    let place = place.after(1);
    if lifted {
        let line = format!("{} {} ", card.id.name, card.title);
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
        paint.pieces(place, &[(&format!("{sign} "), role), (&card.id.name, name_role)]);
        return;
    }
    let state = state_words(card, sign, scene.now, place.width >= WORDS_FROM);
    let state = if card.condition == Condition::Waiting { format!(" {state} ") } else { state };
    let taken = paint.put_right(place, &state, role);
    let id_role = if name_role == Role::Text { Role::Title } else { name_role };
    paint.pieces(
        place.before_last(taken + 1),
        &[(&card.id.name, id_role), (" ", name_role), (&card.title, name_role)],
    );
    if slot.rect.height > 1 {
        second_line(paint, Span::row(slot.rect, 1).after(3), card, slot.rect.height == 2, scene.now);
    }
    if slot.rect.height > 2 {
        paint.put(Span::row(slot.rect, 2).after(3), &card.mark, Role::Muted);
    }
}

/// Sign, word where there is room for one, and the time of what runs, which keeps its place while it grows.
pub(super) fn state_words(card: &DeckCard, sign: char, now: Time, roomy: bool) -> String {
    let timed = matches!(card.condition, Condition::Working | Condition::Waiting);
    let since = card.since.filter(|_| timed).map(|since| now.since_ms(since));
    match (since, roomy) {
        (Some(since), true) => format!("{sign} {} {:>6}", card.word, short(since)),
        (Some(since), false) => format!("{sign} {:>3}", coarse(since)),
        (None, true) => format!("{sign} {}", card.word),
        (None, false) => sign.to_string(),
    }
}

/// Why the card stands as it does; at its end how many tries were made, or what is known of its place where that has no
/// line of its own.
pub(super) fn second_line(paint: &mut Paint<'_>, place: Span, card: &DeckCard, marked: bool, now: Time) {
    let (used, allowed) = card.tries;
    let mark = if marked { card.mark.as_str() } else { "" };
    let right = if used > 1 { format!("try {used}/{allowed}") } else { mark.to_owned() };
    let taken = paint.put_right(place, &right, Role::Muted);
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
    let from = held.card.column.words();
    let spot = match &held.spot {
        Spot::Any => String::new(),
        Spot::Before(card) => format!(", before {}", card.name),
        Spot::Last => ", at the end".into(),
    };
    let title = match held.is_at_home() {
        false => format!("{}  {from} {} {}{spot}", held.words(), paint.glyphs.arrow, held.target.words()),
        true => format!("{}  in the hand", held.words()),
    };
    paint.put(Span::row(inner, 1), &title, Role::Title);
    let mut below = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let Some(verdict) = &held.verdict else {
        let text = format!("{} stays in {from}.", if held.cards.len() > 1 { "All" } else { "It" });
        paint.put(Span::row(below, 0), &text, Role::Muted);
        return;
    };
    for (index, (line, role)) in verdict.lines.iter().enumerate() {
        if below.height == 0 {
            let more = format!(" +{} more", verdict.lines.len() - index);
            paint.put_right(Span::row(inner, 1), &more, Role::Muted);
            break;
        }
        let used = paint.paragraph(below, line, *role).clamp(1, below.height);
        below = Rect { y: below.y + used, height: below.height - used, ..below };
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
