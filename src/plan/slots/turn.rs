//! Whose turn it is: a plan's waves come one after the other.

use std::collections::BTreeMap;

use super::super::wave::WaveNumber;
use super::Plan;
use crate::plan::backlog::{Task, TaskId};
use crate::plan::order::{Graph, Why, WhyKind};

/// The wave of a plan that is at work: the first one with unfinished tasks of the backlog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    wave: Option<WaveNumber>,
    placement: BTreeMap<TaskId, WaveNumber>,
}

impl Turn {
    /// Whose turn it is in a plan.
    pub fn of(plan: &Plan, graph: &Graph<'_>) -> Turn {
        let open = |id: &TaskId| graph.backlog().get(id).is_some_and(is_open);
        let wave = plan.slots().find(|(_, slot)| open(&slot.task)).map(|(wave, _)| wave);
        Turn { wave, placement: plan.placement() }
    }

    /// The wave; `None` when every one is finished.
    pub fn wave(&self) -> Option<WaveNumber> {
        self.wave
    }

    /// The wave of a task; `None` for one without a slot.
    pub fn wave_of(&self, task: &TaskId) -> Option<WaveNumber> {
        self.placement.get(task).copied()
    }

    /// Why a task has to wait for its wave. One without a slot waits for none: the plan says nothing about it.
    pub fn holds_back(&self, task: &TaskId) -> Option<Why> {
        let (turn, own) = (self.wave?, self.wave_of(task)?);
        let detail = format!("stands in wave {own}, and wave {turn} is not finished");
        (own > turn).then_some(Why { kind: WhyKind::Wave, id: None, detail })
    }
}

/// Whether a task keeps its wave from being over.
pub(super) fn is_open(task: &Task) -> bool {
    task.is_work() && !task.status.is_finished()
}
