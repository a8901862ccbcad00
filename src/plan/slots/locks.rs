//! What a lock forbids: one look at a plan before an edit of it.

use super::super::edit::Refusal;
use super::super::wave::WaveNumber;
use super::{Lock, Plan, PlanWave, Slot};
use crate::plan::backlog::TaskId;

/// Refused when somebody else holds `what`.
pub(super) fn held(lock: Option<&Lock>, what: &str, by: &str) -> Result<(), Refusal> {
    match lock.filter(|lock| lock.by != by) {
        None => Ok(()),
        Some(lock) => Err(Refusal {
            reason: format!("{what} is locked by {}", lock.by),
            hint: format!("ask {}, or unlock it first", lock.by),
        }),
    }
}

/// Whether `by` may take this slot out of its wave, or put it elsewhere in it.
pub(super) fn slot(slot: &Slot, by: &str) -> Result<(), Refusal> {
    held(slot.lock.as_ref(), slot.task.as_str(), by)
}

/// Whether tasks may come into a wave and leave it.
pub(super) fn wave(plan: &Plan, number: WaveNumber, by: &str) -> Result<(), Refusal> {
    held(plan.wave(number).and_then(|wave| wave.lock.as_ref()), &format!("wave {number}"), by)
}

/// Whether a wave may get another number, or go.
pub(super) fn whole_wave(wave: &PlanWave, by: &str) -> Result<(), Refusal> {
    held(wave.lock.as_ref(), &format!("wave {}", wave.number), by)?;
    wave.slots.iter().try_for_each(|held| slot(held, by))
}

/// Whether another plan may take the place of this one: what others hold must be where it is.
pub(super) fn replaced(old: &Plan, new: &Plan, by: &str) -> Result<(), Refusal> {
    for wave in &old.waves {
        let tasks = |plan: &Plan| -> Vec<TaskId> {
            let slots = plan.wave(wave.number).map(|wave| wave.slots.as_slice()).unwrap_or_default();
            slots.iter().map(|slot| slot.task.clone()).collect()
        };
        if tasks(old) != tasks(new) {
            held(wave.lock.as_ref(), &format!("wave {}", wave.number), by)?;
        }
        for kept in &wave.slots {
            if new.place(&kept.task).map(|place| place.wave) != Some(wave.number) {
                slot(kept, by)?;
            }
        }
    }
    Ok(())
}
