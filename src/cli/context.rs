//! What every verb gets: where to print, which project and lane it is about, and the way to its supervisor.

use std::path::{Path, PathBuf};

use super::console::Console;
use super::failure::{Failure, Kind, sentence};
use super::project::discover;
use crate::adapters::environment;
use crate::driver::adhoc::AdhocRun;
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::plan::Sources;
use crate::plan::config::{Address, CONFIG_FILE, Config};
use crate::supervisor::client::Client;
use crate::supervisor::protocol::{ClientRole, Reply, Request};

/// Ad-hoc runs that are named when one is not found.
const RUNS_NAMED_MOST: usize = 5;

/// What every verb gets.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) console: Console,
    /// What was named on the command line.
    pub(super) named: Named,
    /// The lane: the named one, else the one that the project takes.
    pub(super) lane: String,
}

/// What was named on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// `--project-dir`.
    pub(super) project_dir: Option<PathBuf>,
    /// `--project`.
    pub(super) project: Option<String>,
    /// `--run`.
    pub(super) run: Option<String>,
    /// `--lane`.
    pub(super) lane: Option<String>,
    /// `--theme`.
    pub(super) theme: Option<String>,
}

impl Context {
    /// For what was named. The lane is looked up where none was.
    pub(super) fn new(console: Console, named: Named) -> Context {
        let lane = named.lane.clone().unwrap_or_else(|| {
            let folder = folder_of(&named).ok();
            Config::default_lane(folder.and_then(|folder| config_text(&folder)).as_deref())
        });
        let context = Context { console, named, lane };
        let lane = context.lane_of_run().unwrap_or_else(|| context.lane.clone());
        Context { lane, ..context }
    }

    /// The lane of the ad-hoc run that was named, where no lane was.
    fn lane_of_run(&self) -> Option<String> {
        let id = self.named.run.as_ref().filter(|_| self.named.lane.is_none())?;
        let run = AdhocRun::find(&self.project_paths().ok()?, id)?;
        run.result().ok().map(|result| result.lane).filter(|lane| !lane.is_empty())
    }

    /// Paths of what is worked on: the ad-hoc run that was named, else the project.
    pub(super) fn paths(&self) -> Result<ProjectPaths, Failure> {
        let paths = self.project_paths()?;
        match &self.named.run {
            None => Ok(paths),
            Some(id) => {
                let run = find_adhoc_run(&paths, id)?;
                Ok(paths.of_adhoc_run(run.id()))
            }
        }
    }

    /// The same for the lane, whatever run was named.
    pub(super) fn of_lane(&self) -> Context {
        Context { named: Named { run: None, ..self.named.clone() }, ..self.clone() }
    }

    /// The same for an ad-hoc run.
    pub(super) fn of_adhoc_run(&self, id: &str) -> Context {
        let named = Named { run: Some(id.to_owned()), ..self.named.clone() };
        Context { named, ..self.clone() }
    }

    /// Paths of the project: the one that was named, the one whose agent calls, or the nearest above.
    pub(super) fn project_paths(&self) -> Result<ProjectPaths, Failure> {
        let folder = folder_of(&self.named)?;
        let paths = ProjectPaths::of(&folder).map_err(|error| Failure::file(&folder, &error))?;
        let Some(name) = self.named.project.clone().or_else(|| told_project(&self.named)) else {
            return Ok(paths);
        };
        let text = config_text(&folder);
        let Some(id) = Config::other_project(text.as_deref(), &name) else { return Ok(paths) };
        let address = Address { project: Some(&id), lane: &self.lane };
        match Config::unknown_project(CONFIG_FILE, text.as_deref(), address) {
            Some(finding) => Err(Failure::of_finding(Kind::NotFound, finding)),
            None => Ok(paths.of_project(&id)),
        }
    }

    /// What the lane's authors wrote, from the files. What cannot be read is told and left out.
    pub(super) fn sources(&self, paths: &ProjectPaths) -> Sources {
        let loaded = files::load(paths, &self.lane);
        for trouble in &loaded.trouble {
            self.console.notice(trouble);
        }
        loaded.sources
    }

    /// A connection to the project's supervisor, which is started when none runs.
    pub(super) fn client_of(&self, paths: &ProjectPaths, role: ClientRole) -> Result<Client, Failure> {
        let program = std::env::current_exe()?;
        Ok(Client::connect_or_start(paths, &program, &self.lane, role)?)
    }

    /// Asks the supervisor for one thing, starting it when none runs. What it refuses is a failure.
    pub(super) fn request(&self, request: Request) -> Result<Reply, Failure> {
        let mut client = self.client_of(&self.paths()?, ClientRole::Command)?;
        accepted(client.request(request)?)
    }

    /// As [`Context::request`], for what is told by a sentence alone.
    pub(super) fn tell(&self, request: Request) -> Result<u8, Failure> {
        let reply = self.request(request)?;
        let Reply::Done { message } = reply else { return Err(odd_reply()) };
        let message = sentence(&message);
        self.console.line(&message)?;
        self.console.value(&serde_json::json!({ "message": message }))?;
        Ok(0)
    }
}

/// An ad-hoc run of a project.
pub(super) fn find_adhoc_run(paths: &ProjectPaths, id: &str) -> Result<AdhocRun, Failure> {
    AdhocRun::find(paths, id).ok_or_else(|| {
        let runs = AdhocRun::all(paths);
        let known: Vec<&str> = runs.iter().take(RUNS_NAMED_MOST).map(AdhocRun::id).collect();
        let hint = match known.is_empty() {
            true => "`wavedeck adhoc plan --task \"...\"` makes one.".to_owned(),
            false => format!("The newest are: {}.", known.join(", ")),
        };
        Failure::new(Kind::NotFound, format!("There is no ad-hoc run {id}."), hint)
    })
}

/// The folder that was named, the one whose agent calls, or the nearest above that is a project.
fn folder_of(named: &Named) -> Result<PathBuf, Failure> {
    match &named.project_dir {
        Some(folder) => Ok(folder.clone()),
        None => {
            let here = std::env::current_dir()?;
            discover(&here, std::env::var_os(environment::PROJECT).map(PathBuf::from))
        }
    }
}

/// The project of the agent that calls, unless a folder is named: its id speaks of the agent's own folder.
pub(super) fn told_project(named: &Named) -> Option<String> {
    match named.project_dir {
        Some(_) => None,
        None => std::env::var(environment::PROJECT_ID).ok().filter(|id| !id.is_empty()),
    }
}

/// The text of `wave.config.json`; what cannot be read is told by the verb that needs it.
fn config_text(folder: &Path) -> Option<String> {
    std::fs::read_to_string(folder.join(CONFIG_FILE)).ok()
}

/// A reply that is neither a refusal nor a failure.
pub(super) fn accepted(reply: Reply) -> Result<Reply, Failure> {
    match reply {
        Reply::Refused(refused) => Err(refused.into()),
        Reply::Failed { message } => Err(Failure::new(Kind::Unavailable, message, "")),
        other => Ok(other),
    }
}

/// A reply that this request never gets.
pub(super) fn odd_reply() -> Failure {
    let hint = "Stop the supervisor with `wavedeck stop` (agents go on) and try again.";
    Failure::new(Kind::Unavailable, "The supervisor gave an answer that does not fit the request.", hint)
}

/// Who gives an order, for the record.
pub(super) fn operator() -> String {
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "operator".into())
}
