//! The program as scripts see it: words in, text or JSON out, exit codes. Long, because every promise of a verb has a case;
//! what they share stands first.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;
use wavedeck::store::Reader;

/// A project with one sound wave.
fn project() -> TempDir {
    scripted("think 0s")
}

/// A project with one sound wave, in which A1 follows the script.
fn scripted(script: &str) -> TempDir {
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
    write("docs/plans/waves/wave-0.md", &wave(0, script));
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

fn command(folder: &Path, words: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wavedeck"));
    command.current_dir(folder).args(words);
    for name in std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("WAVEDECK_")) {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").env("WAVEDECK_LOCAL_PACE", "fast");
    command
}

fn wavedeck(folder: &Path, words: &[&str]) -> Output {
    Command::from_std(command(folder, words)).timeout(PATIENCE).output().unwrap()
}

/// How long anything may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project whose supervisor, keeper and agents end with it.
struct Running {
    folder: TempDir,
}

impl Running {
    fn new(script: &str) -> Running {
        Running { folder: scripted(script) }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a verb; it must exit with `expected`.
    fn run(&self, expected: i32, words: &[&str]) -> Output {
        let output = wavedeck(self.path(), words);
        assert_eq!(code(&output), expected, "{words:?}\n{}{}{}", out(&output), err(&output), self.log());
        output
    }

    /// A headless launch in the background.
    fn launch(&self, words: &[&str]) -> Child {
        let words = [&["launch", "--headless"], words].concat();
        command(self.path(), &words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path().join(".wavedeck/supervisor.log")).unwrap_or_default()
    }

    /// What `status --json` says, once it says `wanted`: each change is waited for.
    fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let status = json(&wavedeck(self.path(), &["status", "--json"]));
            if wanted(&status) {
                return status;
            }
            let version = status["version"].to_string();
            let exit = code(&wavedeck(self.path(), &["watch", "--until-change", "--after", &version]));
            assert!([0, 20, 30, 40].contains(&exit), "{exit}: {status:#}");
            let now = json(&wavedeck(self.path(), &["status", "--json"]));
            assert!(exit == 30 || wanted(&now), "it will not come any more: {now:#}{}", self.log());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        wavedeck(self.path(), &["stop", "--agents", "--yes"]);
        if self.path().join(".wavedeck/projects/web").is_dir() {
            wavedeck(self.path(), &["stop", "--agents", "--yes", "--project", "web"]);
        }
    }
}

/// Waits for a launch's end; one that does not come is ended, and the test fails by its exit code.
fn ended(launch: Child) -> Output {
    let (sender, waiting) = std::sync::mpsc::sync_channel::<()>(1);
    let pid = rustix::process::Pid::from_child(&launch);
    let watchdog = std::thread::spawn(move || {
        if waiting
            .recv_timeout(PATIENCE)
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        }
    });
    let output = launch.wait_with_output().unwrap();
    drop(sender);
    watchdog.join().unwrap();
    output
}

/// Waits until an agent is in a state.
fn agent_is(agent: &str, state: &str) -> impl Fn(&Value) -> bool {
    move |status| {
        let agents = status["agents"].as_array().unwrap();
        agents.iter().any(|found| found["agentId"] == agent && found["state"] == state)
    }
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

/// -1 when a signal ended it.
fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
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
    assert!(err(&output).contains("`wavedeck init`"), "{}", err(&output));
    assert!(err(&output).contains("--project-dir"), "{}", err(&output));
    let output = wavedeck(project().path(), &[]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("launch --headless"), "{}", err(&output));
}

