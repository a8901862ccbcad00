//! Cards in the hand: where they would go and what that would do. The verdict is asked each time the target changes, of
//! the same functions that decide when the cards are dropped.

use std::sync::Arc;

use super::subject::{Subject, agents};
use super::verdict::Verdict;
use super::{Board, CardId, ColumnKey};
use crate::engine::moves::check_move;
use crate::engine::view::{Card, Condition};
use crate::plan::backlog::TaskId;
use crate::plan::order::Graph;
use crate::plan::slots::preview::Before;
use crate::plan::slots::{self, Plan, Slot};
use crate::plan::{WaveNumber, edit};
use crate::tui::told::Told;

/// Cards in the hand.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// The one that the hand took.
    pub(crate) card: CardId,
    /// All of them, that one included, in the order of the board.
    pub(crate) cards: Vec<CardId>,
    /// The column that they would go to.
    pub(crate) target: ColumnKey,
    /// Where in that column.
    pub(crate) spot: Spot,
    /// What that would do; `None` at home.
    pub(crate) verdict: Option<Verdict>,
    /// On a board of tasks: the plan that is edited, looked up once for as long as it is as it is.
    plan: Option<Lookup>,
}

/// Where in a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Nobody said: at the end, and at home if that is its own column.
    #[default]
    Any,
    /// Before this card.
    Before(CardId),
    /// After all others.
    Last,
}

/// A saved plan and everything about it that a preview needs.
#[derive(Debug, Clone)]
struct Lookup {
    slug: String,
    version: u64,
    before: Arc<Before>,
}

/// What a drop asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    /// To move an agent's section.
    Agents(edit::Edit),
    /// To edit a saved plan, as it was when it was looked at.
    Slots {
        /// Which.
        slug: String,
        /// How.
        edit: slots::Edit,
        /// The version that was looked at.
        version: u64,
    },
}

impl Held {
    /// Whether a drop would leave everything as it is.
    pub(crate) fn is_at_home(&self) -> bool {
        self.cards.iter().all(|card| card.column == self.target) && self.spot == Spot::Any
    }

    /// The card that they would come to lie before.
    pub(crate) fn before(&self) -> Option<&CardId> {
        match &self.spot {
            Spot::Before(card) => Some(card),
            Spot::Any | Spot::Last => None,
        }
    }

    /// Whether this card is in the hand.
    pub(crate) fn has(&self, id: &CardId) -> bool {
        self.cards.contains(id)
    }

    /// The cards by name, as a subject of a sentence: `T148`, `T148 and 2 more`.
    pub(crate) fn words(&self) -> String {
        match self.cards.len() {
            0 | 1 => self.card.name.clone(),
            count => format!("{} and {} more", self.card.name, count - 1),
        }
    }

    /// What a drop asks for; `None` where it asks for nothing.
    pub(crate) fn order(&self, told: &Told) -> Option<Order> {
        if self.is_at_home() {
            return None;
        }
        match &self.plan {
            Some(lookup) => {
                let plan = &told.state.plans.get(&lookup.slug)?.plan;
                let edit = self.slots_edit(plan);
                Some(Order::Slots { slug: lookup.slug.clone(), edit, version: lookup.version })
            }
            None => {
                let (from, to) = (self.card.wave()?, self.target.wave()?);
                Some(Order::Agents(edit::Edit::MoveAgent { agent: self.card.name.clone(), from, to }))
            }
        }
    }

    /// The edits that bring the held tasks to their place, one after the other.
    fn slots_edit(&self, plan: &Plan) -> slots::Edit {
        let target = self.target.wave().and_then(|wave| plan.wave(wave));
        let mut order: Vec<&str> =
            target.into_iter().flat_map(|wave| &wave.slots).map(|slot| slot.task.as_str()).collect();
        let mut edits = Vec::new();
        for card in &self.cards {
            order.retain(|id| *id != card.name);
            let index = match &self.spot {
                Spot::Before(before) => order.iter().position(|id| *id == before.name),
                Spot::Any | Spot::Last => None,
            };
            order.insert(index.unwrap_or(order.len()), &card.name);
            edits.extend(one_edit(card, self.target.wave(), index));
        }
        match <[slots::Edit; 1]>::try_from(edits) {
            Ok([edit]) => edit,
            Err(edits) => slots::Edit::All { edits },
        }
    }
}

fn one_edit(card: &CardId, target: Option<WaveNumber>, index: Option<usize>) -> Option<slots::Edit> {
    let task = TaskId::from(card.name.as_str());
    match (card.column, target) {
        (ColumnKey::Unslotted, Some(wave)) => Some(slots::Edit::Assign { slot: Slot::of(task), wave, index }),
        (ColumnKey::Wave(_), Some(wave)) => Some(slots::Edit::Move { task, wave, index }),
        (ColumnKey::Wave(_), None) => Some(slots::Edit::Unassign { task }),
        (ColumnKey::Unslotted, None) => None,
    }
}

impl Board {
    /// Picks up a card, and with it all that are marked if it is one of them; they are at home then.
    pub(crate) fn pick_up(&mut self, told: &Told, card: CardId) {
        let together = self.viewed().is_some() && self.marked.contains(&card.name);
        let cards = if together {
            let marked = self.deck.cards.iter().filter(|other| self.marked.contains(&other.id.name));
            marked.map(|other| other.id.clone()).collect()
        } else {
            vec![card.clone()]
        };
        self.selected = Some(card.clone());
        let plan = self.lookup(told);
        self.held = Some(Held { target: card.column, card, cards, spot: Spot::Any, verdict: None, plan });
    }

