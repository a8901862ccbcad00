//! Changes of saved plans: what is asked becomes a fact, or is refused. The rules are those of [`crate::plan::slots`],
//! which the room asks, too, before a card is dropped.

use super::fact::What;
use super::state::State;
use super::{Refused, Time};
use crate::plan::document::Reading;
use crate::plan::edit::Refusal;
use crate::plan::slots::Change;

/// A change by somebody who has seen version `expected` of the plan.
pub(super) fn change(
    state: &State,
    now: Time,
    change: Change,
    by: String,
    expected: Option<u64>,
) -> Result<What, Refused> {
    let change = change.signed(&by, now.0);
    state.plans.check(&change, &by, expected).map_err(refused)?;
    Ok(What::SlotsChanged { change, by })
}

/// The last standing change is taken back.
pub(super) fn undo(state: &State, by: String) -> Result<What, Refused> {
    state.plans.check_undo(&by).map_err(refused)?;
    Ok(What::SlotsUndone { by })
}

/// The last change that was taken back is made again.
pub(super) fn redo(state: &State, by: String) -> Result<What, Refused> {
    state.plans.check_redo(&by).map_err(refused)?;
    Ok(What::SlotsRedone { by })
}

/// A document says something else than before; `None` when it says the same.
pub(super) fn read(state: &State, path: String, reading: Option<Reading>) -> Option<What> {
    // What is kept of a reading is what a replay makes of it.
    let reading = reading.map(Reading::without_mentions);
    (state.documents.get(&path) != reading.as_ref())
        .then(|| What::DocumentRead { path, reading: reading.map(Box::new) })
}

fn refused(refusal: Refusal) -> Refused {
    Refused::new(refusal.reason, refusal.hint)
}
