//! The rule table: rules over a wave in its project, beside what the parser itself finds.
//!
//! Ids `V01` to `V39` name the checks of `@chllming/wave-orchestration` 0.9.15, `W..` are ours, `C..` concern files that
//! the configuration names. A rule sees one wave with everything it refers to and says what is so; it never stops another
//! rule. What only all waves of a lane show together (numbers that are missing) is found where they are all known.

mod agents;
#[cfg(test)]
mod cases;
pub mod catalogue;
mod components;
pub(super) mod deploying;
pub(super) mod lane_wide;
mod own;
mod promotions;
#[cfg(test)]
mod reading_cases;
mod references;
mod roles;
mod stewards;
#[cfg(test)]
mod tests;

use super::benchmarks::Benchmarks;
use super::bundles::Bundles;
use super::config::Config;
use super::config::profile::ProjectProfile;
use super::finding::{Finding, Position, Severity};
use super::matrix::Matrix;
use super::role::is_proof_centric;
use super::runtime::{RuntimeId, resolve};
use super::skills::Skills;
use super::wave::{Agent, AgentNotes, Places, Wave};

/// One check.
pub struct Rule {
    /// Its id, such as `V12`.
    pub id: &'static str,
    /// Whether what it finds stops the wave.
    pub severity: Severity,
    /// What must be so, as a sentence.
    pub summary: &'static str,
    check: Check,
}

/// Every rule, by id.
pub const RULES: [Rule; 56] = [
    error("C07", "Context7 bundles that agents get are in the bundle index", references::bundles_are_known),
    error("C08", "skills that agents name are there", references::skills_are_known),
    error("V01", "a wave has at least one agent", roles::has_agents),
    error("V02", "no agent id stands twice in a wave", roles::ids_are_unique),
    error("V03", "the configured cont-QA agent is in every wave", roles::has_cont_qa),
    error("V04", "a wave with agents that build promotes something", promotions::are_declared),
    error("V05", "promoted components are in the matrix", components::promotions_are_known),
    error("V06", "promotions name levels of the matrix", promotions::name_known_levels),
    error("V07", "promotions stand in the matrix", promotions::stand_in_the_matrix),
    error(
        "V08",
        "promotions reach the level that the matrix says",
        promotions::reach_the_level_of_the_matrix,
    ),
    error("V09", "no component is promoted below where it stands", promotions::go_forward),
    error(
        "V10",
        "what the matrix promotes by a wave, the wave promotes",
        promotions::are_those_of_the_matrix,
    ),
    error("V11", "a matrix that is needed is there", promotions::have_a_matrix),
    error("V12", "every agent owns at least one path", agents::owns_something),
    error("V13", "owned paths stay inside the project", agents::owns_inside),
    error(
        "V14",
        "role documents are markdown files in the configured folder",
        agents::imports_from_the_folder,
    ),
    error(
        "V15",
        "an agent that names its runtime has no settings for another one",
        agents::settings_fit_the_runtime,
    ),
    error("V16", "every agent declares a Context7 bundle", references::agents_declare_context7),
    error(
        "V17",
        "closure stewards, reviewers and pure designers own no components",
        components::stewards_own_none,
    ),
    error("V18", "agents that build own components", components::builders_own_some),
    error("V19", "an agent's components are in the matrix", components::are_known),
    error("V20", "an agent's components are promoted in its wave", components::are_promoted),
    error("V21", "agents that build have an exit contract", agents::has_exit_contract),
    error("V22", "an exit contract has four valid values", agents::exit_contract_is_valid),
    error(
        "V23",
        "agents whose work is to be proved live name proof artifacts",
        agents::names_proof_artifacts,
    ),
    error(
        "V24",
        "agents whose work is to be proved live do not run on the simulator",
        agents::proves_for_real,
    ),
    error("V25", "every prompt names the required references", references::prompts_name_the_references),
    error("V26", "cont-QA imports its role document", roles::cont_qa_imports_its_document),
    error("V27", "cont-QA owns a path for its report", roles::cont_qa_owns_a_report),
    error(
        "V28",
        "cont-EVAL has its document, a report and targets of the catalogue",
        stewards::cont_eval_can_measure,
    ),
    error("V29", "eval targets have a cont-EVAL agent", stewards::somebody_measures),
    error("V30", "security reviewers import their document and own a report", stewards::reviewers_can_report),
    error("V31", "designers import their document and own a report", stewards::designers_can_hand_over),
    error("V32", "nobody closes a wave in two roles", stewards::nobody_closes_twice),
    error("V33", "one agent is the integration steward", stewards::one_integrates),
    error("V34", "one agent is the documentation steward", stewards::one_documents),
    error("V35", "the documentation steward owns the shared plan documents", stewards::documents_are_owned),
    error("V36", "nobody else owns a shared plan document", stewards::documents_are_owned_once),
    error("V37", "a wave declares its Context7 defaults", references::the_wave_declares_context7),
    error("V38", "no runtime has more agents than its ceiling", references::the_mix_is_kept),
    error("V39", "every promoted component has an owner that builds", components::have_an_owner),
    warning("W12", "agents that run side by side own different paths", own::nobody_owns_the_same),
    warning("W13", "a wave has a commit message", own::has_a_commit_message),
    warning("W15", "capabilities are of use", own::capabilities_are_of_use),
    warning("W17", "a validation says something", own::validation_says_something),
    warning("W18", "a wave that deploys says how that is taken back", deploying::deploying_can_be_taken_back),
    error(
        "W19",
        "a dark-factory wave that acts on an environment knows it",
        deploying::a_dark_factory_knows_its_environment,
    ),
    warning("W20", "one deploy environment is the default", deploying::one_environment_is_the_default),
    warning("W21", "kinds of deploy environments are known", deploying::kinds_are_known),
    warning("W22", "files that are owed are asked for", own::what_is_owed_is_asked_for),
    warning("W23", "a live change under oversight asks a person", deploying::oversight_has_a_gate),
    warning(
        "W25",
        "deploy environments are those of the project profile",
        deploying::environments_are_those_of_the_profile,
    ),
    warning("W26", "no agent switches approvals off", own::approvals_stay_on),
    warning("W27", "who imports a steward's document has the steward's id", own::stewards_have_their_ids),
    warning("W28", "no item of a list is cut at a comma", own::list_values_are_whole),
    warning("W29", "prompts have at most 100 KiB", own::prompts_are_not_huge),
];

