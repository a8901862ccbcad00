//! `wavedeck status`: exit 0 completed, 10 running or not started, 20 input required, 40 failed. Starts no supervisor:
//! without one it reads the database.
//!
//! `--json`: `{"lane","wave","agent","phase","blocking","version","supervisor","run":{"id","waves","startedAt","outcome"},
//! "waves":[{"wave","title","file","status","reasons"}],"agents":[{"agentId","title","wave","track","runtime","state",
//! "since","reason","attempt","session","triesUsed","triesAllowed","question"}],"questions":[as in `feedback list`],
//! "tally"}`; `phase` is `not-started`, `running`, `input-required`, `completed` or `failed`.

use clap::Args;

use crate::cli::context::{Context, odd_reply};
use crate::cli::failure::Failure;
use crate::cli::times::now;
use crate::cli::view::{Scope, StatusView, print, view};
use crate::engine::State;
use crate::plan::{Sources, WaveNumber};
use crate::store::{Reader, StoreError};
use crate::supervisor::client::{Client, ClientError};
use crate::supervisor::protocol::{ClientRole, Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusArguments {
    /// One wave; by default those of the newest launch.
    #[arg(long, value_name = "N")]
    pub(super) wave: Option<WaveNumber>,
    /// One agent.
    #[arg(long, value_name = "AGENT")]
    pub(super) agent: Option<String>,
}

/// What is known at one moment, without starting anything.
pub(super) struct Known {
    pub(super) state: State,
    pub(super) sequence: u64,
    pub(super) sources: Sources,
    pub(super) supervisor: bool,
}

pub(super) fn run(context: &Context, arguments: &StatusArguments) -> Result<u8, Failure> {
    let known = known(context)?;
    let scope = Scope { wave: arguments.wave, agent: arguments.agent.clone() };
    let shown = view(&known.state, known.sequence, &known.sources, &scope, now());
    let shown = StatusView { supervisor: known.supervisor, ..shown };
    print(&context.console, &shown, now())?;
    context.console.value(&shown)?;
    Ok(shown.phase.exit())
}

/// From the supervisor when one runs, else (also when it ends just now) from the database and the files.
pub(super) fn known(context: &Context) -> Result<Known, Failure> {
    let paths = context.paths()?;
    let asked =
        Client::connect(&paths, ClientRole::Command).and_then(|mut client| client.request(Request::Snapshot));
    match asked {
        Ok(Reply::Snapshot(snapshot)) => {
            let (state, sequence) = (snapshot.state, snapshot.sequence);
            // The supervisor reads one lane; any other lies in the files, and in the state it is all the same.
            let of_lane = snapshot.sources.lane == context.lane;
            let sources = if of_lane { snapshot.sources } else { context.sources(&paths) };
            Ok(Known { state, sequence, sources, supervisor: true })
        }
        Ok(_) => Err(odd_reply()),
        Err(ClientError::NotRunning { .. } | ClientError::Gone(_)) => {
            let sources = context.sources(&paths);
            let (sequence, state) =
                match Reader::open(&paths.database()).and_then(|mut reader| reader.state()) {
                    Ok(known) => known,
                    Err(StoreError::Absent { .. }) => (0, State::default()),
                    Err(error) => return Err(error.into()),
                };
            Ok(Known { state, sequence, sources, supervisor: false })
        }
        Err(error) => Err(error.into()),
    }
}
