//! The runtimes codex, claude and opencode: which option becomes which word of their command lines, as data.
//!
//! The words are those that the npm package `@chllming/wave-orchestration` 0.9.15 hands over, with three differences.
//! Approvals are bypassed only where the configuration says so in words (`danger-full-access`, `bypassPermissions`). A
//! prompt above [`ARGUMENT_BYTES_MAX`] is never an argument, since Linux caps one at 128 KiB: it travels on standard input.
//! And claude's prompt stands before the flags that take any number of words, as they would take it for one of theirs.

mod limits;
mod overlay;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::command::ARGUMENT_BYTES_MAX;
use super::environment::agent_environment;
use super::{Adapter, AdapterError, Start, StartContext, text_of};
use crate::engine::brief::AgentBrief;
use crate::plan::runtime::derive::Grant;

/// A runtime that is a program known by name.
#[derive(Debug)]
pub(super) struct ProgramAdapter {
    program: &'static Program,
}

/// What is known of a program.
#[derive(Debug)]
struct Program {
    /// Name of runtime and program.
    name: &'static str,
    /// Words after the program, before everything else.
    verb: &'static [&'static str],
    /// Its options, in the order of its words.
    flags: &'static [(&'static str, Flag)],
    /// Variables that it gets beside those of every agent: nothing updates itself while a wave runs.
    environment: &'static [(&'static str, &'static str)],
    /// Puts the words together.
    words: fn(&Making<'_>, &mut Words) -> Result<(), AdapterError>,
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

/// Programs, by name.
const PROGRAMS: [Program; 3] = [
    Program { name: "codex", verb: &["exec"], flags: CODEX, environment: &[], words: codex },
    Program {
        name: "claude",
        verb: &["-p"],
        flags: CLAUDE,
        environment: &[("DISABLE_AUTOUPDATER", "1")],
        words: claude,
    },
    Program {
        name: "opencode",
        verb: &["run"],
        flags: OPENCODE,
        environment: &[("OPENCODE_DISABLE_AUTOUPDATE", "1")],
        words: opencode,
    },
];

/// Options of `codex exec`.
const CODEX: &[(&str, Flag)] = &[
    ("sandbox", Flag::Value("--sandbox")),
    (MODEL, Flag::Value("--model")),
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
    (MODEL, Flag::Value("--model")),
    ("agent", Flag::Value("--agent")),
    ("permissionMode", Flag::Value("--permission-mode")),
    ("permissionPromptTool", Flag::Value("--permission-prompt-tool")),
    ("effort", Flag::Value("--effort")),
    ("maxTurns", Flag::Value("--max-turns")),
    ("mcpConfig", Flag::Each("--mcp-config")),
    (SETTINGS, Flag::Value("--settings")),
    ("allowedTools", Flag::Each("--allowedTools")),
    ("disallowedTools", Flag::Each("--disallowedTools")),
    ("strictMcpConfig", Flag::Switch("--strict-mcp-config")),
];

/// Options of `opencode run`.
const OPENCODE: &[(&str, Flag)] = &[
    (MODEL, Flag::Value("--model")),
    ("format", Flag::Value("--format")),
    ("attach", Flag::Value("--attach")),
    ("files", Flag::Each("--file")),
];

/// The model has a place of its own in what is granted.
const MODEL: &str = "model";

/// The item of `codex.config` that lets commands reach sockets.
const NETWORK: &str = "sandbox_workspace_write.network_access=true";

/// Claude's settings file, which inline settings are merged with.
const SETTINGS: &str = "settings";

/// The adapter of a program known by name.
pub(super) fn find(name: &str) -> Option<ProgramAdapter> {
    PROGRAMS.iter().find(|program| program.name == name).map(|program| ProgramAdapter { program })
}

impl Adapter for ProgramAdapter {
    fn name(&self) -> &str {
        self.program.name
    }

    fn settings_file(&self, brief: &AgentBrief) -> Option<String> {
        let grant = brief.grants.get(&brief.executor.id)?;
        let file = grant.options.get(SETTINGS)?.as_str()?;
        (self.program.name == "claude" && overlay::has_inline_settings(&grant.options))
            .then(|| file.to_owned())
    }

    fn rate_limited(&self, text: &str) -> bool {
        limits::reached(text)
    }

    fn start(&self, context: &StartContext<'_>) -> Result<Start, AdapterError> {
        let granted = context.brief.grants.get(&context.brief.executor.id).cloned().unwrap_or_default();
        let making = Making { context, grant: &granted, program: self.program };
        let mut words = Words::default();
        let command = making.option("command").unwrap_or(self.program.name);
        words.add(&[command]);
        words.add(self.program.verb);
        (self.program.words)(&making, &mut words)?;
        let own = self.program.environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let mut environment = agent_environment(context)?;
        environment.extend(own);
        environment.extend(words.environment);
        Ok(Start {
            command: words.words,
            stdin: words.stdin,
            environment,
            files: words.files,
            notes: words.notes,
        })
    }
}

/// What a command line is made of.
struct Making<'a> {
    context: &'a StartContext<'a>,
    grant: &'a Grant,
    program: &'static Program,
}

