//! Ad-hoc runs from the command line: planned beside the lane, listed, shown, promoted into it or refused.

use serde_json::Value;

use crate::harness::Place;

const WAVE: &str = "docs/plans/waves/wave-5.md";

fn json(place: &Place, code: i32, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = ["--json"].into_iter().chain(arguments.iter().copied()).collect();
    serde_json::from_str(&place.run_to(code, &arguments)).unwrap()
}

fn read(place: &Place, path: &str) -> Option<String> {
    std::fs::read_to_string(place.path().join(path)).ok()
}

fn error_of(place: &Place, code: i32, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_run_is_planned_beside_the_lane_and_promoted_into_it() {
    let place = Place::with_fixture_waves();
    let planned =
        json(&place, 0, &["adhoc", "plan", "--task", "Show the relationship of records in src/records.rs"]);
    let id = planned["runId"].as_str().unwrap();
    assert_eq!(planned["agents"], serde_json::json!(["A0", "A8", "A9", "A1"]), "no deploy, no review");
    let folder = format!(".wave/adhoc/default/runs/{id}");
    for file in ["request.json", "spec.json", "wave-0.md", "result.json"] {
        assert!(read(&place, &format!("{folder}/{file}")).is_some(), "{file}");
    }
    assert!(
        read(&place, "docs/plans/waves/wave-0.md").unwrap()
            != read(&place, &format!("{folder}/wave-0.md")).unwrap()
    );
    let listed = json(&place, 0, &["adhoc", "list"]);
    assert_eq!(
        (&listed["runs"][0]["runId"], &listed["runs"][0]["status"]),
        (&Value::from(id), &Value::from("planned"))
    );
    assert_eq!(json(&place, 0, &["adhoc", "show", "--run", id])["tasks"], planned["tasks"]);

    let promoted = json(&place, 0, &["adhoc", "promote", "--run", id]);
    assert_eq!((&promoted["wave"], &promoted["files"][0]), (&Value::from(5), &Value::from(WAVE)));
    let lint = json(&place, 0, &["lint", "5"]);
    assert_eq!(lint["waves"][0]["findings"], Value::Array(Vec::new()), "{lint:#}");
    assert_eq!(json(&place, 0, &["adhoc", "show", "--run", id])["promotedWave"], 5);
    let error = error_of(&place, 1, &["adhoc", "promote", "--run", id]);
    assert!(error.contains("is wave 5 already"), "{error}");
    place.run_to(0, &["undo"]);
    assert_eq!(read(&place, WAVE), None);
    assert_eq!(json(&place, 0, &["adhoc", "promote", "--run", id])["wave"], 5);
}

#[test]
fn a_promotion_that_does_not_validate_writes_nothing_and_is_on_record() {
    let place = Place::with_fixture_waves();
    let planned = json(&place, 0, &["adhoc", "plan", "--task", "Mend src/a.rs", "--task", "Mend src/b.rs"]);
    let id = planned["runId"].as_str().unwrap();
    let file = place.path().join(format!(".wave/adhoc/default/runs/{id}/spec.json"));
    let spec = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, spec.replacen("\"src/b.rs\"", "\"docs/plans/current-state.md\"", 2)).unwrap();
    let error = error_of(&place, 1, &["adhoc", "promote", "--run", id]);
    assert!(error.contains("V36") && error.contains("nothing was written"), "{error}");
    assert_eq!(read(&place, WAVE), None);
    let shown = json(&place, 0, &["adhoc", "show", "--run", id]);
    assert!(shown["error"].as_str().unwrap().contains("V36"), "{shown:#}");
    let error = error_of(&place, 1, &["adhoc", "promote", "--run", id, "--wave", "4"]);
    assert!(error.contains("wave-4.md is there already"), "{error}");
}

#[test]
fn runs_of_the_other_spelling_are_read_and_what_is_not_there_is_said() {
    let place = Place::with_fixture_waves();
    assert!(place.run_to(0, &["adhoc", "list"]).contains("There are no ad-hoc runs"));
    let old = place.path().join(".wave/adhoc/runs/adhoc-20250101000000-abcdef");
    std::fs::create_dir_all(&old).unwrap();
    let result =
        r#"{"runId": "adhoc-20250101000000-abcdef", "title": "Old", "status": "completed", "lane": "main"}"#;
    std::fs::write(old.join("result.json"), result).unwrap();
    assert_eq!(json(&place, 0, &["adhoc", "list"])["runs"][0]["status"], "completed");
    let error = error_of(&place, 1, &["adhoc", "show", "--run", "adhoc-20250101000000-abcdef"]);
    assert!(error.contains("wave-0.md is not there"), "{error}");
    let error = error_of(&place, 1, &["adhoc", "show", "--run", "adhoc-9"]);
    assert!(error.contains("There is no ad-hoc run adhoc-9") && error.contains("abcdef"), "{error}");
    assert!(error_of(&place, 2, &["adhoc", "show"]).contains("--run ID"));
    error_of(&place, 2, &["adhoc", "plan"]);
    assert!(error_of(&place, 2, &["adhoc", "plan", "--task", " "]).contains("nothing to do"));
}

