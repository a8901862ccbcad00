//! What may become of the backlog: which facts an import or an edit comes to, and why an edit is refused.

use std::collections::BTreeSet;

use super::Refused;
use super::fact::What;
use super::state::State;
use crate::plan::backlog::{Difference, Source, Task, TaskChange, TaskEdit, TaskId};
use crate::plan::order::{Fault, Graph};

/// Records in one fact of an import: a fact stays small enough to be told and kept as one piece.
const RECORDS_OF_A_FACT: usize = 2_000;

/// Most sentences about what is odd after an import; how many more there are is said.
const MOST_FAULTS: usize = 20;

/// What an import or edit comes to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Now true.
    pub(super) facts: Vec<What>,
    /// Words for the one who asked, a sentence each.
    pub(super) notes: Vec<String>,
}

/// What a source says otherwise than it did. Nothing when it says the same.
pub(super) fn import(state: &State, source: &Source, records: Vec<Task>, by: &str) -> Outcome {
    let Difference { upserts, removals, taken_already } = state.backlog.difference(&source.path, records);
    let mut outcome = Outcome::default();
    if let [first, rest @ ..] = taken_already.as_slice() {
        let others = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        outcome.notes.push(format!(
            "{first}{others}: the id is already that of a record created here or read from elsewhere, which stays as it is"
        ));
    }
    let fact = |upserts: &[Task], removals: &[TaskId]| What::BacklogImported {
        source: source.clone(),
        upserts: upserts.to_vec(),
        removals: removals.to_vec(),
        by: by.to_owned(),
    };
    let known = state.backlog.sources().contains(source);
    if !removals.is_empty() || (upserts.is_empty() && !known) {
        outcome.facts.push(fact(&[], &removals));
    }
    outcome.facts.extend(upserts.chunks(RECORDS_OF_A_FACT).map(|upserts| fact(upserts, &[])));
    outcome
}

/// What an edit of one record comes to.
///
/// # Errors
/// When there is no such record, its id is taken, or a title or track is no such thing.
pub(super) fn edit(state: &State, edit: TaskEdit, by: &str) -> Result<Outcome, Refused> {
    let by = by.to_owned();
    match edit {
        TaskEdit::Add { id, kind, title, changes } => {
            let id = id.unwrap_or_else(|| state.backlog.next_id());
            if id.as_str().trim().is_empty() {
                return Err(Refused::new(
                    "an id has at least one letter",
                    "leave the id out to get the next free one",
                ));
            }
            if let Some(there) = state.backlog.get(&id) {
                let reason = format!("{id} is there already: {}", there.title);
                return Err(Refused::new(reason, "leave the id out to get the next free one"));
            }
            sound(&TaskChange::Title { title: title.clone() })?;
            let mut task = Task::new(id, kind, title.trim());
            for change in &changes {
                sound(change)?;
                change.make(&mut task);
            }
            let notes = Vec::new();
            Ok(Outcome { facts: vec![What::TaskAdded { task: Box::new(task), by }], notes })
        }
        TaskEdit::Change { id, changes } => {
            let Some(task) = state.backlog.get(&id) else {
                return Err(Refused::new(
                    format!("there is no {id} in the backlog"),
                    "`wavedeck task list` lists what there is",
                ));
            };
            changes.iter().try_for_each(sound)?;
            let mut changed = task.clone();
            changes.iter().for_each(|change| drop(change.make(&mut changed)));
            if changed == *task {
                return Ok(Outcome { facts: Vec::new(), notes: vec![format!("{id} was so already")] });
            }
            Ok(Outcome { facts: vec![What::TaskChanged { task: id, changes, by }], notes: Vec::new() })
        }
    }
}

/// What is odd now and was not before, a sentence each. Everything goes on all the same.
pub(super) fn newly_odd(before: &BTreeSet<String>, state: &State) -> Vec<String> {
    let new: Vec<String> = faults(state).into_iter().filter(|fault| !before.contains(fault)).collect();
    let more = new.len().saturating_sub(MOST_FAULTS);
    let mut told: Vec<String> = new.into_iter().take(MOST_FAULTS).collect();
    if more > 0 {
        told.push(format!("{more} more records are odd; `wavedeck task list --odd` lists all"));
    }
    told
}

/// Everything that is odd, a sentence each.
pub(super) fn faults(state: &State) -> BTreeSet<String> {
    Graph::of(&state.backlog).faults().iter().map(Fault::to_string).collect()
}

