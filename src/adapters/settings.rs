//! `.wavedeck/config.toml`: the runtimes that a project adds, and how the room looks. Unknown keys are errors with their
//! place, since a typing error here would start the wrong program.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::DeTable;

use crate::plan::config::likely::likely;

/// What stands in `.wavedeck/config.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `[runtimes.NAME]`, by name.
    #[serde(default)]
    pub runtimes: BTreeMap<String, RuntimeSettings>,
    /// `[room]`.
    #[serde(default)]
    pub room: RoomSettings,
}

/// `[room]`: how the room looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomSettings {
    /// Name of a theme, or the path of a theme file that ends with `.toml`.
    pub theme: Option<String>,
}

/// One `[runtimes.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeSettings {
    /// The command line, split into words as a shell would, without a shell. Placeholders: `{prompt_file}`, `{prompt}`,
    /// `{brief_file}`, `{result_file}`, `{agent}`, `{wave}`, `{attempt}`.
    pub command: String,
    /// How the prompt travels; `file` by default.
    #[serde(default)]
    pub prompt: PromptTransport,
}

/// How a prompt reaches a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PromptTransport {
    /// In the file that `WAVEDECK_PROMPT` and `{prompt_file}` name.
    #[default]
    File,
    /// On standard input, redirected from that file; output still goes to the terminal.
    Stdin,
    /// As the last argument, unless `{prompt}` puts it elsewhere.
    Argument,
}

/// Why the settings could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct SettingsError {
    /// The file, as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A value as it stands in a settings file.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsEntry {
    /// Its key, such as `room.theme`.
    pub key: String,
    /// The value.
    pub value: serde_json::Value,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Settings {
    /// Reads the text of a settings file; `file` is its name for messages. An empty text gives the defaults.
    ///
    /// # Errors
    /// [`SettingsError`] with the place of the first mistake: TOML syntax, an unknown key, a missing command, an unknown
    /// way for the prompt, or a runtime name that nothing could refer to.
    pub fn read(file: &str, text: &str) -> Result<Settings, SettingsError> {
        let settings: Settings = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let (line, column) = place(text, offset);
            let message = error.message().to_owned();
            SettingsError { file: file.to_owned(), line, column, hint: hint(&message), message }
        })?;
        for name in settings.runtimes.keys() {
            let problem = if name == "local" {
                Some("`local` is the built-in simulator and cannot be another program".to_owned())
            } else if name.is_empty()
                || !name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
            {
                Some(format!(
                    "the runtime name `{name}` may hold lower-case letters, digits, `-`, `_` and `.` only"
                ))
            } else {
                None
            };
            if let Some(message) = problem {
                let (line, column) = place(text, text.find(name.as_str()).unwrap_or(0));
                let hint = "give it another name".to_owned();
                return Err(SettingsError { file: file.to_owned(), line, column, message, hint });
            }
        }
        Ok(settings)
    }

    /// These settings where they say something, `below` where they do not: runtimes by name, the theme.
    pub fn over(self, below: Settings) -> Settings {
        let Settings { mut runtimes, room } = below;
        runtimes.extend(self.runtimes);
        Settings { runtimes, room: RoomSettings { theme: self.room.theme.or(room.theme) } }
    }

    /// The JSON Schema of a settings file.
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Settings).to_value()
    }

    /// Every value of a settings file with its place, by key. Nothing of a text that is no TOML.
    pub fn entries(text: &str) -> Vec<SettingsEntry> {
        let (Ok(values), Ok(places)) = (toml::from_str(text), DeTable::parse(text)) else {
            return Vec::new();
        };
        let mut entries = Vec::new();
        list(text, "", &values, places.get_ref(), &mut entries);
        entries
    }

    /// Names of the runtimes that the file adds, in order.
    pub fn names(&self) -> Vec<String> {
        self.runtimes.keys().cloned().collect()
    }
}

fn list(
    text: &str,
    above: &str,
    values: &serde_json::Map<String, serde_json::Value>,
    places: &DeTable<'_>,
    entries: &mut Vec<SettingsEntry>,
) {
    for (name, value) in places {
        let Some(plain) = values.get(name.get_ref().as_ref()) else { continue };
        let key = format!("{above}{}", name.get_ref());
        match (plain, value.get_ref().as_table()) {
            (serde_json::Value::Object(inner), Some(table)) => {
                list(text, &format!("{key}."), inner, table, entries);
            }
            _ => {
                let (line, column) = place(text, value.span().start);
                entries.push(SettingsEntry { key, value: plain.clone(), line, column });
            }
        }
    }
}

/// What to do about a message such as ``unknown field `x`, expected `y` or `z` ``.
fn hint(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    match words.next() {
        Some(written) if message.starts_with("unknown") => likely(written, words, "what stands there may be"),
        _ => "mend it; until then nothing of this file is used".to_owned(),
    }
}

/// Line and column of a byte offset.
fn place(text: &str, offset: usize) -> (u32, u32) {
    let before: String = text.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
