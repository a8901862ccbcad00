//! What there is to do: sagas, epics, tasks and subtasks, created here or read from somebody else's backlog.
//!
//! A [`Backlog`] is a value. It keeps what it is told, however odd: parents and dependencies that are not there, circles
//! of both. [`super::order`] says what follows from it. Nothing here reads a file; [`source`] compares what a source
//! says now with what it said before, so that following one costs what changed.

pub mod change;
pub mod id;
pub mod import;
pub mod source;
pub mod task;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use change::{TaskChange, TaskEdit};
pub use id::TaskId;
pub use source::{Difference, Source, SourceKind};
pub use task::{Kind, Priority, Status, Task};

/// Everything that is to be done, in the order of ids ([`TaskId`] compares the numbers in them as numbers).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    #[serde(with = "as_list")]
    tasks: BTreeMap<TaskId, Task>,
    /// Of tasks that were read from a source and changed here: what the source said of them.
    #[serde(default, with = "as_list", skip_serializing_if = "BTreeMap::is_empty")]
    said: BTreeMap<TaskId, Task>,
    /// Where tasks were read from, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
}

impl Backlog {
    /// The record of this id.
    pub fn get(&self, id: &TaskId) -> Option<&Task> {
        self.tasks.get(id)
    }

    /// Every record, in the order of ids.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = &Task> + Clone {
        self.tasks.values()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there is no record, and no source to follow.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.sources.is_empty()
    }

    /// Where tasks were read from, the oldest first.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The records directly in this one, in the order of ids. Looks at every record.
    pub fn children<'a>(&'a self, id: &'a TaskId) -> impl Iterator<Item = &'a Task> {
        self.tasks.values().filter(move |task| task.parent.as_ref() == Some(id))
    }

    /// What a record lies in, the nearest first. Ends where a parent is not there, or is met again.
    pub fn ancestors(&self, id: &TaskId) -> Vec<&Task> {
        let mut seen = BTreeSet::from([id]);
        let mut found = Vec::new();
        let mut next = self.tasks.get(id).and_then(|task| task.parent.as_ref());
        while let Some(task) = next.filter(|parent| seen.insert(parent)).and_then(|id| self.tasks.get(id)) {
            found.push(task);
            next = task.parent.as_ref();
        }
        found
    }

    /// The track of a record: its own, or that of the nearest record it lies in that has one.
    pub fn track(&self, id: &TaskId) -> Option<&str> {
        let own = self.tasks.get(id)?.track.as_deref();
        own.or_else(|| self.ancestors(id).into_iter().find_map(|task| task.track.as_deref()))
    }

    /// Adds a record, or replaces the one of the same id.
    pub fn put(&mut self, task: Task) {
        self.tasks.insert(task.id.clone(), task);
    }

    /// The first id of the form `T` and digits (at least three) that is higher than any other, as CLEO counts.
    pub fn next_id(&self) -> TaskId {
        let number =
            |id: &TaskId| id.as_str().strip_prefix('T').and_then(|digits| digits.parse::<u64>().ok());
        let last = self.tasks.keys().filter_map(number).max().unwrap_or(0);
        TaskId::from(format!("T{:03}", last.saturating_add(1)))
    }
}

/// A map of tasks as the list of its values: their ids stand in them.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Task, TaskId};

    pub(super) fn serialize<S: Serializer>(
        tasks: &BTreeMap<TaskId, Task>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(tasks.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<TaskId, Task>, D::Error> {
        let tasks = Vec::<Task>::deserialize(deserializer)?;
        Ok(tasks.into_iter().map(|task| (task.id.clone(), task)).collect())
    }
}

#[cfg(test)]
mod tests;
