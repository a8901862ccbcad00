//! The backlog as scripts see it: imported, edited, computed and followed through the program itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod project_support;

use std::path::Path;

use serde_json::{Value, json};

use project_support::Project;

fn ids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// The other request of the operator of a CLEO store (issue 397 of CLEO, in our words), its first sentences: "A saga has
/// a track, or none", "`saga create --track` and `saga update --track` set it", "`orchestrate ready --track-balance
/// --tracks a,b --per-track N` picks N of each track that are safe together".
#[test]
fn a_track_is_set_on_a_saga_and_one_of_each_track_is_picked() {
    let project = Project::new();
    project.say(&["saga", "create", "--title", "Platform", "--id", "S1", "--track", "infra"]);
    project.say(&["saga", "create", "--title", "Shop", "--id", "S2", "--track", "product"]);
    project.say(&["epic", "create", "--title", "Storage", "--id", "E1", "--parent", "S1"]);
    project.say(&[
        "task",
        "add",
        "--title",
        "Pool",
        "--id",
        "T1",
        "--parent",
        "E1",
        "--files",
        "src/pool.rs",
    ]);
    project.say(&[
        "task",
        "add",
        "--title",
        "Cart",
        "--id",
        "T2",
        "--parent",
        "S2",
        "--files",
        "src/",
        "--priority",
        "high",
    ]);
    project.say(&["task", "add", "--title", "Page", "--id", "T3", "--parent", "S2", "--files", "web/"]);
    let shown = project.json(&["task", "show", "T1"]);
    assert_eq!((&shown["track"], &shown["inherited"]), (&json!("infra"), &json!(true)));

    let words = ["orchestrate", "ready", "--track-balance", "--tracks", "infra,product", "--per-track", "1"];
    let ready = project.json(&words);
    assert_eq!(ids(&ready["ready"]), ["T1", "T3"], "T2 would touch the pool: {ready:#}");
    assert_eq!(ready["idle_tracks"], json!([]));

    project.say(&["task", "done", "T1"]);
    let ready = project.json(&words);
    assert_eq!(ids(&ready["ready"]), ["T2"]);
    assert_eq!(ready["idle_tracks"], json!([{"track": "infra", "why": "every task of it is done"}]));

    project.say(&["saga", "update", "S1", "--no-track"]);
    assert_eq!(project.json(&["task", "show", "T1"])["track"], Value::Null);
}

