//! What an agent runs on, value by value, and which layer said so: the one place where layers meet.
//!
//! The order of the layers is that of the npm package `@chllming/wave-orchestration` 0.9.15: the agent's `### Executor`,
//! its profile, the role's or the lane's default; what a launch says goes before all of them. Lists of several layers are joined there and can only grow; here an item
//! that begins with `!` takes what a layer above granted away again (`!*`: all of it).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Overrides, ResolvedExecutor, RuntimeId, Sandbox, resolve};
use crate::plan::config::keys::RUNTIME_OPTIONS;
use crate::plan::config::shape::{Key, Shape};
use crate::plan::config::{Config, Options, Profile};
use crate::plan::role::{is_proof_centric, role_of};
use crate::plan::wave::Agent;
use crate::plan::wave::executor::parsed_name;

/// A value and who gave it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derived {
    /// What it is a value of, such as `model` or `claude.allowedTools`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// The layer that gave it, in words; for a list each layer that added to it or took from it.
    pub from: String,
}

/// What an agent has on one runtime.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The model, where one is set.
    pub model: Option<String>,
    /// Options by their names in the configuration, defaults filled in. Empty for runtimes that take none.
    pub options: Options,
}

/// What an agent runs on, with its derivation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derivation {
    /// The runtime, model, budget and fallbacks.
    pub resolved: ResolvedExecutor,
    /// What it has on every runtime that it may run on, the fallbacks' included.
    #[serde(skip)]
    pub grants: BTreeMap<RuntimeId, Grant>,
    /// The layer that gives the fallbacks, or keeps them away.
    #[serde(skip)]
    pub fallbacks_from: String,
    /// Every value with its layer.
    pub values: Vec<Derived>,
}

/// Derives what an agent runs on.
pub fn derive(agent: &Agent, config: &Config, overrides: &Overrides) -> Derivation {
    let forced = overrides.runtime.as_ref();
    let resolved = resolve(agent, config, forced);
    let layers = Layers {
        agent,
        config,
        codex_sandbox: overrides.codex_sandbox,
        profile: agent.executor.profile.as_ref().and_then(|name| config.executors.profiles.get(name)),
    };
    let mut values = vec![layers.runtime(&resolved)];
    let reachable: Vec<RuntimeId> =
        [resolved.id.clone()].into_iter().chain(resolved.fallbacks.iter().cloned()).collect();
    let mut grants: BTreeMap<RuntimeId, Grant> =
        reachable.iter().map(|id| (id.clone(), Grant::default())).collect();
    for id in &reachable {
        let Some((model, from)) = layers.model(id, &resolved) else { continue };
        let key = if *id == resolved.id { "model".to_string() } else { format!("model on {id}") };
        values.push(Derived { key, value: model.clone().into(), from });
        grants.entry(id.clone()).or_default().model = Some(model);
    }
    values.extend(layers.budget());
    let fallbacks = layers.fallbacks(&resolved, forced);
    let fallbacks_from = fallbacks.from.clone();
    values.push(fallbacks);
    if forced.is_none() {
        values.extend(reachable.iter().filter_map(|id| layers.ceiling(id)));
    }
    for (runtime, keys) in RUNTIME_OPTIONS {
        let id = RuntimeId(runtime.to_string());
        if !reachable.contains(&id) {
            continue;
        }
        let mut found = Options::new();
        for key in keys.iter().filter(|key| key.name != "model") {
            let Some((value, from)) = layers.option(&id, key) else { continue };
            values.push(Derived { key: format!("{runtime}.{}", key.name), value: value.clone(), from });
            found.insert(key.name.to_string(), value);
        }
        grants.entry(id).or_default().options = found;
    }
    Derivation { resolved, grants, fallbacks_from, values }
}

struct Layers<'a> {
    agent: &'a Agent,
    config: &'a Config,
    codex_sandbox: Option<Sandbox>,
    profile: Option<&'a Profile>,
}

