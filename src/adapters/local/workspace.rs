//! What the simulator writes, and where it never does.
//!
//! It writes only what its agent owns and only inside the project, whatever a path or a link says. A file that is missing
//! or empty is written; a file that holds something is left as it is, since it is somebody's work. Three exceptions, each
//! of them asked for: the script's `edit` appends one marked line, a report grows by the verdict that its role has to
//! leave, and the matrix of components gets the levels that the wave promotes.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::plan::matrix::change::raised;

/// What stands in front of every line that is appended to somebody's file.
const MARK: &str = "wavedeck local agent";

/// The project as one agent may change it.
#[derive(Debug)]
pub(super) struct Workspace {
    project: PathBuf,
    owned: Vec<String>,
}

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// The file is new, or was empty: so many lines.
    Created(usize),
    /// Lines were added at the end.
    Appended(usize),
    /// Words were replaced in place.
    Changed(usize),
    /// Nothing to do.
    Kept,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// The agent does not own it, or it lies outside the project.
    #[error("{path} is not mine to change")]
    NotOwned {
        /// The path.
        path: String,
    },
    /// A line cannot be added to such a file without breaking it.
    #[error("{path} has no place for a comment, so it was left as it is")]
    NoComment {
        /// The path.
        path: String,
    },
    /// The system said no.
    #[error("{path} could not be written: {error}")]
    Failed {
        /// The path.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

impl Workspace {
    pub(super) fn new(project: PathBuf, owned: Vec<String>) -> Workspace {
        Workspace { project, owned }
    }

    /// Paths of the project that a complete agent has written: `named` ones, then owned files, then one file in each owned
    /// folder in which nothing else is written. `stem` names such a file.
    pub(super) fn targets(&self, named: impl Iterator<Item = String>, stem: &str) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        let mut add = |path: String| {
            if !targets.contains(&path) {
                targets.push(path);
            }
        };
        named.for_each(&mut add);
        for path in self.owned.iter().filter(|path| is_file_like(path)) {
            add(path.clone());
        }
        for folder in self.owned.iter().filter(|path| path.ends_with('/')) {
            if !targets.iter().any(|path| covers(folder, path)) {
                targets.push(format!("{folder}{stem}.md"));
            }
        }
        targets.retain(|path| self.path_of(path).is_ok());
        targets
    }

    /// Whether a path is a file with something in it.
    pub(super) fn is_there(&self, path: &str) -> bool {
        fs::metadata(self.project.join(path)).is_ok_and(|found| found.is_file() && found.len() > 0)
    }

    /// Writes a file that is missing or empty; one that holds something is kept.
    pub(super) fn create(&self, path: &str, text: &str) -> Result<Written, WriteError> {
        let full = self.prepare(path)?;
        let failed = |error| WriteError::Failed { path: path.to_owned(), error };
        match fs::symlink_metadata(&full) {
            Ok(found) if found.is_file() && found.len() == 0 => fs::write(&full, text).map_err(failed)?,
            Ok(_) => return Ok(Written::Kept),
            Err(_) => {
                let mut file = OpenOptions::new().write(true).create_new(true).open(&full).map_err(failed)?;
                file.write_all(text.as_bytes()).map_err(failed)?;
            }
        }
        Ok(Written::Created(text.lines().count()))
    }

    /// Creates a file, or appends one marked comment line to what is there. Doing it again adds nothing.
    pub(super) fn edit(&self, path: &str, text: &str, note: &str) -> Result<Written, WriteError> {
        match self.create(path, text)? {
            Written::Kept => {}
            written => return Ok(written),
        }
        let (start, end) = comment(path).ok_or_else(|| WriteError::NoComment { path: path.to_owned() })?;
        self.append(path, &format!("{start}{MARK}: {note}{end}"))
    }

    /// Appends lines to a file that is there, unless it ends with them already.
    pub(super) fn append(&self, path: &str, lines: &str) -> Result<Written, WriteError> {
        let full = self.prepare(path)?;
        let failed = |error| WriteError::Failed { path: path.to_owned(), error };
        let text = fs::read_to_string(&full).map_err(failed)?;
        if text.trim_end().ends_with(lines.trim_end()) {
            return Ok(Written::Kept);
        }
        let separator = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
        let mut file = OpenOptions::new().append(true).open(&full).map_err(failed)?;
        writeln!(file, "{separator}{lines}").map_err(failed)?;
        Ok(Written::Appended(lines.lines().count()))
    }

    /// Raises `currentLevel` of each promoted component in a component matrix to the level that the wave promotes; never
    /// lowers one. Nothing but those words changes.
    pub(super) fn promote(
        &self,
        path: &str,
        promotions: &BTreeMap<String, String>,
    ) -> Result<Written, WriteError> {
        let full = self.prepare(path)?;
        let failed = |error| WriteError::Failed { path: path.to_owned(), error };
        let text = fs::read_to_string(&full).map_err(failed)?;
        let promotions = promotions.iter().map(|(component, level)| (component.as_str(), level.as_str()));
        let (new, components) = raised(&text, promotions);
        if components.is_empty() {
            return Ok(Written::Kept);
        }
        fs::write(&full, new).map_err(failed)?;
        Ok(Written::Changed(components.len()))
    }

    /// The file that a path means, its folder made, when the agent may write it.
    fn prepare(&self, path: &str) -> Result<PathBuf, WriteError> {
        let full = self.path_of(path)?;
        let failed = |error| WriteError::Failed { path: path.to_owned(), error };
        let folder = full.parent().unwrap_or(&self.project);
        // A link on the way may lead out of the project: what counts is where the nearest folder really lies.
        let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(&self.project);
        let real = there.canonicalize().map_err(failed)?;
        let project = self.project.canonicalize().map_err(failed)?;
        if !real.starts_with(&project) || fs::symlink_metadata(&full).is_ok_and(|found| found.is_symlink()) {
            return Err(WriteError::NotOwned { path: path.to_owned() });
        }
        fs::create_dir_all(folder).map_err(failed)?;
        Ok(full)
    }

    fn path_of(&self, path: &str) -> Result<PathBuf, WriteError> {
        let inside = !path.is_empty()
            && !path.ends_with('/')
            && Path::new(path)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside && self.owned.iter().any(|owned| covers(owned, path)) {
            Ok(self.project.join(path))
        } else {
            Err(WriteError::NotOwned { path: path.to_owned() })
        }
    }
}

