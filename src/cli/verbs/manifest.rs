//! `wavedeck manifest`: the parsed waves as JSON, in the shape of the `waves.manifest.json` of npm
//! `@chllming/wave-orchestration` 0.9.15. Prints JSON with and without `--json`.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::times::{iso, now};
use crate::driver::paths::ProjectPaths;
use crate::plan::Project;
use crate::plan::manifest::{ListedDocument, manifest};

pub(super) fn run(context: &Context) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let project = Project::read(&context.sources(&paths));
    context.console.raw(text(&paths, &project)?.as_bytes())?;
    Ok(0)
}

/// The manifest as the text of a file.
pub(super) fn text(paths: &ProjectPaths, project: &Project) -> Result<String, Failure> {
    let mut documents = Vec::new();
    let folder = paths.project().join(&project.config.paths.docs_dir);
    list(paths.project(), &folder, &mut documents).map_err(|error| Failure::file(&folder, &error))?;
    let value = manifest(project, &iso(now()), &documents);
    let text = serde_json::to_string_pretty(&value).map_err(io::Error::other)?;
    Ok(format!("{text}\n"))
}

/// Adds every file below `folder`. Links are not followed, so that no circle is walked; no folder is no file.
fn list(project: &Path, folder: &Path, documents: &mut Vec<ListedDocument>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.collect::<io::Result<Vec<DirEntry>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            list(project, &path, documents)?;
        } else if kind.is_file() {
            let content = fs::read(&path)?;
            let bytes = content.len() as u64;
            let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
            let path = path.strip_prefix(project).unwrap_or(&path).to_string_lossy().into_owned();
            documents.push(ListedDocument { path, bytes, sha256 });
        }
    }
    Ok(())
}
