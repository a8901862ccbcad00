//! Why a task cannot start: what it waits for, and where that lies.

use serde::{Deserialize, Serialize};

use super::Graph;
use crate::plan::backlog::{Status, TaskId};

/// One unsatisfied dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What is waited for.
    pub id: TaskId,
    /// What that is to the plan.
    pub kind: WaitKind,
    /// Where it stands; `None` when it is missing.
    pub status: Option<Status>,
    /// The saga or epic that states the dependency, when the task does not state it itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<TaskId>,
}

/// What is waited for, to the plan that one looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitKind {
    /// Part of it.
    InPlan,
    /// Not part of it, but in the backlog: a gate.
    Outside,
    /// In no backlog that is known.
    Missing,
    /// It waits for itself, over others or directly.
    Cycle,
}

impl Graph<'_> {
    /// What a task waits for by [`super::RULE`]: its own unsatisfied dependencies, then those of the sagas and epics
    /// that it lies in; each in the order of ids, missing ones last. `in_plan` says what belongs to the plan. What is
    /// finished waits for nothing.
    pub fn waits(&self, id: &TaskId, in_plan: impl Fn(&TaskId) -> bool) -> Vec<Wait> {
        let unfinished = |index: &usize| self.task(*index).is_some_and(|task| !task.status.is_finished());
        let Some(own) = self.index(id).filter(unfinished) else { return Vec::new() };
        let mut waits: Vec<Wait> = Vec::new();
        for index in self.stated_for(own) {
            let Some(stating) = self.task(index) else { continue };
            let via = (index != own).then(|| stating.id.clone());
            let new = |waits: &[Wait], id: &TaskId| waits.iter().all(|wait| wait.id != *id);
            for need in self.needs.of_index(index) {
                let Some(task) = self.task(*need).filter(|_| unfinished(need)) else { continue };
                let kind = if self.sequence.goes_round(*need) {
                    WaitKind::Cycle
                } else if in_plan(&task.id) {
                    WaitKind::InPlan
                } else {
                    WaitKind::Outside
                };
                // What an epic around waits for inside of itself holds nobody up twice.
                if new(&waits, &task.id) {
                    waits.push(Wait {
                        id: task.id.clone(),
                        kind,
                        status: Some(task.status),
                        via: via.clone(),
                    });
                }
            }
            let first = self.missing.partition_point(|(from, _)| *from < index);
            for (_, id) in self.missing.iter().skip(first).take_while(|(from, _)| *from == index) {
                if new(&waits, id) {
                    let via = via.clone();
                    waits.push(Wait { id: (*id).clone(), kind: WaitKind::Missing, status: None, via });
                }
            }
        }
        waits
    }

    /// Whether every dependency of a task is satisfied by [`super::RULE`].
    pub fn is_free(&self, id: &TaskId) -> bool {
        self.waits(id, |_| true).is_empty()
    }
}
