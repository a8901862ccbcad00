//! An agent's typed result for one attempt: schema version 2 of the npm package `@chllming/wave-orchestration` 0.9.15.
//!
//! Reading JSON and rebuilding an envelope from printed markers is the adapters' work; here is the value and what makes
//! it valid.

use serde::{Deserialize, Serialize};

use super::ids::AttemptKey;
use crate::plan::AgentId;

/// The version of the format that we read and write.
pub const SCHEMA_VERSION: u32 = 2;

/// The role whose section is typed here.
const IMPLEMENTATION: &str = "implementation";

/// The other sections with their roles, in the order in which a role is told from them.
const SECTIONS: [(&str, &str); 7] = [
    ("integration", "integration"),
    ("design", "design"),
    ("documentation", "documentation"),
    ("contEval", "cont-eval"),
    ("security", "security"),
    ("contQa", "cont-qa"),
    ("deploy", "deploy"),
];

/// A result envelope. Field names are those of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

impl Envelope {
    /// Everything that keeps this from being a valid result of this attempt, a sentence each: `schemaVersion` other than
    /// 2, another agent, wave or attempt, and no part from which a role could be told.
    pub fn problems(&self, key: &AttemptKey) -> Vec<String> {
        let mut problems = Vec::new();
        if self.schema_version != SCHEMA_VERSION {
            problems.push(format!("schemaVersion is {}, must be {SCHEMA_VERSION}", self.schema_version));
        }
        problems.extend(self.foreign(key));
        match self.inferred_role() {
            None => {
                problems.push(
                    "no part says what was done: `proof` or the section of a role is needed".to_owned(),
                );
            }
            Some(role) => {
                if let Some((section, _)) = SECTIONS.iter().find(|(_, of)| *of == role)
                    && !self.has_section(section)
                {
                    problems.push(format!("role is {role}, but there is no part `{section}`"));
                } else if role == IMPLEMENTATION && self.proof.is_none() && self.implementation.is_none() {
                    problems
                        .push(format!("role is {role}, but there is neither `proof` nor `implementation`"));
                }
            }
        }
        problems
    }

    /// What shows that this is a result of somebody else: another agent, wave or attempt, a sentence each.
    pub fn foreign(&self, key: &AttemptKey) -> Vec<String> {
        let mut foreign = Vec::new();
        if self.agent_id != key.agent {
            foreign.push(format!("agentId is `{}`, must be `{}`", self.agent_id, key.agent));
        }
        if self.wave_number != key.wave.number {
            foreign.push(format!("waveNumber is {}, must be {}", self.wave_number, key.wave.number));
        }
        if self.attempt != key.number {
            foreign.push(format!("attempt is {}, must be {}", self.attempt, key.number));
        }
        foreign
    }

    /// The role that the envelope speaks for: the one it names, else that of the first section that is there.
    pub fn inferred_role(&self) -> Option<&str> {
        let named = self.role.as_deref();
        named
            .filter(|role| *role == IMPLEMENTATION || SECTIONS.iter().any(|(_, known)| known == role))
            .or_else(|| SECTIONS.iter().find(|(name, _)| self.has_section(name)).map(|(_, role)| *role))
            .or_else(|| (self.proof.is_some() || self.implementation.is_some()).then_some(IMPLEMENTATION))
    }

    fn has_section(&self, name: &str) -> bool {
        self.sections.get(name).is_some_and(serde_json::Value::is_object)
    }
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "kebab-case")]
pub enum ResultReading {
    /// Nothing was submitted and no marker was printed.
    #[default]
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
