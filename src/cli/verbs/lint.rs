//! `wavedeck lint [FILE|N ...|-] [--watch] [--rules]`: what is found in the wave files, or in one on standard input, without
//! starting anything. Exit 1 when an error is found. `--json`: `{"waves":[{"wave","file","findings":[{"rule","severity","agent","message","line","column","hint"}]}],
//! "errors","warnings"}`; `wave` is null for findings in other files. `--rules --json`: `[{"rule","severity","stops",
//! "summary"}]`.

mod handed;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::input::DASH;
use crate::plan::lint::catalogue::{Entry, catalogue};
use crate::plan::{Finding, Position, Project, Severity, WaveNumber};

#[derive(Debug, Args)]
pub(in crate::cli) struct LintArguments {
    /// Files or numbers of waves; `-` for one wave on standard input. By default everything of the lane.
    #[arg(value_name = "FILE|N|-")]
    only: Vec<String>,
    /// With `-`: which file it is; its name says the wave. By default the title does.
    #[arg(long, value_name = "FILE", requires = "only")]
    stdin_path: Option<String>,
    /// Stay, and say again what is found whenever a file changes: of a changed wave what is in it, then the sums of the
    /// lane. With --json a line per change.
    #[arg(long, conflicts_with_all = ["only", "rules"])]
    watch: bool,
    /// List the rules instead: id, severity, what they stop, what must be so.
    #[arg(long, conflicts_with = "only")]
    rules: bool,
}

#[derive(Debug, Serialize)]
struct Lint<'a> {
    waves: Vec<FileFindings<'a>>,
    errors: usize,
    warnings: usize,
}

#[derive(Debug, Serialize)]
struct FileFindings<'a> {
    wave: Option<WaveNumber>,
    file: &'a str,
    findings: Vec<FindingView<'a>>,
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct FindingView<'a> {
    rule: &'a str,
    severity: Severity,
    agent: Option<&'a str>,
    message: &'a str,
    #[serde(flatten)]
    position: Position,
    hint: &'a str,
}

pub(super) fn run(context: &Context, arguments: &LintArguments) -> Result<u8, Failure> {
    if arguments.rules {
        return rules(context);
    }
    if arguments.only.iter().any(|word| word == DASH) {
        return handed::run(context, arguments);
    }
    let paths = context.paths()?;
    if arguments.watch {
        return watch::run(context, &paths);
    }
    let project = Project::read(&context.sources(&paths));
    let lint = lint(&project, &arguments.only)?;
    say(context, &lint, lint.waves.len())?;
    context.console.value(&lint)?;
    Ok(u8::from(lint.errors > 0))
}

/// Prints findings by file and their sums over `files` files.
fn say(context: &Context, lint: &Lint<'_>, files: usize) -> Result<(), Failure> {
    for file in &lint.waves {
        for finding in &file.findings {
            print(context, file.file, finding)?;
        }
    }
    let count = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (errors, warnings) = (count(lint.errors, "error"), count(lint.warnings, "warning"));
    context.console.line(format!("{}, {errors}, {warnings}", count(files, "file")))
}

/// The rules.
fn rules(context: &Context) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct RuleView {
        rule: &'static str,
        severity: Severity,
        stops: &'static str,
        summary: &'static str,
    }
    let views: Vec<RuleView> = catalogue()
        .into_iter()
        .map(|Entry { id, severity, stops, summary }| RuleView {
            rule: id,
            severity,
            stops: stops.word(),
            summary,
        })
        .collect();
    let rows: Vec<Vec<String>> = views
        .iter()
        .map(|view| [view.rule, word(view.severity), view.stops, view.summary].map(str::to_owned).to_vec())
        .collect();
    context.console.line(columns(&rows).join("\n"))?;
    context.console.value(&views)?;
    Ok(0)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Prints a finding with its way out.
pub(super) fn print(context: &Context, file: &str, finding: &FindingView<'_>) -> Result<(), Failure> {
    let severity = word(finding.severity);
    let agent = finding.agent.map(|agent| format!("{agent}: ")).unwrap_or_default();
    let Position { line, column } = finding.position;
    let FindingView { rule, message, hint, .. } = finding;
    context.console.line(format!("{file}:{line}:{column}: {severity} {rule} {agent}{message}"))?;
    if hint.is_empty() { Ok(()) } else { context.console.line(format!("    {hint}")) }
}

/// Findings by file: a wave's file always, another one when something was found in it.
fn lint<'a>(project: &'a Project, only: &[String]) -> Result<Lint<'a>, Failure> {
    let mut files: Vec<FileFindings<'a>> = project
        .waves
        .values()
        .map(|wave| FileFindings { wave: Some(wave.number), file: &wave.file, findings: Vec::new() })
        .collect();
    let mut place: BTreeMap<&str, usize> =
        files.iter().enumerate().map(|(index, file)| (file.file, index)).collect();
    for finding in &project.findings {
        let index = *place.entry(&finding.file).or_insert_with(|| {
            files.push(FileFindings { wave: None, file: &finding.file, findings: Vec::new() });
            files.len() - 1
        });
        files[index].findings.push(finding_view(finding));
    }
    let named = |word: &str, file: &FileFindings<'_>| {
        word.parse().is_ok_and(|number: WaveNumber| file.wave == Some(number))
            || file.file == word.trim_start_matches("./")
            || Path::new(file.file).ends_with(word)
            || Path::new(word).ends_with(file.file)
    };
    if let Some(word) = only.iter().find(|word| !files.iter().any(|file| named(word, file))) {
        let message = format!("Lane {} has no wave `{word}`.", project.lane);
        return Err(Failure::new(Kind::NotFound, message, "Name a file such as wave-2.md, or a number."));
    }
    files.retain(|file| only.is_empty() || only.iter().any(|word| named(word, file)));
    let shown = |finding: &&Finding| files.iter().any(|file| file.file == finding.file);
    let (errors, warnings) = counted(project.findings.iter().filter(shown));
    Ok(Lint { waves: files, errors, warnings })
}

/// How many errors and warnings these are.
fn counted<'f>(findings: impl Iterator<Item = &'f Finding>) -> (usize, usize) {
    findings.fold((0, 0), |(errors, warnings), finding| match finding.severity {
        Severity::Error => (errors + 1, warnings),
        Severity::Warning => (errors, warnings + 1),
    })
}

/// A finding as JSON shows it.
pub(in crate::cli) fn finding_view(finding: &Finding) -> FindingView<'_> {
    FindingView {
        rule: &finding.rule,
        severity: finding.severity,
        agent: finding.agent.as_deref(),
        message: &finding.message,
        position: finding.position,
        hint: &finding.hint,
    }
}