#[test]
fn lint_exits_with_1_when_an_error_is_found() {
    let folder = project();
    let output = wavedeck(folder.path(), &["lint"]);
    assert_eq!(
        (code(&output), out(&output).as_str()),
        (
            0,
            "docs/plans/waves/wave-0.md:1:1: warning W13 this wave has no commit message\n    \
         add a line such as **Commit message**: `Feat: bound the artifact cache`\n1 file, 0 errors, 1 warning\n"
        )
    );

    let path = folder.path().join("docs/plans/waves/wave-1.md");
    std::fs::write(path, wave(1, "think 0s").replace("- src/a1.md\n", "")).unwrap();
    let output = wavedeck(folder.path(), &["lint", "--json"]);
    assert_eq!(code(&output), 1);
    let value = json(&output);
    assert_eq!((&value["errors"], &value["waves"][1]["wave"]), (&1.into(), &1.into()));
    let findings = value["waves"][1]["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["severity"] == "error").unwrap();
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

/// Runs a verb with a text on standard input.
fn fed(folder: &Path, words: &[&str], text: &str) -> Output {
    Command::from_std(command(folder, words)).write_stdin(text).timeout(PATIENCE).output().unwrap()
}

#[test]
fn lint_reads_one_wave_from_standard_input() {
    let folder = project();
    let bad = wave(3, "think 0s").replace("- src/a1.md\n", "");
    let output = fed(folder.path(), &["lint", "-"], &bad);
    assert_eq!(code(&output), 1, "{}", err(&output));
    assert!(out(&output).starts_with("-:1:1: warning W13 "), "{}", out(&output));
    assert!(out(&output).contains("\n-:5:1: error V12 A1: "), "{}", out(&output));
    assert!(out(&output).ends_with("1 file, 1 error, 1 warning\n"), "{}", out(&output));

    let path = "docs/plans/waves/wave-3.md";
    let output = fed(folder.path(), &["lint", "-", "--stdin-path", path, "--json"], &wave(3, "think 0s"));
    assert_eq!(code(&output), 0, "{}", err(&output));
    let value = json(&output);
    assert_eq!((value["waves"].as_array().unwrap().len(), &value["errors"]), (1, &0.into()));
    assert_eq!((&value["waves"][0]["wave"], &value["waves"][0]["file"]), (&3.into(), &path.into()));
    assert_eq!(code(&fed(folder.path(), &["lint", "-", "0"], &bad)), 2);
}

#[test]
fn fmt_puts_files_into_their_form_and_says_where() {
    let folder = project();
    let path = folder.path().join("docs/plans/waves/wave-1.md");
    let sound = wave(1, "think 0s");
    let odd = sound.replace("### Prompt\n\n", "### Prompt\n").replace("- docs/agents", "-   docs/agents");
    std::fs::write(&path, &odd).unwrap();

    let output = wavedeck(folder.path(), &["fmt", "--check"]);
    assert_eq!(code(&output), 1);
    assert_eq!(
        out(&output),
        "docs/plans/waves/wave-1.md:6:1: is not in its usual form from here on\n2 files, 1 would change\n"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), odd);
    assert_eq!(code(&wavedeck(folder.path(), &["fmt", "--check", "--wave", "0"])), 0);

    let value = json(&wavedeck(folder.path(), &["fmt", "--json", "1"]));
    assert_eq!((&value["changed"], &value["written"]), (&1.into(), &true.into()));
    assert_eq!((&value["files"][0]["wave"], &value["files"][0]["line"]), (&1.into(), &6.into()));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), sound);
    assert_eq!(code(&wavedeck(folder.path(), &["fmt", "--check", "docs/plans/waves/wave-1.md"])), 0);

    // Through a pipe, outside of any project.
    let nowhere = TempDir::new().unwrap();
    let output = fed(nowhere.path(), &["fmt", "-"], &odd);
    assert_eq!((code(&output), out(&output)), (0, sound));
    let output = fed(nowhere.path(), &["fmt", "-", "--check", "--stdin-path", "a.md"], &odd);
    assert_eq!(code(&output), 1);
    assert_eq!(out(&output), "a.md:6:1: is not in its usual form from here on\n");
}

