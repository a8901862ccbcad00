//! The difference between a plan and something else that puts tasks into waves: another plan, or what is computed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::wave::WaveNumber;
use super::{Broken, Plan, broken};
use crate::plan::backlog::TaskId;
use crate::plan::order::Graph;

/// What became of a baseline. Lists are in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Not in the baseline.
    pub added: Vec<Placed>,
    /// In the baseline alone.
    pub removed: Vec<Placed>,
    /// In both, in different waves.
    pub moved: Vec<Moved>,
    /// Slots of the baseline that break a dependency now.
    pub illegal: Vec<Broken>,
    /// Finished tasks of the baseline, while an earlier wave of it is not finished.
    pub done_early: Vec<Placed>,
    /// How many are in the same wave of both.
    pub unchanged: usize,
}

/// A task and its wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The task.
    pub id: TaskId,
    /// The wave.
    pub wave: WaveNumber,
}

/// A task that stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The task.
    pub id: TaskId,
    /// Its wave in the baseline.
    pub from: WaveNumber,
    /// Its wave now.
    pub to: WaveNumber,
}

impl Drift {
    /// Whether the two agree and nothing else is worth a word.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.moved.is_empty()
            && self.illegal.is_empty()
            && self.done_early.is_empty()
    }
}

/// How `now` differs from `baseline`, and what the backlog says about the baseline. A computed `now` may come from
/// [`crate::plan::order::Levels`], another plan's from [`Plan::placement`].
pub fn drift(baseline: &Plan, now: &BTreeMap<TaskId, WaveNumber>, graph: &Graph<'_>) -> Drift {
    let then = baseline.placement();
    let mut drift = Drift { illegal: broken(baseline, graph), ..Drift::default() };
    for (id, from) in &then {
        match now.get(id) {
            None => drift.removed.push(Placed { id: id.clone(), wave: *from }),
            Some(to) if to == from => drift.unchanged += 1,
            Some(to) => drift.moved.push(Moved { id: id.clone(), from: *from, to: *to }),
        }
    }
    let added = now.iter().filter(|(id, _)| !then.contains_key(*id));
    drift.added = added.map(|(id, wave)| Placed { id: id.clone(), wave: *wave }).collect();
    drift.done_early = done_early(baseline, graph);
    drift
}

/// Finished tasks in waves after the first one that is not finished.
fn done_early(plan: &Plan, graph: &Graph<'_>) -> Vec<Placed> {
    let finished = |id: &TaskId| graph.backlog().get(id).is_some_and(|task| task.status.is_finished());
    let first_open = plan.slots().find(|(_, slot)| !finished(&slot.task)).map(|(wave, _)| wave);
    let Some(first_open) = first_open else { return Vec::new() };
    let early = plan.slots().filter(|(wave, slot)| *wave > first_open && finished(&slot.task));
    let mut early: Vec<Placed> = early.map(|(wave, slot)| Placed { id: slot.task.clone(), wave }).collect();
    early.sort_by(|one, other| one.id.cmp(&other.id));
    early
}
