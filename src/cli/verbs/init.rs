//! `wavedeck init`: what a project needs before its first wave, where its configuration says that it lies. A project that is
//! there already is adopted: what exists stays as it is.
//!
//! `--json`: `{"written":[PATH],"kept":[PATH]}`.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::plan::config::{Address, CONFIG_FILE, Config};
use crate::plan::wave::entries::LEVELS;

/// State that git leaves alone.
const IGNORED: &str = ".tmp/\n.wave/\n.wavedeck/\n";

/// A configuration that says the least: what it leaves out is by default.
const CONFIG: &str = r#"{
  "version": 1,
  "defaultLane": "main",
  "validation": {
    "requiredPromptReferences": []
  },
  "lanes": { "main": {} }
}
"#;

/// Standing prompts of the stewards that close a wave.
const STEWARDS: [(&str, &str); 3] = [
    (
        "cont-QA",
        "You are the cont-QA steward of this wave: its last voice.\n\
         Judge what has landed, not what is meant: compare each slice with its exit contract.\n\
         Name the smallest set of things that keeps the wave open, and end your report with one line:\n\
         Verdict: PASS, Verdict: CONCERNS or Verdict: BLOCKED.",
    ),
    (
        "Integration steward",
        "You are the integration steward of this wave.\n\
         See that the slices fit together: contradictions, gaps between owners, what nobody has tried as a whole.\n\
         Say who has to do what before the wave can close.",
    ),
    (
        "Documentation steward",
        "You are the documentation steward of this wave.\n\
         Keep the shared plan documents true: what is so now, what comes next, what has to be migrated.\n\
         Change nothing that this wave has not changed.",
    ),
];

#[derive(Debug, Default, Serialize)]
struct Made {
    written: Vec<String>,
    kept: Vec<String>,
}

pub(super) fn run(context: &Context) -> Result<u8, Failure> {
    let paths = place(context)?;
    let text = files::load_file(&paths, CONFIG_FILE).map_or_else(|| CONFIG.to_owned(), |file| file.text);
    let address = Address { project: paths.project_id(), lane: &context.lane };
    let (config, findings) = Config::read(CONFIG_FILE, Some(&text), address, None);
    if let Some(finding) = findings.into_iter().next() {
        return Err(Failure::of_finding(Kind::Input, finding));
    }
    let mut made = Made::default();
    for (path, text) in wanted(&config) {
        match write_new(&paths.project().join(&path), &text)? {
            true => made.written.push(path),
            false => made.kept.push(path),
        }
    }
    fs::create_dir_all(paths.project().join(config.waves_directory()))?;
    for path in &made.written {
        context.console.line(format!("wrote {path}"))?;
    }
    for path in &made.kept {
        context.console.line(format!("kept  {path}"))?;
    }
    let folder = config.waves_directory();
    context.console.line(format!("Waves go into {folder}; `wavedeck doctor` says what else is missing."))?;
    context.console.value(&made)?;
    Ok(0)
}

/// The folder that was named, else the project around, else the folder where this is called.
fn place(context: &Context) -> Result<ProjectPaths, Failure> {
    match context.paths() {
        Err(failure) if failure.kind == Kind::NotFound && context.named == Default::default() => {
            let here = std::env::current_dir()?;
            ProjectPaths::of(&here).map_err(|error| Failure::file(&here, &error))
        }
        other => other,
    }
}

/// Every file that a project needs, with what stands in a new one.
fn wanted(config: &Config) -> Vec<(String, String)> {
    let roles = &config.roles;
    let documents = [&roles.cont_qa_document, &roles.integration_document, &roles.documentation_document];
    let stewards = documents.into_iter().zip(STEWARDS).map(|(path, (title, prompt))| {
        (path.clone(), format!("# {title}\n\n## Standing prompt\n\n```text\n{prompt}\n```\n"))
    });
    let shared = config.shared_plan_docs.iter().map(|path| (path.clone(), format!("# {}\n", title_of(path))));
    let matrix = json!({ "version": 1, "levels": LEVELS, "components": {} });
    let bundles = json!({
        "version": 1, "defaultBundle": "none",
        "bundles": { "none": { "description": "Nothing is fetched.", "libraries": [] } },
    });
    [(CONFIG_FILE.to_owned(), CONFIG.to_owned()), (".gitignore".to_owned(), IGNORED.to_owned())]
        .into_iter()
        .chain(stewards)
        .chain(shared)
        .chain([
            (config.paths.matrix_json.clone(), format!("{matrix:#}\n")),
            (config.paths.context7_bundle_index.clone(), format!("{bundles:#}\n")),
        ])
        .collect()
}

/// `docs/plans/current-state.md` is about the current state.
fn title_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md").replace('-', " ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Writes a file that is not there. Whether it was written.
fn write_new(path: &Path, text: &str) -> Result<bool, Failure> {
    let failed = |path: &Path, error: std::io::Error| Failure::file(path, &error);
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| failed(path, error))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(path, error)),
    }
}
