//! Runs of planners: an agent that plans waves, asked through an adapter, and the folder in which everything it was asked
//! and answered stays. Nothing here writes a wave.
//!
//! Folder and files are those of npm `@chllming/wave-orchestration` 0.9.15; what belongs to a round after the first has its
//! number before the ending.

mod agent;
mod child;
mod files;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::load_file;
use super::paths::ProjectPaths;
use super::run_folder::RunFolder;
use crate::adapters::AdapterError;
use crate::plan::Finding;
use crate::plan::Sources;
use crate::plan::config::profile::ProjectProfile;
use crate::plan::draft::Spec;
use crate::plan::draft::agentic::{
    Attempted, PlanRequest, PlanSource, Verified, object_of, prompt, stands_in_the_way, stands_on, verify,
};

pub use agent::PlannerAgent;
pub use files::plan_sources;

/// Where runs of planners lie, relative to the project.
const RUNS: &str = ".wave/planner/runs";

const REQUEST: &str = "request.json";
const SOURCES: &str = "sources.json";
const PLAN: &str = "plan.json";
const VERIFICATION: &str = "verification.json";
const RESULT: &str = "result.json";

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanState {
    /// It holds, and can be applied.
    Planned,
    /// It came to nothing.
    Failed,
    /// It was written to the waves.
    Applied,
}

/// `result.json`: what a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanResult {
    /// 1.
    pub schema_version: u32,
    /// Id of the run.
    pub run_id: String,
    /// Where it stands.
    pub state: PlanState,
    /// When that was written, as ISO 8601.
    pub updated_at: String,
    /// Rounds that were asked.
    pub rounds: u32,
    /// What the planner says of its plan.
    pub summary: String,
    /// What it could not decide.
    pub open_questions: Vec<String>,
    /// Numbers of the planned waves.
    pub waves: Vec<u32>,
    /// Those of them that were written to the lane.
    #[serde(default)]
    pub applied_waves: Vec<u32>,
    /// Why it failed, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One round of `verification.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRound {
    /// From 1.
    pub round: u32,
    /// Whether nothing stood in the way.
    pub ok: bool,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// `sources.json`: what the planner was told to read, and the lane's files that its plan stands on, by path, each with the
/// SHA-256 of its text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanGround {
    /// Told to the planner.
    pub sources: Vec<PlanSource>,
    /// Files of the lane.
    pub lane: BTreeMap<String, String>,
}

/// Why a planner gave no plan. What it was asked and answered so far is in the run's folder.
#[derive(Debug, thiserror::Error)]
pub enum PlannerError {
    /// A file of the run cannot be read or written.
    #[error("a file of the run cannot be used: {0}")]
    Disk(#[from] io::Error),
    /// The runtime cannot be started this way.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The program is not there, or may not be run.
    #[error("the planner could not be started: {0}")]
    NotStarted(io::Error),
    /// It ended, and not well.
    #[error("the planner ended with {ended}{because}")]
    Ended {
        /// Exit code or signal, in words.
        ended: String,
        /// The last it printed, with a colon before it; may be empty.
        because: String,
    },
    /// It took longer than it may.
    #[error("the planner did not answer within {minutes} minutes and was ended")]
    Late {
        /// What it was given.
        minutes: u32,
    },
    /// Somebody interrupted it.
    #[error("the planner was interrupted and ended")]
    Interrupted,
}

/// The run of a planner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannerRun {
    folder: RunFolder,
}

/// What a run is asked with.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// What authors wrote.
    pub sources: &'a Sources,
    /// The project profile.
    pub profile: &'a ProjectProfile,
    /// What is asked.
    pub request: &'a PlanRequest,
    /// What the planner is told to read.
    pub files: &'a [PlanSource],
}

