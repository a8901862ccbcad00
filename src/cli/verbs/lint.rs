//! `wavedeck lint [FILE|N ...]`: what is found in the wave files, without starting anything. Exit 1 when an error is
//! found. `--json`: `{"waves":[{"wave","file","findings":[{"rule","severity","agent","message","line","column","hint"}]}],
//! "errors","warnings"}`; `wave` is null for findings in other files.

use clap::Args;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::plan::{Finding, Position, Project, Severity, WaveNumber};

#[derive(Debug, Args)]
pub(in crate::cli) struct LintArguments {
    /// Files or numbers of waves; by default everything of the lane.
    #[arg(value_name = "FILE|N")]
    only: Vec<String>,
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
struct FindingView<'a> {
    rule: &'a str,
    severity: Severity,
    agent: Option<&'a str>,
    message: &'a str,
    #[serde(flatten)]
    position: Position,
    hint: &'a str,
}

pub(super) fn run(context: &Context, arguments: &LintArguments) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let project = Project::read(&context.sources(&paths));
    let lint = lint(&project, &arguments.only)?;
    for file in &lint.waves {
        for finding in &file.findings {
            print(context, file.file, finding)?;
        }
    }
    let count = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let files = count(lint.waves.len(), "file");
    let (errors, warnings) = (count(lint.errors, "error"), count(lint.warnings, "warning"));
    context.console.line(format!("{files}, {errors}, {warnings}"))?;
    context.console.value(&lint)?;
    Ok(u8::from(lint.errors > 0))
}

fn print(context: &Context, file: &str, finding: &FindingView<'_>) -> Result<(), Failure> {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let agent = finding.agent.map(|agent| format!("{agent}: ")).unwrap_or_default();
    let Position { line, column } = finding.position;
    let FindingView { rule, message, hint, .. } = finding;
    context.console.line(format!("{file}:{line}:{column}: {severity} {rule} {agent}{message}"))?;
    if hint.is_empty() { Ok(()) } else { context.console.line(format!("    {hint}")) }
}

/// Findings by file: a wave's file always, another one when something was found in it.
fn lint<'a>(project: &'a Project, only: &[String]) -> Result<Lint<'a>, Failure> {
    let mut files: Vec<(Option<WaveNumber>, &str)> =
        project.waves.values().map(|wave| (Some(wave.number), wave.file.as_str())).collect();
    for finding in &project.findings {
        if !files.iter().any(|(_, file)| *file == finding.file) {
            files.push((None, &finding.file));
        }
    }
    let named = |word: &str, wave: Option<WaveNumber>, file: &str| {
        word.parse().is_ok_and(|number: WaveNumber| wave == Some(number))
            || file == word.trim_start_matches("./")
            || std::path::Path::new(file).ends_with(word)
            || std::path::Path::new(word).ends_with(file)
    };
    if let Some(word) = only.iter().find(|word| !files.iter().any(|(wave, file)| named(word, *wave, file))) {
        let message = format!("Lane {} has no wave `{word}`.", project.lane);
        return Err(Failure::new(Kind::NotFound, message, "Name a file such as wave-2.md, or a number."));
    }
    files.retain(|(wave, file)| only.is_empty() || only.iter().any(|word| named(word, *wave, file)));
    let waves: Vec<FileFindings<'_>> = files
        .into_iter()
        .map(|(wave, file)| {
            let of_file = project.findings.iter().filter(|finding| finding.file == file);
            FileFindings { wave, file, findings: of_file.map(finding_view).collect() }
        })
        .collect();
    let count = |severity| {
        waves.iter().flat_map(|file| &file.findings).filter(|finding| finding.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    Ok(Lint { waves, errors, warnings })
}

fn finding_view(finding: &Finding) -> FindingView<'_> {
    FindingView {
        rule: &finding.rule,
        severity: finding.severity,
        agent: finding.agent.as_deref(),
        message: &finding.message,
        position: finding.position,
        hint: &finding.hint,
    }
}
