//! Drawing the inbox.

use ratatui::layout::Rect;

use super::arrange::{Detail, Listing};
use super::{Entry, Inbox};
use crate::engine::Time;
use crate::engine::view::Condition;
use crate::tui::paint::Paint;
use crate::tui::panes::blit::blit;
use crate::tui::text::{Span, short};
use crate::tui::theme::Role;
use crate::tui::told::Told;

/// What the inbox is drawn from.
pub(crate) struct Scene<'a> {
    /// What was told.
    pub(crate) told: &'a Told,
    /// Its view state.
    pub(crate) inbox: &'a Inbox,
    /// Whether the keyboard is here.
    pub(crate) focused: bool,
    /// The clock.
    pub(crate) now: Time,
}

/// Draws the inbox.
pub(crate) fn draw(paint: &mut Paint<'_>, listing: &Listing, scene: &Scene<'_>) {
    title(paint, listing, scene);
    if let Some(detail) = &listing.detail {
        return draw_detail(paint, detail, scene);
    }
    for (entry, rect) in &listing.entries {
        draw_entry(paint, entry, *rect, scene);
    }
    if scene.inbox.order.is_empty() {
        let place = Span { x: listing.title.x + 1, y: listing.title.y + 1, width: listing.title.width };
        paint.put(place, "Nobody waits for you.", Role::Muted);
    }
}

fn title(paint: &mut Paint<'_>, listing: &Listing, scene: &Scene<'_>) {
    let count = scene.inbox.order.len();
    paint.rule(listing.title, Role::Rule);
    let place = Span::row(listing.title, 0);
    let role = if scene.focused { Role::Focus } else { Role::Title };
    let label = if count == 0 { " inbox ".to_string() } else { format!(" inbox {count} ") };
    paint.put(place, &label, role);
    if listing.unseen > 0 && listing.title.width > 30 {
        paint.put_right(place.before_last(1), &format!(" {} more ", listing.unseen), Role::Muted);
    }
}

fn waiting(entry: &Entry, now: Time) -> String {
    format!("{:>6}", short(now.since_ms(entry.asked_at)))
}

fn draw_entry(paint: &mut Paint<'_>, entry: &Entry, rect: Rect, scene: &Scene<'_>) {
    let selected = scene.inbox.selected == Some(entry.question);
    if selected {
        let role = if scene.focused { Role::Focus } else { Role::Muted };
        paint.wall(Rect { width: 1, ..rect }, paint.glyphs.edge, role);
    }
    let place = Span::row(rect, 0).after(1).before_last(1);
    let sign = paint.glyphs.condition(Condition::Waiting);
    let right = format!("{}  unblocks {}", waiting(entry, scene.now), entry.unblocks);
    let taken = paint.put_right(place, &right, Role::Muted);
    let role = if selected && scene.focused { Role::Selected } else { Role::Text };
    paint.pieces(
        place.before_last(taken + 2),
        &[
            (&format!(" {sign} "), Role::Waiting),
            (" ", role),
            (&entry.agent, Role::Title),
            ("  ", role),
            (&entry.text.replace('\n', " "), role),
        ],
    );
    if rect.height < 2 {
        return;
    }
    let mut rest = Span::row(rect, 1).after(5);
    for (number, option) in (1..=9u8).zip(&entry.options) {
        let used = paint
            .pieces(rest, &[(&number.to_string(), Role::Key), (" ", role), (option, role), ("   ", role)]);
        rest = rest.after(used);
    }
}

fn draw_detail(paint: &mut Paint<'_>, detail: &Detail, scene: &Scene<'_>) {
    let entry = &detail.entry;
    let sign = paint.glyphs.condition(Condition::Waiting);
    let head = Span {
        x: detail.text.x.saturating_sub(3),
        y: detail.text.y.saturating_sub(1),
        width: detail.text.width + 4,
    };
    let right = format!(" {}  unblocks {} ", waiting(entry, scene.now), entry.unblocks);
    let taken = paint.put_right(head.before_last(1), &right, Role::Muted);
    let name = format!(" {sign} {} asks ", entry.agent);
    paint.put(head.after(10).before_last(taken + 1), &name, Role::Waiting);
    paint.paragraph(detail.text, &entry.text, Role::Selected);
    for (number, rect) in &detail.options {
        let Some(option) = entry.options.get(usize::from(*number) - 1) else { continue };
        paint.pieces(Span::row(*rect, 0), &[(&format!("{number} "), Role::Key), (option, Role::Text)]);
    }
    editor(paint, detail, scene);
    tail(paint, detail, scene);
}

fn editor(paint: &mut Paint<'_>, detail: &Detail, scene: &Scene<'_>) {
    let rect = detail.editor;
    if rect.height == 0 {
        return;
    }
    let sign = format!("{} ", paint.glyphs.prompt);
    let place = Span::row(rect, 0);
    paint.put(place, &sign, Role::Key);
    let inner = Rect { x: rect.x + 2, width: rect.width.saturating_sub(2), ..rect };
    match scene.inbox.drafts.get(&detail.entry.question) {
        Some(draft) if scene.inbox.editing && scene.focused => {
            draft.draw(inner, paint.buffer, paint.theme, Role::Text);
        }
        Some(draft) => {
            paint.paragraph(inner, &draft.text(), Role::Muted);
        }
        None => {
            paint.put(place.after(2), "type an answer", Role::Hint);
        }
    }
}

fn tail(paint: &mut Paint<'_>, detail: &Detail, scene: &Scene<'_>) {
    if detail.tail.height < 2 {
        return;
    }
    paint.rule(Rect { height: 1, ..detail.tail }, Role::Rule);
    paint.put(Span::row(detail.tail, 0).after(1), " its last lines ", Role::Muted);
    let below = Rect { y: detail.tail.y + 1, height: detail.tail.height - 1, ..detail.tail };
    let screen = detail.entry.session.as_ref().and_then(|session| scene.told.screens.get(session));
    let Some(screen) = screen else { return };
    let filled = screen.rows.iter().rposition(|row| !row.cells.is_empty()).map_or(0, |last| last + 1);
    let first = filled.saturating_sub(usize::from(below.height));
    blit(paint.buffer, below, screen.rows[first..filled].iter().map(Some), paint.theme);
}
