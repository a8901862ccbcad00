//! The deck of a lane: its waves are columns, its agents are cards.

use std::collections::BTreeMap;

use super::{Count, Deck, DeckCard, Standing, TrackRow, WaveColumn};
use crate::engine::WaveKey;
use crate::engine::state::WaveStatus;
use crate::engine::view::Card;
use crate::plan::WaveNumber;
use crate::tui::board::{CardId, ColumnKey};
use crate::tui::glyph::word;
use crate::tui::told::Told;

/// The agents of the lane's waves.
pub(super) fn deck(told: &Told) -> Deck {
    let mut deck = Deck { columns: waves(told), ..Deck::default() };
    let names: Vec<String> = told.cards.iter().map(|card| row_name(told, card)).collect();
    deck.rows = tracks(&names);
    let row_of: BTreeMap<String, usize> =
        deck.rows.iter().enumerate().map(|(index, row)| (row.name.clone(), index)).collect();
    for (card, name) in told.cards.iter().zip(&names) {
        let key = ColumnKey::Wave(card.wave.number);
        let column = deck.columns.binary_search_by_key(&key, |column| column.key);
        if let (Ok(column), Some(row)) = (column, row_of.get(name)) {
            deck.add(deck_card(card, column, *row));
        }
    }
    deck
}

fn deck_card(card: &Card, column: usize, row: usize) -> DeckCard {
    DeckCard {
        id: CardId::of(card),
        column,
        row,
        title: card.title.clone(),
        condition: card.condition,
        word: word(card.condition),
        since: card.since,
        reason: card.reason.clone(),
        until: card.until,
        mark: String::new(),
        runtime: card.runtime.clone(),
        tries: (card.tries_used, card.tries_allowed),
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
        WaveColumn { key: ColumnKey::Wave(wave), title: title.to_string(), standing, count: Count::default() }
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
