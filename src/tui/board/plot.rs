//! The board without edges: columns by number, rows by line, every shown card at its place. Made from the deck and the
//! view state once for any number of events, in time proportional to the cards; drawing, the mouse and the arrows read
//! the same plot.

use super::deck::{Count, Deck, DeckCard, Standing};
use super::{Board, Density};
use crate::engine::view::Condition;

/// Columns of the screen that a wave takes at least, where it is not folded.
pub(crate) const COLUMN_MIN: u16 = 24;
/// Lines that the held card takes where it would come to lie.
const GHOST_LINES: u32 = 2;

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
            .map(|column| (column.standing == Standing::Closed) != board.toggled.contains(&column.wave))
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
            let mut below = lay_cell(deck, &mut plot, cell, column, line + 1);
            if ghost == Some((row, column)) {
                plot.ghost = Some((column, below));
                below += GHOST_LINES;
            }
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

/// Lays the cards of a cell from a line on, and says the line below them.
fn lay_cell(deck: &Deck, plot: &mut Plot, cell: &[usize], column: usize, first_line: u32) -> u32 {
    let folded = plot.folded[column];
    let per_line = match plot.density {
        Density::Close if !folded => ((COLUMN_MIN - 1) / plot.chip_width.max(1)).max(1),
        Density::Close | Density::Roomy => 1,
    };
    let mut line = first_line;
    let mut across = 0;
    for card in cell {
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
    line + u32::from(across > 0)
}

/// The cell, as row and column, that a held card would come to.
fn ghost(board: &Board) -> Option<(usize, usize)> {
    let held = board.held.as_ref().filter(|held| held.target != held.card.wave)?;
    let card = board.deck.card(&held.card)?;
    let column = board.deck.columns.iter().position(|column| column.wave == held.target)?;
    Some((card.row, column))
}

/// A card that has nothing to say takes one line: a folded one, one of a closed wave, one without a reason.
fn card_height(card: &DeckCard, folded: bool, standing: Standing) -> u16 {
    let quiet = match card.condition {
        Condition::Passed => card.reason.is_empty() || standing == Standing::Closed,
        Condition::NotStarted => card.reason.is_empty(),
        Condition::Held
        | Condition::Working
        | Condition::Waiting
        | Condition::RateLimited
        | Condition::Failed
        | Condition::NeedsLook => false,
    };
    if folded || quiet { 1 } else { 2 }
}
