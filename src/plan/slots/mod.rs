//! Plans that people make: which task is in which wave, in which order, why, and who holds it there.
//!
//! A [`Plan`] is a value; an [`Edit`] of it has an inverse. [`Plans`] are all that were saved, by name, with the whole
//! history of changes to undo and redo, and a version each so that nobody overwrites what they have not seen. A slot may
//! break a dependency: that is possible, and [`broken()`] flags it. [`Before`] previews an edit:
//! what may start by it, what is blocked. [`Surroundings`] are what one who does a task has to know of all this. [`drift()`] compares a plan with another one or with
//! what is computed. Nothing here reads a file; what a hand-written document says lies in the module `document`.

pub mod book;
pub mod broken;
mod computed;
pub mod drift;
pub mod edit;
mod locks;
pub mod preview;
pub mod progress;
pub mod surroundings;
pub mod turn;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::backlog::TaskId;
use super::wave::WaveNumber;

pub use book::{Change, Named, Past, Plans};
pub use broken::{Broken, broken};
pub use drift::{Drift, drift};
pub use edit::{Edit, Holder, Renumbering};
pub use preview::{Before, Blocked, Preview};
pub use progress::Progress;
pub use surroundings::{Surroundings, Waves};
pub use turn::Turn;

/// Which task is in which wave. Waves are in the order of their numbers; a wave is there when it holds a task, notes or
/// a lock. A task has one slot at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The sagas, epics and tasks that it is about; none for the whole backlog.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<TaskId>,
    /// The hand-written document that it follows: a path relative to the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    waves: Vec<PlanWave>,
}

/// A wave of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanWave {
    /// Its number; gaps are possible.
    pub number: WaveNumber,
    /// What people say about it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Who keeps tasks from coming and going.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// Its tasks, in the order in which people look at them.
    pub slots: Vec<Slot>,
}

/// A task's place in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The task. It need not be in the backlog.
    pub task: TaskId,
    /// Why it stands here; may be empty. Part of the task's prompt.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who keeps it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
}

/// Keeps others, people and recomputation alike, from moving what it holds. Anybody may open it, by saying so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Who.
    pub by: String,
    /// Since when, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// Where a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its wave.
    pub wave: WaveNumber,
    /// Its index among the slots of that wave.
    pub index: usize,
}

impl Slot {
    /// A slot without a note or a lock.
    pub fn of(task: TaskId) -> Slot {
        Slot { task, note: String::new(), lock: None }
    }
}

impl Plan {
    /// A plan with these waves. Of a task that is named twice the first slot counts; waves of one number become one.
    pub fn of(waves: impl IntoIterator<Item = (WaveNumber, Vec<TaskId>)>) -> Plan {
        let mut plan = Plan::default();
        let mut placed = BTreeSet::new();
        for (number, tasks) in waves {
            for task in tasks {
                if placed.insert(task.clone()) {
                    plan.wave_mut(number).slots.push(Slot::of(task));
                }
            }
        }
        plan
    }

    /// Its waves, by number.
    pub fn waves(&self) -> &[PlanWave] {
        &self.waves
    }

    /// The wave of this number.
    pub fn wave(&self, number: WaveNumber) -> Option<&PlanWave> {
        let index = self.waves.binary_search_by_key(&number, |wave| wave.number).ok()?;
        self.waves.get(index)
    }

    /// Every slot with its wave, in order.
    pub fn slots(&self) -> impl Iterator<Item = (WaveNumber, &Slot)> {
        self.waves.iter().flat_map(|wave| wave.slots.iter().map(|slot| (wave.number, slot)))
    }

    /// Where a task is. Looks at every slot; for many tasks make a map of [`Plan::placement`].
    pub fn place(&self, task: &TaskId) -> Option<Place> {
        self.waves.iter().find_map(|wave| {
            let index = wave.slots.iter().position(|slot| slot.task == *task)?;
            Some(Place { wave: wave.number, index })
        })
    }

    /// The slot of a task.
    pub fn slot(&self, task: &TaskId) -> Option<&Slot> {
        self.waves.iter().flat_map(|wave| &wave.slots).find(|slot| slot.task == *task)
    }

    /// The wave of every task.
    pub fn placement(&self) -> BTreeMap<TaskId, WaveNumber> {
        self.slots().map(|(wave, slot)| (slot.task.clone(), wave)).collect()
    }

    /// The plan with its unlocked slots where these waves have them. Locked slots and what stands in locked waves stay;
    /// notes stay with their tasks and waves; an unlocked task that these waves do not have loses its slot.
    pub fn recomputed(&self, waves: impl IntoIterator<Item = (WaveNumber, Vec<TaskId>)>) -> Plan {
        let mut plan = self.clone();
        for wave in plan.waves.iter_mut().filter(|wave| wave.lock.is_none()) {
            wave.slots.retain(|slot| slot.lock.is_some());
        }
        let mut placed: BTreeSet<TaskId> = plan.slots().map(|(_, slot)| slot.task.clone()).collect();
        let had: BTreeMap<&TaskId, &Slot> = self.slots().map(|(_, slot)| (&slot.task, slot)).collect();
        for (number, tasks) in waves {
            if plan.wave(number).is_some_and(|wave| wave.lock.is_some()) {
                continue;
            }
            for task in tasks {
                if placed.insert(task.clone()) {
                    let slot = had.get(&task).map_or_else(|| Slot::of(task.clone()), |slot| (*slot).clone());
                    plan.wave_mut(number).slots.push(slot);
                }
            }
        }
        plan.tidy();
        plan
    }

    /// The wave of this number, created when it is not there.
    fn wave_mut(&mut self, number: WaveNumber) -> &mut PlanWave {
        let index = match self.waves.binary_search_by_key(&number, |wave| wave.number) {
            Ok(index) => index,
            Err(index) => {
                self.waves.insert(index, PlanWave { number, ..PlanWave::default() });
                index
            }
        };
        &mut self.waves[index]
    }

    fn slot_mut(&mut self, task: &TaskId) -> Option<&mut Slot> {
        self.waves.iter_mut().flat_map(|wave| &mut wave.slots).find(|slot| slot.task == *task)
    }

    /// Waves that hold nothing any more go, so that an edit and its inverse leave nothing behind.
    fn tidy(&mut self) {
        self.waves.retain(|wave| !wave.slots.is_empty() || !wave.notes.is_empty() || wave.lock.is_some());
    }
}

#[cfg(test)]
mod tests;
