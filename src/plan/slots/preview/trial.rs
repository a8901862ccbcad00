//! An edit tried out beside the plan, so that the plan need not be copied for it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::edit::Refusal;
use super::super::super::wave::WaveNumber;
use super::super::edit::{no_slot, slotted};
use super::super::{Edit, Lock, Plan, Renumbering, locks};
use super::Before;
use crate::plan::backlog::TaskId;

/// Moves that were made beside the plan.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    before: &'a Before,
    by: &'a str,
    /// The seats of all tasks that the edit speaks of; `None` for one without a slot.
    seats: BTreeMap<TaskId, Option<Seat>>,
}

/// Where a task stands, and who keeps it there.
#[derive(Debug, Clone)]
struct Seat {
    wave: WaveNumber,
    lock: Option<Lock>,
}

/// What an edit comes to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The wave of every record that goes into another one, or comes, or leaves the plan.
    pub(super) moved: BTreeMap<usize, Option<WaveNumber>>,
    /// Waves that get another number.
    pub(super) renumbered: Vec<Renumbering>,
    /// Whether the waves that were there pass each other. The tasks of those with another number are then among the
    /// moved ones; where waves keep their order, only their number is another.
    pub(super) shuffled: bool,
    /// Waves that come into being.
    pub(super) opened: Vec<WaveNumber>,
    /// Waves that go, by the number that they had.
    pub(super) emptied: Vec<WaveNumber>,
}

impl<'a> Trial<'a> {
    /// Tries an edit that only moves, assigns and unassigns tasks; `None` for every other one.
    pub(super) fn of_moves(before: &'a Before, edit: &Edit, by: &'a str) -> Option<Result<Outcome, Refusal>> {
        let mut trial = Trial { before, by, seats: BTreeMap::new() };
        only_moves(edit).then(|| trial.make(edit).map(|()| trial.outcome()))
    }

    fn make(&mut self, edit: &Edit) -> Result<(), Refusal> {
        let (task, seat) = match edit {
            Edit::Assign { slot, wave, index: _ } => {
                if let Some(seat) = self.seat(&slot.task) {
                    return Err(slotted(&slot.task, seat.wave));
                }
                locks::wave(&self.before.plan, *wave, self.by)?;
                (&slot.task, Some(Seat { wave: *wave, lock: slot.lock.clone() }))
            }
            Edit::Unassign { task } => {
                self.leaving(task)?;
                (task, None)
            }
            Edit::Move { task, wave, index: _ } => {
                let seat = self.leaving(task)?;
                locks::wave(&self.before.plan, *wave, self.by)?;
                (task, Some(Seat { wave: *wave, ..seat }))
            }
            Edit::All { edits } => return edits.iter().try_for_each(|edit| self.make(edit)),
            // Sorted out by `only_moves`.
            Edit::Note { .. }
            | Edit::Lock { .. }
            | Edit::Unlock { .. }
            | Edit::Renumber { .. }
            | Edit::Follow { .. } => return Ok(()),
        };
        self.seats.insert(task.clone(), seat);
        Ok(())
    }

    fn leaving(&self, task: &TaskId) -> Result<Seat, Refusal> {
        let seat = self.seat(task).ok_or_else(|| no_slot(task))?;
        locks::held(seat.lock.as_ref(), task.as_str(), self.by)?;
        locks::wave(&self.before.plan, seat.wave, self.by)?;
        Ok(seat)
    }

    fn seat(&self, task: &TaskId) -> Option<Seat> {
        if let Some(seat) = self.seats.get(task) {
            return seat.clone();
        }
        let place = self.before.place(self.before.number(task)?)?;
        let slot = self.before.plan.wave(place.wave)?.slots.get(place.index)?;
        Some(Seat { wave: place.wave, lock: slot.lock.clone() })
    }

