//! Edits of a plan: what each does, what it needs, and the edit that takes it back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::edit::Refusal;
use super::super::wave::WaveNumber;
use super::{Lock, Plan, Slot, locks};
use crate::plan::backlog::TaskId;

/// An edit of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum Edit {
    /// Give a task a slot.
    Assign {
        /// The slot.
        slot: Slot,
        /// Its wave; it need not be there yet.
        wave: WaveNumber,
        /// At which index among the wave's slots; at the end by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<usize>,
    },
    /// Take a task out of the plan.
    Unassign {
        /// Which.
        task: TaskId,
    },
    /// Put a task into another wave, or elsewhere in its own.
    Move {
        /// Which.
        task: TaskId,
        /// The wave that it goes to.
        wave: WaveNumber,
        /// At which index among the other slots of that wave; at the end by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<usize>,
    },
    /// Say something about a slot or a wave.
    Note {
        /// About which.
        of: Holder,
        /// What; empty for nothing.
        note: String,
    },
    /// Hold a slot where it is, or a wave as it is.
    Lock {
        /// Which.
        of: Holder,
        /// By whom, since when.
        lock: Lock,
    },
    /// Open a lock, whoever's it is.
    Unlock {
        /// Of what.
        of: Holder,
    },
    /// Give waves other numbers, all at once.
    Renumber {
        /// Which becomes which. A wave that is not named keeps its number.
        waves: Vec<Renumbering>,
    },
    /// Follow another document, or none.
    Follow {
        /// Its path relative to the project.
        document: Option<String>,
    },
    /// Several edits as one: all are made, or none.
    All {
        /// One after the other.
        edits: Vec<Edit>,
    },
}

/// What a note or a lock is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The slot of this task.
    Task(TaskId),
    /// This wave.
    Wave(WaveNumber),
}

/// A wave and its new number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renumbering {
    /// Its number now.
    pub from: WaveNumber,
    /// Its number then.
    pub to: WaveNumber,
}

impl Plan {
    /// The plan with an edit made by `by`, and the edit that takes it back.
    ///
    /// # Errors
    /// When the edit speaks of what is not there, or of what somebody else has locked. That a slot breaks a dependency
    /// is no error.
    pub fn edited(&self, edit: &Edit, by: &str) -> Result<(Plan, Edit), Refusal> {
        let mut plan = self.clone();
        let inverse = plan.try_make(edit, by)?;
        Ok((plan, inverse))
    }

    fn try_make(&mut self, edit: &Edit, by: &str) -> Result<Edit, Refusal> {
        let Edit::All { edits } = edit else {
            self.check(edit, by)?;
            return Ok(self.make(edit));
        };
        let mut inverse = Vec::new();
        for edit in edits {
            inverse.push(self.try_make(edit, by)?);
        }
        inverse.reverse();
        Ok(Edit::All { edits: inverse })
    }

    /// Makes an edit that was found possible before, and gives the one that takes it back. What it says about unknown
    /// things changes nothing.
    pub(super) fn make(&mut self, edit: &Edit) -> Edit {
        let inverse = match edit {
            Edit::Assign { slot, wave, index } => self.assign(slot, *wave, *index),
            Edit::Unassign { task } => self.unassign(task),
            Edit::Move { task, wave, index } => self.move_to(task, *wave, *index),
            Edit::Note { of, note } => self.note(of, note),
            Edit::Lock { of, lock } => self.set_lock(of, Some(lock.clone())),
            Edit::Unlock { of } => self.set_lock(of, None),
            Edit::Renumber { waves } => self.renumber(waves),
            Edit::Follow { document } => {
                Some(Edit::Follow { document: std::mem::replace(&mut self.document, document.clone()) })
            }
            Edit::All { edits } => {
                let mut inverse: Vec<Edit> = edits.iter().map(|edit| self.make(edit)).collect();
                inverse.reverse();
                Some(Edit::All { edits: inverse })
            }
        };
        self.tidy();
        inverse.unwrap_or(Edit::All { edits: Vec::new() })
    }

