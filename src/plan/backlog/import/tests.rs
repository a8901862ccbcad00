//! What sources say, by hand and on an epic of CLEO's own (MIT, its licence lies beside the file).

use serde_json::{Value, json};

use super::json::{JsonError, reading};
use super::{Note, Reading, cleo};
use crate::plan::backlog::{Backlog, Kind, Priority, Source, SourceKind, Status, Task};
use crate::plan::order::{Graph, Scope};

const EPIC: &str = include_str!("../../../../tests/fixtures/cleo/epic-T1737.json");

fn told(notes: &[Note]) -> Vec<String> {
    let example = |note: &Note| note.example.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    notes
        .iter()
        .map(|note| format!("{} {} {}{}", note.count, note.kind.word(), note.what, example(note)))
        .collect()
}

fn kinds(tasks: &[Task]) -> Vec<String> {
    tasks.iter().map(|task| format!("{} {}", task.id, task.kind.word())).collect()
}

fn backlog(reading: &Reading) -> Backlog {
    let mut backlog = Backlog::default();
    let source = Source { kind: SourceKind::Tasks, path: "/x".into(), follow: false };
    backlog.import(&source, &reading.tasks, &[]);
    backlog
}

#[test]
fn a_record_is_read_by_the_names_of_its_fields() {
    let text = json!([{
        "id": "T1", "title": "Title", "type": "subtask", "status": "in_progress", "priority": "High",
        "parentId": "E1", "dependsOn": ["T2", "T2", "T3"], "files": ["a.rs", {"path": "b.rs"}],
        "acceptance": "It works\nIt is fast", "labels": "x, y", "description": "More", "track": "infra",
        "size": "small", "position": 3, "notes": [],
    }]);
    let Reading { tasks, notes } = reading(&text.to_string()).unwrap();
    let expected = Task {
        status: Status::Active,
        priority: Priority::High,
        parent: Some("E1".into()),
        depends: vec!["T2".into(), "T3".into()],
        track: Some("infra".into()),
        files: vec!["a.rs".into(), "b.rs".into()],
        acceptance: vec!["It works".into(), "It is fast".into()],
        labels: vec!["x".into(), "y".into()],
        description: "More".into(),
        ..Task::new("T1", Kind::Subtask, "Title")
    };
    assert_eq!(tasks, [expected]);
    assert_eq!(told(&notes), ["1 skipped field `position` (T1)", "1 skipped field `size` (T1)"]);
}

#[test]
fn what_is_not_understood_is_counted_and_goes_on() {
    let text = json!({
        "tasks": [
            {"id": "T1", "title": "One", "type": "story", "status": "paused", "priority": "urgent"},
            {"id": "T1", "title": "Again", "type": "task"},
            {"title": "Nameless"}, 7, {"id": 2, "type": "task"},
        ],
        "focus": {"id": "T1"},
    });
    let Reading { tasks, notes } = reading(&text.to_string()).unwrap();
    assert_eq!(kinds(&tasks), ["T1 task", "2 task"]);
    assert_eq!((tasks[0].status, tasks[0].priority), (Status::Proposed, Priority::Medium));
    assert_eq!(
        told(&notes),
        [
            "1 not understood items of the list that are no records (7)",
            "1 not understood priority `urgent`, taken as medium (T1)",
            "1 not understood records without an id (Nameless)",
            "1 not understood status `paused`, taken as proposed (T1)",
            "1 not understood type `story` (T1)",
            "1 guessed title, where there is none: the id (2)",
            "1 guessed type, where there is none: task (T1)",
            "1 skipped `focus` beside the tasks",
            "1 skipped records whose id came before: the first counts (T1)",
        ]
    );
}

#[test]
fn records_are_found_in_every_known_shape() {
    let task = json!([{"id": "T1", "title": "One", "type": "task"}]);
    for shape in [
        task.clone(),
        json!({"tasks": task}),
        json!({"archivedTasks": task}),
        json!({"success": true, "data": {"tasks": task}}),
        json!({"_meta": {}, "result": {"tasks": task}}),
        json!({"data": task}),
    ] {
        assert_eq!(kinds(&reading(&shape.to_string()).unwrap().tasks), ["T1 task"], "{shape}");
    }
    assert_eq!(reading("[]").unwrap(), Reading::default());
    assert_eq!(reading("{}"), Err(JsonError::NoTasks));
    assert_eq!(reading("7"), Err(JsonError::NoTasks));
    let error = reading("[\n  {\"id\": }\n]").unwrap_err();
    assert!(matches!(error, JsonError::Syntax { line: 2, column: 10, .. }), "{error:?}");
}

