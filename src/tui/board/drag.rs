//! A card in the hand: where it would go and what that would do. The verdict is asked of the engine each time the target
//! changes, by the same function that decides when the card is dropped.

use super::{Board, CardId};
use crate::engine::Refused;
use crate::engine::moves::check_move;
use crate::plan::WaveNumber;
use crate::plan::edit::{Edit, Preview};
use crate::tui::told::Told;

/// A card in the hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Which.
    pub(crate) card: CardId,
    /// The wave it would go to.
    pub(crate) target: WaveNumber,
    /// What that would do; `None` above its own wave.
    pub(crate) verdict: Option<Result<Preview, Refused>>,
}

impl Held {
    /// The edit that a drop asks for; `None` above its own wave.
    pub(crate) fn edit(&self) -> Option<Edit> {
        (self.target != self.card.wave).then(|| Edit::MoveAgent {
            agent: self.card.agent.clone(),
            from: self.card.wave,
            to: self.target,
        })
    }

    /// Whether a drop would be made.
    pub(crate) fn allowed(&self) -> bool {
        matches!(self.verdict, Some(Ok(_)))
    }
}

impl Board {
    /// Picks up a card; it is above its own wave then.
    pub(crate) fn pick_up(&mut self, card: CardId) {
        self.selected = Some(card.clone());
        self.held = Some(Held { target: card.wave, card, verdict: None });
    }

    /// Holds the card above a wave.
    pub(crate) fn hold_above(&mut self, told: &Told, wave: WaveNumber) {
        let Some(held) = &mut self.held else { return };
        if held.target == wave {
            return;
        }
        held.target = wave;
        held.verdict =
            held.edit().map(|edit| check_move(&told.state, &told.sources, &told.project.lane, &edit));
    }

    /// Holds the card above the wave after (or before) the one that it is above.
    pub(crate) fn hold_beside(&mut self, told: &Told, backwards: bool) {
        let Some(held) = &self.held else { return };
        let waves = told.project.waves.keys().copied();
        let target = if backwards {
            waves.filter(|wave| *wave < held.target).max()
        } else {
            waves.filter(|wave| *wave > held.target).min()
        };
        if let Some(target) = target {
            self.hold_above(told, target);
        }
    }

    /// Puts the card back.
    pub(crate) fn put_back(&mut self) {
        self.held = None;
        self.pressed = None;
    }
}
