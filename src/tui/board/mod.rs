//! The board: waves are columns, tracks (or stages) are rows, agents are cards. Its view state lives here: what is
//! selected, folded, filtered and held; where a card may go the engine says.

pub(crate) mod about;
pub(crate) mod arrange;
pub(crate) mod deck;
pub(crate) mod detail;
pub(crate) mod drag;
pub(crate) mod draw;
pub(crate) mod plot;
pub(crate) mod select;
pub(crate) mod subject;
pub(crate) mod verdict;

use std::collections::BTreeSet;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use self::deck::Deck;
use self::drag::Held;
use self::plot::{Plot, plot};
use self::select::Direction;
use self::subject::{Subject, Viewed, agents};
use super::prompt::Prompt;
use crate::engine::view::{Card, Condition};
use crate::plan::WaveNumber;
use crate::plan::backlog::TaskId;
use crate::tui::layer::{Line, Page};
use crate::tui::told::Told;

/// What a column of the board stands for, in the order in which columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ColumnKey {
    /// A wave.
    Wave(WaveNumber),
    /// The tasks that are in no wave of the plan.
    Unslotted,
}

impl ColumnKey {
    /// The wave, where it is one.
    pub(crate) fn wave(self) -> Option<WaveNumber> {
        match self {
            ColumnKey::Wave(wave) => Some(wave),
            ColumnKey::Unslotted => None,
        }
    }

    /// `wave 3`, or `no wave`.
    pub(crate) fn words(self) -> String {
        match self {
            ColumnKey::Wave(wave) => format!("wave {wave}"),
            ColumnKey::Unslotted => "no wave".into(),
        }
    }
}

/// A card by name: it stays the same while cards come and go around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CardId {
    /// Its column.
    pub(crate) column: ColumnKey,
    /// Its agent, or its task.
    pub(crate) name: String,
}

impl CardId {
    /// The name of an agent's card.
    pub(crate) fn of(card: &Card) -> CardId {
        CardId { column: ColumnKey::Wave(card.wave.number), name: card.agent.clone() }
    }

    /// The wave that it is in.
    pub(crate) fn wave(&self) -> Option<WaveNumber> {
        self.column.wave()
    }

    /// Whether this is the name of an agent's card.
    pub(crate) fn names(&self, card: &Card) -> bool {
        self.wave() == Some(card.wave.number) && self.name == card.agent
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

/// Cards in waves from which they lie close unless the operator wants otherwise: more than a dozen screens of roomy ones.
const CLOSE_FROM: usize = 200;

/// A mouse button that went down on a card and may become a drag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// On which card.
    pub(crate) card: CardId,
    /// Whether it was selected before.
    pub(crate) selected_before: bool,
    /// Where the pointer is, once it moved: column and row.
    pub(crate) pointer: (u16, u16),
}

/// The board: what it may show, and its view state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    /// Who looks at it: what somebody has locked they may move themselves.
    pub(crate) operator: String,
    /// What the operator wants to see, where they said it.
    pub(crate) wanted: Option<Subject>,
    /// What it shows.
    pub(crate) subject: Subject,
    /// Everything of that.
    pub(crate) deck: Deck,
    /// Where all of it lies.
    pub(crate) plot: Plot,
    /// The selected card.
    pub(crate) selected: Option<CardId>,
    /// Waves that are not as they are by default (closed ones folded, others open).
    pub(crate) toggled: BTreeSet<ColumnKey>,
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
    /// Names of the cards that are marked, to be picked up together.
    pub(crate) marked: BTreeSet<String>,
    /// The cards in the hand.
    pub(crate) held: Option<Held>,
    /// Where the board goes on by itself while a hand holds a card at its edge.
    pub(crate) pushed: Option<Direction>,
    /// On a board of tasks: what is known of the selected one.
    pub(crate) about: Vec<Line>,
    about_of: Option<(CardId, u64)>,
    /// A button that went down.
    pub(crate) pressed: Option<Pressed>,
    made_of: Option<MadeOf>,
    /// How many decks were made: the filter is asked again for each.
    decks: u64,
    matched: Matched,
}

/// What a deck was made of; it is made new when this is another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MadeOf {
    subject: Subject,
    /// Of agents the revision of their cards, of tasks that of the backlog and its plans.
    revision: u64,
    /// On a board of tasks: the agents that work on them.
    agents: Vec<(String, Condition)>,
}

/// What the filter was last asked, and what it said of each card.
#[derive(Debug, Clone, Default)]
struct Matched {
    text: String,
    deck: u64,
    shown: Vec<bool>,
}

impl Board {
    /// An empty board for an operator.
    pub(crate) fn of(operator: String) -> Board {
        Board { operator, ..Board::default() }
    }

