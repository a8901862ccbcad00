//! Where everything on the board lies. First a plot without edges (columns by number, rows by line), then the window
//! that fits the area: drawing, the mouse and the arrows all read the same result.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use super::Board;
use crate::engine::WaveKey;
use crate::engine::state::WaveStatus;
use crate::engine::view::{Card, Condition};
use crate::plan::WaveNumber;
use crate::tui::told::Told;

const COLUMN_MIN: u16 = 24;
const COLUMN_MAX: u16 = 44;
const COLUMN_FOLDED: u16 = 10;
const PREVIEW_ROWS: u16 = 6;

/// Where a wave stands, for its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not started.
    Next,
    /// Its agents run.
    Running,
    /// Proven.
    Closed,
    /// It ended without closing.
    Failed,
    /// It cannot start, or its file has errors.
    Refused,
}

/// A wave as a column of the plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaveColumn {
    /// Its number.
    pub(crate) wave: WaveNumber,
    /// Its title, or an empty text.
    pub(crate) title: String,
    /// Where it stands.
    pub(crate) standing: Standing,
    /// Agents that passed.
    pub(crate) passed: usize,
    /// Agents in all.
    pub(crate) total: usize,
    /// Whether it is narrow.
    pub(crate) folded: bool,
}

/// A row of the plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrackRow {
    /// Track, or stage.
    pub(crate) name: String,
    /// Agents that passed.
    pub(crate) passed: usize,
    /// Agents in all.
    pub(crate) total: usize,
    /// Line of its heading.
    pub(crate) line: u16,
}

/// A card in the plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index among the cards.
    pub(crate) card: usize,
    /// Index among the columns.
    pub(crate) column: usize,
    /// First line.
    pub(crate) line: u16,
    /// Lines.
    pub(crate) height: u16,
}

/// The board without edges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plot {
    /// Waves.
    pub(crate) columns: Vec<WaveColumn>,
    /// Tracks.
    pub(crate) rows: Vec<TrackRow>,
    /// Cards.
    pub(crate) places: Vec<Place>,
    /// Where the held card would come to lie: column, line.
    pub(crate) ghost: Option<(usize, u16)>,
    /// Lines in all.
    pub(crate) lines: u16,
    /// Cards that the filter hides.
    pub(crate) filtered: usize,
}

/// A column on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Index in the plot.
    pub(crate) index: usize,
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
    /// Whether its column is narrow.
    pub(crate) folded: bool,
}

/// The board on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grid {
    /// The plot that it shows.
    pub(crate) plot: Plot,
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
    /// The line in which a filter is typed or stands.
    pub(crate) filter: Option<Rect>,
    /// Columns hidden at the left and at the right.
    pub(crate) beyond: (usize, usize),
    /// Cards hidden above and below.
    pub(crate) outside: (usize, usize),
}

/// Plots the board.
pub(crate) fn plot(told: &Told, board: &Board) -> Plot {
    let mut columns = wave_columns(told);
    for column in &mut columns {
        column.folded = (column.standing == Standing::Closed) != board.toggled.contains(&column.wave);
    }
    let mut rows = track_rows(told);
    let mut plot = Plot::default();
    let held = board.held.as_ref();
    let mut line = 0;
    for row in &mut rows {
        row.line = line;
        let mut tallest = 0;
        for (index, column) in columns.iter().enumerate() {
            let mut below = line + 1;
            for (card_index, card) in told.cards.iter().enumerate() {
                if card.wave.number != column.wave || told.rows.get(card_index) != Some(&row.name) {
                    continue;
                }
                if !board.shows(card) {
                    plot.filtered += 1;
                    continue;
                }
                let height = card_height(card, column);
                plot.places.push(Place { card: card_index, column: index, line: below, height });
                below += height;
            }
            if let Some(held) = held
                && held.target == column.wave
                && held.target != held.card.wave
                && told
                    .cards
                    .iter()
                    .zip(&told.rows)
                    .any(|(card, name)| held.card.names(card) && *name == row.name)
            {
                plot.ghost = Some((index, below));
                below += 2;
            }
            tallest = tallest.max(below - line);
        }
        line += tallest + 1;
    }
    plot.lines = line.saturating_sub(1);
    plot.columns = columns;
    plot.rows = rows;
    plot
}

