//! From a wave file to its spec. What a wave file cannot say (template, catalogue, tasks) is absent, or taken from a spec
//! that is there already.

use super::super::text::Lines;
use super::super::wave::{Agent, Wave, lines_under};
use super::executor::SpecExecutor;
use super::prompt::take;
use super::spec::{Spec, SpecAgent, SpecProject};

/// The spec that says what the wave says. `text` is the file that `wave` was read from; `known`, the spec that is there,
/// gives what no wave file says.
pub fn spec_of(wave: &Wave, text: &str, known: Option<&Spec>) -> Spec {
    let known = known.cloned().unwrap_or_default();
    let lines = Lines::of(text);
    let under = |heading: &str| -> Vec<&str> {
        lines_under(&lines, heading).map(|line| line.text.strip_prefix("- ").unwrap_or(line.text)).collect()
    };
    let profile = under("Project profile");
    let said = |key: &str| -> Option<String> {
        profile
            .iter()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
            .map(|value| value.trim().to_string())
    };
    let note = |heading: &str| Some(under(heading).join(" ")).filter(|note| !note.is_empty());
    Spec {
        schema_version: 1,
        project_profile: SpecProject {
            project_name: said("project").unwrap_or(known.project_profile.project_name),
            new_project: said("new-project").map_or(known.project_profile.new_project, |word| word == "yes"),
            ..known.project_profile
        },
        lane: said("lane").unwrap_or(known.lane),
        wave: wave.number,
        title: wave.title.clone().unwrap_or_default(),
        commit_message: wave.commit_message.clone().unwrap_or_default(),
        oversight_mode: wave.posture.clone(),
        sequencing_note: note("Sequencing note"),
        reference_rule: note("Reference rule"),
        deploy_environments: wave.deploy_environments.clone(),
        context7_defaults: wave.context7_defaults.clone(),
        eval_targets: wave.eval_targets.clone(),
        component_promotions: wave.component_promotions.clone(),
        agents: wave.agents.iter().map(|agent| self::agent(agent, wave, &known.agents)).collect(),
        ..known
    }
}

fn agent(agent: &Agent, wave: &Wave, known: &[SpecAgent]) -> SpecAgent {
    let known = known.iter().find(|known| known.agent_id == agent.id);
    let mut spec = SpecAgent {
        agent_id: agent.id.clone(),
        title: agent.title.clone(),
        role_prompt_paths: agent.role_prompt_paths.clone(),
        skills: agent.skills.clone(),
        executor: SpecExecutor::of(&agent.executor),
        context7: agent.context7.clone(),
        components: agent.components.clone(),
        capabilities: agent.capabilities.clone(),
        deliverables: agent.deliverables.clone(),
        proof_artifacts: agent.proof_artifacts.clone(),
        exit_contract: agent.exit_contract,
        owned_paths: agent.owned_paths.clone(),
        track: agent.track.clone(),
        other: known.map(|known| known.other.clone()).unwrap_or_default(),
        ..SpecAgent::default()
    };
    take(&mut spec, &agent.prompt_overlay, &wave.deploy_environments);
    spec
}
