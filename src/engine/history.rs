//! Which edit `undo` and `redo` speak of. Authored files and saved plans keep a history each; people have one, in the
//! order of time.

use super::state::{PlanEdit, State};
use crate::plan::slots::Past;

/// An edit that can be taken back, or made again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edited<'s> {
    /// Of authored files.
    Files(&'s PlanEdit),
    /// Of a saved plan.
    Slots(&'s Past),
}

/// The edit that an undo takes back: the last one that stands.
pub fn to_undo(state: &State) -> Option<Edited<'_>> {
    match (standing_file_edit(state), state.plans.to_undo()) {
        (Some(files), Some(slots)) if files.at.0 > slots.at_ms => Some(Edited::Files(files)),
        (_, Some(slots)) => Some(Edited::Slots(slots)),
        (files, None) => files.map(Edited::Files),
    }
}

/// The edit that a redo makes again: the one that was taken back last, unless another one was made since.
pub fn to_redo(state: &State) -> Option<Edited<'_>> {
    let made_since = |at_ms: u64| state.plans.to_undo().is_some_and(|past| past.at_ms >= at_ms);
    let files = state.edits.get(state.edits_standing).filter(|edit| !made_since(edit.at.0));
    let written_since = |at_ms: u64| standing_file_edit(state).is_some_and(|edit| edit.at.0 > at_ms);
    let slots = state.plans.to_redo().filter(|past| !written_since(past.at_ms));
    match (files, slots) {
        (Some(files), Some(slots)) if files.at.0 > slots.at_ms => Some(Edited::Slots(slots)),
        (Some(files), _) => Some(Edited::Files(files)),
        (None, slots) => slots.map(Edited::Slots),
    }
}

fn standing_file_edit(state: &State) -> Option<&PlanEdit> {
    state.edits.get(state.edits_standing.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::{Edited, to_redo, to_undo};
    use crate::engine::fact::What;
    use crate::engine::{Fact, State, Time};
    use crate::plan::edit::Edit;
    use crate::plan::slots::{Change, Plan};

    fn tell(state: &mut State, at: u64, what: What) {
        state.apply(&Fact { at: Time(at), what });
    }

    fn files(state: &mut State, at: u64) {
        let edit = Edit::MoveAgent { agent: "A1".into(), from: 0, to: 1 };
        tell(state, at, What::PlanEdited { edit, rewrites: Vec::new(), by: "kim".into() });
    }

    fn slots(state: &mut State, at: u64) {
        let change = Change::Save { slug: format!("p{at}"), plan: Plan::default() };
        tell(state, at, What::SlotsChanged { change, by: "kim".into() });
    }

    fn time(edited: Option<Edited<'_>>) -> Option<u64> {
        edited.map(|edited| match edited {
            Edited::Files(edit) => edit.at.0,
            Edited::Slots(past) => past.at_ms,
        })
    }

    /// Takes one edit back, or makes one again, and gives the time at which it was first made.
    fn turn(state: &mut State, back: bool) -> Option<u64> {
        let edited = if back { to_undo(state) } else { to_redo(state) };
        let at = time(edited);
        let by = || "kim".to_owned();
        let what = match (edited?, back) {
            (Edited::Files(_), true) => What::PlanUndone { by: by() },
            (Edited::Files(_), false) => What::PlanRedone { by: by() },
            (Edited::Slots(_), true) => What::SlotsUndone { by: by() },
            (Edited::Slots(_), false) => What::SlotsRedone { by: by() },
        };
        tell(state, 100, what);
        at
    }

    #[test]
    fn two_histories_are_one_in_the_order_of_time() {
        let mut state = State::default();
        files(&mut state, 1);
        slots(&mut state, 2);
        slots(&mut state, 3);
        files(&mut state, 4);
        let back: Vec<_> = (0..5).map(|_| turn(&mut state, true)).collect();
        assert_eq!(back, [Some(4), Some(3), Some(2), Some(1), None]);
        let again: Vec<_> = (0..5).map(|_| turn(&mut state, false)).collect();
        assert_eq!(again, [Some(1), Some(2), Some(3), Some(4), None]);
    }

    #[test]
    fn an_edit_of_either_kind_ends_what_can_be_made_again() {
        let mut state = State::default();
        slots(&mut state, 1);
        turn(&mut state, true);
        files(&mut state, 2);
        assert_eq!(time(to_redo(&state)), None);
        turn(&mut state, true);
        slots(&mut state, 3);
        assert_eq!((time(to_redo(&state)), time(to_undo(&state))), (None, Some(3)));
    }
}
