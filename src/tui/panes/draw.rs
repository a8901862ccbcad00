//! Drawing the panes: a title line with the state at its right end, a left edge, and the child's rows.

use ratatui::layout::{Position, Rect};

use super::blit::blit;
use super::tile::{Tile, Tiling};
use super::{Panes, Typing};
use crate::engine::Time;
use crate::engine::view::Condition;
use crate::supervisor::protocol::SessionInfo;
use crate::tui::glyph::word;
use crate::tui::paint::Paint;
use crate::tui::text::{Span, short};
use crate::tui::theme::Role;
use crate::tui::told::Told;

/// Columns of a title from which the state is a word, too.
const WORDS_FROM: u16 = 50;

/// Updates of a terminal for one picture of its spinner.
const SPINNER_STEP: u64 = 3;

/// What the panes are drawn from.
pub(crate) struct Scene<'a> {
    /// What was told.
    pub(crate) told: &'a Told,
    /// Their view state.
    pub(crate) panes: &'a Panes,
    /// Whether the keyboard is here.
    pub(crate) focused: bool,
    /// How to leave a pane that is typed into.
    pub(crate) leave: String,
    /// The clock.
    pub(crate) now: Time,
}

/// Draws the panes.
pub(crate) fn draw(paint: &mut Paint<'_>, area: Rect, tiling: &Tiling, scene: &Scene<'_>) {
    if tiling.tiles.is_empty() {
        let text = if scene.told.complete { "No terminal is open." } else { "" };
        let inner = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(1),
            height: area.height.saturating_sub(1),
        };
        paint.paragraph(inner, text, Role::Muted);
        return;
    }
    strip(paint, tiling, scene);
    for tile in &tiling.tiles {
        let focused = scene.panes.focus.as_ref() == Some(&tile.session) && scene.focused;
        title(paint, tile, focused, scene);
        let (sign, role) =
            if focused { (paint.glyphs.edge, Role::Focus) } else { (paint.glyphs.vertical, Role::Rule) };
        paint.wall(tile.edge, sign, role);
        body(paint, tile, scene);
    }
}

fn body(paint: &mut Paint<'_>, tile: &Tile, scene: &Scene<'_>) {
    let Some(screen) = scene.told.screens.get(&tile.session) else {
        paint.clear(tile.body, Role::Base);
        return;
    };
    match scene.panes.scrolls.get(&tile.session) {
        None => blit(paint.buffer, tile.body, screen.rows.iter().map(Some), paint.theme),
        Some(scroll) => {
            let rows = (0..tile.body.height).map(|line| scroll.row(screen, line));
            blit(paint.buffer, tile.body, rows, paint.theme);
        }
    }
}

fn title(paint: &mut Paint<'_>, tile: &Tile, focused: bool, scene: &Scene<'_>) {
    let rule = if focused { Role::Focus } else { Role::Rule };
    paint.rule(tile.title, rule);
    let place = Span::row(tile.title, 0).after(1).before_last(1);
    let session = scene.told.session(&tile.session);
    let (state, role) = state_of(paint, session, scene, tile.title.width >= WORDS_FROM);
    let taken = paint.put_right(place, &format!(" {state} "), role);
    let mut left = place.before_last(taken + 1);
    let name_role = if focused { Role::Focus } else { Role::Title };
    let label = session.map_or(tile.session.as_str(), |session| session.label.as_str());
    let card = scene.told.card_of(&tile.session);
    let pin =
        if scene.panes.pinned.contains(&tile.session) { paint.glyphs.pin.to_string() } else { String::new() };
    let number = format!(" {}{pin} ", tile.number);
    let used = paint.pieces(left, &[(&number, Role::Muted), (label, name_role), (" ", name_role)]);
    left = left.after(used);
    let note = if let Some(scroll) = scene.panes.scrolls.get(&tile.session) {
        let total = scene.told.screens.get(&tile.session).map_or(0, |screen| screen.scrollback_rows);
        Some((format!("{} lines back ", total.saturating_sub(scroll.top)), Role::Key))
    } else if focused && scene.panes.typing == Typing::On {
        Some((format!("typing {} {} leaves ", paint.glyphs.dot, scene.leave), Role::Key))
    } else {
        card.map(|card| (format!("{} {} {} ", card.title, paint.glyphs.dot, card.runtime), Role::Muted))
    };
    if let Some((note, role)) = note {
        paint.put(left, &note, role);
    }
}

