//! One kind of runtime each: how it is started, how its output is heard, and how its result is read.
//!
//! An adapter turns a brief into a command line and an environment; it starts nothing itself and keeps no state. What an
//! agent printed or wrote is read here, too, because runtimes differ in how they say it. This
//! module uses plan, engine and session.

pub mod command;
pub mod envelope;
pub mod environment;
pub mod local;
pub mod marker;
pub mod plain_text;
pub mod presence;
mod programs;
pub mod prompt;
pub mod settings;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::engine::AttemptKey;
use crate::engine::brief::AgentBrief;
use crate::plan::runtime::RuntimeId;
use command::CommandAdapter;
use local::LocalAdapter;
use settings::{PromptTransport, RuntimeSettings, Settings};

/// What an adapter may use to start an attempt. Every file named here but the result stands before the start; every path
/// is absolute.
#[derive(Debug, Clone, Copy)]
pub struct StartContext<'a> {
    /// Which attempt.
    pub attempt: &'a AttemptKey,
    /// What the agent is to do.
    pub brief: &'a AgentBrief,
    /// The compiled prompt.
    pub prompt: &'a str,
    /// The compiled prompt in a file.
    pub prompt_file: &'a Path,
    /// The brief in a JSON file: an [`environment::BriefFile`].
    pub brief_file: &'a Path,
    /// Where an envelope file is looked for at the end.
    pub result_file: &'a Path,
    /// Folder for the files of [`Start::files`].
    pub overlay: &'a Path,
    /// Text of the file that [`Adapter::settings_file`] names.
    pub settings_text: Option<&'a str>,
    /// The project; the process starts here.
    pub project_dir: &'a Path,
    /// Its id in `projects` of the configuration; `None` for the one that is taken when none is named.
    pub project_id: Option<&'a str>,
    /// This program, for agents that call back.
    pub program: &'a Path,
    /// The supervisor's socket.
    pub socket: &'a Path,
    /// Proves to the supervisor that the caller is this attempt.
    pub token: &'a str,
}

/// How to start an attempt's process. The process starts in the project's folder, in a terminal of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// Program and arguments, as a person would type them. Standard output is the terminal.
    pub command: Vec<String>,
    /// The file that is its standard input; `None`: the terminal.
    pub stdin: Option<String>,
    /// Variables set on top of those that the supervisor inherited: everything that
    /// [`environment::agent_environment`] gives, then what this runtime needs.
    pub environment: Vec<(String, String)>,
    /// Files that have to stand before the start, path and text.
    pub files: Vec<(String, String)>,
    /// What an operator should know, sentences.
    pub notes: Vec<String>,
}

/// Redirects standard input of what it is given from `$0`, then becomes it. Words travel as arguments, so nothing has to
/// be quoted.
const FROM_FILE: &str = r#"exec "$@" < "$0""#;

impl Start {
    /// The words that start the process in its terminal, standard input included.
    pub fn words(&self) -> Vec<String> {
        let redirected = self.stdin.iter().flat_map(|file| ["/bin/sh", "-c", FROM_FILE, file]);
        redirected.map(str::to_owned).chain(self.command.iter().cloned()).collect()
    }
}

/// One kind of runtime.
pub trait Adapter: Send + Sync + std::fmt::Debug {
    /// The runtime's name as plans write it.
    fn name(&self) -> &str;

    /// A settings file, relative to the project, whose text the start needs; most need none.
    fn settings_file(&self, _brief: &AgentBrief) -> Option<String> {
        None
    }

