//! The command line of a runtime, as data: which option becomes which flag. Nothing is started here.
//!
//! Flags are those that the npm package `@chllming/wave-orchestration` 0.9.15 hands to codex, claude and opencode, with two
//! differences. Approvals are bypassed only where the configuration says so in words (`danger-full-access`,
//! `bypassPermissions`). And a prompt above [`ARGUMENT_BYTES_MAX`] is never an argument: Linux caps one at 128 KiB.

use serde::Serialize;
use serde_json::Value;

use super::RuntimeId;
use crate::plan::config::Options;

/// Largest prompt that is handed over as an argument.
pub const ARGUMENT_BYTES_MAX: usize = 100 * 1024;

/// What a command line is made of.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Agent id.
    pub agent: &'a str,
    /// Its options for the runtime, defaults filled in.
    pub options: &'a Options,
    /// Its model for the runtime.
    pub model: Option<&'a str>,
    /// The compiled prompt.
    pub prompt: &'a str,
    /// The file that holds it.
    pub prompt_file: &'a str,
    /// Folder for files that the runtime is given.
    pub overlay: &'a str,
}

/// How a program is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Words, the program first.
    pub command: Vec<String>,
    /// The file that is its standard input; none: the terminal.
    pub stdin: Option<String>,
    /// Environment variables beside those that every agent gets.
    pub env: Vec<(String, String)>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// How an option becomes words.
#[derive(Debug, Clone, Copy)]
enum Flag {
    /// `--flag VALUE`.
    Value(&'static str),
    /// `--flag` when true.
    Switch(&'static str),
    /// `--flag ITEM` for each.
    Each(&'static str),
}

/// Options of `codex exec`, in the order of its words.
const CODEX: &[(&str, Flag)] = &[
    ("sandbox", Flag::Value("--sandbox")),
    ("model", Flag::Value("--model")),
    ("profileName", Flag::Value("--profile")),
    ("config", Flag::Each("-c")),
    ("images", Flag::Each("--image")),
    ("addDirs", Flag::Each("--add-dir")),
    ("json", Flag::Switch("--json")),
    ("ephemeral", Flag::Switch("--ephemeral")),
];

/// Options of `claude -p`.
const CLAUDE: &[(&str, Flag)] = &[
    ("outputFormat", Flag::Value("--output-format")),
    ("model", Flag::Value("--model")),
    ("agent", Flag::Value("--agent")),
    ("permissionMode", Flag::Value("--permission-mode")),
    ("permissionPromptTool", Flag::Value("--permission-prompt-tool")),
    ("effort", Flag::Value("--effort")),
    ("maxTurns", Flag::Value("--max-turns")),
    ("mcpConfig", Flag::Each("--mcp-config")),
    ("settings", Flag::Value("--settings")),
    ("allowedTools", Flag::Each("--allowedTools")),
    ("disallowedTools", Flag::Each("--disallowedTools")),
    ("strictMcpConfig", Flag::Switch("--strict-mcp-config")),
];

/// Options of `opencode run`.
const OPENCODE: &[(&str, Flag)] = &[
    ("model", Flag::Value("--model")),
    ("format", Flag::Value("--format")),
    ("attach", Flag::Value("--attach")),
    ("files", Flag::Each("--file")),
];

/// The command line of a built-in runtime; `None` for `local` and for runtimes of the project's own.
pub fn invocation(runtime: &RuntimeId, request: &Request<'_>) -> Option<Invocation> {
    match runtime.0.as_str() {
        "codex" => Some(codex(request)),
        "claude" => Some(claude(request)),
        "opencode" => Some(opencode(request)),
        _ => None,
    }
}

fn codex(request: &Request<'_>) -> Invocation {
    let mut command = vec![program(request, "codex"), "exec".to_string()];
    let mut notes = Vec::new();
    if text(request, "sandbox") == Some("danger-full-access") {
        command.push("--dangerously-bypass-approvals-and-sandbox".to_string());
        notes.push(
            "the configuration says danger-full-access: nothing is asked, nothing is confined".to_string(),
        );
    }
    command.push("--skip-git-repo-check".to_string());
    flags(request, CODEX, &mut command);
    command.push("-".to_string());
    if request.options.get("search").and_then(Value::as_bool) == Some(true) {
        notes.push("codex exec has no flag for a web search; `search` does nothing".to_string());
    }
    Invocation { command, stdin: Some(request.prompt_file.to_string()), env: Vec::new(), notes }
}

fn claude(request: &Request<'_>) -> Invocation {
    let mut command = vec![program(request, "claude"), "-p".to_string()];
    let mut notes = Vec::new();
    if text(request, "permissionMode") == Some("bypassPermissions") {
        notes.push("the configuration says bypassPermissions: nothing is asked".to_string());
    }
    // The prompt stands before flags that take any number of words.
    let is_argument = request.prompt.len() <= ARGUMENT_BYTES_MAX;
    if is_argument {
        command.push(request.prompt.to_string());
    } else {
        notes.push(too_long(request));
    }
    command.push("--no-session-persistence".to_string());
    flags(request, CLAUDE, &mut command);
    let system = match text(request, "appendSystemPromptMode") {
        Some("replace") => "--system-prompt-file",
        _ => "--append-system-prompt-file",
    };
    command.extend([system.to_string(), format!("{}/claude-system-prompt.txt", request.overlay)]);
    let stdin = (!is_argument).then(|| request.prompt_file.to_string());
    Invocation { command, stdin, env: Vec::new(), notes }
}

fn opencode(request: &Request<'_>) -> Invocation {
    let own = format!("wave-{}", request.agent);
    let agent = slug(text(request, "agent").unwrap_or(&own));
    let mut command = vec![program(request, "opencode"), "run".to_string(), "--agent".to_string(), agent];
    flags(request, OPENCODE, &mut command);
    command.extend(["--title".to_string(), own]);
    let mut notes = Vec::new();
    let is_argument = request.prompt.len() <= ARGUMENT_BYTES_MAX;
    if is_argument {
        command.push(request.prompt.to_string());
    } else {
        notes.push(too_long(request));
    }
    let stdin = (!is_argument).then(|| request.prompt_file.to_string());
    let env = vec![("OPENCODE_CONFIG".to_string(), format!("{}/opencode.json", request.overlay))];
    Invocation { command, stdin, env, notes }
}

fn too_long(request: &Request<'_>) -> String {
    let kilobytes = request.prompt.len() / 1024;
    format!("the prompt has {kilobytes} KiB, too long for an argument: it travels on standard input")
}

fn program(request: &Request<'_>, otherwise: &str) -> String {
    text(request, "command").unwrap_or(otherwise).to_string()
}

fn text<'a>(request: &Request<'a>, key: &str) -> Option<&'a str> {
    request.options.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn flags(request: &Request<'_>, table: &[(&str, Flag)], command: &mut Vec<String>) {
    for (key, flag) in table {
        let model = request.model.filter(|_| *key == "model").map(Value::from);
        let Some(value) = model.as_ref().or_else(|| request.options.get(*key)) else { continue };
        match (flag, value) {
            (Flag::Switch(flag), Value::Bool(true)) => command.push((*flag).to_string()),
            (Flag::Each(flag), Value::Array(items)) => {
                for item in items.iter().filter_map(Value::as_str) {
                    command.extend([(*flag).to_string(), item.to_string()]);
                }
            }
            (Flag::Value(flag), Value::String(text)) if !text.is_empty() => {
                command.extend([(*flag).to_string(), text.clone()]);
            }
            (Flag::Value(flag), Value::Number(number)) => {
                command.extend([(*flag).to_string(), number.to_string()]);
            }
            _ => {}
        }
    }
}

/// A name as opencode takes it.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_string()
}

#[cfg(test)]
mod tests {
    use super::{ARGUMENT_BYTES_MAX, Invocation, Request, invocation};
    use crate::plan::config::Options;
    use crate::plan::runtime::RuntimeId;

