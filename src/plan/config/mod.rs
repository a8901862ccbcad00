//! `wave.config.json` with its defaults: the part that reading and running waves needs.
//!
//! Keys, defaults and the order of layers (top level, project, lane) are those of the npm package
//! `@chllming/wave-orchestration` 0.9.15. Unlike it, a file that cannot be read is a finding with its place and never
//! silently the same as no file.

mod area;
mod check;
pub mod closure;
pub mod effective;
pub mod keys;
pub(in crate::plan) mod layers;
pub mod likely;
pub mod outside;
pub mod planner;
pub mod profile;
mod read;
pub mod schema;
pub mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::json::Document;
use super::runtime::RuntimeId;
use super::skills::SkillSettings;

use closure::{AutoClosure, ModeThresholds};
use layers::Lookup;
use outside::Outside;
use planner::AgenticPlanner;

pub(super) use layers::is_runtime;

/// Where the configuration is looked for, relative to the project.
pub const CONFIG_FILE: &str = "wave.config.json";

/// Which lane of which project of the file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// A project of `projects`; `None`: the one that the file takes when none is named.
    pub project: Option<&'a str>,
    /// The lane.
    pub lane: &'a str,
}

/// Settings of one lane, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Id of the project, where the file declares it under `projects`; `None` for the one at the top of the file.
    pub project: Option<String>,
    /// Display name.
    pub project_name: String,
    /// The lane that the settings are for.
    pub lane: String,
    /// The ad-hoc run that they are for, see [`Config::of_adhoc_run`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adhoc_run: Option<String>,
    /// Where things are.
    pub paths: Paths,
    /// Who closes a wave, and the documents of the roles.
    pub roles: Roles,
    /// From which wave on which rule holds.
    pub validation: Validation,
    /// Runtimes and profiles.
    pub executors: Executors,
    /// Which runtime for whom.
    pub runtime_policy: RuntimePolicy,
    /// Documents that only the documentation steward may own.
    pub shared_plan_docs: Vec<String>,
    /// Skill bundles and who gets them.
    pub skills: SkillSettings,
    /// Agents that are asked first for a capability.
    pub preferred_agents: BTreeMap<String, Vec<String>>,
    /// How an agent drafts waves.
    pub planner: AgenticPlanner,
    /// Services outside, and credentials.
    pub outside: Outside,
}

/// Folders and files, relative to the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paths {
    /// Documents of the lane.
    pub docs_dir: String,
    /// Plans of the lane.
    pub plans_dir: String,
    /// Wave files of the lane.
    pub waves_dir: String,
    /// Where state that agents read is written.
    pub state_root: String,
    /// The component matrix.
    pub matrix_json: String,
    /// The component matrix for people.
    pub matrix_doc: String,
    /// Context7 bundles.
    pub context7_bundle_index: String,
    /// Benchmarks of eval targets.
    pub benchmark_catalog: String,
    /// State that lanes share: the message board, questions, dependencies.
    pub orchestrator_state: String,
    /// List of terminals for an editor. Wavedeck neither reads nor writes it.
    pub terminals: String,
}

/// Ids of the closure stewards and the documents that agents import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// Folder that every imported document lies in.
    pub role_prompt_dir: String,
    /// Agent id of cont-QA.
    pub cont_qa_agent: String,
    /// Agent id of cont-EVAL.
    pub cont_eval_agent: String,
    /// Agent id of the integration steward.
    pub integration_agent: String,
    /// Agent id of the documentation steward.
    pub documentation_agent: String,
    /// Document of cont-QA.
    pub cont_qa_document: String,
    /// Document of cont-EVAL.
    pub cont_eval_document: String,
    /// Document of the integration steward.
    pub integration_document: String,
    /// Document of the documentation steward.
    pub documentation_document: String,
    /// Document of security reviewers.
    pub security_document: String,
    /// Document of design agents.
    pub design_document: String,
}

