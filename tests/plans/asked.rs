//! What the operator of a CLEO store asked for: wave plans that are kept (issue 396 of CLEO, in our words), sentence by
//! sentence. Tracks, the other request (issue 397), are in `tests/backlog.rs` as far as picking goes.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use super::{ids, small_project, task, waves};

/// "A new table `wave_plans(id, epic_id, wave_number, task_ids, notes, locked_by, locked_at, created_at)`."
#[test]
fn a_table_wave_plans_has_the_columns_that_were_asked_for() {
    let project = small_project();
    project.say(&["orchestrate", "waves", "E1", "--save"]);
    project.say(&["wave", "note", "--wave", "2", "after the freeze"]);
    project.say(&["wave", "lock", "--wave", "2"]);
    let database = Connection::open(project.path().join(".wavedeck/wavedeck.db")).unwrap();
    let mut statement = database.prepare("SELECT name FROM pragma_table_info('wave_plans')").unwrap();
    let columns: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let asked = ["id", "epic_id", "wave_number", "task_ids", "notes", "locked_by", "locked_at", "created_at"];
    assert_eq!(columns[..asked.len()], asked);
    let row = "SELECT epic_id, wave_number, task_ids, notes, locked_by, locked_at IS NOT NULL FROM wave_plans
               WHERE wave_number = 2";
    let row: (String, u32, String, String, String, bool) = database
        .query_row(row, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .unwrap();
    let text = |text: &str| text.to_owned();
    assert_eq!(row, (text("E1"), 2, text(r#"["T2"]"#), text("after the freeze"), text("kim"), true));
}

/// "`orchestrate waves --save [--name SLUG]` keeps what is computed now as a baseline."
#[test]
fn what_is_computed_is_saved_as_a_baseline_and_keeps_its_numbers() {
    let project = small_project();
    let saved = project.json(&["orchestrate", "waves", "E1", "--save", "--name", "may"]);
    assert_eq!((&saved["plan"], waves(&saved)), (&json!("may"), "1: T1 | 2: T2 | 3: T3".to_owned()));
    project.say(&["task", "done", "T1"]);
    project.say(&["task", "depends", "T2", "--not", "T1"]);
    assert_eq!(waves(&project.json(&["orchestrate", "waves", "E1"])), "1: T1 T2 | 2: T3");
    assert_eq!(waves(&project.json(&["wave", "show", "may"])), "1: T1 | 2: T2 | 3: T3");

    // Saved again it is computed again, and what somebody holds stays where it is.
    project.say(&["wave", "lock", "T3"]);
    project.say(&["orchestrate", "waves", "E1", "--save", "--name", "may"]);
    assert_eq!(waves(&project.json(&["wave", "show"])), "1: T1 T2 | 3: T3");
    project.say(&["undo"]);
    assert_eq!(waves(&project.json(&["wave", "show"])), "1: T1 | 2: T2 | 3: T3");
    project.say(&["task", "update", "T2", "--status", "archived"]);
    assert_eq!(project.json(&["wave", "diff", "may"])["removed"], json!([]), "it was done, and is put away");
    project.say(&["orchestrate", "waves", "E1", "--save", "--name", "may"]);
    assert_eq!(waves(&project.json(&["wave", "show"])), "1: T1 | 2: T2 | 3: T3");
    let unnamed = project.json(&["orchestrate", "waves", "E1", "--save"]);
    assert_eq!(unnamed["plan"], "e1");
}

/// "`orchestrate waves --from SLUG` loads a saved plan."
#[test]
fn a_saved_plan_is_loaded_in_the_shape_of_computed_waves() {
    let project = small_project();
    let saved = project.json(&["orchestrate", "waves", "E1", "--save", "--name", "may"]);
    let loaded = project.json(&["orchestrate", "waves", "--from", "may"]);
    assert_eq!(loaded["waves"], saved["waves"]);
    assert_eq!(loaded, project.json(&["wave", "show", "may"]));
    assert_eq!(project.error(&["orchestrate", "waves", "--from", "june"]), "There is no plan june.");
}

/// "`wave assign TASK --wave N` slots a task by hand, also one that lies elsewhere, with a reason that is kept."
#[test]
fn a_task_is_slotted_by_hand_with_a_reason() {
    let project = small_project();
    project.say(&["orchestrate", "waves", "E1", "--save"]);
    let tried = project.json(&["wave", "assign", "T9", "--wave", "1", "--dry-run"]);
    assert_eq!(tried["preview"]["broken"], json!([{"id": "T9", "wave": 1, "needs": "T1", "needs_wave": 1}]));
    assert_eq!(waves(&project.json(&["wave", "show"])), "1: T1 | 2: T2 | 3: T3", "a trial changes nothing");

    let words =
        ["wave", "assign", "T9", "--wave", "1", "--before", "T1", "--note", "the shop waits", "--lock"];
    let said = project.say(&words);
    assert!(said.contains("T9 in wave 1 breaks: it needs T1, which stands beside it."), "{said}");
    let shown = project.json(&["wave", "show"]);
    assert_eq!(waves(&shown), "1: T9 T1 | 2: T2 | 3: T3");
    let slot = task(&shown, "T9");
    assert_eq!((&slot["note"], &slot["locked_by"]), (&json!("the shop waits"), &json!("kim")));
    assert_eq!(slot["breaks"][0]["needs"], "T1");
    assert_eq!(slot["track"], "product");

    let moved = project.json(&["wave", "assign", "T9", "--wave", "2"]);
    assert_eq!(moved["preview"]["mended"][0]["id"], "T9");
    assert_eq!(project.error(&["wave", "assign", "T77", "--wave", "1"]), "There is no T77 in the backlog.");
    project.say(&["wave", "unassign", "T9"]);
    assert_eq!(project.error(&["wave", "unassign", "T9"]), "T9 has no slot in this plan.");
}

/// "`orchestrate waves --diff SLUG` says where a plan and what is computed differ."
#[test]
fn drift_between_a_plan_and_what_is_computed_is_listed() {
    let project = small_project();
    project.say(&["orchestrate", "waves", "E1", "--save", "--name", "may"]);
    let same = project.json(&["orchestrate", "waves", "--diff", "may", "--exit-code"]);
    assert_eq!((&same["against"], &same["unchanged"]), (&json!("computed"), &json!(3)));

    project.say(&["wave", "assign", "T3", "--wave", "1"]);
    project.say(&["task", "add", "--title", "New", "--id", "T4", "--parent", "E1"]);
    project.say(&["task", "done", "T2"]);
    project.say(&["task", "update", "T3", "--depends", "T1"]);
    let output = project.output(&["orchestrate", "waves", "--diff", "may", "--exit-code", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let diff: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diff["added"], json!([{"id": "T4", "wave": 1}]));
    assert_eq!(diff["moved"], json!([{"id": "T3", "from": 1, "to": 2}]));
    assert_eq!(diff["illegal"], json!([{"id": "T3", "wave": 1, "needs": "T1", "needs_wave": 1}]));
    assert_eq!(diff["done_early"], json!([{"id": "T2", "wave": 2}]));
    assert_eq!((&diff["removed"], &diff["unchanged"]), (&json!([]), &json!(2)));
    assert_eq!(project.json(&["wave", "diff", "may"]), diff);

    project.say(&["orchestrate", "waves", "E1", "--save", "--name", "june"]);
    let plans = project.json(&["wave", "diff", "may", "june"]);
    assert_eq!((&plans["against"], &plans["moved"]), (&json!("june"), &diff["moved"]));
    let narrower = project.json(&["orchestrate", "waves", "T1", "--diff", "may"]);
    assert_eq!(ids(&narrower["removed"]), ["T2", "T3"]);
}

/// "A plan, a wave or a slot can be locked; what is locked, others do not move."
#[test]
fn what_somebody_holds_others_do_not_move() {
    let project = small_project();
    project.say(&["orchestrate", "waves", "E1", "--save"]);
    let olga = |words: &[&str]| {
        let output = project.output_of("olga", words);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    };
    project.say(&["wave", "lock", "T2"]);
    let (code, said) = olga(&["wave", "assign", "T2", "--wave", "3"]);
    assert_eq!((code, said.lines().next().unwrap()), (1, "error: T2 is locked by kim."));
    assert_eq!(olga(&["wave", "unlock", "T2"]), (0, "Plan e1: T2 is unlocked.\n".to_owned()));
    assert_eq!(olga(&["wave", "assign", "T2", "--wave", "3"]).0, 0);

    let (code, said) = olga(&["wave", "assign", "T1", "--wave", "2", "--if-version", "1"]);
    assert_eq!(code, 1);
    assert!(
        said.starts_with("error: Plan e1 changed since you looked at it: plan e1: T2 goes to wave 3 (olga).")
            && said.contains("Nothing of yours was made"),
        "{said}"
    );
}

/// "Plans are listed, renamed, deleted; every edit can be taken back."
#[test]
fn plans_are_managed_and_every_edit_is_taken_back() {
    let project = small_project();
    assert!(project.error(&["wave", "show"]).starts_with("There is no saved plan."));
    project.say(&["orchestrate", "waves", "E1", "--save"]);
    project.say(&["orchestrate", "waves", "S2", "--save"]);
    assert!(project.error(&["wave", "show"]).starts_with("Several plans are saved"));
    assert_eq!(project.output(&["wave", "show"]).status.code(), Some(2));
    project.say(&["wave", "use", "s2"]);
    project.say(&["wave", "rename", "s2", "shop"]);
    assert_eq!(waves(&project.json(&["wave", "show"])), "1: T9");
    let list = project.json(&["wave", "list"]);
    let rows: Vec<_> =
        list["plans"].as_array().unwrap().iter().map(|row| (&row["plan"], &row["active"])).collect();
    assert_eq!(rows, [(&json!("e1"), &json!(false)), (&json!("shop"), &json!(true))]);

    project.say(&["wave", "renumber", "--plan", "e1", "2=5", "3=6"]);
    assert_eq!(waves(&project.json(&["wave", "show", "e1"])), "1: T1 | 5: T2 | 6: T3");
    project.say(&["wave", "delete", "e1"]);
    let said: Vec<String> = (0..4).map(|_| project.say(&["undo"])).collect();
    assert_eq!(said[0], "Taken back: plan e1 is deleted.\n");
    assert_eq!(said[3], "Taken back: plan s2 is the active one.\n");
    assert_eq!(waves(&project.json(&["wave", "show", "e1"])), "1: T1 | 2: T2 | 3: T3");
    (0..4).for_each(|_| drop(project.say(&["redo"])));
    assert!(project.error(&["redo"]).starts_with("There is no edit that was taken back"));
    assert_eq!(waves(&project.json(&["wave", "show"])), "1: T9");
}

/// "The plan that I keep in a markdown document is imported, and drift between the two is told."
#[test]
fn a_document_is_imported_and_drift_names_its_lines() {
    let project = small_project();
    fs::write(
        project.path().join("NEXT_SESSION.md"),
        "# Next\n\n- **Wave 1**: T3, T1\n- **Wave 2** (parallel): T2, T77\n- Final: release\n",
    )
    .unwrap();
    let imported = project.json(&["import", "plan", "NEXT_SESSION.md"]);
    assert_eq!((&imported["plan"], &imported["created"]), (&json!("next-session"), &json!(true)));
    assert_eq!(imported["counts"], json!({"text": 4, "slotted": 4, "not_understood": 0, "prose": 0}));
    assert_eq!(imported["gates"][0]["line"], 5);
    let drift = project.json(&["wave", "drift"]);
    assert_eq!(drift["rows"], imported["drift"]);
    let rows: Vec<String> = drift["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let kind = row["kind"].as_str().unwrap();
            format!(
                "{}:{} {} {kind}",
                row["file"].as_str().unwrap(),
                row["line"],
                row["id"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(rows, ["NEXT_SESSION.md:3 T3 illegal", "NEXT_SESSION.md:4 T77 unknown"]);
    let diff = project.json(&["wave", "diff", "next-session"]);
    assert_eq!(
        diff["illegal"][0],
        json!({
            "id": "T3", "wave": 1, "needs": "T2", "needs_wave": 2, "file": "NEXT_SESSION.md", "line": 3,
        })
    );
    let shown = project.json(&["wave", "show"]);
    assert_eq!((&task(&shown, "T77")["status"], &task(&shown, "T77")["line"]), (&json!(null), &json!(4)));
    assert_eq!(project.output(&["wave", "drift", "--exit-code"]).status.code(), Some(1));
}
