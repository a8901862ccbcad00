//! A wave file as a value: its types here, reading it in the modules below.
//!
//! The formats are those of the npm package `@chllming/wave-orchestration` 0.9.15 (MIT): field names of the parsed shape
//! are the ones its `waves.manifest.json` uses.
//!
//! # Two readings
//!
//! That package searches raw text and knows no fences; see [`Reading`]. For a file that it accepts and whose prompts
//! hold no fences of their own, both readings are equal. Where they differ, [`Wave`] carries the fence-aware one: an
//! agent must get the prompt its author wrote, not the half before the first code sample, which would also lose the
//! ownership list that stands at its end. The other reading is kept beside it ([`WaveReading::strict`]), because the
//! manifest is read by that package's own scripts and must say what it would say; and each difference is a warning at
//! its place, so that nobody runs one prompt and checks another without knowing.

mod agent;
mod aware;
mod compare;
mod contract;
pub mod entries;
pub(super) mod executor;
mod fences;
pub mod format;
mod outline;
pub(super) mod ownership;
mod read;
pub(super) mod rules;
mod sections;
mod strict;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Position;
use super::runtime::ExecutorChoice;

pub(super) use agent::is_role_document_path;
pub(super) use aware::lines_under;
pub(super) use read::{AgentNotes, Places};
pub use read::{Context, Reading, WaveReading, number_of, read, read_strict, role_documents, titled_number};

/// The number in `wave-<n>.md`.
pub type WaveNumber = u32;

/// The id in `## Agent <id>: <title>`, opaque text such as `A1` or `A1.1`.
pub type AgentId = String;

/// One parsed wave file. What could not be understood is absent here and present among the findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wave {
    /// From the file name.
    pub number: WaveNumber,
    /// Path of the file, relative to the project, with `/`.
    pub file: String,
    /// The text after `# Wave <n> - ` (or the whole first heading), if there is one.
    pub title: Option<String>,
    /// The backticked text after `**Commit message**:`.
    pub commit_message: Option<String>,
    /// `## Component promotions`, in file order.
    pub component_promotions: Vec<ComponentPromotion>,
    /// `## Context7 defaults`.
    pub context7_defaults: Option<Context7>,
    /// `## Deploy environments`.
    pub deploy_environments: Vec<DeployEnvironment>,
    /// `## Eval targets`.
    pub eval_targets: Vec<EvalTarget>,
    /// `oversight-mode` under `## Project profile`: `oversight` or `dark-factory`. The predecessor writes it and never reads
    /// it.
    pub posture: Option<String>,
    /// `## Agent` sections, in file order.
    pub agents: Vec<Agent>,
}

/// `- <componentId>: <level>` under `## Component promotions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentPromotion {
    /// Component id, `[a-z0-9][a-z0-9._-]*`.
    pub component_id: String,
    /// Maturity level to reach, such as `repo-landed`.
    pub target_level: String,
}

/// A Context7 selection of a wave or an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context7 {
    /// Bundle id; `none` is a bundle like any other.
    pub bundle: Option<String>,
    /// Whitespace-collapsed query, at most 280 characters.
    pub query: Option<String>,
}

/// `- <id>: <kind> [default] [(notes)]` under `## Deploy environments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployEnvironment {
    /// Lower-cased id.
    pub id: String,
    /// Lower-cased kind, any identifier.
    pub kind: String,
    /// Whether it says `default` (the first one is, when none does).
    pub is_default: bool,
    /// Text in parentheses.
    pub notes: Option<String>,
}

/// One bullet of `## Eval targets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvalTarget {
    /// Unique, `[a-z0-9][a-z0-9._-]*`.
    pub id: String,
    /// `pinned` or `delegated`.
    pub selection: String,
    /// Family of the benchmark catalogue.
    pub benchmark_family: Option<String>,
    /// Benchmark ids.
    pub benchmarks: Vec<String>,
    /// What is to be shown.
    pub objective: String,
    /// When it counts as shown.
    pub threshold: String,
}

