//! The program as scripts see it: words in, text or JSON out, exit codes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A project with one sound wave.
fn project() -> TempDir {
    let folder = tempfile::Builder::new().prefix("wd").tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "wave.config.json",
        r#"{"executors":{"default":"local"},"runtimePolicy":{"defaultExecutorByRole":{}},"validation":{
            "requiredPromptReferences":[],"requireDocumentationStewardFromWave":null,
            "requireContext7DeclarationsFromWave":null,"requireExitContractsFromWave":null,
            "requireIntegrationStewardFromWave":null,"requireComponentPromotionsFromWave":null,
            "requireAgentComponentsFromWave":null}}"#,
    );
    write("docs/agents/wave-cont-qa-role.md", "# QA\n\n## Standing prompt\n\n```text\nJudge.\n```\n");
    write("docs/plans/waves/wave-0.md", &wave(0, "think 0s"));
    folder
}

/// A wave with A1, who follows the script, and the closing A0.
fn wave(number: u32, script: &str) -> String {
    format!(
        "# Wave {number} - Begin\n\n\
         ## Agent A1: First\n\n### Prompt\n\n```text\nDo it.\n\nFile ownership (only touch these paths):\n\
         - src/a1.md\n\nLocal script:\n- {script}\n```\n\n\
         ## Agent A0: Close\n\n### Role prompts\n\n- docs/agents/wave-cont-qa-role.md\n\n\
         ### Prompt\n\n```text\nJudge.\n\nFile ownership (only touch these paths):\n\
         - docs/reviews/wave-{number}.md\n```\n"
    )
}

