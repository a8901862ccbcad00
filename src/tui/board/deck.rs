//! Everything that the board may show, in its own words: columns, rows and cards, each card knowing its column and its
//! row. Made new when what was told changes, not for each frame, and in time proportional to the cards.

use std::collections::BTreeMap;

use super::CardId;
use crate::engine::state::WaveStatus;
use crate::engine::view::{Card, Condition};
use crate::engine::{Time, WaveKey};
use crate::plan::WaveNumber;
use crate::tui::told::Told;

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

/// A wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaveColumn {
    /// Its number.
    pub(crate) wave: WaveNumber,
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
    /// Since when.
    pub(crate) since: Option<Time>,
    /// Why, short; where a time belongs at its end, that is in `until`.
    pub(crate) reason: String,
    /// When this passes by itself.
    pub(crate) until: Option<Time>,
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
    by_name: BTreeMap<CardId, usize>,
}

impl Deck {
    /// The agents of the lane's waves.
    pub(crate) fn of_waves(told: &Told) -> Deck {
        let mut deck = Deck { columns: waves(told), ..Deck::default() };
        let names: Vec<String> = told.cards.iter().map(|card| row_name(told, card)).collect();
        deck.rows = tracks(&names);
        let row_of: BTreeMap<String, usize> =
            deck.rows.iter().enumerate().map(|(index, row)| (row.name.clone(), index)).collect();
        for (card, name) in told.cards.iter().zip(&names) {
            let column = deck.columns.binary_search_by_key(&card.wave.number, |column| column.wave);
            if let (Ok(column), Some(row)) = (column, row_of.get(name)) {
                deck.add(card, column, *row);
            }
        }
        deck
    }

    fn add(&mut self, card: &Card, column: usize, row: usize) {
        let id = CardId::of(card);
        self.columns[column].count.add(card.condition);
        self.rows[row].count.add(card.condition);
        let name = u16::try_from(id.agent.chars().count()).unwrap_or(u16::MAX);
        self.longest_name = self.longest_name.max(name);
        self.by_name.insert(id.clone(), self.cards.len());
        self.cards.push(DeckCard {
            id,
            column,
            row,
            title: card.title.clone(),
            condition: card.condition,
            since: card.since,
            reason: card.reason.clone(),
            until: card.until,
            runtime: card.runtime.clone(),
            tries: (card.tries_used, card.tries_allowed),
        });
    }

    /// Where a card is among the cards.
    pub(crate) fn find(&self, id: &CardId) -> Option<usize> {
        self.by_name.get(id).copied()
    }

    /// A card by name.
    pub(crate) fn card(&self, id: &CardId) -> Option<&DeckCard> {
        self.cards.get(self.find(id)?)
    }
}

fn waves(told: &Told) -> Vec<WaveColumn> {
    let lane = &told.project.lane;
    let mut titles: BTreeMap<WaveNumber, &str> = BTreeMap::new();
    for (number, wave) in &told.project.waves {
        titles.insert(*number, wave.title.as_deref().unwrap_or_default());
    }
    for card in &told.cards {
        titles.entry(card.wave.number).or_default();
    }
    let column = |(wave, title): (WaveNumber, &str)| {
        let key = WaveKey { lane: lane.clone(), number: wave };
        let standing = match told.state.waves.get(&key).map(|wave| &wave.status) {
            Some(WaveStatus::Running) => Standing::Running,
            Some(WaveStatus::Closed) => Standing::Closed,
            Some(WaveStatus::Failed { .. }) => Standing::Failed,
            Some(WaveStatus::Refused { .. }) => Standing::Refused,
            None if told.project.errors_of(wave).is_empty() => Standing::Next,
            None => Standing::Refused,
        };
        WaveColumn { wave, title: title.to_string(), standing, count: Count::default() }
    };
    titles.into_iter().map(column).collect()
}

fn tracks(names: &[String]) -> Vec<TrackRow> {
    let mut seen = BTreeMap::new();
    for name in names {
        let order = seen.len();
        seen.entry(name.as_str()).or_insert(order);
    }
    let mut ordered: Vec<(&str, usize)> = seen.into_iter().collect();
    ordered.sort_by_key(|(name, order)| {
        let rank = match *name {
            "design" => 0,
            "closure" => 2,
            _ => 1,
        };
        (rank, *order)
    });
    let row = |(name, _): (&str, usize)| TrackRow { name: name.to_string(), count: Count::default() };
    ordered.into_iter().map(row).collect()
}

/// The row of a card: its track, else its stage.
fn row_name(told: &Told, card: &Card) -> String {
    use crate::plan::role::Stage;
    let stage = || match told.stage(card) {
        Stage::Design => "design",
        Stage::Implementation => "implementation",
        Stage::Closure => "closure",
    };
    card.track.clone().unwrap_or_else(|| stage().to_string())
}
