//! One record of a source: fields by name, as CLEO has them in its tables and its JSON, and as people write them.

use serde_json::{Map, Value};

use super::{NoteKind, Tally};
use crate::plan::backlog::id::TaskId;
use crate::plan::backlog::task::{Kind, Priority, Status, Task, meaning};

/// A record before its kind is settled.
#[derive(Debug)]
pub(super) struct Draft {
    /// The record; its kind counts only if `kind_given`.
    pub(super) task: Task,
    /// Whether the source says of which kind it is.
    pub(super) kind_given: bool,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Id,
    Title,
    Kind,
    Status,
    Priority,
    Parent,
    Depends,
    Track,
    Files,
    Acceptance,
    Labels,
    Description,
}

/// Names of fields. Those with an underscore are columns of CLEO's tables.
const FIELDS: &[(&str, Field)] = &[
    ("id", Field::Id),
    ("title", Field::Title),
    ("type", Field::Kind),
    ("status", Field::Status),
    ("priority", Field::Priority),
    ("parent", Field::Parent),
    ("parentId", Field::Parent),
    ("parent_id", Field::Parent),
    ("depends", Field::Depends),
    ("dependsOn", Field::Depends),
    ("depends_on", Field::Depends),
    ("dependencies", Field::Depends),
    ("track", Field::Track),
    ("files", Field::Files),
    ("files_json", Field::Files),
    ("acceptance", Field::Acceptance),
    ("acceptance_json", Field::Acceptance),
    ("labels", Field::Labels),
    ("labels_json", Field::Labels),
    ("description", Field::Description),
];

/// Words for a status beside our own, which are CLEO's.
const STATUS_SYNONYMS: &[(&str, Status)] = &[
    ("todo", Status::Pending),
    ("open", Status::Pending),
    ("in-progress", Status::Active),
    ("in_progress", Status::Active),
    ("completed", Status::Done),
    ("complete", Status::Done),
    ("closed", Status::Done),
    ("canceled", Status::Cancelled),
];

/// Names under which an object in a list says what it is.
const TEXT_OF_OBJECT: &[&str] = &["text", "path", "description", "title", "id", "criterion"];

/// A record of these fields; `None` without an id.
pub(super) fn draft(fields: &Map<String, Value>, tally: &mut Tally) -> Option<Draft> {
    let id = fields.get("id").and_then(plain).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let Some(id) = id else {
        let title = fields.get("title").and_then(plain);
        tally.count(NoteKind::NotUnderstood, "records without an id", title);
        return None;
    };
    let mut draft = Draft { task: Task::new(id.as_str(), Kind::Task, ""), kind_given: false };
    for (name, value) in fields {
        if is_nothing(value) {
            continue;
        }
        match FIELDS.iter().find(|(known, _)| known == name) {
            Some((_, field)) => set(&mut draft, *field, value, tally),
            None => tally.count(NoteKind::Skipped, format!("field `{name}`"), id.clone()),
        }
    }
    if draft.task.title.trim().is_empty() {
        draft.task.title.clone_from(&id);
        tally.count(NoteKind::Guessed, "title, where there is none: the id", id);
    }
    Some(draft)
}

fn set(draft: &mut Draft, field: Field, value: &Value, tally: &mut Tally) {
    let task = &mut draft.task;
    match field {
        Field::Id => {}
        Field::Title => task.title = plain(value).unwrap_or_default(),
        Field::Description => task.description = plain(value).unwrap_or_default(),
        Field::Parent => task.parent = plain(value).map(TaskId::from),
        Field::Track => task.track = plain(value),
        Field::Depends => task.depends = once_each(list(value, &[',', ' '])),
        Field::Files => task.files = list(value, &[',']),
        Field::Labels => task.labels = list(value, &[',']),
        Field::Acceptance => task.acceptance = list(value, &['\n']),
        Field::Kind => match word(&Kind::ALL, &[], value) {
            Ok(kind) => (task.kind, draft.kind_given) = (kind, true),
            Err(word) => tally.count(NoteKind::NotUnderstood, format!("type `{word}`"), task.id.to_string()),
        },
        Field::Priority => match word(&Priority::ALL, &[], value) {
            Ok(priority) => task.priority = priority,
            Err(word) => {
                let what = format!("priority `{word}`, taken as medium");
                tally.count(NoteKind::NotUnderstood, what, task.id.to_string());
            }
        },
        Field::Status => match word(&Status::ALL, STATUS_SYNONYMS, value) {
            Ok(status) => task.status = status,
            Err(word) => {
                // Nothing starts on a word that nobody understood.
                task.status = Status::Proposed;
                let what = format!("status `{word}`, taken as proposed");
                tally.count(NoteKind::NotUnderstood, what, task.id.to_string());
            }
        },
    }
}

/// Adds an id that a task depends on, unless it is there.
pub(super) fn depend(task: &mut Task, id: TaskId) {
    if !task.depends.contains(&id) {
        task.depends.push(id);
    }
}

fn once_each(ids: Vec<String>) -> Vec<TaskId> {
    let mut task = Task::new("", Kind::Task, "");
    ids.into_iter().for_each(|id| depend(&mut task, id.into()));
    task.depends
}

/// What a word means in either list, or the word.
fn word<T: Copy>(words: &[(&str, T)], synonyms: &[(&str, T)], value: &Value) -> Result<T, String> {
    let text = plain(value).unwrap_or_else(|| value.to_string());
    meaning(words, &text).or_else(|| meaning(synonyms, &text)).ok_or(text)
}

/// A text or a number as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a field says nothing: null, or an empty text, list or object, also as JSON in a text.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "[]" | "{}" | "null"),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Texts of a list; of a list in a JSON text; of a text with separators.
fn list(value: &Value, separators: &[char]) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(text_of).collect(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(items)) => items.iter().filter_map(text_of).collect(),
            Ok(_) | Err(_) => {
                let parts = text.split(separators).map(str::trim).filter(|part| !part.is_empty());
                parts.map(str::to_owned).collect()
            }
        },
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    }
}

/// What an item of a list says: a text, or an object by its most telling field, or else as it is.
fn text_of(item: &Value) -> Option<String> {
    match item {
        Value::Null => None,
        Value::Object(fields) => {
            let told = TEXT_OF_OBJECT.iter().find_map(|name| fields.get(*name).and_then(plain));
            Some(told.unwrap_or_else(|| item.to_string()))
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Array(_) => {
            Some(plain(item).unwrap_or_else(|| item.to_string()))
        }
    }
}
