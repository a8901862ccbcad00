//! The gate at the end of the implementation stage: every component that the wave promotes is proven by an owner, and
//! no owner of a shared component is left behind.

use std::collections::BTreeMap;

use super::implementation::component_claim;
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::envelope::ResultReading;
use crate::engine::state::{AgentState, WaveState};
use crate::plan::AgentId;
use crate::plan::role::Role;

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentVerdict {
    /// Every promotion has a satisfied owner, and nobody is waited for.
    Passed,
    /// `shared-component-sibling-pending`: some owners of a shared component landed, these did not.
    SiblingPending {
        /// Agents that are waited for, with the component.
        waiting_on: BTreeMap<AgentId, String>,
    },
    /// `component-promotion-gap`: these components have no satisfied owner.
    PromotionGap {
        /// Component, and the agents that own it (none, when nobody does).
        components: BTreeMap<String, Vec<AgentId>>,
    },
}

/// Code of an owner that is waited for.
pub const SIBLING_PENDING: &str = "shared-component-sibling-pending";
/// Code of a promotion that nobody proved.
pub const PROMOTION_GAP: &str = "component-promotion-gap";

/// Judges a wave whose builders all passed. Sibling wait is looked at first, for all components.
pub fn component_gate(brief: &WaveBrief, wave: &WaveState) -> ComponentVerdict {
    let mut waiting_on = BTreeMap::new();
    let mut gaps = BTreeMap::new();
    for (component, target) in &brief.promotions {
        let owners: Vec<&AgentBrief> = brief.agents.iter().filter(|agent| owns(agent, component)).collect();
        let (landed, pending): (Vec<&AgentBrief>, Vec<&AgentBrief>) = owners.into_iter().partition(|agent| {
            wave.agents.get(&agent.id).is_some_and(|state| is_satisfied(state, component, target))
        });
        if landed.is_empty() {
            gaps.insert(component.clone(), pending.iter().map(|agent| agent.id.clone()).collect());
        } else {
            for agent in pending {
                waiting_on.entry(agent.id.clone()).or_insert_with(|| component.clone());
            }
        }
    }
    if !waiting_on.is_empty() {
        ComponentVerdict::SiblingPending { waiting_on }
    } else if !gaps.is_empty() {
        ComponentVerdict::PromotionGap { components: gaps }
    } else {
        ComponentVerdict::Passed
    }
}

/// Stewards and pure designers own no components, whatever their sections say.
fn owns(agent: &AgentBrief, component: &str) -> bool {
    let builds = match agent.role {
        Role::Implementation | Role::Infra | Role::Deploy | Role::Research => true,
        Role::Design => agent.builds_after_design,
        Role::Integration | Role::Documentation | Role::ContQa | Role::ContEval | Role::Security => false,
    };
    builds && agent.component_targets.contains_key(component)
}

/// Its gate is open, and it says that this component is met at exactly the level that is promised.
fn is_satisfied(state: &AgentState, component: &str, target: &str) -> bool {
    let evidence =
        state.passed.and_then(|number| state.attempt(number)).and_then(|attempt| attempt.evidence.as_ref());
    let envelope = match evidence.map(|evidence| &evidence.result) {
        Some(ResultReading::Present { envelope, .. }) => Some(envelope),
        Some(ResultReading::Malformed { partial, .. }) => partial.as_ref(),
        Some(ResultReading::Absent) | None => None,
    };
    envelope
        .and_then(|envelope| component_claim(envelope, component))
        .is_some_and(|claim| claim.level == target && matches!(claim.state.as_str(), "met" | "complete"))
}
