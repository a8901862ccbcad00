//! The agent's side: which attempt calls, and its way to the supervisor. An agent never starts a supervisor: as its
//! descendant it would end with the agent. When none runs it waits for the socket to come.

use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher};

use super::failure::{Failure, Kind, sentence};
use crate::adapters::environment;
use crate::engine::{AttemptKey, WaveKey};
use crate::supervisor::client::{Client, ClientError};
use crate::supervisor::protocol::ClientRole;

/// Who calls.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) attempt: AttemptKey,
    token: String,
    socket: PathBuf,
}

impl Caller {
    /// From the environment that every agent's process gets.
    pub(super) fn from_environment() -> Result<Caller, Failure> {
        let variable = |name: &str| {
            std::env::var(name).map_err(|_| {
                let message = format!("This is for agents: {name} is not set.");
                Failure::usage(message, "Wavedeck sets it for every agent that it starts.")
            })
        };
        let text = variable(environment::ATTEMPT)?;
        let attempt = attempt_of(&text).ok_or_else(|| {
            Failure::usage(
                format!("{} is no attempt: {text}.", environment::ATTEMPT),
                "It looks like main/wave-2/A1/3.",
            )
        })?;
        Ok(Caller {
            attempt,
            token: variable(environment::TOKEN)?,
            socket: variable(environment::SOCKET)?.into(),
        })
    }

    /// A connection, when a supervisor runs.
    pub(super) fn connect(&self) -> Result<Option<Client>, ClientError> {
        let role = ClientRole::Agent { attempt: self.attempt.clone(), token: self.token.clone() };
        Client::connect_to(&self.socket, role)
    }

    /// A connection, waiting for a supervisor until `deadline`. `None` when it passed.
    pub(super) fn connect_by(&self, deadline: Option<Instant>) -> Result<Option<Client>, Failure> {
        if let Some(client) = self.connect().map_err(unreachable_from_here)? {
            return Ok(Some(client));
        }
        let folder = self.socket.parent().unwrap_or(&self.socket);
        let watched = |error: notify::Error| {
            let message = format!("No supervisor runs, and {} cannot be watched: {error}.", folder.display());
            Failure::new(Kind::Unavailable, message, "Ask again later.")
        };
        // One turn in the queue says that something changed; whoever finds it full has nothing to add.
        let (sender, turns) = sync_channel(1);
        let mut watcher = notify::recommended_watcher(move |_| {
            let _ = sender.try_send(());
        })
        .map_err(watched)?;
        watcher.watch(folder, RecursiveMode::NonRecursive).map_err(watched)?;
        loop {
            // It may have come between the first look and the watching.
            if let Some(client) = self.connect().map_err(unreachable_from_here)? {
                return Ok(Some(client));
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match turns.recv_timeout(left.unwrap_or(Duration::MAX)) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

/// Why an agent reaches nobody, and what it can do.
fn unreachable_from_here(error: ClientError) -> Failure {
    match error {
        ClientError::Forbidden(_) => Failure::new(
            Kind::Unavailable,
            sentence(&error.to_string()),
            "The question was not asked: the sandbox of this command lets it speak to nobody. Do what is yours, and name \
             the open decision as a gap in your report.",
        ),
        other => other.into(),
    }
}

/// Reads what [`AttemptKey`] displays: `lane/wave-N/AGENT/K`. An agent's id may hold `/`.
fn attempt_of(text: &str) -> Option<AttemptKey> {
    let (lane, rest) = text.split_once("/wave-")?;
    let (wave, rest) = rest.split_once('/')?;
    let (agent, number) = rest.rsplit_once('/')?;
    let wave = WaveKey { lane: lane.to_owned(), number: wave.parse().ok()? };
    Some(AttemptKey { wave, agent: agent.to_owned(), number: number.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::attempt_of;

    #[test]
    fn an_attempt_is_read_back_as_it_displays() {
        for text in ["main/wave-2/A1/3", "product/wave-10/A1.1/1", "main/wave-0/a/b/12"] {
            assert_eq!(attempt_of(text).unwrap().to_string(), text);
        }
        for text in ["", "main", "main/wave-x/A1/1", "main/wave-1/A1", "main/wave-1/A1/x"] {
            assert_eq!(attempt_of(text), None, "{text}");
        }
    }
}
