//! The board: waves are columns, tracks (or stages) are rows, agents are cards. Its view state lives here: what is
//! selected, folded, filtered and held; where a card may go the engine says.

pub(crate) mod arrange;
pub(crate) mod deck;
pub(crate) mod drag;
pub(crate) mod draw;
pub(crate) mod plot;
pub(crate) mod select;

use std::collections::BTreeSet;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use self::deck::Deck;
use self::drag::Held;
use self::plot::{Plot, plot};
use super::prompt::Prompt;
use crate::engine::view::Card;
use crate::plan::{AgentId, WaveNumber};
use crate::tui::told::Told;

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

    /// Whether this is the name of an agent's card.
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

/// How close cards lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Density {
    /// A card takes the width of its wave and says why it waits.
    #[default]
    Roomy,
    /// Several cards lie side by side, each a sign and a name.
    Close,
}

/// Cards from which they lie close unless the operator wants otherwise: more than a dozen screens of roomy ones.
const CLOSE_FROM: usize = 200;

/// A mouse button that went down on a card and may become a drag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// On which card.
    pub(crate) card: CardId,
    /// Whether it was selected before.
    pub(crate) selected_before: bool,
}

/// The board: what it may show, and its view state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    /// What it may show.
    pub(crate) deck: Deck,
    /// Where all of it lies.
    pub(crate) plot: Plot,
    /// The selected card.
    pub(crate) selected: Option<CardId>,
    /// Waves that are not as they are by default (closed ones folded, others open).
    pub(crate) toggled: BTreeSet<WaveNumber>,
    /// Tracks whose cards are folded away.
    pub(crate) folded_tracks: BTreeSet<String>,
    /// How close cards lie, where the operator said it.
    pub(crate) wanted_density: Option<Density>,
    /// First visible column.
    pub(crate) first_column: usize,
    /// First visible line of the rows.
    pub(crate) first_line: u32,
    /// Filter, when there is one.
    pub(crate) filter: Option<Filter>,
    /// The card in the hand.
    pub(crate) held: Option<Held>,
    /// A button that went down.
    pub(crate) pressed: Option<Pressed>,
    /// Which revision of what was told the deck was made of.
    made_of: Option<u64>,
    matched: Matched,
}

/// What the filter was last asked, and what it said of each card.
#[derive(Debug, Clone, Default)]
struct Matched {
    text: String,
    made_of: Option<u64>,
    shown: Vec<bool>,
}

impl Board {
    /// Brings the deck, the filter, the selection and the plot in line with what was told and what the operator did.
    pub(crate) fn settle(&mut self, told: &Told) {
        if self.made_of != Some(told.revision) {
            self.deck = Deck::of_waves(told);
            self.made_of = Some(told.revision);
        }
        self.match_filter();
        self.keep_selection();
        self.plot = plot(self);
    }

    /// Folds the selected wave, or unfolds it.
    pub(crate) fn toggle_wave(&mut self) {
        if let Some(wave) = self.selected.as_ref().map(|id| id.wave)
            && !self.toggled.remove(&wave)
        {
            self.toggled.insert(wave);
        }
    }

    /// Folds the selected track, or unfolds it: the selection stays on its card meanwhile.
    pub(crate) fn toggle_track(&mut self) {
        let card = self.selected.as_ref().and_then(|id| self.deck.card(id));
        let Some(track) = card.and_then(|card| self.deck.rows.get(card.row)) else { return };
        if !self.folded_tracks.remove(&track.name) {
            self.folded_tracks.insert(track.name.clone());
        }
    }

    /// Lays the cards close, or roomy again.
    pub(crate) fn toggle_density(&mut self) {
        self.wanted_density = Some(match self.density() {
            Density::Roomy => Density::Close,
            Density::Close => Density::Roomy,
        });
    }

    /// How close cards lie.
    pub(crate) fn density(&self) -> Density {
        let usual = if self.deck.cards.len() >= CLOSE_FROM { Density::Close } else { Density::Roomy };
        self.wanted_density.unwrap_or(usual)
    }

    /// Whether the filter lets a card through, by its index in the deck.
    pub(crate) fn is_shown(&self, card: usize) -> bool {
        self.matched.shown.get(card).copied().unwrap_or(true)
    }

    /// Asks the filter of each card whether nucleo scores `id title runtime reason`; asked again only when the text or
    /// the cards have changed.
    fn match_filter(&mut self) {
        let text = self.filter.as_ref().map(|filter| filter.prompt.text()).unwrap_or_default();
        if text == self.matched.text && self.made_of == self.matched.made_of {
            return;
        }
        let mut shown = Vec::new();
        if !text.trim().is_empty() {
            let pattern = Pattern::parse(&text, CaseMatching::Smart, Normalization::Smart);
            let mut matcher = Matcher::new(Config::DEFAULT);
            let mut characters = Vec::new();
            shown.extend(self.deck.cards.iter().map(|card| {
                let line = format!("{} {} {} {}", card.id.agent, card.title, card.runtime, card.reason);
                pattern.score(Utf32Str::new(&line, &mut characters), &mut matcher).is_some()
            }));
        }
        self.matched = Matched { text, made_of: self.made_of, shown };
    }
}
