//! `wavedeck matrix show|render|set`: the component matrix and its markdown twin.
//!
//! `show --json`: `{"file","document","levels":[],"components":[{"id","title","currentLevel","canonicalDocs","promotions":
//! [{"wave","target","lane"}],"proofSurfaces"}]}`. `render --json` and `set --json`: `{"changed":[paths]}`; `render --check`
//! writes nothing and exits 1 when it would. `set` is an edit of the plan: `undo` takes it back.

use std::path::Path;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::planner::write;
use crate::driver::disk::{Sync, SystemDisk, replace};
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::plan::edit::{Edit, Rewrite};
use crate::plan::matrix::change::{Change, change};
use crate::plan::matrix::{Matrix, MatrixComponent, MatrixPromotion, twin};
use crate::plan::{Severity, SourceFile, WaveNumber};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MatrixVerb {
    /// Show where components stand and which waves take them where.
    Show(ShowArguments),
    /// Bring the markdown twin up to date with the matrix; what people wrote into it stays.
    Render(RenderArguments),
    /// Say where a component stands, or where a wave takes it; the twin follows.
    Set(SetArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// Only this component.
    #[arg(value_name = "COMPONENT")]
    component: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArguments {
    /// Write nothing; exit 1 when the twin is not up to date.
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetArguments {
    /// The component.
    #[arg(value_name = "COMPONENT")]
    component: String,
    /// The level.
    #[arg(value_name = "LEVEL")]
    level: String,
    /// Set the level to which this wave takes it, not the one where it stands.
    #[arg(long, value_name = "N")]
    wave: Option<WaveNumber>,
    /// Say that it is the wave of this lane (--lane), where several lanes share the matrix.
    #[arg(long, requires = "wave")]
    of_lane: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'m> {
    file: &'m str,
    document: &'m str,
    levels: &'m [String],
    components: Vec<ShownComponent<'m>>,
}

#[derive(Debug, Serialize)]
struct ShownComponent<'m> {
    id: &'m str,
    #[serde(flatten)]
    component: &'m MatrixComponent,
}

/// The matrix as it lies on the disk.
struct Files {
    paths: ProjectPaths,
    matrix_file: SourceFile,
    matrix: Matrix,
    /// Path of the twin.
    document: String,
}

pub(super) fn run(context: &Context, verb: &MatrixVerb) -> Result<u8, Failure> {
    let files = Files::read(context)?;
    match verb {
        MatrixVerb::Show(arguments) => show(context, &files, arguments),
        MatrixVerb::Render(arguments) => render(context, &files, arguments),
        MatrixVerb::Set(arguments) => set(context, &files, arguments),
    }
}

impl Files {
    fn read(context: &Context) -> Result<Files, Failure> {
        let paths = context.paths()?;
        let config = files::config(&paths, &context.lane);
        let path = config.matrix_path();
        let Some(matrix_file) = files::load_file(&paths, path) else {
            let message = format!("There is no component matrix {path}.");
            let hint = "Write it, or set paths.componentCutoverMatrixJsonPath in wave.config.json.";
            return Err(Failure::new(Kind::NotFound, message, hint));
        };
        let (matrix, findings) = Matrix::read(path, &matrix_file.text);
        let first = findings.into_iter().find(|finding| finding.severity == Severity::Error);
        match (matrix, first) {
            (Some(matrix), None) => {
                Ok(Files { paths, matrix_file, matrix, document: config.paths.matrix_doc })
            }
            (_, found) => {
                let message = found.as_ref().map_or("It says nothing.", |found| found.message.as_str());
                let message = format!("The component matrix cannot be used: {message}.");
                let failure = Failure::new(Kind::Input, message, "`wavedeck lint` lists everything.");
                let place = found.map(|found| found.position);
                let (line, column) = (place.map(|place| place.line), place.map(|place| place.column));
                Err(Failure { file: Some(path.to_owned()), line, column, ..failure })
            }
        }
    }

    /// The twin as it is and as it should be; `None` for one that is not there.
    fn twin(&self, matrix: &Matrix) -> (Option<SourceFile>, String) {
        let there = files::load_file(&self.paths, &self.document);
        let wanted = twin::render(matrix, there.as_ref().map(|file| file.text.as_str()));
        (there, wanted)
    }

    fn write(&self, path: &str, text: &str) -> Result<(), Failure> {
        let full = self.paths.project().join(path);
        replace(&SystemDisk, &full, text.as_bytes(), Sync::Now).map_err(|error| Failure::file(&full, &error))
    }
}

fn show(context: &Context, files: &Files, arguments: &ShowArguments) -> Result<u8, Failure> {
    let matrix = &files.matrix;
    let wanted = arguments.component.as_deref();
    if let Some(id) = wanted.filter(|id| !matrix.components.contains_key(*id)) {
        let known: Vec<&str> = matrix.components.keys().map(String::as_str).collect();
        let message = format!("The component matrix has no component `{id}`.");
        return Err(Failure::new(Kind::NotFound, message, format!("It has {}.", known.join(", "))));
    }
    let components: Vec<ShownComponent<'_>> = matrix
        .components
        .iter()
        .filter(|(id, _)| wanted.is_none_or(|wanted| wanted == *id))
        .map(|(id, component)| ShownComponent { id, component })
        .collect();
    let rows: Vec<Vec<String>> = components
        .iter()
        .map(|shown| {
            let promotions: Vec<String> = shown.component.promotions.iter().map(promotion).collect();
            vec![shown.id.to_owned(), shown.component.current_level.clone(), promotions.join(", ")]
        })
        .collect();
    for line in columns(&rows) {
        context.console.line(line)?;
    }
    let (file, document) = (files.matrix_file.path.as_str(), files.document.as_str());
    context.console.value(&Shown { file, document, levels: &matrix.levels, components })?;
    Ok(0)
}

/// A promotion as people read it.
fn promotion(promotion: &MatrixPromotion) -> String {
    let lane = promotion.lane.as_ref().map(|lane| format!(" of {lane}")).unwrap_or_default();
    format!("wave {}{lane}: {}", promotion.wave, promotion.target)
}

fn render(context: &Context, files: &Files, arguments: &RenderArguments) -> Result<u8, Failure> {
    let (there, wanted) = files.twin(&files.matrix);
    let is_current = there.as_ref().is_some_and(|file| file.text == wanted);
    if arguments.check {
        let word = if is_current { "is up to date" } else { "does not say what the matrix says" };
        context.console.line(format!("{} {word}.", files.document))?;
        let stale: Vec<&str> = (!is_current).then_some(files.document.as_str()).into_iter().collect();
        context.console.value(&changed(&stale))?;
        return Ok(u8::from(!is_current));
    }
    if is_current {
        context.console.line(format!("{} is up to date.", files.document))?;
        context.console.value(&changed(&[]))?;
        return Ok(0);
    }
    refuse_bytes(there.as_ref())?;
    files.write(&files.document, &wanted)?;
    context.console.line(format!("{} is written.", files.document))?;
    context.console.value(&changed(&[&files.document]))?;
    Ok(0)
}

fn set(context: &Context, files: &Files, arguments: &SetArguments) -> Result<u8, Failure> {
    refuse_bytes(Some(&files.matrix_file))?;
    let level = arguments.level.clone();
    let asked = match arguments.wave {
        None => Change::Level(level),
        Some(wave) => {
            let lane = arguments.of_lane.then(|| context.lane.clone());
            Change::Promotion { wave, lane, target: level }
        }
    };
    let text = change(&files.matrix_file.text, &arguments.component, &asked)
        .map_err(|error| Failure::new(Kind::Refused, format!("{error}."), ""))?;
    let rewrite = |file: &SourceFile, after: String| Rewrite {
        path: file.path.clone(),
        before: file.text.clone(),
        after,
    };
    let mut writes: Vec<Rewrite> = Vec::new();
    // A project without a twin does not want one.
    let matrix = Matrix::read(&files.matrix_file.path, &text).0.unwrap_or_default();
    if let (Some(there), wanted) = files.twin(&matrix)
        && there.text != wanted
    {
        refuse_bytes(Some(&there))?;
        writes.push(rewrite(&there, wanted));
    }
    if text != files.matrix_file.text {
        writes.insert(0, rewrite(&files.matrix_file, text));
    }
    let written: Vec<&str> = writes.iter().map(|write| write.path.as_str()).collect();
    let sentence = match written.as_slice() {
        [] => "It says so already; nothing is written.".to_owned(),
        written => format!("Written: {}. `wavedeck undo` takes it back.", written.join(", ")),
    };
    if !writes.is_empty() {
        let edit = Edit::WriteWaves {
            summary: said(arguments),
            changes: Vec::new(),
            waves: Vec::new(),
            writes: writes.clone(),
        };
        write(context, edit)?;
    }
    context.console.line(sentence)?;
    context.console.value(&changed(&written))?;
    Ok(0)
}

/// The change as a clause.
fn said(arguments: &SetArguments) -> String {
    let SetArguments { component, level, wave, of_lane: _ } = arguments;
    match wave {
        None => format!("{component} set to {level} in the component matrix"),
        Some(wave) => format!("{component} set to {level} by wave {wave} in the component matrix"),
    }
}

fn changed(paths: &[&str]) -> serde_json::Value {
    serde_json::json!({ "changed": paths })
}

/// A file with bytes that are not UTF-8 was read without them and must not be written back.
fn refuse_bytes(file: Option<&SourceFile>) -> Result<(), Failure> {
    match file.filter(|file| file.text.contains('\u{fffd}')) {
        None => Ok(()),
        Some(file) => {
            let message =
                format!("{} holds bytes that are not UTF-8, and such a file is never written.", file.path);
            let failure = Failure::new(Kind::Refused, message, "Save it as UTF-8 first.");
            Err(Failure { file: Some(Path::new(&file.path).display().to_string()), ..failure })
        }
    }
}
