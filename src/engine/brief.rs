//! What the engine needs to know of a wave to run it: taken from the plan when the wave's turn comes, and kept in the
//! facts, so that a replay needs no file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::role::{Role, Stage};
use crate::plan::runtime::ResolvedExecutor;
use crate::plan::wave::{ExitContract, ProofArtifact};
use crate::plan::{AgentId, WaveNumber};

/// A wave as it was when it started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaveBrief {
    /// Number of the wave file.
    pub number: WaveNumber,
    /// Its file, relative to the project.
    pub file: String,
    /// Its title, or an empty text.
    pub title: String,
    /// Its agents in file order; closure agents in the order in which they run.
    pub agents: Vec<AgentBrief>,
    /// Components that the wave promotes, with the level.
    pub promotions: BTreeMap<String, String>,
}

/// An agent as it was when its wave started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentBrief {
    /// Its id.
    pub id: AgentId,
    /// Its title.
    pub title: String,
    /// `<wave>-<id>`, for file names.
    pub slug: String,
    /// What it is.
    pub role: Role,
    /// When it runs.
    pub stage: Stage,
    /// Whether it is a design agent that also builds: once its design pass is through, it runs again with those who build.
    #[serde(default)]
    pub builds_after_design: bool,
    /// What it runs on.
    pub executor: ResolvedExecutor,
    /// What it must reach.
    pub exit_contract: Option<ExitContract>,
    /// Files that must exist at its end.
    pub deliverables: Vec<String>,
    /// Artifacts that must exist at its end, where their levels ask for it.
    pub proof_artifacts: Vec<ProofArtifact>,
    /// Paths it may touch.
    pub owned_paths: Vec<String>,
    /// Owned components with the level this wave promotes each to.
    pub component_targets: BTreeMap<String, Option<String>>,
    /// The agent's whole prompt.
    pub prompt: String,
    /// blake3 of prompt, contract, deliverables, artifacts, components: what a finished agent's reuse depends on. Budget
    /// and runtime are not part of it.
    pub fingerprint: String,
}
