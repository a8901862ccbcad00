//! Rules about who is in a wave.

use super::super::role::{is_cont_qa_report, report_path};
use super::{Report, Subject};

/// V01.
pub(super) fn has_agents(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.wave.agents.is_empty() {
        report.wave(
            format!("wave {} has no agents", subject.wave.number),
            "add an `## Agent A1: Title` section",
        );
    }
}

/// V02.
pub(super) fn ids_are_unique(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (index, agent) in subject.wave.agents.iter().enumerate() {
        let before = subject.wave.agents.get(..index).unwrap_or_default();
        if before.iter().any(|other| other.id == agent.id) {
            report.agent(
                agent,
                agent.position,
                format!("agent {} is in this wave twice", agent.id),
                "give one of them another id",
            );
        }
    }
}

/// V03.
pub(super) fn has_cont_qa(subject: &Subject<'_>, report: &mut Report<'_>) {
    let id = &subject.config.roles.cont_qa_agent;
    if !subject.wave.agents.iter().any(|agent| agent.id == *id) {
        report.wave(
            format!("wave {} has no cont-QA agent {id}", subject.wave.number),
            "add it; nothing closes a wave without it",
        );
    }
}

/// V26.
pub(super) fn cont_qa_imports_its_document(subject: &Subject<'_>, report: &mut Report<'_>) {
    let roles = &subject.config.roles;
    let hint = "add the document under `### Role prompts`";
    let message = format!("agent {} does not import {}", roles.cont_qa_agent, roles.cont_qa_document);
    match subject.agents().find(|(agent, _)| agent.id == roles.cont_qa_agent) {
        Some((agent, _)) if agent.role_prompt_paths.contains(&roles.cont_qa_document) => {}
        Some((agent, notes)) => {
            report.agent(agent, notes.place("Role prompts", "", agent.position), message, hint);
        }
        None => report.wave(message, hint),
    }
}

/// V27.
pub(super) fn cont_qa_owns_a_report(subject: &Subject<'_>, report: &mut Report<'_>) {
    let id = &subject.config.roles.cont_qa_agent;
    let folder = subject.config.waves_directory();
    let hint = format!(
        "add a path such as {folder}/reviews/wave-{}-cont-qa.md to its ownership list",
        subject.wave.number
    );
    let message = format!("agent {id} owns no path for its report");
    match subject.agents().find(|(agent, _)| agent.id == *id) {
        Some((agent, _)) if report_path(agent, is_cont_qa_report).is_some() => {}
        Some((agent, notes)) => {
            report.agent(agent, notes.place("Prompt", "", agent.position), message, &hint)
        }
        None => report.wave(message, &hint),
    }
}
