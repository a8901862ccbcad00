//! Which attempt is meant by the words of a command.

use clap::Args;

use super::failure::{Failure, Kind};
use crate::engine::state::{Attempt, AttemptStatus};
use crate::engine::{AttemptKey, State, WaveKey};
use crate::plan::WaveNumber;

/// An agent, as commands name it.
#[derive(Debug, Args)]
pub(super) struct AgentArguments {
    /// The agent's id, such as A1; or an attempt, such as main/wave-2/A1/3.
    #[arg(value_name = "AGENT")]
    pub(super) agent: String,
    /// Its wave, where several waves have an agent of this name.
    #[arg(long, value_name = "N")]
    pub(super) wave: Option<WaveNumber>,
}

/// Which of an agent's attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The newest.
    Newest,
    /// The one with this number.
    Number(u32),
    /// The one that runs.
    Running,
}

/// An attempt that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    wave: &'a WaveKey,
    agent: &'a str,
    pub(super) attempt: &'a Attempt,
}

impl Found<'_> {
    pub(super) fn key(&self) -> AttemptKey {
        AttemptKey { wave: self.wave.clone(), agent: self.agent.to_owned(), number: self.attempt.number }
    }

    pub(super) fn runs(&self) -> bool {
        self.attempt.status != AttemptStatus::Ended
    }
}

/// The attempt meant: of several waves with an agent of this name, the one where it runs, else the one where it ran
/// last.
pub(super) fn find<'a>(
    state: &'a State,
    lane: &str,
    named: &AgentArguments,
    which: Which,
) -> Result<Found<'a>, Failure> {
    let attempts = || {
        let waves = state.waves.iter().filter(|(key, _)| key.lane == lane);
        waves.flat_map(|(wave, entry)| {
            entry.agents.iter().flat_map(move |(agent, entry)| {
                entry.attempts.iter().map(move |attempt| Found { wave, agent, attempt })
            })
        })
    };
    if let Some(found) = attempts().find(|found| found.key().to_string() == named.agent) {
        return Ok(found);
    }
    let meant = |found: &Found<'_>| {
        found.agent == named.agent
            && named.wave.is_none_or(|wave| found.wave.number == wave)
            && match which {
                Which::Newest | Which::Running => true,
                Which::Number(number) => found.attempt.number == number,
            }
    };
    let mut running = attempts().filter(meant).filter(Found::runs);
    match (running.next(), running.next()) {
        (Some(one), None) => return Ok(one),
        (Some(one), Some(other)) => {
            let message = format!(
                "{} runs in wave {} and in wave {}.",
                named.agent, one.wave.number, other.wave.number
            );
            return Err(Failure::usage(message, "Say which with --wave N."));
        }
        (None, _) => {}
    }
    let newest =
        attempts().filter(meant).max_by_key(|found| (found.attempt.scheduled_at, found.attempt.number));
    match (newest, which) {
        (Some(newest), Which::Newest | Which::Number(_)) => Ok(newest),
        (Some(newest), Which::Running) => {
            let message =
                format!("{} does not run: its newest attempt is {}, which ended.", named.agent, newest.key());
            Err(Failure::new(Kind::NotFound, message, "`wavedeck status` lists who runs."))
        }
        (None, _) => Err(not_found(lane, named, attempts())),
    }
}

fn not_found<'a>(lane: &str, named: &AgentArguments, attempts: impl Iterator<Item = Found<'a>>) -> Failure {
    let mut known: Vec<&str> = attempts.map(|found| found.agent).collect();
    known.sort_unstable();
    known.dedup();
    let hint = if known.is_empty() {
        "Nothing ran in this lane yet: `wavedeck launch` runs its waves.".to_owned()
    } else {
        format!("There are {}.", known.join(", "))
    };
    let message = format!("No attempt of `{}` is known in lane {lane}.", named.agent);
    Failure::new(Kind::NotFound, message, hint)
}
