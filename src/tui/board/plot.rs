//! The board without edges: columns by number, rows by line, every shown card at its place. Made from the deck and the
//! view state once for any number of events, in time proportional to the cards; drawing, the mouse and the arrows read
//! the same plot.

use super::deck::{Count, Deck, DeckCard, Standing};
use super::{Board, ColumnKey, Density};
use crate::engine::view::Condition;

/// Columns of the screen that a wave takes at least, where it is not folded.
pub(crate) const COLUMN_MIN: u16 = 24;
/// Lines that the held card takes where it would come to lie.
const GHOST_LINES: u32 = 2;
/// Cards of a track without a wave that are shown where they lie roomy, and where they lie close: there may be thousands,
/// and a filter finds each of them.
const UNSLOTTED_MOST: (usize, usize) = (6, 24);

/// A card in the plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index among the cards of the deck.
    pub(crate) card: usize,
    /// Index among the columns.
    pub(crate) column: usize,
    /// First line.
    pub(crate) line: u32,
    /// Lines.
    pub(crate) height: u16,
    /// Which of the cards of this line it is, from 0: above 0 only where cards lie close.
    pub(crate) across: u16,
}

/// A row of the plot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PlotRow {
    /// Line of its heading.
    pub(crate) line: u32,
    /// Whether its cards are folded away.
    pub(crate) folded: bool,
    /// How many of its cards are done in each column, hidden ones included.
    pub(crate) counts: Vec<Count>,
}

/// The board without edges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plot {
    /// Whether each column is narrow.
    pub(crate) folded: Vec<bool>,
    /// Rows.
    pub(crate) rows: Vec<PlotRow>,
    /// Shown cards, by row, then column, then line.
    pub(crate) places: Vec<Place>,
    /// Where the held card would come to lie: column, line.
    pub(crate) ghost: Option<(usize, u32)>,
    /// Lines that count what a cell holds beyond what it shows: column, line, how many.
    pub(crate) further: Vec<(usize, u32, usize)>,
    /// Lines in all.
    pub(crate) lines: u32,
    /// Cards that the filter hides.
    pub(crate) filtered: usize,
    /// How close the cards lie.
    pub(crate) density: Density,
    /// Columns of the screen that a card takes where cards lie close.
    pub(crate) chip_width: u16,
    of_card: Vec<Option<usize>>,
}

impl Plot {
    /// The place of a card, by its index in the deck; `None` where it is not shown. Where its track is folded, that is
    /// the place of the first card of its cell, which stands for all of them.
    pub(crate) fn place(&self, card: usize) -> Option<&Place> {
        self.places.get((*self.of_card.get(card)?)?)
    }

    /// Lays the cards of a cell in the line of their track's heading.
    fn stack(&mut self, cell: &[usize], column: usize, line: u32) {
        let Some(first) = cell.first() else { return };
        for card in cell {
            self.of_card[*card] = Some(self.places.len());
        }
        self.places.push(Place { card: *first, column, line, height: 1, across: 0 });
    }
}

/// Plots the board.
pub(crate) fn plot(board: &Board) -> Plot {
    let deck = &board.deck;
    let mut plot = Plot {
        folded: deck
            .columns
            .iter()
            .map(|column| (column.standing == Standing::Closed) != board.toggled.contains(&column.key))
            .collect(),
        density: board.density(),
        chip_width: (deck.longest_name + 3).min(COLUMN_MIN - 1),
        of_card: vec![None; deck.cards.len()],
        ..Plot::default()
    };
    let cells = cells(board, &mut plot);
    let ghost = ghost(board);
    let mut line = 0;
    for (row, track) in deck.rows.iter().enumerate() {
        let folded = board.folded_tracks.contains(&track.name);
        plot.rows[row].line = line;
        plot.rows[row].folded = folded;
        let mut tallest = 1;
        for column in 0..deck.columns.len() {
            let cell = &cells[row * deck.columns.len() + column];
            if folded {
                plot.stack(cell, column, line);
                continue;
            }
            let before = ghost.filter(|ghost| (ghost.row, ghost.column) == (row, column));
            let below = lay_cell(deck, &mut plot, cell, Cell { column, line: line + 1, ghost: before });
            tallest = tallest.max(below - line);
        }
        line += tallest + u32::from(!folded);
    }
    plot.lines = line.saturating_sub(1);
    plot
}

