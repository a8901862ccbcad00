//! What is computed beside a plan: the waves that the dependencies alone would give the same tasks.

use std::collections::BTreeMap;

use super::super::wave::WaveNumber;
use super::Plan;
use crate::plan::backlog::{Status, TaskId};
use crate::plan::order::{Graph, Scope};

impl Plan {
    /// What its computed waves are about: its scope and every task that has a slot. A plan that follows a document is
    /// about what has a slot alone; any other one without a scope is about the whole backlog.
    pub fn computed_scope(&self) -> Scope {
        if self.scope.is_empty() && !self.is_of_a_document() {
            return Scope::All;
        }
        let mut ids = self.scope.clone();
        ids.extend(self.slots().map(|(_, slot)| slot.task.clone()));
        Scope::Of(ids)
    }

    /// The waves by the dependencies. They count from 0 if the plan has a wave 0, else from 1. What is archived was done
    /// and stays in the wave that the plan has it in. A document names what is to be done as coarsely as its author
    /// likes: what lies in a task or an epic that it names is not listed beside it, and a saga or an epic comes with the
    /// last of what lies in it.
    pub fn computed(&self, graph: &Graph<'_>) -> Vec<(WaveNumber, Vec<TaskId>)> {
        let from_zero = u32::from(self.wave(0).is_some());
        let named = self.placement();
        let as_named = self.is_of_a_document();
        let mut waves: BTreeMap<WaveNumber, Vec<TaskId>> = BTreeMap::new();
        let mut holders: BTreeMap<&TaskId, WaveNumber> = BTreeMap::new();
        for level in graph.levels(&self.computed_scope()).waves {
            let wave = level.number - from_zero;
            for id in level.tasks {
                if as_named {
                    let around = graph.backlog().ancestors(&id).into_iter();
                    let holding =
                        around.filter(|task| task.kind.is_container() && named.contains_key(&task.id));
                    // Waves ascend, so the last one stays.
                    holders.extend(holding.map(|task| (&task.id, wave)));
                }
                if !as_named || named.contains_key(&id) {
                    waves.entry(wave).or_default().push(id);
                }
            }
        }
        for (holder, wave) in holders {
            waves.entry(wave).or_default().push(holder.clone());
        }
        for (wave, task) in self.archived(graph) {
            waves.entry(wave).or_default().push(task.clone());
        }
        waves.into_iter().collect()
    }

    /// Its slots whose tasks are archived: done, and put away since. No computation gives them a wave.
    pub fn archived<'p>(&'p self, graph: &Graph<'_>) -> impl Iterator<Item = (WaveNumber, &'p TaskId)> {
        let is_archived =
            |id: &TaskId| graph.backlog().get(id).is_some_and(|task| task.status == Status::Archived);
        self.slots().map(|(wave, slot)| (wave, &slot.task)).filter(move |(_, id)| is_archived(id))
    }

    /// Whether it is about what a document names, and nothing else.
    fn is_of_a_document(&self) -> bool {
        self.scope.is_empty() && self.document.is_some()
    }

    /// The same, by task.
    pub fn computed_placement(&self, graph: &Graph<'_>) -> BTreeMap<TaskId, WaveNumber> {
        let waves = self.computed(graph).into_iter();
        waves.flat_map(|(wave, tasks)| tasks.into_iter().map(move |task| (task, wave))).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::backlog::{Backlog, Kind, Status, Task, TaskId};
    use crate::plan::order::Graph;
    use crate::plan::slots::Plan;

    /// Records as `id kind parent depends...`; `-` is no parent.
    fn backlog(lines: &[&str]) -> Backlog {
        let mut backlog = Backlog::default();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let kind = match words[1] {
                "epic" => Kind::Epic,
                "subtask" => Kind::Subtask,
                _ => Kind::Task,
            };
            let mut task = Task::new(words[0], kind, "Something");
            task.parent = Some(words[2]).filter(|parent| *parent != "-").map(TaskId::from);
            task.depends = words[3..].iter().map(|id| TaskId::from(*id)).collect();
            backlog.put(task);
        }
        backlog
    }

    fn plan(waves: &[(u32, &[&str])]) -> Plan {
        Plan::of(waves.iter().map(|(wave, ids)| (*wave, ids.iter().map(|id| TaskId::from(*id)).collect())))
    }

    fn check(plan: &Plan, backlog: &Backlog, expected: &str) {
        let waves = plan.computed(&Graph::of(backlog));
        let shown = waves.iter().map(|(wave, ids)| {
            format!("{wave}: {}", ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(" "))
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" | "), expected);
    }

    #[test]
    fn waves_are_computed_for_what_a_plan_is_about() {
        let lines =
            ["E1 epic -", "T1 task E1", "T2 task E1 T1", "T3 subtask T2", "T9 task - T2", "T8 task -"];
        let backlog = backlog(&lines);
        let mut about = plan(&[(1, &["T9"])]);
        check(&about, &backlog, "1: T1 T3 T8 | 2: T2 | 3: T9");
        about.scope = vec!["E1".into()];
        check(&about, &backlog, "1: T1 T3 | 2: T2 | 3: T9");
    }

    #[test]
    fn a_document_is_compared_as_coarsely_as_it_is_written() {
        let lines =
            ["E1 epic -", "T1 task E1", "T2 task E1 T1", "T3 subtask T2", "T9 task - T2", "T8 task -"];
        let backlog = backlog(&lines);
        let mut document = plan(&[(0, &["T1", "T2"]), (1, &["T9"])]);
        document.document = Some("NEXT.md".into());
        check(&document, &backlog, "0: T1 | 1: T2 | 2: T9");
        let mut epics = plan(&[(1, &["E1"]), (2, &["T9"])]);
        epics.document = Some("NEXT.md".into());
        check(&epics, &backlog, "2: E1 | 3: T9");
    }

    #[test]
    fn what_is_archived_stays_and_what_is_cancelled_goes() {
        let mut backlog = backlog(&["T1 task -", "T2 task - T1", "T3 task -"]);
        for (id, status) in [("T1", Status::Archived), ("T3", Status::Cancelled)] {
            let task = backlog.get(&id.into()).unwrap().clone();
            backlog.put(Task { status, ..task });
        }
        check(&plan(&[(2, &["T1", "T3"]), (4, &["T2"])]), &backlog, "1: T2 | 2: T1");
    }
}
