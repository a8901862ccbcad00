//! The demonstration project: a small product with a plan of three waves, written into a folder as a git repository. Its
//! agents are the simulator; everything else is what any project gets.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::plan::WaveNumber;

/// The backlog of the project.
pub(super) const BACKLOG: &str = "docs/plans/backlog.json";
/// The plan of it that somebody wrote by hand.
pub(super) const DOCUMENT: &str = "docs/plans/NEXT_SESSION.md";

/// Every file of the project, by path.
pub(super) const FILES: [(&str, &str); 19] = [
    (".gitignore", include_str!("demo/project/gitignore.txt")),
    ("Cargo.toml", include_str!("demo/project/Cargo.toml.txt")),
    ("README.md", include_str!("demo/project/README.md")),
    ("src/main.rs", include_str!("demo/project/src/main.rs.txt")),
    ("wave.config.json", include_str!("demo/project/wave.config.json")),
    ("docs/agents/wave-cont-qa-role.md", include_str!("demo/project/docs/agents/wave-cont-qa-role.md")),
    (
        "docs/agents/wave-documentation-role.md",
        include_str!("demo/project/docs/agents/wave-documentation-role.md"),
    ),
    (
        "docs/agents/wave-integration-role.md",
        include_str!("demo/project/docs/agents/wave-integration-role.md"),
    ),
    (DOCUMENT, include_str!("demo/project/docs/plans/NEXT_SESSION.md")),
    (BACKLOG, include_str!("demo/project/docs/plans/backlog.json")),
    (
        "docs/plans/component-cutover-matrix.json",
        include_str!("demo/project/docs/plans/component-cutover-matrix.json"),
    ),
    (
        "docs/plans/component-cutover-matrix.md",
        include_str!("demo/project/docs/plans/component-cutover-matrix.md"),
    ),
    ("docs/plans/current-state.md", include_str!("demo/project/docs/plans/current-state.md")),
    ("docs/plans/master-plan.md", include_str!("demo/project/docs/plans/master-plan.md")),
    ("docs/plans/migration.md", include_str!("demo/project/docs/plans/migration.md")),
    ("docs/plans/waves/wave-1.md", include_str!("demo/project/docs/plans/waves/wave-1.md")),
    ("docs/plans/waves/wave-2.md", include_str!("demo/project/docs/plans/waves/wave-2.md")),
    ("docs/plans/waves/wave-3.md", include_str!("demo/project/docs/plans/waves/wave-3.md")),
    ("docs/reference/working-agreement.md", include_str!("demo/project/docs/reference/working-agreement.md")),
];

/// Settings that make git work the same for everybody: no name has to be set, nothing is signed, no hook runs.
const GIT_SETTINGS: [&str; 5] = [
    "user.name=Wavedeck demo",
    "user.email=demo@wavedeck.invalid",
    "commit.gpgsign=false",
    "core.hooksPath=/dev/null",
    "init.defaultBranch=main",
];

/// Variables that would lead git to another repository.
const GIT_VARIABLES: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"];

/// Why the demonstration could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Something of that name is there already.
    #[error("{} is there already, and the demonstration overwrites nothing. Give it an empty folder", path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("{} could not be written: {error}", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Whether the demonstration is a git repository, as most projects are. It runs all the same when it is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repository {
    /// It is one, with one commit.
    Made,
    /// It is none.
    NotMade {
        /// Why, as a sentence.
        why: String,
    },
}

/// Numbers of its waves, in the order in which they run.
pub const WAVES: [WaveNumber; 3] = [1, 2, 3];

/// Agents of the first wave that run side by side from the start.
pub const FIRST_TOGETHER: usize = 5;

/// Writes the demonstration into a folder, which is made if it is not there, and makes it a git repository with one
/// commit where git is there. The folder may hold other things (a fresh repository, for one), but none of the demonstration's files.
///
/// # Errors
/// [`DemoError`]. When a file is in the way, nothing is written at all.
pub fn write(folder: &Path) -> Result<Repository, DemoError> {
    if let Some((path, _)) = FILES.iter().find(|(path, _)| fs::symlink_metadata(folder.join(path)).is_ok()) {
        return Err(DemoError::Occupied { path: folder.join(path) });
    }
    for (path, text) in FILES {
        let path = folder.join(path);
        write_new(&path, text).map_err(|error| DemoError::Unwritable { path, error })?;
    }
    Ok(match make_repository(folder) {
        Ok(()) => Repository::Made,
        Err(why) => Repository::NotMade { why },
    })
}

