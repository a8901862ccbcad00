//! What the board shows: the agents of the lane's waves, or the tasks of a plan. A plan is one that was saved, or one
//! that follows from the dependencies alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::engine::view::Card;
use crate::plan::WaveNumber;
use crate::plan::backlog::TaskId;
use crate::plan::document::Reading;
use crate::plan::order::{Graph, Scope};
use crate::plan::slots::{Change, Named, Plan, Turn};
use crate::tui::told::Told;

/// What the board shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The agents of the lane's waves.
    #[default]
    Waves,
    /// The tasks of a plan.
    Plan(Viewed),
}

/// A plan that can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Viewed {
    /// The one that was saved under this name.
    Saved(String),
    /// The waves that follow from the dependencies within these records; of the whole backlog where none is named.
    Computed(Vec<TaskId>),
}

impl Subject {
    /// What is shown, given what the operator wants: a plan that is gone makes way for the one that is meant by default,
    /// and a lane without a wave for its backlog, if there is one.
    pub(crate) fn resolved(wanted: Option<&Subject>, told: &Told) -> Subject {
        match wanted {
            Some(Subject::Waves) => Subject::Waves,
            Some(Subject::Plan(Viewed::Saved(slug))) if told.state.plans.get(slug).is_none() => {
                Subject::Plan(Viewed::usual(told))
            }
            Some(Subject::Plan(viewed)) => Subject::Plan(viewed.clone()),
            None if told.project.waves.is_empty() && told.cards.is_empty() && has_tasks(told) => {
                Subject::Plan(Viewed::usual(told))
            }
            None => Subject::Waves,
        }
    }
}

/// Whether there is something that a plan could be about.
pub(crate) fn has_tasks(told: &Told) -> bool {
    !told.state.backlog.is_empty() || told.state.plans.iter().len() > 0
}

impl Viewed {
    /// The plan that is meant when none is named: the active one, else what is computed of the whole backlog.
    pub(crate) fn usual(told: &Told) -> Viewed {
        match told.state.plans.active() {
            Some(slug) => Viewed::Saved(slug.to_owned()),
            None => Viewed::Computed(Vec::new()),
        }
    }

    /// Everything that can be looked at: saved plans by name, then what is computed of all, of each saga, of each epic.
    pub(crate) fn all(told: &Told) -> Vec<Viewed> {
        let backlog = &told.state.backlog;
        let saved = told.state.plans.iter().map(|(slug, _)| Viewed::Saved(slug.to_owned()));
        let mut containers: Vec<_> = backlog.tasks().filter(|task| task.kind.is_container()).collect();
        containers.sort_by_key(|task| task.kind);
        let computed = containers.into_iter().map(|task| Viewed::Computed(vec![task.id.clone()]));
        saved.chain((!backlog.is_empty()).then(|| Viewed::Computed(Vec::new()))).chain(computed).collect()
    }

    /// What it is called: `plan next`, `computed, T1737`.
    pub(crate) fn words(&self) -> String {
        match self {
            Viewed::Saved(slug) => format!("plan {slug}"),
            Viewed::Computed(scope) if scope.is_empty() => "computed, the whole backlog".into(),
            Viewed::Computed(scope) => format!("computed, {}", names(scope)),
        }
    }

    /// Its name, where it was saved.
    pub(crate) fn slug(&self) -> Option<&str> {
        match self {
            Viewed::Saved(slug) => Some(slug),
            Viewed::Computed(_) => None,
        }
    }

    /// What was saved, with its version.
    pub(crate) fn named<'t>(&self, told: &'t Told) -> Option<&'t Named> {
        told.state.plans.get(self.slug()?)
    }

    /// What the document says that it follows.
    pub(crate) fn reading<'t>(&self, told: &'t Told) -> Option<&'t Reading> {
        told.state.documents.get(self.named(told)?.plan.document.as_ref()?)
    }

    /// The plan itself; made for what is computed.
    pub(crate) fn plan<'t>(&self, told: &'t Told, graph: &Graph<'_>) -> Cow<'t, Plan> {
        match self {
            Viewed::Saved(_) => self
                .named(told)
                .map_or_else(|| Cow::Owned(Plan::default()), |named| Cow::Borrowed(&named.plan)),
            Viewed::Computed(scope) => {
                let levels = graph.levels(&scope_of(scope));
                let mut plan = Plan::of(levels.waves.into_iter().map(|level| (level.number, level.tasks)));
                plan.scope = scope.clone();
                Cow::Owned(plan)
            }
        }
    }

    /// Whose turn it is: the waves of a saved plan come one after the other, computed ones hold nobody back that is free.
    pub(crate) fn turn(&self, plan: &Plan, graph: &Graph<'_>) -> Turn {
        match self {
            Viewed::Saved(_) => Turn::of(plan, graph),
            Viewed::Computed(_) => Turn::default(),
        }
    }

    /// Where its tasks were at first: by the document that it follows, else as it was last saved whole.
    pub(crate) fn baseline<'t>(&self, told: &'t Told) -> HashMap<&'t str, WaveNumber> {
        if let Some(reading) = self.reading(told) {
            return reading.slots.iter().map(|slot| (slot.id.as_str(), slot.wave)).collect();
        }
        let saved = told.state.plans.standing().find_map(|past| match &past.change {
            Change::Save { slug, plan } if Some(slug.as_str()) == self.slug() => Some(placement(plan)),
            Change::Save { .. }
            | Change::Edit { .. }
            | Change::Rename { .. }
            | Change::Delete { .. }
            | Change::Activate { .. } => None,
        });
        saved.unwrap_or_default()
    }
}

/// The wave of every task that has a slot, by the text of its id: looked up many times for every card.
pub(crate) fn placement(plan: &Plan) -> HashMap<&str, WaveNumber> {
    plan.slots().map(|(wave, slot)| (slot.task.as_str(), wave)).collect()
}

/// A scope by the records that were named.
pub(crate) fn scope_of(ids: &[TaskId]) -> Scope {
    if ids.is_empty() { Scope::All } else { Scope::Of(ids.to_vec()) }
}

/// Ids as a list in a sentence.
pub(crate) fn names(ids: &[TaskId]) -> String {
    ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(", ")
}

/// The cards of agents that work on tasks, by the name that an agent and its task share.
pub(crate) fn agents(told: &Told) -> BTreeMap<&str, &Card> {
    told.cards.iter().filter(|card| card.attempt.is_some()).map(|card| (card.agent.as_str(), card)).collect()
}
