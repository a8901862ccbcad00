//! Why a task cannot start: what it waits for, and where that lies.

use serde::{Deserialize, Serialize};

use super::Graph;
use crate::plan::backlog::{Status, Task, TaskId};

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

impl<'a> Graph<'a> {
    /// What a task waits for by [`super::RULE`]: its own unsatisfied dependencies, then those of the sagas and epics
    /// that it lies in; each in the order of ids, missing ones last. `in_plan` says what belongs to the plan. What is
    /// finished waits for nothing.
    pub fn waits(&self, id: &TaskId, in_plan: impl Fn(&TaskId) -> bool) -> Vec<Wait> {
        let unfinished = |index: &usize| self.mark(*index).is_some_and(|mark| !mark.status.is_finished());
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
            for id in self.missing_of(index) {
                if new(&waits, id) {
                    let via = via.clone();
                    waits.push(Wait { id: id.clone(), kind: WaitKind::Missing, status: None, via });
                }
            }
        }
        waits
    }

    /// How many records there are. Each has a number below that, in the order of ids.
    pub(in crate::plan) fn count(&self) -> usize {
        self.tasks.len()
    }

    /// The record of a number.
    pub(in crate::plan) fn record(&self, number: usize) -> Option<&'a Task> {
        self.task(number)
    }

    /// The unfinished records that an unfinished one waits for, by number, ascending.
    pub(in crate::plan) fn open_needs(&self, number: usize) -> Vec<usize> {
        let unfinished = |index: &usize| self.mark(*index).is_some_and(|mark| !mark.status.is_finished());
        if !unfinished(&number) {
            return Vec::new();
        }
        let stated = self.stated_for(number).flat_map(|index| self.needs.of_index(index).iter().copied());
        let mut needs: Vec<usize> = stated.filter(unfinished).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// What an unfinished record waits for and is not in the backlog.
    pub(in crate::plan) fn missing_needs(&self, number: usize) -> Vec<&'a TaskId> {
        if self.missing.is_empty() || self.task(number).is_none_or(|task| task.status.is_finished()) {
            return Vec::new();
        }
        let mut missing: Vec<&TaskId> = Vec::new();
        for index in self.stated_for(number) {
            missing.extend(self.missing_of(index).filter(|id| !missing.contains(id)).collect::<Vec<_>>());
        }
        missing
    }

    /// What a record states itself and is not in the backlog.
    fn missing_of(&self, index: usize) -> impl Iterator<Item = &'a TaskId> + '_ {
        let first = self.missing.partition_point(|(from, _)| *from < index);
        let from = self.missing.iter().skip(first);
        from.take_while(move |(from, _)| *from == index).map(|(_, id)| *id)
    }

    /// Whether every dependency of a task is satisfied by [`super::RULE`].
    pub fn is_free(&self, id: &TaskId) -> bool {
        self.waits(id, |_| true).is_empty()
    }
}
