//! A store of CLEO, of either layout of its tables, as records of ours.
//!
//! Source of the format: the MIT-licensed CLEO, tables `tasks` and `task_dependencies` until May 2026 and the same with
//! the prefix `tasks_` since. Sagas are rows of type `saga` whose members lie in them, or, before May 2026, epics with
//! the label `saga` whose members are named by relations of type `groups`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::kinds::settled;
use super::record::{depend, draft};
use super::{NoteKind, Reading, Tally};
use crate::plan::backlog::id::TaskId;
use crate::plan::backlog::task::{Kind, Task};

/// Rows of a store, as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Rows of the table of tasks, every column by name.
    pub tasks: Vec<Map<String, Value>>,
    /// Rows of the table of dependencies: a task, and what it depends on.
    pub dependencies: Vec<(String, String)>,
    /// Rows of the table of relations: a task, another, and how they are related.
    pub relations: Vec<(String, String, String)>,
    /// Rows of the table of acceptance criteria, in their order: a task and a text.
    pub acceptance: Vec<(String, String)>,
    /// Other tables that hold rows, with how many.
    pub other_tables: Vec<(String, usize)>,
}

/// What a store says.
pub fn reading(rows: &Rows) -> Reading {
    let mut tally = Tally::default();
    let drafts = rows.tasks.iter().filter_map(|row| draft(row, &mut tally)).collect();
    let mut tasks = settled(drafts, &mut tally);
    let places: BTreeMap<TaskId, usize> =
        tasks.iter().enumerate().map(|(place, task)| (task.id.clone(), place)).collect();
    for (id, need) in &rows.dependencies {
        match place(&places, &mut tasks, id) {
            Some(task) => depend(task, need.as_str().into()),
            None => tally.count(NoteKind::Skipped, "dependencies of tasks that are not there", id.clone()),
        }
    }
    for (id, text) in &rows.acceptance {
        match place(&places, &mut tasks, id) {
            Some(task) if task.acceptance.contains(text) => {}
            Some(task) => task.acceptance.push(text.clone()),
            None => tally.count(NoteKind::Skipped, "acceptance of tasks that are not there", id.clone()),
        }
    }
    for task in tasks.iter_mut().filter(|task| is_early_saga(task)) {
        task.kind = Kind::Saga;
    }
    for (one, other, relation) in &rows.relations {
        let is_saga = |id: &str| {
            let place = places.get(&TaskId::from(id));
            place.and_then(|place| tasks.get(*place)).is_some_and(|task| task.kind == Kind::Saga)
        };
        let pair = match (relation.as_str(), is_saga(one), is_saga(other)) {
            ("groups", true, false) => Some((one, other)),
            ("groups", false, true) => Some((other, one)),
            (_, _, _) => None,
        };
        let member = pair.and_then(|(saga, member)| Some((saga, place(&places, &mut tasks, member)?)));
        match member {
            Some((saga, member)) if member.parent.is_none() => member.parent = Some(saga.as_str().into()),
            Some((saga, member)) if member.parent.as_ref().is_some_and(|it| it.as_str() == saga) => {}
            Some(_) | None => {
                tally.count(NoteKind::Skipped, format!("relation `{relation}`"), format!("{one} to {other}"));
            }
        }
    }
    for (table, count) in &rows.other_tables {
        tally.count_many(NoteKind::Skipped, format!("rows of table `{table}`"), *count, None);
    }
    Reading { tasks, notes: tally.notes() }
}

fn is_early_saga(task: &Task) -> bool {
    task.kind == Kind::Epic && task.labels.iter().any(|label| label == "saga")
}

fn place<'a>(places: &BTreeMap<TaskId, usize>, tasks: &'a mut [Task], id: &str) -> Option<&'a mut Task> {
    places.get(&TaskId::from(id)).and_then(|place| tasks.get_mut(*place))
}
