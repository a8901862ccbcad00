//! The window of the plot that fits an area: drawing, the mouse and the arrows all read the same result.

use ratatui::layout::Rect;

use super::plot::{COLUMN_MIN, Place, Plot};
use super::{Board, ColumnKey, Density};

const COLUMN_MAX: u16 = 44;
const COLUMN_FOLDED: u16 = 10;
const PREVIEW_ROWS: u16 = 6;
/// Rows of the selected card in full where it lies below the board: of an agent, of a task.
const DETAIL_ROWS: (u16, u16) = (3, 7);
/// Columns of the selected task in full where it lies beside the board.
const SIDE_COLUMNS: u16 = 44;
/// Columns of a board from which there is room beside it.
const SIDE_FROM: u16 = 124;

/// A column on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Index in the deck and the plot.
    pub(crate) index: usize,
    /// What it stands for.
    pub(crate) key: ColumnKey,
    /// Heading and body.
    pub(crate) rect: Rect,
}

/// A card on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Index among the cards.
    pub(crate) card: usize,
    /// Where.
    pub(crate) rect: Rect,
    /// Whether there is room for its sign and name only.
    pub(crate) narrow: bool,
}

/// The board on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grid {
    /// Visible columns.
    pub(crate) columns: Vec<Column>,
    /// Visible headings of rows: index in the plot and place.
    pub(crate) headings: Vec<(usize, Rect)>,
    /// Visible cards.
    pub(crate) slots: Vec<Slot>,
    /// Place of the held card in its new wave.
    pub(crate) ghost: Option<Rect>,
    /// What a drop would do.
    pub(crate) preview: Option<Rect>,
    /// What is to be known of the whole board.
    pub(crate) headline: Option<Rect>,
    /// The selected card in full: below the board where cards lie close, below or beside it where they are tasks.
    pub(crate) detail: Option<Rect>,
    /// Lines that count what cells hold beyond what they show.
    pub(crate) further: Vec<(usize, Rect)>,
    /// The line in which a filter is typed or stands.
    pub(crate) filter: Option<Rect>,
    /// Columns hidden at the left and at the right.
    pub(crate) beyond: (usize, usize),
    /// Cards hidden above and below.
    pub(crate) outside: (usize, usize),
}

/// Lays the board into an area.
pub(crate) fn arrange(area: Rect, board: &Board) -> Grid {
    let plot = &board.plot;
    let parts = parts(area, board);
    let body = parts.waves;
    let mut grid = Grid {
        headline: parts.headline,
        detail: parts.detail,
        filter: parts.filter,
        preview: parts.preview,
        ..Grid::default()
    };
    grid.columns = visible_columns(body, board, board.first_column);
    let first = grid.columns.first().map_or(0, |column| column.index);
    let last = grid.columns.last().map_or(0, |column| column.index + 1);
    grid.beyond = (first, plot.folded.len() - last);
    let head = heading_rows(body.height);
    let height = window_rows(body.height, plot.lines);
    let window = Window { top: body.y + head, height, first: board.first_line };
    for (index, row) in plot.rows.iter().enumerate() {
        if let Some(y) = window.line(row.line) {
            grid.headings.push((index, Rect { y, height: 1, ..body }));
        }
    }
    for place in &plot.places {
        let Some(column) = place.column.checked_sub(first).and_then(|shown| grid.columns.get(shown)) else {
            continue;
        };
        match window.line(place.line) {
            Some(y) => {
                let height = place.height.min(window.top + window.height - y);
                let rect = Rect { y, height, ..across(plot, place, column.rect) };
                let narrow = plot.folded[place.column] || plot.density == Density::Close;
                grid.slots.push(Slot { card: place.card, rect, narrow });
            }
            None if place.line < board.first_line => grid.outside.0 += 1,
            None => grid.outside.1 += 1,
        }
    }
    let lines = |column: usize, line: u32, height: u16| {
        let column = grid.columns.iter().find(|shown| shown.index == column)?;
        let y = window.line(line)?;
        let height = height.min(window.top + window.height - y);
        Some(Rect { x: column.rect.x, y, width: column.rect.width.saturating_sub(1), height })
    };
    grid.ghost = plot.ghost.and_then(|(column, line)| lines(column, line, 2));
    let further = plot.further.iter();
    grid.further =
        further.filter_map(|(column, line, count)| Some((*count, lines(*column, *line, 1)?))).collect();
    grid
}

/// The columns of the screen that a card takes within those of its wave.
fn across(plot: &Plot, place: &Place, column: Rect) -> Rect {
    let column = Rect { width: column.width.saturating_sub(1), ..column };
    if plot.folded[place.column] || plot.density == Density::Roomy {
        return column;
    }
    let x = (column.x + place.across * plot.chip_width).min(column.right());
    Rect { x, width: plot.chip_width.min(column.right() - x), ..column }
}

/// How an area is shared out.
struct Parts {
    headline: Option<Rect>,
    /// Columns of waves, with their headings.
    waves: Rect,
    detail: Option<Rect>,
    filter: Option<Rect>,
    preview: Option<Rect>,
}

