//! What an agent is in its wave: its runtime role and the stage it runs in.

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::wave::entries::LEVELS;
use super::wave::{Agent, Wave};

/// Runtime role; drives the default runtime and the required part of the envelope. First match wins, in this order:
/// closure ids of the configuration, then design, security, infra, deploy, research, else implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Writes code or documents of its own.
    Implementation,
    /// Decides before others build.
    Design,
    /// Reconciles the slices.
    Integration,
    /// Keeps the shared plan documents true.
    Documentation,
    /// Judges the wave.
    ContQa,
    /// Measures the wave against its eval targets.
    ContEval,
    /// Reviews for security.
    Security,
    /// Operates infrastructure.
    Infra,
    /// Rolls out.
    Deploy,
    /// Finds out.
    Research,
}

/// When in its wave an agent runs. Within a wave the stages run in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Design agents, all together, before anyone builds.
    Design,
    /// Everyone who builds, all together.
    Implementation,
    /// Stewards, strictly one at a time: cont-eval, security, integration, documentation, cont-qa.
    Closure,
}

/// Where security reviewers import their standing prompt from when nothing else is configured.
const SECURITY_DOCUMENT: &str = "docs/agents/wave-security-role.md";
/// The same for design agents.
const DESIGN_DOCUMENT: &str = "docs/agents/wave-design-role.md";

impl Role {
    /// The word that files and the configuration use.
    pub fn word(self) -> &'static str {
        match self {
            Role::Implementation => "implementation",
            Role::Design => "design",
            Role::Integration => "integration",
            Role::Documentation => "documentation",
            Role::ContQa => "cont-qa",
            Role::ContEval => "cont-eval",
            Role::Security => "security",
            Role::Infra => "infra",
            Role::Deploy => "deploy",
            Role::Research => "research",
        }
    }
}

/// The runtime role of an agent. Closure stewards are known by their id alone: importing a role document moves no role.
pub fn role_of(agent: &Agent, config: &Config) -> Role {
    if let Some(role) = role_by_id(agent, config) {
        return role;
    }
    if is_design(agent, config) {
        return Role::Design;
    }
    if is_security_reviewer(agent, config) {
        return Role::Security;
    }
    let says = |word: &str| {
        agent.capabilities.iter().any(|capability| capability.starts_with(word))
            || has_word(&agent.title.to_lowercase(), word)
    };
    match ["infra", "deploy", "research"].into_iter().find(|word| says(word)) {
        Some("infra") => Role::Infra,
        Some("deploy") => Role::Deploy,
        Some(_) => Role::Research,
        None => Role::Implementation,
    }
}

fn role_by_id(agent: &Agent, config: &Config) -> Option<Role> {
    let roles = &config.roles;
    [
        (&roles.cont_qa_agent, Role::ContQa),
        (&roles.cont_eval_agent, Role::ContEval),
        (&roles.integration_agent, Role::Integration),
        (&roles.documentation_agent, Role::Documentation),
    ]
    .into_iter()
    .find(|(id, _)| **id == agent.id)
    .map(|(_, role)| role)
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).any(|found| found == word)
}

/// The stage an agent runs in. A design agent that also owns implementation files comes back in
/// [`Stage::Implementation`] after its design pass ([`is_hybrid_design`]).
pub fn stage_of(agent: &Agent, config: &Config) -> Stage {
    if closure_place(agent, config).is_some() {
        Stage::Closure
    } else if is_design(agent, config) {
        Stage::Design
    } else {
        Stage::Implementation
    }
}

/// An agent's place in the closure sweep: cont-EVAL, security, integration, documentation, cont-QA. `None` for agents
/// that take no part in it. Agents with the same place (several security reviewers) run in file order.
pub fn closure_place(agent: &Agent, config: &Config) -> Option<u8> {
    match role_by_id(agent, config) {
        Some(Role::ContEval) => Some(0),
        Some(Role::Integration) => Some(2),
        Some(Role::Documentation) => Some(3),
        Some(Role::ContQa) => Some(4),
        _ => is_security_reviewer(agent, config).then_some(1),
    }
}

/// The agents of a wave in the order in which their stages run: file order within design and implementation, the order
/// of the sweep within closure.
pub fn in_order<'w>(wave: &'w Wave, config: &Config) -> Vec<&'w Agent> {
    let mut agents: Vec<&Agent> = wave.agents.iter().collect();
    agents.sort_by_key(|agent| (stage_of(agent, config), closure_place(agent, config)));
    agents
}

