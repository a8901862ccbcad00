//! What is odd in a backlog. Everything goes on all the same.

use std::fmt;

use serde::Serialize;

use super::Graph;
use crate::plan::backlog::TaskId;

/// One odd thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// A record lies in one that is not there.
    MissingParent {
        /// The record.
        id: TaskId,
        /// What is not there.
        parent: TaskId,
    },
    /// Records lie in each other.
    ParentCycle {
        /// Each lies in the next, the last in the first.
        ids: Vec<TaskId>,
    },
    /// A record depends on one that is not there.
    MissingDependency {
        /// The record.
        id: TaskId,
        /// What is not there.
        needs: TaskId,
    },
    /// A record depends on a saga or epic that it lies in, or the other way round; that orders nothing.
    ContainedDependency {
        /// The record.
        id: TaskId,
        /// What it lies in, or what lies in it.
        needs: TaskId,
    },
    /// Records wait for each other.
    DependencyCycle {
        /// Each waits for the next as far as one list can say that.
        ids: Vec<TaskId>,
    },
}

impl Graph<'_> {
    /// Everything that is odd: parents first, then dependencies, each kind in the order of ids.
    pub fn faults(&self) -> Vec<Fault> {
        let id = |index: usize| self.task(index).map(|task| task.id.clone());
        let mut faults: Vec<Fault> = self
            .tasks
            .iter()
            .filter_map(|task| {
                let parent = task.parent.clone().filter(|parent| self.index(parent).is_none())?;
                Some(Fault::MissingParent { id: task.id.clone(), parent })
            })
            .collect();
        let circle = |circle: &Vec<usize>| circle.iter().filter_map(|index| id(*index)).collect();
        faults.extend(self.tree.circles().iter().map(|ids| Fault::ParentCycle { ids: circle(ids) }));
        faults.extend(self.missing.iter().filter_map(|(index, needs)| {
            Some(Fault::MissingDependency { id: id(*index)?, needs: (*needs).clone() })
        }));
        faults.extend(self.contained.iter().filter_map(|(index, needs)| {
            Some(Fault::ContainedDependency { id: id(*index)?, needs: id(*needs)? })
        }));
        let mut circles: Vec<Vec<TaskId>> = self.sequence.circles().iter().map(circle).collect();
        circles.sort();
        faults.extend(circles.into_iter().map(|ids| Fault::DependencyCycle { ids }));
        faults
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let round = |ids: &[TaskId]| {
            let names: Vec<&str> = ids.iter().chain(ids.first()).map(TaskId::as_str).collect();
            names.join(" → ")
        };
        match self {
            Fault::MissingParent { id, parent } => {
                write!(formatter, "{id} lies in {parent}, which is not in the backlog")
            }
            Fault::ParentCycle { ids } => write!(formatter, "these lie in each other: {}", round(ids)),
            Fault::MissingDependency { id, needs } => {
                write!(formatter, "{id} depends on {needs}, which is not in the backlog")
            }
            Fault::ContainedDependency { id, needs } => {
                write!(formatter, "{id} depends on {needs}, and one lies in the other: this orders nothing")
            }
            Fault::DependencyCycle { ids } => write!(formatter, "these wait for each other: {}", round(ids)),
        }
    }
}
