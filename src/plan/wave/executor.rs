//! `### Executor`: which keys there are, what values they take.

use std::ops::Range;

use serde_json::Value;

use super::super::finding::Position;
use super::super::runtime::{ExecutorChoice, RuntimeId};
use super::super::text::Entry;
use super::entries::{Keys, Reader, unwrapped};
use super::outline::Part;
use super::read::Context;
use super::rules;

/// What a key's value must be.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    List,
    Boolean,
    Positive,
    Object,
    Json,
    OneOf(&'static [&'static str]),
}

/// Settings that belong to one runtime, as `runtime.key`, with the name that the parsed shape gives the key.
const SETTINGS: [(&str, &str, Kind); 32] = [
    ("codex.command", "command", Kind::Text),
    ("codex.sandbox", "sandbox", Kind::OneOf(&["read-only", "workspace-write", "danger-full-access"])),
    ("codex.profile_name", "profileName", Kind::Text),
    ("codex.config", "config", Kind::List),
    ("codex.search", "search", Kind::Boolean),
    ("codex.images", "images", Kind::List),
    ("codex.add_dirs", "addDirs", Kind::List),
    ("codex.json", "json", Kind::Boolean),
    ("codex.ephemeral", "ephemeral", Kind::Boolean),
    ("claude.command", "command", Kind::Text),
    ("claude.agent", "agent", Kind::Text),
    ("claude.permission_mode", "permissionMode", Kind::Text),
    ("claude.permission_prompt_tool", "permissionPromptTool", Kind::Text),
    ("claude.effort", "effort", Kind::OneOf(&["low", "medium", "high", "max"])),
    ("claude.max_turns", "maxTurns", Kind::Positive),
    ("claude.mcp_config", "mcpConfig", Kind::List),
    ("claude.settings", "settings", Kind::Text),
    ("claude.settings_json", "settingsJson", Kind::Object),
    ("claude.hooks_json", "hooksJson", Kind::Object),
    ("claude.allowed_http_hook_urls", "allowedHttpHookUrls", Kind::List),
    ("claude.output_format", "outputFormat", Kind::OneOf(&["text", "json", "stream-json"])),
    ("claude.allowed_tools", "allowedTools", Kind::List),
    ("claude.disallowed_tools", "disallowedTools", Kind::List),
    ("opencode.command", "command", Kind::Text),
    ("opencode.agent", "agent", Kind::Text),
    ("opencode.attach", "attach", Kind::Text),
    ("opencode.files", "files", Kind::List),
    ("opencode.format", "format", Kind::OneOf(&["default", "json"])),
    ("opencode.steps", "steps", Kind::Positive),
    ("opencode.instructions", "instructions", Kind::List),
    ("opencode.permission", "permission", Kind::Json),
    ("opencode.config_json", "configJson", Kind::Object),
];

/// The name that the parsed shape of the predecessor gives a setting, such as `addDirs` for `codex.add_dirs`.
pub(in crate::plan) fn parsed_name(setting: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|(key, _, _)| *key == setting).map(|(_, name, _)| *name)
}

/// The key of `### Executor` for a setting that the parsed shape calls `name`, such as `codex.add_dirs` for `addDirs`.
pub(in crate::plan) fn setting_named(runtime: &str, name: &str) -> Option<&'static str> {
    SETTINGS
        .iter()
        .find(|(key, parsed, _)| *parsed == name && key.split('.').next() == Some(runtime))
        .map(|(key, _, _)| *key)
}

