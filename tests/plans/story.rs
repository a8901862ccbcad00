//! The story of an operator with a store of CLEO and a plan written by hand: real tasks and a real plan (CLEO, MIT), and
//! an epic beside them.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::project_support::Project;
use super::{ids, task, waves};

const PLAN: &str = include_str!("../fixtures/plans/13-cleo-phase-brief-W-prefix-parallel-count.md");
const EPIC: &str = include_str!("../fixtures/cleo/epic-T1892.json");

/// The store of CLEO, newest layout, in a project: the epic, and T148 of another saga.
fn store(project: &Path) {
    fs::create_dir(project.join(".cleo")).unwrap();
    let store = Connection::open(project.join(".cleo/cleo.db")).unwrap();
    store
        .execute_batch(
            "CREATE TABLE tasks_tasks (id TEXT PRIMARY KEY, title TEXT, status TEXT, type TEXT, parent_id TEXT,
                 priority TEXT, files_json TEXT);
             CREATE TABLE tasks_task_dependencies (task_id TEXT, depends_on TEXT);
             INSERT INTO tasks_tasks VALUES
                 ('T119', 'System of record', 'pending', 'saga', NULL, 'high', '[]'),
                 ('T123', 'Readiness', 'pending', 'epic', 'T119', 'high', '[]'),
                 ('T148', 'Record of sessions', 'pending', 'task', 'T123', 'high',
                     '[\"packages/core/src/sessions/\"]');
             INSERT INTO tasks_task_dependencies VALUES ('T148', 'T1900');",
        )
        .unwrap();
    let tasks: Vec<Value> = serde_json::from_str(EPIC).unwrap();
    for task in &tasks {
        let text = |name: &str| task[name].as_str();
        store
            .execute(
                "INSERT INTO tasks_tasks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    text("id"),
                    text("title"),
                    text("status"),
                    text("type"),
                    text("parent"),
                    text("priority"),
                    task["files"].to_string()
                ],
            )
            .unwrap();
        for depends in task["depends"].as_array().unwrap() {
            store
                .execute(
                    "INSERT INTO tasks_task_dependencies VALUES (?1, ?2)",
                    params![text("id"), depends.as_str()],
                )
                .unwrap();
        }
    }
}

/// Says it until the supervisor, which reads a changed document by itself, has read it.
fn once_read(project: &Project, words: &[&str]) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let output = project.output(&[words, &["--json"]].concat());
        let said: Value = serde_json::from_slice(&[output.stdout, output.stderr].concat()).unwrap();
        let unread =
            said["error"]["message"].as_str().is_some_and(|text| text.contains("changed since it was read"));
        if !unread {
            return said;
        }
        assert!(begun.elapsed().as_secs() < 30, "not read: {said:#}");
    }
}

