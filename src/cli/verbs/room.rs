//! The room: `wavedeck`, `wavedeck attach`, `wavedeck shells` and `wavedeck focus`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;
use etcetera::BaseStrategy;

use super::status::known;
use super::theme;
use crate::cli::agents::{AgentArguments, Which, find};
use crate::cli::console::locale;
use crate::cli::context::{Context, accepted, odd_reply, operator};
use crate::cli::failure::{Failure, Kind};
use crate::driver::paths::ProjectPaths;
use crate::session::Size;
use crate::supervisor::client::{Client, ClientError};
use crate::supervisor::protocol::{ClientMessage, ClientRole, Reply, Request};
use crate::tui;
use crate::tui::app::{Kind as RoomKind, Settings};
use crate::tui::glyph::Glyphs;
use crate::tui::keymap::Keymap;
use crate::tui::layout::opening_size;
use crate::tui::run::Opening;
use crate::tui::theme::ColourUse;

/// Size of a terminal before a room has looked at it.
pub(super) const SIZE_UNSEEN: Size = Size { columns: 80, rows: 24 };

/// Opens the room of the project.
pub(super) fn open(context: &Context) -> Result<u8, Failure> {
    show(context, &context.paths()?, RoomKind::Plan, Opening::Tiled)
}

/// Opens the room of the project, or of the plain terminals that were opened outside of any project.
pub(super) fn attach(context: &Context) -> Result<u8, Failure> {
    let (paths, kind) = place(context)?;
    show(context, &paths, kind, Opening::Tiled)
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShellsArguments {
    /// A command line for each pane; quote those with blanks. Without any, one pane with your shell.
    #[arg(value_name = "CMD")]
    commands: Vec<String>,
    /// Take command lines from a file, too, one on each line (`-`: standard input). Blank lines and `# ...` are left out.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Show one pane at a time.
    #[arg(long)]
    tabs: bool,
    /// Open the panes and leave, without a room.
    #[arg(long)]
    detached: bool,
}

/// Opens a plain pane for each command line, in this folder, and a room of panes alone.
pub(super) fn shells(context: &Context, arguments: &ShellsArguments) -> Result<u8, Failure> {
    let (paths, _) = place(context)?;
    let mut commands = arguments.commands.iter().map(|line| words(line)).collect::<Result<Vec<_>, _>>()?;
    match &arguments.file {
        Some(file) => commands.extend(commands_in(&listed(file)?)?),
        None if commands.is_empty() => {
            commands.push(vec![std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".into())]);
        }
        None => {}
    }
    if commands.is_empty() {
        return Err(Failure::usage("The file lists no command line.", "Write one on each line."));
    }
    if !arguments.detached {
        needs_terminal()?;
    }
    let directory = std::env::current_dir()?.to_str().map(str::to_owned);
    let mut client = context.client_of(&paths, ClientRole::Command)?;
    if !arguments.detached
        && let Ok((columns, rows)) = crossterm::terminal::size()
    {
        let opening = opening_size(columns, rows, RoomKind::Shells, commands.len());
        client.sender().send(&ClientMessage::Watch { panes: Vec::new(), opening })?;
    }
    let mut sessions = Vec::new();
    for command in commands {
        let request = Request::OpenShell { command, directory: directory.clone(), size: SIZE_UNSEEN };
        let Reply::Session { session } = accepted(client.request(request)?)? else { return Err(odd_reply()) };
        sessions.push(session);
    }
    drop(client);
    if arguments.detached {
        for session in &sessions {
            context.console.line(session)?;
        }
        context.console.value(&serde_json::json!({ "sessions": sessions }))?;
        return Ok(0);
    }
    let opening = if arguments.tabs { Opening::Tabs } else { Opening::Tiled };
    show(context, &paths, RoomKind::Shells, opening)
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FocusArguments {
    /// A plain pane by its number (the first is 1) or session name, or an agent.
    #[arg(value_name = "PANE|AGENT")]
    what: String,
}

/// Turns every room of the project to a terminal.
pub(super) fn focus(context: &Context, arguments: &FocusArguments) -> Result<u8, Failure> {
    let (paths, kind) = place(context)?;
    let mut client = Client::connect(&paths, ClientRole::Command)?;
    let Reply::Snapshot(snapshot) = client.request(Request::Snapshot)? else { return Err(odd_reply()) };
    let what = &arguments.what;
    let mut shells = snapshot.sessions.iter().filter(|session| session.attempt.is_none());
    let number = what.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = number.and_then(|index| shells.nth(index));
    let by_name = || snapshot.sessions.iter().find(|session| session.session == *what);
    let session = match by_number.or_else(by_name) {
        Some(session) => session.session.clone(),
        None if kind == RoomKind::Shells => {
            let message = format!("There is no pane `{what}`.");
            return Err(Failure::new(
                Kind::NotFound,
                message,
                "Panes are numbered from 1 as they were opened.",
            ));
        }
        None => {
            let named = AgentArguments { agent: what.clone(), wave: None };
            find(&known(context)?.state, &context.lane, &named, Which::Newest)?.attempt.session.clone()
        }
    };
    let Reply::Done { message } = accepted(client.request(Request::Focus { session })?)? else {
        return Err(odd_reply());
    };
    context.console.line(&message)?;
    context.console.value(&serde_json::json!({ "message": message }))?;
    Ok(0)
}

/// The project, or outside of any, the user's own place for plain terminals.
pub(super) fn place(context: &Context) -> Result<(ProjectPaths, RoomKind), Failure> {
    match context.paths() {
        Ok(paths) => Ok((paths, RoomKind::Plan)),
        Err(failure) if failure.kind == Kind::NotFound && context.named.project_dir.is_none() => {
            let folder = own_folder()?;
            std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
            let paths = ProjectPaths::of(&folder).map_err(|error| Failure::file(&folder, &error))?;
            Ok((paths, RoomKind::Shells))
        }
        Err(failure) => Err(failure),
    }
}

/// `wavedeck` in the user's state folder of the XDG base directory specification.
pub(super) fn own_folder() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| {
        let hint = "Set HOME, or name a project with --project-dir DIR.";
        Failure::new(Kind::NotFound, format!("You have no home folder: {error}."), hint)
    })?;
    Ok(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("wavedeck"))
}

/// A command line as a shell would split it, without a shell.
fn words(line: &str) -> Result<Vec<String>, Failure> {
    shlex::split(line).filter(|words| !words.is_empty()).ok_or_else(|| {
        Failure::usage(
            format!("This is no command line: `{line}`."),
            "A quote is not closed, or it is empty.",
        )
    })
}

fn listed(file: &Path) -> Result<String, Failure> {
    let read = match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(file),
    };
    read.map_err(|error| Failure::file(file, &error))
}

/// One command line on each line; blank lines and comments are left out.
fn commands_in(text: &str) -> Result<Vec<Vec<String>>, Failure> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(words).collect()
}