impl PlannerRun {
    /// Begins a run: its folder, and the request with the id of the run filled in.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin(
        paths: &ProjectPaths,
        request: PlanRequest,
        now: crate::engine::Time,
    ) -> io::Result<(PlannerRun, PlanRequest)> {
        let folder = RunFolder::create(&paths.project().join(RUNS), "planner", now)?;
        let request = PlanRequest { run_id: folder.id().to_owned(), ..request };
        folder.write_json(REQUEST, &request)?;
        Ok((PlannerRun { folder }, request))
    }

    /// A run that was begun; `None` when there is none of that id.
    pub fn find(paths: &ProjectPaths, id: &str) -> Option<PlannerRun> {
        RunFolder::open(&paths.project().join(RUNS), id).map(|folder| PlannerRun { folder })
    }

    /// Ids of every run, newest last.
    pub fn all(paths: &ProjectPaths) -> Vec<String> {
        let runs = RunFolder::all(&paths.project().join(RUNS));
        runs.iter().map(|folder| folder.id().to_owned()).collect()
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.folder.id()
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Asks the planner until its plan holds or it was asked often enough; `look` is told of every round. Gives what its
    /// last answer came to. Everything is in the folder before this returns, `result.json` excepted.
    ///
    /// # Errors
    /// When a planner ends without an answer; it is not asked again then.
    pub fn ask(
        &self,
        agent: &PlannerAgent<'_>,
        asking: Asking<'_>,
        mut look: impl FnMut(&PlanRound),
    ) -> Result<(Verified, Vec<PlanRound>), PlannerError> {
        let Asking { sources, profile, request, files } = asking;
        self.folder.write_json(SOURCES, &PlanGround { sources: files.to_vec(), lane: digests(sources) })?;
        let mut rounds: Vec<PlanRound> = Vec::new();
        let mut before: Option<(String, Verified)> = None;
        for number in 1..=request.max_rounds.max(1) {
            let attempted =
                before.as_ref().map(|(answer, verified)| Attempted { answer, findings: &verified.findings });
            let text = prompt(sources, profile, request, files, attempted);
            let answer = agent.ask(&self.folder, number, &text)?;
            let answer = object_of(&answer).to_owned();
            self.folder.write(PLAN, &answer)?;
            let verified = verify(sources, profile, request, PLAN, &answer);
            let round = PlanRound {
                round: number,
                ok: verified.errors().next().is_none(),
                findings: verified.findings.clone(),
            };
            look(&round);
            rounds.push(round);
            self.folder.write_json(VERIFICATION, &rounds)?;
            self.write_candidate(&verified)?;
            let is_ok = verified.errors().next().is_none();
            before = Some((answer, verified));
            if is_ok {
                break;
            }
        }
        match before {
            Some((_, verified)) => Ok((verified, rounds)),
            None => Err(PlannerError::Disk(io::Error::other("nothing was asked"))),
        }
    }

    /// The files that a plan would write, to be looked at: waves, specs, matrix. What an earlier round left goes.
    fn write_candidate(&self, verified: &Verified) -> io::Result<()> {
        let candidate = self.folder.file("candidate");
        match std::fs::remove_dir_all(&candidate) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for spec in &verified.planned.specs {
            self.folder.write(&format!("candidate/specs/wave-{}.json", spec.wave), &spec.json())?;
        }
        for write in verified.proposal.iter().flat_map(|proposal| &proposal.writes) {
            let name = write.path.rsplit('/').next().unwrap_or(&write.path);
            let folder = match name.strip_prefix("wave-") {
                Some(_) if name.ends_with(".json") => continue,
                Some(_) => "candidate/waves",
                None => "candidate",
            };
            self.folder.write(&format!("{folder}/{name}"), &write.after)?;
        }
        Ok(())
    }

    /// Writes what the run came to.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn conclude(&self, result: &PlanResult) -> io::Result<()> {
        self.folder.write_json(RESULT, result)
    }

    /// What it was asked; `None` when somebody removed it.
    ///
    /// # Errors
    /// Those of the disk, and of a file that is not what it should be.
    pub fn request(&self) -> io::Result<Option<PlanRequest>> {
        self.folder.read_json(REQUEST)
    }

    /// What it came to; `None` when it was interrupted.
    ///
    /// # Errors
    /// As [`PlannerRun::request`].
    pub fn result(&self) -> io::Result<Option<PlanResult>> {
        self.folder.read_json(RESULT)
    }

    /// What was found in each round.
    ///
    /// # Errors
    /// As [`PlannerRun::request`].
    pub fn rounds(&self) -> io::Result<Vec<PlanRound>> {
        Ok(self.folder.read_json(VERIFICATION)?.unwrap_or_default())
    }

    /// What the planner answered last, as it is.
    ///
    /// # Errors
    /// As [`PlannerRun::request`].
    pub fn answer(&self) -> io::Result<Option<String>> {
        self.folder.read(PLAN)
    }

    /// The specs of its last answer, by wave.
    ///
    /// # Errors
    /// Those of the disk, and of a spec that cannot be read.
    pub fn specs(&self) -> io::Result<Vec<Spec>> {
        let Some(PlanResult { waves, .. }) = self.result()? else { return Ok(Vec::new()) };
        let read = |wave: &u32| {
            let name = format!("candidate/specs/wave-{wave}.json");
            let text = self.folder.read(&name)?.unwrap_or_default();
            let (spec, findings) = Spec::read(&name, &text);
            let why =
                || findings.first().map_or("it is empty", |finding| finding.message.as_str()).to_owned();
            spec.ok_or_else(|| io::Error::other(format!("{name}: {}", why())))
        };
        waves.iter().map(read).collect()
    }

    /// Has the rest of the plan stand on the lane as it is now, once some of its waves are written.
    ///
    /// # Errors
    /// As [`PlannerRun::request`].
    pub fn stand_on(&self, sources: &Sources) -> io::Result<()> {
        let ground: PlanGround = self.folder.read_json(SOURCES)?.unwrap_or_default();
        self.folder.write_json(SOURCES, &PlanGround { lane: digests(sources), ..ground })
    }

    /// Files of the lane that are not as they were when the planner was asked, by path.
    ///
    /// # Errors
    /// As [`PlannerRun::request`].
    pub fn moved_on(&self, sources: &Sources) -> io::Result<Vec<String>> {
        let ground: PlanGround = self.folder.read_json(SOURCES)?.unwrap_or_default();
        let now = digests(sources);
        let mut paths: Vec<&String> = ground.lane.keys().chain(now.keys()).collect();
        paths.sort();
        paths.dedup();
        let changed = paths.into_iter().filter(|path| ground.lane.get(*path) != now.get(*path));
        Ok(changed.cloned().collect())
    }
}

/// The lane's files that a plan stands on, by path.
fn digests(sources: &Sources) -> BTreeMap<String, String> {
    stands_on(sources).into_iter().map(|(path, text)| (path.to_owned(), digest(text))).collect()
}

/// Findings of a round that stand in the way.
pub fn errors_of(round: &PlanRound) -> impl Iterator<Item = &Finding> {
    round.findings.iter().filter(|finding| stands_in_the_way(finding))
}

/// The name of a file of a round.
fn of_round(stem: &str, round: u32, ending: &str) -> String {
    match round {
        1 => format!("{stem}.{ending}"),
        round => format!("{stem}-{round}.{ending}"),
    }
}

/// SHA-256 of a text in base 16.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
