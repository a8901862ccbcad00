//! `wavedeck demo`: writes a small real project into a temporary folder and opens the room on it, with every wave
//! launched. Its agents are the built-in simulator; everything else is the product. Afterwards its agents are ended and
//! its folder is removed, unless --keep says otherwise.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{room, stop};
use crate::cli::context::{Context, Named, operator};
use crate::cli::demo::{self, Repository};
use crate::cli::failure::{Failure, Kind};
use crate::driver::paths::STATE_DIRECTORY;
use crate::engine::input::LaunchOptions;
use crate::plan::backlog::SourceKind;
use crate::supervisor::protocol::{ClientMessage, ClientRole, Request};
use crate::tui::app::Kind as RoomKind;
use crate::tui::layout::opening_size;

#[derive(Debug, Args)]
pub(in crate::cli) struct DemoArguments {
    /// Write the project into this folder, which must be empty or not there; it stays afterwards.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Leave folder and agents as they are afterwards.
    #[arg(long)]
    keep: bool,
    /// Write the project and launch it, and open no room.
    #[arg(long, hide = true)]
    detached: bool,
}

pub(super) fn run(context: &Context, arguments: &DemoArguments) -> Result<u8, Failure> {
    if !arguments.detached {
        room::needs_terminal()?;
    }
    let left = if arguments.dir.is_none() && !arguments.detached { left_behind() } else { None };
    let begun = left.is_some();
    let (folder, temporary) = match left {
        Some(folder) => (folder, true),
        None => folder(arguments)?,
    };
    let place =
        Context::new(context.console, Named { project_dir: Some(folder.clone()), ..Named::default() });
    if !begun {
        write(context, &folder)?;
        let request =
            Request::Launch { waves: demo::WAVES.into(), options: LaunchOptions::default(), command: None };
        tell_opening_size(&place)?;
        place.request(request)?;
        import(&place, &folder)?;
    }
    if arguments.detached {
        context.console.line(folder.display().to_string())?;
        context.console.value(&serde_json::json!({ "project": folder }))?;
        return Ok(0);
    }
    if temporary {
        remember(&folder);
    }
    let exit = room::open(&place);
    // Closing the terminal's window is no word to end anything, nor is a signal.
    let cut_off = matches!(exit, Ok(code) if code != 0) || !std::io::stdout().is_terminal();
    if arguments.keep || cut_off {
        let again = match temporary {
            true => "wavedeck demo".to_owned(),
            false => format!("wavedeck --project-dir {}", folder.display()),
        };
        context.console.line(format!("The demo goes on; `{again}` opens it again."))?;
        return exit;
    }
    end(&place)?;
    if temporary {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        forget();
        context.console.line("The demo is over: its agents are ended and its folder is removed.")?;
    } else {
        context
            .console
            .line(format!("The demo is over: its agents are ended. {} stays.", folder.display()))?;
    }
    exit
}

/// Reads the backlog of the demo and the plan of it that was written by hand.
fn import(place: &Context, folder: &Path) -> Result<(), Failure> {
    let by = operator();
    place.request(Request::Import {
        kind: SourceKind::Tasks,
        path: Some(folder.join(demo::BACKLOG).display().to_string()),
        follow: true,
        by: by.clone(),
    })?;
    place.request(Request::ImportDocument { path: demo::DOCUMENT.into(), slug: None, by })?;
    Ok(())
}

/// The demo that goes on because its window was closed, or because of --keep: the next one opens it again.
fn left_behind() -> Option<PathBuf> {
    let folder = PathBuf::from(fs::read_to_string(note().ok()?).ok()?.trim_end());
    let is_a_demo = folder.join(STATE_DIRECTORY).join("wavedeck.db").is_file();
    is_a_demo.then_some(folder)
}

/// Where the folder of the demo is noted that goes on.
fn note() -> Result<PathBuf, Failure> {
    Ok(room::own_folder()?.join("demo"))
}

/// Without the note a demo that goes on is found by its folder alone, so a note that cannot be written is no failure.
fn remember(folder: &Path) {
    if let (Ok(note), Some(folder)) = (note(), folder.to_str()) {
        let _ = note.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&note, folder));
    }
}

fn forget() {
    if let Ok(note) = note() {
        let _ = fs::remove_file(note);
    }
}

/// Says in which size the room that comes will show the first agents, so that what they draw meanwhile lies well.
fn tell_opening_size(place: &Context) -> Result<(), Failure> {
    let Ok((columns, rows)) = crossterm::terminal::size() else { return Ok(()) };
    let opening = opening_size(columns, rows, RoomKind::Plan, demo::FIRST_TOGETHER);
    let client = place.client_of(&place.paths()?, ClientRole::Command)?;
    client.sender().send(&ClientMessage::Watch { panes: Vec::new(), opening })?;
    Ok(())
}

/// An empty folder, and whether it is ours to remove.
fn folder(arguments: &DemoArguments) -> Result<(PathBuf, bool), Failure> {
    let Some(folder) = &arguments.dir else {
        let folder = tempfile::Builder::new().prefix("wavedeck-demo-").tempdir()?;
        return Ok((folder.keep(), true));
    };
    let failed = |error: std::io::Error| Failure::file(folder, &error);
    fs::create_dir_all(folder).map_err(failed)?;
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        let message = format!("{} is not empty, and nothing was written.", folder.display());
        return Err(Failure::new(Kind::Input, message, "Name a folder that is empty or not there."));
    }
    Ok((folder.clone(), false))
}

/// Writes the project. The demo runs without git as well.
fn write(context: &Context, folder: &Path) -> Result<(), Failure> {
    let made = demo::write(folder).map_err(|error| {
        let hint = "Nothing else was started; give another folder with --dir, or leave it out.";
        Failure::new(Kind::Input, error.to_string(), hint)
    })?;
    if let Repository::NotMade { why } = made {
        context.console.notice(format!("The demo is no git repository: {why}"));
    }
    Ok(())
}

/// Ends the demo's agents, its supervisor and its keeper.
fn end(place: &Context) -> Result<(), Failure> {
    let client = place.client_of(&place.paths()?, ClientRole::Command)?;
    stop::end(client, true).map(drop)
}