    fn check(&self, edit: &Edit, by: &str) -> Result<(), Refusal> {
        match edit {
            Edit::Assign { slot, wave, index: _ } => match self.place(&slot.task) {
                Some(place) => Err(slotted(&slot.task, place.wave)),
                None => locks::wave(self, *wave, by),
            },
            Edit::Unassign { task } => self.check_leaving(task, by),
            Edit::Move { task, wave, index: _ } => {
                self.check_leaving(task, by)?;
                locks::wave(self, *wave, by)
            }
            Edit::Lock { of, lock: _ } => match self.lock_of(of)? {
                Some(lock) if lock.by != by => Err(Refusal {
                    reason: format!("{} is locked by {} already", of.words(), lock.by),
                    hint: "unlock it first".into(),
                }),
                Some(_) | None => Ok(()),
            },
            Edit::Unlock { of } => match self.lock_of(of)? {
                Some(_) => Ok(()),
                None => Err(Refusal {
                    reason: format!("{} is not locked", of.words()),
                    hint: "nothing was changed".into(),
                }),
            },
            Edit::Note { of, note: _ } => self.lock_of(of).map(|_| ()),
            Edit::Renumber { waves } => self.check_numbers(waves, by),
            Edit::Follow { .. } => Ok(()),
            // Checked one by one, each after the one before it was made.
            Edit::All { .. } => Ok(()),
        }
    }

    fn check_leaving(&self, task: &TaskId, by: &str) -> Result<(), Refusal> {
        let (Some(place), Some(slot)) = (self.place(task), self.slot(task)) else {
            return Err(no_slot(task));
        };
        locks::slot(slot, by)?;
        locks::wave(self, place.wave, by)
    }

    fn check_numbers(&self, waves: &[Renumbering], by: &str) -> Result<(), Refusal> {
        let refuse = |reason: String| Err(Refusal { reason, hint: "nothing was changed".into() });
        let leaving: BTreeSet<WaveNumber> = waves.iter().map(|pair| pair.from).collect();
        let arriving: BTreeSet<WaveNumber> = waves.iter().map(|pair| pair.to).collect();
        if leaving.len() != waves.len() || arriving.len() != waves.len() {
            return refuse("one number stands twice among the waves to renumber".into());
        }
        for Renumbering { from, to } in waves {
            let Some(wave) = self.wave(*from) else { return refuse(format!("there is no wave {from}")) };
            if !leaving.contains(to) && self.wave(*to).is_some() {
                return refuse(format!("there is a wave {to} already"));
            }
            if from != to {
                locks::whole_wave(wave, by)?;
            }
        }
        Ok(())
    }

    /// The lock of a slot or a wave. A wave that is not there has none; a slot that is not there is an error.
    fn lock_of(&self, of: &Holder) -> Result<Option<&Lock>, Refusal> {
        match of {
            Holder::Task(task) => match self.slot(task) {
                Some(slot) => Ok(slot.lock.as_ref()),
                None => Err(no_slot(task)),
            },
            Holder::Wave(number) => Ok(self.wave(*number).and_then(|wave| wave.lock.as_ref())),
        }
    }

    fn assign(&mut self, slot: &Slot, wave: WaveNumber, index: Option<usize>) -> Option<Edit> {
        if self.place(&slot.task).is_some() {
            return None;
        }
        let slots = &mut self.wave_mut(wave).slots;
        let index = index.unwrap_or(slots.len()).min(slots.len());
        slots.insert(index, slot.clone());
        Some(Edit::Unassign { task: slot.task.clone() })
    }

    fn unassign(&mut self, task: &TaskId) -> Option<Edit> {
        let place = self.place(task)?;
        let slot = self.wave_mut(place.wave).slots.remove(place.index);
        Some(Edit::Assign { slot, wave: place.wave, index: Some(place.index) })
    }

    fn move_to(&mut self, task: &TaskId, wave: WaveNumber, index: Option<usize>) -> Option<Edit> {
        let place = self.place(task)?;
        let slot = self.wave_mut(place.wave).slots.remove(place.index);
        let slots = &mut self.wave_mut(wave).slots;
        let index = index.unwrap_or(slots.len()).min(slots.len());
        slots.insert(index, slot);
        Some(Edit::Move { task: task.clone(), wave: place.wave, index: Some(place.index) })
    }

