//! Rules about one agent at a time.

use super::super::role::{is_implementation_type, is_proof_centric};
use super::super::runtime::resolve;
use super::super::wave::ownership::is_inside_project;
use super::super::wave::{Agent, is_role_document_path};
use super::{Report, Subject};

/// V12.
pub(super) fn owns_something(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents().filter(|(agent, _)| agent.owned_paths.is_empty()) {
        report.agent(
            agent,
            notes.place("Prompt", "", agent.position),
            format!("agent {} owns no path", agent.id),
            "add a `File ownership (only touch these paths):` list to its prompt",
        );
    }
}

/// V13.
pub(super) fn owns_inside(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        for path in agent.owned_paths.iter().filter(|path| !is_inside_project(path)) {
            report.agent(
                agent,
                notes.place("Prompt", path, agent.position),
                format!("agent {} owns `{path}`, which leaves the project", agent.id),
                "name paths from the project's root",
            );
        }
    }
}

/// V14.
pub(super) fn imports_from_the_folder(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents() {
        for path in agent.role_prompt_paths.iter().filter(|path| !is_role_document_path(path, subject.config))
        {
            report.agent(
                agent,
                notes.place("Role prompts", path, agent.position),
                format!(
                    "agent {} imports `{path}`, which is no markdown file in {}",
                    agent.id,
                    subject.config.role_prompt_directory()
                ),
                "move the document there, or set roles.rolePromptDir",
            );
        }
    }
}

/// V15. Asked only of agents that name their runtime themselves.
pub(super) fn settings_fit_the_runtime(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        let Some(id) = &agent.executor.id else { continue };
        let foreign: Vec<&str> = agent
            .executor
            .settings
            .keys()
            .map(String::as_str)
            .filter(|key| key.split('.').next() != Some(id.0.as_str()))
            .collect();
        if !foreign.is_empty() {
            report.agent(
                agent,
                notes.place("Executor", foreign.first().copied().unwrap_or_default(), agent.position),
                format!(
                    "agent {} runs on {id} and has settings for others: {}",
                    agent.id,
                    foreign.join(", ")
                ),
                "remove them; settings for a fallback belong into an executor profile",
            );
        }
    }
}

/// V21.
pub(super) fn has_exit_contract(subject: &Subject<'_>, report: &mut Report<'_>) {
    if !subject.holds(subject.config.validation.exit_contracts_from) {
        return;
    }
    for (agent, notes) in subject.owners() {
        let is_there = agent.exit_contract.is_some() || !notes.exit_contract_faults.is_empty();
        if !is_there && is_implementation_type(agent, subject.config) {
            report.agent(
                agent,
                notes.place("Exit contract", "", agent.position),
                format!("agent {} has no exit contract", agent.id),
                "add `### Exit contract` with completion, durability, proof and doc-impact",
            );
        }
    }
}

/// V22. Below the threshold, and for agents that need none, a bad contract is ignored and said to be.
pub(super) fn exit_contract_is_valid(subject: &Subject<'_>, report: &mut Report<'_>) {
    let holds = subject.holds(subject.config.validation.exit_contracts_from);
    for (agent, notes) in subject.owners() {
        for (place, fault) in &notes.exit_contract_faults {
            let message = format!("the exit contract of agent {} does not count: {fault}", agent.id);
            report.agent(
                agent,
                *place,
                message,
                "mend the value; an agent without a valid contract is held to none",
            );
            if !(holds && is_implementation_type(agent, subject.config)) {
                report.only_a_warning();
            }
        }
    }
}

/// V23.
pub(super) fn names_proof_artifacts(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        let needs_some = is_proof_centric(agent) && is_implementation_type(agent, subject.config);
        if needs_some && agent.proof_artifacts.is_empty() {
            report.agent(
                agent,
                notes.place("Proof artifacts", "", agent.position),
                format!(
                    "agent {} takes a component to pilot-live or above and names no proof artifact",
                    agent.id
                ),
                "add `### Proof artifacts` with the files that show it",
            );
        }
    }
}

/// V24, for what the agent's own layers say.
pub(super) fn proves_for_real(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        if is_proof_centric(agent) && resolve(agent, subject.config, None).id.is_local() {
            let (message, hint) = simulated_proof(agent);
            report.agent(agent, notes.place("Executor", "", agent.position), message, hint);
        }
    }
}

/// What V24 says about an agent.
pub(super) fn simulated_proof(agent: &Agent) -> (String, &'static str) {
    let message =
        format!("agent {} carries proof-centric work, which the local simulator cannot prove", agent.id);
    (message, "run it on codex, claude, opencode or a runtime of your own")
}
