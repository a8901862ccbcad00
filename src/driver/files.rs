//! Reading what authors wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::adhoc::AdhocRun;
use super::bundles::bundles;
use super::paths::{ProjectPaths, StateFolder};
use crate::adapters::settings::Settings;
use crate::plan::config::profile::profile_file;
use crate::plan::config::{Address, CONFIG_FILE, Config};
use crate::plan::skills::SkillSource;
use crate::plan::wave::role_documents;
use crate::plan::{AdhocPlace, SourceFile, Sources, WaveNumber};

/// `paths.stateRoot` where no configuration says otherwise, or one that leads out of the project.
pub(super) const STATE_ROOT: &str = ".tmp";

/// `paths.orchestratorStateDir` where no configuration says otherwise, or one that leads out of the project.
pub(super) const ORCHESTRATOR_DIRECTORY: &str = ".tmp/wave-orchestrator";

/// Largest authored file that is read. Beyond it a file is reported and taken as absent.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Everything that was read, and where it came from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// What authors wrote.
    pub sources: Sources,
    /// Our own settings.
    pub settings: Settings,
    /// What could not be read as it is, a sentence each.
    pub trouble: Vec<String>,
    /// Where run state goes, see [`Config::state_root`].
    pub state: StateFolder,
    /// [`Config::orchestrator_directory`], relative to the project.
    pub orchestrator_directory: String,
    /// Folders in which a change means that it has to be read again.
    pub folders: Vec<PathBuf>,
}

/// Reads a lane of a project. Never fails: what is not there is absent, what cannot be read is told.
pub fn load(paths: &ProjectPaths, lane: &str) -> Loaded {
    let mut loading = Loading { project: paths.project(), trouble: Vec::new() };
    let settings = loading.all_settings(paths);
    let project = paths.project_id().map(str::to_owned);
    let mut sources = Sources { project, lane: lane.to_owned(), ..Sources::default() };
    sources.runtimes = settings.names();
    sources.config = loading.file(CONFIG_FILE);
    // The configuration says where the rest lies.
    let text = sources.config.as_ref().map(|file| file.text.as_str());
    let address = Address { project: paths.project_id(), lane };
    let config = Config::read(CONFIG_FILE, text, address, None).0;
    let (config, adhoc) = loading.of_adhoc_run(paths, config);
    sources.adhoc = adhoc;
    sources.matrix = loading.file(&config.paths.matrix_json);
    sources.matrix_document = loading.file(&config.paths.matrix_doc);
    sources.benchmarks = loading.file(&config.paths.benchmark_catalog);
    sources.bundles = loading.file(&config.paths.context7_bundle_index);
    sources.skills = loading.skills(&config.skills.dir);
    sources.completed = loading.completed(&config.state_directory());
    sources.waves = loading.numbered(&config.paths.waves_dir, ".md");
    let specs = format!("{}/specs", config.paths.waves_dir);
    sources.specs =
        loading.numbered(&specs, ".json").into_iter().map(|file| (file.path, file.text)).collect();
    sources.profile = loading.file(&profile_file(config.project.as_deref()));
    // The waves say which role documents they need; drafts need those of the closure stewards.
    let mut wanted: BTreeSet<String> =
        sources.waves.iter().flat_map(|file| role_documents(&file.text)).collect();
    wanted.extend(config.roles.documents().map(str::to_owned));
    sources.documents =
        wanted.iter().filter_map(|path| loading.file(path)).map(|file| (file.path, file.text)).collect();
    let root = paths.project();
    let folder_of = |path: &str| root.join(path).parent().map(Path::to_owned);
    let mut folders =
        vec![root.to_owned(), paths.own_directory(), root.join(&config.paths.waves_dir), root.join(specs)];
    let of_user = paths.user_settings().and_then(Path::parent).filter(|folder| folder.is_dir());
    folders.extend(of_user.map(Path::to_owned));
    folders.extend(folder_of(&config.paths.matrix_json));
    folders.extend(folder_of(&config.paths.matrix_doc));
    folders.extend(folder_of(&profile_file(config.project.as_deref())));
    folders.extend(folder_of(&config.paths.benchmark_catalog));
    folders.push(root.join(&config.skills.dir));
    folders.extend(sources.skills.keys().map(|id| root.join(&config.skills.dir).join(id)));
    folders.extend(folder_of(&config.paths.context7_bundle_index));
    folders.extend(sources.documents.keys().filter_map(|path| folder_of(path)));
    folders.push(root.join(&config.roles.role_prompt_dir));
    folders.sort();
    folders.dedup();
    let state = StateFolder {
        root: loading.own_folder("stateRoot", config.state_root(), STATE_ROOT),
        adhoc_run: config.adhoc_run.clone(),
    };
    let shared = config.orchestrator_directory();
    let orchestrator_directory = loading.own_folder("orchestratorStateDir", shared, ORCHESTRATOR_DIRECTORY);
    Loaded { sources, settings, trouble: loading.trouble, state, orchestrator_directory, folders }
}

