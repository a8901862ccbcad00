//! Backlogs for tests: written as lines, and random ones.

use proptest::prelude::{Just, Strategy, prop, prop_oneof};

use super::Scope;
use crate::plan::backlog::{Backlog, Kind, Priority, Status, Task, TaskId};

/// A backlog written as lines: `ID`, `ID < NEEDS..`, with `in PARENT` and a status behind, such as `T2 < T1 in E1 done`, and
/// `@TRACK` and `+FILE`. What begins with `S` is a saga, with `E` an epic.
pub(in crate::plan) fn backlog(lines: &[&str]) -> Backlog {
    let mut backlog = Backlog::default();
    for line in lines {
        let mut words = line.split_whitespace().peekable();
        let id = words.next().unwrap();
        let kind = match id.as_bytes()[0] {
            b'S' => Kind::Saga,
            b'E' => Kind::Epic,
            _ => Kind::Task,
        };
        let mut task = Task::new(id, kind, id);
        let mut depends = false;
        while let Some(word) = words.next() {
            let status = Status::ALL.iter().find(|(name, _)| *name == word);
            let priority = Priority::ALL.iter().find(|(name, _)| *name == word);
            if let Some(track) = word.strip_prefix('@') {
                task.track = Some(track.into());
                continue;
            }
            if let Some(file) = word.strip_prefix('+') {
                task.files.push(file.into());
                continue;
            }
            match (word, status, priority) {
                ("<", _, _) => depends = true,
                ("in", _, _) => task.parent = words.next().map(TaskId::from),
                (_, Some((_, status)), _) => task.status = *status,
                (_, _, Some((_, priority))) => task.priority = *priority,
                (id, None, None) if depends => task.depends.push(id.into()),
                (odd, None, None) => unreachable!("{odd} in {line}"),
            }
        }
        backlog.put(task);
    }
    backlog
}

/// `all` or ids.
pub(super) fn scope(ids: &str) -> Scope {
    match ids {
        "all" => Scope::All,
        ids => Scope::Of(ids.split_whitespace().map(TaskId::from).collect()),
    }
}

/// Ids in a line.
pub(super) fn words(ids: &[TaskId]) -> String {
    ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(" ")
}

/// Backlogs of up to 24 records with whatever parents and dependencies, also on themselves and on what is not there.
pub(in crate::plan) fn any_backlog() -> impl Strategy<Value = Backlog> {
    let status =
        prop_oneof![4 => Just(Status::Pending), 1 => Just(Status::Done), 1 => Just(Status::Archived)];
    let kind = prop_oneof![4 => Just(Kind::Task), 1 => Just(Kind::Epic)];
    let record = (kind, status, prop::option::of(0..26_usize), prop::collection::vec(0..26_usize, 0..4));
    prop::collection::vec(record, 0..24).prop_map(|records| {
        let id = |number: usize| TaskId::from(format!("T{number}"));
        let mut backlog = Backlog::default();
        for (number, (kind, status, parent, depends)) in records.into_iter().enumerate() {
            let mut task = Task::new(id(number), kind, "x");
            task.status = status;
            task.parent = parent.map(id);
            task.depends = depends.into_iter().map(id).collect();
            backlog.put(task);
        }
        backlog
    })
}
