//! Rules about components: who owns them and which wave takes them further.

use super::super::role::is_implementation_type;
use super::{Report, Subject};

const PROMOTIONS: &str = "Component promotions";

/// V17.
pub(super) fn stewards_own_none(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        if !agent.components.is_empty() && !is_implementation_type(agent, subject.config) {
            report.agent(
                agent,
                notes.place("Components", "", agent.position),
                format!("agent {} closes, reviews or designs and owns components", agent.id),
                "leave components to the agents that build; remove the section",
            );
        }
    }
}

/// V18.
pub(super) fn builders_own_some(subject: &Subject<'_>, report: &mut Report<'_>) {
    if !subject.holds(subject.config.validation.agent_components_from) {
        return;
    }
    for (agent, notes) in subject.owners() {
        if agent.components.is_empty() && is_implementation_type(agent, subject.config) {
            report.agent(
                agent,
                notes.place("Components", "", agent.position),
                format!("agent {} owns no component", agent.id),
                "add `### Components` with what it builds",
            );
        }
    }
}

/// V05.
pub(super) fn promotions_are_known(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(matrix) = subject.matrix else { return };
    for promotion in &subject.wave.component_promotions {
        if !matrix.components.contains_key(&promotion.component_id) {
            report.part(
                subject,
                PROMOTIONS,
                &promotion.component_id,
                format!(
                    "this wave promotes `{}`, which the component matrix does not know",
                    promotion.component_id
                ),
                "add the component to the matrix, or correct its id",
            );
        }
    }
}

/// V19.
pub(super) fn are_known(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(matrix) = subject.matrix else { return };
    for (agent, notes) in subject.owners().filter(|(agent, _)| is_implementation_type(agent, subject.config))
    {
        for id in agent.components.iter().filter(|id| !matrix.components.contains_key(*id)) {
            report.agent(
                agent,
                notes.place("Components", id, agent.position),
                format!("agent {} owns `{id}`, which the component matrix does not know", agent.id),
                "add the component to the matrix, or correct its id",
            );
        }
    }
}

/// V20. A component that the matrix does not know is V19's business.
pub(super) fn are_promoted(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners().filter(|(agent, _)| is_implementation_type(agent, subject.config))
    {
        for id in &agent.components {
            let is_unknown = subject.matrix.is_some_and(|matrix| !matrix.components.contains_key(id));
            let is_promoted =
                subject.wave.component_promotions.iter().any(|promotion| promotion.component_id == *id);
            if !is_unknown && !is_promoted {
                report.agent(
                    agent,
                    notes.place("Components", id, agent.position),
                    format!(
                        "agent {} owns `{id}`, which wave {} does not promote",
                        agent.id, subject.wave.number
                    ),
                    "add it under `## Component promotions`, or take it from the agent",
                );
            }
        }
    }
}

/// V39. Owning a component that the matrix does not know does not count.
pub(super) fn have_an_owner(subject: &Subject<'_>, report: &mut Report<'_>) {
    for promotion in &subject.wave.component_promotions {
        let id = &promotion.component_id;
        let has_owner = subject
            .owners()
            .any(|(agent, _)| agent.components.contains(id) && is_implementation_type(agent, subject.config));
        let is_unknown = subject.matrix.is_some_and(|matrix| !matrix.components.contains_key(id));
        if !has_owner || is_unknown {
            report.part(
                subject,
                PROMOTIONS,
                id,
                format!("no agent that builds owns `{id}`, which this wave promotes"),
                "add it to the `### Components` of an agent, or remove the promotion",
            );
        }
    }
}