/// Reads the section; the choice is default where nothing valid is said. `entries` gets the place of every key.
pub(super) fn executor(
    reader: &mut Reader<'_, '_>,
    section: &str,
    range: Range<usize>,
    context: &Context<'_>,
    entries: &mut Vec<(&'static str, String, Position)>,
) -> ExecutorChoice {
    let mut choice = ExecutorChoice::default();
    for (key, value) in reader.pairs(section, range, Keys::Dotted) {
        entries.push((Part::Executor.name(), key.to_string(), reader.position(value.offset)));
        let value = Entry { text: unwrapped(value.text), offset: value.offset };
        if value.text.is_empty() {
            let message = format!("`{key}` of `{section}` is empty");
            reader.error(rules::VALUE, value.offset, message, "give it a value or remove the line");
            continue;
        }
        let text = value.text.to_string();
        match key {
            "id" => choice.id = runtime(reader, key, value.text, value.offset, context),
            "profile" => choice.profile = Some(profile(reader, value, context)),
            "model" => choice.model = Some(text),
            "fallbacks" => {
                choice.fallbacks = list(value.text)
                    .iter()
                    .filter_map(|name| runtime(reader, key, name, value.offset, context))
                    .collect();
            }
            "tags" => choice.tags = list(value.text),
            "retry-policy" => {
                let kind = Kind::OneOf(&["sticky", "fallback-allowed"]);
                choice.retry_policy =
                    typed(reader, key, value, kind).and_then(|value| value.as_str().map(str::to_string));
            }
            "allow-fallback-on-retry" => {
                choice.allow_fallback_on_retry =
                    typed(reader, key, value, Kind::Boolean).and_then(|value| value.as_bool());
            }
            "budget.turns" => choice.budget_turns = positive(reader, key, value),
            "budget.minutes" => choice.budget_minutes = positive(reader, key, value),
            _ => setting(reader, key, value, &mut choice),
        }
    }
    choice
}

fn setting(reader: &mut Reader<'_, '_>, key: &str, value: Entry<'_>, choice: &mut ExecutorChoice) {
    let Some((_, _, kind)) = SETTINGS.iter().find(|(known, _, _)| *known == key) else {
        reader.error(
            rules::EXECUTOR_KEY,
            value.offset,
            format!("`{key}` is no key of `### Executor`"),
            "the keys are id, profile, model, fallbacks, tags, retry-policy, allow-fallback-on-retry, budget.turns, \
             budget.minutes and those of codex, claude and opencode",
        );
        return;
    };
    if let Some(value) = typed(reader, key, value, *kind) {
        choice.settings.insert(key.to_string(), value);
    }
}

fn runtime(
    reader: &mut Reader<'_, '_>,
    key: &str,
    name: &str,
    offset: usize,
    context: &Context<'_>,
) -> Option<RuntimeId> {
    let id = RuntimeId(name.trim().to_lowercase());
    let exact = RuntimeId(name.trim().to_string());
    if let Some(known) = [exact, id].into_iter().find(|id| context.knows_runtime(id)) {
        return Some(known);
    }
    reader.error(
        rules::UNKNOWN_RUNTIME,
        offset,
        format!("`{name}` (`{key}`) is no runtime"),
        "the runtimes are codex, claude, opencode, local and those of `[runtimes.NAME]` in .wavedeck/config.toml",
    );
    None
}

fn profile(reader: &mut Reader<'_, '_>, value: Entry<'_>, context: &Context<'_>) -> String {
    let name = value.text.to_lowercase();
    if !context.config.executors.profiles.contains_key(&name) {
        let known: Vec<&str> = context.config.executors.profiles.keys().map(String::as_str).collect();
        let hint = match known.is_empty() {
            true => "the configuration has no executor profiles; add it under executors.profiles".to_string(),
            false => format!("the profiles are {}", known.join(", ")),
        };
        let message = format!("the configuration has no executor profile `{name}`");
        reader.error(rules::UNKNOWN_RUNTIME, value.offset, message, &hint);
    }
    name
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|item| unwrapped(item).to_string()).filter(|item| !item.is_empty()).collect()
}

fn positive(reader: &mut Reader<'_, '_>, key: &str, value: Entry<'_>) -> Option<u32> {
    typed(reader, key, value, Kind::Positive)
        .and_then(|value| value.as_u64())
        .and_then(|number| u32::try_from(number).ok())
}

fn typed(reader: &mut Reader<'_, '_>, key: &str, value: Entry<'_>, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Text => Some(Value::from(value.text)),
        Kind::List => Some(Value::from(list(value.text))),
        Kind::Boolean => match value.text.to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(Value::from(true)),
            "false" | "0" | "no" | "off" => Some(Value::from(false)),
            _ => wrong(reader, key, value, "true or false"),
        },
        Kind::Positive => number(reader, key, value),
        Kind::OneOf(words) => {
            let word = value.text.to_lowercase();
            match words.contains(&word.as_str()) {
                true => Some(Value::from(word)),
                false => wrong(reader, key, value, &format!("one of {}", words.join(", "))),
            }
        }
        Kind::Object | Kind::Json => match serde_json::from_str::<Value>(value.text) {
            Ok(read) if read.is_object() || matches!(kind, Kind::Json) => Some(read),
            Ok(_) => wrong(reader, key, value, "a JSON object on one line"),
            Err(error) => wrong(reader, key, value, &format!("JSON on one line ({error})")),
        },
    }
}

/// A number above zero. Like the predecessor, what follows the digits is not read; unlike it, that is said.
fn number(reader: &mut Reader<'_, '_>, key: &str, value: Entry<'_>) -> Option<Value> {
    let rest = value.text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = value.text.get(..value.text.len() - rest.len()).unwrap_or_default();
    let Some(number) = digits.parse::<u32>().ok().filter(|number| *number > 0) else {
        return wrong(reader, key, value, "a whole number above zero");
    };
    if !rest.is_empty() {
        reader.warning(
            rules::PARTLY_READ,
            value.offset,
            format!("`{key}` is read as {number}; `{}` after it is not read", rest.trim()),
            "write the number alone",
        );
    }
    Some(Value::from(number))
}

fn wrong(reader: &mut Reader<'_, '_>, key: &str, value: Entry<'_>, wanted: &str) -> Option<Value> {
    let message = format!("`{}` is no value for `{key}`", value.text);
    reader.error(rules::VALUE, value.offset, message, &format!("write {wanted}"));
    None
}