pub(super) fn needs_terminal() -> Result<(), Failure> {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    let hint = "Without one there are `wavedeck launch --headless`, `wavedeck status` and `wavedeck watch`.";
    Err(Failure::usage("The room needs a terminal.", hint))
}

/// Runs a room until the operator leaves it.
pub(super) fn show(
    context: &Context,
    paths: &ProjectPaths,
    kind: RoomKind,
    opening: Opening,
) -> Result<u8, Failure> {
    needs_terminal()?;
    let colours = if context.console.colour { ColourUse::Full } else { ColourUse::Never };
    let theme = theme::chosen(context, paths, colours)?;
    let settings = Settings {
        kind,
        theme,
        glyphs: Glyphs::for_locale(locale().as_deref()),
        keymap: Keymap::built_in(),
        operator: operator(),
    };
    let left = tui::run::run(settings, opening, tui::link::to_supervisor(connector(context, paths)?))
        .map_err(|error| Failure::new(Kind::Io, format!("{error}."), ""))?;
    match left.signal {
        None => {
            context.console.line(left.words)?;
            Ok(0)
        }
        // As a shell says it of a program that a signal ended. Nobody may be there to read the words.
        Some(signal) => {
            context.console.notice(left.words);
            Ok(u8::try_from(128 + signal).unwrap_or(u8::MAX))
        }
    }
}

/// Connects a room, again and again, starting a supervisor when none runs. A room that hears that the supervisor was
/// stopped on purpose leaves, so this never undoes a stop.
fn connector(
    context: &Context,
    paths: &ProjectPaths,
) -> Result<impl FnMut() -> Result<Client, ClientError> + Send + 'static, Failure> {
    let (paths, lane, program) = (paths.clone(), context.lane.clone(), std::env::current_exe()?);
    Ok(move || Client::connect_or_start(&paths, &program, &lane, ClientRole::Room))
}

#[cfg(test)]
mod tests {
    use super::commands_in;

    #[test]
    fn a_file_lists_one_command_line_on_each_line() {
        let text = "htop\n\n  # logs of today\n  tail -f 'my log.txt'  \n";
        let commands = commands_in(text).unwrap();
        assert_eq!(commands, [vec!["htop"], vec!["tail", "-f", "my log.txt"]]);
        assert!(commands_in("htop\ntail 'open").is_err(), "a quote that is not closed is told");
    }
}