/// Whether a change says something that can be.
fn sound(change: &TaskChange) -> Result<(), Refused> {
    match change {
        TaskChange::Title { title } if title.trim().is_empty() => {
            Err(Refused::new("a title has at least one letter", "nothing was changed"))
        }
        TaskChange::Track { track: Some(track) } if track.trim().is_empty() || track.contains(',') => {
            Err(Refused::new(
                format!("`{track}` cannot name a track"),
                "a track has at least one letter and no comma, because lists of tracks are written with commas",
            ))
        }
        TaskChange::Title { .. }
        | TaskChange::Track { .. }
        | TaskChange::Status { .. }
        | TaskChange::Priority { .. }
        | TaskChange::Parent { .. }
        | TaskChange::Depends { .. }
        | TaskChange::Files { .. }
        | TaskChange::Acceptance { .. }
        | TaskChange::Description { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::fact::What;
    use crate::engine::{Input, State, Step, Time, step};
    use crate::plan::backlog::{Kind, Source, SourceKind, Status, Task, TaskChange, TaskEdit};

    fn say(state: &mut State, input: Input) -> Step {
        step(state, Time(1), input)
    }

    fn read(records: Vec<Task>) -> Input {
        let source = Source { kind: SourceKind::Tasks, path: "/p/tasks.json".into(), follow: false };
        Input::BacklogRead { source, records, by: "kim".into() }
    }

    fn task(number: usize) -> Task {
        Task::new(format!("T{number}"), Kind::Task, "A task")
    }

    fn add(id: Option<&str>, changes: Vec<TaskChange>) -> Input {
        let edit = TaskEdit::Add { id: id.map(Into::into), kind: Kind::Task, title: " New ".into(), changes };
        Input::EditBacklog { edit, by: "kim".into() }
    }

    fn change(id: &str, changes: Vec<TaskChange>) -> Input {
        Input::EditBacklog { edit: TaskEdit::Change { id: id.into(), changes }, by: "kim".into() }
    }

    fn done() -> TaskChange {
        TaskChange::Status { status: Status::Done }
    }

    #[test]
    fn an_import_says_what_changed_in_facts_of_a_bounded_size() {
        let mut state = State::default();
        let records: Vec<Task> = (0..4_500).map(task).collect();
        assert_eq!(say(&mut state, read(records.clone())).facts.len(), 3);
        assert_eq!(state.backlog.len(), 4_500);
        assert_eq!(say(&mut state, read(records.clone())).facts, []);

        let fewer = say(&mut state, read(records.into_iter().skip(1).collect()));
        assert!(matches!(
            &fewer.facts[..],
            [fact] if matches!(&fact.what, What::BacklogImported { removals, upserts, .. } if removals.len() == 1 && upserts.is_empty())
        ));
        assert_eq!(state.backlog.len(), 4_499);
    }

    #[test]
    fn an_empty_source_is_known_from_then_on() {
        let mut state = State::default();
        assert_eq!(say(&mut state, read(Vec::new())).facts.len(), 1);
        assert_eq!(state.backlog.sources().len(), 1);
        assert_eq!(say(&mut state, read(Vec::new())).facts, []);
    }

    #[test]
    fn ids_are_given_and_those_that_are_taken_refused() {
        let mut state = State::default();
        say(&mut state, add(None, vec![done()]));
        let added = state.backlog.get(&"T001".into()).unwrap();
        assert_eq!((added.title.as_str(), added.status), ("New", Status::Done));
        let refused = say(&mut state, add(Some("T001"), Vec::new())).refused.unwrap();
        assert_eq!(refused.reason, "T001 is there already: New");
        let import = say(&mut state, read(vec![Task { id: "T001".into(), ..task(1) }]));
        assert_eq!(
            import.notes,
            [
                "T001: the id is already that of a record created here or read from elsewhere, which stays as it is"
            ]
        );
        assert_eq!(state.backlog.get(&"T001".into()).unwrap().title, "New");
    }

    #[test]
    fn a_change_is_a_fact_only_if_it_changes_something() {
        let mut state = State::default();
        say(&mut state, read(vec![task(1)]));
        assert_eq!(say(&mut state, change("T1", vec![done()])).facts.len(), 1);
        let again = say(&mut state, change("T1", vec![done()]));
        assert_eq!((again.facts.len(), again.notes), (0, vec!["T1 was so already".into()]));
        assert_eq!(
            say(&mut state, change("T7", vec![done()])).refused.unwrap().reason,
            "there is no T7 in the backlog"
        );
        for track in ["", " ", "a,b"] {
            let odd = TaskChange::Track { track: Some(track.into()) };
            assert!(say(&mut state, change("T1", vec![odd])).refused.is_some(), "{track}");
        }
    }

    #[test]
    fn what_becomes_odd_is_said_and_goes_on() {
        let mut state = State::default();
        say(&mut state, read(vec![task(1), task(2)]));
        let on = |ids: &[&str]| TaskChange::Depends { depends: ids.iter().map(|id| (*id).into()).collect() };
        assert_eq!(say(&mut state, change("T1", vec![on(&["T2"])])).notes, Vec::<String>::new());
        assert_eq!(
            say(&mut state, change("T2", vec![on(&["T1", "T9"])])).notes,
            ["T2 depends on T9, which is not in the backlog", "these wait for each other: T1 → T2 → T1"]
        );
        // What was odd before is not said again.
        assert_eq!(say(&mut state, change("T1", vec![done()])).notes, Vec::<String>::new());
    }
}
