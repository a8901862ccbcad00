//! `wavedeck fmt [FILE|N|- ...] [--wave N] [--check]`: puts wave files into their usual form. What they say stays, and so
//! does what was written for people. Files are written whole; `-` goes from standard input to standard output.
//!
//! `--check` writes nothing and exits 1 when it would. `--json`: `{"files":[{"wave","file","changed","line","column"}],
//! "changed","written"}`, where line and column are those of the first difference; for `-` a file has its `"text"`, too.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::input::{DASH, exact_text, standard_input};
use crate::driver::disk::{Sync, SystemDisk, replace};
use crate::plan::wave::format::{first_difference, format as formatted};
use crate::plan::wave::number_of;
use crate::plan::{Position, WaveNumber};

#[derive(Debug, Args)]
pub(in crate::cli) struct FmtArguments {
    /// Files or numbers of waves; `-` for standard input. By default every wave of the lane.
    #[arg(value_name = "FILE|N|-")]
    only: Vec<String>,
    /// A wave of the lane.
    #[arg(long, value_name = "N")]
    wave: Vec<WaveNumber>,
    /// Write nothing; exit 1 when a file is not in its usual form, and say where.
    #[arg(long)]
    check: bool,
    /// The name under which standard input is spoken of.
    #[arg(long, value_name = "FILE", default_value = DASH)]
    stdin_path: String,
}

#[derive(Debug, Serialize)]
struct Said {
    files: Vec<Looked>,
    changed: usize,
    written: bool,
}

/// A file that was looked at.
#[derive(Debug, Serialize)]
struct Looked {
    wave: Option<WaveNumber>,
    file: String,
    changed: bool,
    line: Option<u32>,
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A file to look at: its name for people, and where it lies.
struct Chosen {
    name: String,
    path: PathBuf,
}

pub(super) fn run(context: &Context, arguments: &FmtArguments) -> Result<u8, Failure> {
    if arguments.only.iter().any(|word| word == DASH) {
        return pass_through(context, arguments);
    }
    let mut files = Vec::new();
    // A file that cannot be written as it is stops no other one.
    let mut failure = None;
    for chosen in chosen(context, arguments)? {
        match look(&chosen, arguments.check) {
            Ok(looked) => {
                say(context, &looked, arguments.check)?;
                files.push(looked);
            }
            Err(failed) => failure = failure.or(Some(failed)),
        }
    }
    let changed = files.iter().filter(|file| file.changed).count();
    let word = if arguments.check { "would change" } else { "written" };
    let count = match files.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    context.console.line(format!("{count}, {changed} {word}"))?;
    context.console.value(&Said { files, changed, written: !arguments.check && changed > 0 })?;
    match failure {
        Some(failure) => Err(failure),
        None => Ok(u8::from(arguments.check && changed > 0)),
    }
}

/// From standard input to standard output.
fn pass_through(context: &Context, arguments: &FmtArguments) -> Result<u8, Failure> {
    if arguments.only.len() > 1 || !arguments.wave.is_empty() {
        return Err(Failure::usage(
            "`-` stands alone: standard input is one wave.",
            "Name files without it.",
        ));
    }
    let text = exact_text(&arguments.stdin_path, standard_input()?)?;
    let new = formatted(&text);
    let looked = looked(&arguments.stdin_path, first_difference(&text, &new));
    let changed = looked.changed;
    if arguments.check {
        say(context, &looked, true)?;
    } else if !context.console.json {
        context.console.raw(new.as_bytes())?;
    }
    let files = vec![Looked { text: Some(new), ..looked }];
    context.console.value(&Said { files, changed: usize::from(changed), written: false })?;
    Ok(u8::from(arguments.check && changed))
}

/// The files that were named; every wave file of the lane when none was.
fn chosen(context: &Context, arguments: &FmtArguments) -> Result<Vec<Chosen>, Failure> {
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for word in &arguments.only {
        let path = PathBuf::from(word);
        if path.is_file() {
            found.push(Chosen { name: word.clone(), path });
        } else {
            words.push(word.clone());
        }
    }
    words.extend(arguments.wave.iter().map(ToString::to_string));
    if words.is_empty() && !found.is_empty() {
        return Ok(found);
    }
    let paths = context.paths()?;
    let waves = context.sources(&paths).waves;
    let of_lane = |name: &str| Chosen { name: name.to_owned(), path: paths.project().join(name) };
    if words.is_empty() {
        return Ok(waves.iter().map(|file| of_lane(&file.path)).collect());
    }
    for word in words {
        let named = |name: &str| {
            word.parse().is_ok_and(|number: WaveNumber| number_of(name) == Some(number))
                || std::path::Path::new(name).ends_with(&word)
        };
        let Some(file) = waves.iter().find(|file| named(&file.path)) else {
            let message = format!("There is no file `{word}`, and lane {} has no such wave.", context.lane);
            return Err(Failure::new(
                Kind::NotFound,
                message,
                "Name a file such as docs/plans/waves/wave-2.md, or a number.",
            ));
        };
        found.push(of_lane(&file.path));
    }
    Ok(found)
}

/// Looks at a file, and puts it into its form unless it is only to be checked.
fn look(chosen: &Chosen, is_check: bool) -> Result<Looked, Failure> {
    let failed = |error: std::io::Error| Failure::file(&chosen.path, &error);
    let text = exact_text(&chosen.name, std::fs::read(&chosen.path).map_err(failed)?)?;
    let new = formatted(&text);
    if new != text && !is_check {
        replace(&SystemDisk, &chosen.path, new.as_bytes(), Sync::Now).map_err(failed)?;
    }
    Ok(looked(&chosen.name, first_difference(&text, &new)))
}

fn looked(name: &str, difference: Option<Position>) -> Looked {
    Looked {
        wave: number_of(name),
        file: name.to_owned(),
        changed: difference.is_some(),
        line: difference.map(|place| place.line),
        column: difference.map(|place| place.column),
        text: None,
    }
}

fn say(context: &Context, looked: &Looked, is_check: bool) -> Result<(), Failure> {
    let (Some(line), Some(column)) = (looked.line, looked.column) else { return Ok(()) };
    let file = &looked.file;
    if is_check {
        context.console.line(format!("{file}:{line}:{column}: is not in its usual form from here on"))
    } else {
        context.console.line(format!("{file}: written, changed from line {line} on"))
    }
}
