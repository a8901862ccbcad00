//! Of which kind a record is whose source does not say: one row in twelve of a real CLEO store.

use std::collections::BTreeMap;

use super::record::Draft;
use super::{NoteKind, Tally};
use crate::plan::backlog::id::TaskId;
use crate::plan::backlog::task::{Kind, Task};

/// Records with every kind settled: what holds epics is a saga, what holds tasks an epic, what lies in a task a subtask,
/// and everything else a task. Only what the source does say counts; an untyped child counts as a task.
pub(super) fn settled(drafts: Vec<Draft>, tally: &mut Tally) -> Vec<Task> {
    let given: BTreeMap<&TaskId, Option<Kind>> =
        drafts.iter().map(|draft| (&draft.task.id, draft.kind_given.then_some(draft.task.kind))).collect();
    let mut highest_child: BTreeMap<&TaskId, Kind> = BTreeMap::new();
    for draft in &drafts {
        let Some(parent) = &draft.task.parent else { continue };
        let kind = if draft.kind_given { draft.task.kind } else { Kind::Task };
        let highest = highest_child.entry(parent).or_insert(kind);
        *highest = (*highest).min(kind);
    }
    let guess = |task: &Task| {
        let parent = task.parent.as_ref().and_then(|parent| given.get(parent).copied().flatten());
        match (highest_child.get(&task.id), parent) {
            (Some(Kind::Saga | Kind::Epic), _) => Kind::Saga,
            (_, Some(Kind::Task | Kind::Subtask)) => Kind::Subtask,
            (Some(Kind::Task), Some(Kind::Saga) | None) => Kind::Epic,
            (_, Some(Kind::Epic | Kind::Saga) | None) => Kind::Task,
        }
    };
    let guessed: Vec<Option<Kind>> =
        drafts.iter().map(|draft| (!draft.kind_given).then(|| guess(&draft.task))).collect();
    let mut tasks = Vec::with_capacity(drafts.len());
    for (draft, guessed) in drafts.into_iter().zip(guessed) {
        let mut task = draft.task;
        if let Some(kind) = guessed {
            let what = format!("type, where there is none: {}", kind.word());
            tally.count(NoteKind::Guessed, what, task.id.to_string());
            task.kind = kind;
        }
        tasks.push(task);
    }
    tasks
}