/// A command line in the making.
#[derive(Default)]
struct Words {
    words: Vec<String>,
    stdin: Option<String>,
    environment: Vec<(String, String)>,
    files: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Words {
    fn add(&mut self, words: &[&str]) {
        self.words.extend(words.iter().map(|word| (*word).to_owned()));
    }

    fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }
}

impl Making<'_> {
    /// An option that is a text.
    fn option(&self, key: &str) -> Option<&str> {
        self.grant.options.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Adds the words of every option; `more` are items that follow those of a list, and `instead` values that stand for
    /// an option's own.
    fn flags(&self, words: &mut Words, more: &[(&str, Vec<String>)], instead: &[(&str, Option<String>)]) {
        for (key, flag) in self.program.flags {
            let own = match *key {
                MODEL => self.grant.model.clone().map(Value::from),
                key => match instead.iter().find(|(one, _)| *one == key) {
                    Some((_, value)) => value.clone().map(Value::from),
                    None => self.grant.options.get(key).cloned(),
                },
            };
            match (flag, own) {
                (Flag::Switch(flag), Some(Value::Bool(true))) => words.add(&[flag]),
                (Flag::Value(flag), Some(Value::String(text))) if !text.is_empty() => {
                    words.add(&[flag, &text])
                }
                (Flag::Value(flag), Some(Value::Number(number))) => words.add(&[flag, &number.to_string()]),
                (Flag::Each(flag), own) => {
                    let items = own.as_ref().and_then(Value::as_array).into_iter().flatten();
                    let items = items.filter_map(Value::as_str).map(str::to_owned);
                    let more = more.iter().filter(|(one, _)| one == key).flat_map(|(_, items)| items.clone());
                    for item in items.chain(more) {
                        words.add(&[flag, &item]);
                    }
                }
                (Flag::Switch(_) | Flag::Value(_), _) => {}
            }
        }
    }

    /// The prompt as an argument, or, where it is too long for one, on standard input.
    fn prompt(&self, words: &mut Words) -> Result<(), AdapterError> {
        let bytes = self.context.prompt.len();
        if bytes <= ARGUMENT_BYTES_MAX {
            words.add(&[self.context.prompt]);
            return Ok(());
        }
        words.stdin = Some(text_of(self.context.prompt_file)?.to_owned());
        words.notes.push(format!(
            "the prompt has {} KiB, too long for an argument: it travels on standard input",
            bytes / 1024
        ));
        Ok(())
    }

    /// A file in the attempt's own folder, by name.
    fn own_file(&self, name: &str) -> Result<String, AdapterError> {
        Ok(text_of(&self.context.overlay.join(name))?.to_owned())
    }
}

