//! The verbs that read and write plan files, run as a person runs them: the real program in a folder of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A project with the files of the real repository.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/waves/repo"), folder.path());
    folder
}

/// Ends the supervisor of a folder when a test is over.
struct Stopped<'f>(&'f Path);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        run(self.0, &["stop", "--agents", "--yes"]);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Runs the program and gives its exit code and what it printed.
fn run(folder: &Path, words: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_wavedeck"))
        .current_dir(folder)
        .args(words)
        .env_remove("WAVEDECK_PROJECT")
        .env("XDG_CONFIG_HOME", folder.join("no-configuration"))
        .output()
        .unwrap();
    let text = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (status.code().unwrap(), text)
}

fn value(folder: &Path, words: &[&str]) -> Value {
    let (code, text) = run(folder, words);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{code} {error}: {text}"))
}

#[test]
fn the_matrix_is_shown_set_and_rendered() {
    const MATRIX: &str = "docs/plans/component-cutover-matrix.json";
    const TWIN: &str = "docs/plans/component-cutover-matrix.md";
    let folder = repository();
    let folder = folder.path();
    let _stopped = Stopped(folder);
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap();

    let (code, text) = run(folder, &["matrix", "show", "wave-parser-and-launcher"]);
    let expected = "wave-parser-and-launcher  repo-landed  wave 0: repo-landed, wave 1: baseline-proved, wave 6: pilot-live\n";
    assert_eq!((code, text.as_str()), (0, expected));
    let shown = value(folder, &["matrix", "show", "--json"]);
    assert_eq!((&shown["file"], &shown["document"]), (&json!(MATRIX), &json!(TWIN)));
    assert_eq!(shown["components"].as_array().unwrap().len(), 6, "{shown}");

    // The twin that the real repository ships has only the first wave's promotions.
    assert_eq!(run(folder, &["matrix", "render", "--check"]).0, 1);
    let before = read(TWIN);
    assert_eq!(value(folder, &["matrix", "render", "--json"]), json!({"changed": [TWIN]}));
    let after = read(TWIN);
    assert!(before.lines().all(|line| after.lines().any(|kept| kept == line)), "{after}");
    assert_eq!(run(folder, &["matrix", "render", "--check"]).0, 0);

    let matrix = read(MATRIX);
    let level = ["matrix", "set", "context7-scope-and-prefetch", "baseline-proved", "--json"];
    assert_eq!(value(folder, &level), json!({"changed": [MATRIX, TWIN]}));
    assert_eq!(value(folder, &level), json!({"changed": []}));
    assert_eq!(read(MATRIX).lines().filter(|line| !matrix.lines().any(|old| old == *line)).count(), 1);
    assert!(read(TWIN).contains("| `context7-scope-and-prefetch` | `baseline-proved` |"));
    let (code, _) =
        run(folder, &["matrix", "set", "context7-scope-and-prefetch", "pilot-live", "--wave", "7"]);
    assert_eq!(code, 0);
    assert!(read(TWIN).contains("- Wave 7 promotes `context7-scope-and-prefetch` to `pilot-live`.\n"));

    for expected in [0, 0, 1] {
        let (code, text) = run(folder, &["undo"]);
        assert_eq!(code, expected, "{text}");
    }
    assert_eq!((read(MATRIX), read(TWIN)), (matrix, after));

    let (code, text) = run(folder, &["matrix", "set", "nobody", "pilot-live"]);
    assert_eq!((code, text.contains("no component `nobody`")), (1, true), "{text}");
    fs::write(folder.join(MATRIX), "{").unwrap();
    let (code, text) = run(folder, &["matrix", "show", "--json"]);
    let error: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &error["error"]["file"], &error["error"]["line"]), (1, &json!(MATRIX), &json!(1)));
}

#[test]
fn every_rule_that_the_program_knows_is_listed() {
    let folder = repository();
    let listed = value(folder.path(), &["lint", "--rules", "--json"]);
    let listed: Vec<&str> =
        listed.as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    let mut missing: Vec<String> = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let ids = text.split('"').filter(|word| {
                let [kind, digits @ ..] = word.as_bytes() else { return false };
                b"CPVW".contains(kind) && digits.len() == 2 && digits.iter().all(u8::is_ascii_digit)
            });
            missing.extend(
                ids.filter(|id| !listed.contains(id)).map(|id| format!("{id} of {}", path.display())),
            );
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
