//! Edits of the plan while it runs: what the plan itself forbids, and what the run forbids. One function for the
//! preview in the room and for the decision in the supervisor.

use super::Refused;
use super::ids::{RunId, WaveKey};
use super::state::{State, WaveStatus};
use crate::plan::edit::{self, Edit, Preview, Rewrite};
use crate::plan::{Sources, WaveNumber};

/// What `edit` would do to the lane's `sources`, or why it is refused: by the run, when one of the two waves runs or is
/// closed; else by the plan (see [`edit::preview`]). Pure, so a preview and a decision cannot differ.
pub fn check_move(state: &State, sources: &Sources, lane: &str, edit: &Edit) -> Result<Preview, Refused> {
    check_run(state, lane, edit)?;
    edit::preview(sources, edit).map_err(|refusal| Refused::new(refusal.reason, refusal.hint))
}

/// The files to write to take the last standing edit back, or why that is refused: no edit stands, or one of its waves
/// has started since.
pub fn check_undo(state: &State, lane: &str) -> Result<Vec<Rewrite>, Refused> {
    let edit = state.edits_standing.checked_sub(1).and_then(|last| state.edits.get(last));
    let rewrites = state.edit_to_undo();
    let (Some(edit), Some(rewrites)) = (edit, rewrites) else {
        return Err(Refused::new("there is no edit to take back", "nothing was changed"));
    };
    check_run(state, lane, &backwards(&edit.edit))?;
    Ok(rewrites)
}

/// The files to write to make the last edit that was taken back stand again, or why that is refused.
pub fn check_redo(state: &State, lane: &str) -> Result<Vec<Rewrite>, Refused> {
    let (Some(edit), Some(rewrites)) = (state.edits.get(state.edits_standing), state.edit_to_redo()) else {
        return Err(Refused::new(
            "there is no edit that was taken back",
            "an edit can be redone until another one is made",
        ));
    };
    check_run(state, lane, &edit.edit)?;
    Ok(rewrites)
}

fn backwards(edit: &Edit) -> Edit {
    match edit {
        Edit::MoveAgent { agent, from, to } => Edit::MoveAgent { agent: agent.clone(), from: *to, to: *from },
        Edit::WriteWaves { .. } => edit.clone(),
    }
}

fn check_run(state: &State, lane: &str, edit: &Edit) -> Result<(), Refused> {
    let status = |number: WaveNumber| {
        state.waves.get(&WaveKey { lane: lane.to_owned(), number }).map(|wave| (wave.run, &wave.status))
    };
    let (agent, from, to) = match edit {
        Edit::MoveAgent { agent, from, to } => (agent, from, to),
        Edit::WriteWaves { waves, .. } => {
            return waves.iter().try_for_each(|wave| check_rewritable(*wave, status(*wave)));
        }
    };
    match status(*from) {
        Some((run, WaveStatus::Running)) => {
            return Err(Refused::new(
                format!("{agent} is in wave {from}, which runs since launch {run}: its agents are fixed"),
                "wait until the wave is over, or cancel the agent and move it then",
            ));
        }
        Some((_, WaveStatus::Closed)) => {
            return Err(Refused::new(
                format!("wave {from} is closed: {agent} stays in it as the record of what was proven"),
                "write a new agent into the wave where more is to be done",
            ));
        }
        Some((_, WaveStatus::Failed { .. } | WaveStatus::Refused { .. })) | None => {}
    }
    match status(*to) {
        Some((run, WaveStatus::Running)) => Err(Refused::new(
            format!("wave {to} runs since launch {run}: nobody joins it now"),
            "move the agent to a wave that has not started, or wait until the wave is over",
        )),
        Some((_, WaveStatus::Closed)) => Err(Refused::new(
            format!("wave {to} is closed: an agent moved there would never run"),
            "move the agent to a wave that has not started",
        )),
        Some((_, WaveStatus::Failed { .. } | WaveStatus::Refused { .. })) | None => Ok(()),
    }
}

/// Whether the whole text of a wave may change: not while it runs, and never again once it is closed.
fn check_rewritable(wave: WaveNumber, status: Option<(RunId, &WaveStatus)>) -> Result<(), Refused> {
    match status {
        Some((run, WaveStatus::Running)) => Err(Refused::new(
            format!("wave {wave} runs since launch {run}: its text is fixed"),
            "wait until the wave is over, or plan what is to be done in a later wave",
        )),
        Some((_, WaveStatus::Closed)) => Err(Refused::new(
            format!("wave {wave} is closed: its file stays as the record of what was proven"),
            "plan what is to be done in a later wave",
        )),
        Some((_, WaveStatus::Failed { .. } | WaveStatus::Refused { .. })) | None => Ok(()),
    }
}
