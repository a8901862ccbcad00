//! A plan with everything about it looked up.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::wave::WaveNumber;
use super::super::{Edit, Place, Plan};
use super::trial::{Outcome, Trial};
use super::{Preview, effect};
use crate::plan::backlog::{Status, TaskId};
use crate::plan::order::{Claims, Graph};

/// A plan as it is before an edit. Making it looks at every record of the backlog once; it stands for that backlog and
/// that plan, and is made anew when either changes.
#[derive(Debug)]
pub struct Before {
    pub(super) plan: Plan,
    /// The ids of the records: those of the backlog in their order, then in theirs those that only the plan knows.
    ids: Vec<TaskId>,
    /// How many of these the backlog has.
    in_backlog: usize,
    pub(super) records: Vec<Record>,
    pub(super) waves: BTreeMap<WaveNumber, Wave>,
}

/// What is known of one record.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Where its slot is.
    pub(super) place: Option<Place>,
    /// Whether it is worked on and not finished: such tasks keep their wave from being over.
    pub(super) open: bool,
    /// Whether it may start as far as its dependencies and its status are concerned.
    pub(super) free: bool,
    /// The unfinished records that it waits for.
    pub(super) needs: Vec<usize>,
    /// The unfinished records that wait for it.
    pub(super) needed_by: Vec<usize>,
    /// What it waits for and is not in the backlog.
    pub(super) missing: Vec<TaskId>,
    /// Its files, unless it is finished.
    pub(super) claims: Claims,
}

/// What is known of one wave.
#[derive(Debug, Default)]
pub(super) struct Wave {
    /// The records with a slot in it.
    pub(super) members: Vec<usize>,
    /// How many of them are open.
    pub(super) open: usize,
}

impl Before {
    /// Looks a plan up in its backlog. `running` are the tasks that somebody works on right now, beside those that the
    /// backlog calls active.
    pub fn of(plan: &Plan, graph: &Graph<'_>, running: &BTreeSet<TaskId>) -> Before {
        let mut records: Vec<Record> =
            (0..graph.count()).map(|number| Record::of(graph, number, running)).collect();
        for number in 0..records.len() {
            let needs = records.get(number).map(|record| record.needs.clone()).unwrap_or_default();
            for need in needs {
                if let Some(need) = records.get_mut(need) {
                    need.needed_by.push(number);
                }
            }
        }
        let known = (0..graph.count()).filter_map(|number| graph.record(number));
        let mut ids: Vec<TaskId> = known.map(|task| task.id.clone()).collect();
        let strange: BTreeSet<&TaskId> =
            plan.slots().map(|(_, slot)| &slot.task).filter(|id| graph.backlog().get(id).is_none()).collect();
        ids.extend(strange.into_iter().cloned());
        records.resize_with(ids.len(), Record::default);
        let in_backlog = graph.count();
        let mut before = Before { plan: plan.clone(), ids, in_backlog, records, waves: BTreeMap::new() };
        before.seat(plan);
        before
    }

    /// What an edit by `by` would do.
    pub fn preview(&self, edit: &Edit, by: &str) -> Preview {
        let outcome = match Trial::of_moves(self, edit, by) {
            Some(Err(refusal)) => return Preview::refused(refusal),
            Some(Ok(outcome)) => outcome,
            // Notes, locks and numbers of waves: rare in the hand, so the whole plan may be looked at.
            None => match self.plan.edited(edit, by) {
                Err(refusal) => return Preview::refused(refusal),
                Ok((after, _)) => Outcome::of_plans(self, &after, edit),
            },
        };
        effect::of(self, &outcome)
    }

    fn seat(&mut self, plan: &Plan) {
        for planned in plan.waves() {
            let mut wave = Wave::default();
            for (index, slot) in planned.slots.iter().enumerate() {
                let Some(number) = self.number(&slot.task) else { continue };
                let Some(record) = self.records.get_mut(number) else { continue };
                record.place = Some(Place { wave: planned.number, index });
                wave.open += usize::from(record.open);
                wave.members.push(number);
            }
            self.waves.insert(planned.number, wave);
        }
    }

    /// The number of a record.
    pub(super) fn number(&self, id: &TaskId) -> Option<usize> {
        let (known, strange) = self.ids.split_at_checked(self.in_backlog)?;
        let found = known.binary_search(id).ok();
        found.or_else(|| strange.binary_search(id).ok().map(|index| index + known.len()))
    }

    /// The id of a record.
    pub(super) fn id(&self, number: usize) -> Option<&TaskId> {
        self.ids.get(number)
    }

    /// Where a record's slot is.
    pub(super) fn place(&self, number: usize) -> Option<Place> {
        self.records.get(number)?.place
    }
}

impl Record {
    fn of(graph: &Graph<'_>, number: usize, running: &BTreeSet<TaskId>) -> Record {
        let Some(task) = graph.record(number).filter(|task| !task.status.is_finished()) else {
            return Record::default();
        };
        let needs = graph.open_needs(number);
        let missing: Vec<TaskId> = graph.missing_needs(number).into_iter().cloned().collect();
        let startable = task.is_work() && task.status == Status::Pending && !running.contains(&task.id);
        Record {
            place: None,
            open: task.is_work(),
            free: startable && needs.is_empty() && missing.is_empty(),
            needs,
            needed_by: Vec::new(),
            missing,
            claims: Claims::of(task),
        }
    }
}
