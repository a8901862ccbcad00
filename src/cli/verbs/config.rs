//! `wavedeck config show|check`: which settings hold and who set them; what is wrong with them.
//!
//! `config show --json`: `{"project","lane","files":[{"path","present"}],"runtimes":[{"name","command","prompt","source"}],
//! "values":[{"key","value","source","layer","file","line","column"}]}`. `config check --json`: `{"findings":[...],"errors",
//! "warnings"}` with findings as those of `lint`; exit 1 when anything is found.

use std::path::Path;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::lint::FindingView;
use crate::adapters::settings::Settings;
use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::plan::config::effective::{Effective, Source, effective};
use crate::plan::config::{Address, CONFIG_FILE, Config};
use crate::plan::{Finding, Position, Severity};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigVerb {
    /// Show the settings of this project and which layer set them.
    Show(ShowArguments),
    /// Check wave.config.json, every lane and project of it, and our own settings files.
    Check,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// Leave out what is by default.
    #[arg(long)]
    changed: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    project: String,
    lane: String,
    files: Vec<SettingsFile>,
    runtimes: Vec<Runtime>,
    values: Vec<Effective>,
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

pub(super) fn show(context: &Context, arguments: &ShowArguments) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let loaded = files::load(&paths, &context.lane);
    for trouble in &loaded.trouble {
        context.console.notice(trouble);
    }
    let text = loaded.sources.config.as_ref().map(|file| file.text.as_str());
    let mut values =
        effective(CONFIG_FILE, text, Address { project: paths.project_id(), lane: &context.lane });
    values.retain(|value| !arguments.changed || value.source != Source::Default);
    let mut files = vec![paths.project().join(CONFIG_FILE), paths.settings()];
    files.extend(paths.user_settings().map(Path::to_owned));
    let shown = Shown {
        project: paths.project().display().to_string(),
        lane: context.lane.clone(),
        files: files
            .iter()
            .map(|path| SettingsFile { path: path.display().to_string(), present: path.exists() })
            .collect(),
        runtimes: runtimes(&paths),
        values,
    };
    print(context, &shown)?;
    context.console.value(&shown)?;
    Ok(0)
}

/// Runtimes with the file that adds them; the project's win over the user's.
fn runtimes(paths: &ProjectPaths) -> Vec<Runtime> {
    let read = |path: &Path| Settings::read("", &std::fs::read_to_string(path).unwrap_or_default()).ok();
    let own = read(&paths.settings()).unwrap_or_default();
    files::settings(paths)
        .runtimes
        .into_iter()
        .map(|(name, runtime)| {
            let file = match paths.user_settings().filter(|_| !own.runtimes.contains_key(&name)) {
                Some(user) => user.to_owned(),
                None => paths.settings(),
            };
            Runtime {
                name,
                command: runtime.command,
                prompt: format!("{:?}", runtime.prompt).to_lowercase(),
                source: file.display().to_string(),
            }
        })
        .collect()
}

fn print(context: &Context, shown: &Shown) -> Result<(), Failure> {
    let mut rows =
        vec![vec!["project".into(), shown.project.clone()], vec!["lane".into(), shown.lane.clone()]];
    for file in &shown.files {
        let absent = if file.present { "" } else { " (not there)" };
        rows.push(vec!["file".into(), format!("{}{absent}", file.path)]);
    }
    for runtime in &shown.runtimes {
        let prompt = format!("prompt by {}", runtime.prompt);
        rows.push(vec![format!("runtime {}", runtime.name), format!("{} ({prompt})", runtime.command)]);
    }
    context.console.line(columns(&rows).join("\n"))?;
    let values: Vec<Vec<String>> = shown.values.iter().map(value_row).collect();
    context.console.line(columns(&values).join("\n"))
}

fn value_row(value: &Effective) -> Vec<String> {
    let source = match &value.source {
        Source::Default => "default".to_string(),
        Source::File { layer, position, .. } => format!("{layer}, line {}", position.line),
    };
    vec![value.key.clone(), source, value.value.to_string()]
}

#[derive(Debug, Serialize)]
struct Checked<'a> {
    findings: Vec<FindingView<'a>>,
    errors: usize,
    warnings: usize,
}

pub(super) fn check(context: &Context) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let loaded = files::load(&paths, &context.lane);
    let names = &loaded.sources.runtimes;
    let mut findings: Vec<Finding> = loaded
        .sources
        .config
        .as_ref()
        .map(|file| Config::check(CONFIG_FILE, &file.text, names))
        .unwrap_or_default();
    let of_lane = Config::read(
        CONFIG_FILE,
        loaded.sources.config.as_ref().map(|file| file.text.as_str()),
        Address { project: paths.project_id(), lane: &context.lane },
        Some(names),
    );
    let missing: Vec<Finding> = of_lane.1.into_iter().filter(|finding| !findings.contains(finding)).collect();
    findings.extend(missing);
    for path in [Some(paths.settings().as_path()), paths.user_settings()].into_iter().flatten() {
        findings.extend(settings_finding(path));
    }
    for finding in &findings {
        super::lint::print(context, &finding.file, &super::lint::finding_view(finding))?;
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let warnings = findings.len() - errors;
    if findings.is_empty() {
        context.console.line("Every key and value is what it should be.")?;
    }
    let views = findings.iter().map(super::lint::finding_view).collect();
    context.console.value(&Checked { findings: views, errors, warnings })?;
    Ok(u8::from(!findings.is_empty()))
}

/// The first mistake of a settings file.
fn settings_finding(path: &Path) -> Option<Finding> {
    let text = std::fs::read_to_string(path).ok()?;
    let error = Settings::read(&path.display().to_string(), &text).err()?;
    let place = Position { line: error.line, column: error.column };
    let hint = "mend it; until then nothing of this file is used".to_string();
    Some(Finding::error("C02", &error.file, place, error.message, hint))
}
