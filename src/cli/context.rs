//! What every verb gets: where to print, and which project and lane it is about.

use std::path::PathBuf;

use super::console::Console;
use super::failure::{Failure, Kind};
use super::project::discover;
use crate::adapters::environment;
use crate::driver::paths::ProjectPaths;

/// What every verb gets.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) console: Console,
    /// `--project-dir`.
    pub(super) project_dir: Option<PathBuf>,
    /// `--project`.
    pub(super) project: Option<String>,
    /// `--lane`.
    pub(super) lane: String,
}

impl Context {
    /// Paths of the project: the one that was named, the one whose agent calls, or the nearest above.
    pub(super) fn paths(&self) -> Result<ProjectPaths, Failure> {
        if let Some(project) = self.project.as_deref().filter(|project| *project != "default") {
            let message = format!("The project `{project}` of wave.config.json cannot be addressed yet.");
            let hint = "Leave --project out for the project at the top of the file.";
            return Err(Failure::new(Kind::NotFound, message, hint));
        }
        let folder = match &self.project_dir {
            Some(folder) => folder.clone(),
            None => {
                let here = std::env::current_dir()?;
                discover(&here, std::env::var_os(environment::PROJECT).map(PathBuf::from))?
            }
        };
        ProjectPaths::of(&folder).map_err(|error| Failure::file(&folder, &error))
    }
}
