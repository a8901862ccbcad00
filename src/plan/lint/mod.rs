//! The rule table: rules over a wave in its project, beside what the parser itself finds.
//!
//! Ids `V01` to `V39` name the checks of `@chllming/wave-orchestration` 0.9.15; a check that is not in the table is not
//! made yet. A rule sees one wave with everything it refers to and says what is so; it never stops another rule.

mod agents;
mod components;
mod roles;
#[cfg(test)]
mod tests;

use super::config::Config;
use super::finding::{Finding, Position, Severity};
use super::matrix::Matrix;
use super::role::is_proof_centric;
use super::runtime::{RuntimeId, resolve};
use super::wave::{Agent, AgentNotes, Wave};

/// One check.
pub struct Rule {
    /// Its id, such as `V12`.
    pub id: &'static str,
    /// What must be so, as a sentence.
    pub summary: &'static str,
    check: fn(&Subject<'_>, &mut Report<'_>),
}

/// Every rule, by id.
pub const RULES: [Rule; 19] = [
    Rule { id: "V01", summary: "a wave has at least one agent", check: roles::has_agents },
    Rule { id: "V02", summary: "no agent id stands twice in a wave", check: roles::ids_are_unique },
    Rule { id: "V03", summary: "the configured cont-QA agent is in every wave", check: roles::has_cont_qa },
    Rule {
        id: "V05",
        summary: "promoted components are in the matrix",
        check: components::promotions_are_known,
    },
    Rule { id: "V12", summary: "every agent owns at least one path", check: agents::owns_something },
    Rule { id: "V13", summary: "owned paths stay inside the project", check: agents::owns_inside },
    Rule {
        id: "V14",
        summary: "role documents are markdown files in the configured folder",
        check: agents::imports_from_the_folder,
    },
    Rule {
        id: "V15",
        summary: "an agent that names its runtime has no settings for another one",
        check: agents::settings_fit_the_runtime,
    },
    Rule {
        id: "V17",
        summary: "closure stewards, reviewers and pure designers own no components",
        check: components::stewards_own_none,
    },
    Rule { id: "V18", summary: "agents that build own components", check: components::builders_own_some },
    Rule { id: "V19", summary: "an agent's components are in the matrix", check: components::are_known },
    Rule {
        id: "V20",
        summary: "an agent's components are promoted in its wave",
        check: components::are_promoted,
    },
    Rule { id: "V21", summary: "agents that build have an exit contract", check: agents::has_exit_contract },
    Rule {
        id: "V22",
        summary: "an exit contract has four valid values",
        check: agents::exit_contract_is_valid,
    },
    Rule {
        id: "V23",
        summary: "agents whose work is to be proved live name proof artifacts",
        check: agents::names_proof_artifacts,
    },
    Rule {
        id: "V24",
        summary: "agents whose work is to be proved live do not run on the simulator",
        check: agents::proves_for_real,
    },
    Rule {
        id: "V26",
        summary: "cont-QA imports its role document",
        check: roles::cont_qa_imports_its_document,
    },
    Rule { id: "V27", summary: "cont-QA owns a path for its report", check: roles::cont_qa_owns_a_report },
    Rule {
        id: "V39",
        summary: "every promoted component has an owner that builds",
        check: components::have_an_owner,
    },
];

/// What a rule looks at.
pub(super) struct Subject<'s> {
    /// Settings of the lane.
    pub(super) config: &'s Config,
    /// The component matrix, when there is one.
    pub(super) matrix: Option<&'s Matrix>,
    /// The wave.
    pub(super) wave: &'s Wave,
    /// Places, one entry per agent of the wave.
    pub(super) notes: &'s [AgentNotes],
}

impl<'s> Subject<'s> {
    /// Agents with their places.
    fn agents(&self) -> impl Iterator<Item = (&'s Agent, &'s AgentNotes)> {
        self.wave.agents.iter().zip(self.notes)
    }

    /// Agents that own something, with their places. Without ownership nothing else is asked of an agent.
    fn owners(&self) -> impl Iterator<Item = (&'s Agent, &'s AgentNotes)> {
        self.agents().filter(|(agent, _)| !agent.owned_paths.is_empty())
    }

    /// Whether a rule that begins at `threshold` holds for this wave.
    fn holds(&self, threshold: Option<u32>) -> bool {
        threshold.is_some_and(|from| self.wave.number >= from)
    }
}

/// Where a rule puts what it finds.
pub(super) struct Report<'r> {
    rule: &'static str,
    file: &'r str,
    findings: &'r mut Vec<Finding>,
}

impl Report<'_> {
    /// Something about the whole wave.
    fn wave(&mut self, message: String, hint: &str) {
        self.findings.push(Finding::error(self.rule, self.file, Position::START, message, hint.to_string()));
    }

    /// Something about an agent, at a place.
    fn agent(&mut self, agent: &Agent, place: Position, message: String, hint: &str) {
        let finding = Finding::error(self.rule, self.file, place, message, hint.to_string());
        self.findings.push(finding.of_agent(&agent.id));
    }

    /// The last finding stops nothing after all.
    fn only_a_warning(&mut self) {
        if let Some(last) = self.findings.last_mut() {
            last.severity = Severity::Warning;
        }
    }
}

/// What every rule of the table says about a wave.
pub(super) fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &RULES {
        (rule.check)(
            subject,
            &mut Report { rule: rule.id, file: &subject.wave.file, findings: &mut findings },
        );
    }
    findings
}

/// Rule V24 for a wave that is to be launched: one finding per agent whose work is to be proved live and that would run
/// on the simulator, be it that `forced` (`--executor`) puts it there or its own layers do.
pub fn check_runtime(wave: &Wave, config: &Config, forced: Option<&RuntimeId>) -> Vec<Finding> {
    wave.agents
        .iter()
        .filter(|agent| is_proof_centric(agent) && resolve(agent, config, forced).id.is_local())
        .map(|agent| {
            let (message, hint) = agents::simulated_proof(agent);
            Finding::error("V24", &wave.file, agent.position, message, hint.to_string()).of_agent(&agent.id)
        })
        .collect()
}

/// Whether the checks of a wave need the component matrix: it declares promotions, or a rule about components holds.
pub(super) fn needs_matrix(wave: &Wave, config: &Config) -> bool {
    let validation = &config.validation;
    !wave.component_promotions.is_empty()
        || [validation.component_promotions_from, validation.agent_components_from]
            .into_iter()
            .flatten()
            .any(|from| wave.number >= from)
}
