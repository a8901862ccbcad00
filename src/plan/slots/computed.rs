//! What is computed beside a plan: the waves that the dependencies alone would give the same tasks.

use std::collections::BTreeMap;

use super::super::wave::WaveNumber;
use super::Plan;
use crate::plan::backlog::TaskId;
use crate::plan::order::{Graph, Scope};

impl Plan {
    /// What its computed waves are about: its scope and every task that has a slot. A plan that follows a document is
    /// about what has a slot alone; any other one without a scope is about the whole backlog.
    pub fn computed_scope(&self) -> Scope {
        if self.scope.is_empty() && self.document.is_none() {
            return Scope::All;
        }
        let mut ids = self.scope.clone();
        ids.extend(self.slots().map(|(_, slot)| slot.task.clone()));
        Scope::Of(ids)
    }

    /// The waves by the dependencies. They count from 0 if the plan has a wave 0, else from 1.
    pub fn computed(&self, graph: &Graph<'_>) -> Vec<(WaveNumber, Vec<TaskId>)> {
        let from_zero = self.wave(0).is_some();
        let levels = graph.levels(&self.computed_scope());
        levels.waves.into_iter().map(|wave| (wave.number - u32::from(from_zero), wave.tasks)).collect()
    }

    /// The same, by task.
    pub fn computed_placement(&self, graph: &Graph<'_>) -> BTreeMap<TaskId, WaveNumber> {
        let waves = self.computed(graph).into_iter();
        waves.flat_map(|(wave, tasks)| tasks.into_iter().map(move |task| (task, wave))).collect()
    }
}
