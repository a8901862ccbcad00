//! Rules about stewards and reviewers: what they import, what they own, and that each is there once.

use super::super::role::{
    is_design, is_design_report, is_hybrid_design, is_security_report, is_security_reviewer,
};
use super::super::wave::{Agent, AgentNotes};
use super::{Report, Subject};

const TARGETS: &str = "Eval targets";

/// V28.
pub(super) fn cont_eval_can_measure(subject: &Subject<'_>, report: &mut Report<'_>) {
    let roles = &subject.config.roles;
    let Some((agent, notes)) = subject.agents().find(|(agent, _)| agent.id == roles.cont_eval_agent) else {
        return;
    };
    imports(agent, notes, &roles.cont_eval_document, report);
    if agent.owned_paths.is_empty() {
        report.agent(
            agent,
            notes.place("Prompt", "", agent.position),
            format!("agent {} owns no path for its report", agent.id),
            "add a path such as docs/plans/waves/reviews/wave-1-cont-eval.md to its ownership list",
        );
    }
    if subject.wave.eval_targets.is_empty() {
        report.agent(
            agent,
            agent.position,
            format!("agent {} is to measure, and the wave has no eval targets", agent.id),
            "add `## Eval targets`, or take the agent out",
        );
    }
    for target in &subject.wave.eval_targets {
        let Some(benchmarks) = subject.benchmarks else {
            let path = &subject.config.paths.benchmark_catalog;
            let message = format!("`{}` cannot be looked up: {path} is missing or broken", target.id);
            report.part(subject, TARGETS, &target.id, message, "write the benchmark catalogue");
            continue;
        };
        for fault in benchmarks.faults(target) {
            let families: Vec<&str> = benchmarks.families.keys().map(String::as_str).collect();
            let hint = format!("the families are {}", families.join(", "));
            report.part(subject, TARGETS, &target.id, fault, &hint);
        }
    }
}

/// V29.
pub(super) fn somebody_measures(subject: &Subject<'_>, report: &mut Report<'_>) {
    let id = &subject.config.roles.cont_eval_agent;
    if !subject.wave.eval_targets.is_empty() && !subject.wave.agents.iter().any(|agent| agent.id == *id) {
        report.part(
            subject,
            TARGETS,
            "",
            format!("this wave has eval targets and no cont-EVAL agent {id}"),
            "add the agent, or remove the targets",
        );
    }
}

/// V30.
pub(super) fn reviewers_can_report(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents().filter(|(agent, _)| is_security_reviewer(agent, subject.config)) {
        imports(agent, notes, &subject.config.roles.security_document, report);
        owns_report(agent, notes, is_security_report, "security", report);
    }
}

/// V31.
pub(super) fn designers_can_hand_over(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents().filter(|(agent, _)| is_design(agent, subject.config)) {
        imports(agent, notes, &subject.config.roles.design_document, report);
        owns_report(agent, notes, is_design_report, "design", report);
        if !is_hybrid_design(agent, subject.config) && !agent.components.is_empty() {
            report.agent(
                agent,
                notes.place("Components", "", agent.position),
                format!("agent {} only designs and owns components", agent.id),
                "leave components to the agents that build; remove the section",
            );
        }
    }
}

/// V32.
pub(super) fn nobody_closes_twice(subject: &Subject<'_>, report: &mut Report<'_>) {
    let roles = &subject.config.roles;
    for (agent, _) in subject.agents() {
        let held: Vec<&str> = [
            (agent.id == roles.cont_eval_agent, "cont-EVAL"),
            (is_security_reviewer(agent, subject.config), "security review"),
            (agent.id == roles.integration_agent, "integration"),
            (agent.id == roles.documentation_agent, "documentation"),
            (agent.id == roles.cont_qa_agent, "cont-QA"),
        ]
        .into_iter()
        .filter_map(|(holds, role)| holds.then_some(role))
        .collect();
        if held.len() > 1 {
            report.agent(
                agent,
                agent.position,
                format!("agent {} closes the wave in several roles: {}", agent.id, held.join(", ")),
                "give each role an agent of its own",
            );
        }
    }
}