/// Whether an owned path covers another: the same file, or below a folder that ends in `/`.
fn covers(owned: &str, path: &str) -> bool {
    let plain = |path: &str| path.replace('\\', "/").trim_start_matches("./").to_owned();
    let (owned, path) = (plain(owned), plain(path));
    owned == path || (owned.ends_with('/') && path.starts_with(&owned))
}

/// Whether a path names a file rather than a folder or a pattern.
fn is_file_like(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.contains('.') && !path.contains(['*', '?', '{'])
}

/// How a file of that kind writes a comment; `None` when it cannot, or when nobody knows.
fn comment(path: &str) -> Option<(&'static str, &'static str)> {
    match Path::new(path).extension()?.to_str()? {
        "rs" | "ts" | "tsx" | "js" | "jsx" | "mjs" | "cjs" | "go" | "c" | "h" | "cpp" | "java" | "kt"
        | "swift" => Some(("// ", "")),
        "py" | "sh" | "toml" | "yaml" | "yml" | "rb" | "conf" | "tf" => Some(("# ", "")),
        "sql" | "lua" => Some(("-- ", "")),
        "md" | "html" | "xml" | "svg" => Some(("<!-- ", " -->")),
        "css" => Some(("/* ", " */")),
        "txt" => Some(("", "")),
        _ => None,
    }
}

