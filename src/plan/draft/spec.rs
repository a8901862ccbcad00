//! The spec of a wave: `specs/wave-<n>.json` beside the wave files.
//!
//! Keys and their spelling are those of npm `@chllming/wave-orchestration` 0.9.15. Keys that nobody knows are kept, so a
//! spec that is read and written again loses nothing. Two keys of an agent are ours: `track`, and `prompt` for a prompt
//! that is not in the planner's layout.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::super::finding::{Finding, Position, Severity};
use super::super::json::Document;
use super::super::wave::{
    ComponentPromotion, Context7, DeployEnvironment, EvalTarget, ExitContract, ProofArtifact, WaveNumber,
};
use super::executor::SpecExecutor;

/// What a wave is to be, as a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec {
    /// 1.
    pub schema_version: u32,
    /// When it was written, as ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<String>,
    /// `adhoc` or `roadmap`, where it came from a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_kind: Option<String>,
    /// The ad-hoc run that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// The ad-hoc run that it was promoted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_run_id: Option<String>,
    /// What was asked for, where it came from tasks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requested_tasks: Vec<RequestedTask>,
    /// Of the project profile.
    #[serde(deserialize_with = "or_default")]
    pub project_profile: SpecProject,
    /// The template that it was drafted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Lane.
    pub lane: String,
    /// Number.
    pub wave: WaveNumber,
    /// Title.
    pub title: String,
    /// Commit message; empty for none.
    #[serde(deserialize_with = "or_default")]
    pub commit_message: String,
    /// Posture: `oversight` or `dark-factory`.
    pub oversight_mode: Option<String>,
    /// Why now.
    pub sequencing_note: Option<String>,
    /// What counts when documents disagree.
    pub reference_rule: Option<String>,
    /// Environments that its agents act on.
    #[serde(deserialize_with = "or_default")]
    pub deploy_environments: Vec<DeployEnvironment>,
    /// Documentation bundle of agents that name none.
    pub context7_defaults: Option<Context7>,
    /// What cont-EVAL measures.
    #[serde(deserialize_with = "or_default")]
    pub eval_targets: Vec<EvalTarget>,
    /// Which component reaches which level.
    #[serde(deserialize_with = "or_default")]
    pub component_promotions: Vec<ComponentPromotion>,
    /// What the component matrix is to say of them.
    #[serde(deserialize_with = "or_default")]
    pub components_catalog: Vec<CatalogEntry>,
    /// Agents, in the order of the file.
    #[serde(deserialize_with = "or_default")]
    pub agents: Vec<SpecAgent>,
    /// Keys that nobody knows.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// What a spec says of the project profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SpecProject {
    /// Display name.
    #[serde(deserialize_with = "or_default")]
    pub project_name: String,
    /// Whether the project is new.
    #[serde(deserialize_with = "or_default")]
    pub new_project: bool,
    /// `vscode` or `tmux`; means nothing here and is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_terminal_surface: Option<String>,
}

/// A task as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedTask {
    /// `task-1` and so on.
    pub id: String,
    /// The words.
    pub text: String,
}

/// What the component matrix is to say of a component.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CatalogEntry {
    /// Its id.
    pub component_id: String,
    /// For people.
    pub title: String,
    /// Where it stands.
    pub current_level: String,
    /// Where this wave takes it.
    pub target_level: String,
    /// Documents that describe it.
    #[serde(deserialize_with = "or_default")]
    pub canonical_docs: Vec<String>,
    /// What shows that it works.
    #[serde(deserialize_with = "or_default")]
    pub proof_surfaces: Vec<String>,
}

