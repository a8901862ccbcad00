//! The agent simulator as what it is: a process of its own. A script stands in for `wavedeck ask` and `done`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use wavedeck::adapters::envelope::{Sources, read_bytes, read_result};
use wavedeck::adapters::environment::{self, BriefFile};
use wavedeck::adapters::plain_text::plain_text;
use wavedeck::adapters::settings::Settings;
use wavedeck::engine::brief::AgentBrief;
use wavedeck::engine::envelope::{Envelope, ResultReading, Transport};
use wavedeck::engine::{AttemptKey, WaveKey};
use wavedeck::plan::role::{Role, Stage};
use wavedeck::plan::runtime::{ResolvedExecutor, RuntimeId};
use wavedeck::plan::wave::{Completion, DocImpact, Durability, ExitContract, Proof, ProofArtifact};
use wavedeck::session::Size;
use wavedeck::session::pty::{self, PtyRead, SpawnCommand, StartInPty, SystemPty};

const PROGRAM: &str = env!("CARGO_BIN_EXE_wavedeck");

/// How long a condition may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stands in for `wavedeck ask` and `wavedeck done`: writes down what it was asked and given, and answers.
const FAKE: &str = r#"#!/bin/sh
here=$(dirname "$0")
case "$1" in
ask) shift; printf '%s\n' "$*" >>"$here/asked"; cat "$here/answer" ;;
done) if [ -e "$here/refuse" ]; then echo "schemaVersion is wrong" >&2; exit 1; fi
      cat >"$here/submitted.json" ;;
esac
"#;

/// One attempt, in a project of its own.
struct Bench {
    folder: tempfile::TempDir,
    brief: BriefFile,
}

