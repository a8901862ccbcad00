//! Everything that the board may show, in its own words: columns, rows and cards, each card knowing its column and its
//! row. Made new when what was told changes, not for each frame, and in time proportional to the cards.

mod tasks;
mod waves;

use std::collections::BTreeMap;

use super::{CardId, ColumnKey, Subject};
use crate::engine::Time;
use crate::engine::view::Condition;
use crate::plan::document::Row;
use crate::tui::theme::Role;
use crate::tui::told::Told;

/// Where a column stands, for its heading.
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
    /// It is no wave.
    Apart,
}

/// A column: a wave, or what is in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaveColumn {
    /// What it stands for.
    pub(crate) key: ColumnKey,
    /// Its title, or an empty text.
    pub(crate) title: String,
    /// Where it stands.
    pub(crate) standing: Standing,
    /// How many of its cards are done.
    pub(crate) count: Count,
}

/// A track, or a stage where there are no tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrackRow {
    /// Its name.
    pub(crate) name: String,
    /// How many of its cards are done.
    pub(crate) count: Count,
}

/// How many cards are done, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Proven or done.
    pub(crate) passed: usize,
    /// In all.
    pub(crate) total: usize,
}

impl Count {
    /// Counts one card in.
    pub(crate) fn add(&mut self, condition: Condition) {
        self.total += 1;
        self.passed += usize::from(condition == Condition::Passed);
    }
}

/// A card of the board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeckCard {
    /// Its name.
    pub(crate) id: CardId,
    /// Index of its wave.
    pub(crate) column: usize,
    /// Index of its track.
    pub(crate) row: usize,
    /// Its title.
    pub(crate) title: String,
    /// Its condition.
    pub(crate) condition: Condition,
    /// The word for that: an agent and a task stand differently.
    pub(crate) word: &'static str,
    /// Since when.
    pub(crate) since: Option<Time>,
    /// Why, short; where a time belongs at its end, that is in `until`.
    pub(crate) reason: String,
    /// When this passes by itself.
    pub(crate) until: Option<Time>,
    /// What is to be known of its place: who holds it, where it came from; or an empty text.
    pub(crate) mark: String,
    /// What runs it, or an empty text.
    pub(crate) runtime: String,
    /// Tries used and allowed, the first included.
    pub(crate) tries: (u32, u32),
}

/// What the board may show.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deck {
    /// Waves by number.
    pub(crate) columns: Vec<WaveColumn>,
    /// Tracks: design first, closure last, the others as they come.
    pub(crate) rows: Vec<TrackRow>,
    /// Cards, in the order in which they lie within a wave and a track.
    pub(crate) cards: Vec<DeckCard>,
    /// Characters of the longest name of a card.
    pub(crate) longest_name: u16,
    /// What is to be known of the whole board, in the order of its weight; nothing for the lane's waves.
    pub(crate) headline: Vec<(String, Role)>,
    /// Where the document, the plan and the dependencies disagree.
    pub(crate) drift: Vec<Row>,
    by_name: BTreeMap<CardId, usize>,
}

impl Deck {
    /// What the board shows of what was told.
    pub(crate) fn of(told: &Told, subject: &Subject) -> Deck {
        match subject {
            Subject::Waves => waves::deck(told),
            Subject::Plan(viewed) => tasks::deck(told, viewed),
        }
    }

    /// Adds a card at the end; its column and row are there.
    fn add(&mut self, card: DeckCard) {
        self.columns[card.column].count.add(card.condition);
        self.rows[card.row].count.add(card.condition);
        let name = u16::try_from(card.id.name.chars().count()).unwrap_or(u16::MAX);
        self.longest_name = self.longest_name.max(name);
        self.by_name.insert(card.id.clone(), self.cards.len());
        self.cards.push(card);
    }

    /// Where a card is among the cards.
    pub(crate) fn find(&self, id: &CardId) -> Option<usize> {
        self.by_name.get(id).copied()
    }

    /// Index of a column.
    pub(crate) fn column(&self, key: ColumnKey) -> Option<usize> {
        self.columns.iter().position(|column| column.key == key)
    }

    /// A card by name.
    pub(crate) fn card(&self, id: &CardId) -> Option<&DeckCard> {
        self.cards.get(self.find(id)?)
    }
}