/// An agent of a spec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SpecAgent {
    /// Id, such as `A1`.
    pub agent_id: String,
    /// Title.
    pub title: String,
    /// Role documents that it imports.
    #[serde(deserialize_with = "or_default")]
    pub role_prompt_paths: Vec<String>,
    /// Skill bundles.
    #[serde(deserialize_with = "or_default")]
    pub skills: Vec<String>,
    /// What it runs on.
    #[serde(deserialize_with = "or_default")]
    pub executor: SpecExecutor,
    /// Documentation bundle.
    pub context7: Option<Context7>,
    /// Components that it owns.
    #[serde(deserialize_with = "or_default")]
    pub components: Vec<String>,
    /// What it can be asked for.
    #[serde(deserialize_with = "or_default")]
    pub capabilities: Vec<String>,
    /// Files that it leaves.
    #[serde(deserialize_with = "or_default")]
    pub deliverables: Vec<String>,
    /// Files that prove its work.
    #[serde(deserialize_with = "or_default")]
    pub proof_artifacts: Vec<ProofArtifact>,
    /// What it must have reached.
    pub exit_contract: Option<ExitContract>,
    /// What it is for, in a sentence.
    #[serde(deserialize_with = "or_default")]
    pub primary_goal: String,
    /// How it works with others.
    #[serde(deserialize_with = "or_default")]
    pub collaboration_notes: Vec<String>,
    /// What it reads first.
    #[serde(deserialize_with = "or_default")]
    pub required_context: Vec<String>,
    /// What earlier waves left for it.
    #[serde(deserialize_with = "or_default")]
    pub earlier_wave_outputs: Vec<String>,
    /// What it may touch.
    #[serde(deserialize_with = "or_default")]
    pub owned_paths: Vec<String>,
    /// What its work must satisfy.
    #[serde(deserialize_with = "or_default")]
    pub requirements: Vec<String>,
    /// How the work is checked; empty for the general sentence.
    #[serde(deserialize_with = "or_default")]
    pub validation_command: String,
    /// What it reports; empty for the general sentence.
    #[serde(deserialize_with = "or_default")]
    pub output_summary: String,
    /// The environment that it acts on.
    pub deploy_environment_id: Option<String>,
    /// Ours: the row of the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Ours: the whole prompt as its author wrote it, where that is not the planner's layout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Keys that nobody knows.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// A spec that cannot be read. That stops nothing: the wave file is what runs.
const RULE: &str = "C20";

impl Spec {
    /// Reads a spec; `None` with a finding when it cannot be read.
    pub fn read(file: &str, text: &str) -> (Option<Spec>, Vec<Finding>) {
        let (document, broken) = Document::read(file, text, RULE);
        if let Some(broken) = broken {
            return (None, vec![Finding { severity: Severity::Warning, ..broken }]);
        }
        let missing: Vec<Finding> = ["wave", "agents"]
            .iter()
            .filter(|key| document.get(&format!("/{key}")).is_none())
            .map(|key| {
                let message = format!("this spec has no `{key}`");
                let hint = "write it again with `wavedeck draft`, or remove it: the wave file counts";
                Finding::warning(RULE, file, Position::START, message, hint.to_string())
            })
            .collect();
        if !missing.is_empty() {
            return (None, missing);
        }
        match serde_json::from_str(text) {
            Ok(spec) => (Some(spec), Vec::new()),
            Err(error) => (None, vec![unreadable(file, &error)]),
        }
    }

    /// Its text, as it is written to the disk.
    pub fn json(&self) -> String {
        // No map of a spec has keys that are no strings, so this cannot fail; an empty text would be refused as no file.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Path of the spec of a wave, given the folder of the wave files.
    pub fn path(waves_directory: &str, wave: WaveNumber) -> String {
        format!("{waves_directory}/specs/wave-{wave}.json")
    }
}

fn unreadable(file: &str, error: &serde_json::Error) -> Finding {
    let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    let position = Position { line: place(error.line()), column: place(error.column()) };
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or_default();
    let hint = "mend the spec here, or remove it: the wave file counts".to_string();
    Finding::warning(RULE, file, position, format!("this spec cannot be read: {said}"), hint)
}

/// `null` is the same as nothing.
pub(super) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
