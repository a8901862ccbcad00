//! An agent's typed result for one attempt: schema version 2 of the npm package `@chllming/wave-orchestration` 0.9.15.
//!
//! Reading JSON and rebuilding an envelope from printed markers is the adapters' work; here is the value and what makes
//! it valid.

use serde::{Deserialize, Serialize};

use crate::plan::AgentId;

/// A result envelope. Field names are those of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Always 2.
    pub schema_version: u32,
    /// Who.
    pub agent_id: AgentId,
    /// Which wave.
    pub wave_number: u32,
    /// Which try.
    pub attempt: u32,
    /// ISO time, as the agent gave it.
    #[serde(default)]
    pub completed_at: Option<String>,
    /// Exit code that the agent claims.
    #[serde(default)]
    pub exit_code: i32,
    /// Role; inferred from the sections when absent.
    #[serde(default)]
    pub role: Option<String>,
    /// What is proven.
    #[serde(default)]
    pub proof: Option<ProofClaim>,
    /// `implementation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implementation: Option<ImplementationSection>,
    /// `design`, `integration`, `documentation`, `contQa`, `contEval`, `security`, `deploy` by name, kept as they came.
    #[serde(flatten)]
    pub sections: serde_json::Map<String, serde_json::Value>,
}

/// `proof` of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProofClaim {
    /// `satisfied`, `partial`, `failed` or `not_applicable` (markers say `met`, `gap`).
    pub state: String,
    /// A word of the exit contract's order.
    #[serde(default)]
    pub completion: Option<String>,
    /// A word of the exit contract's order.
    #[serde(default)]
    pub durability: Option<String>,
    /// A word of the exit contract's order.
    #[serde(default)]
    pub proof_level: Option<String>,
    /// Free text.
    #[serde(default)]
    pub detail: Option<String>,
}

/// `implementation` of an envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImplementationSection {
    /// What changed in documents.
    pub doc_delta: Option<DocDelta>,
    /// One per owned component.
    pub components: Vec<ComponentClaim>,
}

/// `implementation.docDelta`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocDelta {
    /// `none`, `owned` or `shared-plan`.
    pub state: String,
    /// Documents concerned.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Free text.
    #[serde(default)]
    pub detail: Option<String>,
}

/// One entry of `implementation.components`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentClaim {
    /// Component id.
    pub component_id: String,
    /// Level that is claimed.
    pub level: String,
    /// `met` or `gap`.
    pub state: String,
    /// Free text.
    #[serde(default)]
    pub detail: Option<String>,
}

/// Where an attempt's result came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// `wavedeck done` over the socket.
    Tool,
    /// A file at the path that the agent was given.
    File,
    /// Markers in the attempt's own output.
    Markers,
}

/// What the driver found of an attempt's result. Absent, malformed and present are three different things.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "kebab-case")]
pub enum ResultReading {
    /// Nothing was submitted and no marker was printed.
    Absent,
    /// Something was there that is no result.
    Malformed {
        /// Which way it came.
        transport: Transport,
        /// Every error, as sentences.
        errors: Vec<String>,
        /// Marker kinds that were printed but rejected (`proof`, `doc-delta`, `component`).
        rejected_markers: Vec<String>,
        /// What could be read all the same.
        partial: Option<Envelope>,
    },
    /// A result.
    Present {
        /// Which way it came.
        transport: Transport,
        /// The result.
        envelope: Envelope,
    },
}
