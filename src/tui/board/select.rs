//! Moving the selection: up and down within a wave, left and right between waves, and from one agent that needs
//! attention to the next.

use super::arrange::{Place, Plot, plot};
use super::{Board, CardId};
use crate::engine::view::Condition;
use crate::tui::told::Told;

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
    /// Keeps the selection on a card that is there: the one that was selected, else one that does something, else the first that is not proven.
    pub(crate) fn keep_selection(&mut self, told: &Told) {
        let there = |id: &CardId| told.cards.iter().any(|card| id.names(card) && self.shows(card));
        if self.selected.as_ref().is_some_and(there) {
            return;
        }
        // A card that was moved to another wave is followed there.
        let moved = self.selected.as_ref().and_then(|id| {
            let mut same = told.cards.iter().filter(|card| card.agent == id.agent && self.shows(card));
            same.next().filter(|_| same.next().is_none())
        });
        let shown = || told.cards.iter().filter(|card| self.shows(card));
        let busy =
            || shown().find(|card| !matches!(card.condition, Condition::Passed | Condition::NotStarted));
        let open = || shown().find(|card| card.condition != Condition::Passed);
        self.selected = moved.or_else(busy).or_else(open).or_else(|| shown().next()).map(CardId::of);
    }

    /// Moves the selection.
    pub(crate) fn go(&mut self, told: &Told, direction: Direction) {
        let plot = plot(told, self);
        let Some(at) = self.place(told, &plot) else { return };
        let within = || plot.places.iter().filter(|place| place.column == at.column);
        let found = match direction {
            Direction::Up => within().filter(|place| place.line < at.line).max_by_key(|place| place.line),
            Direction::Down => within().filter(|place| place.line > at.line).min_by_key(|place| place.line),
            Direction::First => within().min_by_key(|place| place.line),
            Direction::Last => within().max_by_key(|place| place.line),
            Direction::Left => {
                let column = plot.places.iter().map(|place| place.column).filter(|c| *c < at.column).max();
                nearest(&plot, column, at)
            }
            Direction::Right => {
                let column = plot.places.iter().map(|place| place.column).filter(|c| *c > at.column).min();
                nearest(&plot, column, at)
            }
        };
        if let Some(place) = found {
            self.selected = told.cards.get(place.card).map(CardId::of);
        }
    }

    /// Moves the selection to the next card that waits, failed or needs a look; `false` when there is none.
    pub(crate) fn go_to_attention(&mut self, told: &Told, backwards: bool) -> bool {
        let wanted: Vec<CardId> = told
            .cards
            .iter()
            .filter(|card| {
                matches!(card.condition, Condition::Waiting | Condition::Failed | Condition::NeedsLook)
            })
            .map(CardId::of)
            .collect();
        if wanted.is_empty() {
            return false;
        }
        let at = self.selected.as_ref().and_then(|id| wanted.iter().position(|other| other == id));
        let index = match (at, backwards) {
            (Some(at), false) => (at + 1) % wanted.len(),
            (Some(at), true) => (at + wanted.len() - 1) % wanted.len(),
            (None, _) => 0,
        };
        self.selected = wanted.into_iter().nth(index);
        true
    }

    fn place(&self, told: &Told, plot: &Plot) -> Option<Place> {
        let selected = self.selected.as_ref()?;
        plot.places
            .iter()
            .find(|place| told.cards.get(place.card).is_some_and(|card| selected.names(card)))
            .copied()
    }
}

fn nearest(plot: &Plot, column: Option<usize>, at: Place) -> Option<&Place> {
    plot.places
        .iter()
        .filter(|place| Some(place.column) == column)
        .min_by_key(|place| place.line.abs_diff(at.line))
}