fn parts(area: Rect, board: &Board) -> Parts {
    let tasks = board.viewed().is_some();
    let mut waves = area;
    let mut from_above = |height: u16| {
        let rect = Rect { height: height.min(waves.height), ..waves };
        waves = Rect { y: waves.y + rect.height, height: waves.height - rect.height, ..waves };
        rect
    };
    let headline = (!board.deck.headline.is_empty()).then(|| from_above(1));
    let side =
        if tasks && area.width >= SIDE_FROM && !board.deck.cards.is_empty() { SIDE_COLUMNS } else { 0 };
    waves.width -= side;
    let beside = (side > 0).then_some(Rect { x: waves.right(), width: side, ..waves });
    let mut from_below = |height: u16| {
        waves.height -= height;
        (height > 0).then_some(Rect { y: waves.bottom(), height, ..waves })
    };
    let held = board.held.is_some();
    let preview = from_below(if held { PREVIEW_ROWS.min(area.height / 2) } else { 0 });
    let left = area.height - preview.map_or(0, |rect| rect.height);
    let filter = from_below(u16::from(board.filter.is_some() && left > 3));
    let left = left - filter.map_or(0, |rect| rect.height);
    // The preview speaks of the card already.
    let detail = from_below(match (held || side > 0, tasks, board.plot.density) {
        (true, _, _) => 0,
        (false, true, _) if left >= 20 => DETAIL_ROWS.1,
        (false, _, Density::Close) if left >= 10 => DETAIL_ROWS.0,
        (false, _, Density::Close | Density::Roomy) => 0,
    });
    Parts { headline, waves, detail: detail.or(beside), filter, preview }
}

/// Rows of a column's heading: the second one, with the title, only where there is room for it.
pub(crate) fn heading_rows(height: u16) -> u16 {
    if height >= 16 { 3 } else { 1 }
}

/// Rows for cards: one less where some do not fit, for the line that counts them.
fn window_rows(height: u16, lines: u32) -> u16 {
    let rows = height.saturating_sub(heading_rows(height));
    if lines > u32::from(rows) { rows.saturating_sub(1) } else { rows }
}

struct Window {
    top: u16,
    height: u16,
    first: u32,
}

impl Window {
    fn line(&self, line: u32) -> Option<u16> {
        let below = u16::try_from(line.checked_sub(self.first)?).ok()?;
        (below < self.height).then_some(self.top + below)
    }
}

fn visible_columns(area: Rect, board: &Board, first: usize) -> Vec<Column> {
    let plot = &board.plot;
    let least = |folded: bool| if folded { COLUMN_FOLDED } else { COLUMN_MIN.min(area.width) };
    let most = match plot.density {
        Density::Roomy => COLUMN_MAX,
        Density::Close => COLUMN_MIN,
    };
    let first = first.min(plot.folded.len().saturating_sub(1));
    let mut taken = 0;
    let mut shown = Vec::new();
    for (index, folded) in plot.folded.iter().enumerate().skip(first) {
        if taken + least(*folded) > area.width && !shown.is_empty() {
            break;
        }
        taken += least(*folded);
        shown.push(index);
    }
    let open = shown.iter().filter(|index| !plot.folded[**index]).count();
    let spare = area.width.saturating_sub(taken) / u16::try_from(open.max(1)).unwrap_or(u16::MAX);
    let mut x = area.x;
    let column = |index: usize| {
        let folded = plot.folded[index];
        let wide = if folded { COLUMN_FOLDED } else { (least(folded) + spare).min(most) };
        let width = wide.min(area.right().saturating_sub(x));
        let rect = Rect { x, width, ..area };
        x += width;
        Column { index, key: board.deck.columns[index].key, rect }
    };
    shown.into_iter().map(column).collect()
}

/// The columns of waves within the area of a board, their headings included.
pub(crate) fn waves(area: Rect, board: &Board) -> Rect {
    parts(area, board).waves
}

/// Where the board has to be scrolled so that the selected card is in view: first column and first line.
pub(crate) fn scrolled(area: Rect, board: &Board) -> (usize, u32) {
    let plot = &board.plot;
    let area = parts(area, board).waves;
    let mut first_column = board.first_column.min(plot.folded.len().saturating_sub(1));
    let target = board.held.as_ref().and_then(|held| {
        let column = board.deck.column(held.target)?;
        Some((column, plot.ghost.map(|(_, line)| line), 2))
    });
    let selected = board.selected.as_ref().and_then(|selected| {
        let place = plot.place(board.deck.find(selected)?)?;
        Some((place.column, Some(place.line), place.height))
    });
    let Some((column, line, height)) = target.or(selected) else { return (first_column, 0) };
    let in_view = |first| visible_columns(area, board, first).iter().any(|shown| shown.index == column);
    if first_column > column {
        first_column = column;
    }
    while first_column < column && !in_view(first_column) {
        first_column += 1;
    }
    let window = u32::from(window_rows(area.height, plot.lines).max(1));
    let mut first_line = board.first_line;
    if let Some(line) = line {
        // The heading of the row is kept in view with its first card.
        let wanted = if plot.rows.iter().any(|row| row.line + 1 == line) { line - 1 } else { line };
        if wanted < first_line {
            first_line = wanted;
        } else if line + u32::from(height) > first_line + window {
            first_line = line + u32::from(height) - window;
        }
    }
    (first_column, first_line.min(plot.lines.saturating_sub(window)))
}
