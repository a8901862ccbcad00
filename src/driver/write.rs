//! Putting projections on the disk, and taking sources from it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::adhoc::AdhocRun;
use super::backlog;
use super::disk::{self, Sync};
use super::documents;
use super::files;
use super::lane_files::Changed;
use super::paths::ProjectPaths;
use super::projection;
use super::publish::Notice;
use super::run::Driver;
use crate::engine::state::WaveStatus;
use crate::engine::{AttemptKey, QuestionId, WaveKey};
use crate::plan::draft::adhoc::{AdhocResult, AdhocStatus};
use crate::plan::matrix::change::raised;
use crate::plan::matrix::{Matrix, twin};

impl Driver {
    /// Reads authored files again; everyone hears of it when they changed.
    pub(super) fn read_sources(&mut self) {
        let changed = self.files.read_again(&self.setup.paths);
        self.tell_of_files(&changed);
    }

    /// As [`Driver::read_sources`], of these files alone where that is enough.
    pub(super) fn read_touched(&mut self, files: &BTreeSet<String>) {
        let changed = self.files.read_files(&self.setup.paths, files);
        self.tell_of_files(&changed);
    }

    fn tell_of_files(&mut self, changed: &Changed) {
        let loaded = self.files.loaded();
        for text in loaded.trouble.iter().filter(|text| !self.trouble.contains(text)) {
            tracing::warn!("{text}");
            self.publish.notice(&Notice { text: text.clone(), wrong: true });
        }
        self.trouble.clone_from(&loaded.trouble);
        if let Some(watch) = &mut self.watch {
            let project = self.setup.paths.project();
            let documents = documents::files(project, &self.state.plans);
            let of_documents =
                documents.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
            let of_backlogs = backlog::folders(self.state.backlog.sources());
            let folders = [loaded.folders.clone(), of_backlogs, of_documents].concat();
            watch.documents(documents);
            for failure in watch.folders(&folders) {
                tracing::warn!("not watched: {failure}");
            }
        }
        match changed {
            Changed::Nothing => {}
            Changed::Waves(paths) => {
                for path in paths {
                    let text = self.files.wave(path).map(|file| file.text.as_str());
                    self.publish.wave_file(path, text);
                }
            }
            Changed::More(_) => self.publish.sources(self.files.sources()),
        }
    }

    pub(super) fn write_envelope(&self, key: &AttemptKey) -> io::Result<()> {
        let (Some(attempt), Some(brief)) = (self.state.attempt(key), self.state.brief_of(key)) else {
            return Ok(());
        };
        let envelope = projection::envelope(self.setup.paths.project(), key, brief, attempt);
        self.write_json(&ProjectPaths::envelope_file(self.files.state(), key), &envelope)
    }

    pub(super) fn write_projections(&self, key: &WaveKey) -> io::Result<()> {
        if let Some(wave) = self.state.waves.get(key) {
            for (path, content) in projection::status_files(self.files.state(), key, wave) {
                self.write_json(&path, &content)?;
            }
        }
        let path = ProjectPaths::run_state_file(self.files.state(), &key.lane);
        let other = match self.disk.read(&self.setup.paths.project().join(&path)) {
            Ok(bytes) => Some(serde_json::from_slice::<Value>(&bytes).map_err(|error| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("what it holds is not JSON and is left as it is: {error}"),
                )
            })?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let run_state = projection::run_state(&self.state, &key.lane, other.as_ref(), self.now());
        self.write_json(&path, &run_state)?;
        self.write_adhoc_result(key)?;
        self.raise_levels(key)
    }

    /// Says in the files of an ad-hoc run where it stands; nothing for a wave of the lane.
    fn write_adhoc_result(&self, key: &WaveKey) -> io::Result<()> {
        let paths = &self.setup.paths;
        let (Some(id), Some(wave)) = (paths.adhoc_run(), self.state.waves.get(key)) else { return Ok(()) };
        let Some(run) = AdhocRun::find(paths, id) else { return Ok(()) };
        let (status, error) = match &wave.status {
            WaveStatus::Running => (AdhocStatus::Running, None),
            WaveStatus::Closed => (AdhocStatus::Completed, None),
            WaveStatus::Failed { failures } => {
                let named: Vec<String> =
                    failures.iter().map(|(agent, code)| format!("{agent}: {code}")).collect();
                (AdhocStatus::Failed, Some(named.join(", ")))
            }
            WaveStatus::Refused { reasons } => (AdhocStatus::Failed, Some(reasons.join("; "))),
        };
        let result = run.result()?;
        if (result.status, &result.error) == (status, &error) {
            return Ok(());
        }
        let updated_at = self.now().to_string();
        run.conclude(paths, AdhocResult { status, error, updated_at, ..result })
    }

    /// Takes what a closed wave promoted to its level, in the component matrix and in its twin: the gates said so, and no
    /// agent has to write it. What an agent or a person wrote there already stays, and nothing is lowered.
    fn raise_levels(&self, key: &WaveKey) -> io::Result<()> {
        let Some(wave) = self.state.waves.get(key).filter(|wave| wave.status == WaveStatus::Closed) else {
            return Ok(());
        };
        let Some(brief) = wave.brief.as_ref().filter(|brief| !brief.promotions.is_empty()) else {
            return Ok(());
        };
        let config = files::config(&self.setup.paths, &key.lane);
        let Some(text) = self.text_of(config.matrix_path())? else { return Ok(()) };
        let promotions =
            brief.promotions.iter().map(|(component, level)| (component.as_str(), level.as_str()));
        let (raised, components) = raised(&text, promotions);
        if components.is_empty() {
            return Ok(());
        }
        self.replace_text(config.matrix_path(), &raised)?;
        let (Some(matrix), _) = Matrix::read(config.matrix_path(), &raised) else { return Ok(()) };
        match self.text_of(&config.paths.matrix_doc)? {
            Some(document) => {
                self.replace_text(&config.paths.matrix_doc, &twin::render(&matrix, Some(&document)))
            }
            None => Ok(()),
        }
    }

    /// An authored file as text; `None` when it is not there or leads out of the project.
    pub(super) fn text_of(&self, path: &str) -> io::Result<Option<String>> {
        if !files::is_inside(path) {
            return Ok(None);
        }
        match self.disk.read(&self.setup.paths.project().join(path)) {
            Ok(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("{path} is not UTF-8"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn replace_text(&self, path: &str, text: &str) -> io::Result<()> {
        disk::replace(self.disk.as_ref(), &self.setup.paths.project().join(path), text.as_bytes(), Sync::Now)
    }

    pub(super) fn write_question(&self, id: QuestionId) -> io::Result<()> {
        let Some(question) = self.state.questions.get(&id) else { return Ok(()) };
        let folder = self.setup.paths.project().file_name().unwrap_or_default().to_string_lossy();
        let project = self.setup.paths.project_id().unwrap_or(&folder);
        let (name, content) = projection::question_file(project, id, question);
        let folder = ProjectPaths::feedback_directory(self.files.orchestrator_directory());
        self.write_json(&format!("{folder}/{name}.json"), &content)
    }

    fn write_json(&self, path: &str, content: &Value) -> io::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(content)?;
        bytes.push(b'\n');
        let path = self.setup.paths.project().join(path);
        // What stands there already is not written again: nobody who watches the file is woken for nothing.
        if self.disk.read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        disk::replace(self.disk.as_ref(), &path, &bytes, Sync::Later)
    }
}
