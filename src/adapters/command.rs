//! The runtime that is any command line: split into words without a shell, placeholders filled in word by word.

use super::environment::agent_environment;
use super::settings::{PromptTransport, RuntimeSettings};
use super::{Adapter, AdapterError, Start, StartContext, text_of};

/// Name of the runtime whose command line `--command` gives.
pub const NAME: &str = "command";

/// Longest prompt that travels as an argument. Linux takes 128 KiB for one argument; the rest is left for what the
/// command line puts around it.
pub const ARGUMENT_BYTES_MAX: usize = 100 * 1024;

/// A runtime that is a command line.
#[derive(Debug, Clone)]
pub struct CommandAdapter {
    name: String,
    words: Vec<String>,
    prompt: PromptTransport,
}

impl CommandAdapter {
    /// Takes the runtime's name and settings.
    ///
    /// # Errors
    /// [`AdapterError::BadCommandLine`] when the command line cannot be split or is empty.
    pub fn new(name: &str, settings: &RuntimeSettings) -> Result<CommandAdapter, AdapterError> {
        let words = shlex::split(&settings.command).filter(|words| !words.is_empty()).ok_or_else(|| {
            AdapterError::BadCommandLine { name: name.to_owned(), command: settings.command.clone() }
        })?;
        Ok(CommandAdapter { name: name.to_owned(), words, prompt: settings.prompt })
    }
}

impl Adapter for CommandAdapter {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self, context: &StartContext<'_>) -> Result<Start, AdapterError> {
        let prompt_placed = self.words.iter().any(|word| word.contains("{prompt}"));
        let prompt_appended = self.prompt == PromptTransport::Argument && !prompt_placed;
        if (prompt_placed || prompt_appended) && context.prompt.len() > ARGUMENT_BYTES_MAX {
            return Err(AdapterError::PromptTooLong {
                name: self.name.clone(),
                bytes: context.prompt.len(),
                limit: ARGUMENT_BYTES_MAX,
            });
        }
        let wave = context.attempt.wave.number.to_string();
        let attempt = context.attempt.number.to_string();
        let values = [
            ("{prompt_file}", text_of(context.prompt_file)?),
            ("{brief_file}", text_of(context.brief_file)?),
            ("{result_file}", text_of(context.result_file)?),
            ("{agent}", context.attempt.agent.as_str()),
            ("{wave}", wave.as_str()),
            ("{attempt}", attempt.as_str()),
            ("{prompt}", context.prompt),
        ];
        let mut command: Vec<String> = self.words.iter().map(|word| filled(word, &values)).collect();
        if prompt_appended {
            command.push(context.prompt.to_owned());
        }
        let stdin = match self.prompt {
            PromptTransport::Stdin => Some(text_of(context.prompt_file)?.to_owned()),
            PromptTransport::File | PromptTransport::Argument => None,
        };
        Ok(Start { command, stdin, environment: agent_environment(context)?, ..Start::default() })
    }
}

/// A word with its placeholders filled in, from left to right and once: what a value brings in is not looked at again.
fn filled(word: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find('{') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        match values.iter().find(|(placeholder, _)| rest.starts_with(placeholder)) {
            Some((placeholder, value)) => {
                text.push_str(value);
                rest = &rest[placeholder.len()..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}
