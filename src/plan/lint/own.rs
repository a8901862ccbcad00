//! Rules of ours: what reads well and still goes wrong later. None of them stops a wave.

use super::super::role::{Stage, stage_of};
use super::super::wave::Agent;
use super::super::wave::ownership::covers;
use super::{Report, Subject};

/// W12. What lies in a folder of temporary files is shared on purpose.
pub(super) fn nobody_owns_the_same(subject: &Subject<'_>, report: &mut Report<'_>) {
    let state_root = format!("{}/", subject.config.paths.state_root);
    for (index, (agent, notes)) in subject.agents().enumerate() {
        for path in agent.owned_paths.iter().filter(|path| !path.starts_with(&state_root)) {
            let before = subject.wave.agents.iter().take(index);
            let other = before
                .filter(|other| other.id != agent.id && together(subject, agent, other))
                .find(|other| other.owned_paths.iter().any(|owned| overlap(owned, path)));
            if let Some(other) = other {
                report.agent(
                    agent,
                    notes.place("Prompt", path, agent.position),
                    format!("agents {} and {} run side by side and both own {path}", other.id, agent.id),
                    "give the path to one of them, or put them into different waves",
                );
            }
        }
    }
}

/// Whether two agents may run at the same time: both build. Designers come before, closure is one at a time.
fn together(subject: &Subject<'_>, one: &Agent, other: &Agent) -> bool {
    let stage = |agent: &Agent| stage_of(agent, subject.config);
    stage(one) == stage(other) && stage(one) != Stage::Closure
}

fn overlap(one: &str, other: &str) -> bool {
    one == other || covers(one, other) || covers(other, one)
}

/// W13.
pub(super) fn has_a_commit_message(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.wave.commit_message.is_none() {
        report.wave(
            "this wave has no commit message".to_string(),
            "add a line such as **Commit message**: `Feat: bound the artifact cache`",
        );
    }
}

/// W15.
pub(super) fn capabilities_are_of_use(subject: &Subject<'_>, report: &mut Report<'_>) {
    let routed = &subject.config.preferred_agents;
    if routed.is_empty() {
        return;
    }
    for (agent, notes) in subject.agents() {
        for capability in &agent.capabilities {
            let makes_a_role = ["design", "security-review"].contains(&capability.as_str())
                || ["infra", "deploy", "research"].iter().any(|word| capability.starts_with(word));
            if !makes_a_role && !routed.contains_key(capability) {
                report.agent(
                    agent,
                    notes.place("Capabilities", capability, agent.position),
                    format!("nothing is routed by the capability `{capability}` of agent {}", agent.id),
                    "name it in capabilityRouting.preferredAgents, or remove it",
                );
            }
        }
    }
    for (capability, ids) in routed {
        for id in ids {
            let Some(agent) = subject.wave.agents.iter().find(|agent| agent.id == *id) else { continue };
            if !agent.capabilities.contains(capability) {
                report.agent(
                    agent,
                    agent.position,
                    format!("`{capability}` is routed to agent {id}, which does not have it"),
                    "add it under `### Capabilities`, or correct capabilityRouting.preferredAgents",
                );
            }
        }
    }
}

/// W17.
pub(super) fn validation_says_something(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        if empty_validation(&agent.prompt_overlay) {
            report.agent(
                agent,
                notes.place("Prompt", "", agent.position),
                format!("the prompt of agent {} has a `Validation:` with nothing under it", agent.id),
                "say how the work is checked, such as a test command, or remove the line",
            );
        }
    }
}

/// Whether a line `Validation:` (or with words in parentheses) is followed by no text before the next such header.
fn empty_validation(prompt: &str) -> bool {
    let mut lines = prompt.lines().skip_while(|line| !is_header(line, "validation"));
    let Some(header) = lines.next() else { return false };
    let after = header.split_once(':').map_or("", |(_, after)| after.trim());
    let below = lines.map(str::trim).find(|line| !line.is_empty());
    after.is_empty() && below.is_none_or(is_any_header)
}

fn is_header(line: &str, word: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.strip_prefix(word).is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.starts_with(':') || (rest.starts_with('(') && rest.contains("):"))
    })
}

fn is_any_header(line: &str) -> bool {
    line.ends_with(':') && !line.starts_with(['-', '*'])
}

