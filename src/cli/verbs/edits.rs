//! `wavedeck undo` and `redo`, of wave files and saved plans alike, and `wave move`. The supervisor makes edits, so that
//! every room sees them.

use clap::Args;

use crate::cli::context::{Context, operator};
use crate::cli::failure::Failure;
use crate::plan::WaveNumber;
use crate::plan::edit::Edit;
use crate::supervisor::protocol::Request;

#[derive(Debug, Args)]
pub(in crate::cli) struct MoveArguments {
    /// The agent's id.
    #[arg(value_name = "AGENT")]
    agent: String,
    /// The wave it is in.
    #[arg(long, value_name = "N")]
    from: WaveNumber,
    /// The wave it goes to.
    #[arg(long, value_name = "M")]
    to: WaveNumber,
}

pub(super) fn undo(context: &Context) -> Result<u8, Failure> {
    context.tell(Request::Undo { by: operator() })
}

pub(super) fn redo(context: &Context) -> Result<u8, Failure> {
    context.tell(Request::Redo { by: operator() })
}

pub(super) fn move_agent(context: &Context, arguments: &MoveArguments) -> Result<u8, Failure> {
    let edit = Edit::MoveAgent { agent: arguments.agent.clone(), from: arguments.from, to: arguments.to };
    context.tell(Request::EditPlan { edit, by: operator() })
}
