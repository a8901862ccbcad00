//! The words of the command line: the flags that every verb takes, and the single list of verbs.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use super::console::{ColourWhen, Console, Verbosity};
use super::context::{Context, Named};
use super::verbs::{
    adhoc, ask, backlog, briefing, completions, config, demo, done, draft, explain, feedback, fmt, import,
    keep, launch, lint, logs, matrix, orchestrate, project, room, schema, serve, signal, status, stop,
    terminals, theme, update, watch, wave,
};

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
    /// An ad-hoc run, in place of the waves of the lane.
    #[arg(long, global = true, value_name = "ID")]
    run: Option<String>,
    /// The lane; by default defaultLane of wave.config.json, else main.
    #[arg(long, global = true, value_name = "LANE")]
    lane: Option<String>,
    /// Print exactly one JSON value on standard output, and errors as JSON on standard error.
    #[arg(long, global = true)]
    json: bool,
    /// When output is coloured; NO_COLOR counts, too.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    color: ColourWhen,
    /// How the room looks: a name of `wavedeck theme list`, or a theme file that ends with .toml.
    #[arg(long, global = true, value_name = "THEME")]
    theme: Option<String>,
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
    /// Open a room of plain panes, one for each command line, without a plan.
    Shells(room::ShellsArguments),
    /// Show a small project at work: local agents, everything else is the product.
    Demo(demo::DemoArguments),
    /// Open the room on what runs.
    Attach,
    /// Turn every room to a pane or an agent.
    Focus(room::FocusArguments),
    /// Be the supervisor of this project. Clients start it when they need it.
    Serve(serve::ServeArguments),
    /// End the supervisor and leave agents running; with --agents end them, too.
    Stop(stop::StopArguments),
    /// Run waves, in the room or headless.
    Launch(Box<launch::LaunchArguments>),
    /// Say where waves stand: exit 0 completed, 10 running, 20 input required, 40 failed.
    Status(status::StatusArguments),
    /// Wait until waves are over, or until something changes: exit 0, 20, 30, 40.
    Watch(watch::WatchArguments),
    /// Print what an agent printed.
    Logs(logs::LogsArguments),
    /// Print an agent's screen.
    Screen(terminals::ScreenArguments),
    /// Type into an agent's terminal.
    Send(terminals::SendArguments),
    /// End an agent's attempt; it is not retried in this launch.
    Cancel(terminals::CancelArguments),
    /// Questions of agents, and their answers.
    #[command(subcommand)]
    Feedback(feedback::FeedbackVerb),
    /// Say what is missing on this machine for this project.
    Doctor,
    /// Write what a project needs before its first wave; what is there stays as it is.
    Init,
    /// Say why an agent's state is what it is, and what it runs on, with the layer that said so.
    Explain(explain::ExplainArguments),
    /// Report what is found in the wave files.
    Lint(lint::LintArguments),
    /// Put wave files into their usual form; what they say, and what was written for people, stays.
    Fmt(fmt::FmtArguments),
    /// Print the parsed waves as JSON.
    Manifest,
    /// The component matrix: which component stands where, and which wave takes it further.
    #[command(subcommand)]
    Matrix(matrix::MatrixVerb),
    /// What drafts of this project have in common.
    #[command(subcommand)]
    Project(project::ProjectVerb),
    /// Draft the next wave from questions and a template.
    Draft(Box<draft::DraftArguments>),
    /// Runs outside the lane's waves, from tasks in plain words.
    #[command(subcommand)]
    Adhoc(adhoc::AdhocVerb),
    /// Read somebody else's backlog.
    #[command(subcommand)]
    Import(import::ImportVerb),
    /// Sagas: what holds epics, and gives them a track.
    #[command(subcommand)]
    Saga(backlog::ContainerVerb),
    /// Epics: what holds tasks.
    #[command(subcommand)]
    Epic(backlog::ContainerVerb),
    /// Tasks.
    #[command(subcommand)]
    Task(backlog::TaskVerb),
    /// What follows from the backlog: waves, and what may start.
    #[command(subcommand)]
    Orchestrate(orchestrate::OrchestrateVerb),
    /// Say where everything stands, what waits for you and what is next.
    Briefing(briefing::BriefingArguments),
    /// Plan again from a wave on: wave files follow their specs, closed waves stay.
    Update(update::UpdateArguments),
    /// Saved plans, and agents of wave files.
    #[command(subcommand)]
    Wave(Box<wave::WaveVerb>),
    /// Take the last edit back, of wave files or of a saved plan.
    Undo,
    /// Make the edit again that was taken back last.
    Redo,
    /// For agents: ask the operator and print the answer: exit 0, 3 still open, 4 withdrawn.
    Ask(ask::AskArguments),
    /// For agents: submit the result envelope.
    Done(done::DoneArguments),
    /// For agents: print the canonical marker that reports a result.
    Signal(Box<signal::SignalArguments>),
    /// Themes of the room.
    #[command(subcommand)]
    Theme(theme::ThemeVerb),
    /// Print the page of keys.
    Keys,
    /// Settings with their source.
    #[command(subcommand)]
    Config(config::ConfigVerb),
    /// Print the JSON Schema of a file.
    Schema(schema::SchemaArguments),
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
        let GlobalFlags { project_dir, project, run, lane, json, color, theme, quiet, verbose } = self.global;
        let verbosity = match (quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Verbose,
        };
        let console = Console::new(json, color, verbosity);
        (Context::new(console, Named { project_dir, project, run, lane, theme }), self.verb)
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
