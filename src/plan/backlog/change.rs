//! Changes that are made here, one at a time, each with its inverse.

use serde::{Deserialize, Serialize};

use super::Backlog;
use super::id::TaskId;
use super::task::{Kind, Priority, Status, Task};

/// One edit of the backlog that is made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum TaskEdit {
    /// Another record.
    Add {
        /// Its id; `None` for the next free one ([`Backlog::next_id`]).
        id: Option<TaskId>,
        /// At which height it stands.
        kind: Kind,
        /// What people call it.
        title: String,
        /// What else is said of it.
        changes: Vec<TaskChange>,
    },
    /// A record becomes otherwise.
    Change {
        /// Which.
        id: TaskId,
        /// In what.
        changes: Vec<TaskChange>,
    },
}

/// One change of one record. Each says the whole new value, so that making it twice does no more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum TaskChange {
    /// Another title.
    Title {
        /// The new one.
        title: String,
    },
    /// It stands elsewhere.
    Status {
        /// The new one.
        status: Status,
    },
    /// It matters more or less.
    Priority {
        /// The new one.
        priority: Priority,
    },
    /// It lies in something else, or in nothing.
    Parent {
        /// The new one.
        parent: Option<TaskId>,
    },
    /// Another track of its own, or none, so that it has that of what it lies in.
    Track {
        /// The new one.
        track: Option<String>,
    },
    /// Other dependencies.
    Depends {
        /// All of them.
        depends: Vec<TaskId>,
    },
    /// Other files.
    Files {
        /// All of them.
        files: Vec<String>,
    },
    /// Other conditions.
    Acceptance {
        /// All of them.
        acceptance: Vec<String>,
    },
    /// Another description.
    Description {
        /// The new one.
        description: String,
    },
}

impl TaskChange {
    /// Makes the change and gives the one that takes it back.
    pub fn make(&self, task: &mut Task) -> TaskChange {
        use std::mem::replace;
        match self {
            TaskChange::Title { title } => {
                TaskChange::Title { title: replace(&mut task.title, title.clone()) }
            }
            TaskChange::Status { status } => {
                TaskChange::Status { status: replace(&mut task.status, *status) }
            }
            TaskChange::Priority { priority } => {
                TaskChange::Priority { priority: replace(&mut task.priority, *priority) }
            }
            TaskChange::Parent { parent } => {
                TaskChange::Parent { parent: replace(&mut task.parent, parent.clone()) }
            }
            TaskChange::Track { track } => {
                TaskChange::Track { track: replace(&mut task.track, track.clone()) }
            }
            TaskChange::Depends { depends } => {
                TaskChange::Depends { depends: replace(&mut task.depends, depends.clone()) }
            }
            TaskChange::Files { files } => {
                TaskChange::Files { files: replace(&mut task.files, files.clone()) }
            }
            TaskChange::Acceptance { acceptance } => {
                TaskChange::Acceptance { acceptance: replace(&mut task.acceptance, acceptance.clone()) }
            }
            TaskChange::Description { description } => {
                TaskChange::Description { description: replace(&mut task.description, description.clone()) }
            }
        }
    }
}

impl Backlog {
    /// Changes a record and gives the changes that take it back, to be made in their order. `None` when there is no such
    /// record. What a source said of it is kept, so that the next import does not undo the change.
    pub fn change(&mut self, id: &TaskId, changes: &[TaskChange]) -> Option<Vec<TaskChange>> {
        let task = self.tasks.get_mut(id)?;
        if task.source.is_some() && !self.said.contains_key(id) {
            self.said.insert(id.clone(), task.clone());
        }
        let mut back: Vec<TaskChange> = changes.iter().map(|change| change.make(task)).collect();
        back.reverse();
        if self.said.get(id) == Some(task) {
            self.said.remove(id);
        }
        Some(back)
    }
}