/// Thresholds: a rule holds for waves with this number and above; `None` switches it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Exactly one documentation steward.
    pub documentation_steward_from: Option<u32>,
    /// Context7 sections.
    pub context7_from: Option<u32>,
    /// Exit contracts.
    pub exit_contracts_from: Option<u32>,
    /// Exactly one integration steward.
    pub integration_steward_from: Option<u32>,
    /// Component promotions.
    pub component_promotions_from: Option<u32>,
    /// Components of agents.
    pub agent_components_from: Option<u32>,
    /// Strings that every agent's prompt must contain.
    pub required_prompt_references: Vec<String>,
    /// How strict the gates are.
    pub gate_modes: ModeThresholds,
    /// How strict the closure sweep is.
    pub closure_modes: ModeThresholds,
    /// Short ways through the closure sweep.
    pub auto_closure: AutoClosure,
}

/// Runtimes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Executors {
    /// What runs an agent when nothing else says so.
    pub default: RuntimeId,
    /// Model per runtime, where the configuration sets one (`claude`, `opencode`).
    pub models: BTreeMap<RuntimeId, String>,
    /// What the lane sets for a runtime, by the names of the file (`sandbox`, `allowedTools`).
    pub options: BTreeMap<RuntimeId, Options>,
    /// Profiles by lower-cased name.
    pub profiles: BTreeMap<String, Profile>,
}

/// Options of a runtime by their names in the configuration, as JSON values of the shapes that [`keys`] gives them.
pub type Options = BTreeMap<String, serde_json::Value>;

/// An executor profile that agents name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The runtime.
    pub id: Option<RuntimeId>,
    /// The model, for the profile's own runtime.
    pub model: Option<String>,
    /// The model per runtime, so that a fallback has one. A key of ours.
    pub models: BTreeMap<RuntimeId, String>,
    /// Options per runtime.
    pub options: BTreeMap<RuntimeId, Options>,
    /// Runtimes that a retry may fall back to, in order.
    pub fallbacks: Vec<RuntimeId>,
    /// Free words.
    pub tags: Vec<String>,
    /// Turns that one attempt may take.
    pub budget_turns: Option<u32>,
    /// Minutes that one attempt may take.
    pub budget_minutes: Option<u32>,
}

/// Which runtime for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimePolicy {
    /// By runtime role, such as `cont-qa`.
    pub default_by_role: BTreeMap<String, RuntimeId>,
    /// Where a retry goes when neither agent nor profile names fallbacks.
    pub fallback_order: Vec<RuntimeId>,
    /// How many agents of a wave may run on each runtime.
    pub mix_targets: BTreeMap<RuntimeId, u32>,
}

impl Roles {
    /// The documents of the roles.
    pub fn documents(&self) -> impl Iterator<Item = &str> {
        [
            &self.cont_qa_document,
            &self.cont_eval_document,
            &self.integration_document,
            &self.documentation_document,
            &self.security_document,
            &self.design_document,
        ]
        .into_iter()
        .map(String::as_str)
    }
}

impl Default for Config {
    /// The settings of lane `main` of a project without `wave.config.json`.
    fn default() -> Config {
        read::config(&Document::absent(CONFIG_FILE), Address { project: None, lane: "main" })
    }
}

impl Config {
    /// Reads the text of `wave.config.json` (none: the defaults) for a lane of the project that it takes when none is
    /// named. Runtime names are not checked.
    pub fn for_lane(text: Option<&str>, lane: &str) -> (Config, Vec<Finding>) {
        Config::read(CONFIG_FILE, text, Address { project: None, lane }, None)
    }

    /// Reads the configuration; `runtimes` are the names that exist beside the built-in ones, when they are known.
    /// Never fails: what could not be used is a finding, and its default is in its place.
    pub fn read(
        file: &str,
        text: Option<&str>,
        address: Address<'_>,
        runtimes: Option<&[String]>,
    ) -> (Config, Vec<Finding>) {
        let (document, broken) = document(file, text);
        let config = read::config(&document, address);
        let findings = match (text, broken) {
            (_, Some(broken)) => vec![broken],
            (Some(_), None) => check::lane(&document, address, runtimes),
            (None, None) => check::address(&document, address),
        };
        (config, findings)
    }