/// Whether a path is the role document of security reviewers: the configured one, the default one, or any
/// `.../wave-security-role.md`.
pub(super) fn is_security_document(path: &str, config: &Config) -> bool {
    is_document(path, &config.roles.security_document, SECURITY_DOCUMENT, "/wave-security-role.md")
}

/// Whether a path is the role document of design agents, in the same three forms.
pub(super) fn is_design_document(path: &str, config: &Config) -> bool {
    is_document(path, &config.roles.design_document, DESIGN_DOCUMENT, "/wave-design-role.md")
}

fn is_document(path: &str, configured: &str, default: &str, ending: &str) -> bool {
    let path = path.trim().replace('\\', "/");
    path == configured || path == default || path.ends_with(ending)
}

/// Whether an agent reviews for security.
pub fn is_security_reviewer(agent: &Agent, config: &Config) -> bool {
    agent.role_prompt_paths.iter().any(|path| is_security_document(path, config))
        || agent.capabilities.iter().any(|capability| capability == "security-review")
}

/// Whether an agent designs.
pub fn is_design(agent: &Agent, config: &Config) -> bool {
    agent.role_prompt_paths.iter().any(|path| is_design_document(path, config))
        || agent.capabilities.iter().any(|capability| capability == "design")
}

/// Whether a design agent also implements: it owns something that is no design report.
pub fn is_hybrid_design(agent: &Agent, config: &Config) -> bool {
    is_design(agent, config) && agent.owned_paths.iter().any(|path| !is_design_report(path))
}

/// Whether cont-EVAL only reports. It also implements when it owns something that is no eval report.
pub fn is_report_only_cont_eval(agent: &Agent, config: &Config) -> bool {
    agent.id == config.roles.cont_eval_agent && agent.owned_paths.iter().all(|path| is_cont_eval_report(path))
}

/// Whether an agent builds: then components, an exit contract and proof artifacts are asked of it.
pub fn is_implementation_type(agent: &Agent, config: &Config) -> bool {
    let steward =
        [&config.roles.cont_qa_agent, &config.roles.integration_agent, &config.roles.documentation_agent];
    let is_docs_only_design = is_design(agent, config) && !is_hybrid_design(agent, config);
    !steward.contains(&&agent.id)
        && !is_report_only_cont_eval(agent, config)
        && !is_docs_only_design
        && !is_security_reviewer(agent, config)
}

/// Whether an agent's work is to be proved live: it takes a component to `pilot-live` or above, or leaves a proof
/// artifact that is always required or required from there on.
pub fn is_proof_centric(agent: &Agent) -> bool {
    let reaches = |level: &String| {
        let rank = |wanted: &str| LEVELS.iter().position(|known| *known == wanted);
        rank(level).is_some_and(|found| Some(found) >= rank("pilot-live"))
    };
    agent.component_targets.values().flatten().any(reaches)
        || agent
            .proof_artifacts
            .iter()
            .any(|artifact| artifact.required_for.is_empty() || artifact.required_for.iter().any(reaches))
}

/// Whether a path looks like a cont-QA report.
pub fn is_cont_qa_report(path: &str) -> bool {
    is_report(path, Some("review"), &["cont-qa", "cont_qa", "contqa"])
}

/// Whether a path looks like a cont-EVAL report.
pub fn is_cont_eval_report(path: &str) -> bool {
    is_report(path, Some("review"), &["eval"])
}

/// Whether a path looks like a security report.
pub fn is_security_report(path: &str) -> bool {
    is_report(path, None, &["security"])
}

/// Whether a path looks like a design packet.
pub fn is_design_report(path: &str) -> bool {
    is_report(path, None, &["design", "handoff", "decision-lineage"])
}

/// A `.md` or `.txt` file with a path segment that begins with `segment`, or with one of `words` anywhere.
fn is_report(path: &str, segment: Option<&str>, words: &[&str]) -> bool {
    let path = path.trim().replace('\\', "/").to_lowercase();
    let Some(stem) = path.strip_suffix(".md").or_else(|| path.strip_suffix(".txt")) else { return false };
    segment.is_some_and(|segment| stem.split('/').any(|part| part.starts_with(segment)))
        || words.iter().any(|word| stem.contains(word))
}

/// The path under which the report of cont-QA or cont-EVAL is expected: the first owned path that looks like one, else
/// the first owned path.
pub(super) fn report_path(agent: &Agent, is_report: impl Fn(&str) -> bool) -> Option<&String> {
    agent.owned_paths.iter().find(|path| is_report(path)).or_else(|| agent.owned_paths.first())
}