#[test]
fn a_run_closes_beside_the_lanes_wave_of_the_same_number_and_its_state_is_its_own() {
    let place = Place::with_fixture_waves();
    let lane_wave = read(&place, "docs/plans/waves/wave-0.md");
    let arguments =
        ["adhoc", "run", "--task", "Mend src/records.rs", "--yes", "--executor", "local", "--headless"];
    let ran = json(&place, 0, &arguments);
    let id = ran["adhocRun"].as_str().unwrap();
    assert_eq!(ran["outcome"], "closed", "{ran:#}");
    assert_eq!(json(&place, 0, &["adhoc", "show", "--run", id])["status"], "completed");
    assert_eq!(json(&place, 0, &["adhoc", "list"])["runs"][0]["status"], "completed");
    let folder = format!(".wave/adhoc/default/runs/{id}");
    assert!(read(&place, &format!("{folder}/reports/wave-0-cont-qa.md")).is_some(), "the steward's report");
    let state = format!(".tmp/main-wave-launcher/adhoc/{id}");
    assert!(read(&place, &format!("{state}/run-state.json")).unwrap().contains("wave-complete"));
    assert!(read(&place, &format!("{state}/results/wave-0/attempt-1/A1.json")).is_some());
    assert_eq!(read(&place, ".tmp/main-wave-launcher/run-state.json"), None, "the lane's state is untouched");
    assert_eq!(read(&place, "docs/plans/waves/wave-0.md"), lane_wave);
    let ended = |name: &str| place.path().join(format!(".wavedeck/adhoc/{id}/{name}"));
    assert!(ended("wavedeck.db").exists());

    // The run is addressed wherever a wave is; the lane knows nothing of it.
    let of_run: Value = json(&place, 0, &["--run", id, "status", "--wave", "0"]);
    assert_eq!(of_run["phase"], "completed", "{of_run:#}");
    place.run_to(0, &["--run", id, "logs", "A1"]);
    let output = place.run(&["--json", "status", "--wave", "0"]);
    assert!(
        !String::from_utf8_lossy(&output.stdout).contains("\"completed\""),
        "the lane's wave 0 did not run"
    );
}

#[test]
fn a_run_that_fails_says_so_and_one_that_nobody_confirms_is_not_started() {
    let place = Place::with_fixture_waves();
    let error = error_of(&place, 2, &["adhoc", "run", "--task", "Mend src/records.rs"]);
    assert!(error.contains("needs your word") && error.contains("--yes"), "{error}");
    let listed = json(&place, 0, &["adhoc", "list"]);
    let id = listed["runs"][0]["runId"].as_str().unwrap();
    assert_eq!(listed["runs"][0]["status"], "planned");
    assert!(!place.path().join(format!(".wavedeck/adhoc/{id}")).exists(), "nothing was started");

    let failing =
        ["--executor", "command", "--command", "false", "--max-retries-per-wave", "0", "--headless"];
    let output = place.run(&[&["adhoc", "run", "--run", id, "--yes"] as &[&str], &failing].concat());
    assert_ne!(output.status.code(), Some(0));
    let listed = json(&place, 0, &["adhoc", "list"]);
    assert_eq!(listed["runs"][0]["status"], "failed", "{listed:#}");
    for (arguments, code, part) in [
        (&["adhoc", "run", "--task", "x", "--yes", "--wave", "3"] as &[&str], 2, "has one wave"),
        (&["adhoc", "run", "--yes"], 2, "nothing to do"),
        (&["adhoc", "run", "--run", id, "--task", "x"], 2, "is planned already"),
        (&["--run", "adhoc-9", "status"], 1, "There is no ad-hoc run adhoc-9"),
        (&["--run", id, "draft", "--defaults"], 2, "is an ad-hoc run"),
    ] {
        let error = error_of(&place, code, arguments);
        assert!(error.contains(part), "{arguments:?} {error}");
    }
}
