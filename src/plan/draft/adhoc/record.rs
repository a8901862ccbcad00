//! What is kept of an ad-hoc run: the files of npm `@chllming/wave-orchestration` 0.9.15, with its keys. Keys that nobody
//! knows are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::spec::{RequestedTask, or_default};

/// The kind of a run that stands in its files.
pub const RUN_KIND: &str = "adhoc";

/// `request.json`: what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdhocRequest {
    /// 1.
    pub schema_version: u32,
    /// `adhoc`.
    pub run_kind: String,
    /// Id of the run.
    pub run_id: String,
    /// Project; `default` where none is named.
    pub project: String,
    /// Lane.
    pub lane: String,
    /// When, as ISO 8601.
    pub created_at: String,
    /// Posture.
    pub oversight_mode: String,
    /// Means nothing here and is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_terminal_surface: Option<String>,
    /// The tasks.
    #[serde(deserialize_with = "or_default")]
    pub tasks: Vec<RequestedTask>,
    /// Flags for its launch.
    #[serde(deserialize_with = "or_default")]
    pub launcher_args: Value,
    /// Keys that nobody knows.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdhocStatus {
    /// It was not started.
    #[default]
    Planned,
    /// It runs.
    Running,
    /// It closed.
    Completed,
    /// It failed.
    Failed,
}

impl AdhocStatus {
    /// The word that files use.
    pub fn word(self) -> &'static str {
        match self {
            AdhocStatus::Planned => "planned",
            AdhocStatus::Running => "running",
            AdhocStatus::Completed => "completed",
            AdhocStatus::Failed => "failed",
        }
    }
}

/// `result.json`: where it stands, and where its files are, relative to the project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdhocResult {
    /// 1.
    pub schema_version: u32,
    /// `adhoc`.
    pub run_kind: String,
    /// Id of the run.
    pub run_id: String,
    /// Project.
    pub project: String,
    /// Lane.
    pub lane: String,
    /// Title of its wave.
    pub title: String,
    /// Where it stands.
    pub status: AdhocStatus,
    /// When it was asked for.
    pub created_at: String,
    /// When this was written.
    pub updated_at: String,
    /// How many tasks.
    pub task_count: usize,
    /// Its request.
    pub request_path: String,
    /// Its spec.
    pub spec_path: String,
    /// Its wave file.
    pub wave_path: String,
    /// Folder of its run state.
    pub launcher_state_dir: String,
    /// Folder of its traces.
    pub traces_dir: String,
    /// The wave that it was promoted to.
    pub promoted_wave: Option<u32>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why it could not be promoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_validation_error: Option<String>,
    /// Keys that nobody knows.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// A run in the index.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdhocEntry {
    /// Id of the run.
    pub run_id: String,
    /// Lane.
    pub lane: String,
    /// Title of its wave.
    pub title: String,
    /// Where it stands.
    pub status: AdhocStatus,
    /// How many tasks.
    pub task_count: usize,
    /// When it was asked for.
    pub created_at: String,
    /// When that was written.
    pub updated_at: String,
    /// The wave that it was promoted to.
    pub promoted_wave: Option<u32>,
}

/// `index.json`: every run, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdhocIndex {
    /// 1.
    pub schema_version: u32,
    /// When it was written.
    pub updated_at: String,
    /// The runs.
    #[serde(deserialize_with = "or_default")]
    pub runs: Vec<AdhocEntry>,
}

impl AdhocResult {
    /// As the index has it.
    pub fn entry(&self) -> AdhocEntry {
        AdhocEntry {
            run_id: self.run_id.clone(),
            lane: self.lane.clone(),
            title: self.title.clone(),
            status: self.status,
            task_count: self.task_count,
            created_at: self.created_at.clone(),
            updated_at: self.updated_at.clone(),
            promoted_wave: self.promoted_wave,
        }
    }
}
