//! Drafting from the command line: answers from lines, all files or none, taken back to the byte.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::Place;

const WAVE: &str = "docs/plans/waves/wave-5.md";
const SPEC: &str = "docs/plans/waves/specs/wave-5.json";
const MATRIX: &str = "docs/plans/component-cutover-matrix.json";

/// Runs a verb with these lines as its standard input; gives exit code, standard output and standard error.
fn answered(place: &Place, arguments: &[&str], lines: &str) -> (Option<i32>, String, String) {
    let mut command = place.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn read(place: &Place, path: &str) -> Option<String> {
    std::fs::read_to_string(place.path().join(path)).ok()
}

#[test]
fn a_draft_is_answered_by_lines_written_whole_and_taken_back() {
    let place = Place::with_fixture_waves();
    let matrix = read(&place, MATRIX);
    let (code, out, _) = answered(&place, &["draft", "--json"], "\nBound the cache\n");
    assert_eq!(code, Some(0), "{out}");
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&value["wave"], &value["written"]), (&Value::from(5), &Value::from(true)));
    assert_eq!(value["findings"], Value::Array(Vec::new()));
    assert!(read(&place, WAVE).unwrap().starts_with("# Wave 5 - Bound the cache\n"));
    assert!(read(&place, MATRIX).unwrap().contains("\"bound-the-cache\""));
    let lint: Value = serde_json::from_str(&place.run_to(0, &["--json", "lint", "5"])).unwrap();
    assert_eq!(lint["waves"][0]["findings"], Value::Array(Vec::new()), "{lint}");

    let (code, _, error) = answered(&place, &["draft", "--wave", "5"], "");
    assert_eq!(code, Some(1));
    assert!(error.contains("wave-5.md is there already"), "{error}");

    place.run_to(0, &["undo"]);
    assert_eq!((read(&place, WAVE), read(&place, SPEC)), (None, None));
    assert_eq!(read(&place, MATRIX), matrix, "to the byte");
}

#[test]
fn what_does_not_validate_is_not_written() {
    let place = Place::with_fixture_waves();
    let owned = "worker.1.owns=docs/plans/current-state.md";
    let (code, _, error) = answered(&place, &["draft", "--defaults", "--answer", owned], "");
    assert_eq!(code, Some(1));
    assert!(error.contains("V36 A1:") && error.contains("nothing was written"), "{error}");
    assert_eq!((read(&place, WAVE), read(&place, SPEC)), (None, None));
    let (code, _, error) = answered(&place, &["draft", "--defaults", "--answer", "worker.1.colour=red"], "");
    assert_eq!(code, Some(2), "{error}");
    let (code, _, error) = answered(&place, &["draft"], "moon\n");
    assert_eq!(code, Some(2), "{error}");
    assert_eq!(read(&place, WAVE), None);
}

#[test]
fn a_profile_is_set_up_and_drafts_begin_with_it() {
    let place = Place::with_fixture_waves();
    assert!(place.run_to(0, &["project", "show"]).contains("No profile is saved"));
    let answers =
        ["template=release", "environments=1", "environment.1.id=live", "environment.1.kind=kubernetes"];
    let mut arguments = vec!["project", "setup", "--defaults"];
    arguments.extend(answers.iter().flat_map(|answer| ["--answer", *answer]));
    place.run_to(0, &arguments);
    let shown: Value = serde_json::from_str(&place.run_to(0, &["--json", "project", "show"])).unwrap();
    assert_eq!(shown["profile"]["deployEnvironments"][0]["kind"], "kubernetes");
    let text = place.run_to(0, &["draft", "--defaults", "--preview"]);
    for part in ["- `live`: `kubernetes` default", "open one with what changes", "Rollback:", "Human gate:"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn the_spec_of_a_wave_is_made_from_its_file_and_drift_is_found() {
    let place = Place::with_fixture_waves();
    place.run_to(0, &["draft", "--wave", "4", "--import"]);
    let file = place.path().join("docs/plans/waves/wave-4.md");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!place.run_to(0, &["lint", "4"]).contains("W24"));
    std::fs::write(&file, text.replacen("- bundle: node-typescript", "- bundle: none", 1)).unwrap();
    let found = place.run_to(0, &["lint", "4"]);
    assert!(found.contains("wave-4.md:9:1: warning W24 `context7Defaults`"), "{found}");
}

#[test]
fn planning_again_follows_the_specs_and_one_undo_takes_it_back() {
    let place = Place::with_fixture_waves();
    place.run_to(0, &["draft", "--defaults"]);
    let (wave, spec) = (read(&place, WAVE).unwrap(), read(&place, SPEC).unwrap());
    assert!(place.run_to(0, &["update", "--from-wave", "5"]).contains("nothing was written"));
    let edited = spec.replacen("\"Implementation Slice\"", "\"Another Slice\"", 1);
    assert_ne!(edited, spec);
    std::fs::write(place.path().join(SPEC), &edited).unwrap();
    let found = place.run_to(0, &["update", "--from-wave", "5"]);
    assert!(found.contains("wave 5  the wave file follows its spec: `title`"), "{found}");
    assert!(read(&place, WAVE).unwrap().starts_with("# Wave 5 - Another Slice\n"));
    let undone = place.run_to(0, &["undo"]);
    assert!(undone.contains("planned again from wave 5 on: 1 wave changed"), "{undone}");
    assert_eq!((read(&place, WAVE), read(&place, SPEC)), (Some(wave), Some(edited)));
}
