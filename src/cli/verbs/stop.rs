//! `wavedeck stop`: ends the supervisor and leaves agents running; with `--agents` it ends them and the keeper, too.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use super::room::place;
use crate::cli::context::{Context, accepted, odd_reply};
use crate::cli::failure::{Failure, sentence};
use crate::supervisor::client::{Client, ClientError};
use crate::supervisor::protocol::{ClientRole, Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct StopArguments {
    /// End agents and keeper, too.
    #[arg(long)]
    agents: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(context: &Context, arguments: &StopArguments) -> Result<u8, Failure> {
    let (paths, _) = place(context)?;
    let client = if arguments.agents {
        if !arguments.yes && !confirmed()? {
            context.console.line("Nothing was ended.")?;
            return Ok(1);
        }
        // Agents may run without a supervisor, and only a supervisor knows how to end them.
        context.client_of(&paths, ClientRole::Command).map(Some)?
    } else {
        match Client::connect(&paths, ClientRole::Command) {
            Ok(client) => Some(client),
            Err(ClientError::NotRunning { .. }) => None,
            Err(error) => return Err(error.into()),
        }
    };
    let message = match client {
        None => "No supervisor runs; there is nothing to stop.".to_owned(),
        Some(client) => end(client, arguments.agents)?,
    };
    context.console.line(&message)?;
    context.console.value(&serde_json::json!({ "message": message }))?;
    Ok(0)
}

/// Ends the supervisor and waits until it is gone: it ends the connection last.
pub(super) fn end(mut client: Client, agents: bool) -> Result<String, Failure> {
    let Reply::Done { message } = accepted(client.request(Request::Stop { agents })?)? else {
        return Err(odd_reply());
    };
    while client.receive().is_ok() {}
    Ok(sentence(&message))
}

/// Asks on a terminal; elsewhere nobody can answer.
fn confirmed() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let hint = "Add --yes to end them without being asked.";
        return Err(Failure::usage("Ending every agent needs your word.", hint));
    }
    let mut output = io::stderr().lock();
    write!(output, "End every agent of this project and what it started? [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
