//! Which project a command speaks of.

use std::path::{Path, PathBuf};

use super::failure::{Failure, Kind};

/// What marks the folder of a project, in this order of trust: authored settings, our own state, a repository.
const MARKS: [&str; 3] = ["wave.config.json", ".wavedeck", ".git"];

/// The nearest folder, from `start` upwards, that holds `wave.config.json`, `.wavedeck` or `.git`.
///
/// An agent may work in a repository inside the project: `WAVEDECK_PROJECT` is handed in as `told` and goes first.
pub(super) fn discover(start: &Path, told: Option<PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(told) = told {
        return Ok(told);
    }
    let marked = |folder: &&Path| MARKS.iter().any(|mark| folder.join(mark).exists());
    start.ancestors().find(marked).map(Path::to_path_buf).ok_or_else(|| {
        let message = format!("{} is in no project.", start.display());
        let hint = "A project is a folder with wave.config.json, .wavedeck or .git. Go there, name it with \
                    --project-dir DIR, or make one here with `wavedeck init`; `wavedeck demo` shows one.";
        Failure::new(Kind::NotFound, message, hint)
    })
}

#[cfg(test)]
mod tests {
    use super::discover;

    #[test]
    fn the_nearest_marked_folder_above_is_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(folder.path().join("wave.config.json"), "{}").unwrap();
        assert_eq!(discover(&deep, None).unwrap(), folder.path());
        std::fs::create_dir(folder.path().join("a/.git")).unwrap();
        assert_eq!(discover(&deep, None).unwrap(), folder.path().join("a"));
        assert_eq!(discover(&deep, Some("/told".into())).unwrap(), std::path::Path::new("/told"));
    }
}
