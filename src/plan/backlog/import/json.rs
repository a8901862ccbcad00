//! Backlogs in JSON: what CLEO exports and lists, CLEO's early files, and plain lists of tasks.
//!
//! Records are looked for where one of the known shapes has them: the value itself, or `tasks`, `archivedTasks`, `data`,
//! `data.tasks` or `result.tasks` of an object. A record names its fields as CLEO does (`id`, `title`, `type`,
//! `status`, `priority`, `parent` or `parentId`, `depends`, `labels`, `files`, `acceptance`, `description`); `track` is
//! ours.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::kinds::settled;
use super::record::draft;
use super::{NoteKind, Reading, Tally};

/// Names under which an object may hold records, or an object that does.
const HOLDERS: [&str; 4] = ["tasks", "archivedTasks", "data", "result"];

/// Why a text is no backlog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is no JSON.
    #[error("it is no JSON: {detail}")]
    Syntax {
        /// What stands there instead.
        detail: String,
        /// Line, from 1.
        line: u32,
        /// Column in bytes, from 1.
        column: u32,
    },
    /// It holds no list of tasks.
    #[error(
        "there is no list of tasks in it; looked for a list, and for `tasks`, `archivedTasks`, `data`, `result`"
    )]
    NoTasks,
}

/// What a text says.
///
/// # Errors
/// When it is no JSON, or holds no list of tasks. A list without a task is a backlog without a task.
pub fn reading(text: &str) -> Result<Reading, JsonError> {
    let value: Value = serde_json::from_str(text).map_err(|error| JsonError::Syntax {
        detail: error.to_string(),
        line: u32::try_from(error.line()).unwrap_or(u32::MAX),
        column: u32::try_from(error.column()).unwrap_or(u32::MAX),
    })?;
    let mut tally = Tally::default();
    let mut lists = Vec::new();
    find(&value, 0, &mut lists);
    if lists.is_empty() {
        return Err(JsonError::NoTasks);
    }
    let mut drafts = Vec::new();
    let mut ids = BTreeSet::new();
    for item in lists.into_iter().flatten() {
        let Value::Object(fields) = item else {
            tally.count(NoteKind::NotUnderstood, "items of the list that are no records", item.to_string());
            continue;
        };
        let Some(draft) = draft(fields, &mut tally) else { continue };
        if ids.insert(draft.task.id.clone()) {
            drafts.push(draft);
        } else {
            let what = "records whose id came before: the first counts";
            tally.count(NoteKind::Skipped, what, draft.task.id.to_string());
        }
    }
    skipped_beside(&value, &mut tally);
    let tasks = settled(drafts, &mut tally);
    Ok(Reading { tasks, notes: tally.notes() })
}

/// The lists of records in a value, at most two objects deep.
fn find<'a>(value: &'a Value, depth: u32, lists: &mut Vec<&'a Vec<Value>>) {
    match value {
        Value::Array(items) => lists.push(items),
        Value::Object(fields) if depth < 2 => {
            let held = HOLDERS.iter().filter_map(|name| fields.get(*name));
            held.for_each(|value| find(value, depth + 1, lists));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {}
    }
}

/// What stands beside the records: settings, focus, a page of a longer list.
fn skipped_beside(value: &Value, tally: &mut Tally) {
    let Value::Object(fields) = value else { return };
    let mut objects: Vec<(&str, &Map<String, Value>)> = vec![("", fields)];
    objects.extend(HOLDERS.iter().filter_map(|name| Some((*name, fields.get(*name)?.as_object()?))));
    for (name, fields) in objects {
        let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
        for beside in fields.keys().filter(|beside| !HOLDERS.contains(&beside.as_str())) {
            tally.count(NoteKind::Skipped, format!("`{prefix}{beside}` beside the tasks"), None);
        }
    }
}
