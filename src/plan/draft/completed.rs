//! A worker of which somebody said a part, filled up with what its kind and the profile say: for planners and ad-hoc
//! runs, which nobody answers questions for.

use super::super::config::profile::Environment;
use super::super::wave::Context7;
use super::executor::SpecExecutor;
use super::spec::SpecAgent;
use super::stewards::profile;
use super::template::WorkerKind;
use super::worker::{Around, free_id, gate, known_of, own_artifacts, role_documents};

/// Fills up `said`: what it says stays, lists grow by what the kind of worker must have. Owned paths are never made up. An
/// agent without an id gets one that is not among `taken`.
pub(super) fn completed(
    around: &Around<'_>,
    kind: &WorkerKind,
    said: SpecAgent,
    taken: &[String],
) -> SpecAgent {
    let Around { ground, template, .. } = around;
    let mut agent = said;
    agent.agent_id = or(agent.agent_id, || free_id(taken));
    agent.title = or(agent.title, || format!("{} {}", template.track, agent.agent_id));
    let (id, title) = (agent.agent_id.clone(), agent.title.clone());
    let filled = |text: &&str| ground.filled(text, &id, &title);
    let texts = |texts: &[&str]| -> Vec<String> { texts.iter().map(filled).collect() };
    if agent.executor == SpecExecutor::default() {
        agent.executor = profile(ground, kind.profile);
    }
    add(&mut agent.capabilities, texts(kind.capabilities));
    let own_context = std::mem::take(&mut agent.required_context);
    add(&mut agent.required_context, ground.required_context());
    add(&mut agent.required_context, own_context);
    let environment = environment(around, kind, &agent);
    agent.deploy_environment_id =
        environment.map(|known| known.id.clone()).or(agent.deploy_environment_id.take());
    if agent.requirements.is_empty() || kind.acts {
        add(&mut agent.requirements, texts(kind.requirements));
        add(&mut agent.requirements, texts(template.requirements));
    }
    add(&mut agent.requirements, environment.map(known_of).unwrap_or_default());
    if kind.acts {
        add(&mut agent.requirements, vec![gate(around.posture).to_string()]);
    }
    let readiness = environment.and_then(|environment| environment.readiness_command.as_ref());
    agent.validation_command = or(agent.validation_command, || match readiness {
        Some(command) => format!("Run `{command}`, and keep its output as proof."),
        None => kind.validation.to_string(),
    });
    agent.output_summary = or(agent.output_summary, || kind.output.to_string());
    agent.primary_goal = or(agent.primary_goal, || filled(&kind.goal));
    if agent.collaboration_notes.is_empty() {
        agent.collaboration_notes = texts(kind.notes);
    }
    agent.context7.get_or_insert_with(|| Context7 { bundle: Some(around.bundle.to_string()), query: None });
    agent.exit_contract = agent.exit_contract.or(kind.contract);
    if agent.role_prompt_paths.is_empty() {
        agent.role_prompt_paths = role_documents(ground, kind);
    }
    if agent.deliverables.is_empty() && kind.contract.is_some() {
        let is_file = |path: &&String| !path.ends_with('/');
        agent.deliverables = agent.owned_paths.iter().filter(is_file).cloned().collect();
    }
    own_artifacts(&mut agent);
    agent
}

/// The environment that the agent names, else the profile's default for those who act on one.
fn environment<'a>(around: &Around<'a>, kind: &WorkerKind, agent: &SpecAgent) -> Option<&'a Environment> {
    let profile = around.ground.profile;
    match &agent.deploy_environment_id {
        Some(id) => profile.deploy_environments.iter().find(|environment| environment.id == *id),
        None => profile.default_environment().filter(|_| kind.acts),
    }
}

fn or(said: String, otherwise: impl FnOnce() -> String) -> String {
    if said.trim().is_empty() { otherwise() } else { said }
}

/// Adds what is not in a list yet.
fn add(list: &mut Vec<String>, more: Vec<String>) {
    for item in more {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}
