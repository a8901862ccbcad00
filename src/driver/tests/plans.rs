//! Saved plans and the documents that they follow: read, changed, accepted, written back, watched.

use std::fs;

use super::bench::Bench;
use super::world::World;
use crate::driver::request::{Caller, Command, Reply, ReplyTo, Request, Role};
use crate::driver::run::Driver;
use crate::plan::backlog::{Kind, TaskEdit};
use crate::plan::document::{Counts, Imported, RowKind};
use crate::plan::slots::{Change, Edit, Holder, Lock, Plan};

const NEXT: &str = "# Next\n\n- **Wave 1** (parallel): T1, T2\n- **Wave 2**: T3\n\nT9 comes one day.\n";

fn import(path: &str, slug: Option<&str>) -> Request {
    Request::ImportDocument { path: path.into(), slug: slug.map(str::to_owned), by: "kim".into() }
}

fn imported(reply: Reply) -> Imported {
    match reply {
        Reply::DocumentImported(imported) => *imported,
        other => panic!("{other:?}"),
    }
}

fn change(edit: Edit, expected: Option<u64>, by: &str) -> Request {
    let change = Change::Edit { slug: "next".into(), edit };
    Request::ChangeSlots { change, expected, by: by.into() }
}

fn to_wave(task: &str, wave: u32) -> Edit {
    Edit::Move { task: task.into(), wave, index: None }
}

fn accept(tasks: &[&str]) -> Request {
    let tasks = tasks.iter().map(|task| (*task).into()).collect();
    Request::AcceptDocument { slug: "next".into(), tasks, expected: None, by: "kim".into() }
}

fn write_back(tasks: &[&str]) -> Request {
    let tasks = tasks.iter().map(|task| (*task).into()).collect();
    Request::WriteDocument { slug: "next".into(), tasks, expected: None, by: "kim".into() }
}

/// What the operator is told, whatever it is.
fn told(bench: &Bench, driver: &mut Driver, request: Request) -> String {
    match bench.operator(driver, request).unwrap() {
        Reply::Done { message } | Reply::SlotsChanged { message, .. } => message,
        Reply::Refused(refused) => format!("refused: {}", refused.reason),
        other => panic!("{other:?}"),
    }
}

/// `1: T1 T2 | 2: T3`.
fn shown(plan: &Plan) -> String {
    let wave = |wave: &crate::plan::slots::PlanWave| {
        let tasks: Vec<&str> = wave.slots.iter().map(|slot| slot.task.as_str()).collect();
        format!("{}: {}", wave.number, tasks.join(" "))
    };
    plan.waves().iter().map(wave).collect::<Vec<_>>().join(" | ")
}

fn plan(driver: &Driver) -> String {
    shown(&driver.state.plans.get("next").unwrap().plan)
}

/// A bench whose project has the document and the plan that follows it.
fn with_document() -> (Bench, Driver) {
    let bench = Bench::new();
    bench.write("NEXT.md", NEXT);
    let mut driver = bench.driver();
    imported(bench.operator(&mut driver, import("NEXT.md", None)).unwrap());
    (bench, driver)
}

#[test]
fn a_document_becomes_a_plan_and_rooms_get_both() {
    let bench = Bench::new();
    bench.write("NEXT.md", NEXT);
    let mut driver = bench.driver();
    let absolute = bench.paths.project().join("NEXT.md").to_str().unwrap().to_owned();
    let first = imported(bench.operator(&mut driver, import(&absolute, None)).unwrap());
    assert_eq!((first.document.as_str(), first.slug.as_str(), first.created), ("NEXT.md", "next", true));
    assert_eq!(first.counts, Counts { text: 4, slotted: 3, not_understood: 0, prose: 1 });
    assert_eq!(first.drift, []);
    assert_eq!(plan(&driver), "1: T1 T2 | 2: T3");

    let Reply::Snapshot(snapshot) = bench.operator(&mut driver, Request::Snapshot).unwrap() else { panic!() };
    let text = serde_json::to_string(&snapshot.state).unwrap();
    let state: crate::engine::State = serde_json::from_str(&text).unwrap();
    assert_eq!(state, driver.state);
    assert_eq!(state.documents["NEXT.md"].slots.len(), 3);

    told(&bench, &mut driver, change(to_wave("T1", 2), None, "kim"));
    let again = imported(bench.operator(&mut driver, import("NEXT.md", Some("next"))).unwrap());
    assert!(!again.created && again.version > first.version);
    let rows: Vec<_> = again.drift.iter().map(|row| (row.id.as_str(), row.kind, row.position.line)).collect();
    assert_eq!(rows, [("T1", RowKind::Moved, 3)]);
    assert_eq!(plan(&driver), "1: T2 | 2: T3 T1", "a plan that is there stays as it is");

    // Nothing changed while nobody looked: nothing is said.
    let sequence = driver.sequence;
    drop(driver);
    assert_eq!(bench.driver().sequence, sequence);
}

