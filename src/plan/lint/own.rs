//! Rules of ours: what reads well and still goes wrong later. None of them stops a wave but those of a posture.

use std::collections::BTreeMap;

use super::super::role::Role;
use super::super::role::role_of;
use super::super::wave::ownership::covers;
use super::super::wave::{Agent, Wave};
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
    use super::super::role::{Stage, stage_of};
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

/// W18.
pub(super) fn deploying_can_be_taken_back(subject: &Subject<'_>, report: &mut Report<'_>) {
    if !deploys(subject) || speaks_of(subject.wave, &["rollback", "roll back", "roll-back", "revert"]) {
        return;
    }
    report.part(
        subject,
        "Deploy environments",
        "",
        format!("wave {} deploys and no prompt says how that is rolled back", subject.wave.number),
        "tell the deploying agent how it is taken back and who decides",
    );
}

/// W20.
pub(super) fn one_environment_is_the_default(subject: &Subject<'_>, report: &mut Report<'_>) {
    let environments = subject.wave.deploy_environments.iter();
    let defaults: Vec<&str> =
        environments.filter(|environment| environment.is_default).map(|one| one.id.as_str()).collect();
    if let [first, others @ ..] = defaults.as_slice()
        && let Some(second) = others.first()
    {
        report.part(
            subject,
            "Deploy environments",
            second,
            format!("`{first}` and `{second}` both say that they are the default; `{first}` counts"),
            "leave `default` to one of them",
        );
    }
}

/// W21.
pub(super) fn kinds_are_known(subject: &Subject<'_>, report: &mut Report<'_>) {
    for environment in &subject.wave.deploy_environments {
        if !KINDS.contains(&environment.kind.as_str()) {
            report.part(
                subject,
                "Deploy environments",
                &environment.id,
                format!("`{}` is no kind of deploy environment that anything is known of", environment.kind),
                &format!("the kinds are {}", KINDS.join(", ")),
            );
        }
    }
}

/// Kinds of deploy environments: those of a project profile of `@chllming/wave-orchestration` 0.9.15, and the two more
/// that its skills know.
pub(in crate::plan) const KINDS: [&str; 8] = [
    "railway-mcp",
    "railway-cli",
    "docker-compose",
    "kubernetes",
    "ssh-manual",
    "aws",
    "github-release",
    "custom",
];

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

/// W19: what nobody is asked about later must be in the plan.
pub(super) fn a_dark_factory_knows_its_environment(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.wave.posture.as_deref() != Some("dark-factory") {
        return;
    }
    let acts =
        deploys(subject) || subject.agents().any(|(agent, _)| role_of(agent, subject.config) == Role::Infra);
    if !acts {
        return;
    }
    let wave = subject.wave;
    let lacking: [(bool, &str, &str); 5] = [
        (
            !wave.deploy_environments.is_empty(),
            "a deploy environment",
            "add `## Deploy environments` with `- <id>: <kind>`",
        ),
        (
            speaks_of(wave, &["credential", "token", "secret", "service account", "api key"]),
            "the credentials that are expected",
            "name them (never their values) in the prompt of the agent that needs them",
        ),
        (
            speaks_of(wave, &["validation:", "validation (", "healthcheck", "health check", "smoke test"]),
            "a validation command",
            "add `Validation:` with the command that shows that it is up",
        ),
        (
            speaks_of(wave, &["rollback", "roll back", "roll-back", "revert"]),
            "how it is rolled back",
            "say how the change is taken back, and when",
        ),
        (
            subject
                .owners()
                .any(|(agent, _)| !agent.proof_artifacts.is_empty() || agent.exit_contract.is_some()),
            "a closure that a program can check",
            "add `### Exit contract` or `### Proof artifacts`",
        ),
    ];
    for (_, what, hint) in lacking.iter().filter(|(is_there, _, _)| !is_there) {
        report.part(
            subject,
            "Project profile",
            "",
            format!("wave {} is to run without people (dark-factory) and lacks {what}", wave.number),
            hint,
        );
    }
}

/// W23: under oversight, live changes have a person's gate in the plan.
pub(super) fn oversight_has_a_gate(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.wave.posture.as_deref() != Some("oversight") || !deploys(subject) {
        return;
    }
    if !speaks_of(
        subject.wave,
        &["approval", "approve", "human gate", "ask the operator", "wait for the operator"],
    ) {
        report.part(
            subject,
            "Project profile",
            "",
            format!(
                "wave {} changes something live under oversight and no prompt asks a person",
                subject.wave.number
            ),
            "tell the deploying agent to ask the operator before it changes anything live",
        );
    }
}

fn deploys(subject: &Subject<'_>) -> bool {
    !subject.wave.deploy_environments.is_empty()
        || subject.agents().any(|(agent, _)| role_of(agent, subject.config) == Role::Deploy)
}

/// Whether the own text of any agent has one of the words, whatever their case.
fn speaks_of(wave: &Wave, words: &[&str]) -> bool {
    wave.agents.iter().any(|agent| {
        let text = agent.prompt_overlay.to_lowercase();
        words.iter().any(|word| text.contains(word))
    })
}

/// W14: numbers that are missing between the waves of a lane, as the place where the next one begins. Lanes leave out
/// numbers on purpose, so this is said once for each gap, at the wave after it.
pub(in crate::plan) fn gaps(waves: &BTreeMap<u32, Wave>) -> Vec<(&Wave, String)> {
    let numbers: Vec<u32> = waves.keys().copied().collect();
    let mut found = Vec::new();
    for pair in numbers.windows(2) {
        let [before, after] = pair else { continue };
        if after - before > 1
            && let Some(wave) = waves.get(after)
        {
            let missing = match after - before {
                2 => format!("wave {}", before + 1),
                _ => format!("waves {} to {}", before + 1, after - 1),
            };
            found.push((wave, format!("{missing} does not exist between wave {before} and wave {after}")));
        }
    }
    found
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