#[test]
fn fmt_never_writes_bytes_that_it_cannot_read() {
    let folder = project();
    let path = folder.path().join("docs/plans/waves/wave-1.md");
    std::fs::write(&path, b"# Wave 1\n\ncaf\xe9\n\n\n").unwrap();
    let other = folder.path().join("docs/plans/waves/wave-2.md");
    std::fs::write(&other, "# Wave 2 - x\n\n\n\n").unwrap();
    let output = wavedeck(folder.path(), &["fmt", "-q"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("wave-1.md:3 holds bytes that are not UTF-8"), "{}", err(&output));
    assert_eq!(std::fs::read(&path).unwrap(), b"# Wave 1\n\ncaf\xe9\n\n\n");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "# Wave 2 - x\n");
    assert_eq!(code(&wavedeck(folder.path(), &["fmt", "9"])), 1);
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
    let previews = folder.path().join(".tmp/main-wave-launcher/dry-run");
    let prompt = std::fs::read_to_string(previews.join("prompts/wave-0-0-a1.prompt.md")).unwrap();
    assert!(prompt.contains("Do it."), "{prompt}");
    let preview = |slug: &str| previews.join(format!("executors/wave-0/{slug}/launch-preview.json"));
    std::fs::create_dir_all(preview("0-gone").parent().unwrap()).unwrap();
    std::fs::write(preview("0-gone"), "{}").unwrap();
    let words = ["launch", "--dry-run", "--executor", "codex", "--codex-sandbox", "danger-full-access"];
    let output = wavedeck(folder.path(), &words);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(!preview("0-gone").exists());
    let value: Value = serde_json::from_str(&std::fs::read_to_string(preview("0-a1")).unwrap()).unwrap();
    let prompt_file = previews.join("prompts/wave-0-0-a1.prompt.md").canonicalize().unwrap();
    let stdin = prompt_file.to_str().unwrap();
    assert_eq!((&value["command"][0], &value["stdin"]), (&"codex".into(), &stdin.into()), "{value}");
    let bypass = "--dangerously-bypass-approvals-and-sandbox";
    assert!(value["command"].as_array().unwrap().contains(&bypass.into()), "{value}");
    let names = value["environment"].as_array().unwrap();
    assert!(
        names.contains(&"WAVEDECK_TOKEN".into()) && names.iter().all(|name| !name.to_string().contains('='))
    );
    let output = wavedeck(folder.path(), &["launch", "--dry-run", "--executor", "opencode"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let config = std::fs::read_to_string(preview("0-a1").with_file_name("opencode.json")).unwrap();
    assert!(config.contains("{file:./opencode-agent-prompt.txt}"), "{config}");
    let output = wavedeck(folder.path(), &["launch", "--dry-run", "--executor", "command"]);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains("cannot run: agent A1: the runtime `command` needs"), "{}", out(&output));
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

#[test]
fn a_question_stops_the_wave_and_its_answer_goes_on() {
    let project = Running::new("ask Which one? | this | that");
    let launch = project.launch(&[]);
    let status = project.until(agent_is("A1", "waiting"));
    assert_eq!((status["phase"].as_str(), &status["blocking"]), (Some("input-required"), &true.into()));
    project.run(20, &["status"]);
    project.run(20, &["watch"]);
    let listed = json(&project.run(0, &["feedback", "list", "--pending", "--json"]));
    let request = &listed["requests"][0];
    assert_eq!((request["id"].as_str(), request["status"].as_str()), (Some("Q1"), Some("pending")));
    assert_eq!((request["agentId"].as_str(), request["question"].as_str()), (Some("A1"), Some("Which one?")));
    assert!(out(&project.run(0, &["feedback", "show", "Q1"])).contains("2. that"));

    assert_eq!(out(&project.run(0, &["feedback", "respond", "Q1", "2"])), "Q1 is answered.\n");
    let launched = ended(launch);
    assert_eq!(code(&launched), 0, "{}{}", out(&launched), err(&launched));
    assert!(out(&launched).contains("asks Q1: Which one? [this | that]"), "{}", out(&launched));
    let shown = json(&project.run(0, &["feedback", "show", "--id", "Q1", "--json"]));
    assert_eq!(
        (shown["status"].as_str(), shown["response"]["text"].as_str()),
        (Some("answered"), Some("that"))
    );
    project.run(0, &["watch"]);
    // Answered is answered.
    let again = project.run(1, &["feedback", "respond", "Q1", "this", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&err(&again)).unwrap()["error"]["kind"], "refused");
    // The same without a supervisor, from the record.
    project.run(0, &["stop"]);
    assert_eq!(json(&project.run(0, &["status", "--json"]))["supervisor"], false);
    assert_eq!(json(&project.run(0, &["feedback", "list", "--json"]))["requests"][0]["id"], "Q1");
    let record = Reader::open(&project.path().join(".wavedeck/wavedeck.db")).unwrap();
    assert_eq!(record.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_launch_under_way_is_32_and_a_cancelled_one_1() {
    let project = Running::new("hang");
    let launch = project.launch(&[]);
    project.until(agent_is("A1", "working"));
    project.run(10, &["status"]);
    let second = project.run(32, &["launch", "--headless"]);
    assert!(err(&second).contains("R1"), "{}", err(&second));
    project.run(0, &["cancel", "A1"]);
    let launched = ended(launch);
    assert_eq!(code(&launched), 1, "{}{}", out(&launched), err(&launched));
    project.run(40, &["status"]);
    let other = project.run(1, &["launch", "--headless", "--lane", "product"]);
    assert!(err(&other).contains("works on lane main"), "{}", err(&other));
    project.run(40, &["watch", "--follow"]);
    let refused = project.run(1, &["cancel", "A1"]);
    assert!(err(&refused).contains("does not run"), "{}", err(&refused));
}

#[test]
fn a_launch_as_json_is_one_value() {
    let project = Running::new("fail on attempt 1");
    let output = project.run(0, &["launch", "--json"]);
    let value = json(&output);
    assert_eq!(
        (value["run"].as_str(), value["outcome"].as_str(), &value["exit"]),
        (Some("R1"), Some("closed"), &0.into())
    );
    assert_eq!(value["status"]["phase"], "completed");
    let first =
        value["status"]["agents"].as_array().unwrap().iter().find(|agent| agent["agentId"] == "A1").unwrap();
    assert_eq!((&first["triesUsed"], &first["triesAllowed"]), (&2.into(), &2.into()));
    for again in [&["launch", "--json", "--auto-next"][..], &["launch", "--json", "--wave", "0"]] {
        let value = json(&project.run(0, again));
        assert_eq!((&value["run"], &value["outcome"]), (&Value::Null, &Value::Null));
        assert!(value["notes"][0].as_str().unwrap().contains("wave 0 is closed"), "{value:#}");
    }
}

#[test]
fn an_agents_terminal_is_read_and_typed_into_from_outside() {
    let project = Running::new("hang");
    project.launch(&[]).stdout.take();
    project.until(agent_is("A1", "working"));
    project.run(0, &["send", "A1", "do not hurry"]);
    // Follows until the line is there, then lets go.
    let mut logs = command(project.path(), &["logs", "A1", "--follow", "--grep", "hurry"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(logs.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("do not hurry"));
    drop(lines);
    let screen = json(&project.run(0, &["screen", "A1", "--json"]));
    let rows = screen["lines"].as_array().unwrap();
    assert!(rows.iter().any(|row| row.as_str().unwrap().contains("do not hurry")), "{screen:#}");
    assert_eq!(screen["rows"].as_u64(), Some(rows.len() as u64));
    project.run(0, &["cancel", "A1"]);
    project.until(|status| status["phase"] == "failed");
    logs.kill().unwrap();
    logs.wait().unwrap();

    // What it printed stays, line by line and as bytes.
    let logs = json(&project.run(0, &["logs", "A1", "--json"]));
    assert!(logs["lines"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("hurry")));
    assert!(project.run(0, &["logs", "A1", "--raw"]).stdout.contains(&0x1b));
    assert_eq!(out(&project.run(0, &["logs", "A1", "--since", "2030-01-01T00:00:00Z"])), "");
    project.run(1, &["logs", "A1", "--attempt", "9"]);
}

#[test]
fn a_killed_supervisor_is_followed_over_and_a_stopped_one_is_not() {
    let project = Running::new("ask Which one?");
    let launch = project.launch(&[]);
    project.until(agent_is("A1", "waiting"));
    let supervisor = std::fs::read_to_string(project.path().join(".wavedeck/supervisor.lock")).unwrap();
    let supervisor = rustix::process::Pid::from_raw(supervisor.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(supervisor, rustix::process::Signal::KILL).unwrap();
    // The launch starts the next one, and the agent goes on asking there.
    project.run(0, &["feedback", "respond", "Q1", "either"]);
    let launched = ended(launch);
    assert_eq!(code(&launched), 0, "{}{}{}", out(&launched), err(&launched), project.log());
    assert!(err(&launched).contains("A new supervisor runs"), "{}", err(&launched));

    let project = Running::new("ask Which one?");
    let launch = project.launch(&[]);
    project.until(agent_is("A1", "waiting"));
    project.run(0, &["stop"]);
    let launched = ended(launch);
    assert_eq!(code(&launched), 1);
    assert!(err(&launched).contains("was stopped"), "{}", err(&launched));
    assert_eq!(json(&project.run(20, &["status", "--json"]))["supervisor"], false);
}

#[test]
fn an_agent_moves_to_another_wave_and_back_to_the_byte() {
    let project = Running::new("think 0s");
    let file = |number: u32| project.path().join(format!("docs/plans/waves/wave-{number}.md"));
    std::fs::write(file(1), wave(1, "think 0s").replace("Agent A1", "Agent B1")).unwrap();
    // Somebody has to stay in wave 0.
    let one = wave(0, "think 0s");
    let (section, _) = one.split_once("## Agent A0").unwrap();
    let section = section.split_once("\n\n").unwrap().1.replace("A1", "A2").replace("a1.md", "a2.md");
    std::fs::write(file(0), one.replace("## Agent A0", &format!("{section}## Agent A0"))).unwrap();
    let read = || [0, 1].map(|number| std::fs::read_to_string(file(number)).unwrap());
    let before = read();
    project.run(0, &["wave", "move", "A1", "--from", "0", "--to", "1"]);
    let after = read();
    assert!(!after[0].contains("Agent A1") && after[1].contains("Agent A1"), "{after:?}");
    project.run(0, &["undo"]);
    assert_eq!(read(), before);
    project.run(0, &["redo"]);
    assert_eq!(read(), after);
    let refused = project.run(1, &["wave", "move", "A1", "--from", "0", "--to", "1", "--json"]);
    let error: Value = serde_json::from_str(&err(&refused)).unwrap();
    assert_eq!(error["error"]["kind"], "refused");
    assert!(!error["error"]["hint"].as_str().unwrap().is_empty());
    project.run(1, &["redo"]);
}

#[test]
fn a_result_is_refused_with_every_error_and_left_as_a_file_without_a_supervisor() {
    let folder = project();
    let done = |text: &str| {
        std::fs::write(folder.path().join("result-in.json"), text).unwrap();
        let mut command = Command::from_std(command(folder.path(), &["done", "result-in.json", "--json"]));
        command
            .env("WAVEDECK_ATTEMPT", "main/wave-0/A1/1")
            .env("WAVEDECK_TOKEN", "none")
            .env("WAVEDECK_SOCKET", folder.path().join("no.sock"))
            .env("WAVEDECK_RESULT", folder.path().join("result.json"))
            .timeout(PATIENCE)
            .output()
            .unwrap()
    };
    let refused = done(r#"{"schemaVersion":1,"agentId":"B7","waveNumber":3}"#);
    assert_eq!(code(&refused), 1);
    let error: Value = serde_json::from_str(&err(&refused)).unwrap();
    assert!(error["error"]["errors"].as_array().unwrap().len() >= 3, "{error:#}");
    assert!(!folder.path().join("result.json").exists());

    let sound = r#"{"schemaVersion":2,"agentId":"A1","role":"implementation","proof":{"state":"met"},
        "implementation":{"docDelta":{"state":"none"},"components":[]}}"#;
    let left = done(sound);
    assert_eq!(code(&left), 0, "{}", err(&left));
    assert_eq!(json(&left)["way"], "file");
    let envelope: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("result.json")).unwrap()).unwrap();
    assert_eq!((envelope["agentId"].as_str(), envelope["waveNumber"].as_u64()), (Some("A1"), Some(0)));
}

#[test]
fn ask_waits_no_longer_than_it_is_told() {
    let folder = project();
    let mut command = Command::from_std(command(folder.path(), &["ask", "Which one?", "--wait", "50ms"]));
    let output = command
        .env("WAVEDECK_ATTEMPT", "main/wave-0/A1/1")
        .env("WAVEDECK_TOKEN", "none")
        .env("WAVEDECK_SOCKET", folder.path().join("no.sock"))
        .timeout(PATIENCE)
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("was not asked"), "{}", err(&output));
}

#[test]
fn plain_panes_need_no_project() {
    let nowhere =
        tempfile::Builder::new().prefix("wd").tempdir_in("/").or_else(|_| tempfile::tempdir()).unwrap();
    let run = |words: &[&str]| {
        Command::from_std(command(nowhere.path(), words))
            .env("XDG_STATE_HOME", nowhere.path())
            .timeout(PATIENCE)
            .output()
            .unwrap()
    };
    let bad = run(&["shells", "--detached", "echo 'open"]);
    assert_eq!(code(&bad), 2);
    let opened = run(&["shells", "--detached", "--json", "cat", "sh -c 'sleep 600'"]);
    assert_eq!(json(&opened)["sessions"].as_array().unwrap().len(), 2, "{}", err(&opened));
    assert_eq!(code(&run(&["focus", "2"])), 0);
    let none = run(&["focus", "9"]);
    assert_eq!(code(&none), 1);
    assert!(err(&none).contains("no pane `9`"), "{}", err(&none));
    let own = nowhere.path().join("wavedeck");
    let stopped = wavedeck(&own, &["stop", "--agents", "--yes"]);
    assert_eq!(code(&stopped), 0, "{}", err(&stopped));
}

#[test]
fn the_demo_writes_a_project_and_launches_it() {
    let folder = tempfile::Builder::new().prefix("wd").tempdir().unwrap();
    let place = folder.path().join("demo");
    let words = ["demo", "--detached", "--dir", place.to_str().unwrap()];
    let output = wavedeck(folder.path(), &words);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let status = json(&wavedeck(&place, &["status", "--json"]));
    assert_eq!(status["run"]["waves"].as_array().unwrap().len(), 3);
    // A folder with something in it is nobody's to overwrite.
    let again = wavedeck(folder.path(), &words);
    assert_eq!(code(&again), 1);
    assert!(err(&again).contains("is not empty"), "{}", err(&again));
    assert_eq!(code(&wavedeck(&place, &["stop", "--agents", "--yes"])), 0);
}

#[test]
fn a_watching_lint_says_what_changed_and_nothing_else() {
    let folder = project();
    let path = folder.path().join("docs/plans/waves/wave-1.md");
    let sound = wave(1, "think 0s");
    std::fs::write(&path, &sound).unwrap();
    let configuration = folder.path().join("wave.config.json");
    let settings = std::fs::read_to_string(&configuration).unwrap();
    std::fs::write(&configuration, settings.replacen('{', "{\"nonsense\": 1, ", 1)).unwrap();
    let mut child = command(folder.path(), &["lint", "--watch", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = mpsc::sync_channel(16);
    std::thread::spawn(move || lines.map_while(Result::ok).all(|line| sender.send(line).is_ok()));
    let next = || -> Value {
        let line = receiver.recv_timeout(Duration::from_secs(20)).expect("the lint says something");
        serde_json::from_str(&line).unwrap()
    };
    let first = next();
    assert_eq!((&first["errors"], first["waves"].as_array().map(Vec::len)), (&1.into(), Some(3)), "{first}");
    assert_eq!(first["waves"][2]["findings"][0]["rule"], "C05", "{first}");
    std::fs::write(&configuration, settings).unwrap();
    assert_eq!(next()["errors"], 0);
    std::fs::write(&path, sound.replace("- src/a1.md\n", "")).unwrap();
    let second = next();
    assert_eq!(
        (&second["errors"], second["waves"].as_array().map(Vec::len)),
        (&1.into(), Some(1)),
        "{second}"
    );
    assert_eq!(second["waves"][0]["wave"], 1);
    std::fs::remove_file(&path).unwrap();
    let third = next();
    assert_eq!(
        (&third["errors"], &third["waves"][0]["findings"]),
        (&0.into(), &serde_json::json!([])),
        "{third}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_rules_are_listed() {
    let folder = project();
    let output = wavedeck(folder.path(), &["lint", "--rules"]);
    assert_eq!(code(&output), 0);
    assert!(
        out(&output).contains(
            "V24  error    its wave               agents whose work is to be proved live do not run"
        )
    );
    assert!(json(&wavedeck(folder.path(), &["lint", "--rules", "--json"])).as_array().unwrap().len() >= 50);
}

#[test]
fn settings_are_shown_with_who_set_them_and_checked() {
    let folder = project();
    let user = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let mut command = command(folder.path(), words);
        command.env("XDG_CONFIG_HOME", user.path());
        Command::from_std(command).timeout(PATIENCE).output().unwrap()
    };
    let own = user.path().join("wavedeck");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("config.toml"), "[runtimes.mine]\ncommand = \"mine\"\n").unwrap();
    let shown = json(&run(&["config", "show", "--json"]));
    let value = |key: &str| {
        let values = shown["values"].as_array().unwrap();
        values.iter().find(|value| value["key"] == key).unwrap_or_else(|| panic!("{key} in {shown}")).clone()
    };
    let default = value("executors.default");
    assert_eq!(
        (&default["value"], &default["layer"], &default["line"]),
        (&"local".into(), &"top level".into(), &1.into())
    );
    assert_eq!(value("roles.contQaAgentId")["source"], "default");
    let mine = value("runtimes.mine.command");
    assert_eq!(
        (&mine["value"], &mine["layer"], &mine["line"]),
        (&"mine".into(), &"user settings".into(), &2.into())
    );
    assert_eq!(value("lane")["source"], "default");
    let shown = json(&run(&["config", "show", "--json", "--lane", "side", "--theme", "mono"]));
    let flag = |key: &str| {
        let values = shown["values"].as_array().unwrap();
        values.iter().find(|value| value["key"] == key).unwrap()["flag"].clone()
    };
    assert_eq!((flag("lane"), flag("room.theme")), ("--lane".into(), "--theme".into()));

    let output = run(&["config", "check"]);
    assert_eq!((code(&output), out(&output).as_str()), (0, "Every key and value is what it should be.\n"));
    std::fs::write(own.join("config.toml"), "[runtimes.mine]\ncomand = \"mine\"\n").unwrap();
    let output = run(&["config", "check"]);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains("config.toml:2:1: error C02"), "{}", out(&output));
    assert!(out(&output).contains("did you mean `command`?"), "{}", out(&output));
    let found = json(&run(&["config", "check", "--json"]));
    assert!(found["findings"][0]["file"].as_str().unwrap().ends_with("wavedeck/config.toml"), "{found}");

    assert_eq!(json(&run(&["schema", "wave.config"]))["title"], "wave.config.json");
    assert_eq!(json(&run(&["schema", "settings"]))["title"], "Settings");
    assert_eq!(code(&run(&["schema", "nonsense"])), 1);
}

#[test]
fn a_project_of_the_file_runs_beside_the_one_at_its_top() {
    let running = Running::new("think 0s");
    let config = running.path().join("wave.config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let projects = r#"{"defaultProject": "site", "projects": {"site": {}, "web": {"rootDir": "web"}},"#;
    std::fs::write(&config, text.replacen('{', projects, 1)).unwrap();
    let waves = running.path().join("web/docs/plans/waves");
    std::fs::create_dir_all(&waves).unwrap();
    std::fs::write(waves.join("wave-7.md"), wave(7, "think 0s")).unwrap();

    let output = running.run(1, &["status", "--project", "wbe", "--json"]);
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!((&error["error"]["kind"], &error["error"]["line"]), (&"not-found".into(), &1.into()));
    assert_eq!(error["error"]["hint"], "Did you mean `web`?");

    running.run(0, &["launch", "--headless", "--project", "web"]);
    running.run(0, &["status", "--project", "web", "--wave", "7"]);
    for path in [
        ".wavedeck/projects/web/wavedeck.db",
        ".tmp/projects/web/main-wave-launcher/results/wave-7/attempt-1/A1.json",
    ] {
        assert!(running.path().join(path).is_file(), "{path}{}", running.log());
    }
    assert!(!running.path().join(".wavedeck/wavedeck.db").exists());
    let shown = json(&running.run(0, &["config", "show", "--json", "--project", "Web"]));
    let project = shown["values"].as_array().unwrap().iter().find(|value| value["key"] == "project").unwrap();
    assert_eq!((&project["value"], &project["flag"]), (&"web".into(), &"--project".into()));

    // What an agent of that project calls is about it, and about no other folder that it names.
    let told = |words: &[&str]| {
        let mut command = command(running.path(), words);
        command.env("WAVEDECK_PROJECT", running.path()).env("WAVEDECK_PROJECT_ID", "web");
        json(&Command::from_std(command).timeout(PATIENCE).output().unwrap())
    };
    let shown = told(&["config", "show", "--json"]);
    let project = shown["values"].as_array().unwrap().iter().find(|value| value["key"] == "project").unwrap();
    assert_eq!((&project["value"], &project["variable"]), (&"web".into(), &"WAVEDECK_PROJECT_ID".into()));
    assert_eq!(told(&["status", "--json"])["waves"][0]["wave"], 7);
    assert_eq!(told(&["status", "--json", "--project-dir", "."])["waves"][0]["wave"], 0);
}

#[test]
fn a_project_is_begun_or_adopted_and_nothing_is_overwritten() {
    let folder = tempfile::Builder::new().prefix("wd").tempdir().unwrap();
    let here = folder.path();
    let at_here = |words: &[&str]| wavedeck(here, &[&["--project-dir", "."], words].concat());
    std::fs::create_dir_all(here.join("docs/plans")).unwrap();
    std::fs::write(here.join("docs/plans/master-plan.md"), "# Ours\n").unwrap();
    let made = json(&at_here(&["init", "--json"]));
    assert!(made["written"].as_array().unwrap().contains(&"wave.config.json".into()), "{made}");
    assert_eq!(made["kept"], serde_json::json!(["docs/plans/master-plan.md"]));
    assert_eq!(std::fs::read_to_string(here.join("docs/plans/master-plan.md")).unwrap(), "# Ours\n");
    assert_eq!(code(&at_here(&["config", "check"])), 0);
    let linted = at_here(&["lint"]);
    assert_eq!(code(&linted), 0, "{}{}", out(&linted), err(&linted));
    assert_eq!(json(&at_here(&["init", "--json"]))["written"], serde_json::json!([]));
}

#[test]
fn what_an_agent_runs_on_is_explained() {
    let folder = project();
    let output = wavedeck(folder.path(), &["explain", "A1", "--executor", "codex"]);
    assert!(out(&output).contains("not started\n"), "{}", out(&output));
    assert_eq!(code(&output), 0, "{}", err(&output));
    for line in [
        "wave 0  A1 First\n",
        "  runtime          \"codex\"            --executor\n",
        "  codex.sandbox    \"workspace-write\"  default\n",
        "  would run: codex exec --skip-git-repo-check --sandbox workspace-write - < PROMPT\n",
    ] {
        assert!(out(&output).contains(line), "{line:?} in {}", out(&output));
    }
    let words = ["explain", "A1", "--executor", "codex", "--codex-sandbox", "read-only"];
    let output = wavedeck(folder.path(), &words);
    for line in ["\"read-only\"  --codex-sandbox\n", "--skip-git-repo-check --sandbox read-only - < PROMPT\n"]
    {
        assert!(out(&output).contains(line), "{line:?} in {}{}", out(&output), err(&output));
    }
    assert_eq!(code(&wavedeck(folder.path(), &["explain", "--codex-sandbox", "none"])), 2);
    let value = json(&wavedeck(folder.path(), &["explain", "--wave", "0", "--json"]));
    assert_eq!(value["agents"].as_array().map(Vec::len), Some(2), "{value}");
    let agent = &value["agents"][0];
    assert_eq!(
        (&agent["command"][1], &agent["state"]),
        (&"local-agent".into(), &"not-started".into()),
        "{agent}"
    );
    let output = wavedeck(folder.path(), &["explain", "A7"]);
    assert_eq!((code(&output), err(&output).contains("has no agent A7")), (1, true), "{}", err(&output));
    assert!(!folder.path().join(".wavedeck").exists());
}

#[test]
fn the_doctor_says_what_is_missing_and_never_what_is_secret() {
    let folder = project();
    let config = folder.path().join("wave.config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let credentials = r#"{"waveControl":{"credentials":[{"id":"a","envVar":"WD_TEST_SECRET"},{"id":"b","envVar":"WD_TEST_NONE"}]},"#;
    std::fs::write(&config, text.replacen('{', credentials, 1)).unwrap();
    let run = |words: &[&str]| {
        let mut command = command(folder.path(), words);
        command.env("WD_TEST_SECRET", "do-not-print");
        Command::from_std(command).timeout(PATIENCE).output().unwrap()
    };
    let output = run(&["doctor"]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    for line in
        ["WD_TEST_SECRET", "is set", "WD_TEST_NONE", "does not name .tmp/, .wave/", "Nothing is missing.\n"]
    {
        assert!(out(&output).contains(line), "{line:?} in {}", out(&output));
    }
    assert!(!out(&output).contains("do-not-print"));

    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("docs/evals/benchmark-catalog.json", r#"{"families": {"f": {"benchmarks": {"a": {}, "b": {}}}}}"#);
    write("skills/odd/SKILL.md", "Do.\n");
    let manifest = r#"{"id": "odd", "title": "Odd", "description": "Odd.", "activation": {"when": "Ever.", "roles": ["infra"]},
        "evalCases": [{"id": "all", "role": "deploy", "runtime": "codex", "expectActive": true}]}"#;
    write("skills/odd/skill.json", manifest);
    let output = run(&["doctor"]);
    assert_eq!(code(&output), 1, "{}", out(&output));
    for line in
        ["2 benchmarks in 1 families, 0 waves use it", "case `all`: it is not active for deploy on codex"]
    {
        assert!(out(&output).contains(line), "{line:?} in {}", out(&output));
    }
    write("docs/evals/benchmark-catalog.json", "{");
    assert!(out(&run(&["doctor"])).contains("docs/evals/benchmark-catalog.json  cannot be read"));

    let path = folder.path().join("docs/plans/waves/wave-0.md");
    let wave = std::fs::read_to_string(&path).unwrap();
    let broken = wave.replace(
        "### Prompt\n\n```text\nDo it.",
        "### Executor\n\n- id: codex\n\n### Skills\n\n- nonsense\n\n### Prompt\n\n```text\nDo it.",
    );
    std::fs::write(&path, broken).unwrap();
    let mut command = command(folder.path(), &["doctor", "--json"]);
    command.env("PATH", "/nonexistent");
    let output = Command::from_std(command).timeout(PATIENCE).output().unwrap();
    assert_eq!(code(&output), 1);
    let value = json(&output);
    let missing = |name: &str| {
        value["checks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|check| check["name"] == name && check["state"] == "missing")
    };
    assert!(missing("codex") && missing("nonsense") && missing("wave 0"), "{value}");
}
