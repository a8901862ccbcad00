//! What planned waves must hold beyond what every wave must: somebody who writes by hand may know better, a planner has to
//! show it.

use std::collections::BTreeMap;

use super::super::super::finding::{Finding, Position};
use super::super::super::wave::entries::LEVELS;
use super::super::ground::{Ground, is_live};
use super::super::spec::{Spec, SpecAgent};

/// A component goes back, or further than one honest step.
const STEP: &str = "D02";
/// A worker leaves nothing.
const DELIVERABLE: &str = "D03";
/// Work that goes live lacks a runbook, a proof or a way back.
const LIVE: &str = "D04";

/// Up to here every level is one step: it can be shown in the repository alone.
const LAST_IN_THE_REPOSITORY: &str = "baseline-proved";

/// Where runbooks lie.
const RUNBOOKS: &str = "docs/plans/operations/";

/// Checks planned waves, in their order.
pub(super) fn check(ground: &Ground<'_>, specs: &[Spec]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut reached: BTreeMap<&str, &str> = BTreeMap::new();
    for spec in specs {
        let file = Spec::path(ground.config.waves_directory(), spec.wave);
        let mut say = |rule: &str, message: String, hint: &str| {
            findings.push(Finding::error(rule, &file, Position::START, message, hint.to_string()));
        };
        for entry in &spec.components_catalog {
            let id = entry.component_id.as_str();
            let known = ground.component(id).map(|known| known.current_level.as_str());
            let from = reached.get(id).copied().or(known).unwrap_or(&entry.current_level);
            let to = entry.target_level.as_str();
            if let Some((message, hint)) = step(ground, id, from, to) {
                say(STEP, message, hint);
            }
            reached.insert(id, to);
        }
        let goes_live = spec.components_catalog.iter().any(|entry| is_live(&entry.target_level));
        for agent in workers(ground, spec) {
            let id = &agent.agent_id;
            if agent.exit_contract.is_some() && agent.deliverables.is_empty() {
                let message = format!("{id} leaves no file by which its work can be seen");
                say(DELIVERABLE, message, "give it a deliverable: a file among its owned paths");
            }
        }
        if goes_live {
            for (missing, hint) in missing_when_live(ground, spec) {
                say(LIVE, format!("a component goes live, and {missing}"), hint);
            }
        }
    }
    findings
}

/// Those who are no closure stewards.
fn workers<'s>(ground: &Ground<'_>, spec: &'s Spec) -> Vec<&'s SpecAgent> {
    let roles = &ground.config.roles;
    let stewards =
        [&roles.cont_qa_agent, &roles.cont_eval_agent, &roles.integration_agent, &roles.documentation_agent];
    spec.agents.iter().filter(|agent| !stewards.contains(&&agent.agent_id)).collect()
}

/// What is wrong with the way from one level to another.
fn step(ground: &Ground<'_>, id: &str, from: &str, to: &str) -> Option<(String, &'static str)> {
    let levels = ground.levels();
    let rank = |level: &str| levels.iter().position(|known| *known == level);
    let (from_rank, to_rank) = (rank(from)?, rank(to)?);
    if to_rank < from_rank {
        let message = format!("{id} stands at {from} and would go back to {to}");
        return Some((message, "plan a level that is not below where it stands"));
    }
    let first_step = rank(LAST_IN_THE_REPOSITORY).unwrap_or_default();
    let steps = to_rank.saturating_sub(first_step).saturating_sub(from_rank.saturating_sub(first_step));
    if steps > 1 {
        let next = levels.get(from_rank.max(first_step) + 1).copied().unwrap_or(to);
        let message = format!("{id} would go from {from} to {to} in one wave");
        let hint = match next == LEVELS[4] {
            true => "promote it to pilot-live at most; what goes further is shown in a later wave",
            false => "promote it by one level; what goes further is shown in a later wave",
        };
        return Some((message, hint));
    }
    None
}

/// What a wave whose work goes live does not have.
fn missing_when_live(ground: &Ground<'_>, spec: &Spec) -> Vec<(&'static str, &'static str)> {
    let workers = workers(ground, spec);
    let artifacts = || workers.iter().flat_map(|agent| &agent.proof_artifacts);
    let state_root = format!("{}/", ground.config.state_root());
    let speaks_of_the_way_back = |text: &str| {
        let text = text.to_lowercase();
        text.contains("rollback") || text.contains("restart")
    };
    let owned = || workers.iter().flat_map(|agent| agent.owned_paths.iter().chain(&agent.deliverables));
    [
        (
            owned().any(|path| path.starts_with(RUNBOOKS)),
            "nobody writes a runbook",
            "give a worker a file in docs/plans/operations/",
        ),
        (
            artifacts().any(|artifact| artifact.path.starts_with(&state_root)),
            "nobody keeps a proof of it",
            "give a worker a proof artifact in the folder of temporary files",
        ),
        (
            artifacts().any(|artifact| {
                speaks_of_the_way_back(&artifact.path)
                    || artifact.kind.as_deref().is_some_and(speaks_of_the_way_back)
            }),
            "nobody proves the way back",
            "give a worker a proof artifact of the kind rollback-rehearsal",
        ),
    ]
    .into_iter()
    .filter(|(is_there, ..)| !is_there)
    .map(|(_, missing, hint)| (missing, hint))
    .collect()
}
