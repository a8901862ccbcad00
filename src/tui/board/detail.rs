//! The selected card in full, below the board or beside it: an agent in two lines, a task with what it waits for and what
//! waits for it.

use ratatui::layout::Rect;

use super::draw::{Scene, second_line, state_words};
use crate::tui::paint::Paint;
use crate::tui::text::Span;
use crate::tui::theme::Role;

/// Columns of the words at the beginning of a line.
const HEAD: u16 = 9;

/// Draws the selected card in full.
pub(super) fn draw(paint: &mut Paint<'_>, rect: Rect, scene: &Scene<'_>) {
    let deck = &scene.board.deck;
    let Some(card) = scene.board.selected.as_ref().and_then(|id| deck.card(id)) else { return };
    let below = rect.y > scene.board_top;
    let inner = if below {
        paint.rule(Rect { height: 1, ..rect }, Role::Rule);
        Rect {
            x: rect.x + 1,
            y: rect.y + 1,
            width: rect.width.saturating_sub(2),
            height: rect.height.saturating_sub(1),
        }
    } else {
        paint.wall(Rect { width: 1, ..rect }, paint.glyphs.vertical, Role::Rule);
        Rect { x: rect.x + 2, width: rect.width.saturating_sub(3), ..rect }
    };
    let state = state_words(card, paint.glyphs.condition(card.condition), scene.now, true);
    let place = Span::row(inner, 0);
    let taken = paint.put_right(place, &state, Role::of(card.condition));
    let name = format!("{} {}", card.id.name, card.title);
    paint.put(place.before_last(taken + 1), &name, Role::Title);
    if scene.board.about.is_empty() {
        second_line(paint, Span::row(inner, 1).after(2), card, true, scene.now);
        return;
    }
    let mut rest = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    for line in &scene.board.about {
        if rest.height == 0 {
            break;
        }
        let head = Span::row(rest, 0);
        paint.put(Span { width: HEAD.min(head.width), ..head }, &line.head, Role::Muted);
        let text = Rect { x: rest.x + HEAD, width: rest.width.saturating_sub(HEAD), ..rest };
        let used = paint.paragraph(text, &line.text, line.role).clamp(1, rest.height);
        rest = Rect { y: rest.y + used, height: rest.height - used, ..rest };
    }
}
