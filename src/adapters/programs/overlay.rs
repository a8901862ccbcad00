//! Files that claude and opencode are given for one attempt: system prompts, merged settings.

use serde_json::{Map, Value, json};

use super::super::StartContext;
use super::super::prompt::role_word;
use crate::plan::config::Options;
use crate::plan::runtime::derive::Grant;

pub(super) const CLAUDE_SYSTEM_PROMPT: &str = "claude-system-prompt.txt";
pub(super) const CLAUDE_SETTINGS: &str = "claude-settings.json";
pub(super) const OPENCODE_PROMPT: &str = "opencode-agent-prompt.txt";
pub(super) const OPENCODE_CONFIG: &str = "opencode.json";

/// What a runtime is told beside the prompt. Skills stand in the prompt alone, so that no text is there twice.
pub(super) fn system_prompt(context: &StartContext<'_>) -> String {
    let brief = context.brief;
    format!(
        "You work in a wave of agents that Wavedeck runs; nobody sits at this terminal.\n\
         Your runtime is {}.\n\
         You are agent {} ({}), with the role {}.\n\
         The prompt that you are given is your whole task. It goes before general habits, and the repository's own rules \
         (AGENTS.md, CLAUDE.md) hold within it.\n\
         Print the markers that it asks for exactly as they are written there, each on a line of its own.\n\
         Do not leave out or weaken what it requires; say what you could not reach.\n\
         Prefer plain text to ornament: your output is read by programs, too.\n",
        brief.executor.id,
        brief.id,
        brief.title,
        role_word(brief.role)
    )
}

/// Keys of settings that stand in the plan or the configuration itself, with where claude looks for them.
const INLINE: [(&str, Option<&str>); 3] = [
    ("settingsJson", None),
    ("hooksJson", Some("hooks")),
    ("allowedHttpHookUrls", Some("allowedHttpHookUrls")),
];

/// Whether any settings of claude stand in the plan or the configuration itself.
pub(super) fn has_inline_settings(options: &Options) -> bool {
    INLINE.iter().any(|(key, _)| options.get(*key).is_some_and(|value| !is_empty(value)))
}

/// The settings file for claude: `base` (the text of its `settings` file), with the inline settings merged in. `None` when
/// there are none. A base that is no JSON object counts as empty: who reads it says so before this is asked.
pub(super) fn claude_settings(options: &Options, base: Option<&str>) -> Option<String> {
    if !has_inline_settings(options) {
        return None;
    }
    let base: Option<Value> = base.and_then(|text| serde_json::from_str(text).ok());
    let mut settings = base.filter(Value::is_object).unwrap_or_else(|| json!({}));
    for (key, place) in INLINE {
        let Some(value) = options.get(key).filter(|value| !is_empty(value)) else { continue };
        match place {
            None => merge(&mut settings, value.clone()),
            Some(place) => {
                merge(&mut settings, Value::Object(Map::from_iter([(place.to_owned(), value.clone())])))
            }
        }
    }
    Some(pretty(&settings))
}

/// The configuration for opencode: that of the plan and the configuration, with the agent merged in.
pub(super) fn opencode_config(context: &StartContext<'_>, grant: &Grant, agent: &str) -> String {
    let options = &grant.options;
    let mut config = options.get("configJson").cloned().filter(Value::is_object).unwrap_or_else(|| json!({}));
    if config.get("$schema").is_none() {
        merge(&mut config, json!({ "$schema": "https://opencode.ai/config.json" }));
    }
    let texts = |value: Option<&Value>| -> Vec<Value> {
        value.and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let mut instructions: Vec<Value> = texts(config.get("instructions"));
    for item in texts(options.get("instructions")) {
        if !instructions.contains(&item) {
            instructions.push(item);
        }
    }
    let mut own = json!({
        "description": context.brief.title,
        "mode": "primary",
        "prompt": format!("{{file:./{OPENCODE_PROMPT}}}"),
    });
    for (key, value) in [
        ("model", grant.model.clone().map(Value::from)),
        ("steps", options.get("steps").cloned()),
        ("permission", options.get("permission").cloned()),
    ] {
        if let Some(value) = value {
            merge(&mut own, Value::Object(Map::from_iter([(key.to_owned(), value)])));
        }
    }
    let mut agents = Map::new();
    agents.insert(agent.to_owned(), own);
    merge(&mut config, json!({ "agent": agents }));
    if !instructions.is_empty()
        && let Some(config) = config.as_object_mut()
    {
        config.insert("instructions".to_owned(), Value::Array(instructions));
    }
    pretty(&config)
}

/// A name as opencode takes it: lower-case letters, digits and `-`.
pub(super) fn agent_name(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() => slug.push(letter),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_matches('-').to_owned()
}

/// Puts `over` into `value`: objects key by key, anything else replaced.
fn merge(value: &mut Value, over: Value) {
    match (value, over) {
        (Value::Object(below), Value::Object(over)) => {
            for (key, over) in over {
                merge(below.entry(key).or_insert(Value::Null), over);
            }
        }
        (value, over) => *value = over,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
