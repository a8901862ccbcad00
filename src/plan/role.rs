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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::config::Config;
    use super::super::fixtures::{LIVE_PROOF, repository, wave_file, with_waves};
    use super::super::project::Project;
    use super::super::wave::{Agent, Context, read};
    use super::{
        Role, Stage, closure_place, in_order, is_cont_eval_report, is_cont_qa_report, is_design_report,
        is_hybrid_design, is_implementation_type, is_proof_centric, is_report_only_cont_eval,
        is_security_report, role_of, stage_of,
    };

    fn agent(heading: &str, sections: &str, owned: &[&str]) -> (Agent, Config) {
        let owned: String = owned.iter().map(|path| format!("- {path}\n")).collect();
        let text = format!(
            "## Agent {heading}\n\n{sections}\n\n### Prompt\n\n```text\nFile ownership:\n{owned}```\n"
        );
        let config = Config::default();
        let context = Context { config: &config, documents: &BTreeMap::new(), runtimes: &[] };
        (read(1, "wave-1.md", &text, &context).wave.agents.remove(0), config)
    }

    fn check(heading: &str, sections: &str, owned: &[&str], role: Role, stage: Stage, builds: bool) {
        let (agent, config) = agent(heading, sections, owned);
        let found =
            (role_of(&agent, &config), stage_of(&agent, &config), is_implementation_type(&agent, &config));
        assert_eq!(found, (role, stage, builds), "{heading} {sections:?} {owned:?}");
    }

    #[test]
    fn the_first_sign_of_a_role_counts() {
        let design = "### Role prompts\n\n- docs/agents/wave-design-role.md";
        let security = "### Capabilities\n\n- security-review";
        check("A0: x", "", &["a"], Role::ContQa, Stage::Closure, false);
        check("A8: x", design, &["a"], Role::Integration, Stage::Closure, false);
        check("A9: x", "", &["a"], Role::Documentation, Stage::Closure, false);
        check("E0: x", "", &["reviews/a.md"], Role::ContEval, Stage::Closure, false);
        check("E0: x", "", &["src/a.rs"], Role::ContEval, Stage::Closure, true);
        check("A1: Infra and deploy", design, &["d/design.md"], Role::Design, Stage::Design, false);
        check("A1: x", design, &["d/design.md", "src/a.rs"], Role::Design, Stage::Design, true);
        check(
            "A1: x",
            "### Role prompts\n\n- x/wave-security-role.md",
            &["a"],
            Role::Security,
            Stage::Closure,
            false,
        );
        check("A1: x", security, &["a"], Role::Security, Stage::Closure, false);
        check("A1: The Infra", "", &["a"], Role::Infra, Stage::Implementation, true);
        check("A1: Infrastructure", "", &["a"], Role::Implementation, Stage::Implementation, true);
        check("A1: x", "### Capabilities\n\n- infra-k8s", &["a"], Role::Infra, Stage::Implementation, true);
        check("A1: Deploy it", "", &["a"], Role::Deploy, Stage::Implementation, true);
        check("A1: x", "### Capabilities\n\n- research", &["a"], Role::Research, Stage::Implementation, true);
        check("A1: x", "", &["a"], Role::Implementation, Stage::Implementation, true);
    }

    #[test]
    fn reports_are_known_by_their_paths() {
        for (path, qa, eval, security, design) in [
            ("docs/reviews/wave-1.md", true, true, false, false),
            ("docs/Review-1.TXT", true, true, false, false),
            ("x/wave-1-cont_qa.md", true, false, false, false),
            ("src/retrieval.md", false, true, false, false),
            ("docs/security.md", false, false, true, false),
            ("docs/api-handoff.md", false, false, false, true),
            ("docs/design/a.rs", false, false, false, false),
            ("preview.md", false, false, false, false),
        ] {
            let found = (
                is_cont_qa_report(path),
                is_cont_eval_report(path),
                is_security_report(path),
                is_design_report(path),
            );
            assert_eq!(found, (qa, eval, security, design), "{path}");
        }
    }

    #[test]
    fn hybrids_are_told_apart() {
        let (one, config) = agent("E0: x", "", &[]);
        assert!(is_report_only_cont_eval(&one, &config));
        let (two, config) = agent("A1: x", "### Capabilities\n\n- design", &["src/a.rs"]);
        assert!(is_hybrid_design(&two, &config));
        let (three, config) = agent("A1: x", "### Capabilities\n\n- design", &["docs/design.md"]);
        assert!(!is_hybrid_design(&three, &config));
    }

    #[test]
    fn stewards_close_in_their_order() {
        let project = Project::read(&repository());
        let order = |number: u32| -> Vec<&str> {
            in_order(&project.waves[&number], &project.config).iter().map(|agent| agent.id.as_str()).collect()
        };
        assert_eq!(order(0), ["A1", "A8", "A9", "A0"]);
        assert_eq!(order(1), ["A1", "A2", "A3", "A4", "A8", "A9", "A0"]);
        let project = Project::read(&with_waves(vec![wave_file(14, LIVE_PROOF)]));
        let ids: Vec<&str> =
            in_order(&project.waves[&14], &project.config).iter().map(|agent| agent.id.as_str()).collect();
        assert_eq!(ids, ["A1", "A6", "A7", "D1", "E0", "A8", "A9", "A0"]);
        let (reviewer, config) = agent("S1: x", "### Capabilities\n\n- security-review", &["a"]);
        assert_eq!(closure_place(&reviewer, &config), Some(1));
    }

    #[test]
    fn proof_is_asked_where_it_counts() {
        for (artifacts, expected) in [
            ("", false),
            ("### Proof artifacts\n\n- a", true),
            ("### Proof artifacts\n\n- path: a | required-for: repo-landed", false),
            ("### Proof artifacts\n\n- path: a | required-for: repo-landed, qa-proved", true),
        ] {
            let (agent, _) = agent("A1: x", artifacts, &["a"]);
            assert_eq!(is_proof_centric(&agent), expected, "{artifacts}");
        }
    }
}
