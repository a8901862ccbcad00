//! What an agent of a spec runs on: the spelling of the spec, and that of `### Executor`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::runtime::{ExecutorChoice, RuntimeId};
use super::super::wave::executor::{parsed_name, setting_named};
use super::spec::or_default;

/// `executor` of an agent of a spec. Settings of a runtime have the names of the configuration (`addDirs`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SpecExecutor {
    /// Profile of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RuntimeId>,
    /// Model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Where a retry may go.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub fallbacks: Vec<RuntimeId>,
    /// Free words.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// `sticky` or `fallback-allowed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_policy: Option<String>,
    /// Whether a retry may go elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_fallback_on_retry: Option<bool>,
    /// What one attempt may use.
    #[serde(skip_serializing_if = "SpecBudget::is_none", deserialize_with = "or_default")]
    pub budget: SpecBudget,
    /// Settings of Codex.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub codex: BTreeMap<String, Value>,
    /// Settings of Claude Code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub claude: BTreeMap<String, Value>,
    /// Settings of OpenCode.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub opencode: BTreeMap<String, Value>,
}

/// What one attempt may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpecBudget {
    /// Turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turns: Option<u32>,
    /// Minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

impl SpecBudget {
    fn is_none(&self) -> bool {
        *self == SpecBudget::default()
    }
}

impl SpecExecutor {
    /// One that names a profile and nothing else.
    pub fn of_profile(profile: &str) -> SpecExecutor {
        SpecExecutor { profile: Some(profile.to_string()), ..SpecExecutor::default() }
    }

    /// What the lines of `### Executor` came to.
    pub(super) fn of(choice: &ExecutorChoice) -> SpecExecutor {
        let ExecutorChoice {
            id,
            profile,
            model,
            fallbacks,
            tags,
            retry_policy,
            allow_fallback_on_retry,
            budget_turns,
            budget_minutes,
            settings,
        } = choice;
        let mut executor = SpecExecutor {
            profile: profile.clone(),
            id: id.clone(),
            model: model.clone(),
            fallbacks: fallbacks.clone(),
            tags: tags.clone(),
            retry_policy: retry_policy.clone(),
            allow_fallback_on_retry: *allow_fallback_on_retry,
            budget: SpecBudget { turns: *budget_turns, minutes: *budget_minutes },
            ..SpecExecutor::default()
        };
        for (key, value) in settings {
            let group = match key.split('.').next() {
                Some("codex") => &mut executor.codex,
                Some("claude") => &mut executor.claude,
                Some("opencode") => &mut executor.opencode,
                _ => continue,
            };
            if let Some(name) = parsed_name(key) {
                group.insert(name.to_string(), value.clone());
            }
        }
        executor
    }

    /// The lines of `### Executor`: key and value.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let ids = |ids: &[RuntimeId]| ids.iter().map(RuntimeId::to_string).collect::<Vec<_>>().join(", ");
        let simple = [
            ("profile", self.profile.clone()),
            ("id", self.id.as_ref().map(RuntimeId::to_string)),
            ("model", self.model.clone()),
            ("fallbacks", Some(ids(&self.fallbacks))),
            ("tags", Some(self.tags.join(", "))),
            ("retry-policy", self.retry_policy.clone()),
            ("allow-fallback-on-retry", self.allow_fallback_on_retry.map(|allowed| allowed.to_string())),
            ("budget.turns", self.budget.turns.map(|turns| turns.to_string())),
            ("budget.minutes", self.budget.minutes.map(|minutes| minutes.to_string())),
        ];
        let settings = [("codex", &self.codex), ("claude", &self.claude), ("opencode", &self.opencode)]
            .into_iter()
            .flat_map(|(runtime, group)| group.iter().map(move |(name, value)| (runtime, name, value)))
            .map(|(runtime, name, value)| {
                // A name that no table knows is written as it is: the reader says that it is unknown.
                let key =
                    setting_named(runtime, name).map_or_else(|| format!("{runtime}.{name}"), str::to_string);
                (key, shown(value))
            });
        simple
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_string(), value?)))
            .chain(settings)
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

/// A setting as a line says it: words as they are, lists with commas, objects as JSON on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
