//! Rules about what agents are given to read, and about how many of them run where.

use std::collections::BTreeMap;

use super::super::bundles::{NONE, selected};
use super::super::runtime::{RuntimeId, resolve};
use super::{Report, Subject};

/// V16.
pub(super) fn agents_declare_context7(subject: &Subject<'_>, report: &mut Report<'_>) {
    if !subject.holds(subject.config.validation.context7_from) {
        return;
    }
    for (agent, notes) in subject.owners().filter(|(agent, _)| agent.context7.is_none()) {
        report.agent(
            agent,
            notes.place("Context7", "", agent.position),
            format!("agent {} does not say which Context7 bundle it gets", agent.id),
            "add `### Context7` with `- bundle: none` or another bundle",
        );
    }
}

/// V25.
pub(super) fn prompts_name_the_references(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        for reference in &subject.config.validation.required_prompt_references {
            if !agent.prompt.contains(reference) {
                report.agent(
                    agent,
                    notes.place("Prompt", "", agent.position),
                    format!("the prompt of agent {} does not name {reference}", agent.id),
                    "name it in the prompt, or take it out of validation.requiredPromptReferences",
                );
            }
        }
    }
}

/// V37.
pub(super) fn the_wave_declares_context7(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.holds(subject.config.validation.context7_from) && subject.wave.context7_defaults.is_none() {
        report.part(
            subject,
            "Context7 defaults",
            "",
            format!("wave {} has no Context7 defaults", subject.wave.number),
            "add `## Context7 defaults` with `- bundle: none` or another bundle",
        );
    }
}

/// C07, for bundles that agents and waves choose.
pub(super) fn bundles_are_known(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        let (id, _) = selected(subject.bundles, &subject.config.lane, subject.wave, agent);
        let known = match subject.bundles {
            Some(index) => index.bundles.contains_key(id),
            None => id == NONE,
        };
        if known {
            continue;
        }
        let path = &subject.config.paths.context7_bundle_index;
        let place = match &agent.context7 {
            Some(context7) if context7.bundle.is_some() => notes.place("Context7", "", agent.position),
            _ => subject.places.of("Context7 defaults", "", agent.position),
        };
        let hint = match subject.bundles {
            Some(index) => {
                format!("the bundles are {}", index.bundles.keys().cloned().collect::<Vec<_>>().join(", "))
            }
            None => "write the bundle index, or choose the bundle none".to_string(),
        };
        let message = format!("agent {} gets the bundle `{id}`, which is not in {path}", agent.id);
        report.agent(agent, place, message, &hint);
    }
}

/// C08, for skills that agents name themselves; those of the configuration are found where it names them.
pub(super) fn skills_are_known(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents() {
        for id in agent.skills.iter().filter(|id| !subject.skills.bundles.contains_key(*id)) {
            report.agent(
                agent,
                notes.place("Skills", id, agent.position),
                format!(
                    "agent {} names the skill `{id}`, and {}/{id} has none that can be read",
                    agent.id, subject.config.skills.dir
                ),
                "write the bundle, or take its name away",
            );
        }
    }
}

/// V38. Every agent counts, closure stewards included; a runtime without a ceiling is not limited.
pub(super) fn the_mix_is_kept(subject: &Subject<'_>, report: &mut Report<'_>) {
    let ceilings = &subject.config.runtime_policy.mix_targets;
    if ceilings.is_empty() {
        return;
    }
    let mut counts: BTreeMap<RuntimeId, Vec<&str>> = BTreeMap::new();
    for agent in &subject.wave.agents {
        counts.entry(resolve(agent, subject.config, None).id).or_default().push(&agent.id);
    }
    for (runtime, most) in ceilings {
        let agents = counts.get(runtime).map(Vec::as_slice).unwrap_or_default();
        if agents.len() > usize::try_from(*most).unwrap_or(usize::MAX) {
            let over =
                subject.wave.agents.iter().rev().find(|agent| agents.last() == Some(&agent.id.as_str()));
            let place = over.map_or(super::Position::START, |agent| agent.position);
            report.at(
                place,
                format!("{} agents run on {runtime} ({}), {most} may", agents.len(), agents.join(", ")),
                "give some of them another runtime, or raise runtimeMixTargets",
            );
        }
    }
}