fn rows(drift: &Value) -> Vec<String> {
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        format!("{} {} {} {}", row["line"], text("id"), text("kind"), text("needs")).trim_end().to_owned()
    };
    drift["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_hand_written_plan_is_bound_to_a_store_and_followed() {
    let project = Project::new();
    store(project.path());
    let document: PathBuf = project.path().join("NEXT_SESSION.md");
    fs::write(&document, PLAN).unwrap();

    // Two imports. Nothing is written beside the store.
    let backlog = project.json(&["import", "cleo"]);
    assert_eq!(backlog["records"], 21);
    let imported = project.json(&["import", "plan", "NEXT_SESSION.md"]);
    assert_eq!((&imported["waves"], &imported["tasks"]), (&json!(5), &json!(15)));
    let counts = &imported["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(count("text"), count("slotted") + count("not_understood") + count("prose"));

    // Where document and dependencies disagree: each with its line.
    let drift = project.json(&["wave", "drift"]);
    assert_eq!(
        rows(&drift),
        [
            "32 T1904 illegal T1895",
            "33 T1905 illegal T1900",
            "35 T1907 illegal T1895",
            "36 T1908 illegal T1895",
            "36 T1908 illegal T1897",
            "36 T1908 illegal T1899",
            "37 T1909 illegal T1899",
        ]
    );
    let shown = project.json(&["wave", "show"]);
    assert_eq!(task(&shown, "T1909")["breaks"][0]["needs"], "T1899");
    assert_eq!(task(&shown, "T1893")["track"], "briefing", "the document says so");

    // A task of another saga comes into wave 1: told before, then made, with a reason, and held.
    let words = ["wave", "assign", "T148", "--wave", "1"];
    let tried = project.json(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(ids(&tried["preview"]["broken"]), ["T148"]);
    let overlaps: Vec<&str> = tried["preview"]["overlaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair["b"].as_str().unwrap())
        .collect();
    assert_eq!(overlaps, ["T1905"], "both touch the sessions");
    project.say(&[&words[..], &["--note", "the customer waits for it", "--lock"]].concat());

    // From then on every view honours it: computing again, showing, comparing.
    project.say(&["orchestrate", "waves", "T1892", "--save", "--name", "computed"]);
    let text = project.say(&["wave", "show", "next-session"]);
    for line in
        ["why: the customer waits for it", "locked by kim", "breaks: it needs T1900, which stands beside it"]
    {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(text.contains("NEXT_SESSION.md:33"), "{text}");
    let drift = project.json(&["wave", "drift", "next-session"]);
    let removed: Vec<String> = rows(&drift).into_iter().filter(|row| row.contains("removed")).collect();
    assert_eq!(removed, ["26 T148 removed"], "the row stands at its wave");

    // The document is written back by one line, in the manner of its table, and then says the same.
    let plan = ["--plan", "next-session"];
    let unknown = project.error(&[&["wave", "write", "next-session"], &plan[..]].concat());
    assert!(
        unknown.contains("next-session is neither in plan next-session nor in its document"),
        "{unknown}"
    );
    project.say(&[&["wave", "write", "T148"], &plan[..]].concat());
    let written = fs::read_to_string(&document).unwrap();
    let new: Vec<&str> = written.lines().filter(|line| !PLAN.lines().any(|old| old == *line)).collect();
    assert_eq!(new, ["| T148 | W1 | | |"]);
    assert_eq!(written.replace("| T148 | W1 | | |\n", ""), PLAN);
    let drift = rows(&project.json(&["wave", "drift", "next-session"]));
    let of_task: Vec<&String> = drift.iter().filter(|row| row.contains(" T148 ")).collect();
    assert_eq!(of_task, ["27 T148 illegal T1900"], "no word of the plan any more");

    // Somebody edits the document: drift at once, accepted row by row.
    let edited = written
        .replace("| T1897 | W3 |", "| T1897 | W2 |")
        .replace("T1897, T1899, T1903", "T1899, T1903")
        .replace("T1907, T1908\n- **Wave W3", "T1907, T1908, T1897\n- **Wave W3");
    assert_ne!(edited, written);
    fs::write(&document, &edited).unwrap();
    let drift = rows(&project.json(&["wave", "drift", "next-session"]));
    assert!(drift.iter().any(|row| row.ends_with("T1897 moved")), "{drift:?}");
    let accepted = once_read(&project, &[&["wave", "accept", "T1897"], &plan[..]].concat());
    assert_eq!(accepted["message"], "plan next-session: T1897 goes to wave 2");
    let shown = project.json(&["wave", "show", "next-session"]);
    assert!(waves(&shown).contains("2: T1895 T1904 T1907 T1908 T1897 | 3:"), "{}", waves(&shown));

    // Everything is taken back, the document to the byte that it had; but not over the head of whoever edited it since.
    assert_eq!(project.say(&["undo"]), "Taken back: plan next-session: T1897 goes to wave 2.\n");
    let refused = project.error(&["undo"]);
    assert!(refused.contains("NEXT_SESSION.md changed since it was read"), "{refused}");
    fs::write(&document, &written).unwrap();
    assert!(project.say(&["undo"]).starts_with("Taken back: NEXT_SESSION.md written back, line"));
    assert_eq!(fs::read_to_string(&document).unwrap(), PLAN);
}
