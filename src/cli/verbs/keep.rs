//! `keep`: the keeper's process. Started by the supervisor; nobody types it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::{Failure, Kind};
use crate::supervisor::keeper::place::KeeperPlace;
use crate::supervisor::keeper::run::run as run_keeper;

/// Words after `keep`.
#[derive(Debug, Args)]
pub(in crate::cli) struct KeepArguments {
    /// Folder of the keeper's lock and log, absolute.
    #[arg(long, value_name = "DIR")]
    state_dir: PathBuf,
    /// The socket to listen at, absolute.
    #[arg(long, value_name = "PATH")]
    socket: PathBuf,
}

/// Keeps until there is nothing to keep.
pub(in crate::cli) fn run(arguments: &KeepArguments) -> Result<u8, Failure> {
    for path in [&arguments.state_dir, &arguments.socket] {
        if !path.is_absolute() {
            return Err(Failure::usage(format!("The path {} is not absolute.", path.display()), ""));
        }
    }
    run_keeper(&KeeperPlace::new(&arguments.state_dir, &arguments.socket))
        .map(|()| 0)
        .map_err(|error| Failure::new(Kind::Unavailable, error.to_string(), ""))
}