    /// The lane that the text of `wave.config.json` takes when none is named: `defaultLane`, else `main`.
    pub fn default_lane(text: Option<&str>) -> String {
        read::default_lane(&Lookup { document: &document(CONFIG_FILE, text).0 })
    }

    /// The id of the project that is meant by a name, where it is another one than that which the text takes when none
    /// is named.
    pub fn other_project(text: Option<&str>, name: &str) -> Option<String> {
        let default = read::default_project(&Lookup { document: &document(CONFIG_FILE, text).0 });
        Some(read::identifier(name)).filter(|id| *id != default)
    }

    /// That the project that is meant is none of the text's, when it is none.
    pub fn unknown_project(file: &str, text: Option<&str>, address: Address<'_>) -> Option<Finding> {
        let findings = check::address(&document(file, text).0, address);
        findings.into_iter().find(|finding| finding.rule == check::UNKNOWN_PROJECT)
    }

    /// What is wrong with the whole file, every lane and project of it.
    pub fn check(file: &str, text: &str, runtimes: &[String]) -> Vec<Finding> {
        let (document, broken) = document(file, Some(text));
        match broken {
            Some(broken) => vec![broken],
            None => check::file(&document, runtimes),
        }
    }

    /// The lanes of a configuration: the one that holds when none is named, then those that it has settings for.
    pub fn lanes(text: Option<&str>) -> Vec<String> {
        let mut lanes = vec![Config::default_lane(text)];
        let named = document(CONFIG_FILE, text).0.members("/lanes");
        for (name, _) in named {
            let lane = read::identifier(&name);
            if !lanes.contains(&lane) {
                lanes.push(lane);
            }
        }
        lanes
    }

    /// Folder of the lane's `wave-<n>.md` files.
    pub fn waves_directory(&self) -> &str {
        &self.paths.waves_dir
    }

    /// Where older projects keep their waves: looked into only when [`Config::waves_directory`] does not exist.
    pub fn legacy_waves_directory(&self) -> String {
        format!("{}/waves", self.paths.docs_dir)
    }

    /// The component matrix.
    pub fn matrix_path(&self) -> &str {
        &self.paths.matrix_json
    }

    /// Folder of the role documents (`*.md`).
    pub fn role_prompt_directory(&self) -> &str {
        &self.roles.role_prompt_dir
    }

    /// Folder of run state that agents and scripts read: `paths.stateRoot`, with a folder of its own for a project that
    /// is declared under `projects`.
    pub fn state_root(&self) -> String {
        match &self.project {
            Some(project) => format!("{}/projects/{project}", self.paths.state_root),
            None => self.paths.state_root.clone(),
        }
    }

    /// Folder of what lanes share, `orchestratorStateDir`: questions, the message board. With a folder of its own for a
    /// project that is declared under `projects`.
    pub fn orchestrator_directory(&self) -> String {
        match &self.project {
            Some(project) => format!("{}/projects/{project}", self.paths.orchestrator_state),
            None => self.paths.orchestrator_state.clone(),
        }
    }

    /// Folder of a lane's run state, such as `.tmp/main-wave-launcher`.
    pub fn state_directory(&self) -> String {
        let of_run = self.adhoc_run.as_ref().map(|run| format!("/adhoc/{run}")).unwrap_or_default();
        format!("{}/{}-wave-launcher{of_run}", self.state_root(), self.lane)
    }

    /// The same for an ad-hoc run in a folder: its waves and its run state lie there and in a folder of its own, and it
    /// promotes no components.
    pub fn of_adhoc_run(mut self, run: &str, folder: &str) -> Config {
        self.adhoc_run = Some(run.to_string());
        self.paths.waves_dir = folder.to_string();
        self.validation.component_promotions_from = None;
        self.validation.agent_components_from = None;
        self
    }
}

/// The text as values with places; nothing for no text. A syntax error is a finding.
fn document(file: &str, text: Option<&str>) -> (Document, Option<Finding>) {
    match text {
        Some(text) => Document::read(file, text, layers::NOT_JSON),
        None => (Document::absent(file), None),
    }
}
