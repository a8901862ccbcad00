//! Saved plans as operators and scripts use them, through the program itself: what was asked for, sentence by sentence,
//! the whole story with real data, and two operators who edit one plan at the same time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

#[path = "../project_support/mod.rs"]
mod project_support;

mod asked;
mod hammer;
mod story;

use serde_json::Value;

use project_support::Project;

/// Ids of a list of rows.
fn ids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// `1: T1 T2 | 2: T3`, from what `wave show` or `orchestrate waves` says.
fn waves(view: &Value) -> String {
    let wave = |wave: &Value| format!("{}: {}", wave["wave"], ids(&wave["tasks"]).join(" "));
    view["waves"].as_array().unwrap().iter().map(wave).collect::<Vec<_>>().join(" | ")
}

/// The row of a task.
fn task<'v>(view: &'v Value, id: &str) -> &'v Value {
    let waves = view["waves"].as_array().unwrap().iter();
    waves.flat_map(|wave| wave["tasks"].as_array().unwrap()).find(|task| task["id"] == id).unwrap()
}

/// A backlog of an epic E1 (T1, T2 after it, T3 after that) and a task T9 of another epic.
fn small_project() -> Project {
    let project = Project::new();
    project.say(&["saga", "create", "--title", "Platform", "--id", "S1", "--track", "infra"]);
    project.say(&["epic", "create", "--title", "Storage", "--id", "E1", "--parent", "S1"]);
    project.say(&["saga", "create", "--title", "Shop", "--id", "S2", "--track", "product"]);
    for (id, parent, depends) in
        [("T1", "E1", ""), ("T2", "E1", "T1"), ("T3", "E1", "T2"), ("T9", "S2", "T1")]
    {
        let mut words = vec!["task", "add", "--title", "Something", "--id", id, "--parent", parent];
        if !depends.is_empty() {
            words.extend(["--depends", depends]);
        }
        project.say(&words);
    }
    project
}