#[test]
fn a_briefing_says_what_is_done_what_waits_and_what_is_next_of_each_track() {
    let project = Project::new();
    assert!(project.say(&["briefing"]).contains("Nothing may start now"));
    for (id, track) in [("S1", "infra"), ("S2", "product"), ("S3", "docs")] {
        project.say(&["saga", "create", "--title", "A saga", "--id", id, "--track", track]);
    }
    for (id, parent, depends) in
        [("T1", "S1", ""), ("T2", "S1", "T1"), ("T3", "S1", "T2"), ("T4", "S2", ""), ("T5", "S3", "T4")]
    {
        let words = ["task", "add", "--title", "A task", "--id", id, "--parent", parent];
        let depends = if depends.is_empty() { vec![] } else { vec!["--depends", depends] };
        project.say(&[&words[..], &depends].concat());
    }
    project.say(&["task", "done", "T1"]);
    project.say(&["task", "update", "T4", "--status", "blocked"]);
    let briefing = project.json(&["briefing"]);
    assert_eq!(ids(&briefing["next"]), ["T2"]);
    assert_eq!(ids(&briefing["waits_for_you"]["blocked"]), ["T4"]);
    let infra = json!({"track": "infra", "done": 1, "running": 0, "ready": 1, "waiting": 1});
    assert_eq!(briefing["progress"]["tracks"][1], infra);
    let idle: Vec<&str> = briefing["idle_tracks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["track"].as_str().unwrap())
        .collect();
    assert_eq!(idle, ["docs", "product"]);
    let said = project.say(&["briefing"]);
    assert!(said.contains("infra    [######..............]  1 of 3 done, 1 may start, 1 waiting"), "{said}");
    assert!(said.contains("docs: T5, its only open task, waits for T4 (blocked)."), "{said}");

    // By the plan T2 waits for its wave, although nothing that it depends on is open.
    project.say(&["task", "update", "T4", "--status", "pending"]);
    project.say(&["orchestrate", "waves", "--all", "--save", "--name", "next"]);
    let ready = project.json(&["orchestrate", "ready"]);
    assert_eq!((&ready["plan"], ids(&ready["ready"])), (&json!("next"), vec!["T4"]));
    let held = ready["not_ready"].as_array().unwrap().iter().find(|row| row["id"] == "T2").unwrap();
    assert_eq!(held["why"][0]["detail"], "stands in wave 2, and wave 1 is not finished");
    assert_eq!(ids(&project.json(&["orchestrate", "ready", "--no-plan"])["ready"]), ["T2", "T4"]);
    let said = project.say(&["briefing"]);
    assert!(said.contains("Plan next, at wave 1 of 3: 1 of 5 done, 1 may start, 3 waiting."), "{said}");
    assert!(said.contains("plan next is saved with"), "{said}");
}

#[test]
fn a_task_is_given_to_an_agent_with_its_wave_and_who_works_beside_it() {
    let project = Project::new();
    project.say(&["saga", "create", "--title", "Platform", "--id", "S1", "--track", "infra"]);
    for (id, title, files) in [("T1", "Pool", "src/pool.rs"), ("T2", "Cart", "src/"), ("T3", "Page", "web/")]
    {
        project.say(&["task", "add", "--title", title, "--id", id, "--parent", "S1", "--files", files]);
    }
    project.say(&["task", "depends", "T3", "--on", "T1"]);

    let dry = project.json(&["orchestrate", "spawn", "T1", "--dry-run"]);
    assert_eq!((&dry["wave"], &dry["track"], &dry["started"]), (&json!(1), &json!("infra"), &json!(false)));
    assert_eq!(dry["siblings"][0]["shared"], json!(["src/pool.rs"]));
    assert_eq!(dry["merge_order"], json!(["T1", "T2"]));
    let prompt = dry["prompt"].as_str().unwrap();
    assert_eq!(project.say(&["orchestrate", "spawn", "T1", "--dry-run"]), prompt);
    assert_eq!(project.error(&["orchestrate", "spawn", "T3"]), "T3 waits for T1; nothing was started.");
    assert_eq!(project.json(&["task", "show", "T1"])["status"], "pending");
    project.say(&["orchestrate", "waves", "--all", "--save", "--name", "next"]);
    project.say(&["wave", "assign", "T3", "--wave", "1", "--note", "the audit asks for it"]);
    let decided = project.json(&["orchestrate", "spawn", "T3", "--dry-run"]);
    assert_eq!((&decided["plan"], &decided["breaks"][0]["id"]), (&json!("next"), &json!("T1")));
    assert!(decided["prompt"].as_str().unwrap().contains("The reason: the audit asks for it"));
    project.say(&["undo"]);
    let prompt = project.say(&["orchestrate", "spawn", "T1", "--dry-run"]);

    let agent = r#"/bin/sh -c 'head -n 1 "$WAVEDECK_PROMPT" > seen; exec "$WAVEDECK_BIN" task done "$WAVEDECK_TASK"'"#;
    let spawned = project.json(&["orchestrate", "spawn", "T1", "--runtime", "command", "--command", agent]);
    assert_eq!((&spawned["started"], &spawned["runtime"]), (&json!(true), &json!("command")));
    let written = std::fs::read_to_string(project.path().join(spawned["prompt_file"].as_str().unwrap()));
    assert_eq!(written.unwrap(), prompt);
    project.until(|| project.json(&["task", "show", "T1"])["status"] == "done");
    assert_eq!(project.json(&["orchestrate", "spawn", "T3", "--dry-run"])["waits_for"], json!([]));
    assert_eq!(project.error(&["orchestrate", "spawn", "T1"]), "T1 is done; nothing was started.");
    assert_eq!(std::fs::read_to_string(project.path().join("seen")).unwrap(), "# Task T1: Pool\n");
}

#[test]
fn waves_follow_from_what_depends_on_what() {
    let project = Project::new();
    for (title, depends) in [("One", ""), ("Two", "T001"), ("Three", "T002"), ("Four", "T004,T9")] {
        let mut words = vec!["task", "add", "--title", title];
        if !depends.is_empty() {
            words.extend(["--depends", depends]);
        }
        project.say(&words);
    }
    project.say(&["task", "done", "T001"]);
    let waves = project.json(&["orchestrate", "waves", "--all"]);
    let row = |wave: &Value| (wave["wave"].as_u64().unwrap(), wave["status"].as_str().unwrap().to_owned());
    let rows: Vec<_> = waves["waves"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows, [(1, "done".into()), (2, "pending".into()), (3, "pending".into())]);
    assert_eq!(
        waves["waves"][2]["tasks"][0]["waits_for"],
        json!([{"id": "T002", "kind": "in-plan", "status": "pending"}])
    );
    assert_eq!(waves["cycles"], json!([["T004"]]));
    assert_eq!(waves["unplaced"], json!([{"id": "T004", "why": "it waits for itself: T004 → T004"}]));
    assert_eq!(waves["critical_path"], json!(["T002", "T003"]));

    let outside = project.json(&["orchestrate", "waves", "T003"]);
    assert_eq!(outside["scope"], json!(["T003"]));
    assert_eq!(outside["waves"][0]["tasks"][0]["waits_for"][0]["kind"], "outside");
    assert_eq!(project.error(&["orchestrate", "waves", "T77"]), "There is no T77 in the backlog.");
    assert!(
        project.say(&["task", "list", "--odd"]).contains("T004 depends on T9, which is not in the backlog")
    );

    let changed = project.json(&["task", "depends", "T004", "--not", "T004,T9", "--on", "T003"]);
    assert_eq!(changed["edited"][0]["id"], "T004");
    assert_eq!(project.json(&["orchestrate", "waves", "--all"])["waves"].as_array().unwrap().len(), 4);
}

#[test]
fn an_epic_of_cleo_is_imported_with_a_count_of_what_was_left_out() {
    let project = Project::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cleo/epic-T1737.json");
    let file = file.to_str().unwrap();
    let imported = project.json(&["import", "tasks", file, "--no-follow"]);
    assert_eq!(
        (&imported["records"], &imported["added"], &imported["following"]),
        (&json!(75), &json!(75), &json!(false))
    );
    let skipped =
        imported["notes"].as_array().unwrap().iter().find(|note| note["what"] == "field `size`").unwrap();
    assert_eq!(skipped["kind"], "skipped");
    let waves = project.json(&["orchestrate", "waves", "T1737"]);
    assert_eq!(waves["waves"].as_array().unwrap().len(), 8);

    let again = project.json(&["import", "tasks", file, "--no-follow"]);
    assert_eq!((&again["added"], &again["changed"], &again["removed"]), (&json!(0), &json!(0), &json!(0)));
    assert!(project.error(&["import", "cleo"]).starts_with("There is no backlog of CLEO in "));
}