#[test]
fn a_missing_type_follows_from_what_lies_around() {
    let of = |id: &str, kind: Option<&str>, parent: Option<&str>| json!({"id": id, "title": id, "type": kind, "parent": parent});
    let records = json!([
        of("A", None, None),
        of("B", Some("epic"), Some("A")),
        of("C", None, Some("B")),
        of("D", None, Some("C")),
        of("E", Some("task"), Some("B")),
        of("F", None, Some("E")),
        of("G", None, None),
        of("H", None, Some("G")),
        of("I", None, Some("gone")),
    ]);
    let reading = reading(&records.to_string()).unwrap();
    assert_eq!(
        kinds(&reading.tasks),
        ["A saga", "B epic", "C task", "D task", "E task", "F subtask", "G epic", "H task", "I task"]
    );
}

#[test]
fn sagas_of_both_times_hold_their_members() {
    let row = |id: &str, kind: &str, labels: &str| {
        let Value::Object(row) = json!({"id": id, "title": id, "type": kind, "labels_json": labels}) else {
            unreachable!("an object was written")
        };
        row
    };
    let relation = |one: &str, other: &str, kind: &str| (one.to_owned(), other.to_owned(), kind.to_owned());
    let rows = cleo::Rows {
        tasks: vec![
            row("S1", "epic", "[\"saga\"]"),
            row("E1", "epic", "[]"),
            row("E2", "epic", "[]"),
            row("S2", "saga", "[]"),
        ],
        dependencies: vec![
            ("E2".into(), "E1".into()),
            ("E2".into(), "gone".into()),
            ("gone".into(), "E1".into()),
        ],
        relations: vec![
            relation("S1", "E1", "groups"),
            relation("E2", "S2", "groups"),
            relation("E1", "E2", "related"),
            relation("S1", "gone", "groups"),
        ],
        acceptance: vec![("E1".into(), "Holds".into()), ("E1".into(), "Holds".into())],
        other_tables: vec![("sessions".into(), 25)],
    };
    let Reading { tasks, notes } = cleo::reading(&rows);
    let parents: Vec<_> = tasks.iter().map(|task| task.parent.as_ref().map(ToString::to_string)).collect();
    assert_eq!(kinds(&tasks), ["S1 saga", "E1 epic", "E2 epic", "S2 saga"]);
    assert_eq!(parents, [None, Some("S1".into()), Some("S2".into()), None]);
    assert_eq!(tasks[2].depends, ["E1".into(), "gone".into()]);
    assert_eq!(tasks[1].acceptance, ["Holds"]);
    assert_eq!(
        told(&notes),
        [
            "1 skipped dependencies of tasks that are not there (gone)",
            "1 skipped relation `groups` (S1 to gone)",
            "1 skipped relation `related` (E1 to E2)",
            "25 skipped rows of table `sessions`",
        ]
    );
}

#[test]
fn an_epic_of_cleos_own_has_its_true_waves() {
    // CLEO itself makes two waves of it, with 51 tasks in the second, 220 pairs of which depend on each other.
    let reading = reading(EPIC).unwrap();
    let backlog = backlog(&reading);
    let graph = Graph::of(&backlog);
    let levels = graph.levels(&Scope::Of(vec!["T1737".into()]));
    let sizes: Vec<usize> = levels.waves.iter().map(|wave| wave.tasks.len()).collect();
    assert_eq!(sizes, [10, 8, 6, 5, 10, 5, 4, 5]);
    assert_eq!((levels.cycles.len(), levels.unplaced.len()), (0, 0));
    for wave in &levels.waves {
        for id in &wave.tasks {
            assert!(!graph.needs(id).iter().any(|need| wave.tasks.contains(need)), "{id}");
        }
    }
}