/// One `## Agent <id>: <title>` section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Everything between `Agent ` and the first colon, trimmed.
    pub id: AgentId,
    /// The rest of the heading line, trimmed.
    pub title: String,
    /// `<wave>-<id>` lower-cased, other characters as `-`, at most 48 characters.
    pub slug: String,
    /// Standing prompts of the role documents and the agent's own text, joined by a blank line.
    pub prompt: String,
    /// The agent's own fenced text alone.
    pub prompt_overlay: String,
    /// `### Role prompts`.
    pub role_prompt_paths: Vec<String>,
    /// `### Context7`; `None` when the section is missing or empty.
    pub context7: Option<Context7>,
    /// `### Exit contract`, when all four values are valid.
    pub exit_contract: Option<ExitContract>,
    /// `### Exit contract` as it is written; `None` when it has no value.
    pub written_contract: Option<WrittenContract>,
    /// `### Executor`.
    pub executor: ExecutorChoice,
    /// `### Components`.
    pub components: Vec<String>,
    /// `### Capabilities`, with those that role documents add.
    pub capabilities: Vec<String>,
    /// `### Skills`.
    pub skills: Vec<String>,
    /// `### Deliverables`.
    pub deliverables: Vec<String>,
    /// `### Proof artifacts`.
    pub proof_artifacts: Vec<ProofArtifact>,
    /// The `File ownership` bullets of the agent's own prompt.
    pub owned_paths: Vec<String>,
    /// Owned component to the level this wave promotes it to (`None`: not promoted here).
    pub component_targets: BTreeMap<String, Option<String>>,
    /// The `- track: NAME` line of `### Wavedeck`, a section of ours that the predecessor ignores.
    pub track: Option<String>,
    /// Where its heading stands.
    pub position: Position,
}

/// One line of `### Proof artifacts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProofArtifact {
    /// File path inside the project.
    pub path: String,
    /// Free word for what it is.
    pub kind: Option<String>,
    /// Levels from which it is required; empty means always.
    pub required_for: Vec<String>,
}

/// What an agent must have reached when it says that it is done. Each enum is ordered, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExitContract {
    /// `completion`.
    pub completion: Completion,
    /// `durability`.
    pub durability: Durability,
    /// `proof`.
    pub proof: Proof,
    /// `doc-impact`.
    pub doc_impact: DocImpact,
}

/// An exit contract as it is written, each value there or not and valid or not. The manifest has it; nobody is held to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WrittenContract {
    /// `completion`.
    pub completion: Option<String>,
    /// `durability`.
    pub durability: Option<String>,
    /// `proof`.
    pub proof: Option<String>,
    /// `doc-impact`.
    pub doc_impact: Option<String>,
}

macro_rules! ordered_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, weakest first.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that files use.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Reads a word as files write it; `None` for any other text.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

ordered_words! {
    /// How far the work reaches.
    Completion {
        /// The contract stands.
        Contract = "contract",
        /// It is integrated.
        Integrated = "integrated",
        /// It is the authority.
        Authoritative = "authoritative",
        /// It is live.
        Live = "live",
    }
}
ordered_words! {
    /// How lasting the result is.
    Durability {
        /// Not at all.
        None = "none",
        /// For the run.
        Ephemeral = "ephemeral",
        /// It stays.
        Durable = "durable",
    }
}
ordered_words! {
    /// What kind of proof there is.
    Proof {
        /// Unit tests.
        Unit = "unit",
        /// Integration tests.
        Integration = "integration",
        /// Seen live.
        Live = "live",
    }
}
ordered_words! {
    /// What the work does to documentation.
    DocImpact {
        /// Nothing.
        None = "none",
        /// Documents that the agent owns.
        Owned = "owned",
        /// Shared plan documents.
        SharedPlan = "shared-plan",
    }
}