    /// Holds the cards above a place.
    pub(crate) fn hold_above(&mut self, told: &Told, target: ColumnKey, spot: Spot) {
        let spot = match spot {
            // Agents of a wave have the order of their file; what is in no wave has none.
            _ if self.viewed().is_none() || target == ColumnKey::Unslotted => Spot::Any,
            Spot::Before(card) if self.held.as_ref().is_some_and(|held| held.has(&card)) => Spot::Any,
            other => other,
        };
        let Some(held) = self.held.as_mut().filter(|held| (held.target, &held.spot) != (target, &spot))
        else {
            return;
        };
        (held.target, held.spot) = (target, spot);
        self.judge(told);
    }

    /// Asks anew what a drop would do.
    fn judge(&mut self, told: &Told) {
        let Some(held) = &mut self.held else { return };
        held.verdict = match (held.order(told), &held.plan) {
            (None, _) => None,
            (Some(_), _) if matches!(&self.subject, Subject::Plan(viewed) if viewed.slug().is_none()) => {
                Some(Verdict::computed())
            }
            (Some(Order::Agents(edit)), _) => {
                let checked = check_move(&told.state, &told.sources, &told.project.lane, &edit);
                Some(Verdict::of_agents(checked))
            }
            (Some(Order::Slots { edit, .. }), Some(lookup)) => {
                Some(Verdict::of_slots(&lookup.before.preview(&edit, &self.operator)))
            }
            (Some(Order::Slots { .. }), None) => None,
        };
    }

    /// Holds the cards above the column after (or before) the one that they are above.
    pub(crate) fn hold_beside(&mut self, told: &Told, backwards: bool) {
        let Some(held) = &self.held else { return };
        let keys = self.deck.columns.iter().map(|column| column.key);
        let target = if backwards {
            keys.filter(|key| *key < held.target).max()
        } else {
            keys.filter(|key| *key > held.target).min()
        };
        if let Some(target) = target {
            self.hold_above(told, target, Spot::Any);
        }
    }

    /// Holds the cards one place further down (or up) among the cards of their track.
    pub(crate) fn hold_along(&mut self, told: &Told, upwards: bool) {
        let Some(held) = self.held.as_ref() else { return };
        let Some(row) = self.deck.card(&held.card).map(|card| card.row) else { return };
        let column = self.deck.column(held.target);
        let places = self.plot.places.iter().filter(|place| Some(place.column) == column);
        let cards = places.filter_map(|place| self.deck.cards.get(place.card)).filter(|card| card.row == row);
        // Its own place counts where it is at home: from there it goes up or down by one.
        let cards: Vec<&CardId> =
            cards.map(|card| &card.id).filter(|id| **id == held.card || !held.has(id)).collect();
        let own = cards.iter().position(|id| **id == held.card);
        let others: Vec<&CardId> = cards.into_iter().filter(|id| **id != held.card).collect();
        let at = match &held.spot {
            Spot::Before(card) => others.iter().position(|id| *id == card).unwrap_or(others.len()),
            Spot::Any => own.unwrap_or(others.len()),
            Spot::Last => others.len(),
        };
        let at = if upwards { at.saturating_sub(1) } else { (at + 1).min(others.len()) };
        let spot = match others.get(at) {
            _ if own == Some(at) => Spot::Any,
            Some(card) => Spot::Before((*card).clone()),
            None => Spot::Last,
        };
        let target = held.target;
        self.hold_above(told, target, spot);
    }

    /// The place after a card, among those of its track and column.
    pub(crate) fn spot_after(&self, card: usize) -> Spot {
        let Some(own) = self.deck.cards.get(card) else { return Spot::Any };
        let mut places = self.plot.places.iter().skip_while(|place| place.card != card).skip(1);
        let next = places.find_map(|place| {
            let other = self.deck.cards.get(place.card)?;
            let held = self.held.as_ref().is_some_and(|held| held.has(&other.id));
            ((other.column, other.row) == (own.column, own.row) && !held).then(|| other.id.clone())
        });
        next.map_or(Spot::Last, Spot::Before)
    }

    /// Keeps only those cards in the hand that are still there, and asks anew what a drop would do.
    pub(super) fn hold_what_is_there(&mut self, told: &Told) {
        let Some(mut held) = self.held.take() else { return };
        held.cards.retain(|card| self.deck.find(card).is_some());
        if self.deck.find(&held.card).is_none() || self.deck.column(held.target).is_none() {
            self.pressed = None;
            return;
        }
        held.plan = self.lookup(told);
        self.held = Some(held);
        self.judge(told);
    }

    /// Puts the cards back.
    pub(crate) fn put_back(&mut self) {
        self.held = None;
        self.pressed = None;
        self.pushed = None;
    }

    fn lookup(&self, told: &Told) -> Option<Lookup> {
        let viewed = self.viewed()?;
        let (slug, named) = (viewed.slug()?, viewed.named(told)?);
        let running = |card: &Card| {
            matches!(card.condition, Condition::Working | Condition::Waiting | Condition::RateLimited)
        };
        let running = agents(told).into_iter().filter(|(_, card)| running(card));
        let running = running.map(|(name, _)| TaskId::from(name)).collect();
        let graph = Graph::of(&told.state.backlog);
        let before = Arc::new(Before::of(&named.plan, &graph, &running));
        Some(Lookup { slug: slug.to_owned(), version: named.version, before })
    }
}
