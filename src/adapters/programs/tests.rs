use std::path::Path;

use super::super::command::ARGUMENT_BYTES_MAX;
use super::super::{Adapter, Start, StartContext};
use super::find;
use crate::engine::brief::{AgentBrief, SkillBrief};
use crate::engine::{AttemptKey, WaveKey};
use crate::plan::role::{Role, Stage};
use crate::plan::runtime::derive::Grant;
use crate::plan::runtime::{ResolvedExecutor, RuntimeId};

fn brief(runtime: &str, options: &str, model: Option<&str>) -> AgentBrief {
    let grant = Grant { model: model.map(str::to_owned), options: serde_json::from_str(options).unwrap() };
    AgentBrief {
        id: "A1".into(),
        title: "Eviction".into(),
        slug: "3-a1".into(),
        role: Role::Implementation,
        stage: Stage::Implementation,
        builds_after_design: false,
        executor: ResolvedExecutor {
            id: RuntimeId(runtime.into()),
            selected_by: "agent-id".into(),
            model: model.map(str::to_owned),
            budget_minutes: None,
            fallbacks: Vec::new(),
        },
        grants: [(RuntimeId(runtime.into()), grant)].into(),
        fallback: Default::default(),
        exit_contract: None,
        deliverables: Vec::new(),
        proof_artifacts: Vec::new(),
        owned_paths: Vec::new(),
        skills: Vec::new(),
        context7: None,
        component_targets: Default::default(),
        prompt: "do".into(),
        fingerprint: "f".into(),
    }
}

fn started(brief: &AgentBrief, prompt: &str, prompt_file: &Path, settings_text: Option<&str>) -> Start {
    let wave = WaveKey { lane: "main".into(), number: 3 };
    let context = StartContext {
        attempt: &AttemptKey { wave, agent: "A1".into(), number: 1 },
        brief,
        prompt,
        prompt_file,
        brief_file: Path::new("/p/brief.json"),
        result_file: Path::new("/p/result.json"),
        overlay: Path::new("O"),
        settings_text,
        project_dir: Path::new("/p"),
        project_id: None,
        program: Path::new("/bin/wavedeck"),
        socket: Path::new("/p/s.sock"),
        token: "secret",
    };
    find(&brief.executor.id.0).unwrap().start(&context).unwrap()
}

fn made(runtime: &str, options: &str, model: Option<&str>, prompt: &str) -> Start {
    started(&brief(runtime, options, model), prompt, Path::new("P"), None)
}

fn check(runtime: &str, options: &str, model: Option<&str>, expected: &str) {
    assert_eq!(made(runtime, options, model, "do").command.join(" "), expected, "{runtime} {options}");
}

#[test]
fn codex_is_started_with_its_prompt_on_standard_input() {
    check("codex", "{}", None, "codex exec --skip-git-repo-check -");
    check(
        "codex",
        r#"{"sandbox": "workspace-write", "config": ["a=1", "b=2"], "addDirs": ["d"], "json": true, "ephemeral": false,
            "images": ["i"], "profileName": "p", "command": "my-codex", "search": true}"#,
        Some("m"),
        "my-codex exec --skip-git-repo-check --sandbox workspace-write --model m --profile p -c a=1 -c b=2 --image i \
         --add-dir d --json -",
    );
    assert_eq!(made("codex", "{}", None, "do").stdin.as_deref(), Some("P"));
}

#[test]
fn claude_is_started_with_its_prompt_before_flags_that_would_eat_it() {
    check(
        "claude",
        "{}",
        None,
        "claude -p do --no-session-persistence --append-system-prompt-file O/claude-system-prompt.txt",
    );
    check(
        "claude",
        r#"{"outputFormat": "text", "agent": "x", "permissionMode": "acceptEdits", "permissionPromptTool": "ask",
            "effort": "high", "maxTurns": 9, "mcpConfig": ["x"], "settings": "s.json", "allowedTools": ["Read", "Bash"],
            "disallowedTools": ["Web"], "strictMcpConfig": true, "appendSystemPromptMode": "replace"}"#,
        Some("m"),
        "claude -p do --no-session-persistence --output-format text --model m --agent x --permission-mode acceptEdits \
         --permission-prompt-tool ask --effort high --max-turns 9 --mcp-config x --settings s.json --allowedTools Read \
         --allowedTools Bash --disallowedTools Web --strict-mcp-config --system-prompt-file O/claude-system-prompt.txt",
    );
}

#[test]
fn opencode_is_started_as_an_agent_of_its_own_configuration() {
    check("opencode", "{}", None, "opencode run --agent wave-a1 --title wave-A1 do");
    check(
        "opencode",
        r#"{"format": "default", "files": ["f"], "attach": "u", "agent": "My Agent"}"#,
        Some("m"),
        "opencode run --agent my-agent --model m --format default --attach u --file f --title wave-A1 do",
    );
    let start = made("opencode", "{}", None, "do");
    assert!(start.environment.contains(&("OPENCODE_CONFIG".to_owned(), "O/opencode.json".to_owned())));
}

