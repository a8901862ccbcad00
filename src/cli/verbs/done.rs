//! `wavedeck done FILE|-`: an agent submits its result envelope. An envelope with errors is refused with every one of
//! them. Where no supervisor runs, or a sandbox keeps it out of reach, the envelope is left where it is looked for when
//! the agent's process ends.
//! `--json`: `{"attempt","way":"supervisor"|"file","message"}`; refused `{"error":{...,"errors":[]}}`.

use std::io::{Read, Write};
use std::path::PathBuf;

use clap::Args;

use crate::adapters::{envelope, environment};
use crate::cli::agent_side::Caller;
use crate::cli::context::{Context, accepted, odd_reply};
use crate::cli::failure::{Failure, Kind};
use crate::engine::envelope::Envelope;
use crate::supervisor::client::ClientError;
use crate::supervisor::protocol::{Reply, Request};

/// More than any envelope may have, so that what is too long is told as such and not cut.
const INPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;

#[derive(Debug, Args)]
pub(in crate::cli) struct DoneArguments {
    /// The envelope, JSON; `-` reads standard input.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
}

pub(super) fn run(context: &Context, arguments: &DoneArguments) -> Result<u8, Failure> {
    let caller = Caller::from_environment()?;
    let mut bytes = Vec::new();
    if arguments.file.as_os_str() == "-" {
        std::io::stdin().lock().take(INPUT_BYTES_MAX).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(&arguments.file)
            .and_then(|file| file.take(INPUT_BYTES_MAX).read_to_end(&mut bytes))
            .map_err(|error| Failure::file(&arguments.file, &error))?;
    }
    let envelope = envelope::read_bytes(&bytes, &caller.attempt).map_err(|invalid| {
        let message = format!("The envelope was not accepted:\n  - {}", invalid.errors.join("\n  - "));
        let hint = "Nothing was submitted. Mend these and run `wavedeck done` again.";
        Failure { errors: invalid.errors, ..Failure::new(Kind::Input, message, hint) }
    })?;
    let (way, message) = match caller.connect() {
        Ok(Some(mut client)) => {
            let request = Request::Submit { envelope: Box::new(envelope) };
            let Reply::Done { message } = accepted(client.request(request)?)? else {
                return Err(odd_reply());
            };
            ("supervisor", message)
        }
        Ok(None) => ("file", leave(&envelope, "No supervisor runs")?),
        Err(ClientError::Forbidden(_)) => {
            ("file", leave(&envelope, "The sandbox of this command keeps the supervisor out of reach")?)
        }
        Err(error) => return Err(error.into()),
    };
    context.console.line(&message)?;
    let attempt = caller.attempt.to_string();
    context.console.value(&serde_json::json!({ "attempt": attempt, "way": way, "message": message }))?;
    Ok(0)
}

/// Puts the envelope where the supervisor looks for it, whole or not at all.
fn leave(envelope: &Envelope, why: &str) -> Result<String, Failure> {
    let path = std::env::var_os(environment::RESULT).map(PathBuf::from).ok_or_else(|| {
        let message = format!("{why}, and {} is not set.", environment::RESULT);
        Failure::new(Kind::Unavailable, message, "Run `wavedeck done` again when one runs.")
    })?;
    let failed = |error: std::io::Error| Failure::file(&path, &error);
    let folder = path.parent().unwrap_or(&path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    serde_json::to_writer_pretty(&mut file, envelope).map_err(|error| failed(error.into()))?;
    file.write_all(b"\n").and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(format!("{why}; the envelope lies in {} and is read at the end.", path.display()))
}