/// A rule that stops the wave.
const fn error(id: &'static str, summary: &'static str, check: Check) -> Rule {
    Rule { id, severity: Severity::Error, summary, check }
}

/// A rule that stops nothing.
const fn warning(id: &'static str, summary: &'static str, check: Check) -> Rule {
    Rule { id, severity: Severity::Warning, summary, check }
}

type Check = fn(&Subject<'_>, &mut Report<'_>);

/// What a rule looks at.
pub(super) struct Subject<'s> {
    /// Settings of the lane.
    pub(super) config: &'s Config,
    /// The component matrix, when it could be read.
    pub(super) matrix: Option<&'s Matrix>,
    /// Whether the file of the component matrix is there, readable or not.
    pub(super) has_matrix_file: bool,
    /// The benchmark catalogue, when it could be read.
    pub(super) benchmarks: Option<&'s Benchmarks>,
    /// The Context7 bundles, when their index could be read.
    pub(super) bundles: Option<&'s Bundles>,
    /// The skill bundles.
    pub(super) skills: &'s Skills,
    /// The project profile; that of a project without one where there is none.
    pub(super) profile: &'s ProjectProfile,
    /// Whether the wave is over, so that what it promoted may have gone on since.
    pub(super) is_completed: bool,
    /// The wave.
    pub(super) wave: &'s Wave,
    /// Places of the wave's own sections.
    pub(super) places: &'s Places,
    /// Places, one entry per agent.
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
    rule: &'static Rule,
    file: &'r str,
    findings: &'r mut Vec<Finding>,
}

impl Report<'_> {
    /// Something about the whole wave.
    fn wave(&mut self, message: String, hint: &str) {
        self.at(Position::START, message, hint);
    }

    /// Something about the whole wave, at a place.
    fn at(&mut self, place: Position, message: String, hint: &str) {
        let finding = Finding::error(self.rule.id, self.file, place, message, hint.to_string());
        self.findings.push(Finding { severity: self.rule.severity, ..finding });
    }

    /// Something about an entry of a wave's own section; about the section, then the file, where it is not there.
    fn part(&mut self, subject: &Subject<'_>, section: &str, entry: &str, message: String, hint: &str) {
        self.at(subject.places.of(section, entry, Position::START), message, hint);
    }

    /// Something about an agent, at a place.
    fn agent(&mut self, agent: &Agent, place: Position, message: String, hint: &str) {
        self.at(place, message, hint);
        if let Some(last) = self.findings.last_mut() {
            last.agent = Some(agent.id.clone());
        }
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
        (rule.check)(subject, &mut Report { rule, file: &subject.wave.file, findings: &mut findings });
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
