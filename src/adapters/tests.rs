use std::path::Path;

use super::settings::Settings;
use super::{AdapterError, Start, StartContext, environment, find};
use crate::engine::brief::AgentBrief;
use crate::engine::{AttemptKey, WaveKey};
use crate::plan::role::{Role, Stage};
use crate::plan::runtime::{ResolvedExecutor, RuntimeId};

fn attempt() -> AttemptKey {
    AttemptKey { wave: WaveKey { lane: "main".into(), number: 3 }, agent: "A1".into(), number: 2 }
}

fn brief(runtime: &str) -> AgentBrief {
    AgentBrief {
        id: "A1".into(),
        title: "Eviction".into(),
        slug: "3-a1".into(),
        role: Role::Implementation,
        stage: Stage::Implementation,
        builds_after_design: false,
        executor: ResolvedExecutor {
            id: RuntimeId(runtime.into()),
            selected_by: "override".into(),
            model: None,
            budget_minutes: None,
            fallbacks: Vec::new(),
        },
        exit_contract: None,
        deliverables: Vec::new(),
        proof_artifacts: Vec::new(),
        owned_paths: Vec::new(),
        skills: Vec::new(),
        grants: Default::default(),
        fallback: Default::default(),
        context7: None,
        component_targets: Default::default(),
        prompt: "Add eviction.".into(),
        fingerprint: "f".into(),
    }
}

fn start(
    config: &str,
    runtime: &str,
    command_line: Option<&str>,
    prompt: &str,
) -> Result<Start, AdapterError> {
    let settings = Settings::read("config.toml", config).expect("settings are valid");
    let adapter = find(&RuntimeId(runtime.into()), &settings, command_line)?;
    assert_eq!(adapter.name(), runtime);
    adapter.start(&StartContext {
        attempt: &attempt(),
        brief: &brief(runtime),
        prompt,
        prompt_file: Path::new("/p/prompt.md"),
        brief_file: Path::new("/p/brief.json"),
        result_file: Path::new("/p/result.json"),
        overlay: Path::new("/p/overlay"),
        settings_text: None,
        project_dir: Path::new("/p"),
        project_id: Some("web"),
        program: Path::new("/bin/wavedeck"),
        socket: Path::new("/p/s.sock"),
        token: "abc",
    })
}

#[test]
fn a_command_line_is_split_without_a_shell_and_filled_word_by_word() {
    let start = start(
        "",
        "command",
        Some("./agent --id {agent}-{wave}.{attempt} 'two words' {prompt_file} {result_file} {brief_file} {other} {"),
        "say {agent}",
    )
    .expect("starts");
    assert_eq!(
        start.command,
        [
            "./agent",
            "--id",
            "A1-3.2",
            "two words",
            "/p/prompt.md",
            "/p/result.json",
            "/p/brief.json",
            "{other}",
            "{"
        ]
    );
}

#[test]
fn an_agent_is_told_its_project_by_folder_and_id() {
    let start = start("", "command", Some("agent"), "do").expect("starts");
    let value =
        |name: &str| start.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    assert_eq!(value("WAVEDECK_PROJECT").map(String::as_str), Some("/p"));
    assert_eq!(value("WAVEDECK_PROJECT_ID").map(String::as_str), Some("web"));
}

#[test]
fn a_prompt_is_one_argument_and_is_not_filled_itself() {
    let placed = start("", "command", Some("agent {prompt} --end"), "say {agent}; $(rm)").expect("starts");
    assert_eq!(placed.command, ["agent", "say {agent}; $(rm)", "--end"]);
    let appended = start("[runtimes.mine]\ncommand = \"agent\"\nprompt = \"argument\"", "mine", None, "p q")
        .expect("starts");
    assert_eq!(appended.command, ["agent", "p q"]);
}

#[test]
fn a_prompt_too_long_for_an_argument_is_refused_with_the_way_out() {
    let long = "x".repeat(100 * 1024 + 1);
    let error = start("", "command", Some("agent {prompt}"), &long).expect_err("too long");
    assert!(matches!(error, AdapterError::PromptTooLong { bytes: 102_401, .. }), "{error}");
    assert!(error.to_string().contains("{prompt_file}"), "{error}");
    start("", "command", Some("agent {prompt_file}"), &long).expect("a file has no limit");
}

