//! The board: waves are columns, tracks (or stages) are rows, agents are cards. Its view state lives here: what is
//! selected, folded, filtered and held; where a card may go the engine says.

pub(crate) mod arrange;
pub(crate) mod drag;
pub(crate) mod draw;
pub(crate) mod select;

use std::collections::BTreeSet;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use self::drag::Held;
use super::prompt::Prompt;
use crate::engine::view::Card;
use crate::plan::{AgentId, WaveNumber};

/// A card by name: it stays the same while cards come and go around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CardId {
    /// Its wave.
    pub(crate) wave: WaveNumber,
    /// Its agent.
    pub(crate) agent: AgentId,
}

impl CardId {
    /// The name of a card.
    pub(crate) fn of(card: &Card) -> CardId {
        CardId { wave: card.wave.number, agent: card.agent.clone() }
    }

    /// Whether this is the name of a card.
    pub(crate) fn names(&self, card: &Card) -> bool {
        self.wave == card.wave.number && self.agent == card.agent
    }
}

/// A text that cards have to match to be shown.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// The text.
    pub(crate) prompt: Prompt,
    /// Whether it is being typed.
    pub(crate) editing: bool,
}

impl Filter {
    /// Whether a card matches, as nucleo scores `id title runtime reason`.
    pub(crate) fn matches(&self, card: &Card) -> bool {
        let text = self.prompt.text();
        if text.trim().is_empty() {
            return true;
        }
        let line = format!("{} {} {} {}", card.agent, card.title, card.runtime, card.reason);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut characters = Vec::new();
        Pattern::parse(&text, CaseMatching::Smart, Normalization::Smart)
            .score(Utf32Str::new(&line, &mut characters), &mut matcher)
            .is_some()
    }
}

/// A mouse button that went down on a card and may become a drag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// On which card.
    pub(crate) card: CardId,
    /// Whether it was selected before.
    pub(crate) selected_before: bool,
}

/// View state of the board.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    /// The selected card.
    pub(crate) selected: Option<CardId>,
    /// Waves that are not as they are by default (closed ones folded, others open).
    pub(crate) toggled: BTreeSet<WaveNumber>,
    /// First visible column.
    pub(crate) first_column: usize,
    /// First visible line of the rows.
    pub(crate) first_line: u16,
    /// Filter, when there is one.
    pub(crate) filter: Option<Filter>,
    /// The card in the hand.
    pub(crate) held: Option<Held>,
    /// A button that went down.
    pub(crate) pressed: Option<Pressed>,
}

impl Board {
    /// Whether a card is shown.
    pub(crate) fn shows(&self, card: &Card) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(card))
    }
}