/// A card that has nothing to say takes one line: a folded one, one of a closed wave, one without a reason.
fn card_height(card: &Card, column: &WaveColumn) -> u16 {
    let quiet = match card.condition {
        Condition::Passed => card.reason.is_empty() || column.standing == Standing::Closed,
        Condition::NotStarted => card.reason.is_empty(),
        Condition::Held
        | Condition::Working
        | Condition::Waiting
        | Condition::RateLimited
        | Condition::Failed
        | Condition::NeedsLook => false,
    };
    if column.folded || quiet { 1 } else { 2 }
}

fn wave_columns(told: &Told) -> Vec<WaveColumn> {
    let lane = &told.project.lane;
    let numbers: BTreeSet<WaveNumber> =
        told.project.waves.keys().copied().chain(told.cards.iter().map(|card| card.wave.number)).collect();
    numbers
        .into_iter()
        .map(|wave| {
            let cards = || told.cards.iter().filter(move |card| card.wave.number == wave);
            let passed = cards().filter(|card| card.condition == Condition::Passed).count();
            let title = told.project.waves.get(&wave).and_then(|wave| wave.title.clone()).unwrap_or_default();
            let key = WaveKey { lane: lane.clone(), number: wave };
            let standing = match told.state.waves.get(&key).map(|wave| &wave.status) {
                Some(WaveStatus::Running) => Standing::Running,
                Some(WaveStatus::Closed) => Standing::Closed,
                Some(WaveStatus::Failed { .. }) => Standing::Failed,
                Some(WaveStatus::Refused { .. }) => Standing::Refused,
                None if told.project.errors_of(wave).is_empty() => Standing::Next,
                None => Standing::Refused,
            };
            WaveColumn { wave, title, standing, passed, total: cards().count(), folded: false }
        })
        .collect()
}

fn track_rows(told: &Told) -> Vec<TrackRow> {
    let mut rows: Vec<TrackRow> = Vec::new();
    for (card, name) in told.cards.iter().zip(&told.rows) {
        let passed = usize::from(card.condition == Condition::Passed);
        match rows.iter_mut().find(|row| row.name == *name) {
            Some(row) => {
                row.total += 1;
                row.passed += passed;
            }
            None => rows.push(TrackRow { name: name.clone(), passed, total: 1, line: 0 }),
        }
    }
    rows.sort_by_key(|row| match row.name.as_str() {
        "design" => 0,
        "closure" => 2,
        _ => 1,
    });
    rows
}

/// Lays the board into an area.
pub(crate) fn arrange(area: Rect, told: &Told, board: &Board) -> Grid {
    let plot = plot(told, board);
    let mut grid = Grid::default();
    let mut body = area;
    if board.held.is_some() {
        let height = PREVIEW_ROWS.min(body.height / 2);
        body.height -= height;
        grid.preview = Some(Rect { y: body.bottom(), height, ..body });
    }
    if board.filter.is_some() && body.height > 3 {
        body.height -= 1;
        grid.filter = Some(Rect { y: body.bottom(), height: 1, ..body });
    }
    grid.columns = visible_columns(body, &plot, board.first_column);
    let first = grid.columns.first().map_or(0, |column| column.index);
    let last = grid.columns.last().map_or(0, |column| column.index + 1);
    grid.beyond = (first, plot.columns.len() - last);
    let head = heading_rows(body.height);
    let height = window_rows(body.height, plot.lines);
    let window = Window { top: body.y + head, height, first: board.first_line };
    for (index, row) in plot.rows.iter().enumerate() {
        if let Some(y) = window.line(row.line) {
            grid.headings.push((index, Rect { y, height: 1, ..body }));
        }
    }
    for place in &plot.places {
        let Some(column) = grid.columns.iter().find(|column| column.index == place.column) else { continue };
        match window.line(place.line) {
            Some(y) => {
                let height = place.height.min(window.top + window.height - y);
                let rect = Rect { x: column.rect.x, y, width: column.rect.width.saturating_sub(1), height };
                let folded = plot.columns[place.column].folded;
                grid.slots.push(Slot { card: place.card, rect, folded });
            }
            None if place.line < board.first_line => grid.outside.0 += 1,
            None => grid.outside.1 += 1,
        }
    }
    grid.ghost = plot.ghost.and_then(|(column, line)| {
        let column = grid.columns.iter().find(|shown| shown.index == column)?;
        let y = window.line(line)?;
        let height = 2.min(window.top + window.height - y);
        Some(Rect { x: column.rect.x, y, width: column.rect.width.saturating_sub(1), height })
    });
    grid.plot = plot;
    grid
}

