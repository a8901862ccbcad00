//! The way of an ad-hoc run into the lane: its workers under a number of the lane, with the lane's stewards.

use super::super::super::config::profile::Posture;
use super::super::field::Answers;
use super::super::ground::{Ground, is_live};
use super::super::questions::{promotions_of, questions};
use super::super::spec::{Spec, SpecAgent};
use super::super::stewards::stewards;
use super::super::template::template;
use super::super::worker::{Around, default_artifacts, own_artifacts};
use super::{REVIEWER, WAVE, reviewer};

/// The wave of the lane that a run becomes; `ground` is that of the lane and of the wave's number. Workers stay as they
/// are; where waves of the lane promote components they get the one that a draft of this title would promote.
pub fn promoted(ground: &Ground<'_>, run: &Spec) -> Spec {
    let name = run.template.as_deref().unwrap_or_default();
    let mut answers = Answers::default();
    answers.give("template", template(name).name);
    answers.give("title", &run.title);
    let (_, drafted) = questions(ground, &answers);
    let posture = run.oversight_mode.as_deref().and_then(Posture::of);
    let around = Around {
        ground,
        template: template(name),
        posture: posture.unwrap_or(ground.profile.default_oversight_mode),
        catalog: &drafted.components_catalog,
        bundle: super::NONE,
    };
    let mut agents = stewards(ground, !run.eval_targets.is_empty());
    let stewards: Vec<String> = agents.iter().map(|agent| agent.agent_id.clone()).collect();
    let workers = run.agents.iter().filter(|agent| !stewards.contains(&agent.agent_id));
    agents.extend(workers.map(|agent| match agent.agent_id.as_str() {
        // Its review lies where the wave's number says.
        REVIEWER => reviewer(&around),
        _ => with_components(&around, renumbered(ground, agent.clone())),
    }));
    Spec {
        run_kind: Some("roadmap".to_string()),
        run_id: None,
        source_run_id: run.run_id.clone().or_else(|| run.source_run_id.clone()),
        lane: ground.config.lane.clone(),
        wave: ground.wave,
        component_promotions: promotions_of(&drafted.components_catalog),
        components_catalog: drafted.components_catalog,
        agents,
        ..run.clone()
    }
}

/// The worker with the branch that its requirements name called after the wave.
fn renumbered(ground: &Ground<'_>, mut agent: SpecAgent) -> SpecAgent {
    let id = agent.agent_id.to_lowercase();
    let (before, after) = (format!("`wave-{WAVE}-{id}`"), format!("`wave-{}-{id}`", ground.wave));
    for requirement in &mut agent.requirements {
        *requirement = requirement.replace(&before, &after);
    }
    agent
}

/// The worker with the components of the wave, and with the proof that they ask for.
fn with_components(around: &Around<'_>, mut agent: SpecAgent) -> SpecAgent {
    if agent.exit_contract.is_none() || !agent.components.is_empty() {
        return agent;
    }
    agent.components = around.catalog.iter().map(|entry| entry.component_id.clone()).collect();
    let goes_live = around.catalog.iter().any(|entry| is_live(&entry.target_level));
    if goes_live && agent.proof_artifacts.is_empty() {
        agent.proof_artifacts = default_artifacts(around.ground, &agent.agent_id);
        own_artifacts(&mut agent);
    }
    agent
}
