use super::{Backlog, Difference, Kind, Source, SourceKind, Status, Task, TaskChange, TaskId};

fn task(id: &str) -> Task {
    Task::new(id, Kind::Task, format!("Title of {id}"))
}

fn source() -> Source {
    Source { kind: SourceKind::Tasks, path: "/p/tasks.json".into(), follow: false }
}

/// What the source says now goes into the backlog; gives the ids that came anew or otherwise, and those that went.
fn import(backlog: &mut Backlog, records: &[Task]) -> (Vec<String>, Vec<String>) {
    let Difference { upserts, removals, .. } = backlog.difference(&source().path, records.to_vec());
    backlog.import(&source(), &upserts, &removals);
    (
        upserts.iter().map(|task| task.id.to_string()).collect(),
        removals.iter().map(ToString::to_string).collect(),
    )
}

fn done() -> TaskChange {
    TaskChange::Status { status: Status::Done }
}

#[test]
fn following_a_source_costs_what_changed() {
    let mut backlog = Backlog::default();
    let mut records = vec![task("T1"), task("T2"), task("T3")];
    assert_eq!(import(&mut backlog, &records).0, ["T1", "T2", "T3"]);
    assert_eq!(import(&mut backlog, &records), (vec![], vec![]));
    records[1].status = Status::Active;
    records.remove(2);
    assert_eq!(import(&mut backlog, &records), (vec!["T2".into()], vec!["T3".into()]));
    assert_eq!(backlog.get(&"T2".into()).unwrap().status, Status::Active);
    assert_eq!(backlog.len(), 2);
}

#[test]
fn a_change_made_here_stays_until_the_source_changes_the_same_field() {
    let mut backlog = Backlog::default();
    let mut record = task("T1");
    import(&mut backlog, &[record.clone()]);
    let track = TaskChange::Track { track: Some("infra".into()) };
    backlog.change(&"T1".into(), &[track, done()]).unwrap();
    assert_eq!(import(&mut backlog, &[record.clone()]), (vec![], vec![]));

    record.title = "Another title".into();
    import(&mut backlog, &[record.clone()]);
    let merged = backlog.get(&"T1".into()).unwrap();
    assert_eq!((merged.title.as_str(), merged.status), ("Another title", Status::Done));

    record.status = Status::Blocked;
    import(&mut backlog, &[record]);
    let merged = backlog.get(&"T1".into()).unwrap();
    assert_eq!((merged.track.as_deref(), merged.status), (Some("infra"), Status::Blocked));
}

#[test]
fn a_change_that_is_taken_back_leaves_nothing() {
    let mut backlog = Backlog::default();
    import(&mut backlog, &[task("T1")]);
    let before = backlog.clone();
    let back = backlog.change(&"T1".into(), &[done(), TaskChange::Title { title: "x".into() }]).unwrap();
    backlog.change(&"T1".into(), &back).unwrap();
    assert_eq!(backlog, before);
    assert_eq!(backlog.change(&"T2".into(), &[done()]), None);
}

#[test]
fn a_source_does_not_take_over_what_was_created_here() {
    let mut backlog = Backlog::default();
    backlog.put(task("T1"));
    let difference = backlog.difference("/p/tasks.json", vec![task("T1"), task("T2")]);
    assert_eq!(difference.taken_already, [TaskId::from("T1")]);
    assert_eq!(difference.upserts.len(), 1);
}

#[test]
fn tracks_are_inherited_from_the_nearest_and_a_circle_ends() {
    let mut backlog = Backlog::default();
    let within = |id: &str, parent: &str| Task { parent: Some(parent.into()), ..task(id) };
    backlog.put(Task { track: Some("infra".into()), ..Task::new("S1", Kind::Saga, "Saga") });
    backlog.put(within("E1", "S1"));
    backlog.put(Task { track: Some("product".into()), ..within("E2", "S1") });
    backlog.put(within("T1", "E1"));
    backlog.put(within("T2", "E2"));
    backlog.put(within("C1", "C2"));
    backlog.put(within("C2", "C1"));
    backlog.put(within("T3", "gone"));
    for (id, expected) in
        [("T1", Some("infra")), ("T2", Some("product")), ("C1", None), ("T3", None), ("?", None)]
    {
        assert_eq!(backlog.track(&id.into()), expected, "{id}");
    }
}

#[test]
fn the_next_id_is_higher_than_any() {
    let mut backlog = Backlog::default();
    for (id, next) in
        [("E5", "T001"), ("T7", "T008"), ("T932E", "T008"), ("T1000", "T1001"), ("T9x", "T1001")]
    {
        backlog.put(task(id));
        assert_eq!(backlog.next_id().as_str(), next);
    }
}

#[test]
fn a_backlog_survives_being_kept() {
    let mut backlog = Backlog::default();
    import(&mut backlog, &[task("T1"), Task { parent: Some("E1".into()), ..task("T10") }]);
    backlog.change(&"T1".into(), &[done()]).unwrap();
    let text = serde_json::to_string(&backlog).unwrap();
    assert_eq!(serde_json::from_str::<Backlog>(&text).unwrap(), backlog);
}
