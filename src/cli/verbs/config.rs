//! `wavedeck config show|check`: which settings hold and who set them; what is wrong with them.
//!
//! `config show --json`: `{"project","lane","files":[{"path","present"}],"values":[{"key","value","source",...}]}`, where
//! `source` is `default`, `file` with `layer`, `file`, `line` and `column`, `environment` with `variable`, or
//! `command-line` with `flag`. `config check --json`: `{"findings":[{"file",...}],"errors","warnings"}` with findings as those
//! of `lint`; exit 1 when anything is found.

mod chosen;

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
    values: Vec<Effective>,
}

#[derive(Debug, Serialize)]
struct SettingsFile {
    path: String,
    present: bool,
}

pub(super) fn show(context: &Context, arguments: &ShowArguments) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let loaded = files::load(&paths, &context.lane);
    for trouble in &loaded.trouble {
        context.console.notice(trouble);
    }
    let text = loaded.sources.config.as_ref().map(|file| file.text.as_str());
    let of_file = effective(CONFIG_FILE, text, address(context, &paths));
    let mut values = chosen::addressed(context, &paths, &of_file);
    values.extend(chosen::settings(context, &paths));
    values.extend(of_file);
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
        values,
    };
    print(context, &shown)?;
    context.console.value(&shown)?;
    Ok(0)
}

fn address<'a>(context: &'a Context, paths: &'a ProjectPaths) -> Address<'a> {
    Address { project: paths.project_id(), lane: &context.lane }
}

fn print(context: &Context, shown: &Shown) -> Result<(), Failure> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for file in &shown.files {
        let absent = if file.present { "" } else { " (not there)" };
        rows.push(vec!["file".into(), format!("{}{absent}", file.path)]);
    }
    context.console.line(columns(&rows).join("\n"))?;
    context.console.line(table(&shown.values))
}

/// Key, who set it, value: a line each.
fn table(values: &[Effective]) -> String {
    let rows: Vec<Vec<String>> = values
        .iter()
        .map(|value| vec![value.key.clone(), source(&value.source), value.value.to_string()])
        .collect();
    columns(&rows).join("\n")
}

fn source(source: &Source) -> String {
    match source {
        Source::Default => "default".to_owned(),
        Source::File { layer, position, .. } => format!("{layer}, line {}", position.line),
        Source::Environment { variable } => format!("${variable}"),
        Source::CommandLine { flag } => flag.clone(),
    }
}

#[derive(Debug, Serialize)]
struct InFile<'a> {
    file: &'a str,
    #[serde(flatten)]
    finding: FindingView<'a>,
}

#[derive(Debug, Serialize)]
struct Checked<'a> {
    findings: Vec<InFile<'a>>,
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
        address(context, &paths),
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
    let views = findings
        .iter()
        .map(|finding| InFile { file: &finding.file, finding: super::lint::finding_view(finding) })
        .collect();
    context.console.value(&Checked { findings: views, errors, warnings })?;
    Ok(u8::from(!findings.is_empty()))
}

/// The first mistake of a settings file.
fn settings_finding(path: &Path) -> Option<Finding> {
    let text = std::fs::read_to_string(path).ok()?;
    let error = Settings::read(&path.display().to_string(), &text).err()?;
    let place = Position { line: error.line, column: error.column };
    Some(Finding::error("C02", &error.file, place, error.message, error.hint))
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::plan::config::Address;
    use crate::plan::config::effective::effective;

    const REAL: &str = include_str!("../../../tests/fixtures/waves/repo/wave.config.json");

    #[test]
    fn the_real_configuration_says_who_set_what() {
        let address = Address { project: None, lane: "main" };
        insta::assert_snapshot!(table(&effective("wave.config.json", Some(REAL), address)));
    }
}
