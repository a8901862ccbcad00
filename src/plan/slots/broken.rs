//! Slots that come before, or stand beside, what their tasks depend on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::wave::WaveNumber;
use super::Plan;
use crate::plan::backlog::TaskId;
use crate::plan::order::Graph;

/// A slot that breaks a dependency. It stays where it was put; its note says why it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The task.
    pub id: TaskId,
    /// Its wave.
    pub wave: WaveNumber,
    /// An unfinished task that it depends on.
    pub needs: TaskId,
    /// The wave of that task: the same one or a later one.
    pub needs_wave: WaveNumber,
}

/// Every broken dependency between two slots of a plan, in the order of the plan. What is finished breaks nothing, and
/// what has no slot is a gate and no fault of the plan.
pub fn broken(plan: &Plan, graph: &Graph<'_>) -> Vec<Broken> {
    let placement: BTreeMap<&str, WaveNumber> =
        plan.slots().map(|(wave, slot)| (slot.task.as_str(), wave)).collect();
    let finished = |id: &TaskId| graph.get(id).is_some_and(|task| task.status.is_finished());
    let mut found = Vec::new();
    for (wave, slot) in plan.slots().filter(|(_, slot)| !finished(&slot.task)) {
        for needs in graph.needs(&slot.task).into_iter().filter(|needs| !finished(needs)) {
            if let Some(needs_wave) =
                placement.get(needs.as_str()).copied().filter(|needs_wave| *needs_wave >= wave)
            {
                found.push(Broken { id: slot.task.clone(), wave, needs: needs.clone(), needs_wave });
            }
        }
    }
    found
}
