//! A lane as it lies on the disk and as read. It is kept, so that of what changes on the disk only that is read again.

use std::collections::BTreeSet;

use super::files::{self, Loaded};
use super::paths::{ProjectPaths, StateFolder};
use crate::adapters::settings::Settings;
use crate::plan::config::CONFIG_FILE;
use crate::plan::lane::Lane;
use crate::plan::wave::role_documents;
use crate::plan::{Project, SourceFile, Sources};

/// A lane's files as of the last time they were read.
#[derive(Debug, Clone)]
pub struct LaneFiles {
    loaded: Loaded,
    lane: Lane,
}

/// What reading again came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The files say what they said.
    Nothing,
    /// These wave files say something else, and no other file does.
    Waves(BTreeSet<String>),
    /// Something else changed, too; these are the files about which something else may be found now.
    More(BTreeSet<String>),
}

impl LaneFiles {
    /// A lane of which nothing was read yet.
    pub(super) fn unread(lane: &str) -> LaneFiles {
        let sources = Sources { lane: lane.to_owned(), ..Sources::default() };
        let loaded = Loaded {
            state: StateFolder { root: files::STATE_ROOT.to_owned(), adhoc_run: None },
            orchestrator_directory: files::ORCHESTRATOR_DIRECTORY.to_owned(),
            ..Loaded::default()
        };
        LaneFiles { lane: Lane::read(&sources), loaded: Loaded { sources, ..loaded } }
    }

    /// Reads a lane of a project. Never fails: what is not there is absent, what cannot be read is told.
    pub fn read(paths: &ProjectPaths, lane: &str) -> LaneFiles {
        let mut files = LaneFiles::unread(lane);
        files.read_again(paths);
        files
    }

    /// Reads every file again. Only wave files whose text changed, or something that they import, are parsed.
    pub fn read_again(&mut self, paths: &ProjectPaths) -> Changed {
        let loaded = files::load(paths, &self.loaded.sources.lane);
        let changed = self.lane.take(&loaded.sources);
        let is_same = loaded.sources == self.loaded.sources;
        self.loaded = loaded;
        if is_same { Changed::Nothing } else { Changed::More(changed) }
    }

    /// Reads these files again, named by their paths relative to the project, and no other one. Where that would not be
    /// enough, every file is: when one of them is no wave file of this lane, cannot be read as it is, or imports a
    /// document that was not read yet.
    pub fn read_files(&mut self, paths: &ProjectPaths, named: &BTreeSet<String>) -> Changed {
        let named: BTreeSet<&String> = named.iter().filter(|path| self.concerns(paths, path)).collect();
        if !named.iter().all(|path| self.lane.is_wave_file(path)) {
            return self.read_again(paths);
        }
        let mut texts: Vec<(&String, Option<String>)> = Vec::new();
        for path in named {
            let (file, trouble) = files::load_file_and_trouble(paths, path);
            if !trouble.is_empty() || self.is_in_trouble(path) {
                return self.read_again(paths);
            }
            texts.push((path, file.map(|file| file.text)));
        }
        let known = &self.loaded.sources.documents;
        let imported = texts.iter().filter_map(|(_, text)| text.as_deref()).flat_map(role_documents);
        let mut unread = imported.filter(|document| !known.contains_key(document));
        if unread.any(|document| files::load_file(paths, &document).is_some()) {
            return self.read_again(paths);
        }
        let mut changed = BTreeSet::new();
        for (path, text) in texts {
            if self.lane.set(path, text.as_deref()) {
                self.loaded.sources.set_wave(path, text.as_deref());
                changed.insert(path.clone());
            }
        }
        if changed.is_empty() { Changed::Nothing } else { Changed::Waves(changed) }
    }

    /// Whether a change of a path may change anything here. Beside the waves lies what editors and we ourselves write on the
    /// way to a saved file; folders count, as what is in them came or went with them.
    fn concerns(&self, paths: &ProjectPaths, path: &str) -> bool {
        let full = paths.project().join(path);
        if full.is_dir() || self.loaded.folders.contains(&full) {
            return true;
        }
        match path.rsplit_once('/') {
            None => path == CONFIG_FILE,
            Some((folder, name)) if paths.own_directory() == paths.project().join(folder) => {
                name == "config.toml"
            }
            Some(_) => !self.lane.lies_beside_waves(path) || self.lane.is_wave_file(path),
        }
    }

    /// Whether something was wrong with a file when it was read.
    fn is_in_trouble(&self, path: &str) -> bool {
        let mut about = self.loaded.trouble.iter().filter_map(|text| text.strip_prefix(path));
        about.any(|rest| rest.starts_with(' '))
    }

    /// What authors wrote.
    pub fn sources(&self) -> &Sources {
        &self.loaded.sources
    }

    /// The same, read.
    pub fn lane(&self) -> &Lane {
        &self.lane
    }

    /// The lane as a project.
    pub fn project(&self) -> Project {
        self.lane.project()
    }