    /// Brings the deck, the filter, the selection and the plot in line with what was told and what the operator did.
    pub(crate) fn settle(&mut self, told: &Told) {
        self.subject = Subject::resolved(self.wanted.as_ref(), told);
        let made_of = self.wanted_deck(told);
        if self.made_of.as_ref() != Some(&made_of) {
            self.deck = Deck::of(told, &self.subject);
            self.made_of = Some(made_of);
            self.decks += 1;
            self.marked.retain(|name| self.deck.cards.iter().any(|card| card.id.name == *name));
            self.hold_what_is_there(told);
        }
        self.match_filter();
        self.keep_selection();
        self.read_about(told);
        self.plot = plot(self);
    }

    /// On a board of tasks: what is known of the selected one, as a page.
    pub(crate) fn page(&self, columns: u16) -> Option<Page> {
        let card =
            self.selected.as_ref().and_then(|id| self.deck.card(id)).filter(|_| self.viewed().is_some())?;
        Some(about::page(format!("{} {}", card.id.name, card.title), &self.about, columns))
    }

    /// Reads up on the selected task, when it is another one or the deck is.
    fn read_about(&mut self, told: &Told) {
        let wanted = self.selected.clone().filter(|_| self.viewed().is_some()).map(|id| (id, self.decks));
        if wanted == self.about_of {
            return;
        }
        let card = wanted.as_ref().and_then(|(id, _)| self.deck.card(id));
        self.about = match (self.viewed(), card) {
            (Some(viewed), Some(card)) => {
                about::about(told, viewed, &card.reason, &TaskId::from(card.id.name.as_str()))
            }
            (Some(_) | None, _) => Vec::new(),
        };
        self.about_of = wanted;
    }

    fn wanted_deck(&self, told: &Told) -> MadeOf {
        let subject = self.subject.clone();
        match &self.subject {
            Subject::Waves => MadeOf { subject, revision: told.revision, agents: Vec::new() },
            Subject::Plan(_) => {
                let agents = agents(told).into_iter();
                let agents = agents.map(|(name, card)| (name.to_owned(), card.condition)).collect();
                MadeOf { subject, revision: told.backlog_revision, agents }
            }
        }
    }

    /// Shows something else; what was selected, marked and held there has no meaning here.
    pub(crate) fn show(&mut self, subject: Subject) {
        self.put_back();
        self.marked.clear();
        self.selected = None;
        self.wanted = Some(subject);
        (self.first_column, self.first_line) = (0, 0);
    }

    /// The plan that it shows, if it shows one.
    pub(crate) fn viewed(&self) -> Option<&Viewed> {
        match &self.subject {
            Subject::Plan(viewed) => Some(viewed),
            Subject::Waves => None,
        }
    }

    /// Marks the selected card, or unmarks it, and goes to the next one below.
    pub(crate) fn toggle_mark(&mut self) {
        let Some(selected) = self.selected.clone() else { return };
        if !self.marked.remove(&selected.name) {
            self.marked.insert(selected.name);
        }
        self.go(Direction::Down);
    }

    /// Folds the selected wave, or unfolds it.
    pub(crate) fn toggle_wave(&mut self) {
        if let Some(column) = self.selected.as_ref().map(|id| id.column)
            && !self.toggled.remove(&column)
        {
            self.toggled.insert(column);
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
        let in_waves = self.deck.columns.iter().filter(|column| column.key != ColumnKey::Unslotted);
        let cards: usize = in_waves.map(|column| column.count.total).sum();
        let usual = if cards >= CLOSE_FROM { Density::Close } else { Density::Roomy };
        self.wanted_density.unwrap_or(usual)
    }

    /// Whether the filter lets a card through, by its index in the deck.
    pub(crate) fn is_shown(&self, card: usize) -> bool {
        self.matched.shown.get(card).copied().unwrap_or(true)
    }

    /// Asks the filter of each card whether every word of it is in `id title runtime reason`; asked again only when the
    /// text or the cards have changed. Who types a name has its card selected.
    fn match_filter(&mut self) {
        let text = self.filter.as_ref().map(|filter| filter.prompt.text()).unwrap_or_default();
        if text == self.matched.text && self.decks == self.matched.deck {
            return;
        }
        if text != self.matched.text {
            let named = self.deck.cards.iter().find(|card| card.id.name.eq_ignore_ascii_case(text.trim()));
            self.selected = named.map(|card| card.id.clone()).or(self.selected.take());
        }
        let mut shown = Vec::new();
        if !text.trim().is_empty() {
            let pattern = Pattern::new(&text, CaseMatching::Smart, Normalization::Smart, AtomKind::Substring);
            let mut matcher = Matcher::new(Config::DEFAULT);
            let mut characters = Vec::new();
            shown.extend(self.deck.cards.iter().map(|card| {
                let line = format!("{} {} {} {}", card.id.name, card.title, card.runtime, card.reason);
                pattern.score(Utf32Str::new(&line, &mut characters), &mut matcher).is_some()
            }));
        }
        self.matched = Matched { text, deck: self.decks, shown };
    }
}
