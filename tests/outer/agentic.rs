//! Waves that an agent plans: the simulator as the planner, asked again with what was found, applied once and whole.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::harness::{Place, until_ended};

const WAVE: &str = "docs/plans/waves/wave-5.md";

/// Plans on the simulator; gives exit code and the JSON value (of standard error when it failed).
fn planned(place: &Place, task: &str) -> (i32, Value) {
    let arguments = ["--json", "draft", "--agentic", "--planner-executor", "local", "--task", task];
    let output = place.run(&arguments);
    let (out, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let text =
        if output.status.success() { out } else { error.lines().last().unwrap_or_default().to_owned() };
    let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}\n{error}"));
    (output.status.code().unwrap(), value)
}

fn shown(place: &Place, id: &str) -> Value {
    serde_json::from_str(&place.run_to(0, &["--json", "draft", "--show-run", id])).unwrap()
}

/// The only run there is.
fn only_run(place: &Place) -> String {
    let runs = std::fs::read_dir(place.path().join(".wave/planner/runs")).unwrap();
    let names: Vec<String> = runs.map(|run| run.unwrap().file_name().into_string().unwrap()).collect();
    let [name] = names.as_slice() else { panic!("{names:?}") };
    name.clone()
}

fn read(place: &Place, path: &str) -> Option<String> {
    std::fs::read_to_string(place.path().join(path)).ok()
}

/// Runs a verb that must be refused, and gives what it says.
fn refused(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_planner_is_asked_again_and_its_plan_is_applied_once_and_taken_back() {
    let place = Place::with_fixture_waves();
    let (code, value) = planned(&place, "Bound the cache\n\nLocal script:\n- gap on attempt 1\n");
    assert_eq!((code, &value["state"]), (0, &Value::from("planned")), "{value:#}");
    let id = value["runId"].as_str().unwrap().to_owned();
    assert_eq!(value["rounds"][0]["ok"], false);
    assert_eq!(value["rounds"][0]["findings"][0]["rule"], "D01");
    assert_eq!(
        (&value["rounds"][1]["ok"], &value["waves"][0]["wave"]),
        (&Value::from(true), &Value::from(5))
    );
    assert_eq!(read(&place, WAVE), None, "a plan is no wave yet");
    let folder = format!(".wave/planner/runs/{id}");
    let again = read(&place, &format!("{folder}/planner-prompt-2.md")).unwrap();
    assert!(again.contains("the worker owns nothing"), "{again}");
    for file in [
        "request.json",
        "sources.json",
        "planner-executor.stdout.log",
        "plan.json",
        "verification.json",
        "result.json",
        "candidate/waves/wave-5.md",
        "candidate/specs/wave-5.json",
        "candidate/component-cutover-matrix.json",
    ] {
        assert!(read(&place, &format!("{folder}/{file}")).is_some_and(|text| !text.is_empty()), "{file}");
    }

    let applied = place.run_to(0, &["draft", "--apply-run", &id]);
    assert!(applied.contains(WAVE), "{applied}");
    assert_eq!(shown(&place, &id)["state"], "applied");
    assert!(read(&place, WAVE).unwrap().starts_with("# Wave 5 - Bound the cache\n"));
    let lint: Value = serde_json::from_str(&place.run_to(0, &["--json", "lint", "5"])).unwrap();
    assert_eq!(lint["waves"][0]["findings"], Value::Array(Vec::new()), "{lint:#}");
    let error = refused(&place, &["draft", "--apply-run", &id]);
    assert!(error.contains("wave-5.md is there already"), "{error}");
    place.run_to(0, &["undo"]);
    assert_eq!(read(&place, WAVE), None);
}

#[test]
fn a_plan_that_never_holds_and_a_planner_that_fails_write_nothing() {
    for (script, part) in [
        ("- gap", "the worker owns nothing"),
        ("- malformed", "JSON"),
        ("- fail no idea", "exit code 1: no idea"),
        ("- rate limit\n- rate limit on attempt 2", "rate limit"),
    ] {
        let place = Place::with_fixture_waves();
        let (code, value) = planned(&place, &format!("Bound the cache\n\nLocal script:\n{script}\n"));
        let message = value["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(code == 1 && message.contains(part) && message.contains("Nothing was written"), "{value:#}");
        let id = only_run(&place);
        assert_eq!(shown(&place, &id)["state"], "failed");
        assert!(refused(&place, &["draft", "--apply-run", &id]).contains("failed"));
        assert_eq!(read(&place, WAVE), None);
    }
}

#[test]
fn a_lane_that_moved_on_is_not_planned_over() {
    let place = Place::with_fixture_waves();
    let (code, _) = planned(&place, "Bound the cache");
    assert_eq!(code, 0);
    let id = only_run(&place);
    let other = place.path().join("docs/plans/waves/wave-4.md");
    let text = std::fs::read_to_string(&other).unwrap();
    std::fs::write(&other, text.replacen("# Wave 4", "# Wave 4 ", 1)).unwrap();
    let error = refused(&place, &["draft", "--apply-run", &id]);
    assert!(error.contains("moved on") && error.contains("wave-4.md"), "{error}");
    assert_eq!(read(&place, WAVE), None);
    place.run_to(0, &["draft", "--apply-run", &id, "--force"]);
    assert!(read(&place, WAVE).is_some());
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::with_fixture_waves();
    for (arguments, code, part) in [
        (&["draft", "--show-run", "planner-1"] as &[&str], 1, "There is no run planner-1"),
        (&["draft", "--apply-run", "../x"], 1, "There is no run"),
        (&["draft", "--agentic"], 2, "--task"),
        (&["draft", "--agentic", "--task", " "], 2, "nothing to plan"),
        (&["draft", "--agentic", "--task", "x", "--planner-executor", "nobody"], 2, "nobody"),
    ] {
        let output = place.run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {error}");
        assert!(error.contains(part), "{arguments:?} {error}");
    }
    assert!(!place.path().join(".wave/planner").exists(), "nothing was begun");
}

#[test]
fn a_planner_that_is_interrupted_ends_and_its_run_says_so() {
    let place = Place::with_fixture_waves();
    let fifo = place.path().join("up");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::fs::create_dir_all(place.path().join(".wavedeck")).unwrap();
    let settings = "[runtimes.slow]\ncommand = \"sh -c 'echo $$ > up; exec tail -f /dev/null'\"\n";
    std::fs::write(place.path().join(".wavedeck/config.toml"), settings).unwrap();
    let mut command = place.command(&["draft", "--agentic", "--planner-executor", "slow", "--task", "x"]);
    let planning = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // Opening waits for the planner, which tells who it is.
    let planner: u32 = std::fs::read_to_string(&fifo).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_child(&planning), Signal::INT).unwrap();
    let output = planning.wait_with_output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && error.contains("interrupted"), "{error}");
    until_ended(planner);
    assert_eq!(shown(&place, &only_run(&place))["state"], "failed");
}