fn codex(making: &Making<'_>, words: &mut Words) -> Result<(), AdapterError> {
    if making.option("sandbox") == Some("danger-full-access") {
        words.add(&["--dangerously-bypass-approvals-and-sandbox"]);
        words.note("`danger-full-access` is set: nothing is asked, nothing is confined");
    } else if let Some(note) = confined(making) {
        words.note(note);
    }
    words.add(&["--skip-git-repo-check"]);
    let bundles = making.context.brief.skills.iter().map(|skill| skill.folder.clone()).collect();
    making.flags(words, &[("addDirs", bundles)], &[]);
    words.add(&["-"]);
    words.stdin = Some(text_of(making.context.prompt_file)?.to_owned());
    if making.grant.options.get("search") == Some(&Value::Bool(true)) {
        words.note("codex exec has no flag for a web search; `search` does nothing");
    }
    Ok(())
}

/// What an agent of codex cannot do in its sandbox: its commands reach no socket, that of the supervisor included. Seen
/// with codex 0.169 on Linux.
fn confined(making: &Making<'_>) -> Option<&'static str> {
    let settings = making.grant.options.get("config").and_then(Value::as_array);
    let opens = |item: &Value| item.as_str().is_some_and(|item| item.replace(' ', "") == NETWORK);
    match making.option("sandbox") {
        Some("read-only") => Some(
            "in the sandbox read-only codex lets no command write or reach the supervisor: the agent cannot ask, and reports \
             by the lines that it prints",
        ),
        _ if settings.into_iter().flatten().any(opens) => None,
        _ => Some(
            "in its sandbox codex lets no command reach the supervisor: the agent reports by a file and cannot ask; \
             `sandbox_workspace_write.network_access=true` in `codex.config` lets it, and opens the network, too",
        ),
    }
}

fn claude(making: &Making<'_>, words: &mut Words) -> Result<(), AdapterError> {
    match making.option("permissionMode") {
        Some("bypassPermissions") => words.note("the configuration says bypassPermissions: nothing is asked"),
        mode => {
            let tools = making.grant.options.get("allowedTools").and_then(Value::as_array);
            let runs = |tool: &Value| tool.as_str().is_some_and(|tool| tool.starts_with("Bash"));
            if !tools.into_iter().flatten().any(runs) {
                words.notes.push(format!(
                    "in permission mode {} claude runs only the commands that its own settings allow; `Bash` in \
                     `claude.allowedTools` allows them here",
                    mode.unwrap_or("default")
                ));
            }
        }
    }
    making.prompt(words)?;
    words.add(&["--no-session-persistence"]);
    let mut settings = making.option(SETTINGS).map(str::to_owned);
    if let Some(text) = overlay::claude_settings(&making.grant.options, making.context.settings_text) {
        let file = making.own_file(overlay::CLAUDE_SETTINGS)?;
        words.files.push((file.clone(), text));
        settings = Some(file);
    }
    making.flags(words, &[], &[(SETTINGS, settings)]);
    let flag = match making.option("appendSystemPromptMode") {
        Some("replace") => "--system-prompt-file",
        _ => "--append-system-prompt-file",
    };
    let file = making.own_file(overlay::CLAUDE_SYSTEM_PROMPT)?;
    words.add(&[flag, &file]);
    words.files.push((file, overlay::system_prompt(making.context)));
    Ok(())
}

fn opencode(making: &Making<'_>, words: &mut Words) -> Result<(), AdapterError> {
    let title = format!("wave-{}", making.context.brief.id);
    let agent = overlay::agent_name(making.option("agent").unwrap_or(&title));
    words.add(&["--agent", &agent]);
    let shown = making.context.brief.skills.iter().flat_map(|skill| skill.all_files()).collect();
    making.flags(words, &[("files", shown)], &[]);
    words.add(&["--title", &title]);
    making.prompt(words)?;
    let config = making.own_file(overlay::OPENCODE_CONFIG)?;
    words.environment.push(("OPENCODE_CONFIG".to_owned(), config.clone()));
    words.files.push((config, overlay::opencode_config(making.context, making.grant, &agent)));
    let prompt = making.own_file(overlay::OPENCODE_PROMPT)?;
    words.files.push((prompt, overlay::system_prompt(making.context)));
    Ok(())
}