fn wavedeck(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("wavedeck").unwrap();
    command.current_dir(folder).args(words);
    for name in std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("WAVEDECK_")) {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The one JSON value on standard output.
fn json(output: &Output) -> Value {
    serde_json::from_str(&out(output))
        .unwrap_or_else(|error| panic!("{error}: {}{}", out(output), err(output)))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn wrong_usage_is_2_and_json_when_asked_for() {
    let folder = project();
    let output = wavedeck(folder.path(), &["frobnicate"]);
    assert_eq!((code(&output), out(&output).as_str()), (2, ""));
    assert!(err(&output).starts_with("error: "), "{}", err(&output));
    let output = wavedeck(folder.path(), &["--json", "frobnicate"]);
    assert_eq!(code(&output), 2);
    let error: Value = serde_json::from_str(&err(&output)).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
    for key in ["message", "hint", "file", "line", "column"] {
        assert!(error["error"].get(key).is_some(), "{key} is missing in {error}");
    }
    // A text that only looks like the flag.
    let output = wavedeck(folder.path(), &["frobnicate", "--", "--json"]);
    assert!(err(&output).starts_with("error: "));
}

#[test]
fn a_failure_is_a_sentence_and_a_way_out() {
    let nowhere = tempfile::tempdir_in("/").unwrap_or_else(|_| tempfile::tempdir().unwrap());
    let output = wavedeck(nowhere.path(), &["status"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("is in no project.\n"), "{}", err(&output));
    assert!(err(&output).contains("--project-dir"), "{}", err(&output));
    let output = wavedeck(project().path(), &[]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("launch --headless"), "{}", err(&output));
}

#[test]
fn lint_exits_with_1_when_an_error_is_found() {
    let folder = project();
    let output = wavedeck(folder.path(), &["lint"]);
    assert_eq!((code(&output), out(&output).as_str()), (0, "1 file, 0 errors, 0 warnings\n"));

    let path = folder.path().join("docs/plans/waves/wave-1.md");
    std::fs::write(path, wave(1, "think 0s").replace("- src/a1.md\n", "")).unwrap();
    let output = wavedeck(folder.path(), &["lint", "--json"]);
    assert_eq!(code(&output), 1);
    let value = json(&output);
    assert_eq!((&value["errors"], &value["waves"][1]["wave"]), (&1.into(), &1.into()));
    let finding = &value["waves"][1]["findings"][0];
    assert_eq!((finding["rule"].as_str(), finding["severity"].as_str()), (Some("V12"), Some("error")));
    assert_eq!(finding["agent"], "A1");
    assert!(finding["line"].as_u64().is_some_and(|line| line > 1), "{finding}");

    // Named by number, by file name and by path; the sound one is sound.
    for word in ["0", "wave-0.md", "docs/plans/waves/wave-0.md", "./docs/plans/waves/wave-0.md"] {
        assert_eq!(code(&wavedeck(folder.path(), &["lint", word])), 0, "{word}");
    }
    assert_eq!(code(&wavedeck(folder.path(), &["lint", "1"])), 1);
    let unknown = wavedeck(folder.path(), &["lint", "7"]);
    assert_eq!(code(&unknown), 1);
    assert!(err(&unknown).contains("no wave `7`"), "{}", err(&unknown));
}

#[test]
fn the_manifest_lists_waves_and_documents() {
    let folder = project();
    let value = json(&wavedeck(folder.path(), &["manifest"]));
    assert_eq!((&value["schemaVersion"], value["kind"].as_str()), (&1.into(), Some("wave-manifest")));
    assert_eq!(value["waves"][0]["agents"][0]["agentId"], "A1");
    let paths: Vec<&str> =
        value["docs"].as_array().unwrap().iter().map(|document| document["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["docs/agents/wave-cont-qa-role.md", "docs/plans/waves/wave-0.md"]);
    // Of the empty text the digest is well known; of ours, at least its length is.
    assert_eq!(value["docs"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn looking_starts_and_creates_nothing() {
    let folder = project();
    let output = wavedeck(folder.path(), &["status", "--json"]);
    assert_eq!(code(&output), 10);
    let value = json(&output);
    assert_eq!((value["phase"].as_str(), &value["supervisor"]), (Some("not-started"), &false.into()));
    assert_eq!(value["agents"].as_array().unwrap().len(), 2);
    assert_eq!(code(&wavedeck(folder.path(), &["feedback", "list"])), 0);
    assert_eq!(code(&wavedeck(folder.path(), &["config", "show"])), 0);
    assert_eq!(code(&wavedeck(folder.path(), &["stop"])), 0);
    let logs = wavedeck(folder.path(), &["logs", "A1"]);
    assert_eq!(code(&logs), 1);
    assert!(err(&logs).contains("wavedeck launch"), "{}", err(&logs));
    assert!(!folder.path().join(".wavedeck").exists());
}

#[test]
fn a_dry_run_says_what_would_run_and_what_could_not() {
    let folder = project();
    let output =
        wavedeck(folder.path(), &["launch", "--dry-run", "--no-telemetry", "--terminal-surface", "none"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert_eq!(err(&output), "Without meaning here, and not needed: --no-telemetry, --terminal-surface.\n");
    assert!(out(&output).contains("A1  local"), "{}", out(&output));
    let path = folder.path().join("docs/plans/waves/wave-1.md");
    std::fs::write(path, wave(1, "think 0s").replace("- src/a1.md\n", "")).unwrap();
    let output = wavedeck(folder.path(), &["launch", "--dry-run", "--start-wave", "1", "--json"]);
    assert_eq!(code(&output), 1);
    let waves = json(&output)["waves"].clone();
    assert_eq!(waves.as_array().unwrap().len(), 1);
    assert!(waves[0]["errors"][0].as_str().unwrap().contains("V12"), "{waves}");
    let output = wavedeck(folder.path(), &["launch", "--dry-run", "--wave", "5"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("Lane main has wave 0, 1."), "{}", err(&output));
    assert!(!folder.path().join(".wavedeck").exists());
}

#[test]
fn a_marker_is_printed_as_it_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["signal", "component", "--component", "cache", "--level", "repo-landed", "--state", "met"];
    let output = wavedeck(folder.path(), &words);
    assert_eq!(out(&output), "[wave-component] component=cache level=repo-landed state=met\n");
    let file = folder.path().join("markers");
    let words = ["signal", "doc-delta", "--state", "owned", "--append-file", "markers", "--json"];
    let value = json(&wavedeck(folder.path(), &words));
    assert_eq!((value["kind"].as_str(), value["appendFile"].as_str()), (Some("doc-delta"), Some("markers")));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "[wave-doc-delta] state=owned\n");
    let output =
        wavedeck(folder.path(), &["signal", "doc-delta", "--state", "owned", "--detail", "a state=none b"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("`key=` fragment"), "{}", err(&output));
}

#[test]
fn agents_verbs_say_that_they_are_for_agents() {
    let folder = project();
    for words in [&["ask", "Which?"][..], &["done", "-"]] {
        let output = wavedeck(folder.path(), words);
        assert_eq!(code(&output), 2, "{words:?}");
        assert!(err(&output).contains("WAVEDECK_ATTEMPT"), "{}", err(&output));
    }
}

#[test]
fn what_is_broken_off_is_no_error() {
    // Completions are longer than a pipe's buffer, and nobody reads them.
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_wavedeck"))
        .args(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
}