/// W22. Below the threshold of exit contracts nothing asks for them, and then nothing asks for these files.
pub(super) fn what_is_owed_is_asked_for(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.owners() {
        let owed = agent.deliverables.len() + agent.proof_artifacts.len();
        if agent.exit_contract.is_none() && owed > 0 && notes.exit_contract_faults.is_empty() {
            report.agent(
                agent,
                notes.place("Deliverables", "", agent.position),
                format!("agent {} owes {owed} files and has no exit contract", agent.id),
                "without `### Exit contract` older launchers do not look for them; add one",
            );
        }
    }
}

/// W26. What lifts every restriction is worth a look each time, even where the configuration means it.
pub(super) fn approvals_stay_on(subject: &Subject<'_>, report: &mut Report<'_>) {
    const LIFTING: [(&str, &str); 2] =
        [("codex.sandbox", "danger-full-access"), ("claude.permission_mode", "bypassPermissions")];
    for (agent, notes) in subject.agents() {
        for (key, word) in LIFTING {
            if agent.executor.settings.get(key).and_then(serde_json::Value::as_str) == Some(word) {
                report.agent(
                    agent,
                    notes.place("Executor", key, agent.position),
                    format!("agent {} runs without any approval or sandbox (`{key}: {word}`)", agent.id),
                    "grant what it needs instead, or set it in the configuration, where the whole team sees it",
                );
            }
        }
    }
}

/// W27. Roles go by id alone: who imports a steward's document under another id is told to close the wave and does not.
pub(super) fn stewards_have_their_ids(subject: &Subject<'_>, report: &mut Report<'_>) {
    let roles = &subject.config.roles;
    let stewards = [
        (&roles.cont_qa_document, &roles.cont_qa_agent),
        (&roles.cont_eval_document, &roles.cont_eval_agent),
        (&roles.integration_document, &roles.integration_agent),
        (&roles.documentation_document, &roles.documentation_agent),
    ];
    for (agent, notes) in subject.agents() {
        for (document, id) in stewards {
            // One that closes in several roles is V32's or V33's business.
            let is_steward = stewards.iter().any(|(_, id)| **id == agent.id);
            if !is_steward && agent.role_prompt_paths.contains(document) {
                report.agent(
                    agent,
                    notes.place("Role prompts", document, agent.position),
                    format!("agent {} imports {document}, but that role is {id}'s", agent.id),
                    &format!("call the agent {id}, or name its id under `roles` in wave.config.json"),
                );
            }
        }
    }
}

/// W28. A comma ends an item, whatever is around it.
pub(super) fn list_values_are_whole(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents() {
        for (key, value) in &agent.executor.settings {
            let mut items = value.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
            let cut = items.find(|item| item.matches('(').count() != item.matches(')').count());
            if let Some(item) = cut {
                report.agent(
                    agent,
                    notes.place("Executor", key, agent.position),
                    format!("`{key}` of agent {} is cut at a comma: `{item}` is one item of it", agent.id),
                    "a comma cannot stand inside an item; write it without, or set the list in an executor profile",
                );
            }
        }
    }
}

/// Above this a prompt cannot be one argument of a command line on Linux, and no runtime reads it well.
const PROMPT_BYTES: usize = 100 * 1024;

/// W29.
pub(super) fn prompts_are_not_huge(subject: &Subject<'_>, report: &mut Report<'_>) {
    for (agent, notes) in subject.agents().filter(|(agent, _)| agent.prompt.len() > PROMPT_BYTES) {
        report.agent(
            agent,
            notes.place("Prompt", "", agent.position),
            format!("the prompt of agent {} has {} KiB", agent.id, agent.prompt.len() / 1024),
            "move what it has to know into a document that it reads",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::empty_validation;

    #[test]
    fn an_empty_validation_is_seen() {
        for (prompt, expected) in [
            ("Validation:\n- cargo test", false),
            ("Validation: cargo test", false),
            ("Do.\n\nValidation:\n\nFile ownership (only touch these paths):\n- a", true),
            ("Validation (must pass):\n", true),
            ("Validation (must pass):\n- x", false),
            ("Validation:", true),
            ("No such line", false),
            ("Validations are good", false),
        ] {
            assert_eq!(empty_validation(prompt), expected, "{prompt:?}");
        }
    }
}
