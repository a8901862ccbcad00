//! Which runtime an agent runs on: the words for runtimes, what an agent chose, and what the layers make of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A runtime by name: `codex`, `claude`, `opencode`, `local`, or a name from `[runtimes.NAME]` of
/// `.wavedeck/config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuntimeId(pub String);

impl RuntimeId {
    /// Whether this is the built-in agent simulator, which may not carry proof-centric work (rule V24).
    pub fn is_local(&self) -> bool {
        self.0 == "local"
    }
}

impl fmt::Display for RuntimeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `### Executor` of an agent, as written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExecutorChoice {
    /// `id`.
    pub id: Option<RuntimeId>,
    /// `profile`, lower-cased.
    pub profile: Option<String>,
    /// `model`.
    pub model: Option<String>,
    /// `fallbacks`.
    pub fallbacks: Vec<RuntimeId>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `retry-policy`: `sticky` or `fallback-allowed`.
    pub retry_policy: Option<String>,
    /// `allow-fallback-on-retry`.
    pub allow_fallback_on_retry: Option<bool>,
    /// `budget.turns`.
    pub budget_turns: Option<u32>,
    /// `budget.minutes`.
    pub budget_minutes: Option<u32>,
    /// `codex.*`, `claude.*`, `opencode.*` with the prefix kept, as typed JSON values (lists split, booleans read).
    pub settings: BTreeMap<String, serde_json::Value>,
}

/// What an agent will run on, and which layer said so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedExecutor {
    /// The runtime.
    pub id: RuntimeId,
    /// `override` (the `--executor` flag), `agent-id`, `agent-profile`, `lane-role-default` or `lane-default`.
    pub selected_by: String,
    /// Model, where one is set.
    pub model: Option<String>,
    /// Minutes that one attempt may run, from agent or profile.
    pub budget_minutes: Option<u32>,
    /// Runtimes that a retry may fall back to, in order.
    pub fallbacks: Vec<RuntimeId>,
}