impl Bench {
    fn new(script: &[&str]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let wave = WaveKey { lane: "main".into(), number: 3 };
        let bench = Bench {
            folder,
            brief: BriefFile {
                attempt: AttemptKey { wave, agent: "A1".into(), number: 1 },
                brief: brief(),
                promotions: [("cache".to_owned(), "repo-landed".to_owned())].into(),
            },
        };
        fs::create_dir(bench.project()).unwrap();
        fs::write(bench.file("fake"), FAKE).unwrap();
        fs::set_permissions(bench.file("fake"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(bench.file("answer"), "the second\n").unwrap();
        let steps: String = script.iter().map(|step| format!("- {step}\n")).collect();
        fs::write(bench.file("prompt.md"), format!("Work.\n\nLocal script:\n{steps}")).unwrap();
        bench
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn project(&self) -> PathBuf {
        self.file("project")
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.project().join(path)).unwrap()
    }

    fn environment(&self) -> Vec<(String, String)> {
        fs::write(self.file("brief.json"), serde_json::to_string(&self.brief).unwrap()).unwrap();
        let path = |name: &str| self.file(name).to_str().unwrap().to_owned();
        [
            (environment::PROMPT, path("prompt.md")),
            (environment::BRIEF, path("brief.json")),
            (environment::RESULT, path("result.json")),
            (environment::PROJECT, path("project")),
            (environment::BIN, path("fake")),
            (environment::LOCAL_PACE, "fast".to_owned()),
            ("PATH", std::env::var("PATH").unwrap()),
            ("TERM", "xterm-256color".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("local-agent").env_clear().envs(self.environment()).current_dir(self.project());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self) -> Ran {
        let output = self.command().output().unwrap();
        Ran { text: plain_text(&output.stdout), output }
    }

    fn submitted(&self) -> Envelope {
        read_bytes(&fs::read(self.file("submitted.json")).unwrap(), &self.brief.attempt).unwrap()
    }

    fn result(&self, ran: &Ran) -> ResultReading {
        let file = fs::read(self.file("result.json")).ok();
        let sources = Sources { submitted: None, file: file.as_deref(), output: &ran.text, exit_code: 0 };
        read_result(&self.brief.attempt, &sources)
    }
}

struct Ran {
    output: Output,
    text: String,
}

impl Ran {
    fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// Asserts that a line was printed.
    fn said(&self, line: &str) -> &Ran {
        assert!(self.text.lines().any(|printed| printed == line), "`{line}` was not said:\n{}", self.text);
        self
    }
}

fn brief() -> AgentBrief {
    AgentBrief {
        id: "A1".into(),
        title: "Eviction".into(),
        slug: "3-a1".into(),
        role: Role::Implementation,
        stage: Stage::Implementation,
        builds_after_design: false,
        executor: ResolvedExecutor {
            id: RuntimeId("local".into()),
            selected_by: "override".into(),
            model: None,
            budget_minutes: None,
            fallbacks: Vec::new(),
        },
        exit_contract: Some(ExitContract {
            completion: Completion::Integrated,
            durability: Durability::Durable,
            proof: Proof::Unit,
            doc_impact: DocImpact::Owned,
        }),
        deliverables: vec!["src/evict.rs".into()],
        proof_artifacts: vec![ProofArtifact {
            path: "proof/evict.json".into(),
            kind: None,
            required_for: Vec::new(),
        }],
        owned_paths: vec!["src/".into(), "proof/".into(), "docs/evict.md".into(), "README.md".into()],
        skills: Vec::new(),
        grants: Default::default(),
        fallback: Default::default(),
        context7: None,
        component_targets: [("cache".to_owned(), Some("repo-landed".to_owned()))].into(),
        prompt: String::new(),
        fingerprint: "f".into(),
    }
}

/// A steward that owns one document.
fn steward(bench: &mut Bench, role: Role, owned: &[&str]) {
    let brief = &mut bench.brief.brief;
    brief.role = role;
    brief.exit_contract = None;
    brief.deliverables.clear();
    brief.proof_artifacts.clear();
    brief.component_targets.clear();
    brief.owned_paths = owned.iter().map(|path| (*path).to_owned()).collect();
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn without_a_script_it_does_what_its_brief_asks_for_and_no_more() {
    let bench = Bench::new(&[]);
    fs::write(bench.project().join("README.md"), "mine\n").unwrap();
    let ran = bench.run();
    assert_eq!(ran.code(), Some(0), "{}", ran.text);
    assert_eq!(
        files_below(&bench.project()),
        ["README.md", "docs/evict.md", "proof/evict.json", "src/evict.rs"]
    );
    assert_eq!(bench.text("README.md"), "mine\n");
    let envelope = bench.submitted();
    let proof = envelope.proof.unwrap();
    assert_eq!((proof.state.as_str(), proof.completion.as_deref()), ("satisfied", Some("integrated")));
    let implementation = envelope.implementation.unwrap();
    assert_eq!(implementation.components[0].level, "repo-landed");
    assert_eq!(implementation.doc_delta.unwrap().paths, ["docs/evict.md"]);
    assert!(!bench.file("result.json").exists());
}

#[test]
fn it_asks_as_often_as_it_is_told_and_goes_on_with_the_answer() {
    let bench = Bench::new(&[
        "ask Which one? | the first | the second",
        "ask Sure?",
        "think 1s it over",
        "say so be it",
    ]);
    let ran = bench.run();
    assert_eq!(ran.code(), Some(0), "{}", ran.text);
    ran.said("? Which one?").said("  \u{2514} 1. the first").said("\u{2022} so be it");
    assert_eq!(ran.text.matches("The operator says: the second").count(), 2, "{}", ran.text);
    let asked = fs::read_to_string(bench.file("asked")).unwrap();
    assert_eq!(asked, "Which one? --option the first --option the second\nSure?\n");
}

#[test]
fn a_question_without_an_answer_ends_it() {
    let bench = Bench::new(&["ask Which?"]);
    fs::remove_file(bench.file("answer")).unwrap();
    let ran = bench.run();
    assert_eq!(ran.code(), Some(1));
    assert!(ran.text.contains("No answer came (exit status: 1)"), "{}", ran.text);
}

#[test]
fn it_edits_what_it_owns_and_runs_programs() {
    let bench = Bench::new(&["edit README.md", "edit src/a/new.rs", "run sh -c 'echo from here; exit 3'"]);
    fs::write(bench.project().join("README.md"), "mine\n").unwrap();
    let ran = bench.run();
    assert_eq!(ran.code(), Some(0), "{}", ran.text);
    assert_eq!(bench.text("README.md"), "mine\n<!-- wavedeck local agent: A1, wave 3, try 1 -->\n");
    assert!(bench.text("src/a/new.rs").starts_with("// Eviction\n"));
    ran.said("  \u{2514} from here").said("    exit status: 3");
}

#[test]
fn it_changes_nothing_that_it_does_not_own() {
    let bench = Bench::new(&["edit Cargo.toml"]);
    let ran = bench.run();
    assert_eq!(ran.code(), Some(1));
    ran.said("\u{2717} Cargo.toml is not mine to change");
    assert_eq!(files_below(&bench.project()), Vec::<String>::new());
}

#[test]
fn it_fails_on_the_attempt_that_is_named() {
    let mut bench = Bench::new(&["fail the tests are red on attempt 1"]);
    let ran = bench.run();
    assert_eq!(ran.code(), Some(1));
    ran.said("\u{2717} the tests are red");
    assert!(!bench.file("submitted.json").exists());
    bench.brief.attempt.number = 2;
    assert_eq!(bench.run().code(), Some(0));
    assert_eq!(bench.submitted().attempt, 2);
}

#[test]
fn a_rate_limit_is_one_by_the_adapters_own_rule() {
    let bench = Bench::new(&["rate limit"]);
    let ran = bench.run();
    assert_eq!(ran.code(), Some(1));
    let adapter = wavedeck::adapters::find(&RuntimeId("local".into()), &Settings::default(), None).unwrap();
    assert!(adapter.rate_limited(&ran.text), "{}", ran.text);
}

#[test]
fn it_dies_without_a_word() {
    let bench = Bench::new(&["die"]);
    let ran = bench.run();
    assert_eq!(ran.output.status.signal(), Some(9));
    assert!(!bench.file("submitted.json").exists());
}

#[test]
fn it_floods_the_terminal_and_goes_on() {
    let bench = Bench::new(&["flood 3MB"]);
    let ran = bench.run();
    assert_eq!(ran.code(), Some(0));
    assert!(ran.output.stdout.len() > 3 * 1024 * 1024);
    ran.said("\u{2022} Printed 3 MB").said("\u{2022} Submitted the report");
}

#[test]
fn it_reports_by_markers_or_by_file() {
    let bench = Bench::new(&["markers"]);
    let ran = bench.run();
    let ResultReading::Present { transport, envelope } = bench.result(&ran) else { panic!("{}", ran.text) };
    assert_eq!(transport, Transport::Markers);
    assert_eq!(envelope.proof.unwrap().state, "satisfied");
    assert_eq!(envelope.implementation.unwrap().components[0].component_id, "cache");
    assert!(!bench.file("submitted.json").exists());

    let bench = Bench::new(&["file"]);
    let ran = bench.run();
    let ResultReading::Present { transport, .. } = bench.result(&ran) else { panic!("{}", ran.text) };
    assert_eq!(transport, Transport::File);
}

#[test]
fn a_report_that_is_not_taken_goes_into_the_file() {
    let bench = Bench::new(&[]);
    fs::write(bench.file("refuse"), "").unwrap();
    let ran = bench.run();
    assert_eq!(ran.code(), Some(0), "{}", ran.text);
    ran.said("  \u{2514} schemaVersion is wrong");
    assert!(matches!(bench.result(&ran), ResultReading::Present { transport: Transport::File, .. }));
}

#[test]
fn it_reports_a_gap_when_it_is_told_to() {
    let bench = Bench::new(&["gap"]);
    assert_eq!(bench.run().code(), Some(0));
    let envelope = bench.submitted();
    assert_eq!(envelope.proof.unwrap().state, "partial");
    assert_eq!(envelope.implementation.unwrap().components[0].state, "gap");
}

#[test]
fn it_reports_what_nobody_can_read() {
    for (script, way) in
        [(&["malformed"][..], Transport::File), (&["malformed", "markers"], Transport::Markers)]
    {
        let bench = Bench::new(script);
        let ran = bench.run();
        assert_eq!(ran.code(), Some(0), "{}", ran.text);
        let reading = bench.result(&ran);
        let ResultReading::Malformed { transport, errors, .. } = reading else { panic!("{reading:?}") };
        assert_eq!(transport, way);
        assert!(!errors.is_empty());
    }
}

#[test]
fn it_lies_when_it_is_told_to() {
    let bench = Bench::new(&["lie"]);
    assert_eq!(bench.run().code(), Some(0));
    assert_eq!(bench.submitted().proof.unwrap().state, "satisfied");
    assert_eq!(files_below(&bench.project()), Vec::<String>::new());
}

#[test]
fn an_unknown_step_is_named_and_nothing_is_done() {
    let bench = Bench::new(&["dance"]);
    let ran = bench.run();
    assert_eq!(ran.code(), Some(2));
    let error = String::from_utf8_lossy(&ran.output.stderr);
    assert!(error.contains("`dance`") && error.contains("rate limit"), "{error}");
    assert!(!bench.file("submitted.json").exists());
}

#[test]
fn without_its_environment_it_says_what_it_is() {
    let output = Command::new(PROGRAM).arg("local-agent").env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("wavedeck demo"));
}

#[test]
fn a_judge_leaves_its_verdict_once() {
    let mut bench = Bench::new(&[]);
    steward(&mut bench, Role::ContQa, &["docs/reviews/wave-3-cont-qa.md"]);
    for _ in 0..2 {
        assert_eq!(bench.run().code(), Some(0));
    }
    let report = bench.text("docs/reviews/wave-3-cont-qa.md");
    assert_eq!(report.matches("Verdict: PASS\n").count(), 1, "{report}");
    let envelope = bench.submitted();
    assert_eq!(envelope.role.as_deref(), Some("cont-qa"));
    assert_eq!(envelope.sections["contQa"]["verdict"]["verdict"], "pass");
}

#[test]
fn the_documentation_steward_raises_promoted_levels() {
    let mut bench = Bench::new(&[]);
    steward(&mut bench, Role::Documentation, &["docs/matrix.json", "docs/state.md"]);
    let matrix = r#"{"levels": ["contract-frozen", "repo-landed"], "components": {"cache": {"currentLevel": "contract-frozen"}}}"#;
    fs::create_dir(bench.project().join("docs")).unwrap();
    fs::write(bench.project().join("docs/matrix.json"), matrix).unwrap();
    fs::write(bench.project().join("docs/state.md"), "# State\n").unwrap();
    assert_eq!(bench.run().code(), Some(0));
    assert_eq!(
        bench.text("docs/matrix.json"),
        matrix.replace(r#"Level": "contract-frozen""#, r#"Level": "repo-landed""#)
    );
    assert_eq!(bench.text("docs/state.md"), "# State\n");
    assert_eq!(bench.submitted().sections["documentation"]["docClosure"]["paths"][0], "docs/matrix.json");
}

/// A process that is ended when the test is over, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn while_it_hangs_a_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let bench = Bench::new(&["say before", "hang"]);
        let mut running = Running(bench.command().spawn().unwrap());
        let mut output = running.0.stdout.take().unwrap();
        let mut printed = Vec::new();
        let mut buffer = [0; 4096];
        while !plain_text(&printed).contains("before") {
            let count = output.read(&mut buffer).unwrap();
            assert!(count > 0, "it ended: {}", plain_text(&printed));
            printed.extend_from_slice(&buffer[..count]);
        }
        kill_process(Pid::from_child(&running.0), signal).unwrap();
        let status: ExitStatus = running.0.wait().unwrap();
        assert_eq!(status.code(), Some(code));
        assert!(!bench.file("submitted.json").exists());
    }
}

/// The simulator in a pseudo-terminal.
struct InPty {
    master: OwnedFd,
    pid: Pid,
    printed: Vec<u8>,
}

impl InPty {
    fn start(bench: &Bench, size: Size) -> InPty {
        let spawned = SystemPty
            .spawn(&SpawnCommand {
                command: vec![PROGRAM.to_owned(), "local-agent".to_owned()],
                directory: bench.project(),
                environment: bench.environment(),
                size,
            })
            .unwrap();
        let pid = Pid::from_raw(i32::try_from(spawned.pid).unwrap()).unwrap();
        InPty { master: spawned.master, pid, printed: Vec::new() }
    }

    /// Reads until `found` holds of what was printed, or until the other end is gone.
    fn until(&mut self, what: &str, found: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut buffer = [0; 4096];
        loop {
            if found(&String::from_utf8_lossy(&self.printed)) {
                return;
            }
            match pty::read(&self.master, &mut buffer).unwrap() {
                PtyRead::Bytes(count) => self.printed.extend_from_slice(&buffer[..count]),
                PtyRead::End => panic!("it ended before {what}:\n{}", plain_text(&self.printed)),
                PtyRead::Nothing => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    assert!(!left.is_zero(), "not in time: {what}\n{}", plain_text(&self.printed));
                    let timeout = Timespec::try_from(left).unwrap();
                    poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&timeout)).unwrap();
                }
            }
        }
    }

