//! `wavedeck serve`: the supervisor. Clients start it when they need it; service files may, too.

use std::io::Write;

use clap::Args;
use tracing_subscriber::EnvFilter;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::supervisor::serve::serve;

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    /// Stay in the foreground. It always does; service files say so.
    #[arg(long)]
    foreground: bool,
}

/// What the supervisor has to say goes to standard error, which clients that start it connect to its log. `WAVEDECK_LOG`
/// says how much, as `tracing-subscriber` 0.3 reads it; `info` by default.
fn write_log() {
    let filter = EnvFilter::try_from_env("WAVEDECK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr).init();
}

/// Serves until it is told to stop. Whoever started it reads one line on standard output: that it is ready, or why not.
pub(super) fn run(context: &Context, arguments: &ServeArguments) -> Result<u8, Failure> {
    let paths = context.paths()?;
    write_log();
    if arguments.foreground {
        context
            .console
            .detail(format!("serving {}; it goes on until `wavedeck stop`", paths.project().display()));
    }
    serve(&paths, &std::env::current_exe()?, &context.lane).map_err(|error| {
        // Nobody reads it when it served first: then standard output is gone.
        let _ = writeln!(std::io::stdout().lock(), "{error}");
        Failure::new(Kind::Unavailable, format!("{error}."), "")
    })?;
    Ok(0)
}
