//! The inbox: what agents ask, what an answer would unblock, and the answer being typed. Questions never take the focus
//! or a key; while the operator is in the inbox their order stands still.

pub(crate) mod arrange;
pub(crate) mod draw;

use std::collections::BTreeMap;

use super::app::Region;
use super::prompt::{Lines, Prompt};
use super::told::Told;
use crate::engine::state::{Question, QuestionStatus};
use crate::engine::view::Condition;
use crate::engine::{QuestionId, Time};

/// A question as the inbox lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its ticket.
    pub(crate) question: QuestionId,
    /// Who asks.
    pub(crate) agent: String,
    /// What.
    pub(crate) text: String,
    /// Answers to choose from.
    pub(crate) options: Vec<String>,
    /// Since when.
    pub(crate) asked_at: Time,
    /// Agents that go on once it is answered, the asking one included.
    pub(crate) unblocks: usize,
    /// Its terminal.
    pub(crate) session: Option<String>,
}

/// View state of the inbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inbox {
    /// Open questions in the order in which they are listed.
    pub(crate) order: Vec<QuestionId>,
    /// The selected one.
    pub(crate) selected: Option<QuestionId>,
    /// Whether it is shown in full.
    pub(crate) open: bool,
    /// Whether its answer is being typed.
    pub(crate) editing: bool,
    /// Answers begun, by question; they stay until sent.
    pub(crate) drafts: BTreeMap<QuestionId, Prompt>,
    /// Where the operator came from.
    pub(crate) entered_from: Option<Region>,
    /// Who was answered last from here: the operator wants to see them go on when nobody else waits.
    pub(crate) answered: Option<String>,
}

/// The question with this ticket as an entry; `None` when it is not open.
pub(crate) fn entry(told: &Told, id: QuestionId) -> Option<Entry> {
    let question =
        told.state.questions.get(&id).filter(|question| question.status == QuestionStatus::Open)?;
    let card = told.cards.iter().find(|card| card.wave == question.wave && card.agent == question.agent);
    Some(Entry {
        question: id,
        agent: question.agent.clone(),
        text: question.text.clone(),
        options: question.options.clone(),
        asked_at: question.asked_at,
        unblocks: unblocks(told, question),
        session: card.and_then(|card| card.session.clone()),
    })
}

/// The asking agent, and those of its wave that are held back and name it as what they wait for or run in a later
/// stage.
fn unblocks(told: &Told, question: &Question) -> usize {
    let stage = |agent: &str| {
        let brief = told.state.waves.get(&question.wave)?.brief.as_ref()?;
        brief.agents.iter().find(|brief| brief.id == agent).map(|brief| brief.stage)
    };
    let own = stage(&question.agent);
    let held = told.cards.iter().filter(|card| {
        card.wave == question.wave && card.condition == Condition::Held && stage(&card.agent) > own
    });
    1 + held.count()
}

impl Inbox {
    /// Follows the questions: those that are closed go, new ones come; the order is by value while nobody is here.
    pub(crate) fn settle(&mut self, told: &Told, visited: bool) {
        let open: Vec<Entry> = told.state.questions.keys().filter_map(|id| entry(told, *id)).collect();
        let mut order: Vec<&Entry> = open.iter().collect();
        order.sort_by_key(|entry| (std::cmp::Reverse(entry.unblocks), entry.asked_at, entry.question));
        if visited {
            let place =
                |id: &QuestionId| self.order.iter().position(|known| known == id).unwrap_or(usize::MAX);
            order.sort_by_key(|entry| place(&entry.question));
        }
        let before = self.selected.and_then(|id| self.order.iter().position(|known| *known == id));
        self.order = order.iter().map(|entry| entry.question).collect();
        self.drafts.retain(|id, _| self.order.contains(id));
        if self.selected.is_none_or(|id| !self.order.contains(&id)) {
            let index = before.unwrap_or(0).min(self.order.len().saturating_sub(1));
            self.selected = self.order.get(index).copied();
            self.editing = false;
            self.open = self.open && visited && self.selected.is_some();
        }
    }

    /// Selects the next (or the previous) question.
    pub(crate) fn go(&mut self, backwards: bool) {
        let at = self.selected.and_then(|id| self.order.iter().position(|known| *known == id)).unwrap_or(0);
        let index =
            if backwards { at.saturating_sub(1) } else { (at + 1).min(self.order.len().saturating_sub(1)) };
        self.selected = self.order.get(index).copied();
    }

    /// Opens a question; one without options is answered by typing at once.
    pub(crate) fn open(&mut self, told: &Told, id: QuestionId) {
        self.selected = Some(id);
        self.open = true;
        self.editing = entry(told, id).is_some_and(|entry| entry.options.is_empty());
        if self.editing {
            self.edit();
        }
    }

    /// Begins to type the answer, or goes on with it.
    pub(crate) fn edit(&mut self) {
        if let Some(id) = self.selected {
            self.open = true;
            self.editing = true;
            self.drafts.entry(id).or_insert_with(|| Prompt::new(Lines::Many));
        }
    }

    /// The answer being typed.
    pub(crate) fn draft(&mut self) -> Option<&mut Prompt> {
        let id = self.selected.filter(|_| self.editing)?;
        self.drafts.get_mut(&id)
    }
}