    /// A wave file of the lane, by its path.
    pub(super) fn wave(&self, path: &str) -> Option<&SourceFile> {
        self.loaded.sources.waves.iter().find(|file| file.path == path)
    }

    /// Everything that was read, and where it came from.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Our own settings.
    pub(super) fn settings(&self) -> &Settings {
        &self.loaded.settings
    }

    /// Folder, relative to the project, in which other programs look for what an orchestrator writes.
    pub(super) fn state(&self) -> &StateFolder {
        &self.loaded.state
    }

    /// Folder, relative to the project, of what lanes share: the questions, for other programs.
    pub(super) fn orchestrator_directory(&self) -> &str {
        &self.loaded.orchestrator_directory
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::{Changed, LaneFiles};
    use crate::driver::paths::ProjectPaths;
    use crate::plan::Project;

    /// A project with so many waves, and its lane.
    struct Bench {
        _folder: tempfile::TempDir,
        paths: ProjectPaths,
        files: LaneFiles,
    }

    fn wave(number: usize, document: &str) -> String {
        format!(
            "# Wave {number} - x\n\n## Agent A1: x\n\n### Role prompts\n\n- docs/agents/{document}.md\n\n### Prompt\n\n\
             ```text\nDo.\n\nFile ownership:\n- src/{number}.rs\n```\n"
        )
    }

    fn path(number: usize) -> String {
        format!("docs/plans/waves/wave-{number}.md")
    }

    impl Bench {
        fn new(waves: usize) -> Bench {
            let folder = tempfile::tempdir().unwrap();
            let paths = ProjectPaths::of(folder.path()).unwrap();
            paths.prepare().unwrap();
            let files = LaneFiles::unread("main");
            let mut bench = Bench { _folder: folder, paths, files };
            for number in 0..waves {
                bench.write(&path(number), &wave(number, "one"));
            }
            for name in ["one", "two"] {
                let text = "# Role\n\n## Standing prompt\n\n```text\nBe.\n```\n";
                bench.write(&format!("docs/agents/{name}.md"), text);
            }
            bench.files.read_again(&bench.paths);
            bench
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.paths.project().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        /// Reads these files again, and checks how many waves were parsed for it, and that the lane is then what a fresh
        /// reading gives.
        fn check(&mut self, named: &[String], expected: &Changed, parsed: u64) {
            let before = self.files.lane().readings();
            let named: BTreeSet<String> = named.iter().cloned().collect();
            assert_eq!(self.files.read_files(&self.paths, &named), *expected);
            assert_eq!(self.files.lane().readings() - before, parsed);
            let fresh = LaneFiles::read(&self.paths, "main");
            assert_eq!(self.files.sources().waves, fresh.sources().waves);
            assert_eq!(self.files.project(), Project::read(fresh.sources()));
            assert_eq!(self.files.loaded().trouble, fresh.loaded().trouble);
        }
    }

    fn waves(numbers: &[usize]) -> BTreeSet<String> {
        numbers.iter().map(|number| path(*number)).collect()
    }

    #[test]
    fn a_changed_wave_costs_one_reading_however_many_there_are() {
        for count in [1, 40] {
            let mut bench = Bench::new(count);
            assert_eq!(bench.files.lane().readings(), count as u64);
            bench.check(&[path(0)], &Changed::Nothing, 0);
            bench.write(&path(0), &wave(0, "one").replace("Do.", "Do it."));
            let on_the_way = "docs/plans/waves/.wave-0.md.wavedeck-new".to_string();
            bench.check(&[path(0), on_the_way], &Changed::Waves(waves(&[0])), 1);
            bench.write(&path(100), &wave(100, "one"));
            bench.check(&[path(100), path(0)], &Changed::Waves(waves(&[100])), 1);
            bench.write(&path(50), &wave(50, "none"));
            bench.check(&[path(50)], &Changed::Waves(waves(&[50])), 1);
            fs::remove_file(bench.paths.project().join(path(100))).unwrap();
            bench.check(&[path(100)], &Changed::Waves(waves(&[100])), 0);
        }
    }

    #[test]
    fn what_is_more_than_a_wave_is_read_with_everything() {
        let mut bench = Bench::new(3);
        // A document that no wave imported so far.
        bench.write(&path(1), &wave(1, "two"));
        bench.check(&[path(1)], &Changed::More(waves(&[1])), 1);
        // One that changes concerns those who import it.
        bench.write("docs/agents/two.md", "# Role\n\n## Standing prompt\n\n```text\nBe two.\n```\n");
        bench.check(&["docs/agents/two.md".to_string()], &Changed::More(waves(&[1])), 1);
        // Bytes that are no text come and go.
        fs::write(bench.paths.project().join(path(2)), b"# Wave 2\n\ncaf\xe9\n").unwrap();
        bench.check(&[path(2)], &Changed::More(waves(&[2])), 1);
        bench.write(&path(2), &wave(2, "one"));
        bench.check(&[path(2)], &Changed::More(waves(&[2])), 1);
    }
}