/// Our own settings: the project's over the user's. What cannot be read counts as not there and is told by [`load`].
pub fn settings(paths: &ProjectPaths) -> Settings {
    Loading { project: paths.project(), trouble: Vec::new() }.all_settings(paths)
}

/// The settings of a lane, as [`load`] finds them; what is wrong with them is told by [`load`].
pub fn config(paths: &ProjectPaths, lane: &str) -> Config {
    let text = load_file(paths, CONFIG_FILE).map(|file| file.text);
    let address = Address { project: paths.project_id(), lane };
    let config = Config::read(CONFIG_FILE, text.as_deref(), address, None).0;
    Loading { project: paths.project(), trouble: Vec::new() }.of_adhoc_run(paths, config).0
}

/// Reads one file of a project, as [`load`] does; `None` when it is not there or cannot be read.
pub fn load_file(paths: &ProjectPaths, path: &str) -> Option<SourceFile> {
    load_file_and_trouble(paths, path).0
}

/// As [`load_file`], with what cannot be read as it is.
pub(super) fn load_file_and_trouble(paths: &ProjectPaths, path: &str) -> (Option<SourceFile>, Vec<String>) {
    let mut loading = Loading { project: paths.project(), trouble: Vec::new() };
    (loading.file(path), loading.trouble)
}

struct Loading<'a> {
    project: &'a Path,
    trouble: Vec<String>,
}

impl Loading<'_> {
    /// The configuration for the ad-hoc run that the paths are of, where they are of one, and the run as sources name it.
    fn of_adhoc_run(&mut self, paths: &ProjectPaths, config: Config) -> (Config, Option<AdhocPlace>) {
        let Some(id) = paths.adhoc_run() else { return (config, None) };
        let place = AdhocRun::find(paths, id).map(|run| run.place());
        let place = place.unwrap_or_else(|| {
            self.trouble.push(format!("The ad-hoc run {id} is not there any more; it has no wave."));
            AdhocPlace { run: id.to_owned(), folder: format!(".wave/adhoc/{id}") }
        });
        (config.of_adhoc_run(&place.run, &place.folder), Some(place))
    }

    /// A folder that we write into, as the configuration names it by `key`; `otherwise` when it leads out of the project.
    fn own_folder(&mut self, key: &str, folder: String, otherwise: &str) -> String {
        if is_inside(&folder) {
            return folder;
        }
        self.trouble.push(format!("{key} {folder} leads out of the project; {otherwise} is used."));
        otherwise.to_owned()
    }

    /// A text file of the project; `None` when it is not there or cannot be read.
    fn file(&mut self, path: &str) -> Option<SourceFile> {
        if !is_inside(path) {
            self.trouble.push(format!("{path} leads out of the project and is not read."));
            return None;
        }
        let bytes = match read(&self.project.join(path)) {
            Ok(bytes) => bytes?,
            Err(error) => {
                self.trouble.push(format!("{path} cannot be read: {error}."));
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                self.trouble.push(format!(
                    "{path} is not valid UTF-8 (line {line}): it is shown with the bytes replaced and is not edited until it is."
                ));
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
        };
        Some(SourceFile { path: path.to_owned(), text })
    }

    /// The bundles in a folder: each folder in it is one.
    fn skills(&mut self, folder: &str) -> BTreeMap<String, SkillSource> {
        if !is_inside(folder) {
            return BTreeMap::new();
        }
        bundles(&self.project.join(folder), |manifest| self.file(&format!("{folder}/{manifest}")))
    }

    /// The waves that a run state calls completed, be it ours or that of `@chllming/wave-orchestration`. One that cannot be
    /// read says nothing: it is a record, not what an author wrote.
    fn completed(&mut self, state_directory: &str) -> BTreeSet<WaveNumber> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct RunState {
            #[serde(default)]
            completed_waves: Vec<WaveNumber>,
        }
        if !is_inside(state_directory) {
            return BTreeSet::new();
        }
        let bytes = read(&self.project.join(state_directory).join("run-state.json"));
        let state = bytes.ok().flatten().and_then(|bytes| serde_json::from_slice::<RunState>(&bytes).ok());
        state.map(|state| state.completed_waves.into_iter().collect()).unwrap_or_default()
    }

    /// `wave-<n>` with this ending directly in the folder, by number.
    fn numbered(&mut self, folder: &str, ending: &str) -> Vec<SourceFile> {
        let entries = match fs::read_dir(self.project.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.trouble.push(format!("{folder} cannot be read: {error}."));
                return Vec::new();
            }
        };
        let mut names: Vec<(u32, String)> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| {
                let digits = name.strip_prefix("wave-")?.strip_suffix(ending)?;
                let number = digits.chars().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())??;
                Some((number, name))
            })
            .collect();
        names.sort();
        names
            .into_iter()
            .filter_map(|(_, name)| self.file(&format!("{}/{name}", folder.trim_end_matches('/'))))
            .collect()
    }

    /// The project's settings over the user's own.
    fn all_settings(&mut self, paths: &ProjectPaths) -> Settings {
        let own = paths.user_settings().map(|path| self.settings(path)).unwrap_or_default();
        self.settings(&paths.settings()).over(own)
    }

    fn settings(&mut self, path: &Path) -> Settings {
        let text = match read(path) {
            Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            Ok(None) => return Settings::default(),
            Err(error) => {
                self.trouble.push(format!("{} cannot be read: {error}.", path.display()));
                return Settings::default();
            }
        };
        let name = path.strip_prefix(self.project).unwrap_or(path).display().to_string();
        Settings::read(&name, &text).unwrap_or_else(|error| {
            self.trouble.push(format!("{error}. None of its runtimes can be used until it is mended."));
            Settings::default()
        })
    }
}

