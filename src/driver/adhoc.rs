//! Where ad-hoc runs are kept: the folders and files of npm `@chllming/wave-orchestration` 0.9.15. Its program writes
//! `.wave/adhoc/<project>/runs/`, its documentation says `.wave/adhoc/runs/`; the first is written, both are read.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::paths::ProjectPaths;
use super::run_folder::RunFolder;
use crate::engine::Time;
use crate::plan::AdhocPlace;
use crate::plan::draft::Spec;
use crate::plan::draft::adhoc::{AdhocIndex, AdhocRequest, AdhocResult, WAVE};

/// The project of those who name none.
const DEFAULT_PROJECT: &str = "default";

const REQUEST: &str = "request.json";
const RESULT: &str = "result.json";
const SPEC: &str = "spec.json";
const INDEX: &str = "index.json";

/// An ad-hoc run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdhocRun {
    folder: RunFolder,
    /// Its folder, relative to the project.
    relative: String,
}

/// Name of the project where ad-hoc runs have one.
pub fn project_name(paths: &ProjectPaths) -> &str {
    paths.project_id().unwrap_or(DEFAULT_PROJECT)
}

/// Folder of a project's runs, relative to the project: where new ones go.
fn own_folder(paths: &ProjectPaths) -> String {
    format!(".wave/adhoc/{}/runs", project_name(paths))
}

/// Every folder in which runs of a project lie.
fn folders(paths: &ProjectPaths) -> Vec<String> {
    let documented = paths.project_id().is_none().then(|| ".wave/adhoc/runs".to_owned());
    [own_folder(paths)].into_iter().chain(documented).collect()
}

impl AdhocRun {
    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(paths: &ProjectPaths, now: Time) -> io::Result<AdhocRun> {
        let above = own_folder(paths);
        let folder = RunFolder::create(&paths.project().join(&above), "adhoc", now)?;
        Ok(AdhocRun { relative: format!("{above}/{}", folder.id()), folder })
    }

    /// A run; `None` when there is none of that id.
    pub fn find(paths: &ProjectPaths, id: &str) -> Option<AdhocRun> {
        folders(paths).into_iter().find_map(|above| {
            let folder = RunFolder::open(&paths.project().join(&above), id)?;
            Some(AdhocRun { relative: format!("{above}/{id}"), folder })
        })
    }

    /// Every run, newest first: ids begin with the time.
    pub fn all(paths: &ProjectPaths) -> Vec<AdhocRun> {
        let mut runs: BTreeMap<String, AdhocRun> = BTreeMap::new();
        for above in folders(paths) {
            for folder in RunFolder::all(&paths.project().join(&above)) {
                let run = AdhocRun { relative: format!("{above}/{}", folder.id()), folder };
                runs.entry(run.id().to_owned()).or_insert(run);
            }
        }
        runs.into_values().rev().collect()
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.folder.id()
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file of it, relative to the project.
    pub fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.relative)
    }

    /// As sources name it.
    pub fn place(&self) -> AdhocPlace {
        AdhocPlace { run: self.id().to_owned(), folder: self.relative.clone() }
    }

    /// What was asked for; `None` when it is not there.
    ///
    /// # Errors
    /// Those of the disk, and of a file that is not what it should be.
    pub fn request(&self) -> io::Result<Option<AdhocRequest>> {
        self.folder.read_json(REQUEST)
    }

    /// Where it stands; what its request says of it when there is no result.
    ///
    /// # Errors
    /// As [`AdhocRun::request`].
    pub fn result(&self) -> io::Result<AdhocResult> {
        if let Some(result) = self.folder.read_json(RESULT)? {
            return Ok(AdhocResult { run_id: self.id().to_owned(), ..result });
        }
        let request = self.request()?.unwrap_or_default();
        let title = request.tasks.first().map(|task| task.text.clone()).unwrap_or_default();
        Ok(AdhocResult {
            schema_version: 1,
            run_kind: request.run_kind,
            run_id: self.id().to_owned(),
            project: request.project,
            lane: request.lane,
            title,
            updated_at: request.created_at.clone(),
            created_at: request.created_at,
            task_count: request.tasks.len(),
            ..AdhocResult::default()
        })
    }

    /// Its spec; `None` when it is not there.
    ///
    /// # Errors
    /// As [`AdhocRun::request`].
    pub fn spec(&self) -> io::Result<Option<Spec>> {
        let Some(text) = self.folder.read(SPEC)? else { return Ok(None) };
        let (spec, findings) = Spec::read(SPEC, &text);
        let why = findings.first().map_or("it is empty", |finding| finding.message.as_str());
        spec.map(Some).ok_or_else(|| io::Error::other(format!("{}: {why}", self.file(SPEC))))
    }

    /// The text of its wave file; `None` when it is not there.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn wave(&self) -> io::Result<Option<String>> {
        self.folder.read(&wave_file())
    }

    /// Writes what was planned, in this order: who finds a request finds a run that can still be planned.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write_plan(&self, request: &AdhocRequest, spec: &Spec, wave: &str) -> io::Result<()> {
        self.folder.write_json(REQUEST, request)?;
        self.folder.write(SPEC, &spec.json())?;
        self.folder.write(&wave_file(), wave)
    }

    /// Writes where it stands, and the index after it. The result gets the places of the run's files.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn conclude(&self, paths: &ProjectPaths, result: AdhocResult) -> io::Result<()> {
        let result = AdhocResult {
            request_path: self.file(REQUEST),
            spec_path: self.file(SPEC),
            wave_path: self.file(&wave_file()),
            ..result
        };
        self.folder.write_json(RESULT, &result)?;
        write_index(paths, &result.updated_at)
    }
}