/// The shown cards of each cell, by row, then column; counts every card on the way.
fn cells(board: &Board, plot: &mut Plot) -> Vec<Vec<usize>> {
    let deck = &board.deck;
    let columns = deck.columns.len();
    plot.rows =
        vec![PlotRow { counts: vec![Count::default(); columns], ..PlotRow::default() }; deck.rows.len()];
    let mut cells = vec![Vec::new(); columns * deck.rows.len()];
    for (index, card) in deck.cards.iter().enumerate() {
        plot.rows[card.row].counts[card.column].add(card.condition);
        if board.is_shown(index) {
            cells[card.row * columns + card.column].push(index);
        } else {
            plot.filtered += 1;
        }
    }
    cells
}

/// Where a cell lies.
struct Cell {
    column: usize,
    line: u32,
    ghost: Option<Ghost>,
}

/// Where the held card would come to lie.
#[derive(Clone, Copy)]
struct Ghost {
    row: usize,
    column: usize,
    /// The card that it would lie before; none for the end.
    before: Option<usize>,
}

/// Lays the cards of a cell from a line on, and says the line below them.
fn lay_cell(deck: &Deck, plot: &mut Plot, cards: &[usize], cell: Cell) -> u32 {
    let column = cell.column;
    let folded = plot.folded[column];
    let per_line = match plot.density {
        Density::Close if !folded => ((COLUMN_MIN - 1) / plot.chip_width.max(1)).max(1),
        Density::Close | Density::Roomy => 1,
    };
    let most = match (deck.columns[column].key, plot.density) {
        (ColumnKey::Wave(_), _) => cards.len(),
        (ColumnKey::Unslotted, Density::Roomy) => UNSLOTTED_MOST.0,
        (ColumnKey::Unslotted, Density::Close) => UNSLOTTED_MOST.1,
    };
    let mut line = cell.line;
    let mut across = 0;
    for card in cards.iter().take(most) {
        if cell.ghost.is_some_and(|ghost| ghost.before == Some(*card)) {
            line += u32::from(across > 0);
            across = 0;
            plot.ghost = Some((column, line));
            line += GHOST_LINES;
        }
        let height = match plot.density {
            Density::Close => 1,
            Density::Roomy => card_height(&deck.cards[*card], folded, deck.columns[column].standing),
        };
        plot.of_card[*card] = Some(plot.places.len());
        plot.places.push(Place { card: *card, column, line, height, across });
        across += 1;
        if across == per_line {
            across = 0;
            line += u32::from(height);
        }
    }
    line += u32::from(across > 0);
    if cards.len() > most {
        plot.further.push((column, line, cards.len() - most));
        line += 1;
    }
    // At the end, or before a card that is not shown.
    if cell.ghost.is_some() && plot.ghost.is_none() {
        plot.ghost = Some((column, line));
        line += GHOST_LINES;
    }
    line
}

/// Where the held cards would come to lie: in the row of the first of them.
fn ghost(board: &Board) -> Option<Ghost> {
    let held = board.held.as_ref().filter(|held| !held.is_at_home())?;
    let row = board.deck.card(&held.card)?.row;
    let column = board.deck.column(held.target)?;
    Some(Ghost { row, column, before: held.before().and_then(|id| board.deck.find(id)) })
}

/// A card that has nothing to say takes one line: a folded one, one of a closed wave, one without a reason or a mark.
fn card_height(card: &DeckCard, folded: bool, standing: Standing) -> u16 {
    let nothing_to_say = card.reason.is_empty() && card.mark.is_empty();
    let quiet = match card.condition {
        Condition::Passed => nothing_to_say || standing == Standing::Closed,
        Condition::NotStarted => nothing_to_say,
        Condition::Held
        | Condition::Working
        | Condition::Waiting
        | Condition::RateLimited
        | Condition::Failed
        | Condition::NeedsLook => false,
    };
    if folded || quiet {
        return 1;
    }
    // A reason that is cut says nothing: what is known of the place takes a line of its own beside one.
    2 + u16::from(!card.reason.is_empty() && !card.mark.is_empty())
}