/// Whether a path stays where it starts.
pub(super) fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// The bytes of a regular file; `None` when there is none.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if metadata.len() > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("it has {} bytes, more than {FILE_BYTES_MAX}", metadata.len())));
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{Loaded, load};
    use crate::driver::paths::ProjectPaths;

    struct Bench {
        _folder: tempfile::TempDir,
        paths: ProjectPaths,
    }

    impl Bench {
        fn new(files: &[(&str, &[u8])]) -> Bench {
            let folder = tempfile::tempdir().unwrap();
            let paths = ProjectPaths::of(folder.path()).unwrap();
            paths.prepare().unwrap();
            for (path, bytes) in files {
                let path = paths.project().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            Bench { _folder: folder, paths }
        }

        fn load(&self) -> Loaded {
            load(&self.paths, "main")
        }
    }

    const AGENT: &[u8] = b"# Wave 3 - x\n\n## Agent A0: cont-QA\n\n### Role prompts\n\n- docs/agents/one.md\n- docs/agents/none.md\n\n\
        ### Prompt\n\n```text\nDo.\n\nFile ownership (only touch these paths):\n- a.md\n```\n";

    #[test]
    fn an_empty_project_is_empty_and_no_trouble() {
        let loaded = Bench::new(&[]).load();
        assert_eq!(loaded.trouble, Vec::<String>::new());
        assert_eq!(loaded.sources.config, None);
        assert!(loaded.sources.waves.is_empty());
    }

    #[test]
    fn the_configuration_says_where_waves_lie_and_the_waves_which_documents_they_need() {
        let config =
            br#"{"lanes":{"main":{"wavesDir":"plans"}},"paths":{"componentCutoverMatrixJsonPath":"m.json"}}"#;
        let bench = Bench::new(&[
            ("wave.config.json", config),
            ("m.json", b"{}"),
            ("plans/wave-3.md", AGENT),
            ("plans/wave-12.md", b"# Wave 12\n"),
            ("plans/wave-x.md", b""),
            ("plans/wave-3.md.bak", b""),
            ("plans/reviews/wave-4.md", b""),
            ("docs/plans/waves/wave-0.md", b"elsewhere"),
            ("docs/agents/one.md", b"# One\n"),
            (".wavedeck/config.toml", b"[runtimes.mine]\ncommand = \"mine\"\n"),
        ]);
        let loaded = bench.load();
        let waves: Vec<&str> = loaded.sources.waves.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(waves, ["plans/wave-3.md", "plans/wave-12.md"]);
        assert_eq!(loaded.sources.matrix.as_ref().map(|file| file.path.as_str()), Some("m.json"));
        assert_eq!(loaded.sources.documents.keys().collect::<Vec<_>>(), ["docs/agents/one.md"]);
        assert_eq!(loaded.sources.runtimes, ["mine"]);
        assert!(loaded.folders.contains(&bench.paths.project().join("plans")));
        assert!(loaded.folders.contains(&bench.paths.project().join("docs/agents")));
        assert_eq!(loaded.trouble, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_rest_is_there() {
        let bench = Bench::new(&[
            ("docs/plans/waves/wave-1.md", b"# Wave 1\n\ncaf\xe9\n"),
            ("docs/plans/waves/wave-2.md/inside", b""),
            ("docs/plans/waves/wave-3.md", b"# Wave 3\n"),
            (".wavedeck/config.toml", b"[runtimes.mine]\ncomand = \"mine\"\n"),
        ]);
        symlink("wave-4.md", bench.paths.project().join("docs/plans/waves/wave-4.md")).unwrap();
        let loaded = bench.load();
        let waves: Vec<&str> = loaded.sources.waves.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(waves, ["docs/plans/waves/wave-1.md", "docs/plans/waves/wave-3.md"]);
        assert_eq!(loaded.sources.waves[0].text, "# Wave 1\n\ncaf\u{fffd}\n");
        let about = |part: &str| loaded.trouble.iter().filter(|text| text.contains(part)).count();
        assert_eq!(about("wave-1.md is not valid UTF-8 (line 3)"), 1, "{:#?}", loaded.trouble);
        assert_eq!(about("wave-2.md cannot be read: it is not a file"), 1, "{:#?}", loaded.trouble);
        assert_eq!(about("wave-4.md cannot be read"), 1, "{:#?}", loaded.trouble);
        assert_eq!(about("config.toml:2:1"), 1, "{:#?}", loaded.trouble);
        assert_eq!(loaded.trouble.len(), 4, "{:#?}", loaded.trouble);
    }
}
