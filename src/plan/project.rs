//! A project read from its sources: configuration, waves, findings.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::benchmarks::Benchmarks;
use super::bundles::Bundles;
use super::config::Config;
use super::finding::{Finding, Severity};
use super::lane::Lane;
use super::lint::needs_matrix;
use super::matrix::Matrix;
use super::runtime::{ResolvedExecutor, RuntimeId, resolve};
use super::skills::{SkillSource, Skills};
use super::wave::{Agent, Wave, WaveNumber, number_of};

/// A text file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path relative to the project, with `/`.
    pub path: String,
    /// Its text. Bytes that are not UTF-8 were replaced; such a file is reported and never written.
    pub text: String,
}

/// An ad-hoc run: its wave lies in a folder of its own, beside the lane's waves and never among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdhocPlace {
    /// Its id.
    pub run: String,
    /// Its folder, relative to the project.
    pub folder: String,
}

/// Everything a lane's authors wrote, as text: the one input of [`Project::read`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Project of `projects`; `None`: the one that the configuration takes when none is named.
    #[serde(default)]
    pub project: Option<String>,
    /// Lane, such as `main`.
    pub lane: String,
    /// The ad-hoc run whose wave this is, instead of the lane's waves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adhoc: Option<AdhocPlace>,
    /// `wave.config.json`, when there is one.
    pub config: Option<SourceFile>,
    /// The component matrix, when there is one.
    pub matrix: Option<SourceFile>,
    /// The markdown twin of the matrix, when there is one.
    pub matrix_document: Option<SourceFile>,
    /// `wave-<n>.md` files of the lane, in any order.
    pub waves: Vec<SourceFile>,
    /// Specs of those waves (`specs/wave-<n>.json` beside them) by repository path, as far as there are any.
    pub specs: BTreeMap<String, String>,
    /// The project profile, when there is one.
    pub profile: Option<SourceFile>,
    /// Role documents by repository path.
    pub documents: BTreeMap<String, String>,
    /// Names of runtimes that `.wavedeck/config.toml` adds.
    pub runtimes: Vec<String>,
    /// The benchmark catalogue, when there is one.
    pub benchmarks: Option<SourceFile>,
    /// The Context7 bundle index, when there is one.
    pub bundles: Option<SourceFile>,
    /// Skill bundles as found, by id.
    pub skills: BTreeMap<String, SkillSource>,
    /// Waves that are over, be it here or in a run state that another launcher left.
    pub completed: BTreeSet<WaveNumber>,
}

impl Sources {
    /// What all waves share: everything but wave files and their specs.
    pub(super) fn shared(&self) -> Sources {
        Sources {
            project: self.project.clone(),
            lane: self.lane.clone(),
            adhoc: self.adhoc.clone(),
            config: self.config.clone(),
            matrix: self.matrix.clone(),
            matrix_document: self.matrix_document.clone(),
            waves: Vec::new(),
            specs: BTreeMap::new(),
            profile: self.profile.clone(),
            documents: self.documents.clone(),
            runtimes: self.runtimes.clone(),
            benchmarks: self.benchmarks.clone(),
            bundles: self.bundles.clone(),
            skills: self.skills.clone(),
            completed: self.completed.clone(),
        }
    }

    /// Takes one wave file as it is now (`None`: it is gone). Files keep the order of their numbers.
    pub fn set_wave(&mut self, path: &str, text: Option<&str>) {
        let place = self.waves.iter().position(|file| file.path == path);
        match (place, text) {
            (Some(place), Some(text)) => {
                if let Some(file) = self.waves.get_mut(place) {
                    text.clone_into(&mut file.text);
                }
            }
            (Some(place), None) => {
                self.waves.remove(place);
            }
            (None, Some(text)) => {
                let order = |path: &str| (number_of(path), path.to_owned());
                let place = self.waves.partition_point(|file| order(&file.path) < order(path));
                self.waves.insert(place, SourceFile { path: path.to_owned(), text: text.to_owned() });
            }
            (None, None) => {}
        }
    }
}

/// A lane of a project as values. Reading never fails: what was not understood is in `findings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// The lane that was read.
    pub lane: String,
    /// Settings with their defaults filled in.
    pub config: Config,
    /// The component matrix, when it could be read.
    pub matrix: Option<Matrix>,
    /// The benchmark catalogue, when it could be read.
    pub benchmarks: Option<Benchmarks>,
    /// The Context7 bundles, when their index could be read.
    pub bundles: Option<Bundles>,
    /// The skill bundles that can be used.
    pub skills: Skills,
    /// Waves by number, read with their fences.
    pub waves: BTreeMap<WaveNumber, Wave>,
    /// Waves that `@chllming/wave-orchestration` reads differently, as it reads them.
    pub strict: BTreeMap<WaveNumber, Wave>,
    /// Everything found, by file, line, column.
    pub findings: Vec<Finding>,
    /// Path of the configuration: its errors stop every wave.
    pub config_file: String,
    /// Path of the matrix: its errors stop the waves that need it.
    pub matrix_file: String,
}

impl Project {
    /// Reads a project. Pure: the same sources give the same project, here and in every client. Who reads a lane again and
    /// again keeps a [`Lane`].
    pub fn read(sources: &Sources) -> Project {
        Lane::read(sources).into_project()
    }

    /// The findings that stop a wave from running: the errors of its file, of the configuration, and of the component
    /// matrix where the wave needs it. Another wave's errors stop nothing here.
    pub fn errors_of(&self, wave: WaveNumber) -> Vec<&Finding> {
        let Some(wave) = self.waves.get(&wave) else { return Vec::new() };
        let needs_matrix = needs_matrix(wave, &self.config);
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .filter(|finding| {
                finding.file == wave.file
                    || finding.file == self.config_file
                    || (needs_matrix && finding.file == self.matrix_file)
            })
            .collect()
    }

    /// What an agent will run on: `--executor` first, then agent, profile, role default, lane default.
    pub fn resolve_executor(
        &self,
        wave: &Wave,
        agent: &Agent,
        forced: Option<&RuntimeId>,
    ) -> ResolvedExecutor {
        debug_assert!(wave.agents.iter().any(|known| known.id == agent.id));
        resolve(agent, &self.config, forced)
    }

    /// A wave as `@chllming/wave-orchestration` 0.9.15 reads it.
    pub fn strict_reading(&self, wave: WaveNumber) -> Option<&Wave> {
        self.strict.get(&wave).or_else(|| self.waves.get(&wave))
    }
}