    fn made(runtime: &str, options: &str, model: Option<&str>, prompt: &str) -> Invocation {
        let options: Options = serde_json::from_str(options).unwrap();
        let request =
            Request { agent: "A1", options: &options, model, prompt, prompt_file: "P", overlay: "O" };
        invocation(&RuntimeId(runtime.to_string()), &request).unwrap()
    }

    fn check(runtime: &str, options: &str, model: Option<&str>, expected: &str) {
        assert_eq!(made(runtime, options, model, "do").command.join(" "), expected, "{runtime} {options}");
    }

    #[test]
    fn options_become_flags_in_their_order() {
        check("codex", "{}", None, "codex exec --skip-git-repo-check -");
        check(
            "codex",
            r#"{"sandbox": "workspace-write", "config": ["a=1", "b=2"], "addDirs": ["d"], "json": true, "ephemeral": false,
                "images": ["i"], "profileName": "p", "command": "my-codex"}"#,
            Some("m"),
            "my-codex exec --skip-git-repo-check --sandbox workspace-write --model m --profile p -c a=1 -c b=2 --image i \
             --add-dir d --json -",
        );
        check(
            "claude",
            r#"{"outputFormat": "text", "permissionMode": "acceptEdits", "maxTurns": 9, "allowedTools": ["Read", "Bash"],
                "strictMcpConfig": true, "mcpConfig": ["x"]}"#,
            None,
            "claude -p do --no-session-persistence --output-format text --permission-mode acceptEdits --max-turns 9 \
             --mcp-config x --allowedTools Read --allowedTools Bash --strict-mcp-config --append-system-prompt-file \
             O/claude-system-prompt.txt",
        );
        check(
            "opencode",
            r#"{"format": "default", "files": ["f"], "attach": "u"}"#,
            Some("m"),
            "opencode run --agent wave-a1 --model m --format default --attach u --file f --title wave-A1 do",
        );
    }

    #[test]
    fn approvals_are_bypassed_only_in_words() {
        let bold = made("codex", r#"{"sandbox": "danger-full-access"}"#, None, "do");
        assert!(bold.command.contains(&"--dangerously-bypass-approvals-and-sandbox".to_string()));
        assert_eq!(bold.notes.len(), 1);
        for sandbox in ["read-only", "workspace-write"] {
            let careful = made("codex", &format!("{{\"sandbox\": \"{sandbox}\"}}"), None, "do");
            assert!(careful.command.iter().all(|word| !word.contains("dangerously")));
        }
    }

    #[test]
    fn a_long_prompt_travels_by_standard_input() {
        let long = "x".repeat(ARGUMENT_BYTES_MAX + 1);
        for runtime in ["codex", "claude", "opencode"] {
            let made = made(runtime, "{}", None, &long);
            assert_eq!(made.stdin.as_deref(), Some("P"), "{runtime}");
            assert!(made.command.iter().all(|word| word.len() < 1024), "{runtime}");
        }
        assert_eq!(made("claude", "{}", None, "short").stdin, None);
    }
}
