//! Moving the selection: up and down within a wave, left and right between waves, and from one agent that needs
//! attention to the next.

use super::plot::Place;
use super::{Board, CardId};
use crate::engine::view::Condition;

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the card above.
    Up,
    /// To the card below.
    Down,
    /// To the wave before.
    Left,
    /// To the wave after.
    Right,
    /// To the first card of the wave.
    First,
    /// To the last card of the wave.
    Last,
}

impl Board {
    /// Keeps the selection on a card that is shown: the one that was selected, else one that does something, else the
    /// first that is not proven.
    pub(crate) fn keep_selection(&mut self) {
        let there = |id: &CardId| self.deck.find(id).is_some_and(|card| self.is_shown(card));
        if self.selected.as_ref().is_some_and(there) {
            return;
        }
        let shown = || (0..self.deck.cards.len()).filter(|card| self.is_shown(*card));
        let condition = |card: &usize| self.deck.cards[*card].condition;
        // A card that was moved to another wave is followed there.
        let moved = self.selected.as_ref().and_then(|id| {
            let mut same = shown().filter(|card| self.deck.cards[*card].id.name == id.name);
            same.next().filter(|_| same.next().is_none())
        });
        let busy =
            || shown().find(|card| !matches!(condition(card), Condition::Passed | Condition::NotStarted));
        let open = || shown().find(|card| condition(card) != Condition::Passed);
        let found = moved.or_else(busy).or_else(open).or_else(|| shown().next());
        self.selected = found.map(|card| self.deck.cards[card].id.clone());
    }

    /// Moves the selection.
    pub(crate) fn go(&mut self, direction: Direction) {
        let selected = self.selected.as_ref().and_then(|id| self.deck.find(id));
        let Some(at) = selected.and_then(|card| self.plot.place(card)).copied() else { return };
        let places = || self.plot.places.iter();
        let within = || places().filter(|place| place.column == at.column);
        let aside = |place: &&Place| place.across.abs_diff(at.across);
        let beside = |across: Option<u16>| {
            within().find(|place| place.line == at.line && Some(place.across) == across)
        };
        let nearest = |column: Option<usize>| {
            let there = places().filter(|place| Some(place.column) == column);
            there.min_by_key(|place| (place.line.abs_diff(at.line), place.across))
        };
        let found = match direction {
            Direction::Up => {
                let above = within().filter(|place| place.line < at.line);
                above.max_by_key(|place| (place.line, u16::MAX - aside(place)))
            }
            Direction::Down => {
                let below = within().filter(|place| place.line > at.line);
                below.min_by_key(|place| (place.line, aside(place)))
            }
            Direction::First => within().min_by_key(|place| (place.line, place.across)),
            Direction::Last => within().max_by_key(|place| (place.line, place.across)),
            Direction::Left => beside(at.across.checked_sub(1)).or_else(|| {
                nearest(places().map(|place| place.column).filter(|column| *column < at.column).max())
            }),
            Direction::Right => beside(at.across.checked_add(1)).or_else(|| {
                nearest(places().map(|place| place.column).filter(|column| *column > at.column).min())
            }),
        };
        if let Some(card) = found.and_then(|place| self.deck.cards.get(place.card)) {
            self.selected = Some(card.id.clone());
        }
    }

    /// Moves the selection to the next card that waits, failed or needs a look; `false` when there is none.
    pub(crate) fn go_to_attention(&mut self, backwards: bool) -> bool {
        let wanted: Vec<&CardId> = self
            .deck
            .cards
            .iter()
            .filter(|card| {
                matches!(card.condition, Condition::Waiting | Condition::Failed | Condition::NeedsLook)
            })
            .map(|card| &card.id)
            .collect();
        if wanted.is_empty() {
            return false;
        }
        let at = self.selected.as_ref().and_then(|id| wanted.iter().position(|other| *other == id));
        let index = match (at, backwards) {
            (Some(at), false) => (at + 1) % wanted.len(),
            (Some(at), true) => (at + wanted.len() - 1) % wanted.len(),
            (None, _) => 0,
        };
        self.selected = wanted.get(index).map(|id| (*id).clone());
        true
    }
}