fn make_repository(folder: &Path) -> Result<(), String> {
    git(folder, &["init", "-q"])?;
    let mut add = vec!["add", "--"];
    add.extend(FILES.iter().map(|(path, _)| *path));
    git(folder, &add)?;
    git(folder, &["commit", "-q", "-m", "Plan: three waves for short links"])
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("git");
    for variable in GIT_VARIABLES {
        command.env_remove(variable);
    }
    for setting in GIT_SETTINGS {
        command.args(["-c", setting]);
    }
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("git could not be run: {error}."))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("`git {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use super::{DemoError, FILES, Repository, WAVES, write};
    use crate::plan::edit::{Edit, preview};
    use crate::plan::role::{Stage, stage_of};
    use crate::plan::{Project, SourceFile, Sources};

    fn sources() -> Sources {
        let file = |path: &str| SourceFile {
            path: path.to_owned(),
            text: FILES.iter().find(|(found, _)| *found == path).expect("is a file").1.to_owned(),
        };
        let below = |folder: &str| -> Vec<SourceFile> {
            FILES.iter().filter(|(path, _)| path.starts_with(folder)).map(|(path, _)| file(path)).collect()
        };
        let documents: BTreeMap<String, String> =
            below("docs/agents/").into_iter().map(|file| (file.path, file.text)).collect();
        Sources {
            lane: "main".to_owned(),
            config: Some(file("wave.config.json")),
            matrix: Some(file("docs/plans/component-cutover-matrix.json")),
            waves: below("docs/plans/waves/"),
            documents,
            ..Sources::default()
        }
    }

    #[test]
    fn every_asset_is_a_file_of_the_project() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/project");
        let mut found = BTreeSet::new();
        let mut folders = vec![folder.clone()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).expect("is there").map(|entry| entry.expect("can be read")) {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => {
                        let path = entry.path();
                        let path =
                            path.strip_prefix(&folder).expect("is below").to_string_lossy().into_owned();
                        // What would mean something here, too (a manifest, a source, a list to ignore), ends in `.txt`.
                        let path = path.trim_end_matches(".txt").replace("gitignore", ".gitignore");
                        found.insert(path);
                    }
                }
            }
        }
        assert_eq!(found, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }

    #[test]
    fn the_plan_is_without_a_finding() {
        let project = Project::read(&sources());
        assert_eq!(project.findings, []);
        assert_eq!(project.waves.keys().copied().collect::<Vec<_>>(), WAVES);
    }

    #[test]
    fn there_is_enough_to_see() {
        let project = Project::read(&sources());
        let agents: Vec<_> = project.waves.values().flat_map(|wave| &wave.agents).collect();
        let builders: Vec<_> =
            agents.iter().filter(|agent| stage_of(agent, &project.config) == Stage::Implementation).collect();
        assert_eq!(builders.len(), 11);
        assert!(builders.iter().all(|agent| matches!(agent.track.as_deref(), Some("infra" | "product"))));
        for track in ["infra", "product"] {
            let of_track = builders.iter().filter(|agent| agent.track.as_deref() == Some(track));
            assert!(of_track.count() >= 3, "{track}");
        }
        let first = &project.waves[&1].agents;
        let has = |words: &str| first.iter().filter(|agent| agent.prompt.contains(words)).count();
        assert_eq!((has("- ask "), has("- fail The"), has("- full screen")), (1, 1, 1));
        for wave in project.waves.values() {
            for steward in ["A0", "A8", "A9"] {
                assert!(wave.agents.iter().any(|agent| agent.id == steward), "{steward} of {}", wave.number);
            }
        }
    }

    #[test]
    fn some_cards_may_be_moved_and_some_may_not() {
        let move_agent = |agent: &str, from, to| {
            preview(&sources(), &Edit::MoveAgent { agent: agent.to_owned(), from, to })
        };
        for (agent, from, to) in [("A12", 3, 2), ("A13", 3, 2), ("A7", 2, 3), ("A10", 2, 3)] {
            let moved = move_agent(agent, from, to);
            assert!(moved.is_ok(), "{agent}: {moved:?}");
        }
        for (agent, from, to) in [("A6", 2, 3), ("A11", 3, 2)] {
            assert!(move_agent(agent, from, to).is_err(), "{agent}");
        }
    }

    #[test]
    fn it_is_a_repository_with_one_commit_and_nothing_left_over() {
        let folder = tempfile::tempdir().expect("folder");
        let project = folder.path().join("deep/hedge");
        assert_eq!(write(&project).expect("is written"), Repository::Made);
        let git = |arguments: &[&str]| {
            let output =
                Command::new("git").args(arguments).current_dir(&project).output().expect("git runs");
            String::from_utf8(output.stdout).expect("is text")
        };
        assert_eq!(git(&["log", "--format=%s"]).lines().count(), 1);
        assert_eq!(git(&["status", "--porcelain"]), "");
        assert_eq!(git(&["ls-files"]).lines().count(), FILES.len());
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("README.md"), "mine").expect("written");
        let error = write(folder.path()).expect_err("is refused");
        assert!(matches!(error, DemoError::Occupied { .. }), "{error}");
        assert_eq!(fs::read_dir(folder.path()).expect("is there").count(), 1);
    }
}