#[test]
fn what_cannot_be_a_plan_is_refused() {
    let (bench, mut driver) = with_document();
    bench.write("other.md", "- Wave 1: T1\n");
    bench.write("prose.md", "Some words.\n");
    let outside = tempfile::Builder::new().suffix(".md").tempfile().unwrap();
    let outside = outside.path().to_str().unwrap();
    for (path, slug, expected) in [
        ("gone.md", None, "gone.md cannot be read"),
        ("prose.md", None, "no task was found under a wave in prose.md"),
        ("other.md", Some("next"), "there is a plan next already, and it does not follow other.md"),
        ("other.md", Some("No Name"), "`No Name` cannot be the name of a plan"),
        (outside, None, "lies outside of the project"),
    ] {
        let reply = bench.operator(&mut driver, import(path, slug)).unwrap();
        let Reply::Refused(refused) = reply else { panic!("{path}: {reply:?}") };
        assert!(refused.reason.contains(expected), "{path}: {}", refused.reason);
    }
    assert_eq!(driver.state.plans.iter().len(), 1);
}

#[test]
fn who_has_not_seen_a_change_is_told_of_it_and_saves_nothing() {
    let (bench, mut driver) = with_document();
    let seen = driver.state.plans.get("next").unwrap().version;
    let reply = bench.operator(&mut driver, change(to_wave("T3", 1), Some(seen), "olga")).unwrap();
    let Reply::SlotsChanged { slug, version, message } = reply else { panic!("{reply:?}") };
    assert_eq!((slug.as_deref(), message.as_str()), (Some("next"), "plan next: T3 goes to wave 1"));
    assert_eq!(
        told(&bench, &mut driver, change(to_wave("T1", 2), Some(seen), "kim")),
        "refused: plan next changed since you looked at it: plan next: T3 goes to wave 1 (olga)"
    );
    assert_eq!(plan(&driver), "1: T1 T2 T3");
    let lock = Edit::Lock { of: Holder::Wave(1), lock: Lock { by: String::new(), at_ms: 0 } };
    assert_eq!(
        told(&bench, &mut driver, change(lock, version, "olga")),
        "plan next: wave 1 is locked by olga"
    );
    assert_eq!(
        told(&bench, &mut driver, change(to_wave("T1", 2), None, "kim")),
        "refused: wave 1 is locked by olga"
    );
}

#[test]
fn one_undo_takes_back_what_came_last_of_plans_and_files() {
    let (bench, mut driver) = with_document();
    let turn = |undo: bool| {
        let by = "kim".to_owned();
        if undo { Request::Undo { by } } else { Request::Redo { by } }
    };
    told(&bench, &mut driver, change(to_wave("T1", 2), None, "kim"));
    let edit = crate::plan::edit::Edit::MoveAgent { agent: "A1".into(), from: 0, to: 1 };
    told(&bench, &mut driver, Request::EditPlan { edit, by: "kim".into() });
    let words: Vec<String> = [true, true, true, false, false, false, false]
        .into_iter()
        .map(|undo| told(&bench, &mut driver, turn(undo)))
        .collect();
    assert_eq!(
        words,
        [
            "Taken back: A1 moved from wave 0 to wave 1.",
            "Taken back: plan next: T1 goes to wave 2.",
            "Taken back: plan next is saved with 3 tasks in 2 waves.",
            "Made again: plan next is saved with 3 tasks in 2 waves.",
            "Made again: plan next: T1 goes to wave 2.",
            "Made again: A1 moved from wave 0 to wave 1.",
            "refused: there is no edit that was taken back",
        ]
    );
    assert_eq!(plan(&driver), "1: T2 | 2: T3 T1");
}

#[test]
fn drift_is_accepted_row_by_row() {
    let (bench, mut driver) = with_document();
    bench.write("NEXT.md", &NEXT.replace("T1, T2", "T2, T3, T4").replace("**: T3", "**: T1"));
    assert_eq!(
        told(&bench, &mut driver, accept(&["T1"])),
        "refused: NEXT.md changed since it was read; it is read now, and nothing was changed"
    );
    assert_eq!(
        told(&bench, &mut driver, accept(&["T1", "T4"])),
        "plan next: T4 comes into wave 1, and 1 more"
    );
    assert_eq!(plan(&driver), "1: T2 T4 | 2: T3 T1");
    assert_eq!(told(&bench, &mut driver, accept(&[])), "plan next: T3 goes to wave 1");
    assert_eq!(told(&bench, &mut driver, accept(&[])), "plan next says what NEXT.md says already");
    assert_eq!(plan(&driver), "1: T2 T4 T3 | 2: T1");
    told(&bench, &mut driver, Request::Undo { by: "kim".into() });
    assert_eq!(plan(&driver), "1: T2 T4 | 2: T3 T1", "one acceptance is one edit");
}