#[test]
fn standard_input_comes_from_the_file_and_words_need_no_quotes() {
    let folder = tempfile::tempdir().expect("folder");
    let prompt_file = folder.path().join("prompt.md");
    std::fs::write(&prompt_file, "from the file").expect("written");
    let settings = Settings::read(
        "c",
        "[runtimes.mine]\ncommand = \"sh -c 'cat; printf %s \\\"$1\\\"' x '$HOME;'\"\nprompt = 'stdin'",
    )
    .expect("settings are valid");
    let start = find(&RuntimeId("mine".into()), &settings, None)
        .expect("found")
        .start(&StartContext {
            attempt: &attempt(),
            brief: &brief("mine"),
            prompt: "from the file",
            prompt_file: &prompt_file,
            brief_file: Path::new("/p/brief.json"),
            result_file: Path::new("/p/result.json"),
            overlay: folder.path(),
            settings_text: None,
            project_dir: folder.path(),
            project_id: None,
            program: Path::new("/bin/wavedeck"),
            socket: Path::new("/p/s.sock"),
            token: "abc",
        })
        .expect("starts");
    let words = start.words();
    let output = std::process::Command::new(&words[0]).args(&words[1..]).output().expect("runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "from the file$HOME;");
}

#[test]
fn every_agent_learns_who_it_is_and_where_to_report() {
    let start = start("", "local", None, "p").expect("starts");
    assert_eq!(start.command, ["/bin/wavedeck", "local-agent"]);
    let value = |name: &str| {
        start
            .environment
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or("(unset)")
    };
    assert_eq!(value(environment::ATTEMPT), "main/wave-3/A1/2");
    assert_eq!(value(environment::RESULT), "/p/result.json");
    assert_eq!(value(environment::BIN), "/bin/wavedeck");
    assert_eq!(value("WAVE_EXECUTOR_MODE"), "local");
    assert_eq!(value("TERM"), "xterm-256color");
}

#[test]
fn a_runtime_that_cannot_be_started_says_what_to_do() {
    for (runtime, hint) in [("command", "--command"), ("gemini", "[runtimes.NAME]")] {
        let error = start("", runtime, None, "p").expect_err("cannot start");
        assert!(error.to_string().contains(hint), "{error}");
        assert!(error.to_string().contains("nothing was started"), "{error}");
    }
    let named = start("[runtimes.mine]\ncommand = 'a'", "gemini", None, "p").expect_err("unknown");
    assert!(named.to_string().contains("mine"), "{named}");
    assert!(matches!(start("", "command", Some("a 'b"), "p"), Err(AdapterError::BadCommandLine { .. })));
    assert!(matches!(start("", "command", Some("  "), "p"), Err(AdapterError::BadCommandLine { .. })));
}

#[test]
fn a_configured_runtime_goes_before_a_known_one() {
    let start = start("[runtimes.codex]\ncommand = 'mycodex'", "codex", None, "p").expect("starts");
    assert_eq!(start.command, ["mycodex"]);
}

#[test]
fn mistakes_in_the_settings_have_a_place() {
    let cases = [
        ("[runtimes.mine]\ncommand = 'a'\nprompt = 'pipe'", 3, 10),
        ("[runtimes.mine]\ncomand = 'a'", 2, 1),
        ("[runtimes.mine", 1, 15),
        ("\n[runtimes.local]\ncommand = 'a'", 2, 11),
        ("[runtimes.\"My Own\"]\ncommand = 'a'", 1, 12),
        ("[runtime.mine]\ncommand = 'a'", 1, 2),
    ];
    for (text, line, column) in cases {
        let error = Settings::read("config.toml", text).expect_err(text);
        assert_eq!((error.line, error.column), (line, column), "{error}");
    }
    assert_eq!(Settings::read("config.toml", "").expect("empty is fine"), Settings::default());
}

#[test]
fn rate_limits_are_known_by_their_phrases() {
    let settings = Settings::default();
    let adapter = find(&RuntimeId("local".into()), &settings, None).expect("found");
    for text in ["HTTP 429 too many requests", "Exceeded retry limit", "last status: 429", "hit a Rate Limit"]
    {
        assert!(adapter.rate_limited(text), "{text}");
    }
    assert!(!adapter.rate_limited("rated 429 times, all within limits"));
}

#[test]
fn an_attempt_is_read_back_from_its_text() {
    for agent in ["A1", "A1.1", "team/a b", "wave-2"] {
        let key = AttemptKey { agent: agent.into(), ..attempt() };
        assert_eq!(environment::read_attempt(&key.to_string()), Some(key));
    }
    for text in ["", "main", "main/wave-x/A1/1", "main/wave-1/A1", "main/wave-1/A1/x"] {
        assert_eq!(environment::read_attempt(text), None, "{text}");
    }
}