/// V33.
pub(super) fn one_integrates(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.holds(subject.config.validation.integration_steward_from) {
        exactly_one(subject, &subject.config.roles.integration_document, "integration", report);
    }
}

/// V34.
pub(super) fn one_documents(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.holds(subject.config.validation.documentation_steward_from) {
        exactly_one(subject, &subject.config.roles.documentation_document, "documentation", report);
    }
}

/// V35. A folder above a document is not enough: `@chllming/wave-orchestration` 0.9.15 compares whole paths.
pub(super) fn documents_are_owned(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some((steward, notes)) = documentation_steward(subject) else { return };
    for path in shared_documents(subject) {
        if !steward.owned_paths.contains(&path) {
            report.agent(
                steward,
                notes.place("Prompt", "", steward.position),
                format!("agent {} keeps the plan documents and does not own {path}", steward.id),
                "add this very path to its ownership list; a folder above it does not count",
            );
        }
    }
}

/// V36.
pub(super) fn documents_are_owned_once(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some((steward, _)) = documentation_steward(subject) else { return };
    let shared = shared_documents(subject);
    for (agent, notes) in subject.agents().filter(|(agent, _)| agent.id != steward.id) {
        for path in agent.owned_paths.iter().filter(|path| shared.contains(path)) {
            report.agent(
                agent,
                notes.place("Prompt", path, agent.position),
                format!("agent {} owns {path}, which is {}'s to keep", agent.id, steward.id),
                "leave shared plan documents to the documentation steward",
            );
        }
    }
}

/// The one agent that imports the documentation document, where the rule holds.
fn documentation_steward<'s>(subject: &Subject<'s>) -> Option<(&'s Agent, &'s AgentNotes)> {
    if !subject.holds(subject.config.validation.documentation_steward_from) {
        return None;
    }
    let document = &subject.config.roles.documentation_document;
    let mut stewards = subject.agents().filter(|(agent, _)| agent.role_prompt_paths.contains(document));
    stewards.next().filter(|_| stewards.next().is_none())
}

/// What only the documentation steward may own: the shared plan documents, and both files of the component matrix where
/// promotions are asked for.
fn shared_documents(subject: &Subject<'_>) -> Vec<String> {
    let mut documents = subject.config.shared_plan_docs.clone();
    if subject.holds(subject.config.validation.component_promotions_from) {
        documents.push(subject.config.paths.matrix_doc.clone());
        documents.push(subject.config.paths.matrix_json.clone());
    }
    documents
}

fn exactly_one(subject: &Subject<'_>, document: &String, word: &str, report: &mut Report<'_>) {
    let importers: Vec<&Agent> =
        subject.wave.agents.iter().filter(|agent| agent.role_prompt_paths.contains(document)).collect();
    let message = format!("{} agents import {document}; one {word} steward is needed", importers.len());
    match importers.as_slice() {
        [_] => {}
        [] => report.wave(message, "add the document under `### Role prompts` of one agent"),
        [_, second, ..] => report.agent(second, second.position, message, "leave it to one of them"),
    }
}

fn imports(agent: &Agent, notes: &AgentNotes, document: &String, report: &mut Report<'_>) {
    if !agent.role_prompt_paths.contains(document) {
        report.agent(
            agent,
            notes.place("Role prompts", "", agent.position),
            format!("agent {} does not import {document}", agent.id),
            "add the document under `### Role prompts`",
        );
    }
}

fn owns_report(
    agent: &Agent,
    notes: &AgentNotes,
    is_report: fn(&str) -> bool,
    word: &str,
    report: &mut Report<'_>,
) {
    if !agent.owned_paths.iter().any(|path| is_report(path)) {
        report.agent(
            agent,
            notes.place("Prompt", "", agent.position),
            format!("agent {} owns no path for its {word} report", agent.id),
            &format!("add a .md or .txt path with `{word}` in it to its ownership list"),
        );
    }
}
