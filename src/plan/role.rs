//! What an agent is in its wave: its runtime role and the stage it runs in.

use serde::{Deserialize, Serialize};

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