fn state_of(
    paint: &Paint<'_>,
    session: Option<&SessionInfo>,
    scene: &Scene<'_>,
    roomy: bool,
) -> (String, Role) {
    let Some(session) = session else { return (String::new(), Role::Muted) };
    let moving = scene.told.screens.get(&session.session).map_or(0, |screen| screen.generation);
    let pictures = paint.glyphs.spinner;
    let spinner = usize::try_from(moving / SPINNER_STEP).map_or(' ', |step| pictures[step % pictures.len()]);
    let Some(card) = scene.told.card_of(&session.session) else {
        return match &session.ended {
            None if session.bell => (format!("bell {spinner}"), Role::Notice),
            None => (spinner.to_string(), Role::Muted),
            Some(ended) => (ended.clone(), if ended == "exit 0" { Role::Passed } else { Role::Failed }),
        };
    };
    let sign = paint.glyphs.condition(card.condition);
    let since = card.since.map(|since| short(scene.now.since_ms(since))).unwrap_or_default();
    let text = match card.condition {
        Condition::Working if !roomy => format!("{spinner} {sign} {since:>6}"),
        Condition::Waiting if !roomy => format!("{sign} {since:>6}"),
        Condition::Working => {
            format!("{spinner} {sign} working {since:>6}  try {}/{}", card.tries_used, card.tries_allowed)
        }
        Condition::Waiting => format!("{sign} waits for you {since:>6}"),
        Condition::NotStarted
        | Condition::Held
        | Condition::RateLimited
        | Condition::Passed
        | Condition::Failed
        | Condition::NeedsLook => format!("{sign} {}", word(card.condition)),
    };
    (text, Role::of(card.condition))
}

fn strip(paint: &mut Paint<'_>, tiling: &Tiling, scene: &Scene<'_>) {
    let Some(strip) = tiling.strip else { return };
    for (index, rect) in &tiling.names {
        let Some(name) = scene.panes.order.get(*index) else { continue };
        let session = scene.told.session(name);
        let condition = scene.told.card_of(name).map(|card| card.condition);
        let label = session.map_or(name.as_str(), |session| session.label.as_str());
        let role = if scene.panes.focus.as_ref() == Some(name) { Role::Focus } else { Role::Muted };
        let place = Span::row(*rect, 0).before_last(1);
        let taken = if condition.is_some() { 2 } else { 0 };
        let used = paint.put(place.before_last(taken), &format!(" {} {label}", index + 1), role);
        if let Some(condition) = condition {
            let sign = paint.glyphs.condition(condition).to_string();
            paint.put(place.after(used + 1), &sign, Role::of(condition));
        }
    }
    let unnamed = scene.panes.order.len() - tiling.names.len();
    if unnamed > 0 {
        paint.put_right(Span::row(strip, 0), &format!(" +{unnamed}"), Role::Key);
    }
}

/// Where the cursor of the child that is typed into stands on the screen.
pub(crate) fn cursor(tiling: &Tiling, told: &Told, panes: &Panes) -> Option<Position> {
    let session = panes.typed()?;
    let tile = tiling.tiles.iter().find(|tile| tile.session == *session)?;
    let screen = told.screens.get(session)?;
    let inside = screen.cursor.column < tile.body.width && screen.cursor.row < tile.body.height;
    (screen.cursor.visible && inside && !panes.scrolls.contains_key(session))
        .then(|| Position { x: tile.body.x + screen.cursor.column, y: tile.body.y + screen.cursor.row })
}
