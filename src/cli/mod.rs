//! The command line: parses words, calls the layer that knows, prints. It decides nothing about waves and keeps no
//! state. The top of the crate, so it may use every other module; none may use it.
//!
//! `arguments` is the single list of verbs. Each verb has a file in `verbs/` with its flags and what it does; what
//! verbs share (output, errors, finding the project) lies here.

mod agent_side;
mod agents;
mod arguments;
mod console;
mod context;
pub mod demo;
mod dry_run;
mod failure;
mod input;
mod interview;
mod live;
mod narration;
mod planner;
mod preview;
mod project;
mod sandbox;
mod times;
mod verbs;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use arguments::Arguments;
use console::{ColourWhen, Console, Verbosity};
use failure::{EXIT_USAGE, Failure};

/// Runs the program with the arguments it was started with and gives its exit code: 0, 2 for wrong usage, 1 for
/// failure, and what the verb lists.
pub fn run() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(wrong_usage(&words, &error)),
    };
    let (context, verb) = arguments.split();
    let console = context.console;
    match verbs::perform(&context, verb) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            console.error(&failure);
            ExitCode::from(failure.exit)
        }
    }
}

/// Help and version are asked for and no error; the rest is told as every error is. Gives the exit code.
fn wrong_usage(words: &[OsString], error: &clap::Error) -> u8 {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // The words could not be parsed, so this looks at them as they are; `--` ends what could be a flag.
    let json = words.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    if asked_for || !json {
        // Nothing can be done when nobody reads it.
        let _ = error.print();
        return if asked_for { 0 } else { EXIT_USAGE };
    }
    let text = error.render().to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let hint: Vec<&str> = rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let failure = Failure::usage(first.trim_start_matches("error: "), hint.join(" "));
    Console::new(true, ColourWhen::Never, Verbosity::Quiet).error(&failure);
    EXIT_USAGE
}

#[cfg(test)]
mod tests;
