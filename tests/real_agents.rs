//! Small waves on the real programs codex, claude and opencode, against a model server on loopback that plays scenarios.
//!
//! Runs where `WAVEDECK_BED` names a folder with `bin/{codex,claude,opencode}` and, for each, a `home-<name>/` in which it
//! is configured for that server; `WAVEDECK_BED_SERVER` is the server's address, `127.0.0.1:8801` by default. The server
//! takes scenarios by `PUT /__ctl/scenario/NAME` and plays the one that a prompt names as `[[mock:NAME]]`. A few seconds
//! for each program; everywhere else it says that it did not run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(180);

/// The programs and their model server.
struct Bed {
    folder: PathBuf,
    server: String,
}

impl Bed {
    fn find() -> Option<Bed> {
        let Some(folder) = std::env::var_os("WAVEDECK_BED") else {
            eprintln!("NOT RUN: set WAVEDECK_BED to a folder of agent programs to run waves on them");
            return None;
        };
        let server = std::env::var("WAVEDECK_BED_SERVER").unwrap_or_else(|_| "127.0.0.1:8801".into());
        Some(Bed { folder: folder.into(), server })
    }

    fn say(&self, method: &str, path: &str, body: &Value) {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.server).expect("the model server listens");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: bed\r\nConnection: close\r\nContent-Type: application/json"
        );
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.lines().next().is_some_and(|line| line.contains(" 200 ")), "{method} {path}: {reply}");
    }

    /// The scenarios: an agent that builds and reports, one that judges, one whose provider sets a limit.
    fn prepare(&self) {
        let report = |agent: &str, fields: Value| {
            let mut report =
                json!({ "schemaVersion": 2, "agentId": agent, "waveNumber": 0, "attempt": 0, "exitCode": 0 });
            report.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let number = r#""attempt":'"${WAVEDECK_ATTEMPT##*/}"'"#;
            let text = report.to_string().replace(r#""attempt":0"#, number);
            format!("printf '%s' '{text}' | \"$WAVEDECK_BIN\" done -")
        };
        let built = report(
            "A1",
            json!({ "role": "implementation",
                "proof": { "state": "satisfied", "completion": "contract", "durability": "durable", "proofLevel": "unit" },
                "implementation": { "docDelta": { "state": "none", "paths": [] }, "components": [] } }),
        );
        let judged = report(
            "A0",
            json!({ "role": "cont-qa", "proof": { "state": "not_applicable" },
                "contQa": { "verdict": { "verdict": "pass" }, "gateClaims": { "architecture": "pass",
                    "integration": "pass", "durability": "pass", "live": "pass", "docs": "pass" } } }),
        );
        let shell = |command: String| {
            json!({ "on_exhausted": "loop", "turns": [
                { "steps": [{ "shell": command, "desc": "Work and report" }] }, { "steps": [{ "text": "Done.\n" }] }] })
        };
        let build = format!("mkdir -p src && echo built > src/a1.md && {built}");
        let judge =
            format!("mkdir -p docs/reviews && echo 'Verdict: PASS' > docs/reviews/wave-0.md && {judged}");
        let limit = json!({ "on_exhausted": "loop", "turns": [{ "steps": [{ "error": { "status": 429, "retry_after": 1 } }] }] });
        for (name, scenario) in [("wd-build", shell(build)), ("wd-judge", shell(judge)), ("wd-limit", limit)]
        {
            self.say("PUT", &format!("/__ctl/scenario/{name}"), &scenario);
        }
        self.say("POST", "/__ctl/reset", &json!({}));
    }
}

/// A project whose wave runs on one program.
struct Trial<'b> {
    bed: &'b Bed,
    program: &'static str,
    folder: tempfile::TempDir,
}

