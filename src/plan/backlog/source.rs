//! Backlogs of others that ours follows: what they said, what they say now, and the difference.
//!
//! A source is only ever read. What was changed here stays until the source itself says something else about the same
//! field: an import merges field by field, with what the source said before as the common ground.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Backlog;
use super::id::TaskId;
use super::task::Task;

/// A backlog of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// The file, absolute.
    pub path: String,
    /// Whether it is read again by itself when it changes.
    pub follow: bool,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A store of CLEO, of any of its layouts.
    Cleo,
    /// A JSON file with a list of tasks.
    Tasks,
}

/// What a source says otherwise than it did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Records that are new or changed, as the source has them.
    pub upserts: Vec<Task>,
    /// Records that it does not have any more.
    pub removals: Vec<TaskId>,
    /// Records that it says and that are not taken, because the id is already that of a record created here or read
    /// from elsewhere.
    pub taken_already: Vec<TaskId>,
}

impl Difference {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.upserts.is_empty() && self.removals.is_empty()
    }
}

impl Backlog {
    /// What the source of this path says otherwise now than when it was read last. `records` is all it has; of records
    /// with the same id the last counts.
    pub fn difference(&self, path: &str, records: Vec<Task>) -> Difference {
        let mut difference = Difference::default();
        let mut there = BTreeSet::new();
        let records: BTreeMap<TaskId, Task> =
            records.into_iter().map(|record| (record.id.clone(), record)).collect();
        for (id, record) in records {
            let record = Task { source: Some(path.to_owned()), ..record };
            match self.tasks.get(&id) {
                Some(task) if task.source.as_deref() != Some(path) => difference.taken_already.push(id),
                Some(task) => {
                    if self.said.get(&id).unwrap_or(task) != &record {
                        difference.upserts.push(record);
                    }
                    there.insert(id);
                }
                None => difference.upserts.push(record),
            }
        }
        let gone = self.tasks.values().filter(|task| task.source.as_deref() == Some(path));
        difference.removals = gone.map(|task| &task.id).filter(|id| !there.contains(id)).cloned().collect();
        difference
    }

    /// Takes in what a source says otherwise. A field that was changed here stays, unless the source changed it, too.
    pub fn import(&mut self, source: &Source, upserts: &[Task], removals: &[TaskId]) {
        match self.sources.iter_mut().find(|known| known.path == source.path) {
            Some(known) => *known = source.clone(),
            None => self.sources.push(source.clone()),
        }
        for id in removals {
            self.tasks.remove(id);
            self.said.remove(id);
        }
        for record in upserts {
            let merged = match (self.tasks.get(&record.id), self.said.get(&record.id)) {
                (Some(ours), Some(said)) => merge(ours, said, record),
                (Some(_), None) | (None, _) => record.clone(),
            };
            if merged == *record {
                self.said.remove(&record.id);
            } else {
                self.said.insert(record.id.clone(), record.clone());
            }
            self.put(merged);
        }
    }
}

/// Each field as the source has it now if it changed there, else as it is here.
fn merge(ours: &Task, said: &Task, says: &Task) -> Task {
    fn field<T: PartialEq + Clone>(ours: &T, said: &T, says: &T) -> T {
        if said == says { ours.clone() } else { says.clone() }
    }
    Task {
        id: says.id.clone(),
        kind: field(&ours.kind, &said.kind, &says.kind),
        title: field(&ours.title, &said.title, &says.title),
        status: field(&ours.status, &said.status, &says.status),
        priority: field(&ours.priority, &said.priority, &says.priority),
        parent: field(&ours.parent, &said.parent, &says.parent),
        depends: field(&ours.depends, &said.depends, &says.depends),
        track: field(&ours.track, &said.track, &says.track),
        files: field(&ours.files, &said.files, &says.files),
        acceptance: field(&ours.acceptance, &said.acceptance, &says.acceptance),
        labels: field(&ours.labels, &said.labels, &says.labels),
        description: field(&ours.description, &said.description, &says.description),
        source: says.source.clone(),
    }
}