    fn outcome(self) -> Outcome {
        let mut outcome = Outcome::default();
        // How many slots each wave loses and gets.
        let mut lost: BTreeMap<WaveNumber, usize> = BTreeMap::new();
        let mut got: BTreeSet<WaveNumber> = BTreeSet::new();
        for (task, seat) in &self.seats {
            let number = self.before.number(task);
            let from = number.and_then(|number| self.before.place(number)).map(|place| place.wave);
            let to = seat.as_ref().map(|seat| seat.wave);
            if from == to {
                continue;
            }
            from.into_iter().for_each(|wave| *lost.entry(wave).or_default() += 1);
            got.extend(to);
            outcome.moved.extend(number.map(|number| (number, to)));
        }
        let plan = &self.before.plan;
        outcome.opened = got.iter().copied().filter(|number| plan.wave(*number).is_none()).collect();
        let emptied = lost.iter().filter(|(number, lost)| {
            !got.contains(number)
                && plan.wave(**number).is_some_and(|wave| {
                    wave.slots.len() == **lost && wave.notes.is_empty() && wave.lock.is_none()
                })
        });
        outcome.emptied = emptied.map(|(number, _)| *number).collect();
        outcome
    }
}

impl Outcome {
    /// What an edit came to that was made: looks at both plans as a whole.
    pub(super) fn of_plans(before: &Before, after: &Plan, edit: &Edit) -> Outcome {
        let mut names: BTreeMap<WaveNumber, WaveNumber> =
            before.plan.waves().iter().map(|wave| (wave.number, wave.number)).collect();
        rename(&mut names, edit);
        let there = |number: &WaveNumber| after.wave(*number).is_some();
        let mut outcome = Outcome::default();
        let news: BTreeSet<WaveNumber> = names.values().copied().collect();
        outcome.opened =
            after.waves().iter().map(|wave| wave.number).filter(|wave| !news.contains(wave)).collect();
        outcome.emptied = names.iter().filter(|(_, now)| !there(now)).map(|(number, _)| *number).collect();
        let changed = names.iter().filter(|(from, to)| from != to && there(to));
        outcome.renumbered = changed.map(|(from, to)| Renumbering { from: *from, to: *to }).collect();
        outcome.shuffled = !names.values().is_sorted_by(|one, other| one < other);
        let mut left: BTreeSet<usize> =
            before.waves.values().flat_map(|wave| wave.members.iter().copied()).collect();
        for (wave, slot) in after.slots() {
            let Some(number) = before.number(&slot.task) else { continue };
            left.remove(&number);
            let from = before.place(number).map(|place| outcome.now(place.wave));
            if from != Some(wave) {
                outcome.moved.insert(number, Some(wave));
            }
        }
        outcome.moved.extend(left.into_iter().map(|number| (number, None)));
        outcome
    }

    /// The number of a wave after the edit, as far as its tasks are not among the moved ones.
    pub(super) fn now(&self, wave: WaveNumber) -> WaveNumber {
        let pair = self.renumbered.iter().find(|pair| pair.from == wave && !self.shuffled);
        pair.map_or(wave, |pair| pair.to)
    }

    /// The number that a wave had before the edit; `None` for one that has taken the number of another one.
    pub(super) fn then(&self, wave: WaveNumber) -> Option<WaveNumber> {
        let renumbered = || self.renumbered.iter().filter(|_| !self.shuffled);
        match renumbered().find(|pair| pair.to == wave) {
            Some(pair) => Some(pair.from),
            None => Some(wave).filter(|wave| renumbered().all(|pair| pair.from != *wave)),
        }
    }
}

fn only_moves(edit: &Edit) -> bool {
    match edit {
        Edit::Assign { .. } | Edit::Unassign { .. } | Edit::Move { .. } => true,
        Edit::All { edits } => edits.iter().all(only_moves),
        Edit::Note { .. }
        | Edit::Lock { .. }
        | Edit::Unlock { .. }
        | Edit::Renumber { .. }
        | Edit::Follow { .. } => false,
    }
}

/// Follows the numbers of waves through an edit.
fn rename(names: &mut BTreeMap<WaveNumber, WaveNumber>, edit: &Edit) {
    match edit {
        Edit::Renumber { waves } => {
            for name in names.values_mut() {
                if let Some(pair) = waves.iter().find(|pair| pair.from == *name) {
                    *name = pair.to;
                }
            }
        }
        Edit::All { edits } => edits.iter().for_each(|edit| rename(names, edit)),
        Edit::Assign { .. }
        | Edit::Unassign { .. }
        | Edit::Move { .. }
        | Edit::Note { .. }
        | Edit::Lock { .. }
        | Edit::Unlock { .. }
        | Edit::Follow { .. } => {}
    }
}
