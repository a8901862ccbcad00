//! Backlogs of others: read once, followed, and what becomes of them that cannot be read.

use std::fs;

use rusqlite::Connection;

use super::bench::Bench;
use super::world::World;
use crate::driver::request::{Caller, Command, Reply, ReplyTo, Request, Role};
use crate::driver::run::Driver;
use crate::plan::backlog::import::Imported;
use crate::plan::backlog::{Kind, SourceKind, Status, TaskChange, TaskEdit};

fn import(path: Option<String>, follow: bool) -> Request {
    Request::Import { kind: SourceKind::Cleo, path, follow, by: "kim".into() }
}

fn imported(reply: Reply) -> Imported {
    match reply {
        Reply::Imported(imported) => *imported,
        other => panic!("{other:?}"),
    }
}

fn refusal(reply: Reply) -> String {
    match reply {
        Reply::Refused(refused) => refused.reason,
        other => panic!("{other:?}"),
    }
}

fn status_of(driver: &Driver, id: &str) -> Option<Status> {
    driver.state.backlog.get(&id.into()).map(|task| task.status)
}

/// Makes the store of CLEO in a bench's project.
fn store(bench: &Bench) -> Connection {
    let folder = bench.paths.project().join(".cleo");
    fs::create_dir_all(&folder).unwrap();
    let connection = Connection::open(folder.join("cleo.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE tasks_tasks (id TEXT PRIMARY KEY, title TEXT, status TEXT, type TEXT, parent_id TEXT, size TEXT);
             CREATE TABLE tasks_task_dependencies (task_id TEXT, depends_on TEXT);
             INSERT INTO tasks_tasks VALUES ('E1', 'Epic', 'pending', 'epic', NULL, 'large'),
                 ('T1', 'One', 'done', 'task', 'E1', NULL), ('T2', 'Two', 'pending', 'task', 'E1', NULL);
             INSERT INTO tasks_task_dependencies VALUES ('T2', 'T1'), ('T1', 'T9');",
        )
        .unwrap();
    connection
}

#[test]
fn a_store_of_the_project_is_found_read_and_told_about() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let store = store(&bench);
    let first = imported(bench.operator(&mut driver, import(None, false)).unwrap());
    let counts = (first.records, first.dependencies, first.added, first.changed, first.removed);
    assert_eq!(counts, (3, 2, 3, 0, 0));
    assert!(first.source.ends_with(".cleo/cleo.db"), "{}", first.source);
    assert_eq!(first.notes[0].what, "field `size`");
    assert_eq!(first.odd, ["T1 depends on T9, which is not in the backlog"]);

    store
        .execute_batch("UPDATE tasks_tasks SET status = 'active' WHERE id = 'T2'; DELETE FROM tasks_tasks WHERE id = 'E1'")
        .unwrap();
    let folder = bench.paths.project().join(".cleo").to_str().map(str::to_owned);
    let second = imported(bench.operator(&mut driver, import(folder, false)).unwrap());
    assert_eq!((second.added, second.changed, second.removed), (0, 1, 1));
    assert_eq!(status_of(&driver, "T2"), Some(Status::Active));
}

#[test]
fn what_is_no_backlog_is_refused_with_the_place_that_says_so() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let mut refused =
        |path: Option<String>| refusal(bench.operator(&mut driver, import(path, true)).unwrap());
    assert!(refused(None).contains("looked for .cleo/cleo.db, .cleo/tasks.db"), "{}", refused(None));
    bench.write("broken.json", "[\n{\"id\": \"T1\",}]");
    let broken = bench.paths.project().join("broken.json").to_str().map(str::to_owned);
    assert!(refused(broken.clone()).contains("line 2"), "{}", refused(broken));
    assert!(driver.state.backlog.is_empty());
}

#[test]
fn edits_are_told_with_the_id_and_stay_over_a_restart() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let edit = |edit| Request::EditBacklog { edit, by: "kim".into() };
    let add = TaskEdit::Add { id: None, kind: Kind::Saga, title: "Saga".into(), changes: Vec::new() };
    let Reply::Edited { task, message, .. } = bench.operator(&mut driver, edit(add)).unwrap() else {
        panic!()
    };
    assert_eq!((task.as_str(), message.as_str()), ("T001", "T001 is added"));
    let changes = vec![TaskChange::Track { track: Some("infra".into()) }];
    let change = TaskEdit::Change { id: task.clone(), changes };
    bench.operator(&mut driver, edit(change.clone())).unwrap();
    let Reply::Edited { message, .. } = bench.operator(&mut driver, edit(change)).unwrap() else { panic!() };
    assert_eq!(message, "T001 is as it was");
    drop(driver);
    assert_eq!(bench.driver().state.backlog.track(&task), Some("infra"));
}

#[test]
fn a_followed_store_is_read_again_after_a_restart() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let store = store(&bench);
    imported(bench.operator(&mut driver, import(None, true)).unwrap());
    drop(driver);
    store.execute("UPDATE tasks_tasks SET status = 'done' WHERE id = 'T2'", []).unwrap();
    let driver = bench.driver();
    assert_eq!(status_of(&driver, "T2"), Some(Status::Done));
}

fn request(number: u64, request: Request) -> Command {
    let reply_to = ReplyTo { client: 1, request: number };
    Command::Request { from: Caller { reply_to, role: Role::Operator }, request: Box::new(request) }
}

fn reply(world: &World, number: u64) -> Option<Reply> {
    world.replies.iter().find(|(to, _)| to.request == number).map(|(_, reply)| reply.clone())
}

#[test]
fn what_changes_in_a_followed_backlog_arrives_by_itself() {
    let bench = Bench::new();
    let store = store(&bench);
    bench.write("tasks.json", "[{\"id\": \"J1\"}]");
    let json = bench.paths.project().join("tasks.json").to_str().map(str::to_owned);
    let (driver, thread) = bench.spawn().unwrap();
    for (number, path) in [(1, None), (2, json)] {
        driver.blocking_send(request(number, import(path, true))).unwrap();
        imported(bench.until("the import", |world| reply(world, number)));
    }
    let told = |world: &World, word: &str| {
        let facts = world.facts.iter().map(|(_, fact)| serde_json::to_string(fact).unwrap());
        facts.filter(|fact| fact.contains("backlog-imported") && fact.contains(word)).count()
    };
    store.execute("INSERT INTO tasks_tasks (id, title) VALUES ('T77', 'New')", []).unwrap();
    bench.until("the new task", |world| (told(world, "T77") == 1).then_some(()));
    bench.write("tasks.json", "[{\"id\": \"J1\"}, {\"id\": \"J2\"}]");
    bench.until("the other new task", |world| (told(world, "J2") == 1).then_some(()));
    // What cannot be read changes nothing and is told.
    bench.write("tasks.json", "[{");
    bench.until("word of it", |world| {
        world.notices.iter().any(|notice| notice.text.contains("stays as it was")).then_some(())
    });
    drop(driver);
    thread.join().unwrap().unwrap();
}