    fn note(&mut self, of: &Holder, note: &str) -> Option<Edit> {
        let place = match of {
            Holder::Task(task) => &mut self.slot_mut(task)?.note,
            Holder::Wave(number) => &mut self.wave_mut(*number).notes,
        };
        let before = std::mem::replace(place, note.to_owned());
        Some(Edit::Note { of: of.clone(), note: before })
    }

    fn set_lock(&mut self, of: &Holder, lock: Option<Lock>) -> Option<Edit> {
        let place = match of {
            Holder::Task(task) => &mut self.slot_mut(task)?.lock,
            Holder::Wave(number) => &mut self.wave_mut(*number).lock,
        };
        Some(match std::mem::replace(place, lock) {
            Some(lock) => Edit::Lock { of: of.clone(), lock },
            None => Edit::Unlock { of: of.clone() },
        })
    }

    fn renumber(&mut self, waves: &[Renumbering]) -> Option<Edit> {
        for wave in &mut self.waves {
            if let Some(pair) = waves.iter().find(|pair| pair.from == wave.number) {
                wave.number = pair.to;
            }
        }
        self.waves.sort_by_key(|wave| wave.number);
        let back = waves.iter().map(|pair| Renumbering { from: pair.to, to: pair.from }).collect();
        Some(Edit::Renumber { waves: back })
    }
}

impl Edit {
    /// The edit with its locks in the name of `by`, as of now.
    pub(super) fn signed(self, by: &str, at_ms: u64) -> Edit {
        let lock = Lock { by: by.to_owned(), at_ms };
        match self {
            Edit::Lock { of, lock: _ } => Edit::Lock { of, lock },
            Edit::Assign { slot: Slot { lock: Some(_), task, note }, wave, index } => {
                Edit::Assign { slot: Slot { lock: Some(lock), task, note }, wave, index }
            }
            Edit::All { edits } => {
                Edit::All { edits: edits.into_iter().map(|edit| edit.signed(by, at_ms)).collect() }
            }
            other @ (Edit::Assign { .. }
            | Edit::Unassign { .. }
            | Edit::Move { .. }
            | Edit::Note { .. }
            | Edit::Unlock { .. }
            | Edit::Renumber { .. }
            | Edit::Follow { .. }) => other,
        }
    }

    /// What it does, as a clause such as `T148 goes to wave 1`.
    pub fn words(&self) -> String {
        match self {
            Edit::Assign { slot, wave, .. } => format!("{} comes into wave {wave}", slot.task),
            Edit::Unassign { task } => format!("{task} leaves the plan"),
            Edit::Move { task, wave, .. } => format!("{task} goes to wave {wave}"),
            Edit::Note { of, .. } => format!("{} gets another note", of.words()),
            Edit::Lock { of, lock } => format!("{} is locked by {}", of.words(), lock.by),
            Edit::Unlock { of } => format!("{} is unlocked", of.words()),
            Edit::Renumber { waves } => {
                let pairs: Vec<String> =
                    waves.iter().map(|pair| format!("{} becomes {}", pair.from, pair.to)).collect();
                format!("wave {}", pairs.join(", "))
            }
            Edit::Follow { document: Some(path) } => format!("it follows {path}"),
            Edit::Follow { document: None } => "it follows no document".into(),
            Edit::All { edits } => match edits.as_slice() {
                [] => "nothing changes".into(),
                [only] => only.words(),
                [first, rest @ ..] => format!("{}, and {} more", first.words(), rest.len()),
            },
        }
    }
}

impl Holder {
    /// `T148` or `wave 3`.
    pub fn words(&self) -> String {
        match self {
            Holder::Task(task) => task.to_string(),
            Holder::Wave(number) => format!("wave {number}"),
        }
    }
}

/// A task cannot get a second slot.
pub(super) fn slotted(task: &TaskId, wave: WaveNumber) -> Refusal {
    Refusal { reason: format!("{task} is in wave {wave} already"), hint: "move it instead".into() }
}

/// A task that is not in the plan cannot leave its place.
pub(super) fn no_slot(task: &TaskId) -> Refusal {
    Refusal { reason: format!("{task} has no slot in this plan"), hint: "assign it to a wave first".into() }
}
