//! `wavedeck wave`: saved plans, and agents of wave files. Reading starts no supervisor; editing does, so that every room
//! sees it.
//!
//! Every edit of a plan names the version of it that was looked at, so nobody overwrites what they have not seen. Its
//! `--json`: `{"plan","version","message"}`, with what it breaks and mends where tasks go elsewhere.

pub(super) mod compute;
mod diff;
mod document;
mod edit;
mod print;
mod show;
mod view;

use clap::Subcommand;

use super::edits;
use super::status::known;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::driver::documents::readings;
use crate::engine::State;
use crate::plan::slots::Named;

use diff::DiffArguments;
use document::{AcceptArguments, DriftArguments, WriteArguments};
use edit::{
    AssignArguments, DeleteArguments, LockArguments, NoteArguments, RenameArguments, RenumberArguments,
    UnassignArguments, UnlockArguments, UseArguments,
};
use show::ShowArguments;

pub(super) use document::{drift_lines, drift_rows};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum WaveVerb {
    /// Show a saved plan: waves, tracks, notes, locks, broken slots, lines of its document.
    Show(ShowArguments),
    /// List the saved plans.
    List,
    /// Put tasks into a wave of a plan, from wherever they are.
    Assign(AssignArguments),
    /// Take tasks out of a plan.
    Unassign(UnassignArguments),
    /// Hold tasks where they are, or a wave as it is.
    Lock(LockArguments),
    /// Open locks, whoever's they are.
    Unlock(UnlockArguments),
    /// Say why a task or a wave is as it is.
    Note(NoteArguments),
    /// Give waves of a plan other numbers, all at once.
    Renumber(RenumberArguments),
    /// Compare a plan with what is computed now, or with another plan.
    Diff(DiffArguments),
    /// Give a plan another name.
    Rename(RenameArguments),
    /// Remove a plan; undo brings it back.
    Delete(DeleteArguments),
    /// Mean this plan when none is named.
    Use(UseArguments),
    /// List where a plan, its document and the backlog disagree.
    Drift(DriftArguments),
    /// Make a plan say what its document says.
    Accept(AcceptArguments),
    /// Make a plan's document say what the plan says, changing only the lines concerned.
    Write(WriteArguments),
    /// Move an agent's section to another wave's file, byte for byte.
    Move(edits::MoveArguments),
}

pub(super) fn run(context: &Context, verb: WaveVerb) -> Result<u8, Failure> {
    match verb {
        WaveVerb::Show(arguments) => show::run(context, &arguments),
        WaveVerb::List => show::list(context),
        WaveVerb::Assign(arguments) => edit::assign(context, &arguments),
        WaveVerb::Unassign(arguments) => edit::unassign(context, &arguments),
        WaveVerb::Lock(arguments) => edit::lock(context, &arguments),
        WaveVerb::Unlock(arguments) => edit::unlock(context, &arguments),
        WaveVerb::Note(arguments) => edit::note(context, &arguments),
        WaveVerb::Renumber(arguments) => edit::renumber(context, &arguments),
        WaveVerb::Diff(arguments) => diff::run(context, &arguments),
        WaveVerb::Rename(arguments) => edit::rename(context, &arguments),
        WaveVerb::Delete(arguments) => edit::delete(context, &arguments),
        WaveVerb::Use(arguments) => edit::activate(context, &arguments),
        WaveVerb::Drift(arguments) => document::drift(context, &arguments),
        WaveVerb::Accept(arguments) => document::accept(context, &arguments),
        WaveVerb::Write(arguments) => document::write(context, &arguments),
        WaveVerb::Move(arguments) => edits::move_agent(context, &arguments),
    }
}

/// Everything that is known, with the documents as they are this moment: a verb that runs just after an edit sees it.
fn looked(context: &Context) -> Result<State, Failure> {
    let mut state = known(context)?.state;
    state.documents = readings(context.paths()?.project(), &state);
    Ok(state)
}

/// The plan of this name; without a name the one that is meant then.
pub(super) fn chosen<'s>(state: &'s State, name: Option<&str>) -> Result<(&'s str, &'s Named), Failure> {
    let names: Vec<&str> = state.plans.iter().map(|(slug, _)| slug).collect();
    match name.or_else(|| state.plans.active()) {
        Some(name) => match state.plans.iter().find(|(slug, _)| *slug == name) {
            Some(found) => Ok(found),
            None => Err(state.plans.known(name).map_or_else(
                |refusal| Failure { kind: Kind::NotFound, ..refusal.into() },
                |_| unnamed(&names),
            )),
        },
        None => Err(unnamed(&names)),
    }
}

fn unnamed(names: &[&str]) -> Failure {
    match names {
        [] => Failure::new(
            Kind::NotFound,
            "There is no saved plan.",
            "`wavedeck orchestrate waves SCOPE --save` saves one, `wavedeck import plan FILE.md` imports one.",
        ),
        names => Failure::usage(
            format!("Several plans are saved and none of them is the active one: {}.", names.join(", ")),
            "Name one, or say `wavedeck wave use SLUG`.",
        ),
    }
}
