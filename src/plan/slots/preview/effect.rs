//! What follows from the outcome of an edit: the difference of before and after, around what moved.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::wave::WaveNumber;
use super::super::Broken;
use super::trial::Outcome;
use super::{Before, Blocked, Preview};
use crate::plan::backlog::TaskId;
use crate::plan::order::{Claimed, Conflict, MOST_CONFLICTS};

/// The preview of an outcome.
pub(super) fn of(before: &Before, outcome: &Outcome) -> Preview {
    let change = Change { before, outcome };
    let mut preview = Preview {
        renumbered: outcome.renumbered.clone(),
        opened: outcome.opened.clone(),
        emptied: outcome.emptied.clone(),
        ..Preview::default()
    };
    change.tell_starts(&mut preview);
    change.tell_order(&mut preview);
    change.tell_files(&mut preview);
    preview
}

/// What keeps a record from starting when the turn of its wave comes, each with its wave if it has a slot.
type Blockers = BTreeMap<usize, Option<WaveNumber>>;

/// A plan before an edit, and what the edit came to.
struct Change<'a> {
    before: &'a Before,
    outcome: &'a Outcome,
}

impl Change<'_> {
    /// The wave of a record before the edit.
    fn then(&self, number: usize) -> Option<WaveNumber> {
        self.before.place(number).map(|place| place.wave)
    }

    /// The wave of a record after the edit.
    fn now(&self, number: usize) -> Option<WaveNumber> {
        match self.outcome.moved.get(&number) {
            Some(wave) => *wave,
            None => self.then(number).map(|wave| self.outcome.now(wave)),
        }
    }

    fn ids(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<TaskId> {
        numbers.into_iter().filter_map(|number| self.before.id(number)).cloned().collect()
    }

    /// What may start now and could not, and the other way round.
    fn tell_starts(&self, preview: &mut Preview) {
        let turn_then = self.before.waves.iter().find(|(_, wave)| wave.open > 0).map(|(number, _)| *number);
        let mut open: BTreeMap<WaveNumber, usize> =
            self.before.waves.iter().map(|(number, wave)| (self.outcome.now(*number), wave.open)).collect();
        for number in self.outcome.moved.keys().filter(|number| self.is_open(**number)) {
            if let Some(count) = self.then(*number).and_then(|wave| open.get_mut(&self.outcome.now(wave))) {
                *count = count.saturating_sub(1);
            }
            if let Some(wave) = self.now(*number) {
                *open.entry(wave).or_default() += 1;
            }
        }
        let turn_now = open.iter().find(|(_, count)| **count > 0).map(|(number, _)| *number);
        let mut asked: BTreeSet<usize> = self.outcome.moved.keys().copied().collect();
        if turn_then.map(|wave| self.outcome.now(wave)) != turn_now {
            asked.extend(turn_then.into_iter().flat_map(|wave| self.members(wave)));
            let turn = turn_now.and_then(|wave| self.outcome.then(wave));
            asked.extend(turn.into_iter().flat_map(|wave| self.members(wave)));
        }
        let may_start = |number: usize, wave: Option<WaveNumber>, turn: Option<WaveNumber>| {
            wave.is_some()
                && wave == turn
                && self.before.records.get(number).is_some_and(|record| record.free)
        };
        let could = |number: usize| may_start(number, self.then(number), turn_then);
        let can = |number: usize| may_start(number, self.now(number), turn_now);
        preview.turn = turn_now;
        preview.runnable = self.ids(asked.iter().copied().filter(|number| can(*number) && !could(*number)));
        let held = asked.iter().copied().filter(|number| could(*number) && !can(*number));
        preview.held = self.ids(held.filter(|number| self.now(*number).is_some()));
    }

    /// What is blocked where it stands and was not, which dependencies break, and the other way round.
    fn tell_order(&self, preview: &mut Preview) {
        let mut asked: BTreeSet<usize> = self.outcome.moved.keys().copied().collect();
        for record in self.outcome.moved.keys().filter_map(|number| self.before.records.get(*number)) {
            asked.extend(record.needed_by.iter().copied());
        }
        for number in asked {
            let Some(record) = self.before.records.get(number) else { continue };
            let then = self.blockers(number, |number| self.then(number));
            let now = self.blockers(number, |number| self.now(number));
            let lost = !record.missing.is_empty();
            let was_blocked = self.then(number).is_some() && (lost || !then.is_empty());
            let is_blocked = self.now(number).is_some() && (lost || !now.is_empty());
            if is_blocked && !was_blocked {
                let by = self.ids(now.keys().copied()).into_iter().chain(record.missing.iter().cloned());
                preview
                    .blocked
                    .extend(self.before.id(number).map(|id| Blocked { id: id.clone(), by: by.collect() }));
            }
            if was_blocked && !is_blocked && self.now(number).is_some() {
                preview.freed.extend(self.before.id(number).cloned());
            }
            preview.broken.extend(self.broken((number, self.now(number)), &now, &then));
            preview.mended.extend(self.broken((number, self.then(number)), &then, &now));
        }
        let order = |broken: &Broken| (broken.wave, broken.id.clone(), broken.needs.clone());
        preview.broken.sort_by_cached_key(order);
        preview.mended.sort_by_cached_key(order);
    }

    /// The blockers of a record where the slots are so; none for one without a slot.
    fn blockers(&self, number: usize, wave_of: impl Fn(usize) -> Option<WaveNumber>) -> Blockers {
        let Some((own, record)) = wave_of(number).zip(self.before.records.get(number)) else {
            return Blockers::new();
        };
        let needs = record.needs.iter().map(|need| (*need, wave_of(*need)));
        needs.filter(|(_, wave)| wave.is_none_or(|wave| wave >= own)).collect()
    }

    /// The dependencies of a record in this wave that these blockers break and the others do not.
    fn broken(
        &self,
        (number, wave): (usize, Option<WaveNumber>),
        blockers: &Blockers,
        others: &Blockers,
    ) -> Vec<Broken> {
        let new = blockers.iter().filter(|(need, _)| others.get(*need).copied().flatten().is_none());
        let broken = new.filter_map(|(need, needs_wave)| {
            let (id, needs) = (self.before.id(number)?.clone(), self.before.id(*need)?.clone());
            Some(Broken { id, wave: wave?, needs, needs_wave: (*needs_wave)? })
        });
        broken.collect()
    }

    /// Which declared files come together in the waves that tasks come into.
    fn tell_files(&self, preview: &mut Preview) {
        let mut arrivals: BTreeMap<WaveNumber, Vec<usize>> = BTreeMap::new();
        for (number, wave) in &self.outcome.moved {
            wave.iter().for_each(|wave| arrivals.entry(*wave).or_default().push(*number));
        }
        let mut pairs: BTreeMap<(usize, usize), BTreeSet<String>> = BTreeMap::new();
        let mut count = 0;
        for (wave, arrived) in &arrivals {
            let mut claimed = Claimed::default();
            for number in arrived {
                self.before
                    .records
                    .get(*number)
                    .into_iter()
                    .for_each(|record| claimed.add(*number, &record.claims));
            }
            let stayed = self.outcome.then(*wave).into_iter().flat_map(|wave| self.members(wave));
            let stayed = stayed.filter(|number| !self.outcome.moved.contains_key(number));
            for number in stayed.chain(arrived.iter().copied()) {
                let Some(record) = self.before.records.get(number) else { continue };
                for (other, path) in claimed.shared(&record.claims) {
                    let were_together = self.then(number).is_some() && self.then(number) == self.then(other);
                    if number == other || were_together {
                        continue;
                    }
                    if count >= MOST_CONFLICTS {
                        preview.overlaps_cut = true;
                        break;
                    }
                    let pair = (number.min(other), number.max(other));
                    count += usize::from(pairs.entry(pair).or_default().insert(path));
                }
            }
        }
        let conflict = |((a, b), paths): ((usize, usize), BTreeSet<String>)| {
            let (a, b) = (self.before.id(a)?.clone(), self.before.id(b)?.clone());
            Some(Conflict { a, b, paths: paths.into_iter().collect() })
        };
        preview.overlaps = pairs.into_iter().filter_map(conflict).collect();
    }

    /// The records that had a slot in a wave before the edit.
    fn members(&self, wave: WaveNumber) -> impl Iterator<Item = usize> + '_ {
        self.before.waves.get(&wave).into_iter().flat_map(|wave| wave.members.iter().copied())
    }

    fn is_open(&self, number: usize) -> bool {
        self.before.records.get(number).is_some_and(|record| record.open)
    }
}
