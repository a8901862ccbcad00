//! Where things lie: the project's own folder `.wavedeck/`, its sockets, and the files that other programs read.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::engine::{AttemptKey, WaveKey};

/// Name of the project's own folder.
pub const STATE_DIRECTORY: &str = ".wavedeck";

/// Longest socket path that is used as it is. Linux takes 107 bytes, macOS 103.
const SOCKET_BYTES_MAX: usize = 100;

/// Paths of one project. Says where things lie; [`ProjectPaths::prepare`] alone makes anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPaths {
    project: PathBuf,
    project_id: Option<String>,
    adhoc_run: Option<String>,
    runtime: Option<OsString>,
    socket_directory: PathBuf,
    user_settings: Option<PathBuf>,
}

impl ProjectPaths {
    /// Paths of the project in `project`, an existing folder. Two ways of naming the same folder give the same paths.
    ///
    /// # Errors
    /// When the folder is not there or cannot be resolved.
    pub fn of(project: &Path) -> io::Result<ProjectPaths> {
        let project = fs::canonicalize(project)?;
        let user = etcetera::choose_base_strategy().ok().map(|strategy| strategy.config_dir());
        Ok(ProjectPaths {
            user_settings: user.map(|folder| folder.join("wavedeck").join("config.toml")),
            ..ProjectPaths::with_runtime_directory(project, std::env::var_os("XDG_RUNTIME_DIR"))
        })
    }

    /// As [`ProjectPaths::of`], for a resolved folder, with the user's runtime folder handed in and without settings of
    /// the user's own.
    pub fn with_runtime_directory(project: PathBuf, runtime: Option<OsString>) -> ProjectPaths {
        let paths = ProjectPaths {
            socket_directory: PathBuf::new(),
            project,
            project_id: None,
            adhoc_run: None,
            runtime,
            user_settings: None,
        };
        ProjectPaths { socket_directory: paths.sockets(), ..paths }
    }

    /// The same for another project of the same folder, by its id in `projects` of the configuration: it has a supervisor
    /// and a state of its own in `.wavedeck/projects/<id>`. Settings are those of the folder.
    pub fn of_project(self, id: &str) -> ProjectPaths {
        let paths = ProjectPaths { project_id: Some(file_name(id)), ..self };
        ProjectPaths { socket_directory: paths.sockets(), ..paths }
    }

    /// The same for an ad-hoc run of the project: it has a supervisor and a state of its own in `adhoc/<id>` of the project's,
    /// so that nothing of it is ever mixed with the lane's waves.
    pub fn of_adhoc_run(self, id: &str) -> ProjectPaths {
        let paths = ProjectPaths { adhoc_run: Some(file_name(id)), ..self };
        ProjectPaths { socket_directory: paths.sockets(), ..paths }
    }

    /// Where sockets lie: in the own folder, unless their paths would be too long.
    fn sockets(&self) -> PathBuf {
        let own = self.state_directory();
        if own.join("supervisor.sock").as_os_str().len() <= SOCKET_BYTES_MAX {
            return own;
        }
        let is_whole_project = self.project_id.is_none() && self.adhoc_run.is_none();
        let whose = if is_whole_project { &self.project } else { &own };
        let name = &blake3::hash(whose.as_os_str().as_bytes()).to_hex()[..16];
        match self.runtime.as_ref().filter(|folder| Path::new(folder).is_absolute()) {
            Some(runtime) => Path::new(runtime).join(format!("wavedeck-{name}")),
            None => {
                let user = rustix::process::getuid().as_raw();
                std::env::temp_dir().join(format!("wavedeck-{user}-{name}"))
            }
        }
    }

