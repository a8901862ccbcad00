//! Rules about what changes something live: where it deploys to, how that is taken back, and how much is left to agents.
//!
//! What an environment is made of, which credentials it expects, how one sees that it is ready and how a deployment is
//! taken back may be said once, in the project profile, or in the prompts of the wave.

use super::super::config::profile::{Environment, Posture};
use super::super::role::{Role, role_of};
use super::super::wave::Wave;
use super::{Report, Subject};

const SECTION: &str = "Deploy environments";
const PROFILE: &str = "Project profile";

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

/// W18.
pub(super) fn deploying_can_be_taken_back(subject: &Subject<'_>, report: &mut Report<'_>) {
    if deploys(subject) && !can_be_taken_back(subject) {
        report.part(
            subject,
            SECTION,
            "",
            format!("wave {} deploys and nothing says how that is rolled back", subject.wave.number),
            "tell the deploying agent how it is taken back and who decides, or set `rollback` of the environment in the \
             project profile",
        );
    }
}

/// W19: what nobody is asked about later must be in the plan.
pub(super) fn a_dark_factory_knows_its_environment(subject: &Subject<'_>, report: &mut Report<'_>) {
    let acts =
        deploys(subject) || subject.agents().any(|(agent, _)| role_of(agent, subject.config) == Role::Infra);
    if !is_posture(subject, Posture::DarkFactory) || !acts {
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
            known(subject, |environment| !environment.credentials_expected.is_empty())
                || speaks_of(wave, &["credential", "token", "secret", "service account", "api key"]),
            "the credentials that are expected",
            "name them (never their values) as `credentialsExpected` of the environment in the project profile, or in \
             the prompt of the agent that needs them",
        ),
        (
            known(subject, |environment| {
                environment.readiness_command.is_some() || environment.health_command.is_some()
            }) || speaks_of(
                wave,
                &["validation:", "validation (", "healthcheck", "health check", "smoke test"],
            ),
            "a validation command",
            "set `readinessCommand` or `healthCommand` of the environment in the project profile, or add `Validation:` \
             with the command that shows that it is up",
        ),
        (
            can_be_taken_back(subject),
            "how it is rolled back",
            "set `rollback` of the environment in the project profile, or say how the change is taken back, and when",
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
            PROFILE,
            "",
            format!("wave {} is to run without people (dark-factory) and lacks {what}", wave.number),
            hint,
        );
    }
}

/// W20.
pub(super) fn one_environment_is_the_default(subject: &Subject<'_>, report: &mut Report<'_>) {
    let environments = subject.wave.deploy_environments.iter();
    let defaults: Vec<&str> =
        environments.filter(|environment| environment.is_default).map(|one| one.id.as_str()).collect();
    if let [first, second, ..] = defaults.as_slice() {
        report.part(
            subject,
            SECTION,
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
                SECTION,
                &environment.id,
                format!("`{}` is no kind of deploy environment that anything is known of", environment.kind),
                &format!("the kinds are {}", KINDS.join(", ")),
            );
        }
    }
}

/// W23: under oversight, live changes have a person's gate in the plan.
pub(super) fn oversight_has_a_gate(subject: &Subject<'_>, report: &mut Report<'_>) {
    const GATES: [&str; 5] =
        ["approval", "approve", "human gate", "ask the operator", "wait for the operator"];
    if is_posture(subject, Posture::Oversight) && deploys(subject) && !speaks_of(subject.wave, &GATES) {
        report.part(
            subject,
            PROFILE,
            "",
            format!(
                "wave {} changes something live under oversight and no prompt asks a person",
                subject.wave.number
            ),
            "tell the deploying agent to ask the operator before it changes anything live",
        );
    }
}

/// W25. A project whose profile names no environments leaves them to its waves.
pub(super) fn environments_are_those_of_the_profile(subject: &Subject<'_>, report: &mut Report<'_>) {
    let profile = &subject.profile.deploy_environments;
    if profile.is_empty() {
        return;
    }
    for environment in &subject.wave.deploy_environments {
        let (message, hint) = match profile.iter().find(|known| known.id == environment.id) {
            Some(known) if known.kind == environment.kind => continue,
            Some(known) => (
                format!(
                    "`{}` is `{}` here and `{}` in the project profile",
                    environment.id, environment.kind, known.kind
                ),
                "make the two agree: skills are chosen by what stands here".to_string(),
            ),
            None => {
                let ids: Vec<&str> = profile.iter().map(|known| known.id.as_str()).collect();
                (
                    format!("the project profile has no deploy environment `{}`", environment.id),
                    format!("it has {}; add this one there, or correct its id", ids.join(", ")),
                )
            }
        };
        report.part(subject, SECTION, &environment.id, message, &hint);
    }
}

fn is_posture(subject: &Subject<'_>, posture: Posture) -> bool {
    subject.wave.posture.as_deref().and_then(Posture::of) == Some(posture)
}

fn deploys(subject: &Subject<'_>) -> bool {
    !subject.wave.deploy_environments.is_empty()
        || subject.agents().any(|(agent, _)| role_of(agent, subject.config) == Role::Deploy)
}

fn can_be_taken_back(subject: &Subject<'_>) -> bool {
    known(subject, |environment| environment.rollback.is_some())
        || speaks_of(subject.wave, &["rollback", "roll back", "roll-back", "revert"])
}

/// Whether the project profile says something of every environment of the wave.
fn known(subject: &Subject<'_>, says: impl Fn(&Environment) -> bool) -> bool {
    let wanted = &subject.wave.deploy_environments;
    let profile = &subject.profile.deploy_environments;
    !wanted.is_empty()
        && wanted.iter().all(|wanted| profile.iter().any(|known| known.id == wanted.id && says(known)))
}

/// Whether the own text of any agent has one of the words, whatever their case.
fn speaks_of(wave: &Wave, words: &[&str]) -> bool {
    wave.agents.iter().any(|agent| {
        let text = agent.prompt_overlay.to_lowercase();
        words.iter().any(|word| text.contains(word))
    })
}