impl Layers<'_> {
    fn profile_words(&self) -> String {
        format!("profile {}", self.agent.executor.profile.as_deref().unwrap_or_default())
    }

    fn runtime(&self, resolved: &ResolvedExecutor) -> Derived {
        let role = role_of(self.agent, self.config).word();
        let from = match resolved.selected_by.as_str() {
            "override" => "--executor".to_string(),
            "agent-id" => "id of the agent".to_string(),
            "agent-profile" => self.profile_words(),
            "lane-role-default" => format!("runtimePolicy.defaultExecutorByRole.{role}"),
            _ => "executors.default".to_string(),
        };
        Derived { key: "runtime".into(), value: resolved.id.0.clone().into(), from }
    }

    /// The model that the agent has on a runtime. What agent and profile name is for the runtime that they chose; for any
    /// other one there is the profile's model of that runtime, then the lane's.
    fn model(&self, id: &RuntimeId, resolved: &ResolvedExecutor) -> Option<(String, String)> {
        let of_profile = self.profile.and_then(|profile| profile.models.get(id));
        if *id == resolved.id
            && let Some(model) = &resolved.model
        {
            let from = if self.agent.executor.model.as_ref() == Some(model) {
                "model of the agent".to_string()
            } else if [of_profile, self.profile.and_then(|profile| profile.model.as_ref())]
                .contains(&Some(model))
            {
                self.profile_words()
            } else {
                format!("executors.{id}.model")
            };
            return Some((model.clone(), from));
        }
        if let Some(model) = of_profile {
            return Some((model.clone(), self.profile_words()));
        }
        self.config.executors.models.get(id).map(|model| (model.clone(), format!("executors.{id}.model")))
    }

    fn budget(&self) -> Vec<Derived> {
        let choice = &self.agent.executor;
        let of_profile = |number: fn(&Profile) -> Option<u32>| self.profile.and_then(number);
        let one = |key: &str, own: Option<u32>, profile: Option<u32>| {
            let value = own.or(profile)?;
            let from = if own.is_some() { "the agent".to_string() } else { self.profile_words() };
            Some(Derived { key: key.to_string(), value: value.into(), from })
        };
        [
            one("budget.minutes", choice.budget_minutes, of_profile(|profile| profile.budget_minutes)),
            one("budget.turns", choice.budget_turns, of_profile(|profile| profile.budget_turns)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn fallbacks(&self, resolved: &ResolvedExecutor, forced: Option<&RuntimeId>) -> Derived {
        let choice = &self.agent.executor;
        let declared =
            !choice.fallbacks.is_empty() || self.profile.is_some_and(|profile| !profile.fallbacks.is_empty());
        let from = if forced.is_some() {
            "--executor: nobody leaves the runtime that it names".to_string()
        } else if choice.allow_fallback_on_retry == Some(false) {
            "allow-fallback-on-retry of the agent".to_string()
        } else if choice.allow_fallback_on_retry.is_none() && choice.retry_policy.as_deref() == Some("sticky")
        {
            "retry-policy of the agent".to_string()
        } else if choice.allow_fallback_on_retry.is_none()
            && choice.retry_policy.is_none()
            && is_proof_centric(self.agent)
        {
            "its work is to be proved live, so it stays".to_string()
        } else if declared {
            "fallbacks of profile and agent".to_string()
        } else {
            "runtimePolicy.fallbackExecutorOrder".to_string()
        };
        let names: Vec<&str> = resolved.fallbacks.iter().map(|id| id.0.as_str()).collect();
        Derived { key: "fallbacks".into(), value: names.into(), from }
    }

    /// How many agents of a wave may run there, closure stewards included.
    fn ceiling(&self, id: &RuntimeId) -> Option<Derived> {
        let most = *self.config.runtime_policy.mix_targets.get(id)?;
        let from = "runtimePolicy.runtimeMixTargets".to_string();
        Some(Derived { key: format!("ceiling on {id}"), value: most.into(), from })
    }

    /// The agent's own value of an option; its keys stand as `runtime.snake_case`.
    fn own(&self, id: &RuntimeId, key: &str) -> Option<&Value> {
        let prefix = format!("{id}.");
        self.agent
            .executor
            .settings
            .iter()
            .find(|(name, _)| name.starts_with(&prefix) && parsed_name(name) == Some(key))
            .map(|(_, value)| value)
    }

    fn option(&self, id: &RuntimeId, key: &Key) -> Option<(Value, String)> {
        if let (Some(sandbox), "codex", "sandbox") = (self.codex_sandbox, id.0.as_str(), key.name) {
            return Some((sandbox.word().into(), "--codex-sandbox".to_string()));
        }
        let lane = self.config.executors.options.get(id).and_then(|options| options.get(key.name));
        let profile = self
            .profile
            .and_then(|profile| profile.options.get(id))
            .and_then(|options| options.get(key.name));
        let own = self.own(id, key.name);
        let layers = [
            (lane, format!("executors.{id}")),
            (profile, self.profile_words()),
            (own, "the agent".to_string()),
        ];
        if matches!(key.shape, Shape::Texts | Shape::Paths) {
            return joined(&layers);
        }
        let last = layers.into_iter().rev().find_map(|(value, from)| Some((value?.clone(), from)));
        last.or_else(|| Some((serde_json::from_str(key.default).ok()?, "default".to_string())))
    }
}

/// The lists of the layers, joined; an item `!x` takes x away again.
fn joined(layers: &[(Option<&Value>, String)]) -> Option<(Value, String)> {
    let mut items: Vec<String> = Vec::new();
    let mut from: Vec<String> = Vec::new();
    for (value, layer) in layers {
        let Some(added) = value.and_then(Value::as_array) else { continue };
        let (mut adds, mut takes) = (false, false);
        for item in added.iter().filter_map(Value::as_str) {
            match item.strip_prefix('!') {
                Some("*") => {
                    items.clear();
                    takes = true;
                }
                Some(taken) => {
                    items.retain(|known| known != taken);
                    takes = true;
                }
                None if items.iter().any(|known| known == item) => {}
                None => {
                    items.push(item.to_string());
                    adds = true;
                }
            }
        }
        match (adds, takes) {
            (true, _) => from.push(layer.clone()),
            (false, true) => from.push(format!("narrowed by {layer}")),
            (false, false) => {}
        }
    }
    (!from.is_empty()).then(|| (items.into(), from.join(" + ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::derive;
    use crate::plan::config::Config;
    use crate::plan::runtime::{Overrides, RuntimeId, Sandbox};
    use crate::plan::wave::{Context, read};

    const CONFIG: &str = r#"{"executors": {"default": "codex",
        "codex": {"sandbox": "read-only", "addDirs": ["a"]}, "claude": {"model": "m1", "allowedTools": ["Read", "Bash"]},
        "profiles": {"review": {"id": "claude", "models": {"codex": "c2"}, "fallbacks": ["codex"],
            "claude": {"allowedTools": ["Grep"]}, "codex": {"addDirs": ["b"]}, "budget": {"minutes": 30}}}}}"#;

    fn check(executor: &str, forced: Option<&str>, expected: &[&str]) {
        let runtime = forced.map(|name| RuntimeId(name.to_string()));
        check_with(executor, &Overrides { runtime, codex_sandbox: None }, expected);
    }

    fn check_with(executor: &str, overrides: &Overrides, expected: &[&str]) {
        let (config, findings) = Config::for_lane(Some(CONFIG), "main");
        assert_eq!(findings, []);
        let text =
            format!("## Agent A1: x\n### Executor\n{executor}\n### Prompt\n```\nFile ownership\n- a\n```\n");
        let context = Context { config: &config, documents: &BTreeMap::new(), runtimes: &[] };
        let reading = read(1, "wave-1.md", &text, &context);
        assert!(
            reading.findings.iter().all(|finding| finding.rule.starts_with('W')),
            "{:#?}",
            reading.findings
        );
        let found = derive(&reading.wave.agents[0], &config, overrides);
        let defaults = |from: &str| from == "default";
        let lines: Vec<String> = found
            .values
            .iter()
            .filter(|derived| !defaults(&derived.from))
            .map(|derived| format!("{} {} ({})", derived.key, derived.value, derived.from))
            .collect();
        assert_eq!(lines, expected, "{executor:?}");
    }

    #[test]
    fn every_value_says_where_it_is_from() {
        check(
            "- id: codex",
            None,
            &[
                "runtime \"codex\" (id of the agent)",
                "fallbacks [] (runtimePolicy.fallbackExecutorOrder)",
                "codex.sandbox \"read-only\" (executors.codex)",
                "codex.addDirs [\"a\"] (executors.codex)",
            ],
        );
        check(
            "- profile: review\n- budget.minutes: 5",
            None,
            &[
                "runtime \"claude\" (profile review)",
                "model \"m1\" (executors.claude.model)",
                "model on codex \"c2\" (profile review)",
                "budget.minutes 5 (the agent)",
                "fallbacks [\"codex\"] (fallbacks of profile and agent)",
                "codex.sandbox \"read-only\" (executors.codex)",
                "codex.addDirs [\"a\",\"b\"] (executors.codex + profile review)",
                "claude.allowedTools [\"Read\",\"Bash\",\"Grep\"] (executors.claude + profile review)",
            ],
        );
    }

    #[test]
    fn a_launch_says_what_codex_may_touch_wherever_codex_runs() {
        let overrides = Overrides { runtime: None, codex_sandbox: Some(Sandbox::ReadOnly) };
        check_with(
            "- profile: review\n- model: m",
            &overrides,
            &[
                "runtime \"claude\" (profile review)",
                "model \"m\" (model of the agent)",
                "model on codex \"c2\" (profile review)",
                "budget.minutes 30 (profile review)",
                "fallbacks [\"codex\"] (fallbacks of profile and agent)",
                "codex.sandbox \"read-only\" (--codex-sandbox)",
                "codex.addDirs [\"a\",\"b\"] (executors.codex + profile review)",
                "claude.allowedTools [\"Read\",\"Bash\",\"Grep\"] (executors.claude + profile review)",
            ],
        );
        let overrides =
            Overrides { codex_sandbox: Some(Sandbox::DangerFullAccess), ..Overrides::on("codex") };
        check_with(
            "- id: claude",
            &overrides,
            &[
                "runtime \"codex\" (--executor)",
                "fallbacks [] (--executor: nobody leaves the runtime that it names)",
                "codex.sandbox \"danger-full-access\" (--codex-sandbox)",
                "codex.addDirs [\"a\"] (executors.codex)",
            ],
        );
    }

    #[test]
    fn an_agent_narrows_what_is_granted_above() {
        check(
            "- profile: review\n- claude.allowed_tools: !Bash\n- allow-fallback-on-retry: no",
            None,
            &[
                "runtime \"claude\" (profile review)",
                "model \"m1\" (executors.claude.model)",
                "budget.minutes 30 (profile review)",
                "fallbacks [] (allow-fallback-on-retry of the agent)",
                "claude.allowedTools [\"Read\",\"Grep\"] (executors.claude + profile review + narrowed by the agent)",
            ],
        );
        check(
            "- id: claude\n- claude.allowed_tools: !*, Edit",
            Some("claude"),
            &[
                "runtime \"claude\" (--executor)",
                "model \"m1\" (executors.claude.model)",
                "fallbacks [] (--executor: nobody leaves the runtime that it names)",
                "claude.allowedTools [\"Edit\"] (executors.claude + the agent)",
            ],
        );
    }
}