    /// Makes the project's own folder (mode 0700, with a `.gitignore` that ignores all of it) and the folder of the
    /// sockets. What is there already is left as it is.
    ///
    /// # Errors
    /// When a folder cannot be made, or the sockets' folder belongs to somebody else or is open to others.
    pub fn prepare(&self) -> io::Result<()> {
        let own = self.state_directory();
        make_private(&own)?;
        let ignore = self.own_directory().join(".gitignore");
        match OpenOptions::new().write(true).create_new(true).open(&ignore) {
            Ok(mut file) => file.write_all(b"*\n")?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        if self.socket_directory != own {
            make_private(&self.socket_directory)?;
            let metadata = fs::symlink_metadata(&self.socket_directory)?;
            let mine = metadata.is_dir()
                && metadata.uid() == rustix::process::getuid().as_raw()
                && metadata.permissions().mode() & 0o077 == 0;
            if !mine {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    format!(
                        "{} is not this user's alone; remove it, or set XDG_RUNTIME_DIR to a folder of your own",
                        self.socket_directory.display()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The project's folder, resolved.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Id of the project in `projects` of the configuration; `None` for the one that it takes when none is named.
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// `.wavedeck`, whatever the project: our settings lie in it.
    pub fn own_directory(&self) -> PathBuf {
        self.project.join(STATE_DIRECTORY)
    }

    /// Id of the ad-hoc run; `None` for the project's lane itself.
    pub fn adhoc_run(&self) -> Option<&str> {
        self.adhoc_run.as_deref()
    }

    /// Folder of the project's own state: `.wavedeck`, or `.wavedeck/projects/<id>`; for an ad-hoc run `adhoc/<id>` in it.
    pub fn state_directory(&self) -> PathBuf {
        let of_project = match &self.project_id {
            Some(id) => self.own_directory().join("projects").join(id),
            None => self.own_directory(),
        };
        match &self.adhoc_run {
            Some(id) => of_project.join("adhoc").join(id),
            None => of_project,
        }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.state_directory().join("wavedeck.db")
    }

    /// The supervisor's socket.
    pub fn supervisor_socket(&self) -> PathBuf {
        self.socket_directory.join("supervisor.sock")
    }

    /// Held locked by the one supervisor.
    pub fn supervisor_lock(&self) -> PathBuf {
        self.state_directory().join("supervisor.lock")
    }

    /// What the supervisor has to say when it has no client.
    pub fn supervisor_log(&self) -> PathBuf {
        self.state_directory().join("supervisor.log")
    }

    /// The keeper's socket.
    pub fn keeper_socket(&self) -> PathBuf {
        self.socket_directory.join("keeper.sock")
    }

    /// Held locked by the one keeper.
    pub fn keeper_lock(&self) -> PathBuf {
        self.state_directory().join("keeper.lock")
    }

    /// The secret of [`super::token`].
    pub fn secret(&self) -> PathBuf {
        self.state_directory().join("secret")
    }

    /// Our own settings, with `[runtimes.NAME]`.
    pub fn settings(&self) -> PathBuf {
        self.own_directory().join("config.toml")
    }

    /// The user's own settings for every project: `wavedeck/config.toml` in the configuration folder of the XDG base
    /// directory specification. The project's win over them.
    pub fn user_settings(&self) -> Option<&Path> {
        self.user_settings.as_deref()
    }

    /// Folder of a session's log.
    pub fn session_log(&self, session: &str) -> PathBuf {
        self.state_directory().join("logs").join(session)
    }

    /// Folder of what an attempt is given and gives back.
    pub fn attempt(&self, session: &str) -> PathBuf {
        self.state_directory().join("attempts").join(session)
    }

    /// An attempt's compiled prompt.
    pub fn prompt_file(&self, session: &str) -> PathBuf {
        self.attempt(session).join("prompt.md")
    }

    /// An attempt's brief.
    pub fn brief_file(&self, session: &str) -> PathBuf {
        self.attempt(session).join("brief.json")
    }

    /// Where an attempt's envelope file is looked for.
    pub fn result_file(&self, session: &str) -> PathBuf {
        self.attempt(session).join("result.json")
    }

    /// Where an edit of several files is written down until all of them are in place.
    pub fn edit_journal(&self) -> PathBuf {
        self.state_directory().join("edit.journal")
    }

    /// Result envelope of an attempt in that folder, relative to the project.
    pub fn envelope_file(state: &StateFolder, attempt: &AttemptKey) -> String {
        format!(
            "{}/results/wave-{}/attempt-{}/{}.json",
            state.of_lane(&attempt.wave.lane),
            attempt.wave.number,
            attempt.number,
            file_name(&attempt.agent)
        )
    }

    /// Status file of an agent in that folder, relative to the project; `slug` is the agent's.
    pub fn status_file(state: &StateFolder, wave: &WaveKey, slug: &str) -> String {
        format!("{}/status/wave-{}-{}.status", state.of_lane(&wave.lane), wave.number, file_name(slug))
    }

    /// Run state of a lane in that folder, relative to the project.
    pub fn run_state_file(state: &StateFolder, lane: &str) -> String {
        format!("{}/run-state.json", state.of_lane(lane))
    }

    /// Folder of the questions that all lanes share, relative to the project; `orchestrator_directory` is
    /// `paths.orchestratorStateDir` of the configuration, `.tmp/wave-orchestrator` by default.
    pub fn feedback_directory(orchestrator_directory: &str) -> String {
        format!("{}/feedback/requests", orchestrator_directory.trim_end_matches('/'))
    }
}

/// Where other programs look for what an orchestrator writes, as npm `@chllming/wave-orchestration` 0.9.15 lays it out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFolder {
    /// `paths.stateRoot` of the configuration, relative to the project; `.tmp` by default.
    pub root: String,
    /// The ad-hoc run whose state it is.
    pub adhoc_run: Option<String>,
}

impl StateFolder {
    /// That of a lane, relative to the project.
    pub fn of_lane(&self, lane: &str) -> String {
        let of_run = self.adhoc_run.as_ref().map(|run| format!("/adhoc/{}", file_name(run)));
        let root = self.root.trim_end_matches('/');
        format!("{root}/{}-wave-launcher{}", file_name(lane), of_run.unwrap_or_default())
    }
}

/// An id as part of a file name: an id is opaque text and must not lead out of its folder.
fn file_name(id: &str) -> String {
    let name: String = id.chars().map(|c| if matches!(c, '/' | '\\' | '\0') { '-' } else { c }).collect();
    if name.trim_matches('.').is_empty() { format!("-{name}") } else { name }
}

/// Makes a folder of mode 0700 with its parents, unless it is there.
fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use super::{ProjectPaths, StateFolder};
    use crate::engine::{AttemptKey, WaveKey};

    #[test]
    fn a_short_path_keeps_its_sockets_inside_the_project() {
        let paths = ProjectPaths::with_runtime_directory(PathBuf::from("/srv/p"), None);
        assert_eq!(paths.supervisor_socket(), Path::new("/srv/p/.wavedeck/supervisor.sock"));
    }

    #[test]
    fn a_long_path_gets_short_sockets_of_its_own() {
        let long = |name: &str| PathBuf::from(format!("/srv/{}/{name}", "x".repeat(120)));
        let one = ProjectPaths::with_runtime_directory(long("a"), Some("/run/user/7".into()));
        let other = ProjectPaths::with_runtime_directory(long("b"), Some("/run/user/7".into()));
        assert!(one.keeper_socket().starts_with("/run/user/7"));
        assert!(one.supervisor_socket().as_os_str().len() <= 100);
        assert_ne!(one.supervisor_socket(), other.supervisor_socket());
        let relative = ProjectPaths::with_runtime_directory(long("a"), Some("run".into()));
        assert!(relative.supervisor_socket().is_absolute());
    }

    #[test]
    fn another_project_of_the_folder_has_a_state_of_its_own() {
        let paths = ProjectPaths::with_runtime_directory(PathBuf::from("/srv/p"), None).of_project("web");
        assert_eq!(paths.supervisor_socket(), Path::new("/srv/p/.wavedeck/projects/web/supervisor.sock"));
        assert_eq!(paths.settings(), Path::new("/srv/p/.wavedeck/config.toml"));
        assert_eq!((paths.project(), paths.project_id()), (Path::new("/srv/p"), Some("web")));
        let long = ProjectPaths::with_runtime_directory(PathBuf::from(format!("/{}", "x".repeat(120))), None);
        assert_ne!(long.clone().of_project("web").supervisor_socket(), long.supervisor_socket());
    }

    #[test]
    fn an_adhoc_run_has_a_state_of_its_own() {
        let paths = ProjectPaths::with_runtime_directory(PathBuf::from("/srv/p"), None);
        let of_run = paths.clone().of_adhoc_run("adhoc-1");
        assert_eq!(of_run.database(), Path::new("/srv/p/.wavedeck/adhoc/adhoc-1/wavedeck.db"));
        assert_eq!(of_run.own_directory(), paths.own_directory());
        assert_ne!(of_run.supervisor_socket(), paths.supervisor_socket());
        let state = StateFolder { root: ".tmp/".into(), adhoc_run: Some("adhoc-1".into()) };
        assert_eq!(
            ProjectPaths::run_state_file(&state, "main"),
            ".tmp/main-wave-launcher/adhoc/adhoc-1/run-state.json"
        );
    }

    #[test]
    fn preparing_twice_is_preparing_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ProjectPaths::of(folder.path()).unwrap();
        paths.prepare().unwrap();
        std::fs::write(paths.state_directory().join(".gitignore"), "mine\n").unwrap();
        paths.prepare().unwrap();
        assert_eq!(std::fs::read_to_string(paths.state_directory().join(".gitignore")).unwrap(), "mine\n");
        let mode = std::fs::metadata(paths.state_directory()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn sockets_in_a_folder_open_to_others_are_refused() {
        let runtime = tempfile::tempdir().unwrap();
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("y".repeat(100));
        std::fs::create_dir(&project).unwrap();
        let paths = ProjectPaths::with_runtime_directory(project, Some(runtime.path().into()));
        paths.prepare().unwrap();
        let folder = paths.supervisor_socket().parent().unwrap().to_owned();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = paths.prepare().unwrap_err().to_string();
        assert!(error.contains("not this user's alone"), "{error}");
    }

    #[test]
    fn an_id_never_leads_out_of_its_folder() {
        let wave = WaveKey { lane: "main".into(), number: 2 };
        let key = |agent: &str| AttemptKey { wave: wave.clone(), agent: agent.into(), number: 3 };
        let state = StateFolder { root: ".tmp".into(), adhoc_run: None };
        assert_eq!(
            ProjectPaths::envelope_file(&state, &key("A1")),
            ".tmp/main-wave-launcher/results/wave-2/attempt-3/A1.json"
        );
        assert!(ProjectPaths::envelope_file(&state, &key("../../x")).ends_with("attempt-3/..-..-x.json"));
        assert!(ProjectPaths::envelope_file(&state, &key("..")).ends_with("attempt-3/-...json"));
    }
}