/// What a new file holds: a few lines that say what it stands for, in the file's own language.
pub(super) fn content(path: &str, lines: &[String]) -> String {
    if path.ends_with(".json") {
        let object: serde_json::Map<String, Value> = lines
            .iter()
            .enumerate()
            .map(|(index, line)| (format!("note{}", index + 1), Value::String(line.clone())))
            .collect();
        return format!("{:#}\n", Value::Object(object));
    }
    if path.ends_with(".md") {
        let (title, rest) = lines.split_first().map_or(("", &[][..]), |(title, rest)| (title.as_str(), rest));
        return format!("# {title}\n\n{}\n", rest.join("\n"));
    }
    let (start, end) = comment(path).unwrap_or(("# ", ""));
    lines.iter().map(|line| format!("{start}{line}{end}\n")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Workspace, WriteError, Written, content};

    fn workspace(owned: &[&str]) -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().expect("folder");
        let owned = owned.iter().map(|path| (*path).to_owned()).collect();
        let workspace = Workspace::new(folder.path().to_owned(), owned);
        (folder, workspace)
    }

    #[test]
    fn missing_and_empty_files_are_written_and_others_kept() {
        let (folder, workspace) = workspace(&["src/", "README.md"]);
        assert_eq!(workspace.create("src/a/b.rs", "one\ntwo\n").expect("written"), Written::Created(2));
        fs::write(folder.path().join("README.md"), "").expect("written");
        assert_eq!(workspace.create("README.md", "one\n").expect("written"), Written::Created(1));
        assert_eq!(workspace.create("README.md", "two\n").expect("kept"), Written::Kept);
        assert_eq!(fs::read_to_string(folder.path().join("README.md")).expect("there"), "one\n");
    }

    #[test]
    fn nothing_is_written_that_is_not_owned() {
        let (folder, workspace) = workspace(&["src/", "docs", "../x.md", "/tmp/x.md"]);
        let outside = tempfile::tempdir().expect("folder");
        fs::create_dir(folder.path().join("src")).expect("made");
        std::os::unix::fs::symlink(outside.path(), folder.path().join("src/out")).expect("linked");
        std::os::unix::fs::symlink(outside.path().join("t"), folder.path().join("src/link.md"))
            .expect("linked");
        for path in [
            "README.md",
            "docs/a.md",
            "../x.md",
            "/tmp/x.md",
            "src/../README.md",
            "src/",
            "",
            "src/out/a.md",
            "src/out/deep/a.md",
            "src/link.md",
        ] {
            let written = workspace.create(path, "x");
            assert!(matches!(written, Err(WriteError::NotOwned { .. })), "{path}: {written:?}");
        }
        assert_eq!(fs::read_dir(outside.path()).expect("there").count(), 0);
        assert!(!folder.path().join("README.md").exists());
    }

    #[test]
    fn an_edit_appends_one_marked_line_once() {
        let (folder, workspace) = workspace(&["a.rs", "b.md", "c.json"]);
        fs::write(folder.path().join("a.rs"), "fn main() {}").expect("written");
        assert_eq!(workspace.edit("a.rs", "new", "A1, wave 3").expect("written"), Written::Appended(1));
        assert_eq!(workspace.edit("a.rs", "new", "A1, wave 3").expect("kept"), Written::Kept);
        let text = fs::read_to_string(folder.path().join("a.rs")).expect("there");
        assert_eq!(text, "fn main() {}\n// wavedeck local agent: A1, wave 3\n");
        assert_eq!(workspace.edit("b.md", "new\n", "A1").expect("written"), Written::Created(1));
        fs::write(folder.path().join("c.json"), "{}").expect("written");
        assert!(matches!(workspace.edit("c.json", "new", "A1"), Err(WriteError::NoComment { .. })));
    }

    #[test]
    fn targets_are_named_ones_owned_files_and_one_file_per_owned_folder() {
        let (_folder, workspace) = workspace(&["src/", "docs/plans", "lib/", "a.md", "x/*.md", "Makefile"]);
        let named = ["src/evict.rs".to_owned(), "elsewhere.rs".to_owned()];
        assert_eq!(workspace.targets(named.into_iter(), "3-a1"), ["src/evict.rs", "a.md", "lib/3-a1.md"]);
    }

    #[test]
    fn new_files_speak_their_own_language() {
        let lines = ["Title".to_owned(), "more".to_owned()];
        assert_eq!(content("a.rs", &lines), "// Title\n// more\n");
        assert_eq!(content("a.md", &lines), "# Title\n\nmore\n");
        assert_eq!(content("Makefile", &lines), "# Title\n# more\n");
        serde_json::from_str::<serde_json::Value>(&content("a.json", &lines)).expect("is JSON");
    }
}