#[test]
fn skills_are_within_reach_of_runtimes_that_have_to_be_given_them() {
    let skill = SkillBrief {
        id: "one".into(),
        folder: "skills/one".into(),
        description: "d".into(),
        when: "w".into(),
        files: vec!["skills/one/SKILL.md".into()],
        references: vec!["skills/one/references/r.md".into()],
    };
    for (runtime, expected) in [
        ("codex", "codex exec --skip-git-repo-check --add-dir d --add-dir skills/one -"),
        (
            "opencode",
            "opencode run --agent wave-a1 --file skills/one/skill.json --file skills/one/SKILL.md --file \
             skills/one/references/r.md --title wave-A1 do",
        ),
    ] {
        let mut brief = brief(runtime, r#"{"addDirs": ["d"]}"#, None);
        brief.skills.push(skill.clone());
        let start = started(&brief, "do", Path::new("P"), None);
        assert_eq!(start.command.join(" "), expected, "{runtime}");
    }
}

#[test]
fn approvals_are_bypassed_only_in_words() {
    let bypassing = |start: &Start| start.command.iter().any(|word| word.contains("dangerously"));
    let bold = made("codex", r#"{"sandbox": "danger-full-access"}"#, None, "do");
    assert!(bypassing(&bold));
    assert_eq!(bold.notes.len(), 1);
    for (sandbox, way) in [("read-only", "by the lines"), ("workspace-write", "by a file")] {
        let confined = made("codex", &format!("{{\"sandbox\": \"{sandbox}\"}}"), None, "do");
        assert!(!bypassing(&confined));
        assert!(confined.notes[0].contains("cannot ask") && confined.notes[0].contains(way), "{sandbox}");
    }
    let open = made("codex", r#"{"config": ["sandbox_workspace_write.network_access = true"]}"#, None, "do");
    assert_eq!(open.notes, Vec::<String>::new());
    let bold = made("claude", r#"{"permissionMode": "bypassPermissions"}"#, None, "do");
    assert!(bold.notes[0].contains("nothing is asked"), "{:?}", bold.notes);
    let careful = made("claude", r#"{"permissionMode": "acceptEdits"}"#, None, "do");
    assert!(careful.notes[0].contains("claude.allowedTools"), "{:?}", careful.notes);
    assert_eq!(
        made("claude", r#"{"allowedTools": ["Bash(git:*)"]}"#, None, "do").notes,
        Vec::<String>::new()
    );
}

#[test]
fn a_long_prompt_travels_by_standard_input() {
    let long = "x".repeat(ARGUMENT_BYTES_MAX + 1);
    for runtime in ["codex", "claude", "opencode"] {
        let made = made(runtime, "{}", None, &long);
        assert_eq!(made.stdin.as_deref(), Some("P"), "{runtime}");
        assert!(made.command.iter().all(|word| word.len() < 1024), "{runtime}");
    }
    for runtime in ["claude", "opencode"] {
        assert_eq!(made(runtime, "{}", None, &long[1..]).stdin, None, "{runtime}");
    }
}

/// The command line as a program sees it: words and standard input of a real process.
#[test]
fn a_program_gets_its_words_and_its_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let prompt_file = folder.path().join("it's a prompt.md");
    std::fs::write(&prompt_file, "say \"$HOME\"").unwrap();
    let brief = brief("codex", r#"{"command": "echo", "config": ["a='b c'; $(x)"]}"#, None);
    let mut start = started(&brief, "say \"$HOME\"", &prompt_file, None);
    start.command.splice(0..1, ["/bin/sh", "-c", "printf '%s|' \"$@\"; cat", "sh"].map(str::to_owned));
    let words = start.words();
    let output = std::process::Command::new(&words[0]).args(&words[1..]).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "exec|--skip-git-repo-check|-c|a='b c'; $(x)|-|say \"$HOME\""
    );
}

fn file<'s>(start: &'s Start, name: &str) -> Option<&'s str> {
    start.files.iter().find(|(path, _)| path == name).map(|(_, text)| text.as_str())
}

#[test]
fn claude_gets_inline_settings_merged_over_its_file() {
    let options = r#"{"settings": "s.json", "settingsJson": {"env": {"A": "2"}}, "hooksJson": {"Stop": []},
        "allowedHttpHookUrls": ["https://example.org"]}"#;
    let brief = brief("claude", options, None);
    assert_eq!(find("claude").unwrap().settings_file(&brief).as_deref(), Some("s.json"));
    let start = started(&brief, "do", Path::new("P"), Some(r#"{"env": {"A": "1", "B": "1"}, "model": "m"}"#));
    assert!(start.command.join(" ").contains("--settings O/claude-settings.json"));
    insta::assert_snapshot!(file(&start, "O/claude-settings.json").unwrap());
    let plain = super::tests::brief("claude", r#"{"settings": "s.json", "settingsJson": {}}"#, None);
    assert_eq!(find("claude").unwrap().settings_file(&plain), None);
    assert_eq!(file(&started(&plain, "do", Path::new("P"), None), "O/claude-settings.json"), None);
}

#[test]
fn opencode_gets_its_agent_merged_into_its_configuration() {
    let options = r#"{"steps": 7, "permission": {"bash": "ask"}, "instructions": ["CONTRIBUTING.md"],
        "configJson": {"instructions": ["AGENTS.md"], "agent": {"wave-a1": {"temperature": 0}, "other": {}}}}"#;
    let start = made("opencode", options, Some("m"), "do");
    insta::assert_snapshot!(file(&start, "O/opencode.json").unwrap());
    insta::assert_snapshot!(file(&start, "O/opencode-agent-prompt.txt").unwrap());
}
