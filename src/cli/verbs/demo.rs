//! `wavedeck demo`: writes a small real project into a temporary folder and opens the room on it, with every wave
//! launched. Its agents are the built-in simulator; everything else is the product. Afterwards its agents are ended and
//! its folder is removed, unless --keep says otherwise.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use super::{room, stop};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::engine::input::LaunchOptions;
use crate::supervisor::protocol::{ClientRole, Request};

/// The project, by path.
pub(in crate::cli) const FILES: [(&str, &str); 6] = [
    ("README.md", include_str!("../demo/README.md")),
    ("wave.config.json", include_str!("../demo/wave.config.json")),
    ("docs/agents/wave-cont-qa-role.md", include_str!("../demo/cont-qa-role.md")),
    ("docs/plans/waves/wave-0.md", include_str!("../demo/waves/wave-0.md")),
    ("docs/plans/waves/wave-1.md", include_str!("../demo/waves/wave-1.md")),
    ("docs/plans/waves/wave-2.md", include_str!("../demo/waves/wave-2.md")),
];

/// The waves above.
const WAVES: [u32; 3] = [0, 1, 2];

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
    let (folder, temporary) = folder(arguments)?;
    write(&folder)?;
    repository(context, &folder);
    let place = Context { project_dir: Some(folder.clone()), project: None, lane: "main".into(), ..*context };
    let request = Request::Launch { waves: WAVES.into(), options: LaunchOptions::default(), command: None };
    place.request(request)?;
    if arguments.detached {
        context.console.line(folder.display().to_string())?;
        context.console.value(&serde_json::json!({ "project": folder }))?;
        return Ok(0);
    }
    let exit = room::open(&place);
    if arguments.keep {
        let again = format!("wavedeck --project-dir {}", folder.display());
        context.console.line(format!("The demo goes on; `{again}` opens it again."))?;
        return exit;
    }
    end(&place)?;
    if temporary {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        context.console.line("The demo is over: its agents are ended and its folder is removed.")?;
    } else {
        context
            .console
            .line(format!("The demo is over: its agents are ended. {} stays.", folder.display()))?;
    }
    exit
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

fn write(folder: &Path) -> Result<(), Failure> {
    for (name, text) in FILES {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(())
}

/// Makes it a repository with one commit. The demo runs without git as well.
fn repository(context: &Context, folder: &Path) {
    let author =
        ["-c", "user.name=Wavedeck demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"];
    let steps: [&[&str]; 3] =
        [&["init", "--quiet"], &["add", "."], &["commit", "--quiet", "--message", "Begin"]];
    for step in steps {
        let made = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(author)
            .args(step)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            context
                .console
                .notice(format!("The demo is no git repository: `git {}` failed.", step.join(" ")));
            return;
        }
    }
}

/// Ends the demo's agents, its supervisor and its keeper.
fn end(place: &Context) -> Result<(), Failure> {
    let client = place.client_of(&place.paths()?, ClientRole::Command)?;
    stop::end(client, true).map(drop)
}