fn wave_file() -> String {
    format!("wave-{WAVE}.md")
}

/// Writes the index anew from what is on the disk, so that it never knows more or less than there is. A run whose files
/// cannot be read is left out of it, not removed.
fn write_index(paths: &ProjectPaths, now: &str) -> io::Result<()> {
    let runs = AdhocRun::all(paths);
    let entries = runs.iter().filter_map(|run| run.result().ok()).map(|result| result.entry()).collect();
    let index = AdhocIndex { schema_version: 1, updated_at: now.to_owned(), runs: entries };
    let above = paths.project().join(format!(".wave/adhoc/{}", project_name(paths)));
    let Some(folder) = above.parent().and_then(|parent| RunFolder::open(parent, project_name(paths))) else {
        return Ok(());
    };
    folder.write_json(INDEX, &index)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::AdhocRun;
    use crate::driver::paths::ProjectPaths;
    use crate::engine::Time;
    use crate::plan::draft::adhoc::{AdhocIndex, AdhocResult, AdhocStatus};

    #[test]
    fn both_spellings_are_read_and_the_index_follows_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ProjectPaths::of(folder.path()).unwrap();
        let old = paths.project().join(".wave/adhoc/runs/adhoc-20200101000000-aaaaaa");
        fs::create_dir_all(&old).unwrap();
        let text = r#"{"tasks": [{"id": "task-1", "text": "Old"}], "lane": "main", "createdAt": "2020"}"#;
        fs::write(old.join("request.json"), text).unwrap();
        let run = AdhocRun::create(&paths, Time(1_700_000_000_000)).unwrap();
        let result = AdhocResult {
            run_id: run.id().to_owned(),
            title: "New".to_owned(),
            status: AdhocStatus::Running,
            ..AdhocResult::default()
        };
        run.conclude(&paths, result).unwrap();
        let index = fs::read_to_string(paths.project().join(".wave/adhoc/default/index.json")).unwrap();
        let index: AdhocIndex = serde_json::from_str(&index).unwrap();
        let titles: Vec<(&str, &str)> =
            index.runs.iter().map(|run| (run.title.as_str(), run.status.word())).collect();
        assert_eq!(titles, [("New", "running"), ("Old", "planned")]);
        let found = AdhocRun::find(&paths, "adhoc-20200101000000-aaaaaa").unwrap();
        assert_eq!(found.place().folder, ".wave/adhoc/runs/adhoc-20200101000000-aaaaaa");
        assert_eq!(AdhocRun::find(&paths, "../runs"), None);
        // Another project has runs of its own.
        assert_eq!(AdhocRun::all(&paths.of_project("web")), []);
    }
}