#[test]
fn the_plan_is_written_back_into_the_lines_concerned() {
    let (bench, mut driver) = with_document();
    told(&bench, &mut driver, change(to_wave("T1", 2), None, "kim"));
    told(&bench, &mut driver, change(Edit::Unassign { task: "T2".into() }, None, "kim"));
    assert_eq!(
        told(&bench, &mut driver, write_back(&["T1"])),
        "NEXT.md written back, lines 3 to 4: T1 in wave 2."
    );
    let written = NEXT.replace("T1, T2", "T2").replace("**: T3", "**: T3, T1");
    assert_eq!(bench.read("NEXT.md"), written);
    assert_eq!(driver.state.documents["NEXT.md"].slot(&"T1".into()).unwrap().wave, 2);

    // Somebody edits the document between: nothing of theirs is lost.
    let edited = written.replace("# Next", "# Next week");
    bench.write("NEXT.md", &edited);
    let refused = told(&bench, &mut driver, write_back(&[]));
    assert!(refused.starts_with("refused: NEXT.md changed since it was read"), "{refused}");
    assert_eq!(bench.read("NEXT.md"), edited);
    bench.write("NEXT.md", &written);
    told(&bench, &mut driver, write_back(&[]));

    assert_eq!(
        told(&bench, &mut driver, Request::Undo { by: "kim".into() }),
        "Taken back: NEXT.md written back, lines 3 to 4: T1 in wave 2."
    );
    assert_eq!(bench.read("NEXT.md"), NEXT);
    assert_eq!(driver.state.documents["NEXT.md"].slot(&"T1".into()).unwrap().wave, 1);
}

#[test]
fn a_document_that_is_gone_leaves_its_plan_and_comes_back() {
    let (bench, mut driver) = with_document();
    fs::remove_file(bench.paths.project().join("NEXT.md")).unwrap();
    driver.follow_documents().unwrap();
    driver.follow_documents().unwrap();
    assert!(driver.state.documents.is_empty());
    assert_eq!(plan(&driver), "1: T1 T2 | 2: T3");
    assert_eq!(bench.world().notices.iter().filter(|notice| notice.text.contains("NEXT.md")).count(), 1);
    assert_eq!(told(&bench, &mut driver, accept(&[])), "refused: NEXT.md cannot be read");
    bench.write("NEXT.md", NEXT);
    driver.follow_documents().unwrap();
    assert_eq!(driver.state.documents["NEXT.md"].slots.len(), 3);
}

fn request(number: u64, request: Request) -> Command {
    let reply_to = ReplyTo { client: 1, request: number };
    Command::Request { from: Caller { reply_to, role: Role::Operator }, request: Box::new(request) }
}

#[test]
fn an_edit_of_a_document_arrives_by_itself() {
    let bench = Bench::new();
    bench.write("NEXT.md", NEXT);
    let (driver, thread) = bench.spawn().unwrap();
    driver.blocking_send(request(1, import("NEXT.md", None))).unwrap();
    bench.until("the import", |world| (!world.replies.is_empty()).then_some(()));
    let readings = |world: &World, word: &str| {
        let facts = world.facts.iter().map(|(_, fact)| super::bench::told(fact));
        facts.filter(|fact| fact.contains("document-read") && fact.contains(word)).count()
    };
    bench.write("NEXT.md", &NEXT.replace("T3", "T3, T77"));
    bench.until("the edit", |world| (readings(world, "T77") == 1).then_some(()));
    // As editors save: another file takes the document's place.
    bench.write("NEXT.md~", &NEXT.replace("T3", "T3, T78"));
    let project = bench.paths.project();
    fs::rename(project.join("NEXT.md~"), project.join("NEXT.md")).unwrap();
    bench.until("the replaced document", |world| (readings(world, "T78") == 1).then_some(()));
    // Ids that the backlog gets are ids of the text from then on.
    bench.write("NEXT.md", &NEXT.replace("T3", "T3, one-day"));
    let before = bench.until("the last edit", |world| {
        let count = readings(world, "");
        (count >= 4).then_some(count)
    });
    let add = TaskEdit::Add {
        id: Some("one-day".into()),
        kind: Kind::Task,
        title: "One".into(),
        changes: Vec::new(),
    };
    driver.blocking_send(request(2, Request::EditBacklog { edit: add, by: "kim".into() })).unwrap();
    bench.until("the id", |world| (readings(world, "") > before).then_some(()));
    drop(driver);
    thread.join().unwrap().unwrap();
}
