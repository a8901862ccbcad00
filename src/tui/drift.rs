//! Where a hand-written document, the plan that follows it and the dependencies disagree: row by row, each with its line.
//! A row about slots is settled either way: the plan takes what the document says, or the document is written to say what
//! the plan says.

use ratatui::layout::Rect;

use super::board::Board;
use super::layer::first_visible;
use super::paint::Paint;
use super::text::Span;
use super::theme::Role;
use super::told::Told;
use crate::plan::WaveNumber;
use crate::plan::document::{Row, RowKind};

/// Rows beneath the list in which the selected row is read in full, the rule above it included.
const DETAIL_ROWS: u16 = 5;
/// Columns of a wave's number and of the heading above it.
const WAVE_COLUMNS: u16 = 9;

/// View state of the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct DriftList {
    /// Index of the selected row.
    pub(crate) selected: usize,
}

impl DriftList {
    /// The selected row.
    pub(crate) fn row<'b>(&self, board: &'b Board) -> Option<&'b Row> {
        let rows = &board.deck.drift;
        rows.get(self.selected.min(rows.len().saturating_sub(1)))
    }
}

/// The part of the body that rows take: below the heading, above the selected row in full.
pub(crate) fn rows(body: Rect) -> Rect {
    let detail = if body.height >= DETAIL_ROWS + 4 { DETAIL_ROWS } else { 0 };
    Rect { y: body.y + 1, height: body.height.saturating_sub(detail + 1), ..body }
}

/// Title of the list.
pub(crate) fn title(board: &Board) -> String {
    let rows = &board.deck.drift;
    let slots = rows.iter().filter(|row| row.kind.is_about_slots()).count();
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!("drift: {}, {}", counted(slots, "slot"), counted(rows.len() - slots, "other disagreement"))
}

/// Draws the list into its body.
pub(crate) fn draw(paint: &mut Paint<'_>, body: Rect, list: &DriftList, board: &Board, told: &Told) {
    let Some(selected) = list.row(board) else {
        let text = match board.viewed().and_then(|viewed| viewed.reading(told)) {
            Some(_) => "The document, the plan and the dependencies agree.",
            None => "This board follows no document. `wavedeck import plan FILE.md` makes a plan that does.",
        };
        paint.paragraph(body, text, Role::Muted);
        return;
    };
    let heads = Span::row(body, 0).after(heading_from(body.width));
    for (index, head) in (0..).zip(["document", "plan", "computed", "line"]) {
        paint.put(heads.after(index * WAVE_COLUMNS), head, Role::Muted);
    }
    let area = rows(body);
    let first = first_visible(list.selected.min(board.deck.drift.len() - 1), area.height);
    let visible = board.deck.drift.iter().enumerate().skip(first);
    for (line, (_, row)) in (0..area.height).zip(visible) {
        draw_row(paint, Span::row(area, line), row, std::ptr::eq(row, selected));
    }
    if area.bottom() < body.bottom() {
        let below = Rect { y: area.bottom(), height: body.bottom() - area.bottom(), ..body };
        detail(paint, below, selected, board, told);
    }
}

/// Column from which waves and the line stand, at the right end.
fn heading_from(width: u16) -> u16 {
    width.saturating_sub(4 * WAVE_COLUMNS)
}

fn draw_row(paint: &mut Paint<'_>, place: Span, row: &Row, here: bool) {
    if here {
        let edge = Rect { x: place.x.saturating_sub(1), y: place.y, width: 1, height: 1 };
        paint.wall(edge, paint.glyphs.edge, Role::Focus);
    }
    let from = heading_from(place.width);
    let left = Span { width: from.saturating_sub(1), ..place };
    let text = if here { Role::Focus } else { Role::Text };
    let words = if row.kind.is_about_slots() { Role::Text } else { Role::NeedsLook };
    let needs = row.needs.as_ref().map(|needs| format!(": {needs}")).unwrap_or_default();
    let clause = format!(" {}{needs}", row.kind.words());
    paint.pieces(left, &[(row.id.as_str(), text), (&clause, words)]);
    let wave = |wave: Option<WaveNumber>| wave.map_or("-".to_owned(), |wave| wave.to_string());
    let columns = [wave(row.document), wave(row.plan), wave(row.computed), row.position.line.to_string()];
    for (index, column) in (0..).zip(&columns) {
        paint.put(place.after(from + index * WAVE_COLUMNS), column, Role::Muted);
    }
}

/// The selected row: its line of the document as it stands, and what may be done about it.
fn detail(paint: &mut Paint<'_>, area: Rect, row: &Row, board: &Board, told: &Told) {
    paint.rule(Rect { height: 1, ..area }, Role::Rule);
    let path =
        board.viewed().and_then(|viewed| viewed.named(told)).and_then(|named| named.plan.document.clone());
    let place = format!("{}:{}:{}", path.unwrap_or_default(), row.position.line, row.position.column);
    paint.put(Span::row(area, 1), &place, Role::Muted);
    let title = told.state.backlog.get(&row.id).map(|task| format!(" {}", task.title)).unwrap_or_default();
    paint.pieces(Span::row(area, 2), &[(row.id.as_str(), Role::Title), (&title, Role::Text)]);
    let what = match row.kind {
        RowKind::Added | RowKind::Removed | RowKind::Moved => {
            "Accept it and the plan says what the document says; write it and the document says what the plan says."
        }
        RowKind::Unknown => {
            "Nobody can work on it until it is in the backlog, or the document names another."
        }
        RowKind::Illegal => {
            "Move one of the two, or leave it: it is started only when what it needs is done."
        }
        RowKind::UnknownNeed => {
            "If it is so, `wavedeck task` states it in the backlog; else the document is to be mended."
        }
        RowKind::TickedOpen => "Either it is done and the backlog does not know, or the tick is too early.",
    };
    let below = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
    paint.paragraph(below, what, Role::Muted);
}