    /// How to start an attempt. Pure: reads no file and starts nothing.
    ///
    /// # Errors
    /// [`AdapterError::PromptTooLong`] when the prompt cannot travel the way the runtime takes it,
    /// [`AdapterError::PathNotText`] when a path is no valid UTF-8.
    fn start(&self, context: &StartContext<'_>) -> Result<Start, AdapterError>;

    /// Whether the plain text that an attempt printed (all of it, and nothing of an earlier one) speaks of a rate limit.
    /// Only asked when the process failed.
    fn rate_limited(&self, text: &str) -> bool {
        speaks_of_rate_limit(text)
    }
}

/// Why an attempt cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// Nobody told what the runtime is.
    #[error("the runtime `{name}` is not known; nothing was started. {hint}")]
    UnknownRuntime {
        /// Its name.
        name: String,
        /// What to do.
        hint: String,
    },
    /// The runtime `command` without a command.
    #[error(
        "the runtime `command` needs a command line; nothing was started. Give one with `--command \"...\"`, or put \
         `[runtimes.command]` with `command = \"...\"` into .wavedeck/config.toml"
    )]
    NoCommand,
    /// A command line that no shell could split either.
    #[error(
        "the command line of the runtime `{name}` cannot be split into words: a quote is not closed, or it is empty: {command}"
    )]
    BadCommandLine {
        /// The runtime.
        name: String,
        /// Its command line.
        command: String,
    },
    /// The prompt is longer than one argument may be.
    #[error(
        "the prompt has {bytes} bytes, and one argument may have {limit}; nothing was started. Let the runtime `{name}` read it from \
         `{{prompt_file}}`, or set `prompt = \"stdin\"`"
    )]
    PromptTooLong {
        /// The runtime.
        name: String,
        /// Length of the prompt.
        bytes: usize,
        /// Longest prompt that travels as an argument.
        limit: usize,
    },
    /// A path that no command line can carry as text.
    #[error("the path {path:?} is not valid UTF-8, and a command line needs it as text; nothing was started")]
    PathNotText {
        /// The path.
        path: PathBuf,
    },
}

/// The adapter for a runtime.
///
/// `command_line` is what `--command` said for this launch: it goes before a `[runtimes.command]` entry, and its prompt
/// travels as a file named by `WAVEDECK_PROMPT` unless its placeholders ask for more. An entry `[runtimes.NAME]` goes
/// before the built-in meaning of NAME, except for `local`, which is always the simulator.
///
/// # Errors
/// [`AdapterError::UnknownRuntime`], [`AdapterError::NoCommand`], [`AdapterError::BadCommandLine`], each with what to do.
pub fn find(
    runtime: &RuntimeId,
    settings: &Settings,
    command_line: Option<&str>,
) -> Result<Box<dyn Adapter>, AdapterError> {
    let name = runtime.0.as_str();
    if runtime.is_local() {
        return Ok(Box::new(LocalAdapter::from_environment()));
    }
    if let (command::NAME, Some(command)) = (name, command_line) {
        let settings = RuntimeSettings { command: command.to_owned(), prompt: PromptTransport::File };
        return Ok(Box::new(CommandAdapter::new(name, &settings)?));
    }
    if let Some(settings) = settings.runtimes.get(name) {
        return Ok(Box::new(CommandAdapter::new(name, settings)?));
    }
    if name == command::NAME {
        return Err(AdapterError::NoCommand);
    }
    if let Some(adapter) = programs::find(name) {
        return Ok(Box::new(adapter));
    }
    let configured: Vec<&str> = settings.runtimes.keys().map(String::as_str).collect();
    Err(AdapterError::UnknownRuntime {
        name: name.to_owned(),
        hint: if configured.is_empty() {
            "There are codex, claude, opencode, `local`, `command`, and what `[runtimes.NAME]` in .wavedeck/config.toml adds (nothing yet)".to_owned()
        } else {
            format!(
                "There are codex, claude, opencode, `local`, `command`, and from .wavedeck/config.toml: {}",
                configured.join(", ")
            )
        },
    })
}

/// The four phrases that npm `@chllming/wave-orchestration` 0.9.15 looks for, in any case.
fn speaks_of_rate_limit(text: &str) -> bool {
    static PHRASES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)429 Too Many Requests|exceeded retry limit|last status: 429|rate limit").ok()
    });
    PHRASES.as_ref().is_some_and(|phrases| phrases.is_match(text))
}

/// A path as text for a command line or an environment.
fn text_of(path: &Path) -> Result<&str, AdapterError> {
    path.to_str().ok_or_else(|| AdapterError::PathNotText { path: path.to_owned() })
}

#[cfg(test)]
mod tests;
