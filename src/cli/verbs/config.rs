//! `wavedeck config show`: settings with their source. With `--json`
//! `{"project","lane","files":[{"path","present"}],"runtimes":[{"name","command","prompt","source"}]}`.

use clap::Subcommand;
use serde::Serialize;

use crate::adapters::settings::Settings;
use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigVerb {
    /// Show the settings of this project and the files they come from.
    Show,
}

#[derive(Debug, Serialize)]
struct Shown {
    project: String,
    lane: String,
    files: Vec<SettingsFile>,
    runtimes: Vec<Runtime>,
}

#[derive(Debug, Serialize)]
struct SettingsFile {
    path: String,
    present: bool,
}

#[derive(Debug, Serialize)]
struct Runtime {
    name: String,
    command: String,
    prompt: String,
    source: String,
}

pub(super) fn show(context: &Context) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let settings_path = paths.settings();
    let authored = paths.project().join("wave.config.json");
    let text = match std::fs::read_to_string(&settings_path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::file(&settings_path, &error)),
    };
    let settings: Settings = toml::from_str(&text).map_err(|error| {
        let hint = format!("See {}.", settings_path.display());
        let failure = Failure::new(Kind::Input, error.to_string().trim_end().to_owned(), hint);
        let line = error.span().map(|span| text.get(..span.start).unwrap_or("").matches('\n').count() + 1);
        let line = line.and_then(|line| u32::try_from(line).ok());
        Failure { file: Some(settings_path.display().to_string()), line, ..failure }
    })?;
    let source = settings_path.display().to_string();
    let shown = Shown {
        project: paths.project().display().to_string(),
        lane: context.lane.clone(),
        files: [&authored, &settings_path]
            .map(|path| SettingsFile { path: path.display().to_string(), present: path.exists() })
            .into(),
        runtimes: settings
            .runtimes
            .into_iter()
            .map(|(name, runtime)| Runtime {
                name,
                command: runtime.command,
                prompt: format!("{:?}", runtime.prompt).to_lowercase(),
                source: source.clone(),
            })
            .collect(),
    };
    print(context, &shown)?;
    context.console.value(&shown)?;
    Ok(0)
}

fn print(context: &Context, shown: &Shown) -> Result<(), Failure> {
    let mut rows =
        vec![vec!["project".to_owned(), shown.project.clone()], vec!["lane".to_owned(), shown.lane.clone()]];
    for file in &shown.files {
        let present = if file.present { "" } else { "  (not there: defaults hold)" };
        rows.push(vec!["file".to_owned(), format!("{}{present}", file.path)]);
    }
    for runtime in &shown.runtimes {
        let value = format!("{} = {}  (prompt by {})", runtime.name, runtime.command, runtime.prompt);
        rows.push(vec!["runtime".to_owned(), value]);
    }
    for row in columns(&rows) {
        context.console.line(row)?;
    }
    Ok(())
}