/// Rows of a column's heading: the second one, with the title, only where there is room for it.
pub(crate) fn heading_rows(height: u16) -> u16 {
    if height >= 16 { 3 } else { 1 }
}

/// Rows for cards: one less where some do not fit, for the line that counts them.
fn window_rows(height: u16, lines: u16) -> u16 {
    let rows = height.saturating_sub(heading_rows(height));
    if lines > rows { rows.saturating_sub(1) } else { rows }
}

struct Window {
    top: u16,
    height: u16,
    first: u16,
}

impl Window {
    fn line(&self, line: u16) -> Option<u16> {
        let below = line.checked_sub(self.first)?;
        (below < self.height).then_some(self.top + below)
    }
}

fn visible_columns(area: Rect, plot: &Plot, first: usize) -> Vec<Column> {
    let least = |column: &WaveColumn| if column.folded { COLUMN_FOLDED } else { COLUMN_MIN.min(area.width) };
    let first = first.min(plot.columns.len().saturating_sub(1));
    let mut taken = 0;
    let mut shown = Vec::new();
    for (index, column) in plot.columns.iter().enumerate().skip(first) {
        if taken + least(column) > area.width && !shown.is_empty() {
            break;
        }
        taken += least(column);
        shown.push(index);
    }
    let open = shown.iter().filter(|index| !plot.columns[**index].folded).count();
    let spare = area.width.saturating_sub(taken) / u16::try_from(open.max(1)).unwrap_or(u16::MAX);
    let mut x = area.x;
    shown
        .into_iter()
        .map(|index| {
            let column = &plot.columns[index];
            let wide = if column.folded { COLUMN_FOLDED } else { (least(column) + spare).min(COLUMN_MAX) };
            let width = wide.min(area.right().saturating_sub(x));
            let rect = Rect { x, width, ..area };
            x += width;
            Column { index, rect }
        })
        .collect()
}

/// Where the board has to be scrolled so that the selected card is in view: first column and first line.
pub(crate) fn scrolled(area: Rect, told: &Told, board: &Board) -> (usize, u16) {
    let grid = arrange(area, told, board);
    let mut first_column = board.first_column.min(grid.plot.columns.len().saturating_sub(1));
    let mut first_line = board.first_line;
    let target = board.held.as_ref().and_then(|held| {
        let column = grid.plot.columns.iter().position(|column| column.wave == held.target)?;
        let line = grid.plot.ghost.map(|(_, line)| line);
        Some((column, line, 2))
    });
    let selected = board.selected.as_ref().and_then(|selected| {
        let place = grid.plot.places.iter().find(|place| selected.names(&told.cards[place.card]))?;
        Some((place.column, Some(place.line), place.height))
    });
    let Some((column, line, height)) = target.or(selected) else { return (first_column, 0) };
    while first_column > column || !in_view(area, told, board, first_column, column) {
        if first_column > column {
            first_column = column;
        } else if first_column < column {
            first_column += 1;
        } else {
            break;
        }
    }
    let reserved = area.height - grid.columns.first().map_or(area.height, |column| column.rect.height);
    let body = area.height - reserved;
    let window = window_rows(body, grid.plot.lines).max(1);
    if let Some(line) = line {
        // The heading of the row is kept in view with its first card.
        let wanted = if grid.plot.rows.iter().any(|row| row.line + 1 == line) { line - 1 } else { line };
        if wanted < first_line {
            first_line = wanted;
        } else if line + height > first_line + window {
            first_line = line + height - window;
        }
    }
    (first_column, first_line.min(grid.plot.lines.saturating_sub(window)))
}

fn in_view(area: Rect, told: &Told, board: &Board, first_column: usize, column: usize) -> bool {
    let plot = plot(told, board);
    visible_columns(area, &plot, first_column).iter().any(|shown| shown.index == column)
}
