//! `wavedeck serve`: the supervisor. Clients start it when they need it; service files may, too.

use std::io::Write;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::supervisor::serve::serve;

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    /// Stay in the foreground. It always does; service files say so.
    #[arg(long)]
    foreground: bool,
}

/// Serves until it is told to stop. Whoever started it reads one line on standard output: that it is ready, or why not.
pub(super) fn run(context: &Context, arguments: &ServeArguments) -> Result<u8, Failure> {
    let paths = context.paths()?;
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
