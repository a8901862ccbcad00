//! Which runtime an agent runs on: the words for runtimes, what an agent chose, and what the layers make of it.

pub mod derive;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::role::{is_proof_centric, role_of};
use super::wave::Agent;

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

/// What codex may touch, as its own words say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// Read, and write nothing.
    ReadOnly,
    /// Write below the folder that it works in.
    WorkspaceWrite,
    /// Anything.
    DangerFullAccess,
}

impl Sandbox {
    /// Every sandbox, the tightest first.
    pub const ALL: [Sandbox; 3] = [Sandbox::ReadOnly, Sandbox::WorkspaceWrite, Sandbox::DangerFullAccess];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Sandbox::ReadOnly => "read-only",
            Sandbox::WorkspaceWrite => "workspace-write",
            Sandbox::DangerFullAccess => "danger-full-access",
        }
    }
}

/// What a launch says over everything that is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--executor`: the runtime of every agent.
    pub runtime: Option<RuntimeId>,
    /// `--codex-sandbox`: the sandbox of every agent that codex runs.
    pub codex_sandbox: Option<Sandbox>,
}

impl Overrides {
    /// Every agent on this runtime, and nothing else.
    pub fn on(runtime: &str) -> Overrides {
        Overrides { runtime: Some(RuntimeId(runtime.to_owned())), codex_sandbox: None }
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

/// What an agent runs on. First that says something: `forced` (`--executor`), the agent's `id`, the `id` of its profile,
/// the lane's default for its role, the lane's default.
///
/// Unlike `@chllming/wave-orchestration` 0.9.15, where every role default beats the flag, `forced` wins over all. Then
/// the agent's model is kept only when it was written for that very runtime, and nothing falls back to another one.
pub fn resolve(agent: &Agent, config: &Config, forced: Option<&RuntimeId>) -> ResolvedExecutor {
    let choice = &agent.executor;
    let profile = choice.profile.as_ref().and_then(|name| config.executors.profiles.get(name));
    let by_role = config.runtime_policy.default_by_role.get(role_of(agent, config).word());
    let (written, selected_by) = match (&choice.id, profile.and_then(|profile| profile.id.as_ref()), by_role)
    {
        (Some(id), _, _) => (id, "agent-id"),
        (None, Some(id), _) => (id, "agent-profile"),
        (None, None, Some(id)) => (id, "lane-role-default"),
        (None, None, None) => (&config.executors.default, "lane-default"),
    };
    let id = forced.unwrap_or(written);
    let own_model = choice.model.clone().or_else(|| profile.and_then(|profile| profile.model.clone()));
    let model = own_model
        .filter(|_| id == written)
        .or_else(|| profile.and_then(|profile| profile.models.get(id).cloned()))
        .or_else(|| config.executors.models.get(id).cloned());
    ResolvedExecutor {
        id: id.clone(),
        selected_by: if forced.is_some() { "override" } else { selected_by }.to_string(),
        model,
        budget_minutes: choice.budget_minutes.or_else(|| profile.and_then(|profile| profile.budget_minutes)),
        fallbacks: if forced.is_some() { Vec::new() } else { fallbacks(agent, config, id) },
    }
}

/// Where a retry may go: what profile and agent list, else the lane's order without the runtime itself; nothing when
/// the agent is to stay where it is. Proof-centric agents stay unless they say otherwise, and never go to the simulator.
fn fallbacks(agent: &Agent, config: &Config, id: &RuntimeId) -> Vec<RuntimeId> {
    let choice = &agent.executor;
    let may_move = choice
        .allow_fallback_on_retry
        .or_else(|| choice.retry_policy.as_ref().map(|policy| policy != "sticky"))
        .unwrap_or_else(|| !is_proof_centric(agent));
    if !may_move {
        return Vec::new();
    }
    let profile = choice.profile.as_ref().and_then(|name| config.executors.profiles.get(name));
    let mut declared: Vec<RuntimeId> = Vec::new();
    for id in profile.iter().flat_map(|profile| &profile.fallbacks).chain(&choice.fallbacks) {
        if !declared.contains(id) {
            declared.push(id.clone());
        }
    }
    if declared.is_empty() {
        declared =
            config.runtime_policy.fallback_order.iter().filter(|other| *other != id).cloned().collect();
    }
    declared.retain(|other| !(other.is_local() && is_proof_centric(agent)));
    declared
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::config::Config;
    use super::super::wave::{Agent, Context, read};
    use super::{RuntimeId, resolve};

    const CONFIG: &str = r#"{
        "executors": {"default": "opencode", "claude": {"model": "lane-model"},
            "profiles": {"fast": {"id": "codex", "model": "p", "fallbacks": ["claude"], "budget": {"minutes": 45}},
                         "free": {"fallbacks": ["local"]}}},
        "runtimePolicy": {"defaultExecutorByRole": {"cont-qa": "claude"},
            "fallbackExecutorOrder": ["claude", "opencode", "codex"]}
    }"#;

    fn agent(id: &str, executor: &str, more: &str) -> (Agent, Config) {
        let (config, findings) = Config::for_lane(Some(CONFIG), "main");
        assert_eq!(findings, []);
        let text = format!(
            "## Agent {id}: x\n### Executor\n{executor}\n{more}\n### Prompt\n```\nFile ownership\n- a\n- p\n```\n"
        );
        let context = Context { config: &config, documents: &BTreeMap::new(), runtimes: &[] };
        let mut reading = read(1, "wave-1.md", &text, &context);
        (reading.wave.agents.remove(0), config)
    }

    fn check(id: &str, executor: &str, forced: Option<&str>, expected: &str) {
        let (agent, config) = agent(id, executor, "");
        let forced = forced.map(|name| RuntimeId(name.to_string()));
        let found = resolve(&agent, &config, forced.as_ref());
        let fallbacks: Vec<&str> = found.fallbacks.iter().map(|id| id.0.as_str()).collect();
        let found = format!(
            "{} by {} model {} minutes {} then {}",
            found.id,
            found.selected_by,
            found.model.as_deref().unwrap_or("-"),
            found.budget_minutes.map_or("-".to_string(), |minutes| minutes.to_string()),
            fallbacks.join(","),
        );
        assert_eq!(found, expected, "{id} {executor:?} {forced:?}");
    }

    #[test]
    fn the_first_layer_that_says_something_decides() {
        check(
            "A1",
            "- id: claude\n- profile: fast",
            None,
            "claude by agent-id model p minutes 45 then claude",
        );
        check(
            "A1",
            "- profile: fast\n- model: m",
            None,
            "codex by agent-profile model m minutes 45 then claude",
        );
        check(
            "A1",
            "- profile: fast\n- budget.minutes: 5",
            None,
            "codex by agent-profile model p minutes 5 then claude",
        );
        check(
            "A0",
            "- profile: free",
            None,
            "claude by lane-role-default model lane-model minutes - then local",
        );
        check("A0", "", None, "claude by lane-role-default model lane-model minutes - then opencode,codex");
        check("A1", "", None, "opencode by lane-default model - minutes - then claude,codex");
    }

    #[test]
    fn a_forced_runtime_wins_over_everything() {
        check("A1", "- id: codex\n- model: m", Some("codex"), "codex by override model m minutes - then ");
        check("A1", "- id: codex\n- model: m", Some("local"), "local by override model - minutes - then ");
        check(
            "A0",
            "- profile: fast",
            Some("claude"),
            "claude by override model lane-model minutes 45 then ",
        );
    }

    #[test]
    fn who_is_to_stay_has_no_fallbacks() {
        check("A1", "- id: codex\n- retry-policy: sticky", None, "codex by agent-id model - minutes - then ");
        check(
            "A1",
            "- id: codex\n- allow-fallback-on-retry: no\n- fallbacks: claude",
            None,
            "codex by agent-id model - minutes - then ",
        );
        let proved = "### Proof artifacts\n- p";
        let (sticky, config) = agent("A1", "- id: codex", proved);
        assert_eq!(resolve(&sticky, &config, None).fallbacks, []);
        let willing = "- id: codex\n- allow-fallback-on-retry: yes\n- fallbacks: local, claude";
        let (willing, config) = agent("A1", willing, proved);
        assert_eq!(resolve(&willing, &config, None).fallbacks, [RuntimeId("claude".into())]);
    }
}