impl<'b> Trial<'b> {
    fn of(bed: &'b Bed, program: &'static str, scenario: &str) -> Trial<'b> {
        // Codex and claude trust what lies below the bed's `work`.
        let work = bed.folder.join("work");
        std::fs::create_dir_all(&work).unwrap();
        let folder = tempfile::Builder::new().prefix("wd").tempdir_in(work).unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let unasked = [
            "requireDocumentationStewardFromWave",
            "requireContext7DeclarationsFromWave",
            "requireExitContractsFromWave",
            "requireIntegrationStewardFromWave",
            "requireComponentPromotionsFromWave",
            "requireAgentComponentsFromWave",
        ];
        let mut validation = json!({ "requiredPromptReferences": [] });
        validation.as_object_mut().unwrap().extend(unasked.map(|key| (key.to_owned(), Value::Null)));
        let config = json!({ "validation": validation, "runtimePolicy": { "defaultExecutorByRole": {} },
            "executors": { "default": program, "claude": { "permissionMode": "acceptEdits", "allowedTools": ["Bash"] } } });
        write("wave.config.json", &config.to_string());
        write("docs/agents/wave-cont-qa-role.md", "# QA\n\n## Standing prompt\n\n```text\nJudge.\n```\n");
        let wave = format!(
            "# Wave 0 - Begin\n\n## Agent A1: First\n\n### Deliverables\n\n- src/a1.md\n\n### Prompt\n\n```text\n\
             Build. [[mock:{scenario}]]\n\nFile ownership (only touch these paths):\n- src/a1.md\n```\n\n\
             ## Agent A0: Close\n\n### Role prompts\n\n- docs/agents/wave-cont-qa-role.md\n\n### Prompt\n\n```text\n\
             Judge. [[mock:wd-judge]]\n\nFile ownership (only touch these paths):\n- docs/reviews/wave-0.md\n```\n"
        );
        write("docs/plans/waves/wave-0.md", &wave);
        Trial { bed, program, folder }
    }

    fn wavedeck(&self, words: &[&str]) -> Output {
        let bed = self.bed.folder.to_str().unwrap();
        let models = format!("http://{}/s/plain/{}", self.bed.server, self.program);
        let mut command = Command::new(env!("CARGO_BIN_EXE_wavedeck"));
        command.env_clear().current_dir(self.folder.path()).args(words).timeout(PATIENCE);
        for (name, value) in [
            ("HOME", format!("{bed}/home-{}", self.program)),
            ("PATH", format!("{bed}/bin:/usr/local/bin:/usr/bin:/bin")),
            ("TMPDIR", format!("{bed}/tmp")),
            ("LANG", "C.UTF-8".into()),
            ("SHELL", "/bin/bash".into()),
            ("MOCK_API_KEY", "none".into()),
            ("MOCK_BASE_URL", format!("{models}/v1")),
            ("ANTHROPIC_BASE_URL", models),
            ("ANTHROPIC_API_KEY", "dummy-key-for-mock".into()),
            ("CLAUDE_CODE_MAX_RETRIES", "1".into()),
        ] {
            command.env(name, value);
        }
        for switch in [
            "DISABLE_TELEMETRY",
            "DISABLE_ERROR_REPORTING",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
            "OPENCODE_DISABLE_MODELS_FETCH",
            "OPENCODE_DISABLE_LSP_DOWNLOAD",
            "OPENCODE_DISABLE_SHARE",
        ] {
            command.env(switch, "1");
        }
        command.output().unwrap()
    }

    /// Launches the wave; gives the exit code and what was said.
    fn launch(&self) -> (Option<i32>, Value) {
        let words = ["launch", "--json", "--max-retries-per-wave", "0", "--agent-rate-limit-retries", "0"];
        let output = self.wavedeck(&words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr);
        let value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{complained}"));
        (output.status.code(), value)
    }

    /// How the result of an agent's first attempt came.
    fn transport(&self, agent: &str) -> Value {
        let path = format!(".tmp/main-wave-launcher/results/wave-0/attempt-1/{agent}.json");
        let text = std::fs::read_to_string(self.folder.path().join(path)).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["_wavedeck"]["result"]["transport"].clone()
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&self.wavedeck(&["logs", "A1"]).stdout).into_owned()
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.wavedeck(&["stop", "--agents", "--yes"]);
    }
}

fn exists(path: &Path) -> bool {
    path.try_exists().is_ok_and(|exists| exists)
}

#[test]
fn a_wave_runs_on_every_program_and_knows_a_limit_when_it_meets_one() {
    let Some(bed) = Bed::find() else { return };
    // A command in codex's sandbox reaches no socket: its result comes as a file.
    for (program, transport) in [("codex", "file"), ("claude", "tool"), ("opencode", "tool")] {
        assert!(exists(&bed.folder.join("bin").join(program)), "{program} is not in the bed");
        bed.prepare();
        let trial = Trial::of(&bed, program, "wd-build");
        let (exit, said) = trial.launch();
        assert_eq!(
            (exit, &said["outcome"]),
            (Some(0), &json!("closed")),
            "{program}: {said:#}\n{}",
            trial.log()
        );
        assert_eq!(
            (trial.transport("A1"), trial.transport("A0")),
            (json!(transport), json!(transport)),
            "{program}"
        );
        drop(trial);
        let trial = Trial::of(&bed, program, "wd-limit");
        let (exit, said) = trial.launch();
        let reasons = &said["status"]["waves"][0]["reasons"];
        assert_eq!(
            (exit, reasons),
            (Some(43), &json!(["A1: rate-limit-exhausted"])),
            "{program}: {}",
            trial.log()
        );
    }
}