    /// Reads to the end, and gives the exit code.
    fn end(mut self) -> (Option<i32>, String) {
        let mut buffer = [0; 4096];
        loop {
            match pty::read(&self.master, &mut buffer).unwrap() {
                PtyRead::Bytes(count) => self.printed.extend_from_slice(&buffer[..count]),
                PtyRead::End => break,
                PtyRead::Nothing => {
                    let timeout = Timespec::try_from(PATIENCE).unwrap();
                    let ready =
                        poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&timeout)).unwrap();
                    assert_ne!(ready, 0, "it does not end:\n{}", plain_text(&self.printed));
                }
            }
        }
        let (_, status) = waitpid(Some(self.pid), WaitOptions::empty()).unwrap().unwrap();
        (status.exit_status(), String::from_utf8_lossy(&self.printed).into_owned())
    }

    fn write(&self, bytes: &[u8]) {
        fs::File::from(self.master.try_clone().unwrap()).write_all(bytes).unwrap();
    }
}

#[test]
fn the_full_screen_fits_its_size_takes_keys_and_is_given_back() {
    let bench = Bench::new(&["full screen", "hang"]);
    let mut agent = InPty::start(&bench, Size { columns: 100, rows: 30 });
    agent.until("the whole screen", |text| text.contains("\x1b[?1049h") && text.contains("100x30"));
    agent.until("the hanging", |text| text.contains("idle"));
    pty::resize(&agent.master, Size { columns: 60, rows: 12 }).unwrap();
    agent.until("the other size", |text| text.contains("60x12"));
    agent.write(b"hello");
    agent.until("what is typed", |text| text.contains("\u{203a} hello\u{258f}"));
    agent.write(b"\r");
    agent.until("the answer", |text| text.contains("Noted."));
    agent.write(b"\x1b[<0;7;5M");
    agent.until("the click", |text| text.contains("clicked 7,5"));
    kill_process(agent.pid, Signal::TERM).unwrap();
    let (code, text) = agent.end();
    assert_eq!(code, Some(143));
    let left = text.rfind("\x1b[?1049l").expect("the alternate screen is left");
    assert!(left > text.rfind("\x1b[?1049h").unwrap());
    assert!(text[..left].ends_with("\x1b[?25h"), "the cursor is shown again");
}

#[test]
fn in_a_terminal_it_titles_its_window_and_ends_with_the_cursor_at_a_line_begin() {
    let bench = Bench::new(&["full screen", "markers", "think 2s"]);
    let (code, text) = InPty::start(&bench, Size { columns: 80, rows: 24 }).end();
    assert_eq!(code, Some(0));
    assert!(text.contains("\x1b]2;A1 Eviction\x07"));
    assert!(text.ends_with("\r\n"), "{text:?}");
    let plain = plain_text(text.as_bytes());
    let sources = Sources { submitted: None, file: None, output: &plain, exit_code: 0 };
    let reading = read_result(&bench.brief.attempt, &sources);
    assert!(matches!(reading, ResultReading::Present { transport: Transport::Markers, .. }), "{plain}");
}

#[test]
fn ctrl_c_ends_it_as_it_ends_any_program() {
    let bench = Bench::new(&["hang"]);
    let mut agent = InPty::start(&bench, Size { columns: 80, rows: 24 });
    agent.until("the prompt", |text| text.contains("Read the prompt"));
    agent.write(b"\x03");
    assert_eq!(agent.end().0, Some(130));
}
