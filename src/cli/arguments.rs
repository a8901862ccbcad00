//! The words of the command line: the flags that every verb takes, and the single list of verbs.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use super::console::{ColourWhen, Console, Verbosity};
use super::context::Context;
use super::verbs::{completions, config, keep, signal, theme};

/// A full-screen terminal control room for waves of coding agents.
///
/// Without a verb it opens the control room of this project, and starts its supervisor if none runs.
#[derive(Debug, Parser)]
#[command(name = "wavedeck", version, max_term_width = 100, infer_long_args = false)]
pub(super) struct Arguments {
    #[command(flatten)]
    global: GlobalFlags,
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// Flags that every verb takes.
#[derive(Debug, Args)]
struct GlobalFlags {
    /// The project; by default the nearest folder above with wave.config.json, .wavedeck or .git.
    #[arg(long, global = true, value_name = "DIR")]
    project_dir: Option<PathBuf>,
    /// The project of wave.config.json, where it has several.
    #[arg(long, global = true, value_name = "ID")]
    project: Option<String>,
    /// The lane.
    #[arg(long, global = true, value_name = "LANE", default_value = "main")]
    lane: String,
    /// Print exactly one JSON value on standard output, and errors as JSON on standard error.
    #[arg(long, global = true)]
    json: bool,
    /// When output is coloured; NO_COLOR counts, too.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    color: ColourWhen,
    /// Say nothing but results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more.
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    verbose: bool,
}

/// Everything that can be asked for on the command line.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Print the canonical marker that reports a result.
    Signal(Box<signal::SignalArguments>),
    /// Themes of the room.
    #[command(subcommand)]
    Theme(theme::ThemeVerb),
    /// Print the page of keys.
    Keys,
    /// Settings with their source.
    #[command(subcommand)]
    Config(config::ConfigVerb),
    /// Print completions for a shell.
    Completions(completions::CompletionsArguments),
    /// Be the agent simulator of the runtime `local`; wavedeck starts it.
    #[command(hide = true)]
    LocalAgent,
    /// Print the version.
    Version,
    /// Hold the terminals of a project's agents. The supervisor starts this.
    #[command(hide = true)]
    Keep(keep::KeepArguments),
}

impl Arguments {
    /// What every verb gets, and the verb.
    pub(super) fn split(self) -> (Context, Option<Verb>) {
        let GlobalFlags { project_dir, project, lane, json, color, quiet, verbose } = self.global;
        let verbosity = match (quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Verbose,
        };
        let console = Console::new(json, color, verbosity);
        (Context { console, project_dir, project, lane }, self.verb)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_list_of_verbs_is_sound_and_every_verb_says_what_it_does() {
        let command = Arguments::command();
        command.clone().debug_assert();
        let mut undescribed = Vec::new();
        let mut waiting = vec![command];
        while let Some(command) = waiting.pop() {
            if command.get_about().is_none() {
                undescribed.push(command.get_name().to_owned());
            }
            waiting.extend(command.get_subcommands().cloned());
        }
        assert_eq!(undescribed, Vec::<String>::new());
    }
}
